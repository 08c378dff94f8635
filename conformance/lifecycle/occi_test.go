package lifecycle_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/occimi/occimi/conformance/suitetest"
)

const infra = "http://schemas.ogf.org/occi/infrastructure"

// rocci is what the rOCCI command line sends with every request.
var rocci = []string{
	"Accept: text/plain,text/occi",
	"User-Agent: rOCCI-core/4.3.6 rOCCI-api/4.3.14 OCCI/1.1 ruby-x86_64-linux-gnu/3.1.2p20",
}

// rocciBody is added when there is a body: not a valid media type, but sent.
var rocciBody = append([]string{"Content-Type: text/plain,text/occi"}, rocci...)

// category is a line of the query interface as rOCCI's one ordered expression
// reads it: what does not match is lost to that client.
var category = regexp.MustCompile(`^Category: ?([a-z0-9][a-z0-9_-]*); ?scheme="([^"]+#)"; ?class="(kind|mixin|action)"` +
	`(?:; ?title="((?:[^"\\]|\\.)*)")?(?:; ?rel="([^"]*)")?(?:; ?location="([^"]*)")?` +
	`(?:; ?attributes="([a-z0-9_.{} -]*)")?(?:; ?actions="([^"]*)")?$`)

// occiAttribute reads an attribute out of a text/plain rendering.
func occiAttribute(body, name string) string {
	for line := range strings.Lines(body) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "X-OCCI-Attribute: "+name+"="); ok {
			return strings.Trim(value, `"`)
		}
	}
	return ""
}

// template finds the template mixin of the given base whose title has the text.
func template(t *testing.T, qi, base, title string) (term, scheme string) {
	t.Helper()
	for line := range strings.Lines(qi) {
		m := category.FindStringSubmatch(strings.TrimSpace(line))
		if m != nil && m[5] == infra+"#"+base && strings.Contains(m[4], title) {
			return m[1], m[2]
		}
	}
	t.Fatalf("no %s with %q in its title in:\n%s", base, title, qi)
	return "", ""
}

// TestOCCI is the life of a machine as rOCCI's command line lives it, and what
// every rendering shows of it.
func TestOCCI(t *testing.T) {
	onEveryCloud(t, func(t *testing.T, e suitetest.Endpoints) {
		demo := client{t: t, base: strings.TrimSuffix(e.OCCI, "/"), user: "demo"}
		alt := client{t: t, base: demo.base, user: "alt"}

		nobody := client{t: t, base: demo.base}.want(401, "GET", "/-/", "", rocci...)
		if got := nobody.header.Values("Www-Authenticate"); len(got) != 1 || !regexp.MustCompile(`^Keystone uri='http[^']+/'$`).MatchString(got[0]) {
			t.Errorf("WWW-Authenticate %q: rOCCI and jOCCI read nothing else than Keystone uri='...'", got)
		}
		wrong := client{t: t, base: demo.base, user: "nobody"}.do("GET", "/-/", "")
		if wrong.status != 401 {
			t.Errorf("unknown user: got %d, want 401", wrong.status)
		}

		qi := demo.want(200, "GET", "/-/", "", rocci...)
		for line := range strings.Lines(qi.body) {
			if !category.MatchString(strings.TrimSuffix(line, "\n")) {
				t.Errorf("rOCCI cannot read this line of the query interface: %q", line)
			}
		}
		osTerm, osScheme := template(t, qi.body, "os_tpl", "cirros")
		flavorTerm, flavorScheme := template(t, qi.body, "resource_tpl", "m1.tiny")
		demo.want(200, "HEAD", "/-/", "")
		demo.want(200, "GET", "/.well-known/org/ogf/occi/-/", "")

		// create, byte for byte as rOCCI does
		created := demo.want(201, "POST", "/compute/", fmt.Sprintf(`Category: compute;scheme="http://schemas.ogf.org/occi/infrastructure#";class="kind"
Category: %s;scheme="%s";class="mixin"
Category: %s;scheme="%s";class="mixin"
Category: public_key;scheme="http://schemas.openstack.org/instance/credentials#";class="mixin"
Category: user_data;scheme="http://schemas.openstack.org/compute/instance#";class="mixin"
X-OCCI-Attribute: occi.core.id="c4c2a6bb-b56d-45a8-a4aa-5ed27bc9fce3"
X-OCCI-Attribute: occi.core.title="lifecycle \"one\" ž"
X-OCCI-Attribute: occi.compute.hostname="lifecycle \"one\" ž"
X-OCCI-Attribute: org.openstack.credentials.publickey.data="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDDy5MPLfhc7qcMtpP+sgEOardidA41SNwnvX31cnHZk me@host"
X-OCCI-Attribute: org.openstack.compute.user_data="I2Nsb3VkLWNvbmZpZwpob3N0bmFtZTogIngiCg=="`,
			osTerm, osScheme, flavorTerm, flavorScheme), rocciBody...)
		location := created.header.Get("Location")
		if !strings.HasPrefix(location, demo.base+"/compute/") {
			t.Fatalf("Location %q is not below the endpoint that the client uses", location)
		}
		if created.body != "X-OCCI-Location: "+location {
			t.Errorf("created: body %q", created.body)
		}
		id := location[strings.LastIndex(location, "/")+1:]
		gone := false
		t.Cleanup(func() {
			if !gone {
				demo.do("DELETE", location, "")
			}
		})
		state := func(want string) {
			t.Helper()
			eventually(t, "state "+want, func() bool {
				return occiAttribute(demo.want(200, "GET", location, "", rocci...).body, "occi.compute.state") == want
			})
		}
		act := func(action, attributes string) answer {
			t.Helper()
			// An action is possible when it is linked: an active machine may still be restarting.
			eventually(t, "the offer to "+action, func() bool {
				return strings.Contains(demo.want(200, "GET", location, "", rocci...).body, "?action="+action+">")
			})
			return demo.want(200, "POST", location+"?action="+action, fmt.Sprintf(
				`Category: %s;scheme="%s/compute/action#";class="action"%s`, action, infra, attributes), rocciBody...)
		}
		state("active")

		// what each rendering shows of it
		plain := demo.want(200, "GET", location, "", rocci...).body
		for name, want := range map[string]string{
			"occi.core.id": id, "occi.core.title": `lifecycle \"one\" ž`, "occi.compute.cores": "1", "occi.compute.memory": "0.5",
		} {
			if got := occiAttribute(plain, name); got != want {
				t.Errorf("%s is %q, want %q in:\n%s", name, got, want, plain)
			}
		}
		if !strings.HasPrefix(plain, `Category: compute;`) {
			t.Errorf("the kind does not come first:\n%s", plain)
		}
		if !strings.Contains(plain, "/network/") || !strings.Contains(plain, infra+"#networkinterface") {
			t.Errorf("the machine's network is not linked:\n%s", plain)
		}
		headers := demo.want(200, "GET", location, "", "Accept: text/occi")
		if headers.body != "OK" || !strings.Contains(headers.header.Get("X-OCCI-Attribute"), `occi.core.id="`+id+`"`) {
			t.Errorf("text/occi: body %q, header %v", headers.body, headers.header)
		}
		var entity struct {
			Kind, ID   string
			Attributes map[string]any
		}
		if err := json.Unmarshal([]byte(demo.want(200, "GET", location, "", "Accept: application/occi+json").body), &entity); err != nil {
			t.Fatal(err)
		}
		if entity.Kind != infra+"#compute" || entity.ID != id || entity.Attributes["occi.core.title"] != `lifecycle "one" ž` {
			t.Errorf("JSON: %+v", entity)
		}
		list := demo.want(200, "GET", "/compute/", "", "Accept: text/uri-list").body
		if !slices.Contains(strings.Fields(list), location) {
			t.Errorf("%s is not listed in %q", location, list)
		}

		// another tenant knows nothing of it
		alt.want(404, "GET", location, "")
		alt.want(404, "DELETE", location, "")
		if list := alt.want(200, "GET", "/compute/", "", "Accept: text/uri-list").body; strings.Contains(list, id) {
			t.Errorf("another tenant's list has it: %s", list)
		}

		act("stop", "\nX-OCCI-Attribute: method=\"graceful\"")
		state("inactive")
		if again := demo.do("POST", location+"?action=stop", fmt.Sprintf(`Category: stop;scheme="%s/compute/action#";class="action"`, infra),
			"Content-Type: text/plain"); again.status != 409 {
			t.Errorf("stop of a stopped machine: got %d, want 409", again.status)
		}
		act("start", "")
		state("active")
		act("restart", "\nX-OCCI-Attribute: method=\"cold\"")
		state("active")
		act("suspend", "")
		state("suspended")
		act("start", "")
		state("active")

		saved := act("save", "\nX-OCCI-Attribute: name=\"lifecycle image\"\nX-OCCI-Attribute: method=\"hot\"")
		if m := category.FindStringSubmatch(strings.TrimSpace(saved.body)); m == nil || m[5] != infra+"#os_tpl" {
			t.Errorf("save answered %q, want the new os_tpl", saved.body)
		} else {
			t.Cleanup(func() {
				client{t: t, base: strings.TrimSuffix(e.CIMI, "/"), user: "demo"}.do("DELETE", "/1/machineImages/"+m[1], "")
			})
		}
		eventually(t, "a name for the saved image", func() bool {
			return strings.Contains(demo.want(200, "GET", "/-/", "", rocci...).body, "lifecycle image")
		})

		demo.want(200, "POST", location, `X-OCCI-Attribute: occi.core.title="renamed"`, rocciBody...)
		if got := occiAttribute(demo.want(200, "GET", location, "", rocci...).body, "occi.core.title"); got != "renamed" {
			t.Errorf("title is %q after the update", got)
		}

		// CIMI sees the same machine
		cimi := client{t: t, base: strings.TrimSuffix(e.CIMI, "/"), user: "demo"}
		var machine struct{ Name, State string }
		if err := json.Unmarshal([]byte(cimi.want(200, "GET", "/1/machines/"+id, "", "Accept: application/json").body), &machine); err != nil {
			t.Fatal(err)
		}
		if machine.Name != "renamed" {
			t.Errorf("CIMI shows %+v", machine)
		}

		if deleted := demo.want(200, "DELETE", location, "", rocci...); deleted.body != "OK" {
			t.Errorf("deleted: body %q", deleted.body)
		}
		gone = true
		demo.want(404, "GET", location, "", rocci...)
		demo.want(404, "DELETE", location, "", rocci...)
	})
}

// TestOCCIRefusals: bad input is refused with the right status, in the client's
// format, and nothing is made.
func TestOCCIRefusals(t *testing.T) {
	onEveryCloud(t, func(t *testing.T, e suitetest.Endpoints) {
		demo := client{t: t, base: strings.TrimSuffix(e.OCCI, "/"), user: "demo"}
		before := demo.want(200, "GET", "/compute/", "", "Accept: text/uri-list").body
		kind := `Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`
		plain := "Content-Type: text/plain"
		tests := []struct {
			name         string
			status       int
			method, path string
			body         string
			header       []string
		}{
			{"malformed category", 400, "POST", "/compute/", `Category: compute; scheme="http`, []string{plain}},
			{"malformed JSON", 400, "POST", "/compute/", `{"kind":`, []string{"Content-Type: application/occi+json"}},
			{"no kind", 400, "POST", "/compute/", `X-OCCI-Attribute: occi.core.title="x"`, []string{plain}},
			{"unknown mixin", 404, "POST", "/compute/", kind + "\n" + `Category: nix; scheme="http://example.org/x#"; class="mixin"`, []string{plain}},
			{"unknown attribute", 400, "POST", "/compute/", kind + "\n" + `X-OCCI-Attribute: occi.compute.wheels=4`, []string{plain}},
			{"wrong type", 400, "POST", "/compute/", kind + "\n" + `X-OCCI-Attribute: occi.compute.cores="many"`, []string{plain}},
			{"unknown media type", 406, "POST", "/compute/", kind, []string{"Content-Type: application/x-tar"}},
			{"nothing acceptable", 406, "GET", "/compute/", "", []string{"Accept: image/png"}},
			{"uri-list of an entity kind's query interface", 400, "GET", "/-/", "", []string{"Accept: text/uri-list"}},
			{"unknown id", 404, "GET", "/compute/00000000-0000-0000-0000-000000000000", "", nil},
			{"hostile id", 404, "GET", "/compute/..%2f..%2fservers", "", nil},
			{"unknown path", 404, "GET", "/nowhere/", "", nil},
			{"not allowed", 405, "PUT", "/compute/", kind, []string{plain}},
			{"unknown action", 404, "POST", "/compute/?action=fly", `Category: fly; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"`, []string{plain}},
			{"higher version", 501, "GET", "/-/", "", []string{"User-Agent: x OCCI/9.1"}},
			{"too large", 413, "POST", "/compute/", kind + strings.Repeat("\n"+kind, 80000), []string{plain}},
		}
		for _, test := range tests {
			t.Run(url.PathEscape(test.name), func(t *testing.T) {
				c := demo
				c.t = t
				a := c.want(test.status, test.method, test.path, test.body, test.header...)
				if strings.TrimSpace(a.body) == "" {
					t.Error("nothing says what was wrong")
				}
				if strings.Contains(a.body, ":8774") || strings.Contains(a.body, "/v2.1") {
					t.Errorf("the answer shows where OpenStack is: %s", a.body)
				}
			})
		}
		if after := demo.want(200, "GET", "/compute/", "", "Accept: text/uri-list").body; after != before {
			t.Errorf("refused requests changed the list from %q to %q", before, after)
		}
	})
}
