package main

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/occimi/occimi/backend/sandbox"
)

// visitor is a person with a browser: it sees pages, and sends the forms that
// are on them, as they are but for what it fills in.
type visitor struct {
	t    *testing.T
	site http.Handler
	page string
}

func (v *visitor) send(r *http.Request) int {
	v.t.Helper()
	basic(r)
	r.Host = "cloud.example.org"
	r.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	w := httptest.NewRecorder()
	v.site.ServeHTTP(w, r)
	v.page = w.Body.String()
	if kind := w.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/html") {
		v.t.Fatalf("%s %s: %d as %s: %s", r.Method, r.URL, w.Code, kind, v.page)
	}
	return w.Code
}

func (v *visitor) open(path string) int {
	v.t.Helper()
	return v.send(httptest.NewRequest("GET", path, nil))
}

var (
	formIn   = regexp.MustCompile(`(?s)<form method="post" action="([^"]*)".*?</form>`)
	inputIn  = regexp.MustCompile(`<input (?:type="hidden" )?name="([^"]*)" value="([^"]*)"`)
	selectIn = regexp.MustCompile(`(?s)<select name="([^"]*)">(.*?)</select>`)
	optionIn = regexp.MustCompile(`<option value="([^"]*)"( selected)?>([^<]*)`)
	pathIn   = regexp.MustCompile(`href="([^"]*)"`)
)

// press sends the form that has a button, its fields filled in by their names;
// of a select, the option with the text is taken. It gives the status.
func (v *visitor) press(button string, filled map[string]string) int {
	v.t.Helper()
	for _, form := range formIn.FindAllStringSubmatch(v.page, -1) {
		if !strings.Contains(form[0], "<button>"+button) {
			continue
		}
		fields := url.Values{}
		seen := map[string]bool{}
		for _, in := range inputIn.FindAllStringSubmatch(form[0], -1) {
			value, ok := filled[in[1]]
			if !ok {
				value = html.UnescapeString(in[2])
			}
			fields.Add(html.UnescapeString(in[1]), value)
			seen[in[1]] = true
		}
		for _, in := range selectIn.FindAllStringSubmatch(form[0], -1) {
			chosen := ""
			for _, option := range optionIn.FindAllStringSubmatch(in[2], -1) {
				_, wanted := filled[option[3]]
				if wanted || option[2] != "" && chosen == "" {
					chosen = html.UnescapeString(option[1])
				}
				seen[option[3]] = seen[option[3]] || wanted
			}
			fields.Add(in[1], chosen)
		}
		for name := range filled {
			if !seen[name] {
				v.t.Fatalf("the form %q has no field %q: %s", button, name, form[0])
			}
		}
		r := httptest.NewRequest("POST", html.UnescapeString(form[1]), strings.NewReader(fields.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		return v.send(r)
	}
	v.t.Fatalf("no button %q on\n%s", button, v.page)
	return 0
}

// follow opens the first link on the page that leads below a path.
func (v *visitor) follow(below string) string {
	v.t.Helper()
	for _, link := range pathIn.FindAllStringSubmatch(v.page, -1) {
		if at := html.UnescapeString(link[1]); strings.HasPrefix(at, below) && at != below {
			v.open(at)
			return at
		}
	}
	v.t.Fatalf("no link below %s on\n%s", below, v.page)
	return ""
}

func (v *visitor) sees(status, want int, texts ...string) {
	v.t.Helper()
	if status != want {
		v.t.Fatalf("answered %d, want %d:\n%s", status, want, v.page)
	}
	for _, text := range texts {
		if !strings.Contains(v.page, html.EscapeString(text)) {
			v.t.Fatalf("%q is not on\n%s", text, v.page)
		}
	}
}

// TestForms does by the pages' own forms, in front of the sandbox, what a person
// does: make, use, change and delete a machine with its network, storage and
// address.
func TestForms(t *testing.T) {
	v := &visitor{t: t, site: inFront(t, sandbox.New(sandbox.Options{}), nil, zerolog.Nop()).handler}
	v.sees(v.open("/-/"), 200, "Compute Resource", "Image: cirros")

	v.sees(v.open("/network/"), 200, "private")
	v.sees(v.press("Create network", map[string]string{"occi.core.title": "lab", "occi.network.address": "192.0.2.0/24"}), 201, "lab", "1 entity")
	network := v.follow("/network/")
	v.sees(200, 200, "192.0.2.0/24")

	v.sees(v.open("/storage/"), 200, "0 entities")
	v.sees(v.press("Create storage", map[string]string{"occi.core.title": `<data> & "more"`, "occi.storage.size": "1"}), 201, "1 entity")
	storage := v.follow("/storage/")
	v.sees(200, 200, `<data> & "more"`, "online")
	v.sees(v.press("Take storage offline", nil), 200, "Done")
	v.sees(v.open(storage), 200, "offline")
	v.sees(v.press("Bring storage online", nil), 200, "Done")
	v.sees(v.open(storage), 200, "online")
	v.sees(v.press("Change", map[string]string{"occi.storage.size": "2"}), 200, `<data> & "more"`)

	v.open("/compute/")
	v.sees(v.press("Create compute", map[string]string{
		"occi.core.title": "web", "Image: cirros": "", "Flavor: m1.tiny": "",
		"_link http://schemas.ogf.org/occi/infrastructure#networkinterface": network,
		"_link http://schemas.ogf.org/occi/infrastructure#storagelink":      storage,
	}), 201, "web")
	compute := v.follow("/compute/")
	v.sees(200, 200, "active", "/networkinterface/", "/storagelink/")
	v.sees(v.press("Change", map[string]string{"occi.core.title": "renamed"}), 200, "renamed")
	v.sees(v.press("Stop compute", map[string]string{"acpioff": ""}), 200, "Done", compute)
	v.sees(v.open(compute), 200, "inactive", "Start compute")
	v.sees(v.press("Start compute", nil), 200, "Done")

	v.open("/networkinterface/")
	v.sees(v.press("Create networkinterface", map[string]string{"occi.core.source": compute, "occi.core.target": "/network/public"}), 400)
	v.sees(200, 200, "not") // the lab has no router: the page says why

	v.open(compute)
	storageLink := v.follow("/storagelink/")
	v.sees(v.press("Delete", nil), 200, "Done")
	v.sees(v.open(storageLink), 404)
	for _, path := range []string{compute, storage, network} {
		v.sees(v.open(path), 200)
		v.sees(v.press("Delete", nil), 200, "Done")
		v.sees(v.open(path), 404)
	}
}
