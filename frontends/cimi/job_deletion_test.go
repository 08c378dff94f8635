package cimi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
)

// jobSurface is a surface with a clock, whose jobs are looked at.
type jobSurface struct {
	t   *testing.T
	h   http.Handler
	now time.Time
}

func withJobs(t *testing.T, p model.Provider) *jobSurface {
	s := &jobSurface{t: t, now: born}
	s.h = surface(t, p, memory(t, &s.now), &s.now)
	return s
}

// do sends a request, and gives the path of its job.
func (s *jobSurface) do(status int, line, body string, headers ...string) string {
	s.t.Helper()
	_, h := do(s.t, s.h, status, line, body, headers...)
	return strings.TrimPrefix(h.Get("CIMI-Job-URI"), "http://cloud.example.org")
}

// want checks what a job says: its state and message, and the last words of what
// it affects.
func (s *jobSurface) want(job, state string, affects ...string) {
	s.t.Helper()
	got, _ := do(s.t, s.h, 200, "GET "+job, "")
	said := fmt.Sprint(got["state"])
	if message, ok := got["statusMessage"]; ok {
		said += " " + fmt.Sprint(message)
	}
	var affected []string
	for _, ref := range asList(got["affectedResources"]) {
		href := ref.(map[string]any)["href"].(string)
		affected = append(affected, href[strings.LastIndexByte(href, '/')+1:])
	}
	if diff := cmp.Diff(append([]string{state}, affects...), append([]string{said}, affected...)); diff != "" {
		s.t.Errorf("%s (-want +got):\n%s", job, diff)
	}
	all, _ := do(s.t, s.h, 200, "GET "+strings.TrimSuffix(job, job[strings.LastIndexByte(job, '/'):]), "")
	i := slices.IndexFunc(asList(all["jobs"]), func(j any) bool { return strings.HasSuffix(j.(map[string]any)["id"].(string), job) })
	if i < 0 {
		s.t.Fatalf("%s is not in the list", job)
	}
	listed := asList(all["jobs"])[i].(map[string]any)
	delete(listed, "resourceURI")
	delete(got, "resourceURI")
	if diff := cmp.Diff(got, listed); diff != "" {
		s.t.Errorf("%s and the same in the list (-one +listed):\n%s", job, diff)
	}
}

func asList(v any) []any { list, _ := v.([]any); return list }

// TestDeletionOfAMachine: what was done to it stays as it was, also if nobody had
// asked before; it is DELETING until it is gone, and jobs name it until then.
func TestDeletionOfAMachine(t *testing.T) {
	f := newFake()
	s := withJobs(t, f)
	set := func(state model.MachineState) {
		f.machines = []model.Machine{{ID: "m-3", State: state, Flavor: tiny}}
	}
	made := s.do(201, "POST /cimi/1/machines", `{"name":"n","machineTemplate":{`+ref+`}}`)
	set(model.MachineRunning)
	stop := s.do(202, "POST /cimi/1/machines/m-3/stop", "{}")
	set(model.MachineStopped)

	deleted := s.do(200, "DELETE /cimi/1/machines/m-3", "")
	set(model.MachineDeleting)
	s.want(made, "SUCCESS", "machines", "m-3")
	s.want(stop, "SUCCESS", "m-3")
	s.want(deleted, "RUNNING", "m-3")
	for version, ops := range map[string]int{"1": 0, "2": 11} {
		got, _ := do(t, s.h, 200, "GET /cimi/"+version+"/machines/m-3", "")
		if got["state"] != "DELETING" || len(asList(got["operations"])) != ops || strings.Contains(fmt.Sprint(got["operations"]), "available:true") {
			t.Errorf("version %s shows %v", version, got)
		}
	}
	do(t, s.h, 409, "POST /cimi/1/machines/m-3/start", "{}")
	again := s.do(200, "DELETE /cimi/2/machines/m-3", "")

	f.machines = nil
	s.want(made, "SUCCESS", "machines")
	s.want(stop, "SUCCESS")
	s.want(deleted, "SUCCESS")
	s.want(again, "SUCCESS")
}

// TestDeletionsThatFail: their jobs say so, and why.
func TestDeletionsThatFail(t *testing.T) {
	f := newStorage()
	s := withJobs(t, f)
	machine := s.do(200, "DELETE /cimi/1/machines/m-1", "")
	volume := s.do(200, "DELETE /cimi/2/volumes/v-3", "")
	image := s.do(200, "DELETE /cimi/2/volumeImages/s-1", "")
	s.want(machine, "RUNNING", "m-1") // the cloud may be late to show it
	f.volumes[2].State = model.VolumeFailed
	s.want(volume, "FAILED no room for v-3", "v-3")
	f.snapshots[0].State, f.snapshots[0].StateDetail = model.SnapshotFailed, "error deleting"
	s.want(image, "FAILED the VolumeImage is in the state ERROR: error deleting", "s-1")

	s.now = s.now.Add(2 * time.Minute)
	s.want(machine, "FAILED the Machine is STARTED, and not deleted", "m-1")
	f.events = []model.MachineEvent{{RequestID: "r", Action: "delete", Begun: s.now, Failed: true}}
	machine = s.do(200, "DELETE /cimi/1/machines/m-1", "")
	s.now = s.now.Add(2 * time.Minute)
	s.want(machine, "FAILED the hypervisor refused", "m-1")
}

// TestUnfinishedBeforeDeletion: what had not ended when a thing was deleted did
// not succeed.
func TestUnfinishedBeforeDeletion(t *testing.T) {
	f := newFake()
	s := withJobs(t, f)
	made := s.do(201, "POST /cimi/1/machines", `{"name":"n","machineTemplate":{`+ref+`}}`)
	f.machines = []model.Machine{{ID: "m-3", State: model.MachineCreating, Flavor: tiny}}
	s.do(200, "DELETE /cimi/1/machines/m-3", "")
	f.machines = nil
	s.want(made, "FAILED the Machine was deleted before this had ended, or before anybody looked", "machines")
}

// TestNamesThatComeBack: a thing of the name of one that was deleted is another.
func TestNamesThatComeBack(t *testing.T) {
	s := withJobs(t, newFake())
	const key = `{"name":"ann","credentialTemplate":{"key":"c3NoLXJzYSBBQQ=="}}`
	first := s.do(201, "POST /cimi/1/credentials", key)
	s.want(first, "SUCCESS", "credentials", "ann")
	s.now = s.now.Add(time.Second)
	s.do(200, "DELETE /cimi/1/credentials/ann", "")
	s.want(first, "SUCCESS", "credentials")
	s.now = s.now.Add(time.Second)
	second := s.do(201, "POST /cimi/1/credentials", key)
	s.want(second, "SUCCESS", "credentials", "ann")
	s.want(first, "SUCCESS", "credentials")
}

// TestEnlargement of a volume goes on after the answer.
func TestEnlargement(t *testing.T) {
	f := newStorage()
	s := withJobs(t, f)
	v := &f.volumes[2]
	for _, test := range []struct {
		state model.VolumeState
		size  int
		want  string
	}{
		{model.VolumeChanging, 2, "RUNNING"},
		{model.VolumeAvailable, 3, "SUCCESS"},
		{model.VolumeAvailable, 2, "FAILED no room for v-3"},
		{model.VolumeFailed, 2, "FAILED no room for v-3"},
	} {
		v.State, v.SizeGiB = model.VolumeAvailable, 2
		job := s.do(202, "PUT /cimi/1/volumes/v-3?$select=capacity", `{"capacity":2147484}`)
		v.State, v.SizeGiB = test.state, test.size
		s.want(job, test.want, "v-3")
	}
	v.State, v.SizeGiB = model.VolumeChanging, 2
	s.want(s.do(200, "PUT /cimi/1/volumes/v-3?$select=name", `{"name":"n"}`), "SUCCESS", "v-3")
}

// TestEveryWriteHasAJob: also those of jobs, and those that a condition refuses.
func TestEveryWriteHasAJob(t *testing.T) {
	s := withJobs(t, newFake())
	first := s.do(201, "POST /cimi/1/credentialTemplates", `{"userName":"u","password":"p"}`)
	edited := s.do(200, "PUT "+first+"?$select=name", `{"name":"x"}`)
	s.want(edited, "SUCCESS", "id-2")
	refused := s.do(412, "DELETE "+first, "", `If-Match: "old"`)
	s.want(refused, "FAILED If-Match: the resource is not, or no longer, in that state", "id-2")
	deleted := s.do(200, "DELETE "+first, "")
	if got, _ := do(t, s.h, 200, "GET /cimi/1/jobs?$filter=state='SUCCESS'", ""); len(asList(got["jobs"])) != 2 {
		t.Errorf("the deletion of a job has not ended at once: %v", got)
	}
	s.want(deleted, "SUCCESS")
	s.want(edited, "SUCCESS")
}

// TestReferencesToWhatIsDeleted become empty, in whatever consumers keep; in lists
// the items go.
func TestReferencesToWhatIsDeleted(t *testing.T) {
	f := newStorage()
	s := withJobs(t, f)
	s.do(201, "POST /cimi/1/credentials", `{"name":"ann","credentialTemplate":{"key":"c3NoLXJzYSBBQQ=="}}`)
	s.do(201, "POST /cimi/2/volumeConfigs", `{"capacity":5000000}`)
	config := "volumeConfigs/id-2"
	create := func(path, body string) string {
		t.Helper()
		_, h := do(t, s.h, 201, "POST /cimi/2/"+path, body)
		return strings.TrimPrefix(h.Get("Location"), "http://cloud.example.org/cimi/2/")
	}
	volume := create("volumeTemplates", `{"name":"v","volumeConfig":{"href":"`+config+`"},"volumeImage":{"href":"volumeImages/s-1"}}`)
	machine := create("machineTemplates", `{"properties":{"href":"credentials/ann"},"credential":{"href":"credentials/ann"},"userData":"eA==",`+ref+`,
		"volumes":[{"initialLocation":"/dev/vdx","volume":{"href":"volumes/v-1"}},{"volume":{"href":"volumes/v-3"}}],
		"volumeTemplates":[{"volumeTemplate":{"href":"`+volume+`"}}]}`)
	other := create("machineTemplates", `{"credential":{"href":"credentials/joe"},`+ref+`}`)
	s.now = s.now.Add(time.Second)

	for _, path := range []string{"credentials/ann", config, "volumes/v-3"} {
		s.do(200, "DELETE /cimi/1/"+path, "")
	}
	f.volumes = slices.DeleteFunc(f.volumes, func(v model.Volume) bool { return v.ID == "v-3" })
	got, _ := do(t, s.h, 200, "GET /cimi/2/"+machine, "")
	if list := asList(got["volumes"]); got["credential"] != nil || len(list) != 1 || !strings.Contains(fmt.Sprint(list), "v-1") || got["userData"] != "eA==" {
		t.Errorf("the template of machines is %v", got)
	}
	if diff := cmp.Diff(map[string]any{"href": "credentials/ann"}, got["properties"]); diff != "" {
		t.Errorf("a property is no reference (-want +got):\n%s", diff)
	}
	if got["updated"] == got["created"] {
		t.Error("the template was changed, and does not say so")
	}
	got, _ = do(t, s.h, 200, "GET /cimi/1/"+volume, "")
	if got["volumeConfig"] != nil || got["volumeImage"] == nil || got["name"] != "v" {
		t.Errorf("the template of volumes is %v", got)
	}
	got, _ = do(t, s.h, 200, "GET /cimi/2/"+other, "")
	if got["credential"] == nil || got["updated"] != got["created"] {
		t.Errorf("a template that does not refer to it is %v", got)
	}
	s.do(200, "DELETE /cimi/2/"+volume, "")
	got, _ = do(t, s.h, 200, "GET /cimi/1/"+machine, "")
	if got["volumeTemplates"] != nil {
		t.Errorf("the template of machines is %v", got)
	}
	do(t, s.h, 201, "POST /cimi/1/machines", `{"machineTemplate":{"href":"`+machine+`"}}`)
	if f.created[0].KeyName != "" {
		t.Errorf("made was %+v", f.created[0])
	}
}

// TestReferencesToWhatIsBeingDeleted stay until it is gone, and for good if it is
// not deleted after all.
func TestReferencesToWhatIsBeingDeleted(t *testing.T) {
	f := newStorage()
	s := withJobs(t, f)
	do(t, s.h, 201, "POST /cimi/2/machineTemplates", `{`+ref+`,"credential":{"userName":"ann","password":"p"},
		"volumes":[{"volume":{"href":"volumes/v-1"}},{"volume":{"href":"volumes/v-3"}}]}`)
	want := func(when string, volumes ...string) {
		t.Helper()
		for _, version := range []string{"1", "2"} {
			list, _ := do(t, s.h, 200, "GET /cimi/"+version+"/machineTemplates", "")
			one, _ := do(t, s.h, 200, "GET /cimi/"+version+"/machineTemplates/id-1", "")
			for _, template := range []any{one, asList(list["machineTemplates"])[0]} {
				var got []string
				for _, v := range []string{"v-1", "v-3"} {
					if strings.Contains(fmt.Sprint(template.(map[string]any)["volumes"]), v) {
						got = append(got, v)
					}
				}
				if diff := cmp.Diff(volumes, got); diff != "" {
					t.Errorf("%s, version %s: the volumes are (-want +got):\n%s", when, version, diff)
				}
			}
		}
	}
	shows := func(state model.VolumeState) {
		for i := range f.volumes {
			if f.volumes[i].ID == "v-3" {
				f.volumes[i].State = state
			}
		}
	}
	s.do(200, "DELETE /cimi/1/volumes/v-3", "")
	want("before the cloud shows it", "v-1", "v-3")
	shows(model.VolumeDeleting)
	want("while it is DELETING", "v-1", "v-3")
	shows(model.VolumeFailed)
	want("when OpenStack has given up", "v-1", "v-3")
	f.volumes = slices.DeleteFunc(f.volumes, func(v model.Volume) bool { return v.ID == "v-3" })
	want("when it was deleted by other means", "v-1", "v-3")

	s.do(200, "DELETE /cimi/2/volumes/v-1", "")
	s.do(200, "DELETE /cimi/2/volumes/v-1", "")
	want("after a second deletion", "v-1", "v-3")
	f.volumes = nil
	want("when it is gone", "v-3")
}
