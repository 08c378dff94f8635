package cimi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
	translate "github.com/occimi/occimi/translate/cimi"
)

// TestActions is what operations ask of the cloud in each state.
func TestActions(t *testing.T) {
	tests := []struct {
		machine model.Machine
		action  string
		force   string
		status  int
		want    []model.MachineAction
	}{
		{model.Machine{State: model.MachineStopped}, "start", "", 202, []model.MachineAction{model.StartMachine}},
		{model.Machine{State: model.MachinePaused}, "start", "", 202, []model.MachineAction{model.UnpauseMachine}},
		{model.Machine{State: model.MachineSuspended}, "start", "", 202, []model.MachineAction{model.ResumeMachine}},
		{model.Machine{State: model.MachineShelved}, "start", "", 202, []model.MachineAction{model.UnshelveMachine}},
		{model.Machine{State: model.MachineRunning}, "start", "", 409, nil},
		{model.Machine{State: model.MachineRunning}, "stop", "", 202, []model.MachineAction{model.StopMachine}},
		{model.Machine{State: model.MachineRunning}, "stop", "false", 202, []model.MachineAction{model.StopMachine}},
		{model.Machine{State: model.MachineStopping}, "stop", "", 202, nil}, // it may be asked for again
		{model.Machine{State: model.MachineStopped}, "stop", "", 409, nil},
		{model.Machine{State: model.MachinePaused}, "stop", "", 409, nil},
		{model.Machine{State: model.MachineFailed}, "stop", "", 202, []model.MachineAction{model.StopMachine}},
		{model.Machine{State: model.MachineRunning}, "restart", "", 202, []model.MachineAction{model.RebootMachine}},
		{model.Machine{State: model.MachineRunning}, "restart", "true", 202, []model.MachineAction{model.ResetMachine}},
		{model.Machine{State: model.MachineStopped}, "restart", "", 202, []model.MachineAction{model.StartMachine}},
		{model.Machine{State: model.MachineStopped}, "restart", "true", 202, []model.MachineAction{model.ResetMachine}},
		{model.Machine{State: model.MachineShelved}, "restart", "", 202, []model.MachineAction{model.UnshelveMachine}},
		{model.Machine{State: model.MachineShelved}, "restart", "true", 202, []model.MachineAction{model.UnshelveMachine}},
		{model.Machine{State: model.MachinePaused}, "restart", "", 409, nil},
		{model.Machine{State: model.MachineRunning}, "pause", "", 202, []model.MachineAction{model.PauseMachine}},
		{model.Machine{State: model.MachineRunning}, "suspend", "", 202, []model.MachineAction{model.SuspendMachine}},
		{model.Machine{State: model.MachineRunning, Locked: true}, "stop", "", 409, nil},
		{model.Machine{State: model.MachineStopping, Locked: true}, "stop", "", 409, nil},
		{model.Machine{State: model.MachineRunning}, "stop", "perhaps", 400, nil},
	}
	for _, test := range tests {
		t.Run(test.action+" "+test.force+" of "+string(test.machine.State), func(t *testing.T) {
			f := newFake()
			test.machine.ID = "m"
			f.machines = []model.Machine{test.machine}
			body := `<Action xmlns="` + ns1 + `"><action>` + ns1 + `/action/` + test.action + `</action>`
			if test.force != "" {
				body += `<force>` + test.force + `</force>`
			}
			r := request(t, serve(f, translate.Options{}), "POST /cimi/1/machines/m/"+test.action, body+`</Action>`, "Content-Type: application/xml")
			if got := text(t, r); r.StatusCode != test.status {
				t.Errorf("%s: %s", r.Status, got)
			} else if r.StatusCode == http.StatusAccepted && got != "" {
				t.Errorf("202 has the body %s", got)
			}
			if diff := cmp.Diff(test.want, f.acted); diff != "" {
				t.Errorf("asked of the cloud (-want +got):\n%s", diff)
			}
		})
	}
}

// TestImages is what becomes of an image: saved, changed, deleted.
func TestImages(t *testing.T) {
	f := newFake()
	h := serve(f, translate.Options{})
	r := request(t, h, "POST /cimi/2/machineImages", `{"resourceURI":"http://schemas.dmtf.org/cimi/2/MachineImageCreate","name":"n","description":"d","properties":{"a":"1"},
		"type":"IMAGE","state":"ignored","imageLocation":"http://cloud.example.org/cimi/1/machines/m-1"}`)
	if r.StatusCode != http.StatusCreated {
		t.Fatalf("%s: %s", r.Status, text(t, r))
	}
	want := []model.MachineSave{{Name: "n", Properties: map[string]string{"cimi_type": "IMAGE", "cimi_p_a": "1", "description": "d"}}}
	if diff := cmp.Diff(want, f.saved); diff != "" {
		t.Errorf("asked of the cloud (-want +got):\n%s", diff)
	}
	for _, step := range []struct {
		line, body, has string
		status          int
	}{
		{"GET /cimi/2/machineImages/i-3", "", `"state":"CREATING"`, 200},
		{"PUT /cimi/2/machineImages/i-3", `{"description":"e"}`, `"name":"i-3"`, 200}, // a name there must be
		{"PUT /cimi/2/machineImages/i-3?$select=name", `{"name":"m"}`, `{"resourceURI":"http://schemas.dmtf.org/cimi/2/MachineImage","name":"m"}`, 200},
		{"PUT /cimi/2/machineImages/i-3", `{"properties":{"a":""}}`, "cannot be kept", 400},
		{"DELETE /cimi/2/machineImages/i-3", "", "", 200},
		{"DELETE /cimi/2/machineImages/i-4", "", "no image", 404},
		{"POST /cimi/2/machineImages", `{"type":"PARTIAL_SNAPSHOT","imageLocation":"machines/m-1"}`, "not supported", 400},
		{"POST /cimi/2/machineImages", `{"type":"SNAPSHOT","imageLocation":"machines/x"}`, "no machine", 404},
	} {
		r := request(t, h, step.line, step.body)
		if got := text(t, r); r.StatusCode != step.status || !strings.Contains(got, step.has) {
			t.Errorf("%s: %s: %s", step.line, r.Status, got)
		}
	}
}

// TestInterfaceStates is how the states of ports look in both versions.
func TestInterfaceStates(t *testing.T) {
	for _, test := range []struct {
		port   model.Port
		v1, v2 string
	}{
		{model.Port{AdminUp: true, State: model.LinkUp}, "ACTIVE", "ENABLED"},
		{model.Port{AdminUp: true, State: model.LinkDown}, "ACTIVE", "ENABLED"}, // its machine is off
		{model.Port{AdminUp: true, State: model.LinkBuilding}, "DISABLED", "CREATING"},
		{model.Port{State: model.LinkDown}, "DISABLED", "DISABLED"},
		{model.Port{AdminUp: true, State: model.LinkFailed}, "DISABLED", "ERROR"},
	} {
		f := newFake()
		test.port.ID, test.port.MachineID = "p", "m-1"
		f.ports = []model.Port{test.port}
		h := serve(f, translate.Options{})
		for uri, want := range map[string]string{"/cimi/1/machines/m-1/networkInterfaces/p": test.v1, "/cimi/2/interfaces/p": test.v2} {
			if got := member(t, "json", text(t, request(t, h, "GET "+uri, "")), "state"); got != want {
				t.Errorf("%+v at %s is %s, want %s", test.port, uri, got, want)
			}
		}
	}
}

// TestRestartJob is that of a stopped machine which does not start.
func TestRestartJob(t *testing.T) {
	f := newFake()
	h := keeping(t, f)
	_, headers := do(t, h, 202, "POST /cimi/1/machines/m-2/restart", `{"action":"`+ns1+`/action/restart"}`)
	f.events = []model.MachineEvent{{RequestID: "r", Action: "start", Begun: born, Failed: true}}
	job, _ := do(t, h, 200, "GET "+strings.TrimPrefix(headers.Get("CIMI-Job-URI"), "http://cloud.example.org"), "")
	if job["state"] != "FAILED" || job["statusMessage"] != "the hypervisor refused" {
		t.Errorf("the job is %v", job)
	}
}
