package occi_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/frontends/occi"
	"github.com/occimi/occimi/model"
)

// fakeTags keeps definitions by project.
type fakeTags struct {
	mu   sync.Mutex
	tags map[string][]model.Tag
	// meanwhile is what another replica defines before the next definition.
	meanwhile []model.Tag
}

func (f *fakeTags) Tags(_ context.Context, project string) ([]model.Tag, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.tags[project]), nil
}

func (f *fakeTags) DefineTags(_ context.Context, project string, tags []model.Tag, check func([]model.Tag) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tags == nil {
		f.tags = make(map[string][]model.Tag)
	}
	f.tags[project] = append(f.tags[project], f.meanwhile...)
	f.meanwhile = nil
	if err := check(f.tags[project]); err != nil {
		return err
	}
	for _, t := range tags {
		if !slices.ContainsFunc(f.tags[project], func(o model.Tag) bool { return o.Name == t.Name }) {
			f.tags[project] = append(f.tags[project], t)
		}
	}
	return nil
}

func (f *fakeTags) ForgetTags(_ context.Context, project string, names []string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tags[project] = slices.DeleteFunc(f.tags[project], func(t model.Tag) bool { return slices.Contains(names, t.Name) })
	return nil
}

func retag(tags, add, remove []string) []string {
	tags = slices.DeleteFunc(slices.Clone(tags), func(t string) bool { return slices.Contains(remove, t) })
	for _, t := range add {
		if !slices.Contains(tags, t) {
			tags = append(tags, t)
		}
	}
	return tags
}

func (f *fakeCloud) TagMachine(_ context.Context, id string, add, remove []string) error {
	if err := f.note("TagMachine"); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failTag == id {
		return model.Errorf(model.Conflict, "50 tags are there already")
	}
	i := slices.IndexFunc(f.machines, func(m model.Machine) bool { return m.ID == id })
	f.machines[i].Tags = retag(f.machines[i].Tags, add, remove)
	return nil
}

const (
	mineScheme = "http://example.org/mine#"
	mineName   = `Category: stuff; scheme="` + mineScheme + `"; class="mixin"`
	mineLine   = mineName + `; title="My, stuff"; rel="http://example.org/not/there#thing"; location="/my/stuff/"`
)

// mixinService is a service at which the mixin of mineLine is defined.
func mixinService(t *testing.T) *service {
	t.Helper()
	s := newService(t, occi.Config{Tags: &fakeTags{}, Reserved: []string{"/cimi/"}})
	s.expect(plain("POST /-/", mineLine), http.StatusOK, "OK")
	return s
}

// expect sends a request, holds it to a status and to words that the body must
// have, and gives the body.
func (s *service) expect(request string, status int, says ...string) string {
	s.t.Helper()
	res := s.do(request)
	body := bodyOf(s.t, res)
	if res.StatusCode != status {
		s.t.Fatalf("%s: %d, want %d: %s", strings.SplitN(request, "\n", 2)[0], res.StatusCode, status, body)
	}
	for _, word := range says {
		if !strings.Contains(body, word) {
			s.t.Errorf("%s does not say %q: %s", strings.SplitN(request, "\n", 2)[0], word, body)
		}
	}
	return body
}

func located(ids ...string) string {
	for i, id := range ids {
		ids[i] = "X-OCCI-Location: https://cloud.example.org/compute/" + id
	}
	return strings.Join(ids, "\n")
}

// TestDottedMixin checks that a mixin whose term OCCI 1.1 does not allow is shown
// to all but its clients, in entities and links too.
func TestDottedMixin(t *testing.T) {
	s := mixinService(t)
	const name = `Category: my.stuff; scheme="` + mineScheme + `"; class="mixin"`
	s.expect(plain("POST /-/", name+`; location="/my.stuff/"`), 200)
	s.expect(plain("POST /my.stuff/", located(runningID)), 200)
	s.cloud.ports[0].Tags = s.cloud.machines[0].Tags
	for _, path := range []string{"/-/", "/compute/" + runningID, "/networkinterface/" + portID} {
		s.expect("GET "+path, 200, "my.stuff")
		s.expect("GET "+path+"\nUser-Agent: x OCCI/1.2", 200, "my.stuff")
		if body := s.expect("GET "+path+"\nUser-Agent: rOCCI-core/4.3.6 OCCI/1.1", 200); strings.Contains(body, "my.stuff") {
			t.Errorf("%s to a client of OCCI 1.1: %s", path, body)
		}
	}
}

// TestMixinLife follows a mixin from its definition to its removal.
func TestMixinLife(t *testing.T) {
	s := mixinService(t)
	s.expect("GET /-/", 200, `Category: stuff; scheme="`+mineScheme+`"; class="mixin"; title="My  stuff"; rel="http://example.org/not/there#thing"; location="https://cloud.example.org/my/stuff/"`)
	s.expect("GET /-/\n"+mineName, 200, "stuff")
	if body := s.expect("GET /my/stuff/", 200); body != "" {
		t.Errorf("the new collection holds %q", body)
	}
	s.expect("GET /my/", 200)
	s.expect("GET /my/other/", 404)

	if got := s.expect(plain("POST /my/stuff/", located(runningID)), 200); got != located(runningID) {
		t.Errorf("collection %q", got)
	}
	s.expect(plain("POST /my/stuff/", located(runningID)), 200) // again
	s.expect("GET /compute/"+runningID, 200, "Category: stuff; scheme=\""+mineScheme+"\"; class=\"mixin\"; title=\"My  stuff\"")
	s.expect("GET /compute/"+runningID+"\nAccept: application/json", 200, `"`+mineScheme+`stuff"`)
	if got := s.expect("GET /compute/\n"+mineName, 200); got != located(runningID) {
		t.Errorf("filtered %q", got)
	}
	if got := s.expect("GET /compute/?category="+strings.ReplaceAll(mineScheme, "#", "%23")+"stuff", 200); got != located(runningID) {
		t.Errorf("filtered by query %q", got)
	}

	if got := s.expect(plain("PUT /my/stuff/", located(stoppedID, failedID)), 200); got != located(stoppedID)+"\n"+located(failedID) {
		t.Errorf("replaced %q", got)
	}
	if got := s.expect("GET /my/stuff/?page=2&number=1", 200); got != located(failedID) {
		t.Errorf("second page %q", got)
	}
	s.expect(jsonBody("DELETE /my/stuff/", `{"resources":[{"id":"`+failedID+`"}]}`), 200)
	s.expect(plain("DELETE /my/stuff/", located(failedID)), 404, "not in this collection")
	if got := s.expect("GET /my/stuff/\nAccept: text/uri-list", 200); got != "https://cloud.example.org/compute/"+stoppedID {
		t.Errorf("left %q", got)
	}

	s.expect("DELETE /-/\n"+mineName, 200, "OK")
	s.expect("GET /my/stuff/", 404)
	s.expect("DELETE /-/\n"+mineName, 404, "stuff")
	for _, m := range s.cloud.machines {
		if len(m.Tags) > 0 {
			t.Errorf("%s keeps the marks %v", m.ID, m.Tags)
		}
	}
	if len(s.cloud.did) > 0 {
		t.Errorf("something was done to machines: %v", s.cloud.did)
	}
}

// TestMixinUpdates associates by what is said of the entity itself.
func TestMixinUpdates(t *testing.T) {
	s := mixinService(t)
	machine := "/compute/" + runningID
	s.expect(plain("POST "+machine, mineName), 200, "Category: stuff")
	if diff := cmp.Diff([]string{"MachineAndAttachments"}, s.countedMachineCalls("MachineAndAttachments")); diff != "" {
		t.Error(diff)
	}
	s.expect(plain("PUT "+machine, kindLine, mineName), 200, "Category: stuff")
	if body := s.expect(plain("PUT "+machine, kindLine), 200); strings.Contains(body, "stuff") {
		t.Errorf("a full update kept the mixin: %s", body)
	}
	s.expect(jsonBody("POST "+machine, `{"mixins":["`+mineScheme+`stuff"]}`), 200, "Category: stuff")

	// With a new machine the mark goes along: one call.
	s.expect(plain("POST /compute/", kindLine, imageLine, smallLine, mineName, `Link: </network/`+networkID+`>; rel="`+infra+`network"; category="`+infra+`networkinterface"`), 201)
	if len(s.cloud.created.Tags) != 1 || slices.Contains(s.cloud.calls, "TagMachine") {
		t.Errorf("created %v with %v", s.cloud.created.Tags, s.cloud.calls)
	}

	// If the machine cannot be changed, the mark goes again.
	s.expect("DELETE /my/stuff/", 200)
	s.cloud.fail = map[string]error{"UpdateMachine": model.Errorf(model.Conflict, "busy")}
	s.expect(plain("POST "+machine, mineName, `X-OCCI-Attribute: occi.core.title="x"`), 409, "busy")
	if tags := s.cloud.machines[0].Tags; len(tags) > 0 {
		t.Errorf("the mark stayed: %v", tags)
	}
}

func (s *service) countedMachineCalls(method string) []string {
	return slices.DeleteFunc(slices.Clone(s.cloud.calls), func(c string) bool { return c != method })
}

// TestMixinAllOrNone: of a change that fails at one entity nothing stays.
func TestMixinAllOrNone(t *testing.T) {
	s := mixinService(t)
	s.expect(plain("POST /my/stuff/", located(failedID)), 200)
	s.cloud.failTag = stoppedID
	s.expect(plain("PUT /my/stuff/", located(runningID, stoppedID)), 409, "50 tags")
	if got := s.expect("GET /my/stuff/", 200); got != located(failedID) {
		t.Errorf("left %q", got)
	}
	s.expect(plain("POST /-/", mineLine, `Category: b; scheme="`+mineScheme+`"; location="/my/stuff/b/"`), 409)
	s.expect("GET /-/\nCategory: b; scheme=\""+mineScheme+"\"", 404)
}

// TestMixinProjects: a definition is one project's alone, and outlives a service.
func TestMixinProjects(t *testing.T) {
	s := mixinService(t)
	tags := &fakeTags{tags: map[string][]model.Tag{}}
	other := newService(t, occi.Config{Tags: tags})
	other.cloud.project = "other"
	other.expect("GET /my/stuff/", 404)
	other.expect(plain("POST /-/", mineName+`; location="/elsewhere/"`), 200)
	again := newService(t, occi.Config{Tags: tags})
	again.cloud.project = "other"
	again.expect("GET /elsewhere/", 200)
	again.cloud.project = "third"
	again.expect("GET /elsewhere/", 404)
	s.expect("GET /my/stuff/", 200)
}

// TestDefinitionRoundTrip checks that a definition can be sent back as it was got,
// whichever title it has, and that one that is asked for twice is one.
func TestDefinitionRoundTrip(t *testing.T) {
	name := `Category: b; scheme="` + mineScheme + `"`
	for _, media := range []string{"text/plain", "application/occi+json"} {
		s := newService(t, occi.Config{Tags: &fakeTags{}})
		s.do(jsonBody("POST /-/", `{"term":"b","scheme":"`+mineScheme+`","location":"/b/","title":"one, two; \"three\""}`))
		got := bodyOf(t, s.do("GET /-/\nAccept: "+media+"\n"+name+", b; scheme=\""+mineScheme+"\""))
		if strings.Count(got, "three") != 1 {
			t.Errorf("%s: %s", media, got)
		}
		if res := s.do("POST /-/\nContent-Type: " + media + "\n\n" + got); res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s for %s", media, res.StatusCode, bodyOf(t, res), got)
		}
	}
}

// TestMixinStatus holds the situations of mixins to their statuses.
func TestMixinStatus(t *testing.T) {
	for _, test := range []struct {
		name, request string
		want          int
		says          string
	}{
		{"the same again", plain("POST /-/", mineLine), 200, "OK"},
		{"defined otherwise", plain("POST /-/", mineName+`; location="/my/stuff/"`), 409, "otherwise"},
		{"without class", plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; location="/b"`), 200, ""},
		{"in a header", "POST /-/\nContent-Type: text/occi\n" + mineLine, 200, ""},
		{"several", plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; location="/b/", c; scheme="`+mineScheme+`"; location="/c/"`), 200, ""},
		{"two at one place", plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; location="/b/", c; scheme="`+mineScheme+`"; location="/b/"`), 409, "/b/"},
		{"absolute location", plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; location="https://cloud.example.org/b/"`), 200, ""},
		{"no location", plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; class="mixin"`), 400, "location"},
		{"another host's location", plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; location="https://evil.example/b/"`), 400, "evil"},
		{"location at the root", plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; location="/"`), 400, "location"},
		{"location with dots", plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; location="/a/../b/"`), 400, "location"},
		{"location with blanks", plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; location="/a%20b/"`), 400, "location"},
		{"location of the query interface", plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; location="/-/b/"`), 409, "/-/"},
		{"location below a kind", plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; location="/compute/b/"`), 409, "/compute/"},
		{"location above a mixin", plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; location="/mixin/"`), 409, "/mixin/"},
		{"location below one's own", plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; location="/my/stuff/b/"`), 409, "stuff"},
		{"location of another protocol", plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; location="/cimi/b/"`), 409, "/cimi/"},
		{"a kind", plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; class="kind"; location="/b/"`), 400, "kind"},
		{"with attributes", plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; location="/b/"; attributes="a.b"`), 400, "attributes"},
		{"the provider's", plain("POST /-/", `Category: os_tpl; scheme="`+infra+`"; location="/b/"`), 403, "schemas.ogf.org"},
		{"OpenStack's scheme", plain("POST /-/", `Category: b; scheme="http://schemas.openstack.org/x#"; location="/b/"`), 403, "openstack"},
		{"nothing", "POST /-/", 400, "categories"},
		{"JSON", jsonBody("POST /-/\nAccept: application/json", `{"mixins":[{"term":"b","scheme":"`+mineScheme+`","location":"/b/","title":"B","applies":["`+infra+`compute"],"attributes":{}}]}`), 200, `"applies":["` + infra + `compute"]`},
		{"JSON, one alone", jsonBody("POST /-/", `{"term":"b","scheme":"`+mineScheme+`","location":"/b/"}`), 200, ""},
		{"JSON, a kind", jsonBody("POST /-/", `{"kinds":[{"term":"b","scheme":"`+mineScheme+`","location":"/b/"}]}`), 400, "kinds"},
		{"JSON, with attributes", jsonBody("POST /-/", `{"mixins":[{"term":"b","scheme":"`+mineScheme+`","location":"/b/","attributes":{"a":{}}}]}`), 400, "attributes"},
		{"line ends in a title", jsonBody("POST /-/", `{"term":"b","scheme":"`+mineScheme+`","location":"/b/","title":"a\r\nb"}`), 400, "title"},
		{"JSON, no list", jsonBody("POST /-/", `{"mixins":"b"}`), 400, "the member mixins is not a list"},
		{"JSON, no object", jsonBody("POST /-/", `["b"]`), 400, "not an object with mixins"},
		{"JSON, no mixin", jsonBody("POST /-/", `{"mixins":[1]}`), 400, "no mixin"},
		{"JSON, no string", jsonBody("POST /-/", `{"mixins":[{"term":1,"scheme":"`+mineScheme+`","location":"/b/"}]}`), 400, "the member term is not a string"},
		{"JSON, a term twice", jsonBody("POST /-/", `{"term":"b","term":"c","scheme":"`+mineScheme+`","location":"/b/"}`), 400, "term"},
		{"JSON, unknown member", jsonBody("POST /-/", `{"mixins":[{"term":"b","scheme":"`+mineScheme+`","locatoin":"/b/"}]}`), 400, "locatoin"},
		{"JSON, no dependence", jsonBody("POST /-/", `{"mixins":[{"term":"b","scheme":"`+mineScheme+`","location":"/b/","depends":["x y"]}]}`), 400, "x y"},

		{"remove the provider's", "DELETE /-/\n" + strings.Replace(smallLine, "class", "title", 1), 403, "provider"},
		{"remove a kind", "DELETE /-/\n" + kindLine, 403, "provider"},
		{"remove nothing", "DELETE /-/", 400, "name"},
		{"remove one that is not there", "DELETE /-/\nCategory: b; scheme=\"" + mineScheme + "\"", 404, "b"},
		{"remove one that is there and one that is not", plain("DELETE /-/", mineName, `Category: b; scheme="`+mineScheme+`"`), 404, "b"},
		{"remove, JSON", jsonBody("DELETE /-/", `{"mixins":["`+mineScheme+`stuff"]}`), 200, "OK"},
		{"replace the query interface", plain("PUT /-/", mineLine), 405, ""},

		{"add nothing", "POST /my/stuff/", 400, "names no entity"},
		{"add what is not there", plain("POST /my/stuff/", located("none")), 404, "none"},
		{"add what is nowhere", plain("POST /my/stuff/", "X-OCCI-Location: /nothing/x"), 404, "nothing"},
		{"add another host's", plain("POST /my/stuff/", "X-OCCI-Location: https://evil.example/compute/x"), 400, "evil"},
		{"add a new entity", plain("POST /my/stuff/", kindLine), 400, "naming"},
		{"add as URIs", "POST /my/stuff/\nContent-Type: text/uri-list\n\n/compute/" + runningID + "\nhttps://cloud.example.org/compute/" + stoppedID, 200, stoppedID},
		{"add as a list", jsonBody("POST /my/stuff/", `["/compute/`+runningID+`"]`), 200, runningID},
		{"add as locations", jsonBody("POST /my/stuff/", `{"resources":[{"location":"/compute/`+runningID+`","kind":"`+infra+`compute"},{"id":"urn:uuid:`+stoppedID+`"}]}`), 200, stoppedID},
		{"add as one without id", jsonBody("POST /my/stuff/", `{"resources":[{"id":"`+runningID+`"},{"title":"x"}]}`), 400, "naming"},
		{"an action", plain("POST /my/stuff/?action=stop", "Category: stop"+actionLine), 400, "no actions"},
		{"clear by nothing", "PUT /my/stuff/", 400, "does not say"},
		{"clear by an empty list", jsonBody("PUT /my/stuff/", `{"resources":[]}`), 200, ""},
		{"clear by an empty body", "PUT /my/stuff/\nContent-Type: text/uri-list", 200, ""},
		{"take off with a filter", "DELETE /my/stuff/\nX-OCCI-Attribute: occi.core.title=\"x\"", 400, ""},
		{"take off with a query", "DELETE /my/stuff/?category=x", 400, "category"},
		{"delete below a path of mixins", "DELETE /my/", 403, ""},

		{"a template for those that have it", plain("POST /mixin/resource_tpl/2/", located(runningID)), 200, runningID},
		{"a template taken off", plain("PUT /mixin/resource_tpl/2/", located(stoppedID)), 403, "cannot be without"},
		{"unknown template", plain("POST /mixin/resource_tpl/none/", located(runningID)), 404, "none"},
		{"a link with it", plain("POST /compute/", kindLine, imageLine, `Link: </network/`+networkID+`>; rel="`+infra+`network"; category="`+infra+`networkinterface `+mineScheme+`stuff"`), 403, "when the link is there"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := mixinService(t)
			s.expect(test.request, test.want, test.says)
			if test.want >= 400 && (slices.Contains(s.cloud.calls, "TagMachine") || len(s.cloud.did) > 0) {
				t.Errorf("did %v %v", s.cloud.calls, s.cloud.did)
			}
		})
	}
	without := newService(t, occi.Config{})
	without.expect(plain("POST /-/", mineLine), 501, "store")
}

// TestMixinDepends: what another depends on stays.
func TestMixinDepends(t *testing.T) {
	s := mixinService(t)
	s.expect(plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; rel="`+mineScheme+`stuff"; location="/b/"`), 200)
	s.expect(plain("DELETE /-/", mineName), 409, "depends")
	s.expect(plain("POST /b/", located(runningID)), 200)
	s.expect("GET /my/stuff/", 200, runningID)
	s.expect(plain("DELETE /my/stuff/", located(runningID)), 404)
	s.expect(plain("DELETE /-/", mineName, `Category: b; scheme="`+mineScheme+`"`), 200)
	s.expect("GET /b/", 404)
}

// TestCreateSeveral makes all of a JSON collection, or none of it.
func TestCreateSeveral(t *testing.T) {
	two := func(image string) string {
		one := func(title, image string) string {
			return `{"kind":"` + infra + `compute","mixins":["http://schemas.openstack.org/template/os#` + image + `","http://schemas.openstack.org/template/resource#2"],"title":"` + title + `","links":[{"kind":"` + infra + `networkinterface","target":{"location":"/network/` + networkID + `"}}]}`
		}
		return `{"resources":[` + one("a", imageID) + `,` + one("b", image) + `]}`
	}
	s := newService(t, occi.Config{})
	for _, path := range []string{"/compute/", "/"} {
		res := s.do(jsonBody("POST "+path, two(imageID)))
		if body := bodyOf(t, res); res.StatusCode != 201 || strings.Count(body, "X-OCCI-Location") != 2 || !strings.HasPrefix(res.Header.Get("Location"), "https://cloud.example.org/compute/") {
			t.Errorf("%s: %d %q", path, res.StatusCode, body)
		}
	}
	s.expect(jsonBody("POST /compute/\nAccept: application/json", two(imageID)), 201, `{"resources":[{`)
	s.expect(jsonBody("POST /compute/", two("none")), 404, "none")
	if slices.Contains(s.cloud.calls, "CreateMachine") {
		t.Error("one was made")
	}
	s.cloud.did, s.cloud.failCreate = nil, "b"
	s.expect(jsonBody("POST /compute/", two(imageID)), 409, "cores")
	if diff := cmp.Diff([]string{"delete 3f5a0c4e-00ff-4000-8000-0000000000ff"}, s.cloud.did); diff != "" {
		t.Error(diff)
	}
	s.cloud.fail = map[string]error{"DeleteMachine": model.Errorf(model.Unavailable, "down")}
	s.expect(jsonBody("POST /compute/", two(imageID)), 409, "cores", "could not be undone", "a new compute")
}

// TestMixinsOfReplicas: of two mixins at one place that replicas define at the
// same time, one is refused.
func TestMixinsOfReplicas(t *testing.T) {
	tags := &fakeTags{}
	s := newService(t, occi.Config{Tags: tags, Reserved: []string{"/cimi/"}})
	s.expect(plain("POST /-/", mineLine), 200, "OK")
	first := tags.tags[s.cloud.Identity().ProjectID]
	tags.tags, tags.meanwhile = nil, first
	other := strings.ReplaceAll(mineLine, "stuff; scheme", "other; scheme")
	s.expect(plain("POST /-/", other), 409, "/my/stuff/")
	s.expect("GET /-/", 200, "Category: stuff;")
}
