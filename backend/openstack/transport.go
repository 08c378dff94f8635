package openstack

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/occimi/occimi/model"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// Bounds of what is read of an answer, in bytes.
const (
	maxAnswer      = 64 << 20 // a list of 1000 servers has 2 MB
	maxErrorAnswer = 64 << 10
	maxDrain       = 4 << 10
)

// label names a call in metrics and logs; its context carries it.
type label struct {
	service model.Service
	request string
}

type labelKey struct{}

// transport is what every call to OpenStack goes through: it passes on the
// request's id, counts, measures, logs and bounds the answer.
type transport struct {
	base    http.RoundTripper
	metrics *metrics
	log     zerolog.Logger
	now     func() time.Time
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	l, _ := ctx.Value(labelKey{}).(label)
	req := model.RequestFrom(ctx)
	req.CountCall()
	if req != nil && req.ID != "" {
		r = r.Clone(ctx)
		r.Header.Set("X-Openstack-Request-Id", "req-"+req.ID)
	}
	begun := t.now()
	response, err := t.base.RoundTrip(r)
	code := "none"
	if response != nil {
		code = strconv.Itoa(response.StatusCode)
		response.Body = bound(response)
	}
	took := t.now().Sub(begun)
	t.metrics.observe(l, code, took)
	if e := t.log.Debug(); e.Enabled() {
		e = e.Str("service", string(l.service)).Str("request", l.request).Str("code", code).Dur("took_ms", took)
		if req != nil {
			e = e.Str("request_id", req.ID)
		}
		if response != nil {
			e = e.Str("upstream_id", upstreamID(response.Header))
		}
		e.Msg("openstack call")
	}
	return response, err
}

// errTooLarge is what reading an answer gives beyond the bound.
var errTooLarge = errors.New("the answer is too large")

// body is a response body that ends at a bound: with an error for an answer, at
// once for an error page, of which only the beginning matters.
type body struct {
	io.ReadCloser
	left  int64
	large error
}

func bound(r *http.Response) io.ReadCloser {
	if r.StatusCode >= http.StatusBadRequest {
		return &body{r.Body, maxErrorAnswer, io.EOF}
	}
	return &body{r.Body, maxAnswer, errTooLarge}
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, b.large
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	return n, err
}

// Close reads what little may be left, so that the connection can be used
// again: a JSON decoder stops before the end.
func (b *body) Close() error {
	_, _ = io.CopyN(io.Discard, b.ReadCloser, maxDrain)
	return b.ReadCloser.Close()
}

// metrics are the adapter's, under the names that OpenStack operators know.
type metrics struct {
	duration *prometheus.HistogramVec
	requests *prometheus.CounterVec
	errors   *prometheus.CounterVec
	logins   *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "openstack_api_request_duration_seconds",
			Help:    "Time from sending a call to OpenStack to its answer's headers.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"service", "request"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "openstack_api_requests_total",
			Help: "Calls to OpenStack, by the status of the answer (none: there was no answer).",
		}, []string{"service", "request", "code"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "openstack_api_request_errors_total",
			Help: "Calls to OpenStack that failed: no answer, or a status of 400 or more.",
		}, []string{"service", "request", "code"}),
		logins: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "occimi_login_cache_total",
			Help: "Logins, by whether they were remembered (hit) or cost calls to Keystone (miss).",
		}, []string{"result"}),
	}
	if r != nil {
		r.MustRegister(m.duration, m.requests, m.errors, m.logins)
	}
	return m
}

func (m *metrics) observe(l label, code string, took time.Duration) {
	m.duration.WithLabelValues(string(l.service), l.request).Observe(took.Seconds())
	m.requests.WithLabelValues(string(l.service), l.request, code).Inc()
	if code == "none" || code >= "400" {
		m.errors.WithLabelValues(string(l.service), l.request, code).Inc()
	}
}

func (m *metrics) login(hit bool) {
	result := "miss"
	if hit {
		result = "hit"
	}
	m.logins.WithLabelValues(result).Inc()
}
