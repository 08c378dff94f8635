package openstack_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/occimi/occimi/model"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// small is a machine on a network.
var small = model.MachineCreate{Name: "m", FlavorID: "1", ImageID: "i-1", Networks: []model.MachineNetwork{{NetworkID: "n-1"}}}

func TestMachineStates(t *testing.T) {
	for _, test := range []struct {
		status, task string
		power        int
		state        model.MachineState
		detail       string
		running      bool
	}{
		{"BUILD", "", 0, model.MachineCreating, "", false},
		{"BUILD", "spawning", 0, model.MachineCreating, "spawning", false},
		{"ACTIVE", "", 1, model.MachineRunning, "", true},
		{"ACTIVE", "powering-off", 1, model.MachineStopping, "powering-off", true},
		{"ACTIVE", "suspending", 1, model.MachineSuspending, "suspending", true},
		{"ACTIVE", "pausing", 1, model.MachinePausing, "pausing", true},
		{"ACTIVE", "image_snapshot_pending", 1, model.MachineCapturing, "image_snapshot_pending", true},
		{"SHUTOFF", "image_uploading", 4, model.MachineCapturing, "image_uploading", false},
		{"ACTIVE", "shelving", 1, model.MachineShelving, "shelving", true},
		{"ACTIVE", "migrating", 1, model.MachineReconfiguring, "migrating", true},
		{"ACTIVE", "something-new", 1, model.MachineRunning, "something-new", true},
		{"SHUTOFF", "", 4, model.MachineStopped, "", false},
		{"SHUTOFF", "powering-on", 4, model.MachineStarting, "powering-on", false},
		{"PAUSED", "", 3, model.MachinePaused, "", false},
		{"PAUSED", "unpausing", 3, model.MachineResuming, "unpausing", false},
		{"SUSPENDED", "", 4, model.MachineSuspended, "", false},
		{"SUSPENDED", "resuming", 4, model.MachineResuming, "resuming", false},
		{"SHELVED_OFFLOADED", "", 4, model.MachineShelved, "", false},
		{"SHELVED_OFFLOADED", "unshelving", 4, model.MachineStarting, "unshelving", false},
		{"REBOOT", "reboot_started", 1, model.MachineRestarting, "reboot_started", true},
		{"HARD_REBOOT", "", 1, model.MachineRestarting, "", true},
		{"REBUILD", "rebuilding", 1, model.MachineRebuilding, "rebuilding", true},
		{"RESIZE", "resize_prep", 1, model.MachineResizing, "resize_prep", true},
		{"VERIFY_RESIZE", "", 4, model.MachineResized, "", false},
		{"RESCUE", "", 1, model.MachineReconfiguring, "RESCUE", true},
		{"ERROR", "", 0, model.MachineFailed, "No valid host", false},
		{"UNKNOWN", "", 0, model.MachineUnknown, "", false},
		{"NEW_IN_2030", "", 1, model.MachineUnknown, "NEW_IN_2030", true},
	} {
		t.Run(test.status+" "+test.task, func(t *testing.T) {
			f := newFake()
			f.json("GET /compute/v2.1/servers/{id}", 200, serverJSON("x", test.status, test.task, test.power))
			m, err := f.cloud(t, f.config()).Machine(t.Context(), "x")
			if err != nil {
				t.Fatal(err)
			}
			if m.State != test.state || m.StateDetail != test.detail || m.Running != test.running {
				t.Errorf("got %s, %q, running %v; want %s, %q, %v", m.State, m.StateDetail, m.Running, test.state, test.detail, test.running)
			}
		})
	}
}

// TestHiddenMachines: those that are deleted, or only those being deleted are to be
// left out, and, for an administrator, those of other projects.
func TestHiddenMachines(t *testing.T) {
	foreign := strings.Replace(serverJSON("x", "ACTIVE", "", 1), fakeProject, "project-other", 1)
	for name, body := range map[string]string{
		"deleting":       serverJSON("x", "ACTIVE", "deleting", 1),
		"soft-deleting":  serverJSON("x", "ACTIVE", "soft-deleting", 1),
		"still deleting": serverJSON("x", "DELETED", "", 0),
		"soft deleted":   serverJSON("x", "SOFT_DELETED", "", 0),
		"foreign":        foreign,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.on("POST /identity/v3/auth/tokens", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Subject-Token", fakeToken)
				respond(w, 201, tokenBody(fakeProject, "root", "admin"))
			})
			f.json("GET /compute/v2.1/servers/{id}", 200, body)
			if name != "foreign" { // Nova lists an administrator's own project only
				f.json("GET /compute/v2.1/servers/detail", 200, `{"servers": [`+strings.TrimSuffix(strings.TrimPrefix(body, `{"server": `), `}`)+`]}`)
			}
			c := f.cloud(t, f.config())
			if strings.HasSuffix(name, "deleting") {
				if m, err := c.Machine(t.Context(), "x"); err != nil || m.State != model.MachineDeleting {
					t.Errorf("shown as %+v, %v", m, err)
				}
				if all, err := c.Machines(t.Context()); err != nil || len(all) != 1 || all[0].State != model.MachineDeleting {
					t.Errorf("listed as %+v, %v", all, err)
				}
				c = c.WithoutDeleting()
			}
			f.made()
			calls := map[string]func() error{
				"Machine":     func() error { _, err := c.Machine(t.Context(), "x"); return err },
				"Delete":      func() error { return c.DeleteMachine(t.Context(), "x") },
				"Act":         func() error { return c.ActOnMachine(t.Context(), "x", model.StopMachine) },
				"Save":        func() error { _, err := c.SaveMachine(t.Context(), "x", model.MachineSave{Name: "n"}); return err },
				"Attachments": func() error { _, err := c.MachineAttachments(t.Context(), "x"); return err },
				"Update": func() error {
					_, err := c.UpdateMachine(t.Context(), "x", model.MachineUpdate{Metadata: map[string]string{"a": "b"}})
					return err
				},
			}
			for name, call := range calls {
				if err := call(); !model.IsCode(err, model.NotFound) {
					t.Errorf("%s: got %v", name, err)
				}
			}
			if all, err := c.Machines(t.Context()); err != nil || len(all) > 0 {
				t.Errorf("listed: %v, %v", all, err)
			}
			for _, call := range f.made() {
				if !strings.HasPrefix(call.what, "GET ") {
					t.Errorf("called %s", call.what)
				}
			}
		})
	}
}

// TestAdministrator: is shown images, networks and ports of the project only.
func TestAdministrator(t *testing.T) {
	f := newFake()
	f.on("POST /identity/v3/auth/tokens", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Subject-Token", fakeToken)
		respond(w, 201, tokenBody(fakeProject, "root", "Admin"))
	})
	f.json("GET /image/v2/images", 200, `{"images": [{"id": "own", "owner": "project-demo", "status": "active", "visibility": "private"},
		{"id": "public", "owner": "o", "status": "active", "visibility": "public"}, {"id": "foreign", "owner": "o", "status": "active", "visibility": "private"}]}`)
	f.json("GET /image/v2/images/{id}", 200, `{"id": "foreign", "owner": "o", "status": "active", "visibility": "private"}`)
	f.json("GET /network/v2.0/networks", 200, `{"networks": [{"id": "own", "project_id": "project-demo"}, {"id": "shared", "project_id": "o", "shared": true},
		{"id": "ext", "project_id": "o", "router:external": true}, {"id": "foreign", "project_id": "o"}]}`)
	f.json("GET /network/v2.0/networks/{id}", 200, `{"network": {"id": "foreign", "project_id": "o"}}`)
	f.json("GET /network/v2.0/subnets", 200, `{"subnets": [{"id": "a", "network_id": "own"}, {"id": "b", "network_id": "foreign"}]}`)
	f.json("GET /network/v2.0/ports/{id}", 200, `{"port": {"id": "p", "project_id": "o", "device_id": "x", "device_owner": "compute:nova"}}`)
	c := f.cloud(t, f.config())
	images, err := c.Images(t.Context())
	if diff := cmp.Diff([]string{"own", "public"}, ids(images, func(i model.Image) string { return i.ID })); err != nil || diff != "" {
		t.Errorf("images: %v %s", err, diff)
	}
	networks, err := c.Networks(t.Context())
	if diff := cmp.Diff([]string{"ext", "own", "shared"}, ids(networks, func(n model.Network) string { return n.ID })); err != nil || diff != "" {
		t.Errorf("networks: %v %s", err, diff)
	}
	subnets, err := c.Subnets(t.Context())
	if diff := cmp.Diff([]string{"a"}, ids(subnets, func(s model.Subnet) string { return s.ID })); err != nil || diff != "" {
		t.Errorf("subnets: %v %s", err, diff)
	}
	for name, call := range map[string]func() error{
		"Image":       func() error { _, err := c.Image(t.Context(), "foreign"); return err },
		"DeleteImage": func() error { return c.DeleteImage(t.Context(), "foreign") },
		"Network":     func() error { _, err := c.Network(t.Context(), "foreign"); return err },
		"Port":        func() error { _, err := c.Port(t.Context(), "p"); return err },
	} {
		if err := call(); !model.IsCode(err, model.NotFound) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	f.made()
	if _, err := c.MachinePorts(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if calls := f.made(); !strings.Contains(calls[0].what, "project_id=project-demo") {
		t.Errorf("asked %q", whats(calls))
	}
}

// TestCreateBody: what Nova is asked for, in full.
func TestCreateBody(t *testing.T) {
	full := small
	full.Description, full.Hostname, full.KeyName, full.Zone = "d", "h", "k", "z"
	full.UserData = []byte("aGVsbG8=") // is not Base64, but what the guest shall see
	full.Metadata, full.Tags = map[string]string{"a": "b"}, []string{"t"}
	full.Networks = []model.MachineNetwork{{NetworkID: "n-1", FixedIP: "10.0.0.9"}, {NetworkID: "n-2"}}
	volumes := small
	volumes.Volumes = []model.MachineVolume{{VolumeID: "v-1", Device: "/dev/vdb"}, {VolumeID: "v-2"}}
	boot := volumes
	boot.ImageID, boot.Volumes = "", []model.MachineVolume{{VolumeID: "v-1", Boot: true}, {VolumeID: "v-2"}}
	alone := small
	alone.Networks = nil
	key := small
	key.PublicKey = "ssh-rsa AAAA"
	for name, r := range map[string]model.MachineCreate{
		"small": small, "full": full, "volumes": volumes, "boot-volume": boot, "only-network": alone, "public-key": key,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			if _, err := f.cloud(t, f.config()).CreateMachine(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			for _, call := range f.made() {
				if call.what != "POST /compute/v2.1/servers" {
					continue
				}
				var b bytes.Buffer
				if err := json.Indent(&b, []byte(call.body), "", "  "); err != nil {
					t.Fatal(err)
				}
				golden(t, "create-"+name+".json", b.String()+"\n")
			}
		})
	}
}

func TestCreateDefaultNetwork(t *testing.T) {
	const own, external = `{"id": "own", "name": "private", "project_id": "project-demo"}`, `{"id": "ext", "router:external": true}`
	for name, test := range map[string]struct {
		networks string
		want     string // of the request
		fails    model.Code
	}{
		"none":          {`[]`, `"networks":"none"`, ""},
		"external only": {`[` + external + `]`, `"networks":"none"`, ""},
		"one":           {`[` + external + `,` + own + `]`, `"networks":[{"uuid":"own"}]`, ""},
		"shared":        {`[{"id": "sh", "project_id": "o", "shared": true}]`, `"networks":[{"uuid":"sh"}]`, ""},
		"several":       {`[` + own + `,{"id": "own2", "name": "other\r\n"}]`, "", model.Conflict},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.json("GET /network/v2.0/networks", 200, `{"networks": `+test.networks+`}`)
			r := small
			r.Networks = nil
			_, err := f.cloud(t, f.config()).CreateMachine(t.Context(), r)
			if test.fails == "" && err != nil || test.fails != "" && !model.IsCode(err, test.fails) {
				t.Fatalf("got %v, want %q", err, test.fails)
			}
			if err != nil && (!strings.Contains(err.Error(), "own2") || strings.ContainsAny(err.Error(), "\r\n")) {
				t.Errorf("the message does not name the networks on one line: %q", err)
			}
			i := slices.IndexFunc(f.calls, func(c *call) bool { return c.what == "POST /compute/v2.1/servers" })
			if (i >= 0) != (test.fails == "") || i >= 0 && !strings.Contains(f.calls[i].body, test.want) {
				t.Errorf("calls %q", whats(f.calls))
			}
		})
	}
}

// TestCreateInDoubt: an answer that is lost may belong to a machine.
func TestCreateInDoubt(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		doubt  bool
	}{
		"504":       {func(w http.ResponseWriter, _ *http.Request) { respond(w, 504, `<html>`) }, true},
		"500":       {func(w http.ResponseWriter, _ *http.Request) { respond(w, 500, `{}`) }, true},
		"cut off":   {func(w http.ResponseWriter, _ *http.Request) { respond(w, 202, `{"serv`) }, true},
		"timeout":   {func(http.ResponseWriter, *http.Request) { panic(broken{context.DeadlineExceeded}) }, true},
		"no id":     {func(w http.ResponseWriter, _ *http.Request) { respond(w, 202, `{}`) }, true},
		"403 quota": {func(w http.ResponseWriter, _ *http.Request) { respond(w, 403, `{}`) }, false},
		"400":       {func(w http.ResponseWriter, _ *http.Request) { respond(w, 400, `{}`) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.on("POST /compute/v2.1/servers", test.answer)
			_, err := f.cloud(t, f.config()).CreateMachine(t.Context(), small)
			if err == nil || strings.Contains(err.Error(), "may have been made") != test.doubt {
				t.Errorf("got %v, want doubt: %v", err, test.doubt)
			}
		})
	}
}

// TestCreateNotReadable: a machine that was made and cannot be read is told from
// what was asked for.
func TestCreateNotReadable(t *testing.T) {
	f := newFake()
	f.json("GET /compute/v2.1/servers/{id}", 500, ``)
	got, err := f.cloud(t, f.config()).CreateMachine(t.Context(), small)
	if err != nil {
		t.Fatal(err)
	}
	want := model.Machine{
		ID: serverID, Name: "m", State: model.MachineCreating, Created: start2029, Updated: start2029,
		Flavor: model.Flavor{ID: "1"}, ImageID: "i-1",
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFlavorOfMachine: the id is that of the flavor with the same name and
// numbers, if there is one.
func TestFlavorOfMachine(t *testing.T) {
	for name, test := range map[string]struct{ flavor, want string }{
		"same":                {`{"id": "f", "name": "m1.tiny", "vcpus": 1, "ram": 512, "disk": 1, "swap": 0}`, "f"},
		"other, of that name": {`{"id": "f", "name": "m1.tiny", "vcpus": 2, "ram": 512, "disk": 1, "swap": ""}`, ""},
		"renamed":             {`{"id": "f", "name": "m2.tiny", "vcpus": 1, "ram": 512, "disk": 1, "swap": ""}`, ""},
		"with swap":           {`{"id": "f", "name": "m1.tiny", "vcpus": 1, "ram": 512, "disk": 1, "swap": 64}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.json("GET /compute/v2.1/flavors/detail", 200, `{"flavors": [`+test.flavor+`]}`)
			m, err := f.cloud(t, f.config()).Machine(t.Context(), "x")
			want := model.Flavor{ID: test.want, Name: "m1.tiny", VCPUs: 1, MemoryMiB: 512, DiskGiB: 1}
			if diff := cmp.Diff(want, m.Flavor, cmpopts.EquateEmpty()); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// TestInterfaceOrder: the order of the devices is that of the networks in the
// answer, whatever these are called.
func TestInterfaceOrder(t *testing.T) {
	at := func(address, mac string) string {
		return `{"version": 4, "addr": "` + address + `", "OS-EXT-IPS:type": "fixed", "OS-EXT-IPS-MAC:mac_addr": "` + mac + `"}`
	}
	for name, test := range map[string]struct {
		addresses string
		want      []string
		code      model.Code
	}{
		"none":                {`{}`, nil, ""},
		"null":                {`null`, nil, ""},
		"one":                 {`{"z": [` + at("10.0.0.5", "m1") + `]}`, nil, ""},
		"several":             {`{"z": [` + at("10.0.0.5", "m3") + `], "a": [` + at("10.1.0.5", "m1") + `]}`, []string{"m3", "m1"}, ""},
		"several on one":      {`{"z": [` + at("10.0.0.5", "m3") + `,` + at("10.0.0.6", "m1") + `]}`, []string{"m3", "m1"}, ""},
		"with a floating one": {`{"z": [` + at("10.0.0.5", "m3") + `,` + at("192.0.2.1", "m3") + `], "a": [` + at("10.1.0.5", "m1") + `]}`, []string{"m3", "m1"}, ""},
		"hostile name":        {`{"\"OS-EXT-IPS-MAC:mac_addr\": \"evil\"": [` + at("10.0.0.5", "m3") + `], "a": []}`, []string{"m3"}, ""},
		"no list of lists":    {`[` + at("10.0.0.5", "m3") + `,` + at("10.0.0.6", "m1") + `]`, nil, model.Unavailable},
		"no MAC address":      {`{"z": [{"OS-EXT-IPS-MAC:mac_addr": 1}, {"OS-EXT-IPS-MAC:mac_addr": 2}]}`, nil, model.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.json("GET /compute/v2.1/servers/x", 200, `{"server": {"id": "x", "status": "ACTIVE", "tenant_id": "project-demo", "addresses": `+test.addresses+`}}`)
			m, err := f.cloud(t, f.config()).Machine(t.Context(), "x")
			if test.code != "" {
				if !model.IsCode(err, test.code) {
					t.Errorf("got %+v, %v", m, err)
				}
				return
			}
			if diff := cmp.Diff(test.want, m.MACAddresses); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// TestPartialServer: a server whose cell is down has little but an id.
func TestPartialServer(t *testing.T) {
	f := newFake()
	f.json("GET /compute/v2.1/servers/detail", 200, `{"servers": [
		{"id": "a", "status": "UNKNOWN", "tenant_id": "project-demo", "created": "2026-01-02T03:04:05Z", "links": []},
		{"id": "b", "status": "ACTIVE", "image": "", "created": "2026-01-02T03:04:04Z"}]}`)
	got, err := f.cloud(t, f.config()).Machines(t.Context())
	want := []model.Machine{
		{ID: "b", State: model.MachineRunning, Created: time.Date(2026, 1, 2, 3, 4, 4, 0, time.UTC)},
		{ID: "a", State: model.MachineUnknown, Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
