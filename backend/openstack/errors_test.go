package openstack_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/occimi/occimi/model"
)

// ask makes a call to one of the services.
var ask = map[string]struct {
	pattern string
	call    func(context.Context, model.Cloud) error
}{
	"compute":  {"GET /compute/v2.1/servers/{id}", func(ctx context.Context, c model.Cloud) error { _, err := c.Machine(ctx, "x"); return err }},
	"create":   {"POST /compute/v2.1/os-keypairs", func(ctx context.Context, c model.Cloud) error { _, err := c.CreateKeyPair(ctx, "x", "k"); return err }},
	"image":    {"GET /image/v2/images/{id}", func(ctx context.Context, c model.Cloud) error { _, err := c.Image(ctx, "x"); return err }},
	"network":  {"GET /network/v2.0/networks/{id}", func(ctx context.Context, c model.Cloud) error { _, err := c.Network(ctx, "x"); return err }},
	"identity": {"GET /identity/v3/auth/tokens", nil},
}

func TestErrors(t *testing.T) {
	unsigned := map[string]string{"X-Openstack-Request-Id": ""}
	const page = `<html><head><title>502 Bad Gateway</title></head><body>nginx at http://10.1.2.3:8774/ token gAAAA</body></html>`
	for name, test := range map[string]struct {
		service string
		status  int
		header  map[string]string
		body    string
		want    model.Error
	}{
		"Nova 400":               {"compute", 400, nil, `{"badRequest": {"code": 400, "message": "Invalid input"}}`, model.Error{Code: model.Invalid, Message: "Invalid input"}},
		"Nova policy":            {"compute", 403, nil, `{"forbidden": {"code": 403, "message": "Policy doesn't allow it"}}`, model.Error{Code: model.Forbidden, Message: "Policy doesn't allow it"}},
		"Nova quota":             {"create", 403, nil, `{"forbidden": {"code": 403, "message": "Quota exceeded for cores: Requested 1, but already used 20 of 20 cores"}}`, model.Error{Code: model.Quota, Message: "Quota exceeded for cores: Requested 1, but already used 20 of 20 cores"}},
		"Nova quota of ports":    {"create", 403, nil, `{"forbidden": {"code": 403, "message": "Maximum number of ports exceeded"}}`, model.Error{Code: model.Quota, Message: "Maximum number of ports exceeded"}},
		"Nova quota of keys":     {"create", 403, nil, `{"forbidden": {"code": 403, "message": "Quota exceeded, too many key pairs."}}`, model.Error{Code: model.Quota, Message: "Quota exceeded, too many key pairs."}},
		"old Nova quota":         {"create", 413, nil, `{"overLimit": {"code": 413, "message": "Too many instances", "retryAfter": "0"}}`, model.Error{Code: model.Quota, Message: "Too many instances"}},
		"old Nova rate limit":    {"create", 413, map[string]string{"Retry-After": "7"}, `{"overLimit": {"code": 413, "message": "Only 10 POST request(s) can be made every minute."}}`, model.Error{Code: model.RateLimited, Message: "Only 10 POST request(s) can be made every minute.", RetryAfter: 7 * time.Second}},
		"Cinder quota":           {"create", 413, map[string]string{"Retry-After": "0"}, `{"overLimit": {"code": 413, "message": "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'.", "retryAfter": "0"}}`, model.Error{Code: model.Quota, Message: "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'."}},
		"Neutron quota":          {"network", 409, nil, `{"NeutronError": {"type": "OverQuota", "message": "No more of ['port'].", "detail": ""}}`, model.Error{Code: model.Quota, Message: "No more of ['port']."}},
		"Neutron conflict":       {"network", 409, nil, `{"NeutronError": {"type": "NetworkInUse", "message": "Unable to complete", "detail": ""}}`, model.Error{Code: model.Conflict, Message: "Unable to complete"}},
		"old Neutron":            {"network", 400, nil, `{"NeutronError": "Invalid it is"}`, model.Error{Code: model.Invalid, Message: "Invalid it is"}},
		"Glance quota":           {"image", 413, nil, `{"message": "The limit has been exceeded on the number of allowed image properties.<br /><br />", "code": "413 Request Entity Too Large", "title": "Request Entity Too Large"}`, model.Error{Code: model.Quota, Message: "The limit has been exceeded on the number of allowed image properties."}},
		"Glance 404":             {"image", 404, nil, `{"message": "No image found with ID nonono<br /><br />\n\n\n", "code": "404 Not Found", "title": "Not Found"}`, model.Error{Code: model.NotFound, Message: "No image found with ID nonono"}},
		"body too large":         {"create", 413, nil, `{"badRequest": {"message": "Request is too large."}}`, model.Error{Code: model.Invalid, Message: "Request is too large."}},
		"deleting":               {"compute", 409, nil, `{"conflictingRequest": {"code": 409, "message": "Cannot 'stop' instance x while it is in task_state deleting"}}`, model.Error{Code: model.NotFound, Message: "Cannot 'stop' instance x while it is in task_state deleting"}},
		"locked":                 {"compute", 409, nil, `{"conflictingRequest": {"code": 409, "message": "Instance x is locked"}}`, model.Error{Code: model.Conflict, Message: "Instance x is locked"}},
		"429, seconds":           {"compute", 429, map[string]string{"Retry-After": "12"}, `{"overLimit": {"message": "slow down"}}`, model.Error{Code: model.RateLimited, Message: "slow down", RetryAfter: 12 * time.Second}},
		"429, date":              {"image", 429, map[string]string{"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}, page, model.Error{Code: model.RateLimited, Message: "too many requests", RetryAfter: 30 * time.Second}},
		"429, past":              {"image", 429, map[string]string{"Retry-After": "Wed, 21 Oct 2026 07:27:30 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}, ``, model.Error{Code: model.RateLimited, Message: "too many requests"}},
		"429, nonsense":          {"image", 429, map[string]string{"Retry-After": "-soon"}, ``, model.Error{Code: model.RateLimited, Message: "too many requests"}},
		"429, absurd":            {"image", 429, map[string]string{"Retry-After": "999999999"}, ``, model.Error{Code: model.RateLimited, Message: "too many requests", RetryAfter: time.Hour}},
		"balancer 502":           {"compute", 502, nil, page, model.Error{Code: model.Unavailable, Message: "the compute service cannot answer now"}},
		"balancer 503":           {"image", 503, map[string]string{"Retry-After": "20"}, page, model.Error{Code: model.Unavailable, Message: "the image service cannot answer now", RetryAfter: 20 * time.Second}},
		"balancer 504":           {"network", 504, nil, page, model.Error{Code: model.Timeout, Message: "the network service did not answer in time"}},
		"404 without words":      {"compute", 404, nil, ``, model.Error{Code: model.NotFound, Message: "not found"}},
		"balancer 404":           {"compute", 404, unsigned, page, model.Error{Code: model.Unavailable, Message: "there is no compute service where it should be"}},
		"404 without an id":      {"compute", 404, unsigned, `{"itemNotFound": {"message": "Instance x could not be found."}}`, model.Error{Code: model.NotFound, Message: "Instance x could not be found."}},
		"no Keystone":            {"identity", 404, unsigned, page, model.Error{Code: model.Unavailable, Message: "there is no identity service where it should be"}},
		"Nova 500":               {"compute", 500, nil, `{"computeFault": {"code": 500, "message": "Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ <class 'KeyError'>"}}`, model.Error{Code: model.Unavailable, Message: "the compute service cannot answer now"}},
		"Nova 501":               {"compute", 501, nil, `{"notImplemented": {"code": 501, "message": "The driver cannot pause"}}`, model.Error{Code: model.Unsupported, Message: "The driver cannot pause"}},
		"microversion":           {"compute", 406, nil, `{"computeFault": {"message": "Version 2.93 is not supported by the API."}}`, model.Error{Code: model.Unsupported, Message: "Version 2.93 is not supported by the API."}},
		"redirect":               {"compute", 302, map[string]string{"Location": "http://evil.test/"}, ``, model.Error{Code: model.Unavailable, Message: "the compute service cannot answer now"}},
		"not JSON":               {"compute", 200, nil, page, model.Error{Code: model.Unavailable, Message: "the compute service gave an answer that cannot be read"}},
		"wrong types":            {"compute", 200, nil, `{"server": {"id": 5}}`, model.Error{Code: model.Unavailable, Message: "the compute service gave an answer that cannot be read"}},
		"cut off":                {"network", 200, nil, `{"network": {"id"`, model.Error{Code: model.Unavailable, Message: "the network service gave an answer that cannot be read"}},
		"all characters":         {"compute", 400, nil, `{"badRequest": {"message": "Invalid input for field/attribute description. Value: a\nb. 'a\\nb' does not match '^[\\\\ -\\\\~\\xa0-\u00ac\u00ae-\u0377]*$'"}}`, model.Error{Code: model.Invalid, Message: `Invalid input for field/attribute description. Value: a b. 'a\nb' has characters that cannot be in it`}},
		"nested ids and URLs":    {"compute", 400, nil, `{"badRequest": {"message": "Failed at http://10.0.0.1:9292/v2/images?x=secret (HTTP 404) (Request-ID: req-1): gone\r\nSet-Cookie: x"}}`, model.Error{Code: model.Invalid, Message: "Failed at gone Set-Cookie: x"}},
		"Keystone 429":           {"identity", 429, map[string]string{"Retry-After": "3"}, `{"error": {"message": "slow down"}}`, model.Error{Code: model.RateLimited, Message: "slow down", RetryAfter: 3 * time.Second}},
		"Keystone 503":           {"identity", 503, nil, page, model.Error{Code: model.Unavailable, Message: "the identity service cannot answer now"}},
		"Keystone, other's 404":  {"identity", 404, nil, `{"error": {"code": 404, "message": "Could not recognize Fernet token"}}`, model.Error{Code: model.Unauthorized, Message: "the token is not valid, or has expired"}},
		"Keystone without token": {"identity", 200, nil, `[]`, model.Error{Code: model.Unavailable, Message: "the identity service gave an answer that cannot be read"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			c := f.cloud(t, f.config())
			f.on(ask[test.service].pattern, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Openstack-Request-Id", "req-0123")
				for k, v := range test.header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			var err error
			if test.service == "identity" {
				_, err = newProvider(t, f.config()).Login(t.Context(), model.Credentials{Token: "some-token"})
			} else {
				err = ask[test.service].call(t.Context(), c)
			}
			got := model.AsError(err)
			if got.Code != test.want.Code || got.Message != test.want.Message || got.RetryAfter != test.want.RetryAfter {
				t.Errorf("got %q %q after %v, want %q %q after %v", got.Code, got.Message, got.RetryAfter, test.want.Code, test.want.Message, test.want.RetryAfter)
			}
			if _, unsigned := test.header["X-Openstack-Request-Id"]; test.status >= 400 && !unsigned && got.UpstreamID != "req-0123" {
				t.Errorf("upstream id %q", got.UpstreamID)
			}
			if cause := errors.Unwrap(got); cause != nil && strings.Contains(cause.Error(), "cloud.test") {
				t.Errorf("the cause, which is logged, has a URL: %v", cause)
			}
		})
	}
}

func TestBrokenConnections(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want model.Code
	}{
		"refused":  {syscall.ECONNREFUSED, model.Unavailable},
		"reset":    {syscall.ECONNRESET, model.Unavailable},
		"timeout":  {context.DeadlineExceeded, model.Timeout},
		"whatever": {errors.New("tls: bad certificate"), model.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			c := f.cloud(t, f.config())
			f.on("POST /compute/v2.1/os-keypairs", func(http.ResponseWriter, *http.Request) { panic(broken{test.err}) })
			_, err := c.CreateKeyPair(t.Context(), "k", "ssh-rsa AAAA")
			if !model.IsCode(err, test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// FuzzErrorBody: whatever a service says, a user gets one bounded line.
func FuzzErrorBody(f *testing.F) {
	for _, seed := range []string{
		`{"badRequest": {"code": 400, "message": "Invalid\r\nX: y http://a/b"}}`, `{"NeutronError": "x"}`, `{"message": "a<br />b"}`,
		`{"error": {"message": "\u0000\u2028\ufffd"}}`, `<html>`, `[]`, `null`, `{"message": 5}`, `{"a": null}`, `{"message": "//: ://x"}`, `{"message": "00http://a"}`,
	} {
		f.Add(seed)
	}
	fk := newFake()
	c := fk.cloud(f, fk.config())
	f.Fuzz(func(t *testing.T, body string) {
		fk.on("GET /image/v2/images/{id}", func(w http.ResponseWriter, _ *http.Request) { respond(w, 400, body) })
		_, err := c.Image(t.Context(), "x")
		fk.made()
		e := model.AsError(err)
		if e.Code != model.Invalid || e.Message == "" || utf8.RuneCountInString(e.Message) > 301 || !utf8.ValidString(e.Message) {
			t.Errorf("got %q %q", e.Code, e.Message)
		}
		if strings.ContainsFunc(e.Message, unicode.IsControl) || strings.Contains(strings.ToLower(e.Message), "http://") {
			t.Errorf("not fit for users: %q", e.Message)
		}
	})
}

// FuzzID: no id reaches anything but one segment below its collection.
func FuzzID(f *testing.F) {
	for _, seed := range []string{"x", "..", "a/b", "%2e%2e", "ä ö", "a;b", "a&b=c", "\x7f", "a@b:c"} {
		f.Add(seed)
	}
	fk := newFake()
	c := fk.cloud(f, fk.config())
	fk.made()
	f.Fuzz(func(t *testing.T, id string) {
		_, err := c.KeyPair(t.Context(), id)
		if err != nil && !model.IsCode(err, model.NotFound) {
			t.Errorf("got %v", err)
		}
		for _, call := range fk.made() {
			rest, ok := strings.CutPrefix(call.path, "/compute/v2.1/os-keypairs/")
			if call.path == "/compute/v2.1/" {
				continue
			}
			if !ok || rest == "" || strings.Contains(rest, "/") || rest == "." || rest == ".." || strings.Contains(call.what, "?") {
				t.Errorf("id %q became %q", id, call.path)
			}
		}
	})
}
