package cimi_test

import (
	"net/http"
	"strings"
	"testing"

	translate "github.com/occimi/occimi/translate/cimi"
)

// TestEntityTags: equal representations have equal tags, others have others.
func TestEntityTags(t *testing.T) {
	f := newFake()
	h := serve(f, translate.Options{})
	tags := map[string]string{}
	for _, uri := range []string{
		"1/machines/m-1", "2/machines/m-1", "1/machines/m-1?$format=xml", "1/machines/m-1?$format=html", "1/machines/m-1?$select=name",
		"1/machines/m-1?$expand=disks", "1/machines/m-2", "1/machines", "1/machines?$last=1", "1/cloudEntryPoint",
	} {
		r := request(t, h, "GET /cimi/"+uri, "")
		tag := r.Header.Get("ETag")
		if !strings.HasPrefix(tag, `"`) || len(tag) != 24 {
			t.Errorf("the tag of %s is %s", uri, tag)
		}
		if other, twice := tags[tag]; twice {
			t.Errorf("%s and %s have the same tag", uri, other)
		}
		tags[tag] = uri
		for _, line := range []string{"GET", "HEAD"} {
			if again := request(t, serve(newFake(), translate.Options{}), line+" /cimi/"+uri, "").Header.Get("ETag"); again != tag {
				t.Errorf("%s %s has another tag in another replica", line, uri)
			}
		}
	}
	for _, uri := range []string{"1/machines/none", "1/machines?$filter=%3D"} {
		if tag := request(t, h, "GET /cimi/"+uri, "").Header.Get("ETag"); tag != "" {
			t.Errorf("the failure %s has the tag %s", uri, tag)
		}
	}
}

// TestPreconditions is what If-Match and If-None-Match lead to (RFC 9110 13.1).
// T stands for the tag of the machine in version 1 as JSON, X for that as XML, S for
// that with $select=name, and C for that of the machines.
func TestPreconditions(t *testing.T) {
	h := serve(newFake(), translate.Options{})
	tag := func(uri string) string { return request(t, h, "GET /cimi/1/"+uri, "").Header.Get("ETag") }
	fill := strings.NewReplacer("T", tag("machines/m-1"), "X", tag("machines/m-1?$format=xml"), "S", tag("machines/m-1?$select=name"), "C", tag("machines"))
	stop := `{"action":"` + ns1 + `/action/stop"}`
	for _, test := range []struct {
		line, body       string
		match, noneMatch string
		status           int
		calls            int64 // one look is two: at the machines, and the images for their latest snapshots
	}{
		{"GET /cimi/1/machines/m-1", "", "", "T", 304, 2},
		{"GET /cimi/1/machines/m-1", "", "", `"other", W/T`, 304, 2},
		{"GET /cimi/1/machines/m-1", "", "", "*", 304, 2},
		{"HEAD /cimi/1/machines/m-1", "", "", "T", 304, 2},
		{"GET /cimi/1/machines/m-1", "", "", "X", 200, 2},
		{"GET /cimi/2/machines/m-1", "", "", "T", 200, 2},
		{"GET /cimi/1/machines/m-1?$select=name", "", "", "T", 200, 1},
		{"GET /cimi/1/machines/m-1", "", "", `"a,T`, 200, 2},
		{"GET /cimi/1/machines/m-1", "", "T", "", 200, 2},
		{"GET /cimi/1/machines/m-1", "", `"other"`, "", 412, 2},
		{"GET /cimi/1/machines/none", "", "*", "*", 404, 2},

		{"PUT /cimi/1/machines/m-1?$select=name", `{"name":"n"}`, "T", "", 200, 3},
		{"PUT /cimi/1/machines/m-1?$select=name", `{"name":"n"}`, "S", "", 200, 3},
		{"PUT /cimi/1/machines/m-1?$select=name", `{"name":"n"}`, `"other" , X`, "", 200, 3},
		{"PUT /cimi/1/machines/m-1?$select=name", `{"name":"n"}`, "*", "", 200, 3},
		{"PUT /cimi/1/machines/m-1?$select=name", `{"name":"n"}`, `"other"`, "", 412, 2},
		{"PUT /cimi/1/machines/m-1?$select=name", `{"name":"n"}`, "W/T", "", 412, 2}, // strong comparison
		{"PUT /cimi/1/machines/m-1?$select=name", `{"name":"n"}`, "nonsense", "", 412, 2},
		{"PUT /cimi/1/machines/m-1?$select=name", `{"name":"n"}`, "", "*", 412, 2},
		{"PUT /cimi/1/machines/m-1", `{"name":"n"}`, "S", "", 412, 2}, // the rest may have changed
		{"PUT /cimi/2/machines/m-1?$select=name", `{"name":"n"}`, "T", "", 412, 2},
		{"PUT /cimi/1/machines/none", `{"name":"n"}`, "*", "", 404, 2},
		{"DELETE /cimi/1/machines/m-1", "", "T", "", 200, 3},
		{"DELETE /cimi/1/machines/m-1", "", `"other"`, "", 412, 2},
		{"POST /cimi/1/machines/m-1/stop", stop, "T", "", 202, 4},
		{"POST /cimi/1/machines/m-1/stop", stop, `"other"`, "", 412, 2},
		{"POST /cimi/1/machines", `{"machineTemplate":{` + ref + `}}`, "C", "", 201, 3},
		{"POST /cimi/1/machines", `{"machineTemplate":{` + ref + `}}`, "T", "", 412, 2},
	} {
		f := newFake()
		var headers []string
		if test.match != "" {
			headers = append(headers, "If-Match: "+fill.Replace(test.match))
		}
		if test.noneMatch != "" {
			headers = append(headers, "If-None-Match: "+fill.Replace(test.noneMatch))
		}
		r := request(t, serve(f, translate.Options{}), test.line, test.body, headers...)
		body := text(t, r)
		if r.StatusCode != test.status || f.calls.Load() != test.calls {
			t.Errorf("%s If-Match %s, If-None-Match %s: %s after %d calls: %s", test.line, test.match, test.noneMatch, r.Status, f.calls.Load(), body)
		}
		switch r.StatusCode {
		case http.StatusNotModified:
			if body != "" || r.Header.Get("ETag") == "" || r.Header.Get("Vary") == "" || r.Header.Get("Cache-Control") == "" || r.Header.Get("Content-Type") != "" {
				t.Errorf("%s: 304 with %v and %q", test.line, r.Header, body)
			}
		case http.StatusPreconditionFailed:
			if !strings.Contains(body, `"returnCode":10412`) || !strings.Contains(body, "Match: ") {
				t.Errorf("%s: 412 with %s", test.line, body)
			}
		}
	}
}
