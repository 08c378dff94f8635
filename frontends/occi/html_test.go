package occi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/occimi/occimi/frontends/occi"
)

const browser = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

// TestHTML holds the pages to their files. Names of machines and images in the
// fake cloud are hostile.
func TestHTML(t *testing.T) {
	for name, request := range map[string]string{
		"query": "GET /-/", "list": "GET /compute/", "get": "GET /compute/" + runningID, "template": "GET /mixin/os_tpl/" + imageID + "/",
		"mixin": "GET /my/stuff/", "not-found": "GET /compute/nothing", "unauthorized": "GET /-/\nX-Auth-Token: bad",
	} {
		s := mixinService(t)
		s.expect(plain("POST /my/stuff/", located(runningID)), 200)
		s.cloud.machines[0].Name = `<script>alert("1")</script>'"&`
		res := s.do(request + "\n" + browser)
		csp := res.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") || !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: %v", name, res.Header)
		}
		page := wire(t, res)
		if strings.Contains(page, "<script") {
			t.Errorf("%s holds a script", name)
		}
		golden(t, "html/"+name+".http", page)
	}
}

// formOf is a form that a page of this service sends.
func formOf(target string, fields url.Values) string {
	return "POST " + target + "\n" + browser + "\nSec-Fetch-Site: same-origin\nContent-Type: application/x-www-form-urlencoded\n\n" + fields.Encode()
}

// TestForms does by forms what the pages offer.
func TestForms(t *testing.T) {
	s := mixinService(t)
	s.expect(formOf("/-/", url.Values{"_term": {"b"}, "_scheme": {mineScheme}, "_title": {""}, "_at": {"/b/"}}), 200, "Done")
	s.expect("GET /b/", 200)
	s.expect(formOf("/b/", url.Values{"_location": {"/compute/" + runningID}}), 200, runningID)
	s.expect(formOf("/b/", url.Values{"_method": {"DELETE"}, "_location": {"/compute/" + runningID}}), 200, "0 entities")
	s.expect(formOf("/-/", url.Values{"_method": {"DELETE"}, "_category": {mineScheme + "b"}}), 200, "Done")
	s.expect("GET /b/", 404)

	s.expect(formOf("/compute/", url.Values{
		"_category": {infra + "compute", "http://schemas.openstack.org/template/os#" + imageID, ""}, "occi.core.title": {"a <b>"},
		"occi.compute.cores": {"1"}, "occi.compute.architecture": {""}, "_link " + infra + "networkinterface": {"/network/" + networkID},
	}), 201, "a &lt;b&gt;")
	if r := s.cloud.created; r.Name != "a <b>" || r.ImageID != imageID || len(r.Networks) != 1 {
		t.Errorf("created %+v", r)
	}
	s.expect(formOf("/compute/"+runningID, url.Values{"occi.core.title": {"renamed"}}), 200, "renamed")
	s.expect(formOf("/compute/"+runningID+"?action=stop", url.Values{
		"_category": {"http://schemas.ogf.org/occi/infrastructure/compute/action#stop"}, "method": {"graceful"},
	}), 200, "Done")
	s.expect(formOf("/compute/"+runningID, url.Values{"_method": {"DELETE"}}), 200, "Done")
	if got := strings.Join(s.cloud.did, ", "); !strings.Contains(got, "stop "+runningID) || !strings.Contains(got, "delete "+runningID) {
		t.Errorf("did %s", got)
	}
}

// TestForeignPages: what another site makes a browser send changes nothing.
func TestForeignPages(t *testing.T) {
	del := "\nContent-Type: application/x-www-form-urlencoded\n\n_method=DELETE"
	for _, test := range []struct {
		name, request string
		want          int
	}{
		{"form of another site", "POST /compute/" + runningID + "\nSec-Fetch-Site: cross-site" + del, http.StatusForbidden},
		{"form of a sister site", "POST /compute/" + runningID + "\nSec-Fetch-Site: same-site" + del, http.StatusForbidden},
		{"form of another origin", "POST /compute/" + runningID + "\nOrigin: https://evil.example" + del, http.StatusForbidden},
		{"form of no origin", "POST /compute/" + runningID + "\nOrigin: null" + del, http.StatusForbidden},
		{"form that nobody vouches for", "POST /compute/" + runningID + del, http.StatusNotAcceptable},
		{"text form of another site", plain("POST /compute/"+runningID+"?action=stop\nSec-Fetch-Site: cross-site", "Category: stop"+actionLine), http.StatusForbidden},
		{"curl's form of another site", "POST /compute/" + runningID + "?action=stop\nOrigin: https://evil.example\nContent-Type: application/x-www-form-urlencoded\n\nCategory: stop" + actionLine, http.StatusForbidden},
		{"script of another site", "DELETE /compute/" + runningID + "\nOrigin: https://evil.example", http.StatusForbidden},
		{"unknown field", formOf("/compute/"+runningID, url.Values{"_nothing": {"x"}}), http.StatusBadRequest},
		{"unknown method", formOf("/compute/"+runningID, url.Values{"_method": {"PATCH"}}), http.StatusBadRequest},
		{"a collection deleted by an empty field", formOf("/compute/", url.Values{"_method": {"DELETE"}, "_location": {"/compute/none"}}), http.StatusNotFound},
	} {
		s := newService(t, occi.Config{})
		s.expect(test.request, test.want)
		if len(s.cloud.did) > 0 {
			t.Errorf("%s did %v", test.name, s.cloud.did)
		}
	}
	s := newService(t, occi.Config{})
	s.expect("POST /compute/"+runningID+"\nOrigin: https://cloud.example.org"+del, 200)
}
