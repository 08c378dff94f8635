-- Times are microseconds since 1970 in UTC; expires is 0 for what does not.
CREATE TABLE document (
    project_id TEXT NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    content BYTEA NOT NULL,
    secret BYTEA NOT NULL,
    PRIMARY KEY (project_id, kind, id)
);
CREATE INDEX document_expires ON document (project_id, expires);
