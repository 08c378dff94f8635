-- changes counts what changed of a project's things; a document's revision is
-- the count of its last change. So no two contents of a document have the same.
ALTER TABLE project ADD COLUMN changes BIGINT NOT NULL DEFAULT 1;
ALTER TABLE document ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
-- Pages are read, and documents counted, in this order.
CREATE INDEX document_order ON document (project_id, kind, created, id, expires);
