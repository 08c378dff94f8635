package sandbox_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/backend/sandbox"
)

// tenant is the project and user of the differential test, in both clouds.
const tenant = "occimi-differential"

// TestDifferential sends the same requests to the sandbox and to a real
// OpenStack, whose Keystone stands in OCCIMI_E2E_AUTH_URL and has a user admin
// with the password "secret", and compares the answers: status, headers, the
// shape of bodies and the words of refusals.
func TestDifferential(t *testing.T) {
	auth := os.Getenv("OCCIMI_E2E_AUTH_URL")
	if auth == "" {
		t.Skip("OCCIMI_E2E_AUTH_URL is not set")
	}
	_, sandboxAuth := start(t, sandbox.Options{Users: []sandbox.User{
		{Name: "admin", Password: "secret", Projects: []string{"admin"}, Admin: true},
		{Name: tenant, Password: "secret", Projects: []string{tenant}},
	}})
	root := login(t, auth, "admin")
	makeTenant(t, root)

	real := &script{session: login(t, auth, tenant)}
	defer real.cleanUp()
	fake := &script{session: login(t, sandboxAuth, tenant)}
	for _, s := range []*script{real, fake} {
		s.identity()
		s.compute()
		s.networks()
		s.images()
		s.volumes()
	}
	if len(real.steps) != len(fake.steps) {
		t.Fatalf("%d steps on the real cloud, %d on the sandbox", len(real.steps), len(fake.steps))
	}
	for i, r := range real.steps {
		f := fake.steps[i]
		if diff := cmp.Diff(view(r.answer), view(f.answer)); diff != "" {
			t.Errorf("%s (-real +sandbox):\n%s", r.name, diff)
		}
	}
	t.Logf("%d requests compared", len(real.steps))
}

// script is a run of requests against one cloud.
type script struct {
	*session
	steps []step
}

type step struct {
	name   string
	answer answer
}

// ask sends a request and notes the answer.
func (s *script) ask(service, method, path string, body any, headers ...string) answer {
	s.t.Helper()
	a := s.do(service, method, path, body, headers...)
	name := fmt.Sprint(service, " ", method, " ", stable(strings.TrimPrefix(path, "/")), " ", stable(fmt.Sprint(body)), " ", stable(fmt.Sprint(headers)))
	if len(name) > 300 {
		name = name[:300]
	}
	s.steps = append(s.steps, step{name, a})
	return a
}

// settle waits until done is true: at once in the sandbox, in a while in a real
// cloud, which has no clock to advance.
func (s *script) settle(what string, done func() bool) {
	s.t.Helper()
	const patience = 3 * time.Minute // with a real cloud on a busy machine
	for end := time.Now().Add(patience); !done(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

func (s *script) settled(id, state string) {
	s.t.Helper()
	s.settle("server "+state, func() bool { return s.states(id) == state })
}

var (
	tokens    = regexp.MustCompile(`gAAAAA[A-Za-z0-9_=-]+`)
	uuids     = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}`)
	addresses = regexp.MustCompile(`http://127\.0\.0\.1:\d+(/identity|/compute|/network|/image|/volume)?`)
)

// stable takes out what differs from cloud to cloud.
func stable(text string) string {
	return addresses.ReplaceAllString(uuids.ReplaceAllString(tokens.ReplaceAllString(text, "TOKEN"), "ID"), "URL")
}

// comparedHeaders are those whose values are the same everywhere; of the others
// only the presence is compared.
var (
	comparedHeaders = []string{"Openstack-Api-Version", "X-Openstack-Nova-Api-Version", "Vary", "Retry-After", "Accept-Patch"}
	presentHeaders  = []string{"Location", "X-Subject-Token", "X-Openstack-Request-Id", "X-Compute-Request-Id", "Www-Authenticate"}
)

// view is what is compared of an answer.
func view(a answer) map[string]any {
	v := map[string]any{"status": a.status}
	for _, h := range comparedHeaders {
		v[h] = strings.Join(a.header.Values(h), ", ")
	}
	for _, h := range presentHeaders {
		v[h] = a.header.Get(h) != ""
	}
	switch {
	case a.body == nil:
	case a.status >= 400:
		v["words"] = words(a.body)
	default:
		v["shape"] = shapes(a.body)
	}
	return v
}

var (
	// echoed is where validators repeat a whole request, in their own order.
	echoed = regexp.MustCompile(`Value: \{.*\}\. `)
	// characters is Nova's list of all that can be printed, see notPrinted.
	characters = regexp.MustCompile(`'\^\[\\\\ -.*'`)
)

// words lists what a refusal says. Keystone and Glance add whole schemas, which
// the sandbox leaves out.
func words(v any) []string {
	switch v := v.(type) {
	case object:
		var list []string
		for k, e := range v {
			for _, w := range words(e) {
				list = append(list, k+": "+w)
			}
		}
		sort.Strings(list)
		return list
	case string:
		text, _, _ := strings.Cut(stable(v), "\n\nFailed validating")
		text, _, _ = strings.Cut(text, "\n\nOn instance")
		return []string{characters.ReplaceAllString(echoed.ReplaceAllString(text, ""), "PRINTABLE")}
	}
	return []string{fmt.Sprint(v)}
}

// opened are objects whose keys are names, not attributes.
var opened = []string{"addresses", "metadata", "meta", "options", "extra_specs"}

// shapes lists the paths of a document, objects and lists marked.
func shapes(body object) []string {
	var list []string
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case object:
			list = append(list, path+" object")
			for k, e := range v {
				if name := path[strings.LastIndex(path, ".")+1:]; !slices.Contains(opened, name) {
					walk(path+"."+k, e)
				}
			}
		case []any:
			list = append(list, path+" list")
			for _, e := range v {
				walk(path+"[]", e)
			}
		default:
			list = append(list, path)
		}
	}
	walk("", body)
	sort.Strings(list)
	return slices.Compact(list)
}

// cleanUp deletes what a broken run has left.
func (s *script) cleanUp() {
	for _, thing := range []struct{ service, path, key, id string }{
		{"nova", "/servers", "servers", "id"}, {"glance", "/images?owner=" + s.project, "images", "id"},
		{"cinder", "/snapshots", "snapshots", "id"}, {"cinder", "/volumes", "volumes", "id"},
		{"neutron", "/routers", "routers", "id"}, {"neutron", "/ports?project_id=" + s.project, "ports", "id"}, {"neutron", "/networks?project_id=" + s.project, "networks", "id"},
	} {
		path, _, _ := strings.Cut(thing.path, "?")
		for _, one := range s.do(thing.service, "GET", thing.path, nil).list(thing.key) {
			id, _ := dig(one, thing.id).(string)
			s.do(thing.service, "DELETE", path+"/"+id, nil)
		}
	}
	s.do("nova", "DELETE", "/os-keypairs/gen", nil)
	s.do("nova", "DELETE", "/os-keypairs/k1", nil)
}

// makeTenant gives the real cloud the test's project and user, and takes them
// away in the end.
func makeTenant(t *testing.T, root *session) {
	t.Helper()
	made := func(kind string, more object) string {
		if old := root.do("keystone", "GET", "/"+kind+"s?name="+tenant, nil).str(kind+"s", 0, "id"); old != "" {
			return old
		}
		more["name"], more["domain_id"] = tenant, "default"
		return root.want(201, root.do("keystone", "POST", "/"+kind+"s", object{kind: more})).str(kind, "id")
	}
	project := made("project", object{})
	user := made("user", object{"password": "secret"})
	role := root.do("keystone", "GET", "/roles?name=member", nil).str("roles", 0, "id")
	root.want(204, root.do("keystone", "PUT", "/projects/"+project+"/users/"+user+"/roles/"+role, nil))
	t.Cleanup(func() {
		for _, g := range root.do("neutron", "GET", "/security-groups?project_id="+project, nil).list("security_groups") {
			id, _ := dig(g, "id").(string)
			root.do("neutron", "DELETE", "/security-groups/"+id, nil)
		}
		root.do("keystone", "DELETE", "/users/"+user, nil)
		root.do("keystone", "DELETE", "/projects/"+project, nil)
	})
}
