package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxBody is the largest JSON body that is read, in bytes. Image data has no
// limit: it is counted and forgotten.
const maxBody = 8 << 20

// call is one request on its way through a service.
type call struct {
	*Cloud
	req     *http.Request
	service *service
	route   *route
	params  []string // the path's variable parts, in order
	query   url.Values
	data    []byte
	minor   int // of the microversion: 2.93 is 93
	token   *token
	reqID   string
	bare    bool   // without x-compute-request-id, for once
	base    string // http://host:port

	status int
	header http.Header
	out    doc
}

// param gives the i-th variable part of the path.
func (c *call) param(i int) string { return c.params[i] }

// project gives the id of the project that the call is made for; empty for an
// unscoped token.
func (c *call) project() string {
	if c.token == nil || c.token.project == nil {
		return ""
	}
	return c.token.project.id
}

func (c *call) admin() bool { return c.token != nil && c.token.isAdmin() }

// url gives the address of a path of the call's service.
func (c *call) url(path string) string { return c.base + c.service.mount + path }

// answer sets the status; the body is what is written to c.out.
func (c *call) answer(status int) error {
	c.status = status
	return nil
}

// object answers with {key: {members}}.
func (c *call) object(status int, key string, members func()) error {
	c.out.object("", func() { c.out.object(key, members) })
	return c.answer(status)
}

// body reads the request's body as one JSON object; numbers stay as written.
func (c *call) body() (map[string]any, bool) {
	var v map[string]any
	d := json.NewDecoder(bytes.NewReader(c.data))
	d.UseNumber()
	if d.Decode(&v) != nil || v == nil {
		return nil, false
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, false
	}
	return v, true
}

// serve is the way of every request.
func (c *Cloud) serve(w http.ResponseWriter, r *http.Request) {
	svc, segments := c.find(r.URL.EscapedPath())
	if svc == nil {
		http.NotFound(w, r)
		return
	}
	one := &call{Cloud: c, req: r, service: svc, header: http.Header{}, base: baseURL(r)}
	one.query, _ = url.ParseQuery(r.URL.RawQuery)
	one.route, one.params = svc.match(r.Method, segments)

	seen := c.begin()
	defer c.end(one, seen)
	faults := c.faultsFor(one, segments)
	if strike(faults, false, one, w) {
		return
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, one.jsonBody(), maxBody))
	if err != nil {
		one.status = http.StatusRequestEntityTooLarge
		http.Error(w, "request body too large", one.status)
		return
	}
	one.data = data
	one.run()
	if strike(faults, true, one, w) {
		return
	}
	one.write(w)
}

// jsonBody gives the body, or what an upload left of it.
func (c *call) jsonBody() io.ReadCloser {
	if c.route != nil && c.route.upload {
		return io.NopCloser(strings.NewReader(digest(c.req.Body)))
	}
	return c.req.Body
}

// run does the work, under the cloud's lock: the answer is one moment's.
func (c *call) run() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance()
	c.reqID = "req-" + c.id()
	if err := c.service.before(c); err != nil {
		c.fail(err)
		return
	}
	if err := c.wideText(); err != nil {
		c.fail(err)
		return
	}
	if err := c.route.handle(c); err != nil {
		c.fail(err)
	}
}

func (c *call) fail(err error) {
	f, ok := errors.AsType[*failure](err)
	if !ok {
		f = &failure{status: http.StatusInternalServerError, message: "Unexpected API Error."}
	}
	c.out = doc{}
	c.status = f.status
	for k, v := range f.header {
		c.header[k] = v
	}
	c.service.render(c, f)
}

func (c *call) write(w http.ResponseWriter) {
	h := w.Header()
	for k, v := range c.header {
		h[k] = v
	}
	if c.reqID != "" {
		h.Set("X-Openstack-Request-Id", c.reqID)
	}
	if c.service.computeID && !c.bare {
		h.Set("X-Compute-Request-Id", c.reqID)
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json")
	}
	if c.status == 0 {
		c.status = http.StatusOK
	}
	if c.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(c.out.b)))
	}
	w.WriteHeader(c.status)
	if c.req.Method != http.MethodHead && c.status != http.StatusNoContent {
		_, _ = w.Write(c.out.b) // a client that is gone is no concern of the cloud's
	}
}

// failure is a refusal. Its kind is the name that some services give it; the
// detail is what the web framework below them adds.
type failure struct {
	status  int
	kind    string
	message string
	detail  string
	header  http.Header
}

func (f *failure) Error() string { return strconv.Itoa(f.status) + " " + f.message }

func refuse(status int, message string) error {
	return &failure{status: status, message: message}
}

func refuseAs(status int, kind, message string) error {
	return &failure{status: status, kind: kind, message: message}
}

// baseURL is how the client reached the cloud.
func baseURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// slow waits, unless the client goes away before.
func (c *call) slow(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-c.req.Context().Done():
	}
}
