-- BYTEA is PostgreSQL's name; SQLite takes any, and keeps bytes as they are.
CREATE TABLE tag (
    project_id TEXT NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    mark TEXT NOT NULL,
    definition BYTEA NOT NULL,
    PRIMARY KEY (project_id, name),
    UNIQUE (project_id, mark)
);
