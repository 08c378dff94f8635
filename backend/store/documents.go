package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
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

const documentColumns = `kind, id, created, updated, expires, content, secret`

// Documents implements model.Documents.
func (s *Store) Documents(ctx context.Context, projectID, kind string) ([]model.Document, error) {
	documents, err := s.readDocuments(ctx, projectID, `kind = $3`, kind)
	if err != nil {
		return nil, err
	}
	// Not in SQL: PostgreSQL sorts text by the database's language.
	slices.SortFunc(documents, func(a, b model.Document) int {
		return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID))
	})
	return documents, nil
}

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
// that have not expired. The condition's arguments begin with $3.
func (s *Store) readDocuments(ctx context.Context, projectID, condition string, args ...any) ([]model.Document, error) {
	if err := checkProject(projectID); err != nil {
		return nil, err
	}
	query := `SELECT ` + documentColumns + ` FROM document WHERE project_id = $1 AND (expires = 0 OR expires > $2) AND ` + condition
	rows, err := s.reads.QueryContext(ctx, query, append([]any{projectID, micros(s.now())}, args...)...)
	if err != nil {
		return nil, border(ctx, err)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	var documents []model.Document
	for rows.Next() {
		var d model.Document
		var created, updated, expires int64
		if err := rows.Scan(&d.Kind, &d.ID, &created, &updated, &expires, &d.Content, &d.Secret); err != nil {
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
func (s *Store) KeepDocument(ctx context.Context, projectID string, d model.Document) error {
	if err := checkDocument(d); err != nil {
		return err
	}
	secret, err := s.sealed(projectID, d)
	if err != nil {
		return err
	}
	return s.change(ctx, projectID, func(tx *sql.Tx) error {
		const expired = `DELETE FROM document WHERE project_id = $1 AND expires <> 0 AND expires <= $2`
		if _, err := tx.ExecContext(ctx, expired, projectID, micros(s.now())); err != nil {
			return err
		}
		const keep = `INSERT INTO document (project_id, ` + documentColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (project_id, kind, id) DO UPDATE
			SET updated = excluded.updated, expires = excluded.expires, content = excluded.content, secret = excluded.secret`
		if _, err := tx.ExecContext(ctx, keep, projectID, d.Kind, d.ID, micros(d.Created), micros(d.Updated), micros(d.Expires),
			append([]byte{}, d.Content...), secret); err != nil {
			return err
		}
		return makeRoom(ctx, tx, projectID, d)
	})
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
	return s.change(ctx, projectID, func(tx *sql.Tx) error {
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
