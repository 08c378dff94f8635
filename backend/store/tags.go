package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
)

// What a project's users can have in the store.
const (
	MaxTags          = 1000
	MaxTagNameBytes  = 1024
	MaxTagDefinition = 64 << 10 // bytes
)

var (
	_      model.Tags = (*Store)(nil)
	isMark            = regexp.MustCompile(`^[a-z0-9-]{1,40}$`).MatchString
)

// Tags implements model.Tags.
func (s *Store) Tags(ctx context.Context, projectID string) ([]model.Tag, error) {
	if err := checkProject(projectID); err != nil {
		return nil, err
	}
	tags, err := readTags(ctx, s.reads, allTags, projectID)
	if err != nil {
		return nil, border(ctx, err)
	}
	// Not in SQL: PostgreSQL sorts text by the database's language.
	slices.SortFunc(tags, func(a, b model.Tag) int { return strings.Compare(a.Name, b.Name) })
	return tags, nil
}

// DefineTags implements model.Tags: what is there already as it is given is
// left, so that it can be repeated. Besides a name, a mark can be in Conflict:
// things that bear it would bear both tags. Errors: Quota above MaxTags;
// Invalid for a name, mark or definition that cannot be kept.
func (s *Store) DefineTags(ctx context.Context, projectID string, tags []model.Tag, check func(present []model.Tag) error) error {
	names := make([]string, len(tags))
	for i, t := range tags {
		if err := checkTag(t); err != nil {
			return err
		}
		names[i] = t.Name
	}
	if len(tags) == 0 {
		return nil
	}
	if len(tags) > MaxTags {
		return tooManyTags()
	}
	return s.change(ctx, projectID, func(tx *sql.Tx, _ int64) error {
		if check != nil {
			present, err := readTags(ctx, tx, allTags, projectID)
			if err == nil {
				err = check(present)
			}
			if err != nil {
				return err
			}
		}
		args := make([]any, 0, 1+3*len(tags))
		args = append(args, projectID)
		rows := make([]string, len(tags))
		for i, t := range tags {
			n := len(args)
			rows[i] = fmt.Sprintf("($1, $%d, $%d, $%d)", n+1, n+2, n+3)
			args = append(args, t.Name, t.Mark, append([]byte{}, t.Definition...)) // nil would be NULL
		}
		insert := `INSERT INTO tag (project_id, name, mark, definition) VALUES ` + strings.Join(rows, ", ") + ` ON CONFLICT DO NOTHING`
		if _, err := tx.ExecContext(ctx, insert, args...); err != nil {
			return err
		}
		if err := checkKept(ctx, tx, projectID, tags, names); err != nil {
			return err
		}
		var count int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM tag WHERE project_id = $1`, projectID).Scan(&count); err != nil {
			return err
		}
		if count > MaxTags {
			return tooManyTags()
		}
		return nil
	})
}

// checkKept gives the Conflict of the first tag that the store has otherwise
// than it is given; names are theirs.
func checkKept(ctx context.Context, tx *sql.Tx, projectID string, tags []model.Tag, names []string) error {
	condition, args := namedIn(projectID, names)
	kept, err := readTags(ctx, tx, `SELECT `+tagColumns+` FROM tag WHERE `+condition, args...)
	if err != nil {
		return err
	}
	byName := make(map[string]model.Tag, len(kept))
	for _, t := range kept {
		byName[t.Name] = t
	}
	for _, t := range tags {
		switch k, ok := byName[t.Name]; {
		case !ok:
			return model.Errorf(model.Conflict, "tag %q cannot be told from another one of the project: both are marked %q", t.Name, t.Mark)
		case k.Mark != t.Mark || !bytes.Equal(k.Definition, t.Definition):
			return model.Errorf(model.Conflict, "tag %q is there already, with another definition", t.Name)
		}
	}
	return nil
}

// ForgetTags implements model.Tags.
func (s *Store) ForgetTags(ctx context.Context, projectID string, names []string) error {
	if len(names) == 0 {
		return nil
	}
	// Of more than a project can have, one is missing among as many as that and one.
	asked := slices.Compact(slices.Sorted(slices.Values(names)))
	asked = asked[:min(len(asked), MaxTags+1)]
	for _, name := range asked {
		if !isText(name, MaxTagNameBytes) { // no database has it, and some refuse to look for it
			return noTag(name)
		}
	}
	return s.change(ctx, projectID, func(tx *sql.Tx, _ int64) error {
		condition, args := namedIn(projectID, asked)
		kept, err := readTags(ctx, tx, `DELETE FROM tag WHERE `+condition+` RETURNING `+tagColumns, args...)
		if err != nil {
			return err
		}
		for _, name := range asked {
			if !slices.ContainsFunc(kept, func(t model.Tag) bool { return t.Name == name }) {
				return noTag(name)
			}
		}
		return nil
	})
}

// namedIn is the condition for the project's rows of these names, with its arguments.
func namedIn(projectID string, names []string) (condition string, args []any) {
	places := make([]string, len(names))
	args = append(make([]any, 0, 1+len(names)), projectID)
	for i, name := range names {
		places[i] = fmt.Sprintf("$%d", i+2)
		args = append(args, name)
	}
	return `project_id = $1 AND name IN (` + strings.Join(places, ", ") + `)`, args
}

// tagColumns is what readTags reads of a row, and allTags reads a project's.
const (
	tagColumns = `name, mark, definition`
	allTags    = `SELECT ` + tagColumns + ` FROM tag WHERE project_id = $1`
)

func readTags(ctx context.Context, db interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, query string, args ...any) ([]model.Tag, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	var tags []model.Tag
	for rows.Next() {
		var t model.Tag
		if err := rows.Scan(&t.Name, &t.Mark, &t.Definition); err != nil {
			return nil, err
		}
		tags = append(tags, t)
	}
	return tags, rows.Err()
}

func checkTag(t model.Tag) error {
	switch {
	case !isText(t.Name, MaxTagNameBytes):
		return model.Errorf(model.Invalid, "%.64q is not the name of a tag: that is UTF-8 of 1 to %d bytes, without NUL", t.Name, MaxTagNameBytes)
	case !isMark(t.Mark):
		return model.Errorf(model.Invalid, "tag %q: its mark %.64q is not 1 to 40 characters of a-z, 0-9 and -", t.Name, t.Mark)
	case len(t.Definition) > MaxTagDefinition:
		return model.Errorf(model.Invalid, "tag %q: its definition has %d bytes, at most %d are kept", t.Name, len(t.Definition), MaxTagDefinition)
	}
	return nil
}

func noTag(name string) error {
	return model.Errorf(model.NotFound, "there is no tag %.128q", name)
}

func tooManyTags() error {
	return model.Errorf(model.Quota, "a project can have %d tags at most", MaxTags)
}
