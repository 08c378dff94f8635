package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/occimi/occimi/model"
	"modernc.org/sqlite" // the driver "sqlite" too
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	// sqliteSettings: writers take the lock when they begin, not midway, where it
	// could no longer be waited for. It is the context that ends a wait; an hour
	// stands for no other limit.
	sqliteSettings = "?_txlock=immediate&_pragma=busy_timeout(3600000)&_pragma=foreign_keys(1)"
	// forWriter: with a log (WAL), which the file remembers, readers do not wait for a writer.
	forWriter     = sqliteSettings + "&_pragma=journal_mode(WAL)"
	forReaders    = sqliteSettings + "&_pragma=query_only(1)"
	sqliteReaders = 4
)

// connectSQLite prepares the file at path, readable for its owner alone, or
// memory. Nothing is read yet.
func connectSQLite(path string) (*Store, error) {
	if path == ":memory:" {
		db, err := sql.Open("sqlite", "file::memory:"+sqliteSettings)
		if err != nil {
			return nil, err
		}
		db.SetMaxOpenConns(1) // every connection has a memory of its own
		return &Store{reads: db, writes: db}, nil
	}
	if path == "" {
		return nil, model.Errorf(model.Invalid, `the store's location names no file after "sqlite:"`)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	// SQLite would make it readable for all; its log takes over the file's mode.
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	dsn := (&url.URL{Scheme: "file", Path: path}).String()
	writes, err := sql.Open("sqlite", dsn+forWriter)
	if err != nil {
		return nil, err
	}
	writes.SetMaxOpenConns(1)
	reads, err := sql.Open("sqlite", dsn+forReaders)
	if err != nil {
		return nil, err
	}
	reads.SetMaxOpenConns(sqliteReaders)
	return &Store{reads: reads, writes: writes}, nil
}

// whileBusy runs work again as long as it fails with a busy file. SQLite itself
// waits for other programs, except for one that switches a new file to its log.
func whileBusy(ctx context.Context, work func(context.Context) error) error {
	for {
		err := work(ctx)
		if e, ok := errors.AsType[*sqlite.Error](err); !ok || e.Code()&0xff != sqlite3.SQLITE_BUSY {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}
