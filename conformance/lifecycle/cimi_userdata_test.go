package lifecycle_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/conformance/suitetest"
)

// TestCIMIUserData: what a machine is given for its guest arrives at Nova: a
// user name and a password as cloud-config, and user data byte for byte. No
// answer of the program shows the password.
func TestCIMIUserData(t *testing.T) {
	const password = `Pa55w"o:r d`
	login := map[string]any{"userName": "operator", "password": password}
	config := `{"user":"operator","password":"Pa55w\"o:r d","ssh_pwauth":true,"chpasswd":{"expire":false}}`
	for name, keystone := range map[string]func(*testing.T) string{"Sandbox": suitetest.SandboxCloud, "Real": suitetest.RealCloud} {
		t.Run(name, func(t *testing.T) {
			cloud := keystone(t)
			e := suitetest.Serve(t, "--os-auth-url", cloud, "--store", "sqlite::memory:", "--store-key", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
			demo := client{t: t, base: strings.TrimSuffix(e.CIMI, "/"), user: "demo"}
			nova := openstack(t, cloud, "demo")
			for _, d := range []dialect{{1, "json"}, {2, "json"}} {
				t.Run(d.String(), func(t *testing.T) {
					demo := client{t: t, base: demo.base, user: "demo"}
					at := func(path string) string { return fmt.Sprintf("/%d/%s", d.version, path) }
					content := "Content-Type: application/json"
					stored := demo.want(201, "POST", at("credentials"), d.create("Credential", "user data", "credentialTemplate", login), content)
					credential := stored.header.Get("Location")
					t.Cleanup(func() { demo.do("DELETE", credential, "") })
					for _, test := range []struct {
						name    string
						members map[string]any
						want    string // the user data; of cloud-config what follows the first line
					}{
						{"credential", map[string]any{"credential": ref(credential)}, config},
						{"credential by value", map[string]any{"credential": login}, config},
						{"userData", map[string]any{"userData": base64.StdEncoding.EncodeToString([]byte("#!/bin/sh\necho \u00e4\n"))}, "#!/bin/sh\necho \u00e4\n"},
					} {
						t.Run(test.name, func(t *testing.T) {
							template := map[string]any{
								"machineConfig": ref(demo.named(d, "machineConfigs", "machineConfigurations", "m1.tiny")),
								"machineImage":  ref(demo.named(d, "machineImages", "machineImages", "cirros")),
								d.plugs():       []any{map[string]any{"network": ref(demo.named(d, "networks", "networks", "private"))}},
							}
							maps.Copy(template, test.members)
							demo := demo
							demo.t = t
							created := demo.want(201, "POST", at("machines"), d.create("Machine", "user data", "machineTemplate", template), content)
							machine := created.header.Get("Location")
							t.Cleanup(func() { demo.do("DELETE", machine, "") })
							var shown string
							eventually(t, "the machine to be STARTED", func() bool {
								a := demo.want(200, "GET", machine, "")
								shown = a.body
								return d.parse(t, a).get("state").text == "STARTED"
							})
							if strings.Contains(created.body+shown+stored.body, "Pa55w") {
								t.Error("an answer shows the password")
							}
							got := nova.userData(t, machine[strings.LastIndex(machine, "/")+1:])
							if config, is := strings.CutPrefix(got, "#cloud-config\n"); is {
								if diff := cmp.Diff(document(t, test.want), document(t, config)); diff != "" {
									t.Errorf("cloud-config (-want +got):\n%s", diff)
								}
							} else if got != test.want {
								t.Errorf("the guest gets %q, want %q", got, test.want)
							}
						})
					}
				})
			}
		})
	}
}

func document(t *testing.T, text string) map[string]any {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return d
}

// compute is Nova itself, as a user with a token has it.
type compute struct {
	client
	token string
}

// openstack logs a user in at a Keystone, in the project of the same name.
func openstack(t *testing.T, keystone, user string) compute {
	t.Helper()
	domain := map[string]any{"id": "default"}
	a := client{t: t, base: keystone}.want(http.StatusCreated, "POST", "/auth/tokens", toJSON(map[string]any{"auth": map[string]any{
		"identity": map[string]any{"methods": []string{"password"}, "password": map[string]any{
			"user": map[string]any{"name": user, "password": "secret", "domain": domain}}},
		"scope": map[string]any{"project": map[string]any{"name": user, "domain": domain}},
	}}), "Content-Type: application/json")
	var answer struct {
		Token struct {
			Catalog []struct {
				Type      string
				Endpoints []struct{ Interface, URL string }
			}
		}
	}
	if err := json.Unmarshal([]byte(a.body), &answer); err != nil {
		t.Fatal(err)
	}
	for _, service := range answer.Token.Catalog {
		for _, endpoint := range service.Endpoints {
			if service.Type == "compute" && endpoint.Interface == "public" {
				return compute{client{base: strings.TrimSuffix(endpoint.URL, "/")}, a.header.Get("X-Subject-Token")}
			}
		}
	}
	t.Fatal("the cloud has no compute service")
	return compute{}
}

// userData gives what a machine's guest gets. Nova says that to the machine's
// owner when it rebuilds the machine, which this does.
func (n compute) userData(t *testing.T, machine string) string {
	t.Helper()
	n.t = t
	header := []string{"X-Auth-Token: " + n.token, "X-OpenStack-Nova-API-Version: 2.57", "Content-Type: application/json"}
	var server struct {
		Server struct {
			UserData []byte `json:"user_data"`
			Image    struct{ ID string }
		}
	}
	read := func(a answer) {
		t.Helper()
		if err := json.Unmarshal([]byte(a.body), &server); err != nil {
			t.Fatal(err)
		}
	}
	read(n.want(200, "GET", "/servers/"+machine, "", header...))
	read(n.want(202, "POST", "/servers/"+machine+"/action", toJSON(map[string]any{"rebuild": map[string]any{"imageRef": server.Server.Image.ID}}), header...))
	return string(server.Server.UserData)
}
