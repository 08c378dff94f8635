package cimi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// hasContent tells whether an answer is to be a representation: pages for people
// are none, where they are asked for.
func hasContent(x *Exchange) bool {
	return x.Request.Method != http.MethodHead && x.Body != "" && (x.Media() != "text/html" || !asksForPage(x))
}

// asksForPage tells whether a request would take text/html.
func asksForPage(x *Exchange) bool {
	return slices.ContainsFunc(x.Request.Header, func(line string) bool { return strings.HasPrefix(line, "Accept: text/html") })
}

// rules are checked on every answer from the endpoint.
func (d dialect) rules() []Rule {
	return append([]Rule{
		NewRule("every.media", Must, "DSP0263 4.1.4", "every representation is application/json or application/xml, and well-formed", func(x *Exchange) error {
			if !hasContent(x) {
				return nil
			}
			_, err := read(x)
			return err
		}),
		NewRule("every.namespace", Must, "DSP0263 4.1.2, 4.1.4", "every representation tells its type, in the namespace of the version", func(x *Exchange) error {
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
		NewRule("every.refusal", Must, "DSP0263 4.2.2", "every refusal is a Job that failed and says why", func(x *Exchange) error {
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
		NewRule("every.version", DeFacto, "servers of CIMI 1.0", "every answer says its version in CIMI-Specification-Version", func(x *Exchange) error {
			if v := x.Header.Get("CIMI-Specification-Version"); !strings.HasPrefix(v, fmt.Sprint(d.version)) {
				return fmt.Errorf("CIMI-Specification-Version is %q", v)
			}
			return nil
		}),
	}, HTTPRules...)
}
