package cimi

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	. "github.com/occimi/occimi/conformance/suite"
)

// rule is what every answer must keep, in the same words as what is expected.
func rule(id string, level Level, clause, title string, holds func(x *Exchange) error) Rule {
	return Rule{ID: id, Level: level, Clause: clause, Title: title, Check: Check{Expect: title, Holds: holds}}
}

var (
	upstream = regexp.MustCompile(`(?i)/v2\.1/|/v2\.0/|/v3/|:8774|:9696|:8776|:9292|goroutine|traceback|panic:`)
	controls = regexp.MustCompile(`[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]`)
	// Pages for people are not representations, where they are asked for.
	hasContent = func(x *Exchange) bool {
		return x.Request.Method != http.MethodHead && x.Body != "" && (x.Media() != "text/html" || !asksForPage(x))
	}
)

// asksForPage tells whether a request would take text/html.
func asksForPage(x *Exchange) bool {
	return slices.ContainsFunc(x.Request.Header, func(line string) bool { return strings.HasPrefix(line, "Accept: text/html") })
}

// rules are checked on every answer from the endpoint.
func (d dialect) rules() []Rule {
	return []Rule{
		rule("every.media", Must, "DSP0263 4.1.4", "every representation is application/json or application/xml, and well-formed", func(x *Exchange) error {
			if !hasContent(x) {
				return nil
			}
			_, err := read(x)
			return err
		}),
		rule("every.namespace", Must, "DSP0263 4.1.2, 4.1.4", "every representation tells its type, in the namespace of the version", func(x *Exchange) error {
			if !hasContent(x) {
				return nil
			}
			doc, err := read(x)
			wrongXML := x.Media() == "application/xml" && doc.namespace != d.namespace()
			if err == nil && (wrongXML || !strings.HasPrefix(doc.typeURI, d.namespace()+"/")) { // every.media is about errors
				return fmt.Errorf("the type is %q, in the namespace %q", doc.typeURI, doc.namespace)
			}
			return nil
		}),
		rule("every.refusal", Must, "DSP0263 4.2.2", "every refusal is a Job that failed and says why", func(x *Exchange) error {
			if x.Status < 400 || !hasContent(x) && x.Body != "" || x.Request.Method == http.MethodHead {
				return nil
			}
			doc, err := read(x)
			if err != nil {
				return err
			}
			if doc.typeURI != d.typeURI("Job") || doc.members["state"].text != "FAILED" || strings.TrimSpace(doc.members["statusMessage"].text) == "" {
				return fmt.Errorf("status %d with the type %q, state %q, statusMessage %q", x.Status, doc.typeURI, doc.members["state"].text, doc.members["statusMessage"].text)
			}
			return nil
		}),
		rule("every.fault", Must, "RFC 9110 15.6", "no request of the suite is an internal error of the server", func(x *Exchange) error {
			if x.Status == http.StatusInternalServerError {
				return fmt.Errorf("the status is 500")
			}
			return nil
		}),
		rule("every.created", Must, "DSP0263 4.2.1.1", "201 says where what was created is", func(x *Exchange) error {
			if x.Status == http.StatusCreated && x.Header.Get("Location") == "" {
				return fmt.Errorf("there is no Location")
			}
			return nil
		}),
		rule("every.allow", Must, "RFC 9110 15.5.6", "405 says what is allowed", func(x *Exchange) error {
			if x.Status == http.StatusMethodNotAllowed && x.Header.Get("Allow") == "" {
				return fmt.Errorf("there is no Allow")
			}
			return nil
		}),
		rule("every.challenge", Must, "RFC 9110 15.5.2", "401 has a challenge", func(x *Exchange) error {
			if x.Status == http.StatusUnauthorized && x.Header.Get("WWW-Authenticate") == "" {
				return fmt.Errorf("there is no WWW-Authenticate")
			}
			return nil
		}),
		rule("every.head", Must, "RFC 9110 9.3.2", "HEAD has no body", func(x *Exchange) error {
			if x.Request.Method == http.MethodHead && x.Body != "" {
				return fmt.Errorf("the body has %d bytes", len(x.Body))
			}
			return nil
		}),
		rule("every.utf8", Must, "RFC 8259 8.1; XML 1.0 2.2", "bodies are UTF-8 without control characters", func(x *Exchange) error {
			if !utf8.ValidString(x.Body) || controls.MatchString(x.Body) {
				return fmt.Errorf("the body is %q", x.Body)
			}
			return nil
		}),
		rule("every.version", DeFacto, "servers of CIMI 1.0", "every answer says its version in CIMI-Specification-Version", func(x *Exchange) error {
			if v := x.Header.Get("CIMI-Specification-Version"); !strings.HasPrefix(v, fmt.Sprint(d.version)) {
				return fmt.Errorf("CIMI-Specification-Version is %q", v)
			}
			return nil
		}),
		rule("every.upstream", DeFacto, "safety", "no refusal tells where and what the cloud behind is", func(x *Exchange) error {
			if m := upstream.FindString(x.Body); x.Status >= 400 && m != "" {
				return fmt.Errorf("the body holds %q", m)
			}
			return nil
		}),
	}
}
