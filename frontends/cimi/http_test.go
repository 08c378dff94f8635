package cimi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/frontends/cimi"
	"github.com/occimi/occimi/frontends/server"
	"github.com/occimi/occimi/model"
	translate "github.com/occimi/occimi/translate/cimi"
)

const (
	ns1 = "http://schemas.dmtf.org/cimi/1"
	ref = `"machineConfig":{"href":"machineConfigs/1"},"machineImage":{"href":"machineImages/i-1"}`
)

// TestAnswers is what the HTTP of requests leads to: status, headers, and a part
// of the body.
func TestAnswers(t *testing.T) {
	tests := []struct {
		name    string
		line    string
		body    string
		headers []string
		status  int
		want    map[string]string
		has     string
	}{
		// Where things are.
		{"the entry point", "GET /cimi/1/cloudEntryPoint", "", nil, 200, nil, `"baseURI":"http://cloud.example.org/cimi/1/"`},
		{"with a slash", "GET /cimi/1/cloudEntryPoint/", "", nil, 200, nil, `"id":"http://cloud.example.org/cimi/1/cloudEntryPoint"`},
		{"at the version", "GET /cimi/2", "", nil, 200, nil, `"id":"http://cloud.example.org/cimi/2/cloudEntryPoint"`},
		{"at the mount, version 1", "GET /cimi/", "", nil, 200, map[string]string{"CIMI-Specification-Version": "1.0.1"}, `cimi/1/cloudEntryPoint"`},
		{"at the mount without slash", "GET /cimi", "", nil, 200, nil, `cimi/1/cloudEntryPoint"`},
		{"the mount's name of it", "GET /cimi/cloudEntryPoint", "", nil, 200, nil, `cimi/1/cloudEntryPoint"`},
		{"at the mount, version asked", "GET /cimi/", "", []string{"CIMI-Specification-Version: 3.0, 2.0"}, 200,
			map[string]string{"CIMI-Specification-Version": "2.0.0", "Vary": "Accept, CIMI-Specification-Version", "Cache-Control": "private, no-cache"}, `cimi/2/cloudEntryPoint"`},
		{"a version that is not served", "GET /cimi/", "", []string{"CIMI-Specification-Version: 3.0"}, 400, nil, `versions are 1.0.1`},
		{"no version for resources", "GET /cimi/machines", "", nil, 404, nil, "below /cimi/1/"},
		{"collection with a slash", "GET /cimi/1/machines/", "", nil, 200, nil, `"count":2`},
		{"nothing there", "GET /cimi/1/volumes", "", nil, 404, nil, `"returnCode":10404`},
		{"version 1 only", "GET /cimi/2/machines/m-1/networkInterfaces", "", nil, 404, nil, "Job"},
		{"no such machine's disks", "GET /cimi/1/machines/x/disks", "", nil, 404, nil, "no machine x"},
		{"no such machine's interfaces", "GET /cimi/1/machines/x/networkInterfaces", "", nil, 404, nil, "no machine x"},
		{"no such machine's snapshots", "GET /cimi/2/machines/x/snapshots", "", nil, 404, nil, "no machine x"},
		{"another machine's interface", "GET /cimi/1/machines/m-2/networkInterfaces/p-1", "", nil, 404, nil, "no interface"},
		{"a name with a blank and a slash", "GET /cimi/1/credentials/a%20b%2Fc", "", nil, 404, nil, "a b/c"},
		{"CR and LF", "GET /cimi/1/machines/a%0d%0ab", "", nil, 404, nil, `a\u000d\u000ab`},

		// Who may.
		{"entry point for anybody", "GET /cimi/1/cloudEntryPoint", "", []string{"X-Auth-Token:"}, 200, nil, "machines"},
		{"entry point for anything", "GET /cimi/1/cloudEntryPoint", "", []string{"X-Auth-Token:", "Accept: */*"}, 200,
			map[string]string{"Content-Type": "application/json; charset=utf-8"}, "machines"},
		{"entry point expanded for anybody", "GET /cimi/1/cloudEntryPoint?$expand=*", "", []string{"X-Auth-Token:"}, 200, nil, `"machines":{"href":"http://cloud.example.org/cimi/1/machines"}`},
		{"entry point, wrong credentials", "GET /cimi/1/cloudEntryPoint", "", []string{"X-Auth-Token: wrong"}, 401,
			map[string]string{"WWW-Authenticate": `Basic realm="Occimi", charset="UTF-8"`}, "not good"},
		{"no credentials", "GET /cimi/1/machines", "", []string{"X-Auth-Token:", "Accept: application/xml"}, 401,
			map[string]string{"WWW-Authenticate": `Basic realm="Occimi", charset="UTF-8"`}, "<state>FAILED</state>"},
		{"basic", "GET /cimi/1/machines", "", []string{"X-Auth-Token:", "Authorization: Basic ZGVtbzpzZWNyZXQ="}, 200, nil, "web"},

		// Formats.
		{"no Accept", "GET /cimi/1/machines", "", nil, 200, map[string]string{"Content-Type": "application/json; charset=utf-8"}, "{"},
		{"XML preferred", "GET /cimi/1/machines", "", []string{"Accept: application/json;q=0.5, application/xml"}, 200,
			map[string]string{"Content-Type": "application/xml; charset=utf-8"}, "<Collection"},
		{"a browser", "GET /cimi/1/machines", "", []string{"Accept: text/html,application/xml;q=0.9,*/*;q=0.8"}, 200, nil, "<Collection"},
		{"not JSON", "GET /cimi/1/machines", "", []string{"Accept: */*, application/json;q=0"}, 200, nil, "<Collection"},
		{"$format wins", "GET /cimi/1/machines?$format=XML", "", []string{"Accept: application/json"}, 200, nil, "<Collection"},
		{"$format unknown", "GET /cimi/1/machines?$format=yaml", "", nil, 406, nil, "yaml"},
		{"$format unknown, to a client of XML", "GET /cimi/1/machines?$format=yaml", "", []string{"Accept: application/xml"}, 406, map[string]string{"Content-Type": "application/xml; charset=utf-8"}, "yaml"},
		{"Accept that cannot be met", "GET /cimi/1/machines", "", []string{"Accept: text/csv"}, 406, nil, `"returnCode":10406`},
		{"the path's version in a list", "GET /cimi/1/cloudEntryPoint", "", []string{"CIMI-Specification-Version: 2.0, 1.1"}, 200, map[string]string{"CIMI-Specification-Version": "1.1.0"}, `cimi/1/cloudEntryPoint"`},
		{"another version than the path's", "GET /cimi/1/machines", "", []string{"CIMI-Specification-Version: 2.0.0"}, 400, map[string]string{"CIMI-Specification-Version": "1.0.1"}, `is not what is served here: that is 1.0.1`},
		{"a version that is nowhere, below a path", "GET /cimi/2/machines", "", []string{"CIMI-Specification-Version: 3.0"}, 400, nil, `that is 2.0.0`},
		{"curl's own type, JSON", "POST /cimi/1/machines", ` {"machineTemplate":{` + ref + `}}`, []string{"Content-Type: application/x-www-form-urlencoded"}, 201, nil, "CREATING"},
		{"curl's own type, XML", "POST /cimi/1/machines/m-1/stop", `<Action><action>stop</action></Action>`, []string{"Content-Type: application/x-www-form-urlencoded"}, 202, nil, ""},
		{"a compressed body", "POST /cimi/1/machines", "\x1f\x8b", []string{"Content-Type: application/json", "Content-Encoding: gzip"}, 415, nil, `bodies are read as they are, not in`},
		{"a body that is not", "POST /cimi/1/machines/m-1/stop", "{}", []string{"Content-Type: application/json", "Content-Encoding: Identity"}, 202, nil, ""},
		{"curl's own type, a form", "POST /cimi/1/machines", `name=n`, []string{"Content-Type: application/x-www-form-urlencoded"}, 415, nil, "application/json"},
		{"body of another type", "POST /cimi/1/machines", "x", []string{"Content-Type: text/plain"}, 415, nil, "application/json"},
		{"body without type", "POST /cimi/1/machines", `{"machineTemplate":{` + ref + `}}`, nil, 201, nil, "CREATING"},
		{"body without type or form", "POST /cimi/1/machines", `hello`, nil, 400, nil, "neither JSON nor XML"},
		{"no body", "POST /cimi/1/machines", ``, []string{"Content-Type: application/json"}, 400, nil, "empty"},
		{"body too large", "POST /cimi/1/machines", strings.Repeat(" ", 1<<20+1), nil, 413, nil, "larger than 1048576"},

		// Methods.
		{"method not there", "PUT /cimi/1/machines", "{}", nil, 405, map[string]string{"Allow": "GET, HEAD, POST, OPTIONS"}, "PUT"},
		{"configurations are the provider's", "DELETE /cimi/1/machineConfigs/1", "", nil, 403, nil, "cannot be deleted"},
		{"disks are the provider's", "DELETE /cimi/1/machines/m-1/disks/root", "", nil, 405, map[string]string{"Allow": "GET, HEAD, OPTIONS"}, "DELETE"},
		{"read of an operation", "GET /cimi/1/machines/m-1/stop", "", nil, 405, map[string]string{"Allow": "POST, OPTIONS"}, "GET"},
		{"unknown method", "PATCH /cimi/1/machines/m-1", "", nil, 405, map[string]string{"Allow": "GET, HEAD, PUT, DELETE, OPTIONS"}, "PATCH"},
		{"options", "OPTIONS /cimi/1/machines/m-1", "", nil, 200, map[string]string{"Allow": "GET, HEAD, PUT, DELETE, OPTIONS"}, ""},
		{"head", "HEAD /cimi/1/cloudEntryPoint", "", nil, 200, map[string]string{"Content-Type": "application/json; charset=utf-8"}, ""},

		// Queries.
		{"filter", "GET /cimi/1/machines?$filter=cpu%3E1", "", nil, 200, nil, `"count":1,"machines":[{"resourceURI":"` + ns1 + `/Machine","id":"http://cloud.example.org/cimi/1/machines/m-1"`},
		{"filter that cannot be read", "GET /cimi/1/machines?$filter=cpu%3E%3E1", "", nil, 400, nil, "at character 5"},
		{"filter of the wrong type", "GET /cimi/1/machines?$filter=cpu%3D'x'", "", nil, 400, nil, "cpu cannot be compared with x"},
		{"last", "GET /cimi/1/machines?$last=1&$select=name", "", nil, 200, nil, `"count":2,"machines":[{"resourceURI":"` + ns1 + `/Machine","name":"web"}]}`},
		{"last that is no number", "GET /cimi/1/machines?$last=x", "", nil, 400, nil, "$last"},
		{"order", "GET /cimi/1/machines?$orderby=cpu:asc&$select=name", "", nil, 200, nil, `"machines":[{"resourceURI":"` + ns1 + `/Machine","name":"db"}`},
		{"unknown parameters", "GET /cimi/1/machines?$nonsense=1&x=2", "", nil, 200, nil, `"count":2`},
		{"collection's attributes only", "GET /cimi/1/machines?$select=count", "", nil, 200, nil, `{"resourceURI":"` + ns1 + `/MachineCollection","count":2}`},
		{"path notation", "GET /cimi/1/machines?$select=machines/id", "", nil, 200, nil, `"machines":[{"resourceURI":"` + ns1 + `/Machine","id":`},
		{"entry point expanded", "GET /cimi/1/cloudEntryPoint?$expand=machineConfigs&$select=machineConfigs", "", nil, 200, nil, `"count":2,"machineConfigurations":[`},

		// Clients of record.
		{"action with a broken URI", "POST /cimi/1/machines/m-1/stop",
			`<Action xmlns="` + ns1 + `"><action> http://` + ns1 + `/action/stop</action></Action>`, []string{"Content-Type: application/xml"}, 202, nil, ""},
		{"create without a namespace, root in lower case", "POST /cimi/1/machineImages",
			`<machineImageCreate><name>i</name><type> IMAGE </type><imageLocation> http://cloud.example.org/cimi/1/machines/m-1 </imageLocation></machineImageCreate>`,
			[]string{"Content-Type: application/xml"}, 201, map[string]string{"Location": "http://cloud.example.org/cimi/1/machineImages/i-3"}, `"type":"IMAGE"`},
		{"capture at its own URI", "POST /cimi/1/machines/m-1/capture",
			`<MachineImageCreate><name>i</name><description>d</description><type>IMAGE</type><imageLocation>http://cloud.example.org/cimi/1/machines/m-1</imageLocation></MachineImageCreate>`,
			[]string{"Content-Type: application/xml"}, 201, map[string]string{"Location": "http://cloud.example.org/cimi/1/machineImages/i-3"}, `"description":"d"`},
		{"capture as an action", "POST /cimi/2/machines/m-1/capture", `{"action":"http://schemas.dmtf.org/cimi/2/action/capture"}`, nil, 201, nil, `"name":"unnamed"`},
		{"capture of another machine", "POST /cimi/2/machines/m-1/capture", `{"imageLocation":"machines/m-2"}`, nil, 400, nil, "another resource"},
		{"blanks around numbers", "POST /cimi/1/machines",
			`<MachineCreate xmlns="` + ns1 + `"><name>n</name><machineTemplate><machineConfig><cpu> 1 </cpu><memory> 524288 </memory></machineConfig>` +
				`<machineImage href="machineImages/i-1"/></machineTemplate></MachineCreate>`, []string{"Content-Type: text/xml; charset=utf-8"}, 201, nil, "CREATING"},
		{"a prefix for the namespace", "POST /cimi/1/machines",
			`<c:MachineCreate xmlns:c="` + ns1 + `"><c:name>n</c:name><c:machineTemplate><c:machineConfig href="/cimi/2/machineConfigs/1"/>` +
				`<c:machineImage href="machineImages/i-1"/></c:machineTemplate></c:MachineCreate>`, []string{"Content-Type: application/xml"}, 201, nil, "CREATING"},
		{"numbers as strings", "POST /cimi/2/machines", `{"machineTemplate":{"machineConfig":{"cpu":"1","memory":"524288"},"machineImage":{"href":"machineImages/i-1"}}}`, nil, 201, nil, "CREATING"},
		{"echo of read-only attributes", "PUT /cimi/1/machines/m-1", `{"id":"x","state":"STOPPED","cpuSpeed":99,"name":"n","operations":[{"rel":"edit","href":"x"}],"created":"2020-01-01T00:00:00Z"}`, nil, 200, nil, `"name":"n"`},

		// Bad input.
		{"unknown attribute", "POST /cimi/1/machines", `{"foo":1,"machineTemplate":{` + ref + `}}`, nil, 400, nil, "unknown or unsupported attribute: foo"},
		{"unknown attribute inside", "POST /cimi/1/machines", `{"machineTemplate":{"foo":1,` + ref + `}}`, nil, 400, nil, "machineTemplate.foo"},
		{"version 2 in version 1", "POST /cimi/1/machines", `<MachineCreate xmlns="http://schemas.dmtf.org/cimi/2"/>`, nil, 400, nil, "namespace"},
		{"another type", "POST /cimi/1/machines", `{"resourceURI":"` + ns1 + `/Machine"}`, nil, 400, nil, "MachineCreate"},
		{"template by reference, without a store", "POST /cimi/1/machines", `{"machineTemplate":{"href":"machineTemplates/1"}}`, nil, 400, nil, "no MachineTemplate is offered"},
		{"no template", "POST /cimi/1/machines", `{"name":"n"}`, nil, 400, nil, "machineTemplate is missing"},
		{"no image", "POST /cimi/1/machines", `{"machineTemplate":{"machineConfig":{"href":"machineConfigs/1"}}}`, nil, 400, nil, "machineImage is missing"},
		{"foreign reference", "POST /cimi/1/machines", `{"machineTemplate":{"machineImage":{"href":"http://elsewhere/images/1"}}}`, nil, 400, nil, "not the URI of a MachineImage"},
		{"inexact configuration", "POST /cimi/1/machines", `{"machineTemplate":{"machineConfig":{"cpu":3,"memory":1},"machineImage":{"href":"machineImages/i-1"}}}`, nil, 400, nil, "exactly"},
		{"unreachable state", "POST /cimi/1/machines", `{"machineTemplate":{"initialState":"STOPPED",` + ref + `}}`, nil, 400, nil, "only STARTED"},
		{"volume that is not offered", "POST /cimi/1/machines", `{"machineTemplate":{"volumes":[{"href":"volumes/1"}],` + ref + `}}`, nil, 400, nil, "no Volume is offered"},
		{"user data that is not Base64", "POST /cimi/1/machines", `{"machineTemplate":{"userData":"%%%",` + ref + `}}`, nil, 400, nil, "Base64"},
		{"password", "POST /cimi/1/credentials", `{"name":"n","credentialTemplate":{"userName":"joe","password":"s3cr3t"}}`, nil, 501, nil, "there is no store"},
		{"password in parameters", "POST /cimi/2/credentials", `{"name":"n","credentialTemplate":{"parameters":{"password":"s3cr3t"}}}`, nil, 501, nil, "there is no store"},
		{"another action's body", "POST /cimi/1/machines/m-1/stop", `{"action":"` + ns1 + `/action/start"}`, nil, 400, nil, "start"},
		{"action in a wrong state", "POST /cimi/1/machines/m-1/start", `{"action":"` + ns1 + `/action/start"}`, nil, 409, nil, "STARTED"},
		{"forced stop", "POST /cimi/1/machines/m-1/stop", `{"action":"` + ns1 + `/action/stop","force":true}`, nil, 400, nil, "cannot be forced"},
		{"attribute outside of $select", "PUT /cimi/1/machines/m-1?$select=name", `{"name":"n","description":"d"}`, nil, 400, nil, "description is not in $select"},
		{"property that cannot be kept", "PUT /cimi/1/machines/m-1?$select=properties", `{"properties":{"a/b":"c"}}`, nil, 400, nil, `a/b`},
		{"image of nothing", "POST /cimi/1/machineImages", `{"name":"n"}`, nil, 400, nil, "imageLocation is missing"},
		{"image from elsewhere", "POST /cimi/1/machineImages", `{"imageLocation":"http://elsewhere/image.unknown"}`, nil, 400, nil, "the URL's end"},
		{"snapshot of a running machine", "POST /cimi/1/machineImages", `{"type":"SNAPSHOT","imageLocation":"machines/m-1"}`, nil, 409, nil, "STOPPED"},
		{"snapshot of a stopped machine", "POST /cimi/1/machineImages", `{"type":"SNAPSHOT","imageLocation":"machines/m-2"}`, nil, 201, nil, `"type":"SNAPSHOT"`},
		{"delete of nothing", "DELETE /cimi/1/machines/x", "", nil, 404, nil, "action/delete"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := serve(newFake(), translate.Options{})
			r := request(t, h, test.line, test.body, test.headers...)
			body := text(t, r)
			if r.StatusCode != test.status {
				t.Errorf("status is %d, want %d", r.StatusCode, test.status)
			}
			for name, want := range test.want {
				if got := r.Header.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			if !strings.Contains(strings.ReplaceAll(body, `\"`, `"`), test.has) {
				t.Errorf("the body does not have %s:\n%s", test.has, body)
			}
			if strings.Contains(body, "s3cr3t") {
				t.Errorf("the body repeats a password: %s", body)
			}
		})
	}
}

// TestFailures is how the cloud's errors look.
func TestFailures(t *testing.T) {
	busy := model.Errorf(model.RateLimited, "too many requests")
	busy.RetryAfter, busy.UpstreamID = 1500*time.Millisecond, "req-1"
	tests := []struct {
		err    error
		status int
		retry  string
		has    string
	}{
		{model.Errorf(model.Quota, "no cores left"), 403, "", "no cores left"},
		{model.Errorf(model.Forbidden, "policy"), 403, "", "policy"},
		{model.Errorf(model.Conflict, "locked"), 409, "", "locked"},
		{busy, 429, "2", "too many requests (OpenStack request req-1)"},
		{model.Errorf(model.Unavailable, "nova is away"), 503, "5", "nova is away"},
		{model.Errorf(model.Unsupported, "cannot"), 501, "", "cannot"},
		{model.Errorf(model.Timeout, "slow"), 504, "", "slow"},
		{model.Errorf(model.Unauthorized, "the token ended"), 401, "", "the token ended"},
		{http.ErrBodyNotAllowed, 500, "", "internal error"},
	}
	for _, test := range tests {
		f := newFake()
		f.fail = test.err
		r := request(t, serve(f, translate.Options{}), "GET /cimi/2/machines", "", "Accept: application/xml")
		body := text(t, r)
		if r.StatusCode != test.status || r.Header.Get("Retry-After") != test.retry || !strings.Contains(body, "<statusMessage>"+test.has+"</statusMessage>") {
			t.Errorf("%v: %d, Retry-After %q: %s", test.err, r.StatusCode, r.Header.Get("Retry-After"), body)
		}
	}
}

// TestCalls is what requests cost in calls to the cloud.
func TestCalls(t *testing.T) {
	tests := []struct {
		line, body string
		calls      int64
	}{
		{"GET /cimi/1/cloudEntryPoint", "", 0},
		{"GET /cimi/1/resourceMetadata", "", 0},
		{"GET /cimi/1/machines", "", 2},
		{"GET /cimi/1/machines?$expand=disks,volumes", "", 2},
		{"GET /cimi/1/machines?$expand=*", "", 7}, // machines, images; ports, networks, images; the one latest snapshot, images
		{"GET /cimi/2/machines?$expand=*", "", 7},
		{"GET /cimi/2/machines?$expand=*&$select=name,interfaces", "", 3},
		{"GET /cimi/2/machines?$expand=*&$select=count", "", 1},
		{"GET /cimi/1/machines/m-1", "", 2},
		{"GET /cimi/1/machines/m-1?$expand=*", "", 6}, // machine, images, attachments, ports, networks, images
		{"GET /cimi/1/machines/m-1/disks", "", 1},
		{"GET /cimi/1/machines/m-1/volumes", "", 2},           // machine, attachments
		{"GET /cimi/1/machines/m-1/networkInterfaces", "", 3}, // machine, ports, networks
		{"GET /cimi/1/machines/m-2/networkInterfaces", "", 3},
		{"GET /cimi/1/machines/m-1/networkInterfaces/p-1/addresses", "", 3},
		{"GET /cimi/1/networks", "", 2},           // networks, routers
		{"GET /cimi/1/networks?$expand=*", "", 5}, // and ports, and what groups are: routers, networks
		{"GET /cimi/2/networks", "", 1},
		{"GET /cimi/2/networks?$expand=*", "", 2},
		{"GET /cimi/1/networks/n-1/networkPorts?$expand=*", "", 3},
		{"GET /cimi/1/networkPorts?$expand=*", "", 3},
		{"GET /cimi/1/addresses", "", 3}, // ports, floating IPs, subnets
		{"GET /cimi/1/addresses?$expand=*", "", 7},
		{"GET /cimi/1/forwardingGroups", "", 2},
		{"GET /cimi/1/forwardingGroups/r-1/networks", "", 2},
		{"GET /cimi/2/segments", "", 2},
		{"GET /cimi/2/segments?$expand=*", "", 7}, // and what is in their parents: networks, subnets
		{"GET /cimi/2/networks/n-1/segments?$expand=*", "", 7},
		{"GET /cimi/2/segments/s-1/endpoints", "", 5},
		{"GET /cimi/2/endpoints", "", 3},
		{"GET /cimi/2/endpoints?$expand=*", "", 5},
		{"GET /cimi/2/endpoints/p-1.10.0.0.5", "", 2},
		{"GET /cimi/2/endpoints/fip-f-1", "", 1},
		{"GET /cimi/2/interfaces", "", 2},
		{"GET /cimi/2/interfaces?$expand=*", "", 7}, // the interfaces of the machine are the parent of its own
		{"GET /cimi/2/interfaces/p-1/endpoints", "", 3},
		{"PUT /cimi/2/networks/n-1?$select=name", `{"name":"n"}`, 2},
		{"POST /cimi/2/networks/n-1/stop", `{"action":"http://schemas.dmtf.org/cimi/2/action/stop"}`, 2},
		{"DELETE /cimi/2/segments/s-1", "", 1},
		{"GET /cimi/1/machines/m-2/snapshots?$expand=snapshot", "", 3}, // images, the image, and again what it relates to
		{"GET /cimi/1/machineConfigs", "", 1},
		{"GET /cimi/1/machineImages/i-1", "", 1},
		{"POST /cimi/1/machines", `{"machineTemplate":{` + ref + `}}`, 1},
		{"POST /cimi/1/machines", `{"machineTemplate":{"machineConfig":{"cpu":1,"memory":524288},"machineImage":{"href":"machineImages/i-1"}}}`, 2},
		{"POST /cimi/1/machines/m-1/stop", `{"action":"` + ns1 + `/action/stop"}`, 2},
		{"POST /cimi/1/machines/m-1/capture", `{}`, 1},
		{"POST /cimi/1/machineImages", `{"type":"SNAPSHOT","imageLocation":"machines/m-2"}`, 3},
		{"PUT /cimi/1/machines/m-1?$select=name", `{"name":"n"}`, 1},
		{"DELETE /cimi/1/machines/m-1", "", 1},
	}
	for _, test := range tests {
		f := newFake()
		r := request(t, serve(f, translate.Options{}), test.line, test.body)
		if r.StatusCode >= 300 || f.calls.Load() != test.calls {
			t.Errorf("%s: %s after %d calls, want %d", test.line, r.Status, f.calls.Load(), test.calls)
		}
	}
}

// TestCatalog hides what the tenant's cloud does not offer.
func TestCatalog(t *testing.T) {
	f := newFake()
	f.absent = map[model.Service]bool{model.ImageService: true, model.NetworkService: true}
	h := serve(f, translate.Options{})
	for uri, hidden := range map[string]string{
		"/cimi/1/cloudEntryPoint":  "machineImages",
		"/cimi/1/machines/m-1":     "networkInterfaces",
		"/cimi/2/resourceMetadata": "MachineImage",
	} {
		if body := text(t, request(t, h, "GET "+uri, "")); strings.Contains(body, hidden+`"`) {
			t.Errorf("%s shows %s: %s", uri, hidden, body)
		}
	}
	if r := request(t, h, "GET /cimi/1/machineImages", ""); r.StatusCode != http.StatusNotFound {
		t.Errorf("images that are not offered: %s", r.Status)
	}
}

// TestUpdates is what PUT asks of the cloud.
func TestUpdates(t *testing.T) {
	str := func(s string) *string { return &s }
	tests := []struct {
		name, uri, body string
		want            []model.MachineUpdate
	}{
		{"full: what is missing is reset", "machines/m-1", `{}`, []model.MachineUpdate{
			{Metadata: map[string]string{"cimi_p_env": "", "cimi_p_a b": ""}}, {Name: str("m-1"), Description: str("")}}},
		{"full", "machines/m-1", `{"name":"n","description":"d","properties":{"env":"x"}}`, []model.MachineUpdate{
			{Metadata: map[string]string{"cimi_p_env": "x", "cimi_p_a b": ""}}, {Name: str("n"), Description: str("d")}}},
		{"full, properties as they were", "machines/m-1", `{"name":"n","description":"d","properties":{"env":"prod","a b":"<1>"}}`, []model.MachineUpdate{
			{Name: str("n"), Description: str("d")}}},
		{"partial", "machines/m-1?$select=description", `{"description":"d"}`, []model.MachineUpdate{{Description: str("d")}}},
		{"partial reset", "machines/m-1?$select=description,nonsense", `{}`, []model.MachineUpdate{{Description: str("")}}},
		{"erased", "machines/m-1?$select=description", `{"description":null}`, []model.MachineUpdate{{Description: str("")}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFake()
			if r := request(t, serve(f, translate.Options{}), "PUT /cimi/1/"+test.uri, test.body); r.StatusCode != http.StatusOK {
				t.Fatalf("%s: %s", r.Status, text(t, r))
			}
			if diff := cmp.Diff(test.want, f.updated); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDeltacloudMetadata is the form that Deltacloud's tests read.
func TestDeltacloudMetadata(t *testing.T) {
	h := serve(newFake(), translate.Options{DeltacloudMetadata: true})
	body := text(t, request(t, h, "GET /cimi/1/resourceMetadata", ""))
	for _, has := range []string{`"typeUri":"` + ns1 + `/Machine"`, `"resourceMetadata":[`, `{"name":"cpu","namespace":"` + ns1 + `","type":"integer"`} {
		if !strings.Contains(body, has) {
			t.Errorf("there is no %s in %s", has, body)
		}
	}
	if body := text(t, request(t, h, "GET /cimi/2/resourceMetadata", "")); strings.Contains(body, "typeUri") {
		t.Errorf("version 2 is bent, too: %s", body)
	}
}

// TestPanic is how a defect looks to the client: nothing of it is told.
func TestPanic(t *testing.T) {
	h := serve(panicking{newFake()}, translate.Options{})
	for _, uri := range []string{"/cimi/2/machines", "/cimi/1/cloudEntryPoint?$expand=machines,machineImages"} {
		r := request(t, h, "GET "+uri, "", "Accept: application/xml")
		body := text(t, r)
		if r.StatusCode != http.StatusInternalServerError || !strings.Contains(body, "<statusMessage>internal error</statusMessage>") {
			t.Errorf("%s: %s: %s", uri, r.Status, body)
		}
	}
}

// TestRoot serves CIMI at the host's root, as old tutorials have it.
func TestRoot(t *testing.T) {
	frontend := cimi.New(cimi.Config{Path: "/", Now: func() time.Time { return born }})
	h := server.New(server.Options{}, newFake(), server.Mount{Name: "cimi", Path: "/", Frontend: frontend}).Handler()
	for uri, has := range map[string]string{
		"/":                  `"baseURI":"http://cloud.example.org/1/"`,
		"/cloudEntryPoint":   `"id":"http://cloud.example.org/1/cloudEntryPoint"`,
		"/2/cloudEntryPoint": `"id":"http://cloud.example.org/2/cloudEntryPoint"`,
		"/1/machines/m-2":    `"id":"http://cloud.example.org/1/machines/m-2"`,
	} {
		if body := text(t, request(t, h, "GET "+uri, "")); !strings.Contains(body, has) {
			t.Errorf("%s does not have %s: %s", uri, has, body)
		}
	}
	body := `{"machineTemplate":{"machineConfig":{"href":"/1/machineConfigs/1"},"machineImage":{"href":"http://cloud.example.org/1/machineImages/i-1"}}}`
	if r := request(t, h, "POST /1/machines", body); r.StatusCode != http.StatusCreated {
		t.Errorf("create: %s: %s", r.Status, text(t, r))
	}
}

// TestOtherMounts asks for what is at no mount.
func TestOtherMounts(t *testing.T) {
	if r := request(t, serve(newFake(), translate.Options{}), "GET /elsewhere", ""); r.StatusCode != http.StatusNotFound || !strings.Contains(text(t, r), "Job") {
		t.Errorf("what is not mounted is %s", r.Status)
	}
}
