-- A project that has, or had, anything in the store. Its row is what changes
-- of the project's things lock, so that they come one after the other.
CREATE TABLE project (
    id TEXT NOT NULL PRIMARY KEY
);
