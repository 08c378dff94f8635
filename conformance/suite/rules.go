package suite

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"
)

// NewRule is a rule in the same words as what is expected.
func NewRule(id string, level Level, clause, title string, holds func(x *Exchange) error) Rule {
	return Rule{ID: id, Level: level, Clause: clause, Title: title, Check: Check{Expect: title, Holds: holds}}
}

var (
	upstream = regexp.MustCompile(`(?i)/v2\.1/|/v2\.0/|/v3/|:8774|:9696|:8776|:9292|goroutine|traceback|panic:`)
	controls = regexp.MustCompile(`[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]`)
)

// HTTPRules are what answers must keep in any protocol over HTTP.
var HTTPRules = []Rule{
	NewRule("every.fault", Must, "RFC 9110 15.6", "no request of the suite is an internal error of the server", func(x *Exchange) error {
		if x.Status == http.StatusInternalServerError {
			return errors.New("the status is 500")
		}
		return nil
	}),
	NewRule("every.created", Must, "RFC 9110 15.3.2", "201 says where what was created is", func(x *Exchange) error {
		if x.Status == http.StatusCreated && x.Header.Get("Location") == "" {
			return errors.New("there is no Location")
		}
		return nil
	}),
	NewRule("every.allow", Must, "RFC 9110 15.5.6", "405 says what is allowed", func(x *Exchange) error {
		if x.Status == http.StatusMethodNotAllowed && x.Header.Get("Allow") == "" {
			return errors.New("there is no Allow")
		}
		return nil
	}),
	NewRule("every.challenge", Must, "RFC 9110 15.5.2", "401 has a challenge", func(x *Exchange) error {
		if x.Status == http.StatusUnauthorized && x.Header.Get("WWW-Authenticate") == "" {
			return errors.New("there is no WWW-Authenticate")
		}
		return nil
	}),
	NewRule("every.head", Must, "RFC 9110 9.3.2", "HEAD has no body", func(x *Exchange) error {
		if x.Request.Method == http.MethodHead && x.Body != "" {
			return fmt.Errorf("the body has %d bytes", len(x.Body))
		}
		return nil
	}),
	NewRule("every.utf8", Must, "RFC 8259 8.1; XML 1.0 2.2; OCCI 1.2 Text 4", "bodies are UTF-8 without control characters", func(x *Exchange) error {
		if !utf8.ValidString(x.Body) || controls.MatchString(x.Body) {
			return fmt.Errorf("the body is %q", x.Body)
		}
		return nil
	}),
	NewRule("every.secret", Should, "safety", "no answer holds a password", func(x *Exchange) error {
		if p := x.Session().Endpoint.User.Password; len(p) > 5 && strings.Contains(x.Body, p+`"`) {
			return errors.New("the body holds the password")
		}
		return nil
	}),
	NewRule("every.upstream", DeFacto, "safety", "no refusal tells where and what the cloud behind is", func(x *Exchange) error {
		if m := upstream.FindString(x.Body); x.Status >= 400 && m != "" {
			return fmt.Errorf("the body holds %q", m)
		}
		return nil
	}),
	NewRule("every.evil", Must, "RFC 9110 5.5", "nothing that a client wrote becomes a header field of its own", func(x *Exchange) error {
		if v := x.Header.Get("X-Evil"); v != "" {
			return fmt.Errorf("X-Evil is %q", v)
		}
		return nil
	}),
}
