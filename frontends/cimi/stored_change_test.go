package cimi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/backend/store"
	"github.com/occimi/occimi/model"
)

// userData gives what the user data of the last machine that was made say of
// user and password.
func userData(t *testing.T, f *fake) string {
	t.Helper()
	config, found := strings.CutPrefix(string(f.created[len(f.created)-1].UserData), "#cloud-config\n")
	var data map[string]any
	if err := json.Unmarshal([]byte(config), &data); err != nil || !found {
		t.Fatalf("the user data are %q", config)
	}
	return fmt.Sprint(data["user"], "/", data["password"])
}

// TestShownIsSentBack: who sends back what was shown changes no secret, at
// whatever depth it is.
func TestShownIsSentBack(t *testing.T) {
	for _, version := range []string{"1", "2"} {
		f := newFake()
		h := keeping(t, f)
		at := "/cimi/" + version + "/machineTemplates/id-1"
		do(t, h, 201, "POST /cimi/"+version+"/machineTemplates", `{`+ref+`,"credential":{"userName":"bob","password":"p1"}}`)
		shown, _ := do(t, h, 200, "GET "+at, "")
		body, err := json.Marshal(shown)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(body), "p1") {
			t.Errorf("the template shows the password: %s", body)
		}
		do(t, h, 200, "PUT "+at, string(body))
		do(t, h, 201, "POST /cimi/1/machines", `{"machineTemplate":{"href":"machineTemplates/id-1"}}`)
		if got := userData(t, f); got != "bob/p1" {
			t.Errorf("version %s: the machine has %s", version, got)
		}
	}
}

// TestParametersOfCredentials: what an update or an override says in parameters
// counts as what it says beside them. Parameters that are given are the whole
// map; a password, which is never shown, stays in an update that gives none.
func TestParametersOfCredentials(t *testing.T) {
	for _, test := range []struct{ change, body, want string }{
		{"PUT /cimi/2/credentials/id-1?$select=parameters", `{"parameters":{"password":"p2"}}`, "<nil>/p2"},
		{"PUT /cimi/2/credentials/id-1?$select=parameters", `{"parameters":{"userName":"bob","password":"p2"}}`, "bob/p2"},
		{"PUT /cimi/2/credentials/id-1?$select=parameters", `{}`, "<nil>/p1"},
		{"PUT /cimi/2/credentials/id-1?$select=parameters", `{"parameters":null}`, "<nil>/p1"},
		{"PUT /cimi/2/credentials/id-1?$select=userName,parameters", `{"userName":"eve"}`, "eve/p1"},
		{"PUT /cimi/2/credentials/id-1?$select=parameters", `{"parameters":{"userName":"eve"}}`, "eve/p1"},
		{"PUT /cimi/2/credentials/id-1", `{"parameters":{"userName":"eve","password":"p2"}}`, "eve/p2"},
		{"PUT /cimi/2/credentials/id-1", `{"parameters":{"userName":"bob"}}`, "bob/p1"},
		{"PUT /cimi/2/credentials/id-1", `{"userName":"bob","parameters":{"userName":"eve"}}`, "eve/p1"},
		{"PUT /cimi/2/credentials/id-1", `{"userName":"eve","parameters":{"userName":"bob"}}`, "eve/p1"},
		{"PUT /cimi/2/credentials/id-1?$select=userName", `{"userName":null}`, "<nil>/p1"},
		{"PUT /cimi/1/credentials/id-1", `{"name":"n"}`, "<nil>/p1"},
		{"PUT /cimi/1/credentials/id-1?$select=password", `{"password":"p2"}`, "bob/p2"},
	} {
		f := newFake()
		h := keeping(t, f)
		do(t, h, 201, "POST /cimi/1/credentials", `{"name":"n","credentialTemplate":{"userName":"bob","password":"p1"}}`)
		do(t, h, 200, test.change, test.body)
		do(t, h, 201, "POST /cimi/1/machines", `{"machineTemplate":{`+ref+`,"credential":{"href":"credentials/id-1"}}}`)
		if got := userData(t, f); got != test.want {
			t.Errorf("%s %s: the machine has %s, want %s", test.change, test.body, got, test.want)
		}
	}

	f := newFake()
	h := keeping(t, f)
	do(t, h, 201, "POST /cimi/2/credentialTemplates", `{"userName":"bob","password":"p1","key":"YWJjZA=="}`)
	for body, want := range map[string]string{
		`{"href":"credentialTemplates/id-1","parameters":{"password":"p2"}}`:                                                "<nil>/p2",
		`{"href":"credentialTemplates/id-1","userName":"eve"}`:                                                              "eve/p1",
		`{"href":"credentialTemplates/id-1","userName":"eve","parameters":{"password":"p2"}}`:                               "eve/p2",
		`{"href":"credentialTemplates/id-1","userName":"eve","password":"p2","parameters":null}`:                            "eve/p2",
		`<credentialTemplate href="credentialTemplates/id-1"><password>p2</password></credentialTemplate>`:                  "bob/p2",
		`<credentialTemplate href="credentialTemplates/id-1"><parameters/><password>p2</password></credentialTemplate>`:     "<nil>/p2",
		`<credentialTemplate href="credentialTemplates/id-1"><parameter key="password">p2</parameter></credentialTemplate>`: "<nil>/p2",
	} {
		made, _ := do(t, h, 201, "POST /cimi/2/credentials", credentialOf(body))
		do(t, h, 201, "POST /cimi/2/machines", fmt.Sprintf(`{"machineTemplate":{%s,"credential":{"href":%q}}}`, ref, made["id"]))
		if got := userData(t, f); got != want {
			t.Errorf("%s: the machine has %s, want %s", body, got, want)
		}
	}
	for _, erased := range []string{`null`, `{}`, `{"userName":"only"}`} { // nobody could log in
		failed, _ := do(t, h, 400, "POST /cimi/2/credentials", `{"credentialTemplate":{"href":"credentialTemplates/id-1","parameters":`+erased+`}}`)
		if message := failed["statusMessage"]; message != "credentialTemplate: there is neither a key nor a password" {
			t.Errorf("parameters %s: the message is %v", erased, message)
		}
	}
	if kept, _ := do(t, h, 200, "PUT /cimi/2/credentialTemplates/id-1?$select=parameters", `{}`); kept["parameters"] != nil {
		t.Errorf("parameters that were erased are %v", kept["parameters"])
	}
	failed, _ := do(t, h, 400, "POST /cimi/2/credentialTemplates", `{"userName":"bob","parameters":{"userName":"eve"}}`)
	if message := failed["statusMessage"]; message != `parameters["userName"] and userName are not the same` {
		t.Errorf("the message is %v", message)
	}
}

// credentialOf is the body that makes a credential of a template, in the format
// of that.
func credentialOf(template string) string {
	if template[0] == '<' {
		return `<CredentialCreate>` + template + `</CredentialCreate>`
	}
	return `{"credentialTemplate":` + template + `}`
}

// TestLostKey: what was encrypted with a key that is lost can be deleted, and
// tells nothing.
func TestLostKey(t *testing.T) {
	now := born
	location := "sqlite:" + t.TempDir() + "/store.db"
	opened := func() *store.Store {
		kept, err := store.Open(t.Context(), location, store.Options{Key: store.NewKey()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = kept.Close() })
		return kept
	}
	do(t, surface(t, newFake(), opened(), &now), 201, "POST /cimi/1/credentials", `{"credentialTemplate":{"password":"p1"}}`)
	h := surface(t, newFake(), opened(), &now)
	failed, _ := do(t, h, 503, "GET /cimi/1/credentials/id-1", "")
	if message := failed["statusMessage"].(string); !strings.Contains(message, "another key") {
		t.Errorf("the message is %q", message)
	}
	do(t, h, 200, "DELETE /cimi/1/credentials/id-1", "")
	do(t, h, 200, "GET /cimi/1/credentials", "")
}

// remembering is a cloud whose list of images is older than its images.
type remembering struct{ *fake }

func (r remembering) Login(context.Context, model.Credentials) (model.Cloud, error) { return r, nil }

func (remembering) Images(context.Context) ([]model.Image, error) { return newFake().images, nil }

// TestJobsOfWhatIsNew: a job whose resource a remembered list does not have yet
// is not given up.
func TestJobsOfWhatIsNew(t *testing.T) {
	f := newFake()
	h := keeping(t, remembering{f})
	do(t, h, 201, "POST /cimi/1/machineImages", `{"name":"new","imageLocation":"machines/m-2"}`)
	state := func() any {
		list, _ := do(t, h, 200, "GET /cimi/1/jobs", "")
		return list["jobs"].([]any)[0].(map[string]any)["state"]
	}
	if got := state(); got != "RUNNING" {
		t.Errorf("while the image is made, the job is %v", got)
	}
	f.images[len(f.images)-1].State = model.ImageAvailable
	if got := state(); got != "SUCCESS" {
		t.Errorf("when the image is made, the job is %v", got)
	}
}

// TestChangesAreWhole: a change that cannot be kept whole changes nothing.
func TestChangesAreWhole(t *testing.T) {
	now := born
	kept := memory(t, &now)
	f := newFake()
	whole, halting := surface(t, f, kept, &now), surface(t, f, broken{kept}, &now)
	do(t, whole, 200, "PUT /cimi/1/machines/m-1?$select=properties", `{"properties":{"ü":"1"}}`)
	f.updated = nil
	do(t, halting, 503, "PUT /cimi/1/machines/m-1?$select=name,properties", `{"name":"n","properties":{"ü":"2"}}`)
	do(t, whole, 400, "PUT /cimi/1/machines/m-1?$select=name,properties", `{"name":"n","properties":{"ü":"`+strings.Repeat("x", model.MaxDocumentBytes)+`"}}`)
	if diff := cmp.Diff([]model.MachineUpdate(nil), f.updated); diff != "" {
		t.Errorf("the cloud has changed (-want +got):\n%s", diff)
	}
	do(t, whole, 404, "PUT /cimi/1/machines/none?$select=properties", `{"properties":{"ü":"2"}}`)
	if documents, _, err := kept.Documents(t.Context(), "demo", "cimi/machines/extras", model.AllDocuments); err != nil || len(documents) != 1 {
		t.Errorf("what is not there has properties: %v %v", documents, err)
	}
	f.fail = model.Errorf(model.Conflict, "not now")
	do(t, whole, 409, "PUT /cimi/1/machines/m-1?$select=name,properties", `{"name":"n","properties":{"ü":"3"}}`)
	f.fail = nil
	if got, _ := do(t, whole, 200, "GET /cimi/1/machines/m-1", ""); got["properties"].(map[string]any)["ü"] != "1" {
		t.Errorf("after a change that the cloud refused there is %v", got["properties"])
	}
}

// TestExtrasElsewhere: what is found in two places says the same in both.
func TestExtrasElsewhere(t *testing.T) {
	h := keeping(t, newFake())
	do(t, h, 200, "PUT /cimi/2/machineImages/i-2?$select=properties", `{"properties":{"keep":"1","ü":"x"}}`)
	want := map[string]any{"keep": "1", "ü": "x"}
	list, _ := do(t, h, 200, "GET /cimi/2/machines/m-2/snapshots", "")
	if diff := cmp.Diff(want, list["machineImages"].([]any)[0].(map[string]any)["properties"]); diff != "" {
		t.Errorf("of the machine: (-want +got):\n%s", diff)
	}
	list, _ = do(t, h, 200, "GET /cimi/2/machines?$expand=snapshots&$filter=id='http://cloud.example.org/cimi/2/machines/m-2'", "")
	machine := list["machines"].([]any)[0].(map[string]any)
	if diff := cmp.Diff(want, machine["snapshots"].(map[string]any)["machineImages"].([]any)[0].(map[string]any)["properties"]); diff != "" {
		t.Errorf("expanded: (-want +got):\n%s", diff)
	}
}
