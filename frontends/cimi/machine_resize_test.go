package cimi_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
	translate "github.com/occimi/occimi/translate/cimi"
)

// TestSizes is which flavor a machine is given for new values of cpu and memory,
// or why none.
func TestSizes(t *testing.T) {
	flavor := func(id string, cpu, mebi, disk int, specs ...string) model.Flavor {
		f := model.Flavor{ID: id, Name: id, VCPUs: cpu, MemoryMiB: mebi, DiskGiB: disk}
		for _, key := range specs {
			f.ExtraSpecs = map[string]string{key: "1"}
		}
		return f
	}
	flavors := []model.Flavor{
		flavor("wide", 1, 1024, 10), flavor("same", 1, 1024, 5), flavor("flat", 1, 1024, 1), flavor("odd", 1, 1024, 5, "gpu"),
		flavor("least", 2, 1024, 10), flavor("most", 2, 1024, 20), flavor("bare", 3, 1024, 0),
		flavor("one", 4, 1024, 5), flavor("other", 4, 1024, 5), flavor("arm", 5, 1024, 5, ""),
		flavor("fast", 6, 1024, 5, "gpu"), flavor("slow", 6, 1024, 6),
	}
	flavors[9].ExtraSpecs = map[string]string{"hw:architecture": "aarch64"}
	present := flavor("present", 1, 512, 5)
	machine := model.Machine{ID: "m", Name: "n", Description: "d", State: model.MachineRunning, Running: true, ImageID: "i-1", Flavor: present}
	with := func(change func(*model.Machine)) model.Machine { m := machine; change(&m); return m }
	for _, test := range []struct {
		name    string
		machine model.Machine
		query   string
		body    string
		status  int
		says    string
		resized string
	}{
		{"memory", machine, "?$select=memory", `{"memory":1048576}`, 202, `"memory":524288`, "same"},
		{"both", machine, "?$select=cpu,memory", `{"memory":1048576,"cpu":2}`, 202, `"cpu":1`, "least"},
		{"all", machine, "", `{"name":"n","cpu":2,"memory":1048576}`, 202, `"state":"STARTING"`, "least"},
		{"all of a stopped one", with(func(m *model.Machine) { m.State, m.Running = model.MachineStopped, false }), "", `{"name":"n","memory":1048576}`, 202, `"state":"STOPPING"`, "same"},
		{"what is", machine, "", `{"name":"n","cpu":1,"memory":524288}`, 200, `"state":"STARTED"`, ""},
		{"nothing", machine, "", `{"name":"n"}`, 200, `"cpu":1`, ""},
		{"nothing of what is named", machine, "?$select=cpu", `{}`, 200, `"cpu":1`, ""},
		{"what is, while it is PAUSED", with(func(m *model.Machine) { m.State = model.MachinePaused }), "", `{"name":"n","cpu":1,"memory":524288}`, 200, "PAUSED", ""},
		{"what no flavor has", machine, "?$select=memory", `{"memory":1048577}`, 400, "cpu 1 and memory 1048577", ""},
		{"a negative number", machine, "?$select=cpu", `{"cpu":-1}`, 400, "cpu -1", ""},
		{"a text", machine, "?$select=cpu", `{"cpu":"much"}`, 400, "cpu", ""},
		{"smaller disks", machine, "?$select=cpu,memory", `{"cpu":3,"memory":1048576}`, 400, "smaller disks than the machine: bare", ""},
		{"no disk to keep", with(func(m *model.Machine) { m.ImageID = "" }), "?$select=cpu,memory", `{"cpu":3,"memory":1048576}`, 202, `"cpu":1`, "bare"},
		{"two alike", machine, "?$select=cpu,memory", `{"cpu":4,"memory":1048576}`, 400, "several of the cloud's machineConfigs have cpu 4 and memory 1048576: one, other", ""},
		{"another architecture", machine, "?$select=cpu,memory", `{"cpu":5,"memory":1048576}`, 400, "none", ""},
		{"what the operator says of it counts more than disks", machine, "?$select=cpu,memory", `{"cpu":6,"memory":1048576}`, 202, "", "slow"},
		{"a locked one", with(func(m *model.Machine) { m.Locked = true }), "?$select=memory", `{"memory":1048576}`, 409, "locked", ""},
		{"a paused one", with(func(m *model.Machine) { m.State = model.MachinePaused }), "?$select=memory", `{"memory":1048576}`, 409, "PAUSED", ""},
		{"one that is not there", with(func(m *model.Machine) { m.ID = "x" }), "?$select=memory", `{"memory":1048576}`, 404, "no machine", ""},
	} {
		for _, v := range []string{"1", "2"} {
			t.Run(test.name+" v"+v, func(t *testing.T) {
				f := newFake()
				f.machines, f.flavors = []model.Machine{test.machine}, flavors
				r := request(t, serve(f, translate.Options{}), "PUT /cimi/"+v+"/machines/m"+test.query, test.body)
				if got := text(t, r); r.StatusCode != test.status || !strings.Contains(got, test.says) {
					t.Errorf("%s: %s", r.Status, got)
				}
				if got := strings.Join(f.resized, ""); got != test.resized {
					t.Errorf("resized to %q, want %q", got, test.resized)
				}
				if test.status >= 300 && len(f.updated) > 0 {
					t.Errorf("it was refused, and %v was changed", f.updated)
				}
			})
		}
	}
}

// TestResizeIsWhole checks that a name goes back to what it was when the new size
// is refused by the cloud.
func TestResizeIsWhole(t *testing.T) {
	f := newFake()
	f.refuse = model.Errorf(model.Quota, "too many cores")
	r := request(t, serve(f, translate.Options{}), "PUT /cimi/2/machines/m-2", `{"name":"new","properties":{"a":"1"},"cpu":2,"memory":2097152}`)
	if got := text(t, r); r.StatusCode != http.StatusForbidden || !strings.Contains(got, "too many cores") {
		t.Errorf("%s: %s", r.Status, got)
	}
	name, was, description, none := "new", "db", "", ""
	want := []model.MachineUpdate{
		{Metadata: map[string]string{"cimi_p_a": "1"}},
		{Name: &name, Description: &description},
		{Name: &was, Description: &none},
		{Metadata: map[string]string{"cimi_p_a": ""}},
	}
	if diff := cmp.Diff(want, f.updated); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if tags := f.machines[1].Tags; len(tags) > 0 {
		t.Errorf("the tags are %v", tags)
	}
}

// particular is a cloud that refuses the names of machines, but not their metadata.
type particular struct{ *fake }

func (p particular) Login(context.Context, model.Credentials) (model.Cloud, error) { return p, nil }

func (p particular) UpdateMachine(ctx context.Context, id string, u model.MachineUpdate) (model.Machine, error) {
	if u.Name != nil {
		return model.Machine{}, model.Errorf(model.Invalid, "the name has no printable characters")
	}
	return p.fake.UpdateMachine(ctx, id, u)
}

// TestRefusedNames checks that properties go back to what they were when the name
// beside them is refused by the cloud.
func TestRefusedNames(t *testing.T) {
	f := newFake()
	r := request(t, serve(particular{f}, translate.Options{}), "PUT /cimi/2/machines/m-1?$select=name,properties", `{"name":" ","properties":{"new":"1"}}`)
	if got := text(t, r); r.StatusCode != http.StatusBadRequest || !strings.Contains(got, "no printable characters") {
		t.Errorf("%s: %s", r.Status, got)
	}
	if len(f.updated) != 2 {
		t.Fatalf("done was %v", f.updated)
	}
	for key := range f.updated[0].Metadata {
		if was := f.machines[0].Metadata[key]; f.updated[1].Metadata[key] != was {
			t.Errorf("the metadata %q are %q, and were %q", key, f.updated[1].Metadata[key], was)
		}
	}
}

// TestResizeJobs run until the machine has the size, whoever confirms it.
func TestResizeJobs(t *testing.T) {
	f := newFake()
	h := keeping(t, f)
	m := f.at("m-2")
	begin := func() string {
		t.Helper()
		m.State, m.Flavor, f.resized = model.MachineStopped, tiny, nil
		_, headers := do(t, h, 202, "PUT /cimi/1/machines/m-2?$select=cpu,memory", `{"cpu":2,"memory":2097152}`)
		return strings.TrimPrefix(headers.Get("CIMI-Job-URI"), "http://cloud.example.org")
	}
	want := func(uri, wanted string) {
		t.Helper()
		got, _ := do(t, h, 200, "GET "+uri, "")
		if job := fmt.Sprint(got["state"], " ", got["statusMessage"]); job != wanted {
			t.Errorf("the job is %q, want %q", job, wanted)
		}
	}
	job := begin()
	want(job, "RUNNING <nil>")
	m.State, m.Flavor = model.MachineResized, small
	want(job, "RUNNING <nil>")
	m.State = model.MachineStopped
	want(job, "SUCCESS <nil>")
	if diff := cmp.Diff([]string{"2", "confirmed"}, f.resized); diff != "" || len(m.Tags) > 0 {
		t.Errorf("done (-want +got):\n%s, with the tags %v", diff, m.Tags)
	}

	// What a listing of machines sees is confirmed as well.
	job = begin()
	m.State, m.Flavor = model.MachineResized, small
	list, _ := do(t, h, 200, "GET /cimi/2/machines?$select=state", "")
	if got := list["machines"].([]any)[1].(map[string]any)["state"]; got != "STOPPING" || len(f.resized) != 2 {
		t.Errorf("it is listed as %v, done was %v", got, f.resized)
	}
	m.State = model.MachineStopped
	want(job, "SUCCESS <nil>")

	// OpenStack gives a resize up without a word but in its log.
	job = begin()
	f.events = []model.MachineEvent{{RequestID: "r", Action: "resize", Begun: born, Failed: true}}
	m.State = model.MachineStopped
	want(job, "FAILED the hypervisor refused")
	f.events = nil

	// Somebody else's resize is not ours to confirm.
	m.State, m.Flavor, m.Tags, f.resized = model.MachineResized, small, nil, nil
	if got, _ := do(t, h, 200, "GET /cimi/2/machines/m-2", ""); got["state"] != "STOPPED" || len(f.resized) > 0 {
		t.Errorf("it is %v, done was %v", got["state"], f.resized)
	}
}
