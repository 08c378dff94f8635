package lifecycle_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/occimi/occimi/conformance/suitetest"
)

// TestCIMIStored: what the program keeps itself outlives it: a template, a
// credential with a password, and the job of a machine that is still being made
// when the program ends. Nobody but their tenant sees them.
func TestCIMIStored(t *testing.T) {
	const key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	onEachCloud(t, func(t *testing.T, again func(*testing.T, ...string) suitetest.Endpoints) {
		store := []string{"--store", "sqlite:" + filepath.Join(t.TempDir(), "store.db"), "--store-key", key}
		d := dialect{1, "json"}
		var paths map[string]string // below the endpoint, which is another each time
		if !t.Run("made", func(t *testing.T) {
			e := again(t, store...)
			paths = makeStored(t, strings.TrimSuffix(e.CIMI, "/"), d)
		}) {
			return
		}
		t.Run("read", func(t *testing.T) {
			base := strings.TrimSuffix(again(t, store...).CIMI, "/")
			demo, alt := client{t: t, base: base, user: "demo"}, client{t: t, base: base, user: "alt"}
			defer func() {
				for _, what := range []string{"machine", "template", "credential"} {
					demo.want(200, "DELETE", paths[what], "")
				}
			}()
			eventually(t, "the job to end", func() bool {
				return d.parse(t, demo.want(200, "GET", paths["job"], "")).get("state").text != "RUNNING"
			})
			if job := d.parse(t, demo.want(200, "GET", paths["job"], "")); job.get("state").text != "SUCCESS" || job.get("progress").text != "100" {
				t.Errorf("the job is %+v", job)
			}
			template := d.parse(t, demo.want(200, "GET", paths["template"], ""))
			if template.get("name").text != "stored" || !strings.HasPrefix(template.get("machineImage", "href").text, base) {
				t.Errorf("the template is %+v", template)
			}
			if shown := demo.want(200, "GET", paths["credential"], "").body; strings.Contains(shown, "Pa55word") || !strings.Contains(shown, `"userName":"root"`) {
				t.Errorf("the credential is %s", shown)
			}
			for what, path := range paths {
				if what != "machine" {
					alt.want(404, "DELETE", path, "")
				}
				alt.want(404, "GET", path, "")
			}
			if n := d.parse(t, alt.want(200, "GET", "/1/jobs?$filter=action='http://schemas.dmtf.org/cimi/1/action/add'", "")).get("count").text; n != "0" {
				t.Errorf("another tenant sees %s jobs", n)
			}
		})
	})
}

// makeStored makes one of each, a machine from the template among them.
func makeStored(t *testing.T, base string, d dialect) map[string]string {
	demo := client{t: t, base: base, user: "demo"}
	content := "Content-Type: application/json"
	first := func(collection, key string) string {
		t.Helper()
		items := d.parse(t, demo.want(200, "GET", "/1/"+collection, "")).items(key, "")
		if len(items) == 0 {
			t.Fatalf("there are no %s", collection)
		}
		return items[0].get("id").text
	}
	made := func(collection, body string) answer {
		t.Helper()
		return demo.want(201, "POST", "/1/"+collection, body, content)
	}
	below := func(uri string) string { return strings.TrimPrefix(uri, base) }
	image, config := first("machineImages", "machineImages"), first("machineConfigs", "machineConfigurations")
	credential := made("credentials", `{"name":"stored","credentialTemplate":{"userName":"root","password":"Pa55word"}}`).header.Get("Location")
	template := made("machineTemplates", fmt.Sprintf(
		`{"name":"stored","machineImage":{"href":%q},"machineConfig":{"href":%q},"credential":{"href":%q}}`, image, config, credential)).header.Get("Location")
	machine := made("machines", fmt.Sprintf(`{"name":"stored","properties":{"not for Nova: ü":""},"machineTemplate":{"href":%q}}`, template))
	job := machine.header.Get("CIMI-Job-URI")
	if job == "" {
		t.Fatal("the machine's creation has no job")
	}
	uri := machine.header.Get("Location")
	if got := demo.want(200, "GET", uri, "").body; !strings.Contains(got, `"not for Nova: ü":""`) {
		t.Errorf("the property is not in %s", got)
	}
	return map[string]string{"credential": below(credential), "template": below(template), "machine": below(uri), "job": below(job)}
}
