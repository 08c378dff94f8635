package cimi_test

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/occimi/occimi/model"
)

// TestCredentials: a key is the cloud's, what it says beside it and passwords
// are the store's; passwords are never shown.
func TestCredentials(t *testing.T) {
	f := newFake()
	h := keeping(t, f)
	do(t, h, 201, "POST /cimi/1/credentials", `{"name":"ann","description":"Ann's","properties":{"a":"b"},"credentialTemplate":{"key":"c3NoLXJzYSBBQQ=="}}`)
	got, _ := do(t, h, 200, "GET /cimi/1/credentials/ann", "")
	if got["description"] != "Ann's" || got["properties"].(map[string]any)["a"] != "b" || f.keys[1].PublicKey != "ssh-rsa AA" {
		t.Errorf("the key pair is %v", got)
	}
	do(t, h, 200, "PUT /cimi/1/credentials/ann?$select=description", `{"description":"hers"}`)
	list, _ := do(t, h, 200, "GET /cimi/1/credentials?$filter=description='hers'%20and%20property['a']='b'", "")
	if list["count"] != 1.0 {
		t.Errorf("the list is %v", list)
	}
	// A key pair stays what it is in the cloud: it has another name here only.
	for _, step := range []struct {
		line, body string
		status     int
		name, says string
	}{
		{"PUT /cimi/1/credentials/ann?$select=name", `{"name":"joan"}`, 200, "joan", ""},
		{"GET /cimi/2/credentials/ann", "", 200, "joan", ""},
		{"PUT /cimi/2/credentials/ann?$select=description", `{"description":"hers"}`, 200, "joan", ""},
		{"PUT /cimi/1/credentials/ann?$select=key", `{"key":"ssh-rsa BB"}`, 400, "joan", "key cannot be changed"},
		{"PUT /cimi/2/credentials/ann", `{"name":"eve","parameters":{"key":"ssh-rsa BB"}}`, 400, "joan", "key cannot be changed"},
		{"PUT /cimi/2/credentials/ann", `{"name":"eve","userName":"eve"}`, 400, "joan", "userName cannot be changed"},
		{"PUT /cimi/1/credentials/ann?$select=password", `{"password":"p"}`, 400, "joan", "password cannot be changed"},
		{"PUT /cimi/2/credentials/ann", `{"name":"eve","description":"hers","properties":{"a":"b"},"key":"7373682d727361204141","parameters":{"key":"ssh-rsa AA"}}`, 200, "eve", ""},
		{"PUT /cimi/1/credentials/ann?$select=key", `{}`, 200, "eve", ""},
		{"PUT /cimi/1/credentials/ann", `{"description":"hers","properties":{"a":"b"}}`, 200, "ann", ""},
	} {
		got, _ := do(t, h, step.status, step.line, step.body)
		if message, _ := got["statusMessage"].(string); !strings.Contains(message, step.says) {
			t.Errorf("%s: the message is %q", step.line, message)
		}
		if now, _ := do(t, h, 200, "GET /cimi/1/credentials/ann", ""); now["name"] != step.name || now["description"] != "hers" || f.keys[1].PublicKey != "ssh-rsa AA" {
			t.Errorf("%s: it is %v", step.line, now)
		}
	}

	const password = "pa\"ss: word"
	made, headers := do(t, h, 201, "POST /cimi/2/credentials", `{"name":"root","credentialTemplate":{"parameters":{"userName":"root","password":"pa\"ss: word"}}}`)
	uri := strings.TrimPrefix(headers.Get("Location"), "http://cloud.example.org")
	for _, line := range []string{"GET " + uri, "GET " + uri + "?$format=xml", "GET /cimi/1/credentials", "GET /cimi/2/credentials?$expand=*", "GET /cimi/1/jobs"} {
		if body := text(t, request(t, h, line, "")); strings.Contains(body, "ss: word") {
			t.Errorf("%s shows the password: %s", line, body)
		}
	}
	if made["userName"] != "root" || made["parameters"].(map[string]any)["password"] != nil {
		t.Errorf("made %v", made)
	}
	do(t, h, 200, "PUT "+uri, `{"name":"admin","userName":"admin"}`) // what was shown has no password
	do(t, h, 201, "POST /cimi/1/machines", `{"machineTemplate":{`+ref+`,"credential":{"href":"`+uri+`"}}}`)
	config, found := strings.CutPrefix(string(f.created[0].UserData), "#cloud-config\n")
	var data map[string]any
	if err := json.Unmarshal([]byte(config), &data); err != nil || !found || data["password"] != password || data["user"] != "admin" {
		t.Errorf("the user data are %q", f.created[0].UserData)
	}
	do(t, h, 400, "POST /cimi/1/machines", `{"machineTemplate":{`+ref+`,"userData":"aGk=","credential":{"href":"`+uri+`"}}}`)
	do(t, h, 201, "POST /cimi/1/credentialTemplates", `{"name":"t","password":"s3cr3t","userName":"bob"}`)
	list, _ = do(t, h, 200, "GET /cimi/1/credentialTemplates", "")
	template := list["credentialTemplates"].([]any)[0].(map[string]any)
	if template["password"] != nil || template["userName"] != "bob" {
		t.Errorf("the template is %v", template)
	}
	do(t, h, 201, "POST /cimi/1/credentials", fmt.Sprintf(`{"name":"c","credentialTemplate":{"href":%q,"userName":"eve"}}`, template["id"]))
	for body, says := range map[string]string{
		`{"name":"n","credentialTemplate":{"userName":"joe"}}`:                 "neither a key nor a password",
		`{"name":"n","credentialTemplate":{"userName":"a\nb","password":"p"}}`: "one line",
		`{"name":"n"}`: "credentialTemplate is missing",
	} {
		if failed, _ := do(t, h, 400, "POST /cimi/1/credentials", body); !strings.Contains(failed["statusMessage"].(string), says) {
			t.Errorf("%s: %v", body, failed["statusMessage"])
		}
	}
	do(t, h, 200, "DELETE "+uri, "")
	do(t, h, 404, "GET "+uri, "")
	nameless, headers := do(t, h, 201, "POST /cimi/1/credentials", `{"description":"d","credentialTemplate":{"key":"c3NoLXJzYSBBQQ=="}}`)
	if nameless["name"] != path.Base(headers.Get("Location")) || nameless["name"] == "" || nameless["description"] != "d" {
		t.Errorf("made of a key without a name is %v", nameless)
	}
	do(t, h, 200, "DELETE /cimi/1/credentials/ann", "")
}

// TestKeyPairsOfUsers: key pairs are a user's; another's of the same name and
// project is another, and says something else.
func TestKeyPairsOfUsers(t *testing.T) {
	now := born
	f := newFake()
	h := surface(t, f, memory(t, &now), &now)
	f.user = "ann"
	do(t, h, 200, "PUT /cimi/1/credentials/joe?$select=description", `{"description":"Ann's"}`)
	f.user, f.keys = "bob", nil
	now = now.Add(time.Hour)
	do(t, h, 200, "GET /cimi/1/credentials", "") // which sweeps
	f.keys = newFake().keys
	if got, _ := do(t, h, 200, "GET /cimi/1/credentials/joe", ""); got["description"] != nil {
		t.Errorf("Bob sees %v", got)
	}
	f.user = "ann"
	if got, _ := do(t, h, 200, "GET /cimi/1/credentials/joe", ""); got["description"] != "Ann's" {
		t.Errorf("Ann sees %v", got)
	}
}

// TestPasswordsOfProjects: a credential with a password is the project's, with
// all that is said of it, at its making and later.
func TestPasswordsOfProjects(t *testing.T) {
	now := born
	f := newFake()
	kept := memory(t, &now)
	h := surface(t, f, kept, &now)
	f.user = "ann"
	made, _ := do(t, h, 201, "POST /cimi/2/credentials", `{"name":"n","description":"first","properties":{"k":"1"},"credentialTemplate":{"password":"p"}}`)
	at := strings.TrimPrefix(made["id"].(string), "http://cloud.example.org")
	do(t, h, 200, "PUT "+at+"?$select=description", `{"description":"second"}`)
	f.user = "bob"
	for _, at := range []string{at, "/cimi/2/credentials?$last=10"} {
		got, _ := do(t, h, 200, "GET "+at, "")
		if items, ok := got["credentials"].([]any); ok {
			got = items[len(items)-1].(map[string]any)
		}
		if got["description"] != "second" || fmt.Sprint(got["properties"]) != "map[k:1]" {
			t.Errorf("GET %s: Bob sees %v", at, got)
		}
	}
	do(t, h, 200, "PUT "+at, `{"name":"n","properties":{"k":"2"}}`)
	f.user = "ann"
	if got, _ := do(t, h, 200, "GET "+at, ""); got["description"] != nil || fmt.Sprint(got["properties"]) != "map[k:2]" {
		t.Errorf("Ann sees %v", got)
	}
	for _, user := range []string{"ann", "bob"} {
		if extras, _, err := kept.Documents(t.Context(), "demo", "cimi/credentials/extras/"+user, model.AllDocuments); err != nil || len(extras) > 0 {
			t.Errorf("%s has extras of it: %v, %v", user, extras, err)
		}
	}
}
