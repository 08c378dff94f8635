package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"
)

// Slow clients must not hold connections, and the slots of requests, for ever.
// An idle connection lives longer than balancers keep theirs (60 s), so that
// they close it first.
const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 90 * time.Second
	// transferSlack is how much longer than the request's own time sending the
	// request, or taking the answer, may last: net/http counts from the
	// beginning, and ends the request's context with the time for reading.
	transferSlack = 10 * time.Second
)

// Run serves the public surface on public and health and metrics on admin (nil:
// not at all) until ctx ends. Then readiness fails first; after the shutdown
// delay no connection is accepted any more; requests in flight, and what goes on
// after them, have the grace period to finish. Health and metrics are there until
// the last. It returns nil after an orderly end.
func (s *Server) Run(ctx context.Context, public, admin net.Listener) error {
	type service struct {
		*http.Server
		listener net.Listener
	}
	services := []service{{s.httpServer(s.Handler()), public}} // in the order of their end
	if admin != nil {
		services = append(services, service{s.httpServer(s.AdminHandler()), admin})
	}
	s.opts.Log.Info().Str("version", s.opts.Version).Str("listen", public.Addr().String()).Msg("serving")
	group, ctx := errgroup.WithContext(ctx)
	for _, srv := range services {
		group.Go(func() error {
			if err := srv.Serve(srv.listener); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
	}
	group.Go(func() error {
		<-ctx.Done()
		s.opts.Log.Info().Msg("shutting down")
		s.draining.Store(true)
		time.Sleep(s.opts.ShutdownDelay)
		grace, cancel := context.WithTimeout(context.Background(), s.opts.ShutdownGrace)
		defer cancel()
		err := services[0].Shutdown(grace)
		s.provider.Finish(grace)
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("requests in flight were cut off: they took longer than %v", s.opts.ShutdownGrace)
		}
		for _, srv := range services {
			err = errors.Join(err, srv.Close())
		}
		return err
	})
	return group.Wait()
}

func (s *Server) httpServer(h http.Handler) *http.Server {
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    s.opts.MaxHeaderBytes,
		// What net/http has to say: connections that cannot be accepted, and
		// handshakes that fail.
		ErrorLog: log.New(s.opts.Log, "", 0),
	}
	if s.opts.Timeout > 0 {
		srv.ReadTimeout = s.opts.Timeout + transferSlack
		srv.WriteTimeout = s.opts.Timeout + transferSlack
	}
	return srv
}

// inTime gives the body of a request that ends when the request's own time does,
// with an error, so that a slow client gets an answer while one can be written.
// Once it is all there the connection is read without an end again: net/http
// takes the end of that for the client's.
func inTime(ctx context.Context, w http.ResponseWriter, body io.ReadCloser) io.ReadCloser {
	end, limited := ctx.Deadline()
	conn := http.NewResponseController(w)
	if !limited || body == nil || body == http.NoBody || conn.SetReadDeadline(end) != nil {
		return body
	}
	return &timedBody{body, conn}
}

type timedBody struct {
	io.ReadCloser
	conn *http.ResponseController
}

// Read implements io.Reader.
func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.conn.SetReadDeadline(time.Time{}) // the connection may be gone
	}
	return n, err
}

// AdminHandler serves what operators ask: /healthz/live (the process runs),
// /healthz/ready (it takes requests; fails from the moment that shutdown
// begins; never asks OpenStack, whose outage must not restart proxies), and
// /metrics. None of it is logged.
func (s *Server) AdminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz/live", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("alive\n"))
	})
	mux.HandleFunc("GET /healthz/ready", func(w http.ResponseWriter, _ *http.Request) {
		if s.draining.Load() {
			http.Error(w, "shutting down", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	})
	if s.opts.Gatherer != nil {
		mux.Handle("GET /metrics", promhttp.HandlerFor(s.opts.Gatherer, promhttp.HandlerOpts{}))
	}
	return mux
}
