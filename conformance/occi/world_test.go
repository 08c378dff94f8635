package occi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// world is what the endpoint told of itself, and what was prepared there for
// all cases.
type world struct {
	endpoint   endpoint
	categories map[string]category // by type identifier; locations are URLs
	vars       map[string]string

	mu       sync.Mutex
	prepared map[string]*preparation
	broken   map[string][]string // what exchanges broke, by the id of the rule
	seen     int                 // exchanges
}

// preparation is made once, when the first case asks for it.
type preparation struct {
	once sync.Once
	made []string
	vars map[string]string
	err  error
}

// discover asks the query interface, and finds a network to put machines into.
func discover(t *testing.T, e endpoint) *world {
	t.Helper()
	w := &world{endpoint: e, categories: map[string]category{}, vars: map[string]string{}, prepared: map[string]*preparation{}, broken: map[string][]string{}}
	x, err := w.exchange(request{method: "GET", target: "/-/", header: []string{"Accept: text/plain"}})
	if err != nil {
		t.Fatal(err)
	}
	d, err := x.document()
	if err != nil || x.answer.status != http.StatusOK {
		t.Fatalf("the query interface cannot be read: %v\n%s", err, x)
	}
	base, _ := url.Parse(e.url + "/")
	for _, c := range d.categories {
		if c.location != "" {
			if u, err := base.Parse(c.location); err == nil {
				c.location = u.String()
			}
		}
		w.categories[c.id()] = c
		if c.class == "kind" && c.scheme != core && c.location != "" {
			w.vars[c.term], w.vars[c.term+".bare"] = c.location, strings.TrimSuffix(c.location, "/")
			w.vars[c.term+".path"] = strings.TrimPrefix(c.location, e.url)
		}
	}
	w.vars["endpoint"] = e.url
	w.vars["path"] = strings.TrimSuffix(base.Path, "/")
	w.vars["run"] = "conf" + strconv.FormatInt(time.Now().UnixNano()%1e10, 36)
	w.templates(d.categories)
	w.network()
	return w
}

// templates chooses the image and the flavors that machines are made of: the
// two smallest, if the server tells their sizes.
func (w *world) templates(all []category) {
	var flavors []category
	for _, c := range all {
		switch {
		case c.class != "mixin":
		case c.rel == infra+"os_tpl" && w.vars["os"] == "":
			w.name("os", c)
		case c.rel == infra+"resource_tpl":
			flavors = append(flavors, c)
		}
	}
	sizes := w.sizes()
	slices.SortStableFunc(flavors, func(a, b category) int {
		if d := sizes[a.id()] - sizes[b.id()]; d != 0 {
			return int(d * 1000)
		}
		return strings.Compare(a.id(), b.id())
	})
	for i, c := range flavors[:min(2, len(flavors))] {
		w.name([]string{"flavor", "flavor2"}[i], c)
	}
}

// name makes a mixin known to the cases.
func (w *world) name(as string, c category) {
	w.vars[as] = fmt.Sprintf(`%s; scheme="%s"; class="mixin"`, c.term, c.scheme)
	w.vars[as+".id"], w.vars[as+".term"], w.vars[as+".scheme"] = c.id(), c.term, c.scheme
	w.vars[as+".location"], w.vars[as+".title"] = w.categories[c.id()].location, c.title
	if _, name, ok := strings.Cut(c.title, ": "); ok {
		w.vars[as+".name"] = name
	}
}

// sizes gives the memory of each resource template, as JSON tells it.
func (w *world) sizes() map[string]float64 {
	sizes := map[string]float64{}
	x, err := w.exchange(request{method: "GET", target: "/-/", header: []string{"Accept: application/occi+json"}})
	if err != nil {
		return sizes
	}
	var c jsonCollections
	if json.Unmarshal([]byte(x.answer.body), &c) != nil {
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
func (w *world) network() {
	x, err := w.exchange(request{method: "GET", target: w.vars["network"], header: []string{"Accept: application/occi+json"}})
	if err != nil || w.vars["network"] == "" {
		return
	}
	d, err := x.document()
	if err != nil {
		return
	}
	for i, m := range d.members {
		if m.attributes["occi.network.address"] != "" {
			w.vars["net"], w.vars["net.id"], w.vars["net.title"] = d.locations[i], m.attributes["occi.core.id"], m.attributes["occi.core.title"]
			return
		}
	}
}

// value gives what a ${name} stands for.
func (w *world) value(name string) (string, error) {
	if v, ok := w.vars[name]; ok {
		return v, nil
	}
	root, _, _ := strings.Cut(name, ".")
	prepare, ok := preparations()[root]
	if !ok {
		return "", notOfferedError{name}
	}
	w.mu.Lock()
	p := w.prepared[root]
	if p == nil {
		p = &preparation{}
		w.prepared[root] = p
	}
	w.mu.Unlock()
	p.once.Do(func() { p.vars, p.err = prepare(w, p) })
	if p.err != nil {
		return "", p.err
	}
	if v, ok := p.vars[name]; ok {
		return v, nil
	}
	return "", notOfferedError{name}
}

// preparations are what cases share and leave as it is.
func preparations() map[string]func(w *world, p *preparation) (map[string]string, error) {
	return map[string]func(w *world, p *preparation) (map[string]string, error){
		"machine": func(w *world, p *preparation) (map[string]string, error) {
			return w.prepare(p, "machine",
				Step{Do: "POST ${compute}", Type: "text/plain", Made: "machine", Want: []Check{status(201)},
					Body: machineBody + "\nX-OCCI-Attribute: occi.core.title=\"${run} shared\"\nX-OCCI-Attribute: occi.core.summary=\"made by ${run}\""},
				Step{Do: "GET ${machine}", Until: true, Want: []Check{attr("occi.compute.state", "active"), offers("stop")}},
			)
		},
		"volume": func(w *world, p *preparation) (map[string]string, error) {
			return w.prepare(p, "volume",
				Step{Do: "POST ${storage}", Type: "text/plain", Made: "volume", Want: []Check{status(201)}, Body: volumeBody("${run} shared volume")},
				Step{Do: "GET ${volume}", Until: true, Want: []Check{attr("occi.storage.state", "online")}},
			)
		},
		"tag": func(w *world, p *preparation) (map[string]string, error) {
			vars, err := w.prepare(p, "tag",
				Step{Do: "POST /-/", Type: "text/plain", Want: []Check{status(200)}, Body: mixinBody("shared", "/${run}/shared/")})
			if err == nil {
				run := w.vars["run"]
				vars["tag"] = fmt.Sprintf(`shared; scheme="http://example.org/%s#"; class="mixin"`, run)
				vars["tag.id"] = "http://example.org/" + run + "#shared"
				vars["tag.location"] = w.endpoint.url + "/" + run + "/shared/"
			}
			return vars, err
		},
		"token": func(w *world, _ *preparation) (map[string]string, error) { return w.token() },
	}
}

func (w *world) prepare(p *preparation, what string, steps ...Step) (map[string]string, error) {
	s := &scope{w: w, id: "preparing a " + what, local: map[string]string{}}
	for _, step := range steps {
		x, problems, err := s.perform(step, &p.made)
		if err != nil {
			return nil, err
		}
		if len(problems) > 0 {
			return nil, fmt.Errorf("cannot prepare a %s: %s\n%s", what, strings.Join(problems, "; "), x)
		}
	}
	return s.local, nil
}

var keystone = regexp.MustCompile(`^Keystone uri='([^']+)'$`)

// token gets a token from where the 401 of the endpoint says, as rOCCI does.
func (w *world) token() (map[string]string, error) {
	x, err := w.exchange(request{method: "GET", target: "/-/", as: nobody})
	if err != nil {
		return nil, err
	}
	m := keystone.FindStringSubmatch(x.answer.header.Get("WWW-Authenticate"))
	if m == nil {
		return nil, notOfferedError{"the place of Keystone"}
	}
	root := strings.TrimSuffix(strings.TrimSuffix(m[1], "/"), "/v3") + "/v3"
	login := func(scope string) (*exchange, error) {
		return w.exchange(request{method: "POST", target: root + "/auth/tokens", as: nobody, header: []string{"Content-Type: application/json"},
			body: fmt.Sprintf(`{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":%q,"password":%q,"domain":{"id":"default"}}}}%s}}`,
				w.endpoint.user.name, w.endpoint.user.password, scope)})
	}
	unscoped, err := login("")
	if err != nil {
		return nil, err
	}
	projects, err := w.exchange(request{method: "GET", target: root + "/auth/projects", as: nobody,
		header: []string{"X-Auth-Token: " + unscoped.answer.header.Get("X-Subject-Token")}})
	if err != nil {
		return nil, err
	}
	var list struct{ Projects []struct{ ID, Name string } }
	if err := json.Unmarshal([]byte(projects.answer.body), &list); err != nil || len(list.Projects) == 0 {
		return nil, fmt.Errorf("cannot read the projects of %s: %w", w.endpoint.user.name, err)
	}
	scoped, err := login(fmt.Sprintf(`,"scope":{"project":{"id":%q}}`, list.Projects[0].ID))
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"token": scoped.answer.header.Get("X-Subject-Token"), "token.unscoped": unscoped.answer.header.Get("X-Subject-Token"),
		"token.project": list.Projects[0].ID, "token.project_name": list.Projects[0].Name,
	}, nil
}

// tidy takes away what was prepared.
func (w *world) tidy(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(w.prepared)) {
		w.delete(t, w.prepared[name].made)
	}
	if p := w.prepared["tag"]; p != nil && p.err == nil {
		_, _ = w.exchange(request{method: "DELETE", target: "/-/", header: []string{"Content-Type: text/plain"}, body: "Category: " + p.vars["tag"]})
	}
}

// delete takes away what was made, the last first, and does not give up on what
// is still in use.
func (w *world) delete(t *testing.T, made []string) {
	slices.Reverse(made)
	deadline := time.After(patience)
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for _, place := range slices.Compact(made) {
		for {
			x, err := w.exchange(request{method: "DELETE", target: place})
			if err == nil && (x.answer.status < 300 || x.answer.status == http.StatusNotFound) {
				break
			}
			select {
			case <-deadline:
				t.Errorf("cannot delete what was made: %v\n%v", err, x)
				return
			case <-tick.C:
			}
		}
	}
}
