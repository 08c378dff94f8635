package occi

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/occimi/occimi/frontends/server"
	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/occi"
)

// statuses gives each failure its status, of those that OCCI 1.2 HTTP 5.5 lists:
// clients need not understand others.
var statuses = map[model.Code]int{
	model.NotFound:     http.StatusNotFound,
	model.Invalid:      http.StatusBadRequest,
	model.Conflict:     http.StatusConflict,
	model.Forbidden:    http.StatusForbidden,
	model.Unauthorized: http.StatusUnauthorized,
	model.Quota:        http.StatusConflict,
	model.RateLimited:  http.StatusServiceUnavailable,
	model.Unavailable:  http.StatusServiceUnavailable,
	model.Unsupported:  http.StatusNotImplemented,
	model.Timeout:      http.StatusServiceUnavailable,
	model.Internal:     http.StatusInternalServerError,
}

// statusError is a failure that is HTTP's own, so that no model.Code says it.
type statusError struct {
	status  int
	message string
	allow   string
}

func (e *statusError) Error() string { return e.message }

// fail answers with an error, in the rendering asked for if that can be told.
func (x *exchange) fail(err error) {
	h := x.w.Header()
	var status int
	var message string
	var own *statusError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &own):
		status, message = own.status, own.message
		x.call.SetError(model.Errorf(model.Invalid, "%s", message))
		if own.allow != "" {
			h.Set("Allow", own.allow)
		}
	case errors.As(err, &tooLarge):
		status, message = http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", tooLarge.Limit)
		x.call.SetError(model.Errorf(model.Invalid, "%s", message))
	default:
		e := model.AsError(err)
		status, message = cmp.Or(statuses[e.Code], http.StatusInternalServerError), e.Message
		x.call.SetError(err)
		server.SetRetryAfter(h, status, e)
	}
	x.media, err = negotiate(x.r.Header.Values("Accept"), mediaTypes)
	if err != nil || status == http.StatusNotAcceptable {
		x.media = mediaTypes[0]
	}
	switch {
	case status != http.StatusUnauthorized:
	case x.media.format == occi.HTML: // a browser asks its user
		h["WWW-Authenticate"] = []string{`Basic realm="OpenStack", charset="UTF-8"`}
	case x.cfg.KeystoneURL != "":
		// rOCCI wants this and nothing else, in one field; jOCCI wants single quotes.
		h["WWW-Authenticate"] = []string{"Keystone uri='" + x.cfg.KeystoneURL + "'"}
	}
	x.send(status, occi.RenderError(x.media.format, status, message))
}

// answer renders and writes a success.
func (x *exchange) answer(status int, a occi.Answer) error {
	a.At = x.place
	rendering, err := x.session.Render(x.media.format, a)
	if err != nil {
		return err
	}
	return x.write(status, rendering)
}

// write sends a rendering, unless its header fields are more than clients and
// proxies take. What has been done by then is not called a failure: it is
// answered with OK alone.
func (x *exchange) write(status int, rendering occi.Rendering) error {
	size := 0
	for _, f := range rendering.Fields {
		size += len(f.Name) + len(f.Value)
	}
	switch {
	case size <= x.cfg.MaxHeaderBytes:
	case x.r.Method != http.MethodGet && x.r.Method != http.MethodHead:
		rendering.Fields = nil
	default:
		return &statusError{
			status: http.StatusNotAcceptable,
			message: fmt.Sprintf("the answer is %d bytes long, and header fields are limited to %d: ask for text/plain",
				size, x.cfg.MaxHeaderBytes),
		}
	}
	x.send(status, rendering)
	return nil
}

func (x *exchange) send(status int, rendering occi.Rendering) {
	h := x.w.Header()
	h.Set("Content-Type", x.media.name+x.media.charset)
	h.Set("Content-Length", strconv.Itoa(len(rendering.Body)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept, User-Agent")
	h.Set("Accept", acceptable)
	if v, _ := clientVersion(x.r.UserAgent()); v == occi.V1_1 {
		h.Set("Accept", acceptableText)
	}
	if x.media.format == occi.HTML {
		server.ProtectPage(h)
	}
	for _, f := range rendering.Fields {
		h[f.Name] = []string{f.Value} // Set would change the spelling
	}
	x.w.WriteHeader(status)
	_, _ = x.w.Write(rendering.Body) // an error here is the client going away
}

func allow(handlers map[string]handler) string {
	methods := []string{http.MethodOptions}
	for method := range handlers {
		methods = append(methods, method)
	}
	if handlers[http.MethodGet] != nil {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	return strings.Join(methods, ", ")
}
