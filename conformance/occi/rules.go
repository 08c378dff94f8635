package occi

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// codes are those of the two lists of status codes.
var codes = []int{200, 201, 202, 204, 400, 401, 403, 404, 405, 406, 409, 410, 413, 500, 501, 503}

var product = regexp.MustCompile(`(^|\s)OCCI/1\.[12](\s|$)`)

// rules are checked on every answer from the endpoint.
var rules = append([]Rule{
	NewRule("every.server", Must, "OCCI 1.2 HTTP 5.3; OCCI 1.1 HTTP, versioning", "the version is in Server, whatever the status", func(x *Exchange) error {
		if s := x.Header.Get("Server"); !product.MatchString(s) {
			return fmt.Errorf("the field Server is %q", s)
		}
		return nil
	}),
	NewRule("every.code", Must, "OCCI 1.2 HTTP 5.4; OCCI 1.1 HTTP, return codes", "status codes are those that clients must understand", func(x *Exchange) error {
		if !slices.Contains(codes, x.Status) {
			return fmt.Errorf("status %d", x.Status)
		}
		return nil
	}),
	NewRule("every.type", DeFacto, "OCCI 1.2 HTTP 5.2; jOCCI", "every answer has a Content-Type", func(x *Exchange) error {
		if x.Header.Get("Content-Type") == "" {
			return fmt.Errorf("no Content-Type")
		}
		return nil
	}),
	NewRule("every.accept", Should, "OCCI 1.2 HTTP 5.2", "every answer says which renderings there are", func(x *Exchange) error {
		if a := x.Header.Get("Accept"); !strings.Contains(a, "text/plain") || !strings.Contains(a, "text/occi") {
			return fmt.Errorf("the field Accept is %q", a)
		}
		return nil
	}),
	NewRule("every.ok", Must, "OCCI 1.2 Text 7; OCCI 1.1 HTTP, text/occi", "a successful answer in text/occi has the body OK", func(x *Exchange) error {
		if x.Media() == "text/occi" && x.Status < 300 && x.Request.Method != http.MethodHead && x.Body != "OK" {
			return fmt.Errorf("the body is %q", x.Body)
		}
		return nil
	}),
	NewRule("every.grammar", Must, "OCCI 1.2 Text 4, JSON 3", "successful answers have the grammar of their rendering, and nothing else", func(x *Exchange) error {
		if x.Status >= 300 || x.Request.Method == http.MethodHead || x.Request.Method == http.MethodOptions || x.Media() == "text/html" {
			return nil
		}
		_, err := read(x)
		return err
	}),
	NewRule("every.newline", DeFacto, "IM", "text/plain neither begins nor ends with an empty line", func(x *Exchange) error {
		if b := x.Body; x.Media() == "text/plain" && x.Status < 300 && b != strings.Trim(b, "\r\n ") {
			return fmt.Errorf("the body is %q", b)
		}
		return nil
	}),
	NewRule("every.kind-first", DeFacto, "jOCCI; OCCI 1.2 Text 4", "where there are categories, the first is a kind, or there is none", func(x *Exchange) error {
		if x.Status >= 300 || !strings.HasPrefix(x.Media(), "text/") || x.Media() == "text/html" {
			return nil
		}
		if d, err := read(x); err == nil && slices.ContainsFunc(d.categories, func(c category) bool { return c.class == "kind" }) && d.categories[0].class != "kind" {
			return fmt.Errorf("the first category is %s", d.categories[0].id())
		}
		return nil
	}),
	NewRule("every.link-header", DeFacto, "rOCCI 4", "a Link field of HTTP is a link of OCCI, never one to a next page", func(x *Exchange) error {
		if l := x.Header.Get("Link"); l != "" && x.Media() != "text/occi" {
			return fmt.Errorf("the field Link is %q", l)
		}
		return nil
	}),
	NewRule("every.reason", Should, "OCCI 1.2 HTTP 5.4", "a refusal says why", func(x *Exchange) error {
		if x.Status >= 400 && x.Request.Method != http.MethodHead && len(strings.TrimSpace(x.Body)) < 8 {
			return fmt.Errorf("status %d with the body %q", x.Status, x.Body)
		}
		return nil
	}),
	NewRule("every.reason-text", DeFacto, "rOCCI 4", "the text of a refusal cannot be mistaken for a rendering", func(x *Exchange) error {
		if x.Status >= 400 && regexp.MustCompile(`(?m)^(Category|Link|X-OCCI-\w+):`).MatchString(x.Body) {
			return fmt.Errorf("the body is %q", x.Body)
		}
		return nil
	}),
	NewRule("every.reason-header", DeFacto, "rOCCI 4", "a refusal in text/occi says why in X-OCCI-Error too", func(x *Exchange) error {
		if x.Status >= 400 && x.Media() == "text/occi" && x.Header.Get("X-OCCI-Error") == "" {
			return fmt.Errorf("no X-OCCI-Error")
		}
		return nil
	}),
	NewRule("every.challenge-once", Must, "RFC 9110 15.5.2; rOCCI 4", "401 has no more than one challenge", func(x *Exchange) error {
		if n := len(x.Header.Values("WWW-Authenticate")); x.Status == http.StatusUnauthorized && n > 1 {
			return fmt.Errorf("there are %d", n)
		}
		return nil
	}),
}, HTTPRules...)
