package store

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"

	"github.com/occimi/occimi/model"
)

// migrations are numbered from 0001 without a gap. One that was released is
// never changed, and takes nothing away that the version before it needs.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date, one transaction per migration. Of
// several programs that start at once, one does it and the others wait.
func (s *Store) migrate(ctx context.Context) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	for i, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return err
		}
		err = s.transact(ctx, func(tx *sql.Tx) error {
			version, err := s.schemaVersion(ctx, tx)
			if err != nil || version > i && version <= len(names) {
				return err
			}
			if version > len(names) {
				return model.Errorf(model.Unsupported,
					"its schema has version %d, of a newer program; this one knows versions up to %d", version, len(names))
			}
			if _, err := tx.ExecContext(ctx, string(text)); err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `INSERT INTO schema_version (version) VALUES ($1)`, i+1)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// schemaVersion is the number of the last migration that was made, 0 for none.
// It stays so until the transaction ends.
func (s *Store) schemaVersion(ctx context.Context, tx *sql.Tx) (version int, err error) {
	if s.lockSchema != "" {
		if _, err := tx.ExecContext(ctx, s.lockSchema); err != nil {
			return 0, err
		}
	}
	if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL PRIMARY KEY)`); err != nil {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM schema_version`).Scan(&version)
	return version, err
}
