// Package server is what both protocols share: it authenticates requests,
// gives each an id, logs and counts it, keeps it within its limits, and hands
// it to the frontend that is mounted at its path. It serves health and metrics
// on a listener of their own, and shuts down without losing requests.
package server

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// Options are the server's settings. The zero value serves without limits.
type Options struct {
	// PublicURL is scheme and authority for links; empty: as the client, or a
	// trusted proxy, says.
	PublicURL string
	// TrustedProxies may say by headers who the client is, what it asked for,
	// and which id the request has.
	TrustedProxies []netip.Prefix
	// MaxBodyBytes limits a request's body; reading more is an
	// *http.MaxBytesError. 0: no limit.
	MaxBodyBytes int64
	// MaxHeaderBytes limits a request's header. 0: net/http's 1 MiB.
	MaxHeaderBytes int
	// MaxInFlight limits how many requests are answered at once. 0: no limit.
	MaxInFlight int
	// Timeout is how long a request may take, all calls to OpenStack included.
	// 0: no limit.
	Timeout time.Duration
	// ShutdownDelay is how long readiness fails before listeners close;
	// ShutdownGrace is how long requests in flight, and what the provider
	// does after them, may go on then.
	ShutdownDelay, ShutdownGrace time.Duration

	// Version is the program's, for the Server header.
	Version string
	Log     zerolog.Logger
	// Metrics takes the server's metrics; nil: a registry nobody reads.
	Metrics prometheus.Registerer
	// Gatherer gives what /metrics shows; nil: /metrics is not served.
	Gatherer prometheus.Gatherer
	// Now and NewID replace clock and ids in tests.
	Now   func() time.Time
	NewID func() string
}

// A Mount is a frontend at a path.
type Mount struct {
	// Name is the protocol's name in logs and metrics: occi, cimi.
	Name string
	// Path begins and ends with a slash. The longest that fits a request wins.
	Path     string
	Frontend Frontend
}

// Server serves frontends.
type Server struct {
	opts     Options
	provider model.Provider
	mounts   []Mount
	origin   origin
	metrics  *metrics
	slots    chan struct{}
	echo     *echo.Echo
	draining atomic.Bool
}

// New makes a server of the given frontends over one provider.
func New(o Options, p model.Provider, mounts ...Mount) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	s := &Server{
		opts:     o,
		provider: p,
		mounts:   mounts,
		origin:   origin{publicURL: strings.TrimSuffix(o.PublicURL, "/"), trusted: o.TrustedProxies},
		metrics:  newMetrics(o.Metrics, mounts),
		echo:     echo.New(),
	}
	if o.MaxInFlight > 0 {
		s.slots = make(chan struct{}, o.MaxInFlight)
	}
	// The longest path first, since the first that fits is taken.
	slices.SortFunc(s.mounts, func(a, b Mount) int { return len(b.Path) - len(a.Path) })
	// Echo routes by method; the frontends answer every method themselves, each
	// in its own format, so what Echo has no route for goes the same way.
	s.echo.Any("/*", func(c echo.Context) error {
		s.serve(c.Response(), c.Request())
		return nil
	})
	s.echo.HTTPErrorHandler = func(_ error, c echo.Context) { s.serve(c.Response(), c.Request()) }
	return s
}

// Handler is the whole public surface, for a listener or a test.
func (s *Server) Handler() http.Handler { return s.echo }

// serve answers one request: it gives it a Call, and observes what comes of it.
func (s *Server) serve(rw *echo.Response, r *http.Request) {
	begin := s.opts.Now()
	client := r.Context() // ends when the client goes away
	mount := s.mountFor(r.URL.Path)
	req := &model.Request{ID: s.requestID(r)}
	h := rw.Header()
	h.Set("Server", "Occimi/"+s.opts.Version+" OCCI/1.2 OCCI/1.1")
	h.Set("X-Request-Id", req.ID)
	// A cache that does not know of X-Auth-Token must not show one tenant's data
	// to another.
	h.Set("Cache-Control", "private, no-cache")

	ctx := model.WithRequest(r.Context(), req)
	if s.opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.opts.Timeout)
		defer cancel()
		r.Body = inTime(ctx, rw, r.Body)
	}
	if s.opts.MaxBodyBytes > 0 {
		r.Body = http.MaxBytesReader(rw, r.Body, s.opts.MaxBodyBytes)
	}
	base, baseErr := s.origin.baseURL(r)
	call := newCall(ctx, r, req, base, s.provider)
	call.onRoute = func(route string) { s.metrics.inFlight.WithLabelValues(mount.Name, route).Inc() }
	r = r.WithContext(context.WithValue(ctx, callKey{}, call))

	defer func() { // also when a panic ends a half-written answer
		if call.route == "" {
			call.route = "other"
		} else {
			s.metrics.inFlight.WithLabelValues(mount.Name, call.route).Dec()
		}
		if r.Method == http.MethodHead {
			rw.Size = 0 // what was written was not sent
		}
		status := rw.Status
		if client.Err() != nil && status >= 500 {
			status = statusClientGone
		}
		took := s.opts.Now().Sub(begin)
		s.metrics.done(mount.Name, call.route, r.Method, status, rw.Size, req.Calls(), took)
		s.logAccess(mount.Name, call, status, rw.Size, r, took)
	}()
	s.guarded(mount, rw, r, baseErr)
}

// guarded hands the request to its frontend unless there are too many, and
// turns a panic into the frontend's own form of an internal error.
func (s *Server) guarded(mount Mount, rw *echo.Response, r *http.Request, refuse error) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
			panic(v)
		}
		stack := debug.Stack()
		if p, ok := v.(*fanout.Panic); ok { // it was in another goroutine
			v, stack = p.Value, p.Stack
		}
		s.metrics.panics.Inc()
		s.opts.Log.Error().Str("request_id", CallFrom(r.Context()).Request.ID).
			Str("panic", describe(v)).Bytes("stack", stack).Msg("panic")
		if rw.Committed {
			panic(http.ErrAbortHandler) // half an answer must not look like a whole one
		}
		mount.Frontend.Fail(rw, r, model.Errorf(model.Internal, "internal error"))
	}()
	if s.slots != nil && refuse == nil {
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
		default:
			s.metrics.refused.WithLabelValues(mount.Name).Inc()
			busy := model.Errorf(model.Unavailable, "too many requests are being answered: try again in a second")
			busy.RetryAfter = time.Second
			refuse = busy
		}
	}
	switch {
	case refuse != nil:
		mount.Frontend.Fail(rw, r, refuse)
	case wantsIndex(r):
		s.serveIndex(rw, r)
	default:
		mount.Frontend.ServeHTTP(rw, r)
	}
}

// describe tells of a panic what cannot be a user's data: the text of the
// runtime's own errors, of others the type. The stack says where it was.
func describe(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", v)
}

// mountFor finds the frontend for a path. A path without its final slash
// belongs to the mount all the same. What fits no mount goes to the last one,
// which answers it as not found in its own format.
func (s *Server) mountFor(path string) Mount {
	for _, m := range s.mounts {
		if strings.HasPrefix(path+"/", m.Path) {
			return m
		}
	}
	return s.mounts[len(s.mounts)-1]
}

// requestID takes the id that a trusted proxy gave, if it is a UUID (OpenStack
// accepts no other), or makes one.
func (s *Server) requestID(r *http.Request) string {
	if s.origin.fromTrusted(r) {
		if id, err := uuid.Parse(strings.TrimPrefix(r.Header.Get("X-Request-Id"), "req-")); err == nil {
			return id.String()
		}
	}
	return s.opts.NewID()
}

// statusClientGone is what log and metrics say of a request that failed because the
// client did not wait for the answer: no failure of the server's or the cloud's.
const statusClientGone = 499

// logAccess writes the request's one line. Query, header and bodies stay out:
// they hold users' data, keys and tokens. So do messages about them, which quote
// what is wrong.
func (s *Server) logAccess(protocol string, call *Call, status int, size int64, r *http.Request, took time.Duration) {
	level := zerolog.InfoLevel
	failed := status >= 500 && status != http.StatusNotImplemented // which is the client's doing
	if failed {
		level = zerolog.ErrorLevel
	}
	line := s.opts.Log.WithLevel(level).
		Str("request_id", call.Request.ID).
		Str("protocol", protocol).
		Str("method", shortened(r.Method)).
		Str("path", shortened(r.URL.Path)).
		Str("route", call.route).
		Int("status", status).
		Int64("bytes", size).
		Dur("took_ms", took).
		Int("upstream_calls", call.Request.Calls()).
		Str("client", s.origin.clientIP(r)).
		Str("project", call.project)
	if call.err != nil {
		e := model.AsError(call.err)
		line = line.Str("error_code", string(e.Code)).Str("upstream_request_id", e.UpstreamID)
		if e.Code != model.Invalid {
			line = line.Str("error", e.Message)
		}
		// What the client did wrong it was told; the rest is the operator's.
		if cause := e.Unwrap(); cause != nil && failed {
			line = line.AnErr("cause", cause)
		}
	}
	line.Msg("request")
}

// shortened bounds what a client has sent for the log and for messages: a
// request may have a quarter of a megabyte of it.
func shortened(s string) string {
	const most = 256
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
