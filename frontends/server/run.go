package server

import (
	"context"
	"errors"
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
// delay no connection is accepted any more; requests in flight have the grace
// period to finish. It returns nil after an orderly end.
func (s *Server) Run(ctx context.Context, public, admin net.Listener) error {
	servers := map[*http.Server]net.Listener{s.httpServer(s.Handler()): public}
	if admin != nil {
		servers[s.httpServer(s.AdminHandler())] = admin
	}
	group, ctx := errgroup.WithContext(ctx)
	for srv, listener := range servers {
		group.Go(func() error {
			if err := srv.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
	}
	group.Go(func() error {
		<-ctx.Done()
		s.draining.Store(true)
		time.Sleep(s.opts.ShutdownDelay)
		grace, cancel := context.WithTimeout(context.Background(), s.opts.ShutdownGrace)
		defer cancel()
		var errs []error
		for srv := range servers {
			if err := srv.Shutdown(grace); err != nil {
				errs = append(errs, err, srv.Close())
			}
		}
		return errors.Join(errs...)
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
