// Package cimi is the HTTP of DMTF CIMI: URIs, negotiation of version and
// format, methods and status codes. What the bytes mean is for translate/cimi.
package cimi

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/occimi/occimi/frontends/server"
	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/cimi"
)

// Config are a frontend's settings.
type Config struct {
	// Path is where the frontend is mounted; empty: /cimi/. Version 1 is below
	// Path at 1/, version 2 at 2/.
	Path string
	// Options are the choices about representations.
	Options cimi.Options
	// Documents keeps what a cloud cannot: templates, jobs. Nil: they are not
	// served.
	Documents model.Documents
	// NewID and Now replace the source of ids and the clock in tests.
	NewID func() string
	Now   func() time.Time
}

// New makes the frontend. Mount it at its Path.
func New(c Config) server.Frontend {
	f := &frontend{Config: c, path: "/" + strings.Trim(c.Path, "/") + "/"}
	if c.Path == "" {
		f.path = "/cimi/"
	}
	if f.path == "//" {
		f.path = "/"
	}
	if f.Now == nil {
		f.Now = time.Now
	}
	if f.NewID == nil {
		f.NewID = uuid.NewString
	}
	return f
}

type frontend struct {
	Config
	path string
}

// pageSize is how many items of a collection a page shows at once, unless it is
// asked for another number.
const pageSize = 100

// exchange is one request on its way to an answer.
type exchange struct {
	w       http.ResponseWriter
	r       *http.Request
	call    *server.Call
	session *cimi.Session
	// specification is the version of the specification that the answer is in.
	specification string
	target        cimi.Target
	query         cimi.Query
	format        cimi.Format
	// method is the one that is meant, and form what a page sent, if one did.
	method string
	form   *cimi.Form
}

// ServeHTTP implements server.Frontend.
func (f *frontend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := f.begin(w, r)
	if err := f.answer(x); err != nil {
		x.fail(err)
	}
}

// Fail implements server.Frontend.
func (f *frontend) Fail(w http.ResponseWriter, r *http.Request, err error) {
	x := f.begin(w, r)
	x.format, _ = negotiate(r.Header.Values("Accept"), strings.ToLower(r.URL.Query().Get("$format")))
	x.fail(err)
}

// begin finds out as much about a request as is needed to answer with an error.
func (f *frontend) begin(w http.ResponseWriter, r *http.Request) *exchange {
	call := server.CallFrom(r.Context())
	at, _ := f.locate(r)
	session := cimi.NewSession(at.version, call.BaseURL+f.path, f.Options, f.Now)
	session.Documents, session.NewID = f.Documents, f.NewID
	return &exchange{w: w, r: r, call: call, method: r.Method, session: session, specification: at.specification}
}

// location is what a request's path says.
type location struct {
	version       cimi.Version
	specification string // its version, as the client asked for it
	below         string // the path below the version's base URI
	shared        bool   // the path names no version
}

// locate splits a request's path into a version and what is below its base URI.
// A path is of one version, which its hrefs keep; CIMI-Specification-Version, in
// which clients of 1.x list the versions that they understand, chooses where the
// path names none, and must have that of the path where it does.
func (f *frontend) locate(r *http.Request) (location, error) {
	rest := strings.TrimPrefix(r.URL.EscapedPath()+"/", f.path)
	at := location{version: cimi.V1, below: rest, shared: true}
	served := []cimi.Version{cimi.V1, cimi.V2}
	first, below, _ := strings.Cut(rest, "/")
	for _, v := range served {
		if first == v.String() {
			at, served = location{version: v, below: below}, []cimi.Version{v}
		}
	}
	at.specification = at.version.Specification()
	if wanted := strings.Join(r.Header.Values("CIMI-Specification-Version"), ","); wanted != "" {
		v, specification := cimi.ParseVersions(wanted, served...)
		switch {
		case specification != "":
			at.version, at.specification = v, specification
		case at.shared:
			return at, model.Errorf(model.Invalid, "CIMI-Specification-Version: %q is not served; versions are 1.0.1, 1.1.0 and 2.0.0", wanted)
		default:
			return at, model.Errorf(model.Invalid, "CIMI-Specification-Version: %q is not what is served here: that is %s", wanted, at.version.Specification())
		}
	}
	return at, nil
}

// answer does what the request asks for. Nothing has been written if it fails.
func (f *frontend) answer(x *exchange) error {
	// Parameters that cannot be read are parameters that CIMI does not define.
	values, _ := url.ParseQuery(x.r.URL.RawQuery)
	var formatErr, queryErr error
	x.query, queryErr = cimi.ParseQuery(values)
	if x.format, formatErr = negotiate(x.r.Header.Values("Accept"), x.query.Format); x.format == cimi.HTML {
		x.query = x.query.Paged(pageSize)
	}
	if err := x.readForm(); err != nil {
		return err
	}
	at, err := f.locate(x.r)
	if err != nil {
		return err
	}
	if x.target, err = f.find(at); err != nil {
		return err
	}
	x.call.SetRoute(f.path + x.session.Version.String() + "/" + x.target.Template())
	methods := x.target.Methods()
	if x.method == http.MethodOptions {
		x.setHeader("Allow", strings.Join(append(methods, http.MethodOptions), ", "))
		return x.write(http.StatusOK, nil)
	}
	if !slices.Contains(methods, x.method) {
		x.setHeader("Allow", strings.Join(append(methods, http.MethodOptions), ", "))
		return refuse(http.StatusMethodNotAllowed, "%s is not possible here; possible is %s", x.method, strings.Join(methods, ", "))
	}
	for _, err := range []error{formatErr, queryErr, x.logIn()} {
		if err != nil {
			return err
		}
	}
	if x.method != http.MethodGet && x.method != http.MethodHead {
		if err := x.checkState(x.r.Context()); err != nil {
			return err
		}
	}
	return handlers[x.method](x.r.Context(), x)
}

// find resolves a location. Only the Cloud Entry Point is found without a
// version.
func (f *frontend) find(at location) (cimi.Target, error) {
	target, err := cimi.Find(at.version, at.below)
	if err == nil && at.shared && !target.IsEntryPoint() {
		return cimi.Target{}, model.Errorf(model.NotFound, "there is nothing here: resources are below %s%s/", f.path, at.version)
	}
	return target, err
}

// logIn opens the tenant's cloud. The Cloud Entry Point can be read without
// credentials; given ones count there too.
func (x *exchange) logIn() error {
	if x.target.IsEntryPoint() && x.call.Anonymous {
		return nil
	}
	var err error
	x.session.Cloud, err = x.call.Cloud()
	return err
}

// handlers do what a method means for a target that has it.
var handlers = map[string]func(context.Context, *exchange) error{
	http.MethodGet:    read,
	http.MethodHead:   read,
	http.MethodPost:   post,
	http.MethodPut:    update,
	http.MethodDelete: remove,
}

// read answers with a representation, unless the client says that it has it
// (RFC 9110 13.1).
func read(ctx context.Context, x *exchange) error {
	d, err := x.session.Read(ctx, x.target, x.query)
	if err != nil {
		return err
	}
	if x.format == cimi.HTML {
		d = d.WithChoices(ctx)
	}
	body := d.Append(nil, x.format)
	tag := []string{etag(body)}
	h := x.r.Header
	if match := h.Values("If-Match"); match != nil && !anyMatches(match, tag, false) {
		return refuse(http.StatusPreconditionFailed, "If-Match: the representation is another one")
	}
	x.setHeader("ETag", tag[0])
	if anyMatches(h.Values("If-None-Match"), tag, true) {
		return x.write(http.StatusNotModified, nil)
	}
	return x.send(http.StatusOK, body)
}

// post makes an item of a collection, or does an operation. What it makes is
// answered with 201, what it starts with 202 (DSP0263 4.2.1).
func post(ctx context.Context, x *exchange) error {
	body, err := x.body()
	if err != nil {
		return err
	}
	do := x.session.Create
	if x.target.IsOperation() {
		do = x.session.Act
	}
	o, err := do(ctx, x.target, body)
	if err != nil {
		return err
	}
	if o.Location == "" {
		return x.done(http.StatusAccepted, o)
	}
	return x.done(http.StatusCreated, o)
}

// update answers with 202 if the change goes on after the answer (DSP0263 4.2.1.6).
func update(ctx context.Context, x *exchange) error {
	body, err := x.body()
	if err != nil {
		return err
	}
	o, err := x.session.Update(ctx, x.target, x.query, body)
	if err != nil {
		return err
	}
	if o.Running {
		return x.done(http.StatusAccepted, o)
	}
	return x.done(http.StatusOK, o)
}

// remove answers with 200 also if the deletion goes on after the answer: known
// clients take nothing else.
func remove(ctx context.Context, x *exchange) error {
	o, err := x.session.Delete(ctx, x.target)
	if err != nil {
		return err
	}
	return x.done(http.StatusOK, o)
}
