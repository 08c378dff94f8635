// Package store keeps what an OpenStack cloud has no place for, per project,
// in SQLite or in PostgreSQL. Both run the same SQL. Each noun is one file and
// one migration.
package store

import (
	"context"
	"crypto/cipher"
	"database/sql"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/occimi/occimi/model"
)

// Store is an open database. It is safe for concurrent use, by any number of
// Stores of one location too, in this program or in others. Every error of its
// methods is a *model.Error; a call waits for others' changes as long as its
// context allows.
type Store struct {
	// reads and writes are one pool, but for a file of SQLite: that has one
	// writer at a time, and readers that need not wait for it.
	reads, writes *sql.DB
	// seal encrypts secrets; nil: none are kept.
	seal cipher.AEAD
	now  func() time.Time
	// lockSchema is the statement that makes a transaction the only one that
	// migrates; empty where every transaction that writes is the only one.
	lockSchema string
}

// Options are the choices about a store.
type Options struct {
	// Key encrypts secrets: KeyBytes bytes; nil: secrets are not kept.
	Key []byte
	// Now replaces the clock in tests.
	Now func() time.Time
}

// Open opens the database at location, makes it if it is a file that is not
// there, and brings its schema up to date. Locations:
//
//	sqlite:PATH      a file; its directory is made too
//	sqlite::memory:  nothing that lasts; each Open has its own
//	postgres://...   a PostgreSQL URL; what it leaves out comes from PGHOST, PGPASSWORD, ...
//
// Errors say what is wrong without location, user or password: Invalid
// (location, key), Unsupported (a schema that a newer version has made),
// Unavailable, Timeout.
func Open(ctx context.Context, location string, o Options) (*Store, error) {
	seal, err := newSeal(o.Key)
	if err != nil {
		return nil, unopened(ctx, err)
	}
	s, err := connect(location)
	if err != nil {
		return nil, unopened(ctx, err)
	}
	s.seal, s.now = seal, o.Now
	if s.now == nil {
		s.now = time.Now
	}
	if err := whileBusy(ctx, s.migrate); err != nil {
		_ = s.Close() // what kept it from opening is told
		return nil, unopened(ctx, err)
	}
	return s, nil
}

// Check tells what Open would refuse of a location, without opening it: whether the
// file or the server can be used is not looked at.
func Check(location string) error {
	if path, ok := strings.CutPrefix(location, "sqlite:"); ok && path != "" {
		return nil
	}
	s, err := connect(location) // which connects to nothing yet
	if err != nil {
		return err
	}
	return s.Close()
}

func connect(location string) (*Store, error) {
	scheme, rest, _ := strings.Cut(location, ":")
	switch scheme {
	case "sqlite":
		return connectSQLite(rest)
	case "postgres", "postgresql":
		return connectPostgres(location)
	}
	return nil, model.Errorf(model.Invalid, `the store's location begins with none of "sqlite:", "postgres://" and "postgresql://"`)
}

// Close gives up the database. Calls in progress end first.
func (s *Store) Close() error {
	// The reader goes first: the last connection to a file folds the log into it.
	readErr := s.reads.Close()
	if err := s.writes.Close(); err != nil || readErr != nil {
		return model.Errorf(model.Unavailable, "the store did not close cleanly")
	}
	return nil
}

// transact runs work in a transaction that may write: all of it is kept, or nothing.
func (s *Store) transact(ctx context.Context, work func(*sql.Tx) error) error {
	// Read committed: what is read after a lock was waited for is what the other left.
	tx, err := s.writes.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if err := work(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil { // the answer may be what was lost
		e := model.AsError(border(ctx, err))
		e.Message += "; whether it kept the change is not known"
		return e
	}
	return nil
}

// change runs work in a transaction that is the only one to change the
// project's things, whichever replica asks. Its number is larger than those of
// all changes before it. The error is a *model.Error.
func (s *Store) change(ctx context.Context, projectID string, work func(tx *sql.Tx, number int64) error) error {
	if err := checkProject(projectID); err != nil {
		return err
	}
	return border(ctx, s.transact(ctx, func(tx *sql.Tx) error {
		const lock = `INSERT INTO project (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET changes = project.changes + 1 RETURNING changes`
		var number int64
		if err := tx.QueryRowContext(ctx, lock, projectID).Scan(&number); err != nil {
			return err
		}
		return work(tx, number)
	}))
}

// checkProject keeps things from being kept for nobody, which all could read.
func checkProject(id string) error {
	if !isText(id, 255) {
		return model.Errorf(model.Invalid, "the store keeps things per project, and %.64q is not the id of one", id)
	}
	return nil
}

// isText tells whether both databases can keep s as text, and as part of a key.
func isText(s string, maxBytes int) bool {
	return s != "" && len(s) <= maxBytes && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}
