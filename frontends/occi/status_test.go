package occi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/frontends/occi"
	"github.com/occimi/occimi/model"
)

const (
	infra      = "http://schemas.ogf.org/occi/infrastructure#"
	kindLine   = `Category: compute; scheme="` + infra + `"; class="kind"`
	imageLine  = `Category: ` + imageID + `; scheme="http://schemas.openstack.org/template/os#"; class="mixin"`
	smallLine  = `Category: 2; scheme="http://schemas.openstack.org/template/resource#"; class="mixin"`
	actionLine = `; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"`
)

// plain is a request with a text/plain body.
func plain(request string, lines ...string) string {
	return request + "\nContent-Type: text/plain\n\n" + strings.Join(lines, "\n")
}

// jsonBody is a request with a JSON body.
func jsonBody(request, body string) string {
	return request + "\nContent-Type: application/occi+json\n\n" + body
}

// TestStatus holds situations to their statuses, and to a word that the message
// must have so that the client's user knows what was wrong.
func TestStatus(t *testing.T) {
	running, stopped := "/compute/"+runningID, "/compute/"+stoppedID
	link := func(target, more string) string {
		return `Link: <` + target + `>; rel="` + infra + `network"; category="` + infra + `networkinterface"` + more
	}
	tests := []struct {
		name    string
		request string
		fail    map[string]error
		want    int
		says    string
	}{
		{"no token", "GET /-/\nX-Auth-Token: ", nil, 401, ""},
		{"policy refuses", "GET /compute/", map[string]error{"MachineRefs": model.Errorf(model.Forbidden, "policy")}, 403, "policy"},
		{"quota", plain("POST /compute/", kindLine, imageLine), map[string]error{"CreateMachine": model.Errorf(model.Quota, "cores")}, 409, "cores"},
		{"upstream down", "GET /compute/", map[string]error{"MachineRefs": model.Errorf(model.Unavailable, "no answer")}, 503, "no answer"},
		{"upstream slow", "GET /compute/", map[string]error{"MachineRefs": model.Errorf(model.Timeout, "late")}, 503, "late"},
		{"a defect", "GET /compute/", map[string]error{"MachineRefs": http.ErrNoLocation}, 500, "internal error"},

		{"malformed category", plain("POST /compute/", `Category: compute; scheme="x`), nil, 400, "line 1"},
		{"malformed attribute", plain("POST /compute/", kindLine, "X-OCCI-Attribute: occi.core.title"), nil, 400, "line 2"},
		{"unknown line", plain("POST /compute/", kindLine, "Foo: bar"), nil, 400, "Foo"},
		{"malformed JSON", jsonBody("POST /compute/", `{"kind":`), nil, 400, "JSON"},
		{"unknown JSON member", jsonBody("POST /compute/", `{"kindd":""}`), nil, 400, "kindd"},
		{"too many at once", jsonBody("POST /compute/", `{"resources":[`+strings.Repeat(`{"kind":"`+infra+`compute"},`, 100)+`{"kind":"`+infra+`compute"}]}`), nil, 400, "at most 100"},
		{"two kinds", plain("POST /compute/", kindLine, `Category: network; scheme="`+infra+`"; class="kind"`), nil, 400, "one kind"},
		{"a kind twice is one", plain("POST /compute/", kindLine, kindLine, imageLine), nil, 201, ""},
		{"no kind", plain("POST /compute/", imageLine), nil, 400, "kind"},
		{"nothing said", "POST /compute/", nil, 400, "kind"},
		{"kind is not the path's", plain("POST /network/", kindLine), nil, 400, "location"},
		{"a core kind", plain("POST /", `Category: resource; scheme="http://schemas.ogf.org/occi/core#"; class="kind"`), nil, 400, "of its own"},
		{"class contradicts", plain("POST /compute/", `Category: compute; scheme="`+infra+`"; class="mixin"`), nil, 400, "kind"},
		{"unknown kind", plain("POST /compute/", `Category: computer; scheme="`+infra+`"; class="kind"`), nil, 404, "computer"},
		{"unknown mixin", plain("POST /compute/", kindLine, `Category: none; scheme="http://schemas.openstack.org/template/os#"; class="mixin"`), nil, 404, "none"},
		{"an image that is not ready", plain("POST /compute/", kindLine, `Category: 9d1c7a10-1111-4000-8000-000000000002; scheme="http://schemas.openstack.org/template/os#"; class="mixin"`), nil, 404, "000000000002"},
		{"mixin not applicable", plain("POST /compute/", kindLine, imageLine, `Category: ipnetwork; scheme="http://schemas.ogf.org/occi/infrastructure/network#"; class="mixin"`), nil, 403, "ipnetwork"},
		{"required attribute missing", plain("POST /compute/", kindLine, imageLine, `Category: ssh_key; scheme="http://schemas.ogf.org/occi/infrastructure/credentials#"; class="mixin"`), nil, 400, "occi.credentials.ssh.publickey"},
		{"unknown attribute", plain("POST /compute/", kindLine, imageLine, `X-OCCI-Attribute: occi.compute.corez=1`), nil, 400, "corez"},
		{"wrong type", plain("POST /compute/", kindLine, imageLine, `X-OCCI-Attribute: occi.compute.cores="many"`), nil, 400, "number"},
		{"number of programmers", plain("POST /compute/", kindLine, imageLine, `X-OCCI-Attribute: occi.compute.memory=0x1p1`), nil, 400, "0x1p1"},
		{"number in groups", plain("POST /compute/", kindLine, imageLine, `X-OCCI-Attribute: occi.compute.cores=1_0`), nil, 400, "1_0"},
		{"no number at all", plain("POST /compute/", kindLine, imageLine, `X-OCCI-Attribute: occi.compute.memory=NaN`), nil, 400, "NaN"},
		{"fraction", plain("POST /compute/", kindLine, imageLine, `X-OCCI-Attribute: occi.compute.cores=2.5`), nil, 400, "whole"},
		{"out of range", plain("POST /compute/", kindLine, imageLine, `X-OCCI-Attribute: occi.compute.cores=0`), nil, 400, "between"},
		{"a number that is none", jsonBody("POST /compute/", `{"kind":"`+infra+`compute","attributes":{"occi.compute.cores":1e999}}`), nil, 400, "1e999"},
		{"line ends in a title", jsonBody("POST /compute/", `{"kind":"`+infra+`compute","mixins":["http://schemas.openstack.org/template/os#`+imageID+`"],"title":"a\r\nX-Evil: 1"}`), nil, 400, "occi.core.title"},
		{"line ends in a new title", jsonBody("POST /network/"+networkID, `{"title":"a\r\nX-Evil: 1"}`), nil, 400, "occi.core.title"},
		{"line ends in a link", jsonBody("POST /compute/", `{"kind":"`+infra+`compute","mixins":["http://schemas.openstack.org/template/os#`+imageID+`"],"links":[{"kind":"`+infra+`storagelink","target":"/storage/`+freeVolumeID+`","attributes":{"occi.storagelink.deviceid":"a\n"}}]}`), nil, 400, "deviceid"},
		{"line ends in a parameter", jsonBody("POST "+running+"?action=save", `{"action":"http://schemas.ogf.org/occi/infrastructure/compute/action#save","attributes":{"name":"a\nb"}}`), nil, 400, "name"},
		{"line ends in user data", jsonBody("POST /compute/", `{"kind":"`+infra+`compute","mixins":["http://schemas.openstack.org/template/os#`+imageID+`"],"attributes":{"occi.compute.userdata":"#!/bin/sh\necho"}}`), nil, 201, ""},
		{"given twice in JSON", jsonBody("POST /compute/", `{"kind":"`+infra+`compute","title":"a","title":"b"}`), nil, 400, "title"},
		{"given twice", plain("POST /compute/", kindLine, `X-OCCI-Attribute: occi.core.title="a"`, `X-OCCI-Attribute: occi.core.title="b"`), nil, 400, "twice"},
		{"no flavor fits", plain("POST /compute/", kindLine, imageLine, `X-OCCI-Attribute: occi.compute.cores=64`), nil, 409, "64 cores"},
		{"another architecture", plain("POST /compute/", kindLine, imageLine, `X-OCCI-Attribute: occi.compute.architecture="x86"`), nil, 409, "x86"},
		{"no OS template", plain("POST /compute/", kindLine, smallLine), nil, 400, "OS template"},
		{"two resource templates", plain("POST /compute/", kindLine, imageLine, smallLine, `Category: 1; scheme="http://schemas.openstack.org/template/resource#"`), nil, 409, "exclude"},
		{"two families of keys", plain("POST /compute/", kindLine, imageLine, `X-OCCI-Attribute: occi.credentials.ssh.publickey="a"`, `X-OCCI-Attribute: org.openstack.credentials.publickey.data="b"`), nil, 409, "exclude"},
		{"user data too large", plain("POST /compute/", kindLine, imageLine, `X-OCCI-Attribute: occi.compute.userdata="`+strings.Repeat("#", 50000)+`"`), nil, 400, "65535"},

		{"link target unknown", plain("POST /compute/", kindLine, imageLine, link("/network/none", "")), nil, 404, "none"},
		{"link target of another kind", plain("POST /compute/", kindLine, imageLine, link("/compute/"+runningID, "")), nil, 400, "network"},
		{"link target elsewhere", plain("POST /compute/", kindLine, imageLine, link("https://elsewhere.example/network/x", "")), nil, 400, "elsewhere"},
		{"plain web link", plain("POST /compute/", kindLine, imageLine, `Link: </style.css>; rel=preload`), nil, 400, "category"},
		{"link to no kind of link", plain("POST /compute/", kindLine, imageLine, `Link: </network/x>; rel="x#y"; category="`+infra+`compute"`), nil, 400, "kind of link"},
		{"static without address", plain("POST /compute/", kindLine, imageLine, link("/network/"+networkID, `; occi.networkinterface.allocation="static"`)), nil, 400, "address"},
		{"same storage twice", plain("POST /compute/", kindLine, imageLine,
			`Link: </storage/`+freeVolumeID+`>; rel="`+infra+`storage"; category="`+infra+`storagelink"`, `Link: </storage/`+freeVolumeID+`>; rel="`+infra+`storage"; category="`+infra+`storagelink"`), nil, 409, "twice"},
		{"link without a source", plain("POST /networkinterface/", `Category: networkinterface; scheme="`+infra+`"; class="kind"`), nil, 400, "occi.core.source"},

		{"unknown entity", "GET /compute/none", nil, 404, "none"},
		{"unknown path", "GET /nothing/here/", nil, 404, ""},
		{"nested id", "GET " + running + "/more", nil, 404, ""},
		{"kind that is not declared", "GET /application/x", nil, 404, ""},
		{"unknown template", "GET /mixin/os_tpl/none/", nil, 404, "none"},
		{"base template", "GET /mixin/os_tpl/", nil, 200, ""},
		{"locations below a path, nothing else", "GET /mixin/", nil, 200, ""},

		{"immutable changed", plain("POST "+running, `X-OCCI-Attribute: occi.core.id="other"`), nil, 403, "occi.core.id"},
		{"another id in JSON", jsonBody("POST "+running, `{"id":"other","title":"x"}`), nil, 400, "other"},
		{"its id in JSON, as a URN", jsonBody("POST "+running, `{"id":"urn:uuid:`+runningID+`","title":"x"}`), nil, 200, ""},
		{"two ids in JSON", jsonBody("POST "+running, `{"id":"`+runningID+`","attributes":{"occi.core.id":"other"}}`), nil, 400, "twice"},
		{"state changed", plain("POST "+running, `X-OCCI-Attribute: occi.compute.state="inactive"`), nil, 403, "occi.compute.state"},
		{"state repeated", plain("POST "+running, `X-OCCI-Attribute: occi.compute.state="active"`), nil, 200, ""},
		{"old state in a full update", plain("PUT "+running, kindLine, `X-OCCI-Attribute: occi.compute.state="inactive"`), nil, 200, ""},
		{"another kind", plain("POST "+running, `Category: network; scheme="`+infra+`"; class="kind"`), nil, 400, "kind"},
		{"link in PUT", plain("PUT "+running, kindLine, link("/network/"+networkID, "")), nil, 400, "links"},
		{"links to actions in PUT", plain("PUT "+running, kindLine, `Link: <`+running+`?action=stop>; rel="http://schemas.ogf.org/occi/infrastructure/compute/action#stop"`), nil, 200, ""},
		{"empty update", "POST " + running, nil, 400, "nothing"},
		{"empty PUT", "PUT " + running, nil, 400, "nothing"},
		{"PUT of what is not there", plain("PUT /compute/mine", kindLine), nil, 400, "POST"},
		{"title taken away", plain("POST "+running, `X-OCCI-Attribute: occi.core.title=""`), nil, 400, "occi.core.title"},
		{"host name taken away", plain("PUT "+running, kindLine, `X-OCCI-Attribute: occi.compute.hostname=""`), nil, 400, "occi.compute.hostname"},
		{"host name of nothing fit", plain("POST "+running, `X-OCCI-Attribute: occi.compute.hostname="ž"`), nil, 400, "occi.compute.hostname"},
		{"same template again", plain("POST "+running, smallLine), nil, 200, ""},
		{"key after creation", plain("POST "+running, `X-OCCI-Attribute: occi.credentials.ssh.publickey="k"`), nil, 409, "created"},

		{"action without category", "POST " + running + "?action=stop", nil, 400, "category"},
		{"action mismatch", plain("POST "+running+"?action=start", `Category: stop`+actionLine), nil, 400, "start"},
		{"action unknown", plain("POST "+running+"?action=fly", `Category: fly`+actionLine), nil, 404, "fly"},
		{"action of another kind", plain("POST "+running+"?action=up", `Category: up; scheme="http://schemas.ogf.org/occi/infrastructure/network/action#"; class="action"`), nil, 400, "up"},
		{"no action named", plain("POST "+running+"?action=", `Category: stop`+actionLine), nil, 400, "action"},
		{"two actions named", plain("POST "+running+"?action=stop&action=start", `Category: stop`+actionLine), nil, 400, "one action"},
		{"state forbids", plain("POST "+stopped+"?action=stop", `Category: stop`+actionLine), nil, 409, "stopped"},
		{"state forbids, 1.1", "POST " + stopped + "?action=stop\nUser-Agent: OCCI/1.1\nCategory: stop" + actionLine, nil, 400, "stopped"},
		{"cloud forbids, 1.1", "POST " + running + "?action=stop\nUser-Agent: OCCI/1.1\nCategory: stop" + actionLine, map[string]error{"ActOnMachine": model.Errorf(model.Conflict, "busy")}, 400, "busy"},
		{"bad method", plain("POST "+running+"?action=stop", `Category: stop`+actionLine, `X-OCCI-Attribute: method="gently"`), nil, 400, "gently"},
		{"parameter twice", plain("POST "+running+"?action=stop", `Category: stop`+actionLine, `X-OCCI-Attribute: method="graceful"`, `X-OCCI-Attribute: method="poweroff"`), nil, 400, "twice"},
		{"unknown parameter", plain("POST "+running+"?action=stop", `Category: stop`+actionLine, `X-OCCI-Attribute: speed=1`), nil, 400, "speed"},
		{"action on PUT", plain("PUT "+running+"?action=stop", `Category: stop`+actionLine), nil, 400, "POST"},
		{"action with a filter", plain("POST /compute/?action=stop&category=x", `Category: stop`+actionLine), nil, 400, "category"},
		{"action with a page", plain("POST /compute/?action=stop;page=1;number=1", `Category: stop`+actionLine), nil, 400, "limited"},
		{"action with a filter in the header", plain("POST /compute/?action=stop\nX-OCCI-Attribute: occi.core.title=\"x\"", `Category: stop`+actionLine), nil, 400, "header"},
		{"action on the query interface", plain("POST /-/?action=stop", `Category: stop`+actionLine), nil, 405, ""},
		{"action on everything", plain("POST /?action=stop", `Category: stop`+actionLine), nil, 405, ""},
		{"restart of a failed one", plain("POST /compute/"+failedID+"?action=restart", `Category: restart`+actionLine), nil, 200, ""},
		{"a batch skips what is done", plain("POST /compute/?action=stop", `Category: stop`+actionLine), nil, 200, ""},
		{"a batch that one does not fit", plain("POST /compute/?action=suspend", `Category: suspend`+actionLine), nil, 409, stoppedID},

		{"uri-list of an entity", "GET " + running + "\nAccept: text/uri-list", nil, 400, "collection"},
		{"uri-list of the query interface", "GET /-/\nAccept: text/uri-list", nil, 400, "collection"},
		{"uri-list of an update", plain("POST "+running+"\nAccept: text/uri-list", `X-OCCI-Attribute: occi.core.title="x"`), nil, 400, "collection"},
		{"nothing acceptable", "GET /compute/\nAccept: image/png", nil, 406, "text/plain"},
		{"unknown body", "POST /compute/\nContent-Type: text/xml\n\n<a/>", nil, 406, "text/xml"},
		{"compressed body", plain("POST /compute/\nContent-Encoding: gzip", kindLine), nil, 400, "gzip"},
		{"body too large", plain("POST /compute/", kindLine, strings.Repeat("# ", 1<<16)), nil, 413, "larger"},
		{"text/occi with a body that means something", "DELETE /compute/\nContent-Type: text/occi\n\nX-OCCI-Location: " + running, nil, 400, "header"},
		{"version too high", "GET /-/\nUser-Agent: OCCI/1.3", nil, 501, "1.3"},
		{"version of many digits", "GET /-/\nUser-Agent: OCCI/99999.0", nil, 501, "99999.0"},
		{"version beyond all counting", "GET /-/\nUser-Agent: OCCI/99999999999999999999.1", nil, 501, "not spoken"},
		{"version of two digits", "GET /-/\nUser-Agent: OCCI/1.10", nil, 501, "1.10"},
		{"another product's version", "GET /-/\nUser-Agent: OCCI-CRTP/2.0 foo/OCCI/9.9", nil, 200, ""},
		{"several versions", "GET /-/\nUser-Agent: OCCI/9.9 OCCI/1.2", nil, 200, ""},

		{"page too large", "GET /compute/?page=1&number=1001", nil, 413, "1000"},
		{"page much too large", "GET /compute/?page=1&number=99999999999999999999", nil, 413, "1000"},
		{"page that nobody counts to", "GET /compute/?page=99999999999999999999&number=1000", nil, 200, ""},
		{"page far below zero", "GET /compute/?page=-99999999999999999999&number=1000", nil, 400, "from 1"},
		{"page without number", "GET /compute/?page=1", nil, 400, "both"},
		{"page zero", "GET /compute/?page=0&number=10", nil, 400, "from 1"},
		{"page beyond the end", "GET /compute/?page=9;number=10", nil, 200, ""},
		{"malformed query", "GET /compute/?page=%zz", nil, 400, "query"},

		{"PUT on a kind", plain("PUT /compute/", kindLine), nil, 405, ""},
		{"PUT on the query interface", "PUT /-/", nil, 405, ""},
		{"POST on an unbound path", plain("POST /mixin/", kindLine), nil, 405, ""},
		{"unknown method", "PATCH /compute/", nil, 405, ""},
		{"user mixin", plain("POST /-/", `Category: mine; scheme="http://example.org/#"; class="mixin"; location="/mine/"`), nil, 501, "mixins"},
		{"provider mixin's collection", plain("POST /mixin/ipnetwork/", "X-OCCI-Location: "+running), nil, 403, ""},
		{"base mixin's collection", plain("POST /mixin/os_tpl/", "X-OCCI-Location: "+running), nil, 400, "template"},
		{"template off", "DELETE /mixin/os_tpl/" + imageID + "/", nil, 403, ""},
		{"delete everything", "DELETE /", nil, 403, ""},

		{"delete with a filter", "DELETE /compute/\nX-OCCI-Attribute: occi.core.title=\"x\"", nil, 400, "filter"},
		{"delete with a query", "DELETE /compute/?category=x", nil, 400, "?category="},
		{"delete with a page", "DELETE /compute/?page=1&number=1", nil, 400, "limited"},
		{"delete with an empty location", "DELETE /compute/\nX-OCCI-Location: ", nil, 400, "no location"},
		{"delete with an empty filter", "DELETE /compute/\nX-OCCI-Attribute: ", nil, 400, "nothing"},
		{"delete with an empty line", "DELETE /compute/\n\n\n", nil, 400, "nothing"},
		{"delete with more in the header", plain("DELETE /compute/\nX-OCCI-Attribute: occi.core.title=\"x\"", "X-OCCI-Location: "+running), nil, 400, "header"},
		{"delete of an empty list", jsonBody("DELETE /compute/", `{"resources":[]}`), nil, 400, "nothing"},
		{"delete of what is not there", "DELETE /compute/\nX-OCCI-Location: /compute/none", nil, 404, "none"},
		{"delete of another kind's", "DELETE /compute/\nX-OCCI-Location: /network/" + networkID, nil, 400, "compute"},
		{"filter by unknown category", "GET /compute/\nCategory: x; scheme=\"http://example.org/#\"", nil, 404, "example"},
		{"query for unknown category", "GET /-/\nCategory: x; scheme=\"http://example.org/#\"", nil, 404, "example"},
		{"query for an action", "GET /-/\nCategory: stop" + actionLine, nil, 200, "Category: stop"},
		{"malformed filter", "GET /compute/\nX-OCCI-Attribute: =", nil, 400, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newService(t, occi.Config{})
			s.cloud.fail = test.fail
			res := s.do(test.request)
			body := bodyOf(t, res)
			if res.StatusCode != test.want {
				t.Errorf("status %d, want %d: %s", res.StatusCode, test.want, body)
			}
			if !strings.Contains(body, test.says) {
				t.Errorf("the answer does not say %q: %s", test.says, body)
			}
			if !strings.Contains(res.Header.Get("Server"), "OCCI/1.2") || res.Header.Get("Content-Type") == "" {
				t.Errorf("incomplete header: %v", res.Header)
			}
			if res.StatusCode >= http.StatusBadRequest && (len(s.cloud.did) > 0 || strings.Contains(body, "\n")) {
				t.Errorf("did %v, said %q", s.cloud.did, body)
			}
			if res.StatusCode == http.StatusMethodNotAllowed && res.Header.Get("Allow") == "" {
				t.Error("405 without Allow")
			}
		})
	}
}

// TestUnauthorized checks the challenge that rOCCI and jOCCI look for: one
// field, nothing else in it, on every path and method.
func TestUnauthorized(t *testing.T) {
	for _, request := range []string{"GET /-/", "HEAD /-/", "GET /compute/x", "POST /compute/", "GET /nothing/", "GET /-/\nAccept: text/occi"} {
		res := newService(t, occi.Config{}).do(request + "\nX-Auth-Token: bad")
		if res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %d", request, res.StatusCode)
		}
		var challenges []string
		for name, values := range res.Header {
			if strings.EqualFold(name, "WWW-Authenticate") {
				challenges = append(challenges, name+": "+strings.Join(values, " AND "))
			}
		}
		want := []string{"WWW-Authenticate: Keystone uri='" + keystone + "'"}
		if diff := cmp.Diff(want, challenges); diff != "" {
			t.Errorf("%s: %s", request, diff)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	busy := model.Errorf(model.RateLimited, "slow down")
	busy.RetryAfter = 1500 * time.Millisecond
	for _, test := range []struct {
		err  error
		want string
	}{
		{busy, "2"},
		{model.Errorf(model.Unavailable, "down"), "5"},
	} {
		s := newService(t, occi.Config{})
		s.cloud.fail = map[string]error{"MachineRefs": test.err}
		res := s.do("GET /compute/")
		if got := res.Header.Get("Retry-After"); res.StatusCode != http.StatusServiceUnavailable || got != test.want {
			t.Errorf("%v: %d, Retry-After %q, want %q", test.err, res.StatusCode, got, test.want)
		}
	}
}
