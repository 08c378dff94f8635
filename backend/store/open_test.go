package store_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/occimi/occimi/backend/store"
	"github.com/occimi/occimi/model"
)

func TestOpenRefusals(t *testing.T) {
	dir := t.TempDir()
	notOurs := filepath.Join(dir, "hidden.txt")
	if err := os.WriteFile(notOurs, []byte(strings.Repeat("this is no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	// A port that nothing listens at.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	listener.Close()

	tests := []struct {
		name, location string
		code           model.Code
		says           string
	}{
		{"nothing", "", model.Invalid, `"sqlite:"`},
		{"a bare path", "/var/lib/hidden", model.Invalid, `"sqlite:"`},
		{"another database", "mysql://user:hidden@host/db", model.Invalid, `"postgres://"`},
		{"no file", "sqlite:", model.Invalid, "names no file"},
		{"a directory", "sqlite:" + dir, model.Unavailable, "is a directory"},
		{"below a file", "sqlite:" + notOurs + "/store.db", model.Unavailable, "not a directory"},
		{"NUL", "sqlite:/tmp/a\x00hidden", model.Unavailable, "invalid argument"},
		{"not a database", "sqlite:" + notOurs, model.Unavailable, "SQLITE_NOTADB"},
		{"password not encoded", "postgres://user:hidden/pass@host/db", model.Invalid, "%XX"},
		{"unknown setting", "postgres://user:hidden@host/db?sslmode=hidden", model.Invalid, "not a URL that PostgreSQL knows"},
		{"nobody listens", "postgres://hiddenuser:hidden@" + closed + "/hidden?sslmode=disable", model.Unavailable, "connection refused"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := store.Open(t.Context(), test.location, store.Options{})
			if err == nil {
				s.Close()
			}
			wantError(t, err, test.code, test.says)
			wantSilent(t, err, "hidden", closed, dir)
			// A location that is none is known without opening it.
			checked := store.Check(test.location)
			if test.code != model.Invalid {
				if checked != nil {
					t.Errorf("Check gave %v", checked)
				}
				return
			}
			wantError(t, checked, test.code, test.says)
			wantSilent(t, checked, "hidden", closed, dir)
		})
	}
}

func TestOpenPostgresRefusals(t *testing.T) {
	good := postgresSchema(t)
	host := good[strings.Index(good, "@"):]
	admin := rawDB(t, good)
	mustExec(t, admin, `CREATE ROLE occimi_test_poor LOGIN PASSWORD 'hidden'`)
	t.Cleanup(func() { mustExec(t, admin, `DROP ROLE occimi_test_poor`) })
	tests := []struct{ name, location, says string }{
		{"wrong password", "postgres://occimi:hidden" + host, `"28P01"`},
		{"no such user", "postgres://hidden:hidden" + host, `"28P01"`},
		{"no such database", strings.Replace(good, "/postgres?", "/hidden?", 1), `"3D000"`},
		{"no schema", strings.Replace(good, "search_path=", "search_path=hidden_", 1), `"3F000"`},
		{"no right to make tables", "postgres://occimi_test_poor:hidden" + host, `SQLSTATE "`},
		{"a read-only copy", good + "&default_transaction_read_only=on", `"25006"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := store.Open(t.Context(), test.location, store.Options{})
			wantError(t, err, model.Unavailable, test.says)
			wantSilent(t, err, "hidden", host)
		})
	}
}

func TestSQLiteFileIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b", "c")
	path := filepath.Join(dir, "100%20?x=1#y'é.db")
	s := open(t, "sqlite:"+path)
	define(t, s, "p", tag("a", "a", ""))
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	modes := map[string]os.FileMode{}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		modes[entry.Name()] = info.Mode().Perm()
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if name := filepath.Base(path) + suffix; modes[name] != 0o600 {
			t.Errorf("%s has mode %o, files are %v", name, modes[name], modes)
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory has mode %o: %v", info.Mode().Perm(), err)
	}
}

func TestReopen(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		location := p.location(t)
		s, err := store.Open(t.Context(), location, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		define(t, s, "p", tag("a", "a", "kept"))
		for range 2 {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		_, err = s.Tags(t.Context(), "p")
		wantError(t, err, model.Unavailable, "cannot answer now")

		again := open(t, location)
		if p.shared {
			wantTags(t, again, "p", tag("a", "a", "kept"))
		} else {
			wantTags(t, again, "p")
		}
	})
}

func TestOlderSchema(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		if !p.shared {
			t.Skip("nothing older is there")
		}
		location := p.location(t)
		first, err := os.ReadFile("migrations/0001_project.sql")
		if err != nil {
			t.Fatal(err)
		}
		raw := rawDB(t, location)
		mustExec(t, raw, string(first))
		mustExec(t, raw, `INSERT INTO project (id) VALUES ('old')`)
		mustExec(t, raw, `CREATE TABLE schema_version (version INTEGER NOT NULL PRIMARY KEY)`)
		mustExec(t, raw, `INSERT INTO schema_version (version) VALUES (1)`)

		s := open(t, location)
		define(t, s, "old", tag("a", "a", ""))
		wantTags(t, s, "old", tag("a", "a", ""))

		// What a project had goes with it.
		if p.name == "postgres" {
			mustExec(t, raw, `DELETE FROM project WHERE id = 'old'`)
		} else {
			mustExec(t, raw, `PRAGMA foreign_keys = ON; DELETE FROM project WHERE id = 'old'`)
		}
		wantTags(t, s, "old")
	})
}

func TestNewerSchema(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		if !p.shared {
			t.Skip("nothing newer is there")
		}
		location := p.location(t)
		define(t, open(t, location), "p", tag("a", "a", ""))
		raw := rawDB(t, location)
		mustExec(t, raw, `INSERT INTO schema_version (version) VALUES (99)`)
		_, err := store.Open(t.Context(), location, store.Options{})
		wantError(t, err, model.Unsupported, "its schema has version 99, of a newer program")

		mustExec(t, raw, `DELETE FROM schema_version WHERE version = 99`)
		wantTags(t, open(t, location), "p", tag("a", "a", ""))
	})
}

// A migration's number is its place in the list.
func TestMigrationsAreNumberedWithoutGap(t *testing.T) {
	files, err := filepath.Glob("migrations/*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for i, file := range files {
		if want := fmt.Sprintf("%04d_", i+1); !strings.HasPrefix(filepath.Base(file), want) || filepath.Ext(file) != ".sql" {
			t.Errorf("%s should be %s*.sql", file, want)
		}
	}
}

// A schema that something else has made is not touched.
func TestStrangeSchema(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		if !p.shared {
			t.Skip("nothing strange is there")
		}
		location := p.location(t)
		raw := rawDB(t, location)
		mustExec(t, raw, `CREATE TABLE tag (theirs INTEGER)`)
		_, err := store.Open(t.Context(), location, store.Options{})
		wantError(t, err, model.Internal, "the store cannot be opened: ")
		mustExec(t, raw, `INSERT INTO tag (theirs) VALUES (1)`)

		// Of the migration that failed, nothing is left: it can be made later.
		mustExec(t, raw, `DROP TABLE tag`)
		define(t, open(t, location), "p", tag("a", "a", ""))
	})
}

func TestOpenEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	inEachPlace(t, func(t *testing.T, p place) {
		_, err := store.Open(ctx, p.location(t), store.Options{})
		wantError(t, err, model.Timeout, "did not answer in time")
	})
}
