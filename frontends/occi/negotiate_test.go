package occi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/frontends/occi"
)

func TestNegotiation(t *testing.T) {
	const text = "text/plain; charset=utf-8"
	tests := []struct{ accept, want string }{
		{"", text},
		{"*/*", text},
		{"text/*", text},
		{"text/plain,text/occi", text},       // the rOCCI command
		{"text/plain,text/occi;q=0.2", text}, // the rOCCI library
		{"text/html,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"}, // a browser
		{"application/xml, text/html;q=0.9, */*;q=0.8", "text/html; charset=utf-8"},
		{"text/html;q=0.5, */*", text}, // a program that takes it if need be
		{"text/html;q=0, */*", text},
		{"text/occi, text/plain", "text/occi"},
		{"text/plain;q=0.5, text/occi", "text/occi"},
		{"TEXT/URI-LIST", "text/uri-list"},
		{"text/uri-list;charset=utf-8", "text/uri-list"},
		{"application/occi+json", "application/occi+json"},
		{"application/json", "application/json"},
		{"application/*", "application/occi+json"},
		{"text/occi+plain", "text/occi+plain; charset=utf-8"},
		{"text/plain;q=0, */*", "text/occi"},
		{"text/plain;q=0.1, */*;q=0.5", "text/occi"},
		{"text/plain;q=nonsense", text},
		{"image/png, application/json;q=0.1", "application/json"},
		{"text/plain;q=0", "406"},
		{"image/png", "406"},
		{"*/*;q=0", "406"},
	}
	for _, test := range tests {
		t.Run(test.accept, func(t *testing.T) {
			request := "GET /compute/"
			if test.accept != "" {
				request += "\nAccept: " + test.accept
			}
			res := newService(t, occi.Config{}).do(request)
			got := res.Header.Get("Content-Type")
			if res.StatusCode != http.StatusOK {
				got = "406"
			}
			if got != test.want {
				t.Errorf("got %q (%d), want %q", got, res.StatusCode, test.want)
			}
		})
	}
	t.Run("in several fields", func(t *testing.T) {
		res := newService(t, occi.Config{}).do("GET /compute/\nAccept: text/plain;q=0.3\nAccept: text/occi")
		if got := res.Header.Get("Content-Type"); got != "text/occi" {
			t.Errorf("got %q", got)
		}
	})
}

// TestNegotiationWithoutLists checks that what is no list takes the next of what
// the client likes.
func TestNegotiationWithoutLists(t *testing.T) {
	for _, path := range []string{"/-/", "/compute/" + runningID} {
		for accept, want := range map[string]string{
			"text/uri-list, text/plain":                    "text/plain; charset=utf-8",
			"text/uri-list, application/json;q=0.1":        "application/json",
			"text/uri-list, text/plain;q=0.1, */*;q=0.5":   "text/occi",
			"text/occi;q=0.2, text/uri-list, text/*;q=0.1": "text/occi",
		} {
			t.Run(path+" "+accept, func(t *testing.T) {
				res := newService(t, occi.Config{}).do("GET " + path + "\nAccept: " + accept)
				if got := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || got != want {
					t.Errorf("got %q (%d), want %q", got, res.StatusCode, want)
				}
			})
		}
	}
}

// TestAcceptField checks what answers say they accept: a client of OCCI 1.1
// that read of JSON would expect that of 2012.
func TestAcceptField(t *testing.T) {
	for agent, want := range map[string]bool{"curl": true, "OCCI/1.2": true, "rOCCI-api/4.3.14 OCCI/1.1 ruby": false} {
		res := newService(t, occi.Config{}).do("GET /\nUser-Agent: " + agent)
		if got := strings.Contains(res.Header.Get("Accept"), "application/occi+json"); got != want {
			t.Errorf("%s: Accept: %s", agent, res.Header.Get("Accept"))
		}
	}
}

func TestMethods(t *testing.T) {
	tests := []struct{ path, allow string }{
		{"/-/", "DELETE, GET, HEAD, OPTIONS, POST"},
		{"/compute/", "DELETE, GET, HEAD, OPTIONS, POST"},
		{"/compute/" + runningID, "DELETE, GET, HEAD, OPTIONS, POST, PUT"},
		{"/mixin/ipnetwork/", "DELETE, GET, HEAD, OPTIONS, POST, PUT"},
		{"/mixin/", "DELETE, GET, HEAD, OPTIONS"},
		{"/", "DELETE, GET, HEAD, OPTIONS, POST"},
	}
	for _, test := range tests {
		res := newService(t, occi.Config{}).do("OPTIONS " + test.path)
		if diff := cmp.Diff(test.allow, res.Header.Get("Allow")); res.StatusCode != http.StatusOK || diff != "" {
			t.Errorf("OPTIONS %s: %d %s", test.path, res.StatusCode, diff)
		}
	}
}

// TestHead checks that HEAD is GET without the body, everywhere.
func TestHead(t *testing.T) {
	for _, path := range []string{"/-/", "/", "/compute/", "/compute/" + runningID, "/compute/none", "/mixin/os_tpl/"} {
		for _, accept := range []string{"text/plain", "text/occi", "application/occi+json"} {
			get := newService(t, occi.Config{}).do("GET " + path + "\nAccept: " + accept)
			head := newService(t, occi.Config{}).do("HEAD " + path + "\nAccept: " + accept)
			if diff := cmp.Diff(get.Header, head.Header); get.StatusCode != head.StatusCode || diff != "" {
				t.Errorf("%s as %s: %d and %d\n%s", path, accept, get.StatusCode, head.StatusCode, diff)
			}
		}
	}
}

// TestPaths checks that clients find things however they write the path, and
// without being sent elsewhere.
func TestPaths(t *testing.T) {
	for _, test := range []struct {
		root  string
		paths []string
	}{
		{"/", []string{"/compute/", "/compute", "//compute//", "/compute/" + runningID, "/compute/" + runningID + "/", "/-/", "/-", "//-/",
			"/.well-known/org/ogf/occi/-/", "/networklink/", "/link/networkinterface/", "/network/interface/", "/storage/link/", "/network/interface/" + portID}},
		{"/occi1.2/", []string{"/occi1.2/compute/", "/occi1.2//compute", "/occi1.2", "/occi1.2/-/", "/occi1.2/.well-known/org/ogf/occi/-/",
			"/.well-known/org/ogf/occi/-/"}},
	} {
		s := newService(t, occi.Config{Path: test.root})
		for _, path := range test.paths {
			if res := s.do("GET " + path); res.StatusCode != http.StatusOK {
				t.Errorf("%s at %s: %d %s", path, test.root, res.StatusCode, bodyOf(t, res))
			}
		}
	}
	s := newService(t, occi.Config{Path: "occi1.2"})
	if res := s.do("GET /compute/"); res.StatusCode != http.StatusNotFound {
		t.Errorf("outside of the root: %d", res.StatusCode)
	}
	for request, want := range map[string]string{
		"GET /occi1.2/compute/":             "X-OCCI-Location: https://cloud.example.org/occi1.2/compute/" + runningID,
		"GET /occi1.2/-/":                   `location="https://cloud.example.org/occi1.2/compute/"`,
		"GET /occi1.2/compute/" + runningID: `<./occi1.2/network/` + networkID + `>; rel`,
		plain("POST /occi1.2/compute/", kindLine, imageLine,
			`Link: </occi1.2/network/`+networkID+`>; rel="`+infra+`network"; category="`+infra+`networkinterface"`): "X-OCCI-Location: https://cloud.example.org/occi1.2/compute/",
	} {
		if body := bodyOf(t, s.do(request)); !strings.Contains(body, strings.Replace(want, "<.", "<", 1)) {
			t.Errorf("%s: no %q in\n%s", request, want, body)
		}
	}
}

// TestRoutes checks that logs and metrics are told templates: a path of each
// entity's own would be a metric of its own.
func TestRoutes(t *testing.T) {
	s := newService(t, occi.Config{Path: "/occi1.2/"})
	for path, route := range map[string]string{
		"/occi1.2/-/":                         "/occi1.2/-/",
		"/.well-known/org/ogf/occi/-/":        "/.well-known/org/ogf/occi/-/",
		"/occi1.2/compute/" + runningID:       "/occi1.2/compute/{id}",
		"/occi1.2/compute/a%2fb/c":            "/occi1.2/compute/{id}",
		"/occi1.2/mixin/os_tpl/" + imageID:    "/occi1.2/mixin/os_tpl/{term}/",
		"/occi1.2/mixin/os_tpl":               "/occi1.2/mixin/os_tpl/",
		"/occi1.2/any/thing%0aelse/" + portID: "/occi1.2/{path}/",
	} {
		s.log.Reset()
		s.do("GET " + path)
		if log := s.log.String(); !strings.Contains(log, `"route":"`+route+`"`) {
			t.Errorf("%s: no route %s in %s", path, route, log)
		}
	}
}

// TestCoreLocations checks the option for clients that need a location of each
// kind.
func TestCoreLocations(t *testing.T) {
	s := newService(t, occi.Config{CoreLocations: true})
	body := bodyOf(t, s.do("GET /-/"))
	for line := range strings.SplitSeq(body, "\n") {
		if strings.Contains(line, `class="kind"`) && !strings.Contains(line, "location=") {
			t.Errorf("no location: %s", line)
		}
	}
	for path, want := range map[string]int{"/entity/": 15 + 5, "/resource/": 3 + 2 + 5 + 3 + 2, "/link/": 3 + 1 + 1} {
		if got := strings.Count(bodyOf(t, s.do("GET "+path)), "X-OCCI-Location: "); got != want {
			t.Errorf("%s: %d entities, want %d", path, got, want)
		}
	}
	if res := newService(t, occi.Config{}).do("GET /entity/"); res.StatusCode != http.StatusNotFound {
		t.Errorf("without the option: %d", res.StatusCode)
	}
}

// TestHeaderLimit checks that an answer that is too long for header fields is
// refused, and that nothing hostile gets into them.
func TestHeaderLimit(t *testing.T) {
	res := newService(t, occi.Config{MaxHeaderBytes: 200}).do("GET /-/\nAccept: text/occi")
	if body := bodyOf(t, res); res.StatusCode != http.StatusNotAcceptable || !strings.Contains(body, "text/plain") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	// What has been done is no failure.
	res = newService(t, occi.Config{MaxHeaderBytes: 200}).do("POST /compute/" + runningID + "\nAccept: text/occi\nX-OCCI-Attribute: occi.core.title=\"x\"")
	if body := bodyOf(t, res); res.StatusCode != http.StatusOK || body != "OK" {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	res = newService(t, occi.Config{}).do("GET /compute/" + runningID + "\nAccept: text/occi")
	for name, values := range res.Header {
		if len(values) != 1 || strings.ContainsAny(values[0], "\r\n\x00") || name == "X-Evil" {
			t.Errorf("%s: %q", name, values)
		}
	}
}
