package cimi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
	translate "github.com/occimi/occimi/translate/cimi"
)

const browser = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

// TestPages holds the pages to their files. Names and properties are hostile.
func TestPages(t *testing.T) {
	f := newFake()
	f.machines[1].Name = `<script>alert("1")</script>'"&`
	f.machines[1].Metadata = map[string]string{"cimi_p_k": "javascript:alert(1)", `cimi_p_"><script>`: "</table>"}
	f.machines[1].Description = "http://evil.example/"
	h := serve(f, translate.Options{CPUArch: "x86_64"})
	for name, uri := range map[string]string{
		"cloudEntryPoint.v1":   "1/cloudEntryPoint",
		"cloudEntryPoint.v2":   "",
		"machines.v1":          "1/machines",
		"machines-paged.v2":    "2/machines?$first=2&$last=2&$select=name,disks,operations&$orderby=name",
		"machines-selected.v1": "1/machines?$select=count",
		"machine.v1":           "1/machines/m-2",
		"machine.v2":           "2/machines/m-2",
		"machine-expanded.v1":  "1/machines/m-1?$expand=disks,networkInterfaces",
		"interfaces.v2":        "2/machines/m-1/interfaces",
		"machineConfig.v1":     "1/machineConfigs/2",
		"machineImages.v2":     "2/machineImages",
		"credentials.v1":       "1/credentials",
		"resourceMetadata.v2":  "2/resourceMetadata/credential",
		"failure.v1":           "1/machines/%3Cscript%3E",
	} {
		headers := []string{browser}
		if uri == "" {
			headers = append(headers, "CIMI-Specification-Version: 2.0")
		}
		r := request(t, h, "GET /cimi/"+uri, "", headers...)
		page := text(t, r)
		if got := r.Header.Get("Content-Type"); got != "text/html; charset=utf-8" {
			t.Errorf("%s is %s", name, got)
		}
		if csp := r.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s has the policy %q", name, csp)
		}
		for _, hostile := range []string{"<script", `href="javascript`, `href="http://evil`, "ZgotmplZ"} {
			if strings.Contains(page, hostile) {
				t.Errorf("%s has %s", name, hostile)
			}
		}
		golden(t, "html/"+name+".html", page)
	}
}

// TestFormats is which clients get a page.
func TestFormats(t *testing.T) {
	h := serve(newFake(), translate.Options{})
	for _, test := range []struct{ uri, accept, want string }{
		{"machines", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"},
		{"machines", "text/html", "text/html"},
		{"machines", "text/html, text/plain, application/xhtml+xml, */*;q=0.01", "text/html"},
		{"machines", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "application/json"}, // Java, untold
		{"machines", "text/html, application/json", "application/json"},
		{"machines", "application/xhtml+xml, text/html;q=0.5, application/xml", "application/xml"},
		{"machines", "text/*", "application/json"}, // 406
		{"machines", "*/*", "application/json"},
		{"machines", "", "application/json"},
		{"machines?$format=HTML", "application/json", "text/html"},
		{"machines?$format=json&$format=html", "text/html", "application/json"},
		{"machines?$format=", "application/xml", "application/xml"},
	} {
		r := request(t, h, "GET /cimi/2/"+test.uri, "", "Accept:"+test.accept)
		if got := r.Header.Get("Content-Type"); got != test.want+"; charset=utf-8" {
			t.Errorf("%s with Accept %q is %s", test.uri, test.accept, got)
		}
	}
}

// TestTurningPages follows the links through a long collection.
func TestTurningPages(t *testing.T) {
	f := newFake()
	f.machines = nil
	for i := range 250 {
		f.machines = append(f.machines, model.Machine{ID: "m" + string(rune('a'+i/26)) + string(rune('a'+i%26))})
	}
	h := serve(f, translate.Options{})
	link := func(page, name string) string {
		before, _, ok := strings.Cut(page, `">`+name+`</a>`)
		if !ok {
			return ""
		}
		uri := before[strings.LastIndex(before, `"`)+1:]
		return strings.TrimPrefix(strings.ReplaceAll(uri, "&amp;", "&"), "http://cloud.example.org")
	}
	page, seen := text(t, request(t, h, "GET /cimi/1/machines?$select=machines/id", "", browser)), 0
	var sizes []int
	for {
		n := strings.Count(page, "<th scope=\"row\"><a")
		seen, sizes = seen+n, append(sizes, n)
		next := link(page, "next page")
		if next == "" {
			break
		}
		page = text(t, request(t, h, "GET "+next, "", browser))
	}
	if diff := cmp.Diff([]int{100, 100, 50}, sizes); diff != "" || seen != 250 {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	for _, name := range []string{"first page", "previous page"} {
		page := text(t, request(t, h, "GET "+link(page, name), "", browser))
		if n := strings.Count(page, "<th scope=\"row\"><a"); n != 100 {
			t.Errorf("the %s has %d machines", name, n)
		}
	}
	if uri := link(page, "first page"); !strings.Contains(uri, "$first=1&$last=100") || !strings.Contains(uri, "$select=machines%2Fid") {
		t.Errorf("the first page is %s", uri)
	}
}

// TestForms does by forms what the pages offer.
func TestForms(t *testing.T) {
	host := "http://cloud.example.org"
	for _, test := range []struct {
		name, uri string
		fields    url.Values
		want      string // where it leads to
		check     func(*fake) any
		did       any
	}{
		{"create", "/cimi/2/machines", url.Values{
			"name": {"a <b>"}, "description": {""}, "_json properties": {`{"env":"prod"}`},
			"machineTemplate.machineConfig.href": {host + "/cimi/2/machineConfigs/1"}, "machineTemplate.machineImage.href": {host + "/cimi/2/machineImages/i-1"},
			"machineTemplate.credential.href": {""}, "machineTemplate.userData": {"aGk="}, "_json machineTemplate.volumes": {""},
		}, "/cimi/2/machines/m-3", func(f *fake) any { return f.created }, []model.MachineCreate{{
			Name: "a <b>", FlavorID: "1", ImageID: "i-1", UserData: []byte("hi"), Metadata: map[string]string{"cimi_p_env": "prod"},
		}}},
		{"create a credential", "/cimi/1/credentials", url.Values{"name": {"k"}, "credentialTemplate.key": {"ssh-ed25519 AAAA joe"}},
			"/cimi/1/credentials/k", func(f *fake) any { return f.keys[1].PublicKey }, "ssh-ed25519 AAAA joe"},
		{"edit", "/cimi/1/machines/m-1?$select=name,description,properties",
			url.Values{"_method": {"PUT"}, "name": {"renamed"}, "description": {""}, "_json properties": {`{"env":"prod","a b":"<1>"}`}},
			"/cimi/1/machines/m-1", func(f *fake) any { return []string{*f.updated[0].Name, *f.updated[0].Description} }, []string{"renamed", ""}},
		{"action", "/cimi/2/machines/m-1/stop", url.Values{"action": {"http://schemas.dmtf.org/cimi/2/action/stop"}},
			"/cimi/2/machines/m-1", func(f *fake) any { return f.acted }, []model.MachineAction{model.StopMachine}},
		{"capture", "/cimi/1/machines/m-1/capture", url.Values{"action": {ns1 + "/action/capture"}, "name": {"backup"}, "description": {""}},
			"/cimi/1/machineImages/i-3", func(f *fake) any { return f.saved[0].Name }, "backup"},
		{"delete", "/cimi/1/machines/m-1", url.Values{"_method": {"DELETE"}}, "/cimi/1/machines", func(f *fake) any { return f.calls.Load() }, int64(1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake()
			r := request(t, serve(f, translate.Options{}), "POST "+test.uri, test.fields.Encode(),
				browser, "Sec-Fetch-Site: same-origin", "Content-Type: application/x-www-form-urlencoded")
			if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != host+test.want {
				t.Fatalf("%s to %s: %s", r.Status, r.Header.Get("Location"), text(t, r))
			}
			if diff := cmp.Diff(test.did, test.check(f)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestForeignPages: what another site makes a browser send changes nothing.
func TestForeignPages(t *testing.T) {
	form := "Content-Type: application/x-www-form-urlencoded"
	action := `{"action":"` + ns1 + `/action/stop"}`
	for _, test := range []struct {
		name, line, body string
		headers          []string
		status           int
		has              string
	}{
		{"form of another site", "POST /cimi/1/machines/m-1", "_method=DELETE", []string{form, "Sec-Fetch-Site: cross-site"}, 403, "another site"},
		{"form of a sister site", "POST /cimi/1/machines/m-1", "_method=DELETE", []string{form, "Sec-Fetch-Site: same-site"}, 403, "another site"},
		{"form of another origin", "POST /cimi/1/machines/m-1", "_method=DELETE", []string{form, "Origin: https://evil.example"}, 403, "another site"},
		{"form of no origin", "POST /cimi/1/machines/m-1", "_method=DELETE", []string{form, "Origin: null"}, 403, "another site"},
		{"form that nobody vouches for", "POST /cimi/1/machines/m-1/stop", "action=stop", []string{form}, 415, "bodies are"},
		{"script of another site, without a type", "POST /cimi/1/machines/m-1/stop", action, []string{"Origin: https://evil.example"}, 403, "another site"},
		{"script of another site, with one", "POST /cimi/1/machines/m-1/stop", action, []string{"Content-Type: application/json", "Sec-Fetch-Site: cross-site"}, 403, "another site"},
		{"delete of another site", "DELETE /cimi/1/machines/m-1", "", []string{"Origin: https://evil.example"}, 403, "another site"},
		{"unknown method", "POST /cimi/1/machines/m-1", "_method=PATCH", []string{form, "Sec-Fetch-Site: same-origin"}, 400, "PATCH"},
		{"method that is not there", "POST /cimi/1/machines", "_method=DELETE", []string{form, "Sec-Fetch-Site: same-origin"}, 405, "DELETE"},
		{"unknown field", "POST /cimi/1/machines", "machineTemplate.x=1", []string{form, "Sec-Fetch-Site: same-origin"}, 400, "machineTemplate.x"},
		{"field given twice", "POST /cimi/1/machines", "name=1&name=2", []string{form, "Sec-Fetch-Site: same-origin"}, 400, "twice"},
		{"field inside a text", "POST /cimi/1/machines", "name=1&name.x=2", []string{form, "Sec-Fetch-Site: same-origin"}, 400, "beside the others"},
		{"not JSON", "POST /cimi/1/machines", "_json+properties=%7B", []string{form, "Sec-Fetch-Site: same-origin"}, 400, "properties is not JSON"},
		{"not UTF-8", "POST /cimi/1/machines", "name=%ff", []string{form, "Sec-Fetch-Site: same-origin"}, 400, "UTF-8"},
		{"badly escaped", "POST /cimi/1/machines", "name=%f", []string{form, "Sec-Fetch-Site: same-origin"}, 400, "escaped"},
		{"too deep", "POST /cimi/1/machines", strings.Repeat("a.", 100) + "=1", []string{form, "Sec-Fetch-Site: same-origin"}, 400, "deep"},
	} {
		f := newFake()
		r := request(t, serve(f, translate.Options{}), test.line, test.body, test.headers...)
		if body := text(t, r); r.StatusCode != test.status || !strings.Contains(body, test.has) {
			t.Errorf("%s: %s: %s", test.name, r.Status, body)
		}
		if f.calls.Load() > 0 {
			t.Errorf("%s: the cloud was called", test.name)
		}
	}
	r := request(t, serve(newFake(), translate.Options{}), "POST /cimi/1/machines/m-1", "_method=DELETE", form, "Origin: http://cloud.example.org")
	if r.StatusCode != http.StatusSeeOther {
		t.Errorf("a form of an old browser: %s", r.Status)
	}
}
