package cimi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/backend/store"
	"github.com/occimi/occimi/frontends/cimi"
	"github.com/occimi/occimi/frontends/server"
	"github.com/occimi/occimi/model"
	translate "github.com/occimi/occimi/translate/cimi"
)

// keeping makes the whole surface over a cloud and a store that forgets
// everything at the test's end. Ids count from 1; the clock stands at born.
func keeping(t *testing.T, p model.Provider) http.Handler {
	t.Helper()
	now := born
	return surface(t, p, memory(t, &now), &now)
}

// memory opens a store whose clock shows *at.
func memory(t *testing.T, at *time.Time) *store.Store {
	t.Helper()
	now := func() time.Time { return *at }
	kept, err := store.Open(t.Context(), "sqlite::memory:", store.Options{Key: store.NewKey(), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	return kept
}

func surface(t testing.TB, p model.Provider, kept model.Documents, at *time.Time) http.Handler {
	t.Helper()
	now := func() time.Time { return *at }
	var last atomic.Int64
	frontend := cimi.New(cimi.Config{
		Documents: kept, Now: now, Options: translate.Options{JobRetention: time.Hour},
		NewID: func() string { return fmt.Sprint("id-", last.Add(1)) },
	})
	return server.New(server.Options{MaxBodyBytes: 1 << 20}, p, server.Mount{Name: "cimi", Path: "/cimi/", Frontend: frontend}).Handler()
}

// do sends a request that must be answered with a status, and gives the body.
func do(t testing.TB, h http.Handler, status int, line, body string, headers ...string) (map[string]any, http.Header) {
	t.Helper()
	r := request(t, h, line, body, headers...)
	var got map[string]any
	if text := text(t, r); text != "" {
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("%s: %v in %s", line, err, text)
		}
		if r.StatusCode != status {
			t.Fatalf("%s: status %d, want %d: %s", line, r.StatusCode, status, text)
		}
	}
	if r.StatusCode != status {
		t.Fatalf("%s: status %d, want %d", line, r.StatusCode, status)
	}
	return got, r.Header
}

// TestTemplates are kept, shown in both versions, changed, used with overrides
// and erasures, and deleted.
func TestTemplates(t *testing.T) {
	f := newFake()
	h := keeping(t, f)
	made, headers := do(t, h, 201, "POST /cimi/1/machineTemplates", `{"name":"web","properties":{"any key!":"any\nvalue"},
		"machineConfig":{"href":"http://cloud.example.org/cimi/1/machineConfigs/2"},"machineImage":{"href":"machineImages/i-1"},
		"userData":"aGk=","credential":{"key":"c3NoLXJzYSBBQQ=="}}`)
	const at = "http://cloud.example.org/cimi/1/machineTemplates/id-1"
	if headers.Get("Location") != at || made["id"] != at || made["created"] != "2026-03-01T12:00:00Z" {
		t.Errorf("made %v at %s", made, headers.Get("Location"))
	}
	shown, _ := do(t, h, 200, "GET /cimi/2/machineTemplates/id-1", "")
	want := map[string]any{
		"resourceURI": "http://schemas.dmtf.org/cimi/2/MachineTemplate", "id": strings.Replace(at, "/1/", "/2/", 1), "name": "web",
		"created": "2026-03-01T12:00:00Z", "updated": "2026-03-01T12:00:00Z", "parent": map[string]any{"href": "http://cloud.example.org/cimi/2/cloudEntryPoint"},
		"properties": map[string]any{"any key!": "any\nvalue"}, "userData": "aGk=", "credential": map[string]any{"key": "7373682d727361204141", "parameters": map[string]any{"key": "ssh-rsa AA"}},
		"machineConfig": map[string]any{"href": "http://cloud.example.org/cimi/2/machineConfigs/2"},
		"machineImage":  map[string]any{"href": "http://cloud.example.org/cimi/2/machineImages/i-1"},
		"operations": []any{
			map[string]any{"rel": "edit", "href": strings.Replace(at, "/1/", "/2/", 1)}, map[string]any{"rel": "delete", "href": strings.Replace(at, "/1/", "/2/", 1)},
		},
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	do(t, h, 200, "PUT /cimi/2/machineTemplates/id-1?$select=description,userData", `{"description":"two","userData":"eW8="}`)
	use := func(template string) model.MachineCreate {
		t.Helper()
		f.created = nil
		do(t, h, 201, "POST /cimi/1/machines", `{"name":"m","machineTemplate":`+template+`}`)
		return f.created[0]
	}
	whole := model.MachineCreate{Name: "m", FlavorID: "2", ImageID: "i-1", PublicKey: "ssh-rsa AA", UserData: []byte("yo"), Metadata: map[string]string{}}
	overridden, erased := whole, whole
	overridden.FlavorID, overridden.UserData = "1", []byte("hi")
	erased.PublicKey, erased.UserData = "", nil
	for template, want := range map[string]model.MachineCreate{
		`{"href":"machineTemplates/id-1"}`: whole,
		`{"href":"http://cloud.example.org/cimi/2/machineTemplates/id-1","userData":"aGk=","machineConfig":{"href":"machineConfigs/1"}}`: overridden,
		`{"href":"machineTemplates/id-1","userData":null,"credential":null}`:                                                             erased,
	} {
		if diff := cmp.Diff(want, use(template)); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", template, diff)
		}
	}
	if again, _ := do(t, h, 200, "GET /cimi/1/machineTemplates/id-1", ""); again["userData"] != "eW8=" {
		t.Errorf("a use changed the template: %v", again)
	}

	failed, _ := do(t, h, 400, "POST /cimi/1/machines", `{"machineTemplate":{"href":"machineTemplates/none"}}`)
	if message := failed["statusMessage"].(string); !strings.HasPrefix(message, "machineTemplate: ") {
		t.Errorf("the message is %q", message)
	}
	do(t, h, 200, "PUT /cimi/1/machineTemplates/id-1", `{"name":"bare"}`)
	if bare, _ := do(t, h, 200, "GET /cimi/1/machineTemplates/id-1", ""); bare["userData"] != nil || bare["machineImage"] != nil || bare["name"] != "bare" {
		t.Errorf("a full PUT left %v", bare)
	}
	do(t, h, 200, "DELETE /cimi/1/machineTemplates/id-1", "")
	do(t, h, 404, "GET /cimi/1/machineTemplates/id-1", "")
	do(t, h, 404, "DELETE /cimi/1/machineTemplates/id-1", "")
	if list, _ := do(t, h, 200, "GET /cimi/1/machineTemplates", ""); list["count"] != 0.0 {
		t.Errorf("there is still %v", list)
	}
}

// TestConfigurations of consumers' own stand for flavors that they describe
// exactly.
func TestConfigurations(t *testing.T) {
	f := newFake()
	h := keeping(t, f)
	do(t, h, 400, "POST /cimi/2/machineConfigs", `{"cpu":3,"memory":524288}`)
	do(t, h, 201, "POST /cimi/2/machineConfigs", `{"name":"mine","cpu":1,"memory":524288}`)
	list, _ := do(t, h, 200, "GET /cimi/2/machineConfigs?$select=name", "")
	if list["count"] != 3.0 {
		t.Errorf("the list is %v", list)
	}
	do(t, h, 201, "POST /cimi/1/machines", `{"machineTemplate":{"machineConfig":{"href":"machineConfigs/id-2"},"machineImage":{"href":"machineImages/i-1"}}}`)
	if f.created[0].FlavorID != "1" {
		t.Errorf("the flavor is %q", f.created[0].FlavorID)
	}
	do(t, h, 403, "PUT /cimi/2/machineConfigs/1?$select=name", `{"name":"x"}`)
	do(t, h, 404, "DELETE /cimi/2/machineConfigs/none", "")
	do(t, h, 200, "DELETE /cimi/2/machineConfigs/id-2", "")
}

// TestJobs tell what became of a write: from the resource, when they are read.
func TestJobs(t *testing.T) {
	f := newFake()
	h := keeping(t, f)
	job := func(status int, line, body string) string {
		t.Helper()
		_, headers := do(t, h, status, line, body)
		return strings.TrimPrefix(headers.Get("CIMI-Job-URI"), "http://cloud.example.org")
	}
	state := func(uri string) string {
		t.Helper()
		got, _ := do(t, h, 200, "GET "+uri, "")
		return fmt.Sprint(got["state"], " ", got["progress"], " ", got["statusMessage"])
	}
	want := func(uri, wanted string) {
		t.Helper()
		if got := state(uri); got != wanted {
			t.Errorf("%s is %q, want %q", uri, got, wanted)
		}
	}
	machine := func(id string, s model.MachineState) {
		f.machines = append(f.machines, model.Machine{})
		copy(f.machines[1:], f.machines)
		f.machines[0] = model.Machine{ID: id, State: s}
	}

	made := job(201, "POST /cimi/1/machines", `{"name":"n","machineTemplate":{`+ref+`}}`)
	machine("m-3", model.MachineCreating)
	want(made, "RUNNING 0 <nil>")
	do(t, h, 409, "DELETE "+made, "")
	machine("m-3", model.MachineRunning)
	want(made, "SUCCESS 100 <nil>")
	machine("m-3", model.MachineFailed)
	want(made, "SUCCESS 100 <nil>") // it is final

	stop := job(202, "POST /cimi/1/machines/m-1/stop", `{"action":"`+ns1+`/action/stop"}`)
	machine("m-1", model.MachineStopping)
	want(stop, "RUNNING 0 <nil>")
	machine("m-1", model.MachineFailed)
	want(stop, "FAILED 100 the Machine is in the state ERROR")

	// Another state than the goal: the machine's log knows whether it failed, or
	// whether the machine was changed again since.
	for _, test := range []struct {
		event model.MachineEvent
		want  string
	}{
		{model.MachineEvent{RequestID: "r", Action: "pause", Begun: born, Failed: true}, "FAILED 100 the hypervisor refused"},
		{model.MachineEvent{RequestID: "r", Action: "pause", Begun: born}, "SUCCESS 100 <nil>"},
		{model.MachineEvent{RequestID: "r", Action: "pause", Begun: born.Add(-time.Hour), Failed: true}, "SUCCESS 100 <nil>"},
	} {
		machine("m-1", model.MachineRunning)
		f.events = []model.MachineEvent{{RequestID: "c", Action: "create", Begun: born}, test.event}
		want(job(202, "POST /cimi/2/machines/m-1/pause", `{"action":"http://schemas.dmtf.org/cimi/2/action/pause"}`), test.want)
	}

	deleted := job(200, "DELETE /cimi/1/machines/m-2", "")
	want(deleted, "RUNNING 0 <nil>")
	f.machines = nil
	want(deleted, "SUCCESS 100 <nil>")
	got, _ := do(t, h, 200, "GET "+deleted, "")
	if got["affectedResources"] != nil || got["action"] != ns1+"/action/delete" {
		t.Errorf("the job of a deletion is %v", got)
	}

	job(200, "PUT "+made+"?$select=name", `{"name":"my first"}`)
	f.fail = model.Errorf(model.Quota, "too many machines")
	failed := job(403, "POST /cimi/1/machines", `{"machineTemplate":{`+ref+`}}`)
	want(failed, "FAILED 100 too many machines")
	f.fail = nil
	if job(400, "POST /cimi/1/machines", `{"foo":1}`) != "" || job(404, "DELETE /cimi/1/machines/none", "") != "" {
		t.Error("a client's mistake has a job")
	}

	list, _ := do(t, h, 200, "GET /cimi/2/jobs", "")
	if list["count"] != 9.0 {
		t.Errorf("the jobs are %v", list)
	}
	do(t, h, 200, "DELETE "+made, "")
	do(t, h, 404, "GET "+made, "")
}

// TestProperties that the cloud cannot keep are in the store, and go with what
// they belong to.
func TestProperties(t *testing.T) {
	f := newFake()
	h := keeping(t, f)
	properties := func(uri string) string {
		t.Helper()
		got, _ := do(t, h, 200, "GET "+uri+"?$select=properties", "")
		text, err := json.Marshal(got["properties"])
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	do(t, h, 201, "POST /cimi/1/machines", `{"properties":{"ü":"x","a":"b","empty":"","smile":"😀"},"machineTemplate":{`+ref+`}}`)
	if diff := cmp.Diff(map[string]string{"cimi_p_a": "b"}, f.created[0].Metadata); diff != "" {
		t.Errorf("in the cloud: (-want +got):\n%s", diff)
	}
	f.machines = append(f.machines, model.Machine{ID: "m-3", State: model.MachineRunning, Metadata: f.created[0].Metadata})
	if got, want := properties("/cimi/2/machines/m-3"), `{"a":"b","empty":"","smile":"😀","ü":"x"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	list, _ := do(t, h, 200, "GET /cimi/1/machines?$filter=property['empty']=''", "")
	if list["count"] != 1.0 {
		t.Errorf("the list is %v", list)
	}
	do(t, h, 200, "PUT /cimi/1/machines/m-3?$select=name", `{"name":"n"}`)
	do(t, h, 200, "PUT /cimi/1/machines/m-3?$select=properties", `{"properties":{"ü":"y","a":"b"}}`)
	if got, want := properties("/cimi/1/machines/m-3"), `{"a":"b","ü":"y"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	do(t, h, 200, "DELETE /cimi/1/machines/m-3", "")
	if got, want := properties("/cimi/1/machines/m-3"), `{"a":"b","ü":"y"}`; got != want {
		t.Errorf("while it is there, or if it stays, it has %s, want %s", got, want)
	}
}

// broken is a store that keeps nothing.
type broken struct{ *store.Store }

func (broken) KeepDocument(context.Context, string, model.Document) (int64, error) {
	return 0, model.Errorf(model.Unavailable, "the store cannot answer now")
}

// deleting is a cloud whose machines can be deleted, or not.
type deleting struct {
	*fake
	refuse  bool
	deleted []string
}

func (d *deleting) Login(context.Context, model.Credentials) (model.Cloud, error) { return d, nil }

func (d *deleting) DeleteMachine(_ context.Context, id string) error {
	if d.refuse {
		return model.Errorf(model.Conflict, "not now")
	}
	d.deleted = append(d.deleted, id)
	return nil
}

// TestHalfMade: what was made and cannot be kept whole is deleted, or told of.
func TestHalfMade(t *testing.T) {
	now := born
	f := &deleting{fake: newFake()}
	h := surface(t, f, broken{memory(t, &now)}, &now)
	const body = `{"properties":{"ü":"x"},"machineTemplate":{` + ref + `}}`
	failed, headers := do(t, h, 503, "POST /cimi/1/machines", body)
	if diff := cmp.Diff([]string{"m-3"}, f.deleted); diff != "" || failed["statusMessage"] != "the store cannot answer now" || headers.Get("CIMI-Job-URI") != "" {
		t.Errorf("deleted (-want +got):\n%s; %v", diff, failed)
	}
	f.refuse = true
	failed, _ = do(t, h, 503, "POST /cimi/1/machines", body)
	if !strings.HasSuffix(failed["statusMessage"].(string), "is still there: http://cloud.example.org/cimi/1/machines/m-3") {
		t.Errorf("the message is %v", failed["statusMessage"])
	}
	// A write that needs nothing kept but its job is done all the same.
	_, headers = do(t, h, 201, "POST /cimi/1/machines", `{"machineTemplate":{`+ref+`}}`)
	if headers.Get("CIMI-Job-URI") != "" {
		t.Error("there is a job that nobody kept")
	}
}

// TestSweep: the extras of what is gone are forgotten when all is listed.
func TestSweep(t *testing.T) {
	now := born
	f := newFake()
	kept := memory(t, &now)
	h := surface(t, f, kept, &now)
	do(t, h, 200, "PUT /cimi/1/machines/m-1?$select=properties", `{"properties":{"ü":"1"}}`)
	do(t, h, 200, "PUT /cimi/1/machines/m-2?$select=properties", `{"properties":{"ü":"2"}}`)
	count := func() int {
		t.Helper()
		do(t, h, 200, "GET /cimi/2/machines", "")
		documents, _, err := kept.Documents(t.Context(), "demo", "cimi/machines/extras", model.AllDocuments)
		if err != nil {
			t.Fatal(err)
		}
		return len(documents)
	}
	do(t, h, 200, "DELETE /cimi/1/machines/m-1", "")
	f.machines = f.machines[1:]
	if n := count(); n != 2 {
		t.Errorf("what was just kept was swept: %d are left", n)
	}
	now = now.Add(time.Hour)
	if n := count(); n != 1 {
		t.Errorf("%d are left", n)
	}
}

// TestMaxPropertyItems: as many properties as are announced can be kept, and no
// more; without a store none is announced.
func TestMaxPropertyItems(t *testing.T) {
	h := keeping(t, newFake())
	announced := func(h http.Handler) any {
		metadata, _ := do(t, h, 200, "GET /cimi/2/resourceMetadata/cloudEntryPoint", "")
		for _, c := range metadata["capabilities"].([]any) {
			if c := c.(map[string]any); c["name"] == "MaxPropertyItems" {
				return c["value"]
			}
		}
		return nil
	}
	most, _ := announced(h).(float64)
	body := func(n int) string {
		properties := map[string]string{}
		for i := range n {
			properties[fmt.Sprint("key ü ", i)] = "value"
		}
		text, _ := json.Marshal(map[string]any{"properties": properties})
		return string(text)
	}
	for _, at := range []string{"machines/m-1", "networks/n-1"} {
		do(t, h, 200, "PUT /cimi/2/"+at+"?$select=properties", body(int(most)))
		if got, _ := do(t, h, 200, "GET /cimi/2/"+at, ""); len(got["properties"].(map[string]any)) < int(most) {
			t.Errorf("%s has %v", at, got["properties"])
		}
		failed, _ := do(t, h, 400, "PUT /cimi/2/"+at+"?$select=properties", body(int(most)+1))
		if failed["statusMessage"] != "properties: a resource has at most 100" {
			t.Errorf("%s: %v", at, failed["statusMessage"])
		}
	}
	if value := announced(serve(newFake(), translate.Options{})); value != nil {
		t.Errorf("without a store there can be %v", value)
	}
}
