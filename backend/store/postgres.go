package store

import (
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/occimi/occimi/model"
)

const (
	// postgresConnections per replica: a server's default is 100 in all.
	postgresConnections = 8
	// A connection is given up now and then, so that a new primary is found.
	connectionLife = 30 * time.Minute
	connectionIdle = 5 * time.Minute
	// lockPostgresSchema: the number is "occimi" in ASCII, and means nothing to others.
	lockPostgresSchema = `SELECT pg_advisory_xact_lock(122472660299113)`
)

// connectPostgres prepares a pool. Nothing is connected yet.
func connectPostgres(location string) (*Store, error) {
	config, err := pgx.ParseConfig(location)
	if err != nil { // it repeats the URL
		return nil, model.Errorf(model.Invalid, "the store's location is not a URL that PostgreSQL knows: "+
			"a password's special characters are written as %%XX there, and files it names must be readable")
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(postgresConnections)
	db.SetMaxIdleConns(postgresConnections)
	db.SetConnMaxLifetime(connectionLife)
	db.SetConnMaxIdleTime(connectionIdle)
	return &Store{reads: db, writes: db, lockSchema: lockPostgresSchema}, nil
}
