// Package occi answers OCCI 1.1 and 1.2 over HTTP (GFD.185, GFD.223): it finds
// the way from paths and methods to the operations of translate/occi, agrees on
// a version and a rendering, and gives every outcome its status.
package occi

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"github.com/occimi/occimi/frontends/server"
	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/occi"
)

// WellKnown is the path of the query interface that does not depend on where
// the service is: the frontend wants to be mounted there too.
const WellKnown = occi.WellKnown

// Config is what an operator may choose. The zero value serves at the root.
type Config struct {
	// Path is the service's root, where it is mounted: "/" if empty.
	Path string
	// KeystoneURL is where clients get tokens: they are sent there when they come
	// without one (WWW-Authenticate). Without a version at the end: rOCCI and
	// jOCCI find or add one themselves.
	KeystoneURL string
	// MaxPage is the largest page of a listing that may be asked for; 0: 1000.
	MaxPage int
	// MaxHeaderBytes is how much text/occi may put into the header of an answer;
	// 0: 32 KiB. Longer answers are not acceptable (406) in that rendering.
	MaxHeaderBytes int
	// CoreLocations gives the kinds entity, resource and link locations. OCCI 1.2
	// forbids one for entity; jOCCI and rOCCI 5 work only with one.
	CoreLocations bool
	// Tags keeps the definitions of mixins of users' own; nil: they are not
	// offered.
	Tags model.Tags
	// Reserved are paths at which something other than OCCI is served: no mixin
	// can be there.
	Reserved []string
}

// frontend is the protocol, without any state of its own.
type frontend struct{ cfg Config }

// New makes the OCCI frontend.
func New(cfg Config) server.Frontend {
	cfg.Path = "/" + strings.Trim(cfg.Path, "/") + "/"
	if cfg.Path == "//" {
		cfg.Path = "/"
	}
	cfg.MaxPage = cmp.Or(cfg.MaxPage, 1000)
	cfg.MaxHeaderBytes = cmp.Or(cfg.MaxHeaderBytes, 32<<10)
	return &frontend{cfg}
}

// exchange is one request and its answer.
type exchange struct {
	*frontend
	w       http.ResponseWriter
	r       *http.Request
	call    *server.Call
	session *occi.Session
	place   occi.Place
	query   query
	media   mediaType
	form    *occi.Message // what a page's form says, if the request is one
}

// ServeHTTP implements http.Handler.
func (f *frontend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := f.serve(w, r); err != nil {
		f.Fail(w, r, err)
	}
}

func (f *frontend) serve(w http.ResponseWriter, r *http.Request) error {
	x := &exchange{frontend: f, w: w, r: r, call: server.CallFrom(r.Context())}
	links := occi.Links{Base: x.call.BaseURL, Path: f.cfg.Path}
	local, ok := links.Cut(r.URL.Path)
	x.place = occi.Locate(local, f.cfg.CoreLocations)
	// The well-known query interface is at the host's root, wherever the service
	// itself is.
	if !ok && x.place.Pattern != occi.WellKnown {
		x.call.SetRoute("other")
		return model.Errorf(model.NotFound, "there is nothing at this path: OCCI is served at %s", f.cfg.Path)
	}
	route := x.place.Pattern
	if ok {
		route = f.cfg.Path + route[1:]
	}
	x.call.SetRoute(route)

	version, err := clientVersion(r.UserAgent())
	if err != nil {
		return err
	}
	cloud, err := x.call.Cloud()
	if err != nil {
		return err
	}
	// After a DELETE, clients expect 404 at once.
	x.session = occi.NewSession(cloud.WithoutDeleting(), links, version, f.cfg.CoreLocations)
	x.session.Tags = f.cfg.Tags
	for _, path := range f.cfg.Reserved {
		if local, ok := links.Cut(path); ok {
			x.session.Reserved = append(x.session.Reserved, local)
		}
	}
	if x.media, err = negotiate(r.Header.Values("Accept"), mediaTypes); err != nil {
		return err
	}
	if x.query, err = parseQuery(r.URL.RawQuery); err != nil {
		return err
	}
	if x.place, err = x.session.Resolve(r.Context(), x.place); err != nil {
		return err
	}
	return x.dispatch()
}

// dispatch answers by method.
func (x *exchange) dispatch() error {
	handlers := x.handlers()
	method, err := x.method()
	if err != nil {
		return err
	}
	if method == http.MethodHead {
		method = http.MethodGet // net/http leaves the body out
	}
	if method == http.MethodOptions {
		x.w.Header().Set("Allow", allow(handlers))
		return x.write(http.StatusOK, occi.Rendering{})
	}
	handle := handlers[method]
	if handle == nil {
		return &statusError{
			status:  http.StatusMethodNotAllowed,
			message: fmt.Sprintf("%s is not allowed here: %s are", method, allow(handlers)),
			allow:   allow(handlers),
		}
	}
	return handle(x)
}

// Fail implements server.Frontend.
func (f *frontend) Fail(w http.ResponseWriter, r *http.Request, err error) {
	x := &exchange{frontend: f, w: w, r: r, call: server.CallFrom(r.Context())}
	x.fail(err)
}
