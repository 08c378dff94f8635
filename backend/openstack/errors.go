package openstack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/occimi/occimi/model"
)

// meaning is one line of the table of what OpenStack's refusals mean. The first
// line that fits an answer counts.
type meaning struct {
	service model.Service  // "": any
	status  int            // 0: any
	says    *regexp.Regexp // in the error's type or message; nil: anything
	code    model.Code
}

var (
	saysQuota = regexp.MustCompile(`(?i)quota|overlimit|maximum number of|limit has been exceeded|too many (servers|instances|key ?pairs)`)
	saysGone  = regexp.MustCompile(`task_state (soft-)?deleting`)
	// Cinder and, of volumes, Nova have 400 for what is not possible now only.
	saysWrongState = regexp.MustCompile(`Invalid (volume|snapshot|backup):|not the latest one of|root device volume|has not been resized|number of tags exceeded`)
)

// meanings: quota has no status of its own in OpenStack. It is 403 in Nova,
// Keystone and Octavia, 413 in Cinder, Glance and old Nova, 409 in Neutron;
// 413 is also what a body that is too large and old rate limiters give.
var meanings = []meaning{
	{status: http.StatusUnauthorized, code: model.Unauthorized},
	{status: http.StatusTooManyRequests, code: model.RateLimited},
	{status: http.StatusForbidden, says: saysQuota, code: model.Quota},
	{status: http.StatusConflict, service: model.NetworkService, says: saysQuota, code: model.Quota},
	{status: http.StatusConflict, service: model.ComputeService, says: saysGone, code: model.NotFound},
	{status: http.StatusRequestEntityTooLarge, says: regexp.MustCompile(`(?i)rate|retry later|only \d+ `), code: model.RateLimited},
	{status: http.StatusRequestEntityTooLarge, says: saysQuota, code: model.Quota},
	{status: http.StatusRequestEntityTooLarge, code: model.Invalid},
	{status: http.StatusBadRequest, service: model.ComputeService, says: saysWrongState, code: model.Conflict},
	{status: http.StatusBadRequest, service: model.ComputeService, says: regexp.MustCompile(`volume-backed`), code: model.Unsupported},
	{status: http.StatusBadRequest, service: model.BlockStorageService, says: saysWrongState, code: model.Conflict},
	{status: http.StatusBadRequest, service: model.NetworkService, says: regexp.MustCompile(`already has a port on subnet`), code: model.Conflict},
	{status: http.StatusBadRequest, code: model.Invalid},
	{status: http.StatusForbidden, code: model.Forbidden},
	{status: http.StatusNotFound, code: model.NotFound},
	{status: http.StatusMethodNotAllowed, code: model.Unsupported},
	{status: http.StatusNotAcceptable, code: model.Unsupported},
	{status: http.StatusRequestTimeout, code: model.Timeout},
	{status: http.StatusConflict, code: model.Conflict},
	{status: http.StatusPreconditionFailed, code: model.Conflict},
	{status: http.StatusGone, code: model.NotFound},
	{status: http.StatusUnprocessableEntity, code: model.Invalid},
	{status: http.StatusNotImplemented, code: model.Unsupported},
	{status: http.StatusGatewayTimeout, code: model.Timeout},
	// Somebody else was faster with something else: Nova takes it for a defect of its own.
	{status: http.StatusInternalServerError, service: model.ComputeService, says: regexp.MustCompile(`UnexpectedTaskStateError`), code: model.Conflict},
	{code: model.Unavailable},
}

// silent is what is said when a service gives no words that a user can read.
var silent = map[model.Code]string{
	model.Unauthorized: "the credentials are not, or no longer, good",
	model.RateLimited:  "too many requests",
	model.Quota:        "the quota is used up",
	model.NotFound:     "not found",
	model.Invalid:      "the %s service does not accept the request",
	model.Forbidden:    "the %s service refuses this to the user",
	model.Conflict:     "the %s service cannot do this now",
	model.Unsupported:  "the %s service cannot do this",
	model.Timeout:      "the %s service did not answer in time",
	model.Unavailable:  "the %s service cannot answer now",
}

// failure is the cause of an Error, for logs: what failed, without URL, body
// and token.
type failure struct {
	label  label
	detail string
	// maybeDone tells that the service may have done what it was asked.
	maybeDone bool
}

// Error implements error.
func (f failure) Error() string {
	return fmt.Sprintf("%s %s: %s", f.label.service, f.label.request, f.detail)
}

// upstreamError makes a *model.Error of what gophercloud gives: its own texts
// hold URLs and whole bodies.
func upstreamError(l label, err error) error {
	if reauth, ok := errors.AsType[*gophercloud.ErrUnableToReauthenticate](err); ok {
		return model.AsError(reauth.ErrReauth)
	}
	if unexpected, ok := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err); ok {
		return refusal(l, unexpected)
	}
	if unexpected, ok := errors.AsType[*gophercloud.ErrUnexpectedResponseCode](err); ok {
		return refusal(l, *unexpected)
	}
	fail := func(code model.Code, detail string) error {
		return model.Errorf(code, silent[code], l.service).Because(failure{l, detail, true})
	}
	if e := interrupted(err); e != nil {
		return fail(e.Code, e.Message)
	}
	if netErr, ok := errors.AsType[net.Error](err); ok && netErr.Timeout() {
		return fail(model.Timeout, "no answer in time")
	}
	if errors.Is(err, errTooLarge) {
		return fail(model.Unavailable, errTooLarge.Error())
	}
	if transport, ok := errors.AsType[*url.Error](err); ok {
		return model.Errorf(model.Unavailable, "the %s service cannot be reached", l.service).
			Because(failure{l, readable(transport.Err.Error()), !errors.Is(err, syscall.ECONNREFUSED)})
	}
	return malformed(l)
}

// malformed is the error of an answer with a status of success that does not say
// what was asked.
func malformed(l label) error {
	return model.Errorf(model.Unavailable, "the %s service gave an answer that cannot be read", l.service).
		Because(failure{l, "malformed answer", true})
}

// interrupted gives the Timeout for a context that ended, nil for other errors.
func interrupted(err error) *model.Error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return model.Errorf(model.Timeout, "the deadline passed before the cloud answered")
	case errors.Is(err, context.Canceled):
		return model.Errorf(model.Timeout, "the request was cancelled before the cloud answered")
	}
	return nil
}

// refusal translates an answer that is an error, by the table.
func refusal(l label, e gophercloud.ErrUnexpectedResponseCode) *model.Error {
	kind, words := words(e.Body)
	code := model.Unavailable
	for _, m := range meanings {
		if (m.service == "" || m.service == l.service) && (m.status == 0 || m.status == e.Actual) &&
			(m.says == nil || m.says.MatchString(kind) || m.says.MatchString(words)) {
			code = m.code
			break
		}
	}
	if code == model.NotFound && words == "" && upstreamID(e.ResponseHeader) == "" {
		// Not the service, but what stands before it or in its place, knows no such
		// page: what is there must not be taken for gone.
		code, words = model.Unavailable, fmt.Sprintf("there is no %s service where it should be", l.service)
	}
	// What a failing service says is a stack trace more often than not, and
	// what Keystone says of credentials is the same for all.
	if words == "" || e.Actual >= http.StatusInternalServerError && e.Actual != http.StatusNotImplemented || code == model.Unauthorized {
		words = silent[code]
		if strings.Contains(words, "%s") {
			words = fmt.Sprintf(words, l.service)
		}
	}
	return (&model.Error{
		Code:       code,
		Message:    words,
		RetryAfter: retryAfter(code, e.ResponseHeader),
		UpstreamID: upstreamID(e.ResponseHeader),
	}).Because(failure{l, "HTTP " + strconv.Itoa(e.Actual), e.Actual >= http.StatusInternalServerError})
}

// words finds what OpenStack says, in the forms of all its services, and makes
// it fit for a user: nothing if the body is not JSON, such as a balancer's page.
// kind is the type of error that some services name.
func words(body []byte) (kind, message string) {
	var form map[string]json.RawMessage
	if json.Unmarshal(body, &form) != nil {
		return "", ""
	}
	// {"message": "...", "code": "404 Not Found"}: Glance
	if json.Unmarshal(form["message"], &message) == nil && message != "" {
		return "", readable(message)
	}
	// {"itemNotFound": {"message": "..."}}: Nova, Cinder, Keystone, Neutron
	for name, raw := range form {
		var inner struct {
			Type    string `json:"type"`
			Message string `json:"message"`
		}
		if json.Unmarshal(raw, &inner) == nil && inner.Message != "" {
			return name + " " + inner.Type, readable(inner.Message)
		}
		if json.Unmarshal(raw, &message) == nil && message != "" { // {"NeutronError": "..."}
			return name, readable(message)
		}
	}
	return "", ""
}

var (
	urlInText = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://\S*`)
	tagInText = regexp.MustCompile(`</?[a-zA-Z][^<>']*>`)
	// Of what texts may be, Nova lists the characters: all of them.
	listOfCharacters = regexp.MustCompile(` does not match '\^\[\\\\ -.*$`)
	repeatedInfo     = regexp.MustCompile(` ?\((HTTP \d{3}|Request-ID: [^)]*)\)`)
)

const (
	maxMessage = 300  // runes
	maxChoices = 2000 // of a message that lists what to choose from
)

// readable makes one line of plain, bounded text of a service's words.
func readable(s string) string { return bounded(oneLine(s), maxMessage) }

// oneLine makes one line of plain text, without tags, URLs and control
// characters.
func oneLine(s string) string {
	s = html.UnescapeString(tagInText.ReplaceAllString(s, " "))
	s = repeatedInfo.ReplaceAllString(s, "")
	s = urlInText.ReplaceAllString(s, "")
	s = listOfCharacters.ReplaceAllString(s, " has characters that cannot be in it")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
	return strings.Join(strings.Fields(s), " ")
}

// bounded cuts s to at most n runes.
func bounded(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i] + "…"
		}
		n--
	}
	return s
}

// retryAfter reads when to come back, in seconds or as a date, where that makes
// sense for the code: Cinder says 0 with every quota.
func retryAfter(code model.Code, h http.Header) time.Duration {
	if code != model.RateLimited && code != model.Unavailable {
		return 0
	}
	const most = time.Hour
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, most)
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	// The server's own clock, if it tells: ours may differ.
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(at.Sub(now), 0), most).Round(time.Second)
}

var plainID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// upstreamID gives the request id that the service gave, or "".
func upstreamID(h http.Header) string {
	for _, name := range []string{"X-Openstack-Request-Id", "X-Compute-Request-Id"} {
		if id := h.Get(name); plainID.MatchString(id) {
			return id
		}
	}
	return ""
}
