package suite_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"testing/synctest"

	. "github.com/occimi/occimi/conformance/suite"
)

// server is an endpoint in memory.
type server struct {
	Endpoint
	http.Handler
}

func start(h http.Handler) server {
	return server{Endpoint{URL: "http://cloud.test", User: Credentials{Name: "demo", Password: "pass\"word"}}, h}
}

// run runs a suite against a server in a bubble's time, which passes only where
// all wait for it: nothing is late because the machine is busy.
func run(t *testing.T, s Suite, at server, o Options) (r *Report) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := pipes{make(chan net.Conn), make(chan struct{})}
		transport := &http.Transport{DisableCompression: true, DialContext: network.dial}
		o.Transport = transport
		h := &http.Server{Handler: at.Handler}
		go func() { _ = h.Serve(network) }()
		var err error
		if r, err = s.Run(t.Context(), at.Endpoint, o); err != nil {
			t.Error(err)
		}
		transport.CloseIdleConnections()
		if err := h.Shutdown(t.Context()); err != nil { // when all handlers have seen that nobody waits
			t.Error(err)
		}
	})
	if r == nil {
		t.FailNow()
	}
	return r
}

// pipes is a listener of connections in memory.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accepted:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error   { close(p.closed); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.accepted <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
