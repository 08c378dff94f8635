package model

import (
	"context"
	"sync/atomic"
)

// Request follows one client request through all layers: its id goes to
// OpenStack with every call, and the calls made for it are counted.
type Request struct {
	// ID is the id that the client sees; a UUID.
	ID string

	calls atomic.Int64
}

// CountCall notes one call to an OpenStack service. It may be used on nil.
func (r *Request) CountCall() {
	if r != nil {
		r.calls.Add(1)
	}
}

// Calls is the number of calls counted so far.
func (r *Request) Calls() int {
	if r == nil {
		return 0
	}
	return int(r.calls.Load())
}

type requestKey struct{}

// WithRequest gives a context that carries r.
func WithRequest(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// RequestFrom gives the context's request, or nil.
func RequestFrom(ctx context.Context) *Request {
	r, _ := ctx.Value(requestKey{}).(*Request)
	return r
}
