package cimi_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
	translate "github.com/occimi/occimi/translate/cimi"
)

// member reads one top-level value of a representation, whatever its format.
func member(t *testing.T, format, body, name string) string {
	t.Helper()
	if format == "json" {
		var m map[string]any
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		switch v := m[name].(type) {
		case string:
			return v
		case map[string]any:
			return v["href"].(string)
		}
		return ""
	}
	var m struct {
		Members []struct {
			XMLName xml.Name
			Href    string `xml:"href,attr"`
			Text    string `xml:",chardata"`
		} `xml:",any"`
	}
	if err := xml.Unmarshal([]byte(body), &m); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	for _, e := range m.Members {
		if e.XMLName.Local == name {
			return e.Href + e.Text
		}
	}
	return ""
}

// TestTutorial walks through the steps of the DMTF tutorial: it follows links
// only, from the Cloud Entry Point on.
func TestTutorial(t *testing.T) {
	bodies := map[string]map[string]string{
		"json": {
			"credential": `{"resourceURI":"http://schemas.dmtf.org/cimi/V/CredentialCreate","name":"Default","description":"Default User",
				"credentialTemplate":{"key":"7373682d727361204141"}}`,
			"machine": `{"resourceURI":"http://schemas.dmtf.org/cimi/V/MachineCreate","name":"myMachine1","description":"My very first machine",
				"properties":{"env":"test"},
				"machineTemplate":{"machineConfig":{"href":"CONFIG"},"machineImage":{"href":"IMAGE"},"credential":{"href":"CREDENTIAL"}}}`,
			"start": `{"resourceURI":"http://schemas.dmtf.org/cimi/V/Action","action":"http://schemas.dmtf.org/cimi/V/action/start"}`,
			"stop":  `{"resourceURI":"http://schemas.dmtf.org/cimi/V/Action","action":"http://schemas.dmtf.org/cimi/V/action/stop"}`,
			"put":   `{"resourceURI":"http://schemas.dmtf.org/cimi/V/Machine","name":"Cool Demo #1","description":"Renamed"}`,
		},
		"xml": {
			"credential": `<CredentialCreate xmlns="http://schemas.dmtf.org/cimi/V"><name>Default</name><description>Default User</description>
				<credentialTemplate><key>7373682d727361204141</key></credentialTemplate></CredentialCreate>`,
			"machine": `<MachineCreate xmlns="http://schemas.dmtf.org/cimi/V"><name>myMachine1</name><description>My very first machine</description>
				PROPERTIES
				<machineTemplate><machineConfig href="CONFIG"/><machineImage href="IMAGE"/><credential href="CREDENTIAL"/></machineTemplate></MachineCreate>`,
			"start": `<Action xmlns="http://schemas.dmtf.org/cimi/V"><action>http://schemas.dmtf.org/cimi/V/action/start</action></Action>`,
			"stop":  `<Action xmlns="http://schemas.dmtf.org/cimi/V"><action>http://schemas.dmtf.org/cimi/V/action/stop</action></Action>`,
			"put":   `<Machine xmlns="http://schemas.dmtf.org/cimi/V"><name>Cool Demo #1</name><description>Renamed</description></Machine>`,
		},
	}
	properties := map[string]string{
		"1": `<property key="env">test</property>`,
		"2": `<properties><property key="env">test</property></properties>`,
	}
	for _, version := range []string{"1", "2"} {
		for _, format := range []string{"json", "xml"} {
			t.Run("version "+version+" "+format, func(t *testing.T) {
				f := newFake()
				h := serve(f, translate.Options{})
				accept, content := "Accept: application/"+format, "Content-Type: application/"+format
				fill := strings.NewReplacer("/V", "/"+version, "PROPERTIES", properties[version])
				get := func(uri string) string {
					t.Helper()
					r := request(t, h, "GET "+strings.TrimPrefix(uri, "http://cloud.example.org"), "", accept)
					if r.StatusCode != http.StatusOK {
						t.Fatalf("GET %s: %s", uri, r.Status)
					}
					return text(t, r)
				}
				send := func(method, uri, body string, status int) (string, *http.Response) {
					t.Helper()
					r := request(t, h, method+" "+strings.TrimPrefix(uri, "http://cloud.example.org"), fill.Replace(body), accept, content)
					got := text(t, r)
					if r.StatusCode != status {
						t.Fatalf("%s %s: %s: %s", method, uri, r.Status, got)
					}
					return got, r
				}
				cep := get("/cimi/" + version + "/")
				if images := get(member(t, format, cep, "machineImages")); !strings.Contains(images, "/machineImages/i-1") {
					t.Fatalf("no image in %s", images)
				}
				if configs := get(member(t, format, cep, "machineConfigs")); !strings.Contains(configs, "/machineConfigs/1") {
					t.Fatalf("no configuration in %s", configs)
				}
				metadata := get(member(t, format, cep, "resourceMetadata") + "?$filter=name%3d'Credential'")
				if !strings.Contains(metadata, "key") || strings.Contains(metadata, "password") {
					t.Errorf("the metadata of credentials offers what is not possible: %s", metadata)
				}
				credentials := member(t, format, cep, "credentials")
				got, r := send("POST", credentials, bodies[format]["credential"], http.StatusCreated)
				credential := r.Header.Get("Location")
				if id := member(t, format, got, "id"); id != credential || credential != credentials+"/Default" {
					t.Errorf("the credential's id is %q, its Location %q", id, credential)
				}
				base := member(t, format, cep, "baseURI")
				machine := strings.NewReplacer("CONFIG", base+"machineConfigs/1", "IMAGE", base+"machineImages/i-1",
					"CREDENTIAL", credential).Replace(bodies[format]["machine"])
				got, r = send("POST", member(t, format, cep, "machines"), machine, http.StatusCreated)
				if r.Header.Get("Location") != base+"machines/m-3" || member(t, format, got, "state") != "CREATING" {
					t.Errorf("Location is %q, the body %s", r.Header.Get("Location"), got)
				}
				want := []model.MachineCreate{{
					Name: "myMachine1", Description: "My very first machine", FlavorID: "1", ImageID: "i-1", KeyName: "Default",
					Metadata: map[string]string{"cimi_p_env": "test"},
				}}
				if diff := cmp.Diff(want, f.created); diff != "" {
					t.Errorf("asked of the cloud (-want +got):\n%s", diff)
				}
				if state := member(t, format, get(base+"machines/m-2"), "state"); state != "STOPPED" {
					t.Fatalf("the machine is %s", state)
				}
				send("POST", base+"machines/m-2/start", bodies[format]["start"], http.StatusAccepted)
				f.machines[1].State = model.MachineRunning
				if state := member(t, format, get(base+"machines/m-2"), "state"); state != "STARTED" {
					t.Fatalf("the machine is %s", state)
				}
				send("POST", base+"machines/m-2/stop", bodies[format]["stop"], http.StatusAccepted)
				if diff := cmp.Diff([]model.MachineAction{model.StartMachine, model.StopMachine}, f.acted); diff != "" {
					t.Errorf("asked of the cloud (-want +got):\n%s", diff)
				}
				got, _ = send("PUT", base+"machines/m-2?$select=name,description", bodies[format]["put"], http.StatusOK)
				name, description := "Cool Demo #1", "Renamed"
				if diff := cmp.Diff([]model.MachineUpdate{{Name: &name, Description: &description}}, f.updated); diff != "" {
					t.Errorf("asked of the cloud (-want +got):\n%s", diff)
				}
				if member(t, format, got, "name") != name || member(t, format, got, "state") != "" {
					t.Errorf("the answer to PUT with $select is %s", got)
				}
				if got, _ := send("DELETE", base+"machines/m-2", "", http.StatusOK); got != "" {
					t.Errorf("the answer to DELETE is %q", got)
				}
			})
		}
	}
}
