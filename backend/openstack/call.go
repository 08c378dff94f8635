package openstack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/occimi/occimi/model"
)

// request is one call to a service.
type request struct {
	// name is the call's name in metrics and logs: server_list.
	name   string
	method string
	// path is below the endpoint, its segments escaped.
	path  string
	query url.Values
	// body is encoded to JSON, and answer is what the answer is decoded into; nil for
	// none. The first field of answer is what was asked for, and its own first field
	// what each such thing has, mostly an id: see told.
	body, answer any
	header       map[string]string
	// ok are the statuses of success; nil: those usual for the method.
	ok []int
}

// send makes a call: within the configured time, repeated if that is safe, its
// error a *model.Error.
func (p *Provider) send(ctx context.Context, client *gophercloud.ServiceClient, r request) (http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, p.config.CallTimeout)
	defer cancel()
	ctx = context.WithValue(ctx, labelKey{}, label{service: model.Service(client.Type), request: r.name})

	at := client.Endpoint + r.path
	if len(r.query) > 0 {
		at += "?" + r.query.Encode()
	}
	ok := r.ok
	if ok == nil {
		ok = []int{http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent}
	}
	var response *http.Response
	var err error
	for failures := uint(1); ; failures++ {
		response, err = client.Request(ctx, r.method, at, &gophercloud.RequestOpts{ //nolint:bodyclose // gophercloud closes it, or decode
			JSONBody:         r.body,
			MoreHeaders:      r.header,
			OkCodes:          ok,
			KeepResponseBody: r.answer != nil,
		})
		if err != nil || r.answer == nil {
			break
		}
		if err = decode(response.Body, r.answer); err == nil || retry(ctx, r.method, "", nil, err, failures) != nil {
			break
		}
	}
	if err != nil {
		l := label{service: model.Service(client.Type), request: r.name}
		if unkept := unkeptText(l, r, err); unkept != nil {
			return nil, unkept
		}
		return nil, upstreamError(l, err)
	}
	if r.answer != nil && !told(reflect.ValueOf(r.answer)) {
		return nil, malformed(label{service: model.Service(client.Type), request: r.name})
	}
	return response.Header, nil
}

// buffers are for answers that are read: a list of 1000 servers has 2 MB.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

const maxBuffer = 8 << 20 // bytes of a buffer that is kept

// decode reads an answer and closes it.
func decode(body io.ReadCloser, answer any) error {
	defer func() { _ = body.Close() }()
	buffer := buffers.Get().(*bytes.Buffer)
	defer func() {
		if buffer.Cap() <= maxBuffer {
			buffer.Reset()
			buffers.Put(buffer)
		}
	}()
	if _, err := buffer.ReadFrom(body); err != nil {
		return err
	}
	return json.Unmarshal(buffer.Bytes(), answer)
}

// told tells whether an answer has what was asked for. Any JSON object decodes into
// a struct: without this, a page of something that stands before the service ("{}",
// with status 200) would say that there is nothing, or that nothing is left.
func told(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer:
		return !v.IsNil() && told(v.Elem())
	case reflect.Struct:
		return told(v.Field(0))
	case reflect.Map:
		for _, key := range v.MapKeys() {
			if !told(v.MapIndex(key)) {
				return false
			}
		}
		return v.Len() > 0
	case reflect.Slice:
		for i := range v.Len() {
			if !told(v.Index(i)) {
				return false
			}
		}
		return !v.IsNil() // but it may be empty
	}
	return !v.IsZero()
}

// retries is how often an idempotent call is repeated at most.
const retries = 2

// retry is gophercloud's RetryFunc: it returns nil to have the call repeated.
// Only reads are, when the connection broke or a balancer had no server for
// them, and within the deadline.
func retry(ctx context.Context, method, _ string, _ *gophercloud.RequestOpts, err error, failures uint) error {
	if method != http.MethodGet || failures > retries || !passing(err) {
		return err
	}
	// 50 to 150 ms, then 100 to 300: two tries of many clients shall not meet.
	base := 50 * time.Millisecond << (failures - 1)
	pause := time.NewTimer(base + rand.N(2*base))
	defer pause.Stop()
	select {
	case <-pause.C:
		return nil
	case <-ctx.Done():
		return err
	}
}

// passing tells whether a failure is likely to be over in a moment.
func passing(err error) bool {
	if unexpected, ok := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err); ok {
		busy := unexpected.Actual == http.StatusBadGateway || unexpected.Actual == http.StatusServiceUnavailable
		return busy && unexpected.ResponseHeader.Get("Retry-After") == ""
	}
	if refused := errors.Is(err, syscall.ECONNREFUSED); refused {
		return true
	}
	if netErr, ok := errors.AsType[net.Error](err); ok && netErr.Timeout() {
		return false
	}
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// isID tells whether id, which came from a client, could be one of OpenStack's.
func isID(id string) bool {
	hostile := strings.ContainsFunc(id, func(r rune) bool {
		return r == '/' || r == '\\' || r == '?' || r == '#' || r == '%' || unicode.IsControl(r)
	})
	return id != "" && id != "." && id != ".." && len(id) <= 255 && utf8.ValidString(id) && !hostile
}

// segment makes a path segment of an id that came from a client. What cannot be
// an id is NotFound, without a call.
func segment(noun, id string) (string, error) {
	if !isID(id) {
		return "", model.Errorf(model.NotFound, "there is no %s %q", noun, bounded(id, 64))
	}
	return url.PathEscape(id), nil
}

// pages is more than any list has: whoever sends more has no end of them.
const pages = 10000

// list gathers all pages of a list. decode gives the answer to decode a page
// into, and a function that takes the page's items and tells where the next
// page is: a URL, or "" for the end.
func (c *cloud) list(ctx context.Context, s model.Service, r request, decode func() (answer any, take func() (next string))) error {
	client, _, err := c.service(ctx, s)
	if err != nil {
		return err
	}
	r.method = http.MethodGet
	followed := map[string]bool{}
	for range pages {
		answer, take := decode()
		r.answer = answer
		if _, err := c.p.send(ctx, client, r); err != nil {
			return err
		}
		next := take()
		if next == "" {
			return nil
		}
		// Only the marker of the link is followed: its host may be one that is
		// known only inside of the cloud, or a stranger that waits for tokens.
		u, err := url.Parse(next)
		if err != nil {
			break
		}
		link := u.Query()
		marker := link.Get("marker")
		if marker == "" || followed[marker] { // pages in a circle
			break
		}
		followed[marker] = true
		q := url.Values{"marker": {marker}}
		for k, v := range r.query {
			if k != "marker" {
				q[k] = v
			}
		}
		if limit := link.Get("limit"); limit != "" {
			q.Set("limit", limit)
		}
		r.query = q
	}
	return model.Errorf(model.Unavailable, "the %s service gave a list without an end", s)
}

// links is how Nova, Neutron and Cinder tell of the next page.
type links []struct {
	Rel  string `json:"rel"`
	Href string `json:"href"`
}

func (l links) next() string {
	for _, link := range l {
		if link.Rel == "next" {
			return link.Href
		}
	}
	return ""
}
