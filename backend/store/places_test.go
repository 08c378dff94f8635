package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/occimi/occimi/backend/store"
	"github.com/occimi/occimi/model"
)

// place is where a store can be. Every test of the contract runs in each.
type place struct {
	name string
	// location gives one that is empty, and is gone when the test ends.
	location func(testing.TB) string
	// shared tells that a second store of the location has the same things.
	shared bool
}

var places = []place{
	{"file", func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "new", "store.db") }, true},
	{"memory", func(testing.TB) string { return "sqlite::memory:" }, false},
	{"postgres", postgresSchema, true},
}

// postgresSchema makes a schema of its own in the database of conformance/postgres.sh.
func postgresSchema(t testing.TB) string {
	base := os.Getenv("OCCIMI_TEST_POSTGRES_URL")
	if base == "" {
		t.Skip("OCCIMI_TEST_POSTGRES_URL is not set")
	}
	admin := rawDB(t, base)
	schema := "test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	mustExec(t, admin, "CREATE SCHEMA "+schema)
	t.Cleanup(func() { mustExec(t, admin, "DROP SCHEMA "+schema+" CASCADE") })
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal("OCCIMI_TEST_POSTGRES_URL is not a URL")
	}
	query := u.Query()
	query.Set("search_path", schema)
	u.RawQuery = query.Encode()
	return u.String()
}

func inEachPlace(t *testing.T, test func(*testing.T, place)) {
	t.Helper()
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) { test(t, p) })
	}
}

func open(t testing.TB, location string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), location, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// rawDB is another program's connection to the database at location.
func rawDB(t testing.TB, location string) *sql.DB {
	t.Helper()
	driver, dsn := "pgx", location
	if path, ok := strings.CutPrefix(location, "sqlite:"); ok {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		driver, dsn = "sqlite", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

type execer interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}

func mustExec(t testing.TB, db execer, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(context.Background(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// wantError tells whether err is of the code and names what the user should know.
func wantError(t *testing.T, err error, code model.Code, says string) {
	t.Helper()
	if !model.IsCode(err, code) || !strings.Contains(model.AsError(err).Message, says) {
		t.Errorf("got %v, want %s with %q", err, code, says)
	}
}

// wantSilent tells whether neither err nor any of its causes has any of the secrets.
func wantSilent(t *testing.T, err error, secrets ...string) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		for _, secret := range secrets {
			if strings.Contains(fmt.Sprintf("%+v", err), secret) {
				t.Errorf("%T shows %q: %v", err, secret, err)
			}
		}
	}
}
