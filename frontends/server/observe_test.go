package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rs/zerolog"

	"github.com/occimi/occimi/frontends/server"
	"github.com/occimi/occimi/model"
)

// A line per request, with what operators look for and without what is secret.
func TestAccessLog(t *testing.T) {
	var log bytes.Buffer
	s, _ := newServer(server.Options{Log: zerolog.New(&log), Now: func() time.Time { return time.Unix(0, 0) }},
		func(w http.ResponseWriter, r *http.Request) {
			call := server.CallFrom(r.Context())
			_, _ = call.Cloud()
			call.SetRoute("/compute/{id}")
			call.Request.CountCall()
			call.SetError(model.Errorf(model.NotFound, "no such machine").Because(errors.New("secret cause")))
			w.WriteHeader(404)
		})
	r := httptest.NewRequest("GET", "/compute/7?key=private", nil)
	r.Header.Set("X-Auth-Token", "TOKEN")
	s.Handler().ServeHTTP(httptest.NewRecorder(), r)
	var got map[string]any
	if err := json.Unmarshal(log.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"level": "info", "message": "request", "request_id": "11111111-2222-4333-8444-555555555555",
		"protocol": "occi", "method": "GET", "path": "/compute/7", "route": "/compute/{id}", "status": 404.0,
		"bytes": 0.0, "took_ms": 0.0, "upstream_calls": 1.0, "client": "192.0.2.1", "project": "p1",
		"error_code": "not found", "error": "no such machine", "upstream_request_id": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("log line (-want +got):\n%s", diff)
	}
}

// What is wrong with a request is told by quoting it: that is for the client only.
func TestAccessLogQuotesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		logged bool
	}{
		"what the client sent":      {model.Errorf(model.Invalid, `line 2: it begins with none of Category, Link: "root:PRIVATE"`), false},
		"what OpenStack says of it": {model.Errorf(model.Invalid, "Invalid input for field user_data. Value: PRIVATE"), false},
		"the state of things":       {model.Errorf(model.Conflict, "the volume PRIVATE is in use"), true},
	} {
		var log bytes.Buffer
		s, _ := newServer(server.Options{Log: zerolog.New(&log)}, func(_ http.ResponseWriter, r *http.Request) {
			server.CallFrom(r.Context()).SetError(c.err)
		})
		s.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil))
		if line := log.String(); strings.Contains(line, "PRIVATE") != c.logged || !strings.Contains(line, `"error_code":`) {
			t.Errorf("%s: %s", name, line)
		}
	}
}

// Who the client is stands in the log as an id, never by name.
func TestAccessLogNamesNobody(t *testing.T) {
	var log bytes.Buffer
	s, _ := newServer(server.Options{Log: zerolog.New(&log)}, func(_ http.ResponseWriter, r *http.Request) {
		_, err := server.CallFrom(r.Context()).Cloud()
		server.CallFrom(r.Context()).SetError(err)
	})
	r := httptest.NewRequest("GET", "/", nil)
	r.SetBasicAuth("joe@example.org/", "secret")
	s.Handler().ServeHTTP(httptest.NewRecorder(), r)
	if line := log.String(); strings.Contains(line, "joe") || !strings.Contains(line, "USER[@DOMAIN]") {
		t.Error(line)
	}
}

// That a client has not waited for its answer is no failure of the server's.
func TestClientGone(t *testing.T) {
	for name, c := range map[string]struct{ answered, logged int }{
		"it failed for that":       {504, 499},
		"it was done all the same": {201, 201},
		"it was refused before":    {404, 404},
	} {
		var log bytes.Buffer
		s, _ := newServer(server.Options{Log: zerolog.New(&log)}, func(w http.ResponseWriter, r *http.Request) {
			server.CallFrom(r.Context()).SetRoute("/compute/")
			w.WriteHeader(c.answered)
		})
		ctx, leave := context.WithCancel(t.Context())
		leave()
		s.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "POST", "/compute/", nil))
		if line := log.String(); !strings.Contains(line, `"level":"info"`) || !strings.Contains(line, fmt.Sprintf(`"status":%d`, c.logged)) {
			t.Errorf("%s: %s", name, line)
		}
	}
}

// What a client sends does not fill the log.
func TestAccessLogIsBounded(t *testing.T) {
	var log bytes.Buffer
	s, _ := newServer(server.Options{Log: zerolog.New(&log)}, func(w http.ResponseWriter, r *http.Request) {
		_, err := server.CallFrom(r.Context()).Cloud()
		server.CallFrom(r.Context()).SetError(err)
		_, _ = w.Write([]byte("not sent"))
	})
	r := httptest.NewRequest("HEAD", "/"+strings.Repeat("é", 100_000), nil)
	r.SetBasicAuth(strings.Repeat("u", 100_000)+"@", "secret")
	s.Handler().ServeHTTP(httptest.NewRecorder(), r)
	r = httptest.NewRequest(strings.Repeat("M", 100_000), "/", nil)
	r.Host = strings.Repeat("<", 100_000)
	s.Handler().ServeHTTP(httptest.NewRecorder(), r)
	for line := range strings.Lines(log.String()) {
		if len(line) > 2000 || !json.Valid([]byte(line)) || strings.Contains(line, "\ufffd") {
			t.Errorf("a line of %d bytes: %.1000s", len(line), line)
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 2 || !strings.Contains(log.String(), `"bytes":0`) {
		t.Errorf("%d lines, or HEAD has bytes: %.1000s", n, log.String())
	}
}

// The cause of what is not the client's fault is logged, as an error, and not
// answered.
func TestAccessLogCause(t *testing.T) {
	for status, failed := range map[int]bool{503: true, 504: true, 501: false, 404: false} {
		var log bytes.Buffer
		s, _ := newServer(server.Options{Log: zerolog.New(&log)}, func(w http.ResponseWriter, r *http.Request) {
			server.CallFrom(r.Context()).SetError(model.Errorf(model.Unavailable, "the service cannot answer").Because(errors.New("connection refused")))
			w.WriteHeader(status)
		})
		s.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		if strings.Contains(log.String(), `"cause":"connection refused"`) != failed || strings.Contains(log.String(), `"level":"error"`) != failed {
			t.Errorf("%d is logged as %s", status, &log)
		}
	}
}

func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	s, _ := newServer(server.Options{Metrics: registry, Gatherer: registry}, func(w http.ResponseWriter, r *http.Request) {
		server.CallFrom(r.Context()).SetRoute("/compute/{id}")
		w.WriteHeader(201)
	})
	s.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/compute/1", nil))
	s.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("BREW", "/compute/2", nil))
	want := `
# HELP occimi_http_requests_total Requests answered.
# TYPE occimi_http_requests_total counter
occimi_http_requests_total{code="201",method="GET",protocol="occi",route="/compute/{id}"} 1
occimi_http_requests_total{code="201",method="other",protocol="occi",route="/compute/{id}"} 1
# HELP occimi_http_requests_in_flight Requests being answered.
# TYPE occimi_http_requests_in_flight gauge
occimi_http_requests_in_flight{protocol="occi",route="/compute/{id}"} 0
# HELP occimi_http_requests_refused_total Requests refused because too many were in flight.
# TYPE occimi_http_requests_refused_total counter
occimi_http_requests_refused_total{protocol="occi"} 0
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want),
		"occimi_http_requests_total", "occimi_http_requests_in_flight", "occimi_http_requests_refused_total"); err != nil {
		t.Error(err)
	}
	w := httptest.NewRecorder()
	s.AdminHandler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if !strings.Contains(w.Body.String(), "occimi_upstream_calls_per_request_bucket") {
		t.Error("/metrics lacks the upstream calls")
	}
}
