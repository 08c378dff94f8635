package occi_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// rule is what every answer must keep, whatever the case that it came in.
type rule struct {
	id, clause string
	level      Level
	what       string
	holds      func(x *exchange) error
}

// codes are those of the two lists of status codes.
var codes = []int{200, 201, 202, 204, 400, 401, 403, 404, 405, 406, 409, 410, 413, 500, 501, 503}

var product = regexp.MustCompile(`(^|\s)OCCI/1\.[12](\s|$)`)

// rules are checked on every answer from the endpoint.
var rules = []rule{
	{"every.server", "OCCI 1.2 HTTP 5.3; OCCI 1.1 HTTP, versioning", Must, "the version is in Server, whatever the status", func(x *exchange) error {
		if s := x.answer.header.Get("Server"); !product.MatchString(s) {
			return fmt.Errorf("Server is %q", s)
		}
		return nil
	}},
	{"every.code", "OCCI 1.2 HTTP 5.4; OCCI 1.1 HTTP, return codes", Must, "status codes are those that clients must understand", func(x *exchange) error {
		if !slices.Contains(codes, x.answer.status) {
			return fmt.Errorf("status %d", x.answer.status)
		}
		return nil
	}},
	{"every.fault", "OCCI 1.2 HTTP 5.4", Must, "no request of the suite is an internal error of the server", func(x *exchange) error {
		if x.answer.status == http.StatusInternalServerError {
			return fmt.Errorf("status 500")
		}
		return nil
	}},
	{"every.type", "OCCI 1.2 HTTP 5.2; jOCCI", DeFacto, "every answer has a Content-Type", func(x *exchange) error {
		if x.answer.header.Get("Content-Type") == "" {
			return fmt.Errorf("no Content-Type")
		}
		return nil
	}},
	{"every.accept", "OCCI 1.2 HTTP 5.2", Should, "every answer says which renderings there are", func(x *exchange) error {
		if a := x.answer.header.Get("Accept"); !strings.Contains(a, "text/plain") || !strings.Contains(a, "text/occi") {
			return fmt.Errorf("Accept is %q", a)
		}
		return nil
	}},
	{"every.ok", "OCCI 1.2 Text 7; OCCI 1.1 HTTP, text/occi", Must, "a successful answer in text/occi has the body OK", func(x *exchange) error {
		if x.media() == "text/occi" && x.answer.status < 300 && x.request.method != "HEAD" && x.answer.body != "OK" {
			return fmt.Errorf("the body is %q", x.answer.body)
		}
		return nil
	}},
	{"every.grammar", "OCCI 1.2 Text 4, JSON 3", Must, "successful answers have the grammar of their rendering, and nothing else", func(x *exchange) error {
		if x.answer.status >= 300 || x.request.method == "HEAD" || x.request.method == "OPTIONS" || x.media() == "text/html" {
			return nil
		}
		_, err := x.document()
		return err
	}},
	{"every.newline", "IM", DeFacto, "text/plain neither begins nor ends with an empty line", func(x *exchange) error {
		if b := x.answer.body; x.media() == "text/plain" && x.answer.status < 300 && b != strings.Trim(b, "\r\n ") {
			return fmt.Errorf("the body is %q", cut(b))
		}
		return nil
	}},
	{"every.kind-first", "jOCCI; OCCI 1.2 Text 4", DeFacto, "where there are categories, the first is a kind, or there is none", func(x *exchange) error {
		if x.answer.status >= 300 || !strings.HasPrefix(x.media(), "text/") || x.media() == "text/html" {
			return nil
		}
		if d, err := x.document(); err == nil && slices.ContainsFunc(d.categories, func(c category) bool { return c.class == "kind" }) && d.categories[0].class != "kind" {
			return fmt.Errorf("the first category is %s", d.categories[0].id())
		}
		return nil
	}},
	{"every.link-header", "rOCCI 4", DeFacto, "a Link field of HTTP is a link of OCCI, never one to a next page", func(x *exchange) error {
		if l := x.answer.header.Get("Link"); l != "" && x.media() != "text/occi" {
			return fmt.Errorf("Link is %q", l)
		}
		return nil
	}},
	{"every.reason", "OCCI 1.2 HTTP 5.4", Should, "a refusal says why", func(x *exchange) error {
		if x.answer.status >= 400 && x.request.method != "HEAD" && len(strings.TrimSpace(x.answer.body)) < 8 {
			return fmt.Errorf("status %d with the body %q", x.answer.status, x.answer.body)
		}
		return nil
	}},
	{"every.reason-text", "rOCCI 4", DeFacto, "the text of a refusal cannot be mistaken for a rendering", func(x *exchange) error {
		if x.answer.status >= 400 && regexp.MustCompile(`(?m)^(Category|Link|X-OCCI-\w+):`).MatchString(x.answer.body) {
			return fmt.Errorf("the body is %q", cut(x.answer.body))
		}
		return nil
	}},
	{"every.reason-header", "rOCCI 4", DeFacto, "a refusal in text/occi says why in X-OCCI-Error too", func(x *exchange) error {
		if x.answer.status >= 400 && x.media() == "text/occi" && x.answer.header.Get("X-OCCI-Error") == "" {
			return fmt.Errorf("no X-OCCI-Error")
		}
		return nil
	}},
	{"every.allow", "RFC 9110 15.5.6", Must, "405 says what is allowed", func(x *exchange) error {
		if x.answer.status == http.StatusMethodNotAllowed && x.answer.header.Get("Allow") == "" {
			return fmt.Errorf("no Allow")
		}
		return nil
	}},
	{"every.created", "OCCI 1.2 HTTP 10.2, 11.3", Must, "201 says where what was created is", func(x *exchange) error {
		if x.answer.status == http.StatusCreated && x.answer.header.Get("Location") == "" {
			return fmt.Errorf("no Location")
		}
		return nil
	}},
	{"every.challenge", "RFC 9110 15.5.2; rOCCI 4", Must, "401 has one challenge", func(x *exchange) error {
		if n := len(x.answer.header.Values("WWW-Authenticate")); x.answer.status == http.StatusUnauthorized && n != 1 {
			return fmt.Errorf("there are %d", n)
		}
		return nil
	}},
	{"every.head", "RFC 9110 9.3.2", Must, "HEAD has no body", func(x *exchange) error {
		if x.request.method == "HEAD" && x.answer.body != "" {
			return fmt.Errorf("the body is %q", cut(x.answer.body))
		}
		return nil
	}},
	{"every.utf8", "OCCI 1.2 Text 4", Must, "bodies are UTF-8 without control characters", func(x *exchange) error {
		if !utf8.ValidString(x.answer.body) || regexp.MustCompile(`[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]`).MatchString(x.answer.body) {
			return fmt.Errorf("the body is %q", cut(x.answer.body))
		}
		return nil
	}},
	{"every.secret", "OCCI 1.2 HTTP 12", Should, "no answer holds a password or a token", func(x *exchange) error {
		if p := x.w.endpoint.user.password; len(p) > 5 && strings.Contains(x.answer.body, p+"\"") {
			return fmt.Errorf("the body holds the password")
		}
		return nil
	}},
	{"every.upstream", "OCCI 1.2 HTTP 12", DeFacto, "no refusal tells where and what the cloud behind is", func(x *exchange) error {
		if m := regexp.MustCompile(`(?i)/v2\.1/|/v2\.0/|/v3/|:8774|:9696|:8776|:9292|goroutine|traceback|panic`).FindString(x.answer.body); x.answer.status >= 400 && m != "" {
			return fmt.Errorf("the body holds %q", m)
		}
		return nil
	}},
	{"every.evil", "RFC 9110 5.5", Must, "nothing that a client wrote becomes a header field of its own", func(x *exchange) error {
		if v := x.answer.header.Get("X-Evil"); v != "" {
			return fmt.Errorf("X-Evil is %q", v)
		}
		return nil
	}},
}

// observe checks an answer by all rules.
func (w *world) observe(x *exchange) {
	if !strings.HasPrefix(x.url.String(), w.endpoint.url) {
		return
	}
	type breach struct{ id, text string }
	var breaches []breach
	for _, r := range rules {
		if err := r.holds(x); err != nil {
			breaches = append(breaches, breach{r.id, fmt.Sprintf("%v, in %s:\n%s", err, x.scope.id, x)})
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen++
	for _, b := range breaches {
		w.broken[b.id] = append(w.broken[b.id], b.text)
	}
}
