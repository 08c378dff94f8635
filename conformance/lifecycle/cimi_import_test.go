package lifecycle_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/occimi/occimi/conformance/suitetest"
)

// fetched is the one host that the Glance of conformance/openstack fetches
// images from; no other of loopback's.
const fetched = "127.0.0.80"

// TestCIMIImport: an image is fetched from the URL that its imageLocation names,
// and a machine is made of it; what cannot be fetched ends in the state ERROR,
// and a host that the cloud does not fetch from is refused, and leaves nothing.
func TestCIMIImport(t *testing.T) {
	t.Run("Sandbox", func(t *testing.T) {
		// The embedded cloud fetches nothing: each host of .example has each image.
		imports(t, suitetest.Sandbox(t), "http://images.example")
	})
	t.Run("Real", func(t *testing.T) {
		e := suitetest.Real(t)
		imports(t, e, imageServer(t))
	})
}

// imageServer serves /small.raw at a host that the real cloud fetches from.
func imageServer(t *testing.T) string {
	listener, err := net.Listen("tcp", fetched+":0")
	if err != nil {
		t.Skipf("there can be no server where the cloud fetches images from: %v", err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/small.raw" {
			http.NotFound(w, r)
			return
		}
		image := make([]byte, 1<<16)
		w.Header().Set("Content-Length", strconv.Itoa(len(image))) // without, Glance fails
		_, _ = w.Write(image)
	}))
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

func imports(t *testing.T, e suitetest.Endpoints, from string) {
	for _, d := range []dialect{{1, "json"}, {2, "json"}} {
		t.Run(d.String(), func(t *testing.T) {
			demo := client{t: t, base: strings.TrimSuffix(e.CIMI, "/"), user: "demo"}
			at := func(path string) string { return fmt.Sprintf("/%d/%s", d.version, path) }
			name := "lifecycle-import-" + d.String()
			content := "Content-Type: application/json"
			body := func(url string) string {
				return toJSON(map[string]any{"resourceURI": d.namespace() + "/MachineImage", "name": name, "type": "IMAGE", "imageLocation": url})
			}
			// made asks for an image, and gives its URI and its last state.
			made := func(url, state string) string {
				t.Helper()
				created := demo.want(201, "POST", at("machineImages"), body(url), content)
				image, job := created.header.Get("Location"), created.header.Get("CIMI-Job-URI")
				t.Cleanup(func() { demo.do("DELETE", image, "") })
				eventually(t, "the image to be "+state, func() bool {
					return d.parse(t, demo.want(200, "GET", image, "")).get("state").text == state
				})
				if got := d.parse(t, demo.want(200, "GET", image, "")).get("imageLocation").text; got != url {
					t.Errorf("imageLocation is %q, want %q", got, url)
				}
				want := map[string]string{"AVAILABLE": "SUCCESS", "ERROR": "FAILED"}[state]
				if got := d.parse(t, demo.want(200, "GET", job, "")).get("state").text; got != want {
					t.Errorf("the job of an image that is %s is %s, want %s", state, got, want)
				}
				return image
			}
			made(from+"/missing.raw", "ERROR")
			image := made(from+"/small.raw", "AVAILABLE")

			machine := demo.want(201, "POST", at("machines"), d.create("Machine", name, "machineTemplate", map[string]any{
				"machineConfig": ref(demo.named(d, "machineConfigs", "machineConfigurations", "m1.tiny")), "machineImage": ref(image),
				d.plugs(): []any{map[string]any{"network": ref(demo.named(d, "networks", "networks", "private"))}},
			}), content).header.Get("Location")
			t.Cleanup(func() { demo.do("DELETE", machine, "") })
			eventually(t, "the machine to be STARTED", func() bool {
				return d.parse(t, demo.want(200, "GET", machine, "")).get("state").text == "STARTED"
			})

			before := d.parse(t, demo.want(200, "GET", at("machineImages"), "")).get("count").text
			refused := demo.want(400, "POST", at("machineImages"), body("http://127.0.0.1/small.raw"), content)
			if !strings.Contains(refused.body, "imageLocation") {
				t.Errorf("the refusal does not name what was wrong: %s", refused.body)
			}
			if after := d.parse(t, demo.want(200, "GET", at("machineImages"), "")).get("count").text; after != before {
				t.Errorf("there are %s images after a refusal, %s before", after, before)
			}
		})
	}
}
