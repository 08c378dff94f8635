package server

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/occimi/occimi/model"
)

// A Frontend is one protocol. It answers everything below the path that it is
// mounted at; it finds what the server knows about a request with CallFrom.
type Frontend interface {
	http.Handler
	// Fail answers with err in the client's own format. The server calls it for
	// what goes wrong outside of ServeHTTP: too many requests in flight
	// (model.Unavailable), a panic (model.Internal). Nothing has been written
	// when it is called.
	Fail(w http.ResponseWriter, r *http.Request, err error)
}

// Call is what the server knows about one request.
type Call struct {
	// Request carries the id that the client sees, and counts upstream calls.
	Request *model.Request
	// BaseURL is scheme and authority as the client sees them, without a path
	// and without a trailing slash: https://cloud.example.org:8787.
	BaseURL string
	// Anonymous tells that the client sent no credentials at all.
	Anonymous bool

	login   func() (model.Cloud, error)
	project string
	route   string
	onRoute func(template string)
	err     error
}

type callKey struct{}

// CallFrom gives the call that the request belongs to. Every request that
// reaches a Frontend through a Server has one.
func CallFrom(ctx context.Context) *Call {
	c, _ := ctx.Value(callKey{}).(*Call)
	return c
}

// Cloud logs in with the request's credentials, once; later calls give the same
// answer. Errors: as model.Provider.Login; Unauthorized without credentials.
func (c *Call) Cloud() (model.Cloud, error) { return c.login() }

// SetRoute names the route for metrics and logs: a template with the variable
// parts in braces (/compute/{id}), never the raw path.
// Only the first call counts.
func (c *Call) SetRoute(template string) {
	if c.route == "" {
		c.route = template
		c.onRoute(template)
	}
}

// SetError tells the server what error was answered, so that its cause can be
// logged: the client does not see causes.
func (c *Call) SetError(err error) { c.err = err }

// newCall makes a call that logs in at most once.
func newCall(ctx context.Context, r *http.Request, req *model.Request, base string, p model.Provider) *Call {
	c := &Call{Request: req, BaseURL: base, Anonymous: anonymous(r), onRoute: func(string) {}}
	c.login = sync.OnceValues(func() (model.Cloud, error) {
		creds, err := credentials(r)
		if err != nil {
			return nil, err
		}
		cloud, err := p.Login(ctx, creds)
		if err == nil {
			c.project = cloud.Identity().ProjectID
		}
		return cloud, err
	})
	return c
}

// SetRetryAfter tells in a header when a request that was refused may be tried again:
// what the cloud said or, of what is only unavailable (503), soon.
func SetRetryAfter(h http.Header, status int, e *model.Error) {
	wait := e.RetryAfter
	if wait <= 0 && status == http.StatusServiceUnavailable {
		wait = soon
	}
	if wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
}

const soon = 5 * time.Second
