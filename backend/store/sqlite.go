package store

import (
	"database/sql"
	"net/url"
	"os"
	"path/filepath"

	"github.com/occimi/occimi/model"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

const (
	// sqliteSettings: writers take the lock when they begin, not midway, where it
	// could no longer be waited for. It is the context that ends a wait; an hour
	// stands for no other limit. The log (WAL) lets readers go on meanwhile.
	sqliteSettings = "?_txlock=immediate&_pragma=busy_timeout(3600000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)"
	readOnly       = "&_pragma=query_only(1)"
	sqliteReaders  = 4
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
	dsn := (&url.URL{Scheme: "file", Path: path}).String() + sqliteSettings
	writes, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	writes.SetMaxOpenConns(1)
	reads, err := sql.Open("sqlite", dsn+readOnly)
	if err != nil {
		return nil, err
	}
	reads.SetMaxOpenConns(sqliteReaders)
	return &Store{reads: reads, writes: writes}, nil
}
