package cimi

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/occimi/occimi/frontends/server"
	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/cimi"
)

// statuses are the status codes of the model's errors.
var statuses = map[model.Code]int{
	model.NotFound:     http.StatusNotFound,
	model.Invalid:      http.StatusBadRequest,
	model.Conflict:     http.StatusConflict,
	model.Forbidden:    http.StatusForbidden,
	model.Unauthorized: http.StatusUnauthorized,
	model.Quota:        http.StatusForbidden,
	model.RateLimited:  http.StatusTooManyRequests,
	model.Unavailable:  http.StatusServiceUnavailable,
	model.Unsupported:  http.StatusNotImplemented,
	model.Timeout:      http.StatusGatewayTimeout,
	model.Internal:     http.StatusInternalServerError,
}

// refusal is an error of HTTP, which the model has no code for.
type refusal struct {
	status int
	cause  *model.Error
}

func refuse(status int, format string, args ...any) error {
	return &refusal{status, model.Errorf(model.Invalid, format, args...)}
}

func (r *refusal) Error() string { return fmt.Sprintf("%d: %s", r.status, r.cause.Message) }
func (r *refusal) Unwrap() error { return r.cause }

// challenge is what clients without good credentials are asked for.
const challenge = `Basic realm="Occimi", charset="UTF-8"`

// fail answers with an error: a Job in the client's format (DSP0263 4.2.2).
func (x *exchange) fail(err error) {
	x.call.SetError(err)
	e := model.AsError(err)
	status := statuses[e.Code]
	if r, ok := errors.AsType[*refusal](err); ok {
		status = r.status
	}
	if status == http.StatusUnauthorized {
		x.setHeader("WWW-Authenticate", challenge)
	}
	server.SetRetryAfter(x.w.Header(), status, e)
	d, job := x.session.Failure(x.r.Context(), err, status, x.target, x.method)
	if job != "" {
		x.setHeader(jobHeader, job)
	}
	_ = x.send(status, d.Append(nil, x.format))
}

// jobHeader leads to the job of a write (DSP0263 4.2.1.6).
const jobHeader = "CIMI-Job-URI"

// done answers a write that succeeded. That something which goes with it could not
// be kept is for the operator to know: what was asked for was done.
func (x *exchange) done(status int, o cimi.Outcome) error {
	if o.Unkept != nil {
		x.call.SetError(o.Unkept)
	}
	if o.Job != "" {
		x.setHeader(jobHeader, o.Job)
	}
	if o.Location != "" {
		x.setHeader("Location", o.Location)
	}
	return x.write(status, o.Document)
}

func (x *exchange) setHeader(name, value string) { x.w.Header().Set(name, value) }

// write answers with a success. After a form the browser goes on to a page that
// it can load again without doing the same again.
func (x *exchange) write(status int, d *cimi.Document) error {
	if x.form != nil {
		x.setHeader("Location", x.session.PageAfter(x.target, *x.form, x.w.Header().Get("Location")))
		return x.send(http.StatusSeeOther, nil)
	}
	if d == nil {
		return x.send(status, nil)
	}
	return x.send(status, d.Append(nil, x.format))
}

// send sends a body in the exchange's format; nil: none. An error while writing
// is the client going away.
func (x *exchange) send(status int, body []byte) error {
	x.setHeader("CIMI-Specification-Version", x.specification)
	x.setHeader("Vary", "Accept, CIMI-Specification-Version")
	x.setHeader("X-Content-Type-Options", "nosniff")
	if body != nil {
		x.setHeader("Content-Type", x.format.MediaType()+"; charset=utf-8")
		if x.format == cimi.HTML {
			server.ProtectPage(x.w.Header())
		}
	}
	if status != http.StatusNotModified { // whose length would be that of what is not sent
		x.setHeader("Content-Length", strconv.Itoa(len(body)))
	}
	x.w.WriteHeader(status)
	_, _ = x.w.Write(body) // net/http drops it for HEAD
	return nil
}
