package cimi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
	translate "github.com/occimi/occimi/translate/cimi"
)

// TestLocationsAsReferences: in version 1.0 an imageLocation was a reference,
// which its clients still send.
func TestLocationsAsReferences(t *testing.T) {
	for _, version := range []string{"1", "2"} {
		for _, test := range []struct {
			what, body string
			status     int
			says       string // in the answer, or done in the cloud
		}{
			{"machineImages", `{"imageLocation":{"href":"http://example.org/a.qcow2"}}`, 201, `of http://example.org/a.qcow2 as qcow2`},
			{"machineImages", `<MachineImage><imageLocation href="http://example.org/a.qcow2"/></MachineImage>`, 201, `of http://example.org/a.qcow2 as qcow2`},
			{"machineImages", `<MachineImage><imageLocation><href> http://example.org/a.raw </href></imageLocation></MachineImage>`, 201, `of http://example.org/a.raw as raw`},
			{"volumeImages", `{"name":"n","imageLocation":{"href":"volumes/v-1"}}`, 201, `snapshot of v-1: "n"`},
			{"volumeImages", `<VolumeImage><imageLocation href="volumes/v-1"/></VolumeImage>`, 201, `snapshot of v-1`},
			{"volumeImages", `{"imageLocation":{"href":null}}`, 400, "imageLocation is missing"},
			{"volumeImages", `{"imageLocation":{"href":["volumes/v-1"]}}`, 400, "imageLocation is not a single value"},
			{"volumeImages", `{"imageLocation":{"href":"volumes/v-1","name":"n"}}`, 400, "imageLocation is not a single value"},
			{"volumeImages", `<VolumeImage><imageLocation href="volumes/v-1">volumes/v-3</imageLocation></VolumeImage>`, 400, "imageLocation is not a single value"},
			{"volumeImages", `{"name":{"href":"volumes/v-1"}}`, 400, "name is not a single value"},
		} {
			b := newStorage()
			content := "Content-Type: application/json"
			if test.body[0] == '<' {
				content = "Content-Type: application/xml"
			}
			r := request(t, serve(b, translate.Options{}), "POST /cimi/"+version+"/"+test.what, test.body, content)
			got := text(t, r) + strings.Join(b.done, "; ")
			if r.StatusCode != test.status || !strings.Contains(got, test.says) {
				t.Errorf("version %s: %s: %s: %s", version, test.body, r.Status, got)
			}
		}
	}
}

// TestCredentialTemplatesOfMachines: the schema of version 1 has a machine's
// credential be of the type CredentialTemplate, and the text have it be a
// Credential.
func TestCredentialTemplatesOfMachines(t *testing.T) {
	f := newFake()
	h := keeping(t, f)
	do(t, h, 201, "POST /cimi/1/credentialTemplates", `{"name":"login","userName":"ann","password":"p"}`)
	do(t, h, 201, "POST /cimi/2/credentialTemplates", `{"parameters":{"key":"ssh-rsa AA"}}`)
	const login, key = "#cloud-config\n" + `{"chpasswd":{"expire":false},"password":"p","ssh_pwauth":true,"user":"ann"}`, "ssh-rsa AA"
	for _, test := range []struct{ credential, data, key string }{
		{`{"href":"credentialTemplates/id-1"}`, login, ""},
		{`{"href":"http://cloud.example.org/cimi/2/credentialTemplates/id-3"}`, "", key},
		{`{"href":"credentialTemplates/id-1","userName":"bob"}`, strings.Replace(login, "ann", "bob", 1), ""},
	} {
		for _, version := range []string{"1", "2"} {
			body := `{"machineTemplate":{` + ref + `,"credential":` + test.credential + `}}`
			use := func(body string) {
				t.Helper()
				f.created = nil
				do(t, h, 201, "POST /cimi/"+version+"/machines", body)
				want := []model.MachineCreate{{Name: "unnamed", FlavorID: "1", ImageID: "i-1", PublicKey: test.key, UserData: []byte(test.data), Metadata: map[string]string{}}}
				if test.data == "" {
					want[0].UserData = nil
				}
				if diff := cmp.Diff(want, f.created); diff != "" {
					t.Errorf("%s (-want +got):\n%s", body, diff)
				}
			}
			use(body)
			made, _ := do(t, h, 201, "POST /cimi/"+version+"/machineTemplates", `{`+ref+`,"credential":`+test.credential+`}`)
			use(`{"machineTemplate":{"href":"` + made["id"].(string) + `"}}`)
		}
	}
	for _, version := range []string{"1", "2"} {
		root := "http://cloud.example.org/cimi/" + version + "/"
		list, _ := do(t, h, 200, "GET /cimi/"+version+"/machineTemplates?$expand=credential&$filter=credential='"+root+"credentialTemplates/id-1'", "")
		items, _ := list["machineTemplates"].([]any)
		if len(items) != 2 {
			t.Fatalf("two templates point at it, not %v", list)
		}
		credential := items[0].(map[string]any)["credential"].(map[string]any)
		if got, want := fmt.Sprint(credential["href"], credential["name"], credential["password"]), root+"credentialTemplates/id-1login<nil>"; got != want {
			t.Errorf("the credential is %s, want %s", got, want)
		}
	}
	for body, says := range map[string]string{
		`{"href":"credentialTemplates/none"}`: "machineTemplate.credential: there is no",
		`{"href":"machineTemplates/none"}`:    "machineTemplate.credential: \"machineTemplates/none\" is not the URI of a Credential here",
	} {
		failed, _ := do(t, h, 400, "POST /cimi/1/machines", `{"machineTemplate":{`+ref+`,"credential":`+body+`}}`)
		if message := failed["statusMessage"].(string); !strings.HasPrefix(message, says) {
			t.Errorf("%s: the message is %q", body, message)
		}
	}
}
