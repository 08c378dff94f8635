package occi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// entry is the case that the others begin with.
var entry = Case{ID: "entry", Level: Must, Clause: "OCCI 1.2 HTTP 4, 9.1; OCCI 1.2 Text 4", Title: "the query interface is at /-/ and can be read"}

// explore asks the query interface. Every category is a name, whose value is its
// location; a kind's term names its location too, with .bare without the slash
// at its end and with .path without the endpoint.
func explore(e *Explorer) error {
	x, err := e.Send(Get("/-/", Status(http.StatusOK)).Accepting("text/plain"))
	if err != nil {
		return err
	}
	d, err := read(x)
	if err != nil {
		return err
	}
	base, err := url.Parse(e.Session().Endpoint.URL + "/")
	if err != nil {
		return err
	}
	for i := range d.categories {
		c := &d.categories[i]
		if c.location != "" {
			if u, err := base.Parse(c.location); err == nil {
				c.location = u.String()
			}
		}
		e.Name(c.id(), c.location)
		if c.class == "kind" && c.scheme != core && c.location != "" {
			e.Name(c.term, c.location)
			e.Name(c.term+".bare", strings.TrimSuffix(c.location, "/"))
			e.Name(c.term+".path", strings.TrimPrefix(c.location, e.Session().Endpoint.URL))
		}
	}
	templates(e, d.categories)
	network(e)
	return nil
}

// templates chooses the image and the flavors that machines are made of: the
// two smallest, if the server tells their sizes.
func templates(e *Explorer, all []category) {
	var flavors []category
	for _, c := range all {
		switch {
		case c.class != "mixin":
		case c.rel == infra+"os_tpl" && e.Value("os") == "":
			nameMixin(e, "os", c)
		case c.rel == infra+"resource_tpl":
			flavors = append(flavors, c)
		}
	}
	memory := memories(e)
	slices.SortStableFunc(flavors, func(a, b category) int {
		switch d := memory[a.id()] - memory[b.id()]; {
		case d < 0:
			return -1
		case d > 0:
			return 1
		}
		return strings.Compare(a.id(), b.id())
	})
	for i, c := range flavors[:min(2, len(flavors))] {
		nameMixin(e, []string{"flavor", "flavor2"}[i], c)
	}
}

// nameMixin makes a mixin known to the cases.
func nameMixin(e *Explorer, as string, c category) {
	e.Name(as, fmt.Sprintf(`%s; scheme="%s"; class="mixin"`, c.term, c.scheme))
	for name, value := range map[string]string{"id": c.id(), "term": c.term, "scheme": c.scheme, "location": c.location, "title": c.title} {
		e.Name(as+"."+name, value)
	}
	if _, name, ok := strings.Cut(c.title, ": "); ok {
		e.Name(as+".name", name)
	}
}

// memories gives the memory of each resource template (GiB), as JSON tells it,
// and nothing if it does not.
func memories(e *Explorer) map[string]float64 {
	sizes := map[string]float64{}
	x, err := e.Send(Get("/-/").Accepting("application/occi+json"))
	if err != nil {
		return sizes
	}
	var c jsonCollections
	if json.Unmarshal([]byte(x.Body), &c) != nil {
		return sizes
	}
	for _, m := range c.Mixins {
		if v, ok := m.Attributes["occi.compute.memory"].Default.(float64); ok {
			sizes[m.Scheme+m.Term] = v
		}
	}
	return sizes
}

// network finds the network for machines: the first with addresses.
func network(e *Explorer) {
	if e.Value("network") == "" {
		return
	}
	x, err := e.Send(Get("${network}").Accepting("application/occi+json"))
	if err != nil {
		return
	}
	d, err := read(x)
	if err != nil {
		return
	}
	for i, m := range d.members {
		if m.attributes["occi.network.address"] != "" {
			e.Name("net", d.locations[i])
			e.Name("net.id", m.attributes["occi.core.id"])
			e.Name("net.title", m.attributes["occi.core.title"])
			return
		}
	}
}

// preparations are what cases share and leave as it is.
var preparations = map[string]Preparation{
	"machine": {Steps: []Step{
		post("${compute}", machineBody+title("${run} shared")+"\nX-OCCI-Attribute: occi.core.summary=\"made by ${run}\"", Status(201)).Making("machine"),
		Get("${machine}", attr("occi.compute.state", "active"), offers("stop")).Eventually(),
	}},
	"volume": {Steps: []Step{
		post("${storage}", volumeBody("${run} shared volume"), Status(201)).Making("volume"),
		Get("${volume}", attr("occi.storage.state", "online")).Eventually(),
	}},
	"tag": {
		Steps: []Step{post("/-/", mixinBody("shared", "/${run}/shared/"), Status(200))},
		Names: map[string]string{
			"tag":          `shared; scheme="http://example.org/${run}#"; class="mixin"`,
			"tag.id":       "http://example.org/${run}#shared",
			"tag.location": "${endpoint}/${run}/shared/",
		},
		Finally: []Step{{Do: "DELETE /-/", Type: "text/plain", Body: "Category: ${tag}"}},
	},
	// A token from where the 401 of the endpoint says, as rOCCI gets it.
	"token": {Steps: []Step{
		Get("/-/").By(Nobody).FindingIn("WWW-Authenticate", "token.keystone", `^Keystone uri='([^']+?)/?(?:v3/?)?'$`),
		login("").FindingIn("X-Subject-Token", "token.unscoped", `(.+)`),
		Get("${token.keystone}/v3/auth/projects", Status(200)).By(Nobody).With("X-Auth-Token: ${token.unscoped}").
			Finding("token.project", `"projects":\s*\[\{[^}\]]*?"id":\s*"([^"]+)"`).Finding("token.project_name", `"projects":\s*\[\{[^}\]]*?"name":\s*"([^"]+)"`),
		login(`,"scope":{"project":{"id":"${token.project}"}}`).FindingIn("X-Subject-Token", "token", `(.+)`),
	}},
}

// login asks Keystone for a token.
func login(scope string) Step {
	return Step{Do: "POST ${token.keystone}/v3/auth/tokens", As: Nobody, Type: "application/json", Want: []Check{Status(201)},
		Body: `{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":${user.name.json},"password":${user.password.json},"domain":{"id":"default"}}}}` + scope + `}}`}
}

// created gives the URLs of what a request made.
func created(x *Exchange) []string {
	if x.Status != http.StatusCreated {
		return nil
	}
	var urls []string
	if place := x.Header.Get("Location"); place != "" {
		urls = append(urls, place)
	}
	if d, err := read(x); err == nil {
		urls = append(urls, d.locations...)
	}
	return urls
}
