package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/occimi/occimi/model"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// A database's own refusals that only a defect of this program explains, or a
// hand that changed the schema. All others pass, or are the operator's to mend.
var (
	sqliteDefects = map[int]bool{
		sqlite3.SQLITE_ERROR: true, sqlite3.SQLITE_CONSTRAINT: true, sqlite3.SQLITE_MISMATCH: true,
		sqlite3.SQLITE_MISUSE: true, sqlite3.SQLITE_RANGE: true, sqlite3.SQLITE_TOOBIG: true,
	}
	// By class of SQLSTATE: data, integrity, syntax or unknown name. 42501 is a
	// missing privilege, though.
	postgresDefects = []string{"22", "23", "42"}
)

// failure is the cause of an Error, for logs: what the database said, without
// location, user, password and data.
type failure string

// Error implements error.
func (f failure) Error() string { return "store: " + string(f) }

// border gives err as the *model.Error that crosses it; nil stays nil.
func border(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*model.Error](err); ok {
		return e
	}
	if ended := ctx.Err(); ended != nil {
		return model.Errorf(model.Timeout, "the request ended before the store answered").Because(ended)
	}
	code, said := judge(err)
	return model.Errorf(code, "the store cannot answer now").Because(failure(said))
}

// unopened is border for those who start the program: it says what was said.
func unopened(ctx context.Context, err error) error {
	e := model.AsError(border(ctx, err))
	cause, ok := errors.AsType[failure](e)
	switch {
	case ok:
		e.Message = "the store cannot be opened: " + string(cause)
	case e.Code == model.Timeout:
		e.Message = "the store cannot be opened: it did not answer in time"
	case e.Code == model.Unsupported:
		e.Message = "the store cannot be opened: " + e.Message
	}
	return e
}

// judge gives the code of a driver's error, and what of it may be said.
func judge(err error) (model.Code, string) {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		code := model.Unavailable
		for _, class := range postgresDefects {
			if strings.HasPrefix(e.Code, class) && e.Code != "42501" {
				code = model.Internal
			}
		}
		return code, fmt.Sprintf("PostgreSQL refuses with SQLSTATE %.5q", e.Code)
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		code, primary := model.Unavailable, e.Code()&0xff
		if sqliteDefects[primary] {
			code = model.Internal
		}
		return code, fmt.Sprintf("%s, code %d", sqlite.ErrorCodeString[primary], e.Code())
	}
	if e, ok := errors.AsType[syscall.Errno](err); ok {
		return model.Unavailable, e.Error()
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return model.Unavailable, "its host: " + e.Err
	}
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return model.Unavailable, fmt.Sprintf("an error of type %T", err)
}
