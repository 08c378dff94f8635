package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/occimi/occimi/frontends/server"
)

// pipes is a listener of connections in memory, which keep the bubble's time.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accepted:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.accepted <- server
	return client
}

// TestSlowClients: nobody holds a connection by being slow, and the request's
// own time does not end early because of it.
func TestSlowClients(t *testing.T) {
	const timeout = 20 * time.Second
	for name, test := range map[string]struct {
		sends string
		reads bool
		// most is when the connection is closed at the latest.
		most time.Duration
	}{
		"sends half a header":      {"GET / HTTP/1.1\r\nHost: x\r\n", true, 11 * time.Second},
		"sends half a body":        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf", true, timeout + 11*time.Second},
		"does not take the answer": {"GET /large HTTP/1.1\r\nHost: x\r\n\r\n", false, timeout + 11*time.Second},
		"is idle":                  {"", true, 91 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				handled := make(chan struct{}, 1)
				s, _ := newServer(server.Options{Timeout: timeout, ShutdownGrace: time.Minute}, func(w http.ResponseWriter, r *http.Request) {
					defer func() { handled <- struct{}{} }()
					if r.URL.Path == "/large" {
						_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
						return
					}
					_, _ = io.ReadAll(r.Body)
				})
				listener := newPipes()
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan error)
				go func() { ended <- s.Run(ctx, listener, nil) }()
				begun := time.Now()
				conn := listener.dial()
				_, _ = io.WriteString(conn, test.sends)
				if test.reads {
					_, _ = io.Copy(io.Discard, conn) // until the server closes
				} else {
					<-handled
				}
				if took := time.Since(begun); took > test.most {
					t.Errorf("held for %v, want at most %v", took, test.most)
				}
				_ = conn.Close()
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestRequestsOwnTime: at its end the request's context says so, and not that
// the client has gone.
func TestRequestsOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newServer(server.Options{Timeout: time.Minute, ShutdownGrace: time.Minute}, func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			_, _ = io.WriteString(w, r.Context().Err().Error())
		})
		listener := newPipes()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.Run(ctx, listener, nil) }()
		conn := listener.dial()
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		answer, err := io.ReadAll(conn)
		if err != nil && !errors.Is(err, io.EOF) || !strings.HasSuffix(string(answer), context.DeadlineExceeded.Error()) {
			t.Errorf("answered %q, %v", answer, err)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestSlowBody: who does not send the whole of a request is told so when its time
// is over, and who does has it all.
func TestSlowBody(t *testing.T) {
	const timeout = 20 * time.Second
	for name, test := range map[string]struct {
		rest  string // sent after a while
		want  string
		after time.Duration
	}{
		"never whole": {"", "HTTP/1.1 400", timeout},
		// The handler takes until the request's end, which is not the client's.
		"whole": {"way", context.DeadlineExceeded.Error(), timeout},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, _ := newServer(server.Options{Timeout: timeout, ShutdownGrace: time.Minute}, func(w http.ResponseWriter, r *http.Request) {
					if _, err := io.ReadAll(r.Body); err != nil {
						w.WriteHeader(http.StatusBadRequest)
						return
					}
					<-r.Context().Done()
					_, _ = io.WriteString(w, r.Context().Err().Error())
				})
				listener := newPipes()
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan error)
				go func() { ended <- s.Run(ctx, listener, nil) }()
				begun := time.Now()
				conn := listener.dial()
				_, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 7\r\n\r\nhalf")
				if test.rest != "" {
					time.Sleep(time.Second)
					_, _ = io.WriteString(conn, test.rest)
				}
				answer, _ := io.ReadAll(conn)
				if took := time.Since(begun); !strings.Contains(string(answer), test.want) || took != test.after {
					t.Errorf("answered %q after %v, want %q after %v", answer, took, test.want, test.after)
				}
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestCutOff: what outlives the grace period is cut off, and Run says so;
// health and metrics are there until then.
func TestCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		entered, leave := make(chan struct{}), make(chan struct{})
		s, _ := newServer(server.Options{ShutdownDelay: time.Second, ShutdownGrace: 10 * time.Second}, func(http.ResponseWriter, *http.Request) {
			close(entered)
			<-leave
		})
		public, admin := newPipes(), newPipes()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.Run(ctx, public, admin) }()
		conn := public.dial()
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		<-entered
		stop()
		time.Sleep(5 * time.Second) // within the grace period
		probe := admin.dial()
		_, _ = io.WriteString(probe, "GET /healthz/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		if answer, _ := io.ReadAll(probe); !strings.Contains(string(answer), "alive") {
			t.Errorf("live answered %q", answer)
		}
		if err := <-ended; err == nil || !strings.Contains(err.Error(), "cut off: they took longer than 10s") {
			t.Errorf("Run: %v", err)
		}
		close(leave)
		_ = conn.Close()
	})
}
