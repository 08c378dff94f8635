package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what the server counts. The route label is always a template.
type metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight *prometheus.GaugeVec
	size     *prometheus.HistogramVec
	upstream *prometheus.HistogramVec
	refused  *prometheus.CounterVec
	panics   prometheus.Counter
}

// newMetrics registers the metrics. Refusals are counted from 0 for each of the
// protocols: of a counter that appears with its first burst, Prometheus sees no
// increase.
func newMetrics(r prometheus.Registerer, mounts []Mount) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "occimi_http_requests_total", Help: "Requests answered.",
		}, []string{"protocol", "route", "method", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "occimi_http_request_duration_seconds", Help: "Time from a request's first byte to the answer's last.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 25, 60},
		}, []string{"protocol", "route", "method"}),
		inFlight: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "occimi_http_requests_in_flight", Help: "Requests being answered.",
		}, []string{"protocol", "route"}),
		size: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "occimi_http_response_size_bytes", Help: "Size of answers' bodies.",
			Buckets: prometheus.ExponentialBuckets(256, 8, 7),
		}, []string{"protocol"}),
		upstream: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "occimi_upstream_calls_per_request", Help: "Calls to OpenStack made for one request.",
			Buckets: []float64{0, 1, 2, 3, 4, 6, 8, 12, 20, 50},
		}, []string{"protocol", "route"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "occimi_http_requests_refused_total", Help: "Requests refused because too many were in flight.",
		}, []string{"protocol"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "occimi_panics_total", Help: "Requests that ended in a defect of this program.",
		}),
	}
	r.MustRegister(m.requests, m.duration, m.inFlight, m.size, m.upstream, m.refused, m.panics)
	for _, mount := range mounts {
		m.refused.WithLabelValues(mount.Name)
	}
	return m
}

// done records an answered request.
func (m *metrics) done(protocol, route, method string, status int, bytes int64, calls int, took time.Duration) {
	method = knownMethod(method)
	m.requests.WithLabelValues(protocol, route, method, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(protocol, route, method).Observe(took.Seconds())
	m.size.WithLabelValues(protocol).Observe(float64(bytes))
	m.upstream.WithLabelValues(protocol, route).Observe(float64(calls))
}

// knownMethod keeps clients from making label values up.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodPatch:
		return method
	}
	return "other"
}
