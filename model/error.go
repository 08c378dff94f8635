package model

import (
	"errors"
	"fmt"
	"time"
)

// Code says what kind of failure an Error is. The set is closed: every protocol
// maps each code to its own status codes and bodies in one table.
type Code string

const (
	NotFound     Code = "not found"    // the thing addressed, or one it refers to, does not exist for this tenant
	Invalid      Code = "invalid"      // the request can never work as it stands
	Conflict     Code = "conflict"     // the present state of the cloud forbids it; it may work later
	Forbidden    Code = "forbidden"    // the cloud's policy refuses it to this user
	Unauthorized Code = "unauthorized" // no credentials, or credentials that are not (any longer) good
	Quota        Code = "quota"        // the tenant's quota is used up
	RateLimited  Code = "rate limited" // too many requests; RetryAfter says when to come back
	Unavailable  Code = "unavailable"  // a service of the cloud, or the proxy, cannot answer now
	Unsupported  Code = "unsupported"  // this cloud does not offer it
	Timeout      Code = "timeout"      // the deadline passed before the cloud answered
	Internal     Code = "internal"     // a defect of this program
)

// Error is the only error that crosses the model's border. Message is written
// for the client's user and carries no upstream URL, body, token or password.
type Error struct {
	Code    Code
	Message string
	// RetryAfter is how long to wait before another try; zero if unknown.
	RetryAfter time.Duration
	// UpstreamID is the request id that the OpenStack service gave to the call
	// that failed; empty if no call was answered.
	UpstreamID string

	cause error
}

// Errorf makes an Error of the given code. A %w operand becomes its cause,
// which is for logs only: it is reachable by errors.Is and errors.As, and its
// text is NOT part of Message unless the format says so.
func Errorf(code Code, format string, args ...any) *Error {
	wrapped := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: wrapped.Error(), cause: errors.Unwrap(wrapped)}
}

// Error implements error.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Unwrap gives the cause, if there is one.
func (e *Error) Unwrap() error { return e.cause }

// Because gives a copy of e with the given cause, for logs.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// AsError gives err as an *Error. Any other error becomes an Internal one with
// a message that tells the client nothing about it, and err as its cause.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Code: Internal, Message: "internal error", cause: err}
}

// IsCode tells whether err is an *Error of the given code.
func IsCode(err error, code Code) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == code
}
