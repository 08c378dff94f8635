package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
)

var _ model.Documents = (*Store)(nil)

// Bounds of what names a document.
const (
	maxKindBytes = 128
	maxIDBytes   = 1024
)

// KeepsSecrets implements model.Documents.
func (s *Store) KeepsSecrets() bool { return s.seal != nil }

const documentColumns = `kind, id, created, updated, expires, content, secret, revision`

// Documents implements model.Documents.
func (s *Store) Documents(ctx context.Context, projectID, kind string, p model.Page) ([]model.Document, int, error) {
	documents, err := s.readDocuments(ctx, projectID, `kind = $3 ORDER BY created, id LIMIT $4 OFFSET $5`, kind, p.Limit, p.Skip)
	if err != nil || p.Skip == 0 && len(documents) < p.Limit {
		return documents, len(documents), err
	}
	var total int
	const counted = `SELECT COUNT(*) FROM document WHERE ` + alive + ` AND kind = $3`
	err = s.reads.QueryRowContext(ctx, counted, projectID, micros(s.now()), kind).Scan(&total)
	return documents, total, border(ctx, err)
}

// alive is true of the project $1's documents that have not expired at $2.
const alive = `project_id = $1 AND (expires = 0 OR expires > $2)`

// Document implements model.Documents.
func (s *Store) Document(ctx context.Context, projectID, kind, id string) (model.Document, error) {
	missing := model.Errorf(model.NotFound, "there is no %.64q", id)
	if !isText(id, maxIDBytes) { // no database has it, and some refuse to look for it
		return model.Document{}, missing
	}
	documents, err := s.readDocuments(ctx, projectID, `kind = $3 AND id = $4`, kind, id)
	if err != nil {
		return model.Document{}, err
	}
	if len(documents) == 0 {
		return model.Document{}, missing
	}
	return documents[0], nil
}

// readDocuments gives the project's documents that a condition is true of and
// that have not expired. The condition's arguments begin with $3, and an order
// may follow it.
func (s *Store) readDocuments(ctx context.Context, projectID, condition string, args ...any) ([]model.Document, error) {
	if err := checkProject(projectID); err != nil {
		return nil, err
	}
	query := `SELECT ` + documentColumns + ` FROM document WHERE ` + alive + ` AND ` + condition
	rows, err := s.reads.QueryContext(ctx, query, append([]any{projectID, micros(s.now())}, args...)...)
	if err != nil {
		return nil, border(ctx, err)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	var documents []model.Document
	for rows.Next() {
		var d model.Document
		var created, updated, expires int64
		if err := rows.Scan(&d.Kind, &d.ID, &created, &updated, &expires, &d.Content, &d.Secret, &d.Revision); err != nil {
			return nil, border(ctx, err)
		}
		d.Created, d.Updated, d.Expires = instant(created), instant(updated), instant(expires)
		if d.Secret, err = s.opened(projectID, d); err != nil {
			return nil, err
		}
		documents = append(documents, d)
	}
	return documents, border(ctx, rows.Err())
}

// KeepDocument implements model.Documents.
func (s *Store) KeepDocument(ctx context.Context, projectID string, d model.Document) (revision int64, err error) {
	if err := checkDocument(d); err != nil {
		return 0, err
	}
	secret, err := s.sealed(projectID, d)
	if err != nil {
		return 0, err
	}
	err = s.change(ctx, projectID, func(tx *sql.Tx, number int64) error {
		revision = number
		const expired = `DELETE FROM document WHERE project_id = $1 AND expires <> 0 AND expires <= $2`
		if _, err := tx.ExecContext(ctx, expired, projectID, micros(s.now())); err != nil {
			return err
		}
		args := []any{projectID, d.Kind, d.ID, micros(d.Updated), micros(d.Expires), append([]byte{}, d.Content...), secret, revision}
		if d.Revision != 0 {
			return changeOne(ctx, tx, `UPDATE document SET updated = $4, expires = $5, content = $6, secret = $7, revision = $8
				WHERE project_id = $1 AND kind = $2 AND id = $3 AND revision = $9`, append(args, d.Revision)...)
		}
		if err := changeOne(ctx, tx, `INSERT INTO document (project_id, kind, id, updated, expires, content, secret, revision, created)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`, append(args, micros(d.Created))...); err != nil {
			return err
		}
		return makeRoom(ctx, tx, projectID, d)
	})
	return revision, err
}

// changeOne runs a statement that must change a document.
func changeOne(ctx context.Context, tx *sql.Tx, statement string, args ...any) error {
	result, err := tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	changed, err := result.RowsAffected()
	if err == nil && changed == 0 {
		return model.ErrDocumentChanged
	}
	return err
}

// makeRoom holds the project to MaxDocuments of the kind of d.
func makeRoom(ctx context.Context, tx *sql.Tx, projectID string, d model.Document) error {
	var count int
	const counted = `SELECT COUNT(*) FROM document WHERE project_id = $1 AND kind = $2`
	if err := tx.QueryRowContext(ctx, counted, projectID, d.Kind).Scan(&count); err != nil {
		return err
	}
	if count <= model.MaxDocuments {
		return nil
	}
	if d.Expires.IsZero() {
		return model.Errorf(model.Quota, "a project can have %d of these at most", model.MaxDocuments)
	}
	const oldest = `SELECT created FROM document WHERE project_id = $1 AND kind = $2 AND expires <> 0 ORDER BY created LIMIT 1 OFFSET $3`
	var limit int64
	err := tx.QueryRowContext(ctx, oldest, projectID, d.Kind, count-model.MaxDocuments-1).Scan(&limit)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	const forget = `DELETE FROM document WHERE project_id = $1 AND kind = $2 AND expires <> 0 AND created <= $3 AND id <> $4`
	_, err = tx.ExecContext(ctx, forget, projectID, d.Kind, limit, d.ID)
	return err
}

// ForgetDocuments implements model.Documents.
func (s *Store) ForgetDocuments(ctx context.Context, projectID, kind string, ids []string) error {
	args := []any{projectID, kind}
	var places []string
	for _, id := range ids {
		if isText(id, maxIDBytes) {
			args = append(args, id)
			places = append(places, fmt.Sprintf("$%d", len(args)))
		}
	}
	if len(places) == 0 {
		return nil
	}
	return s.change(ctx, projectID, func(tx *sql.Tx, _ int64) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM document WHERE project_id = $1 AND kind = $2 AND id IN (`+strings.Join(places, ", ")+`)`, args...)
		return err
	})
}

func checkDocument(d model.Document) error {
	switch {
	case !isText(d.Kind, maxKindBytes) || !isText(d.ID, maxIDBytes):
		return model.Errorf(model.Invalid, "%.64q is not a name that a document can have", d.ID)
	case len(d.Content) > model.MaxDocumentBytes || len(d.Secret) > model.MaxDocumentBytes:
		return model.Errorf(model.Invalid, "it has more than the %d bytes that are kept", model.MaxDocumentBytes)
	}
	return nil
}

// micros and instant are times as the database has them.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func instant(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
