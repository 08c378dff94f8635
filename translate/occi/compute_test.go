package occi_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/occi"
)

// TestComputeStates holds every state of a machine to what clients of both
// versions see, and to the actions that they are offered.
func TestComputeStates(t *testing.T) {
	tests := []struct {
		machine model.Machine
		state   string
		message string
		actions string
	}{
		{model.Machine{State: model.MachineCreating}, "inactive", "creating", ""},
		{model.Machine{State: model.MachineRunning, Running: true}, "active", "", "stop restart suspend save"},
		{model.Machine{State: model.MachineRunning, Running: true, Locked: true}, "active", "", "save"},
		{model.Machine{State: model.MachineRunning, Running: true, StateDetail: "rescue"}, "active", "rescue", "stop restart suspend save"},
		{model.Machine{State: model.MachineStarting}, "inactive", "starting", ""},
		{model.Machine{State: model.MachineStopping, Running: true, StateDetail: "powering-off"}, "active", "powering-off", ""},
		{model.Machine{State: model.MachineStopped}, "inactive", "", "start save"},
		{model.Machine{State: model.MachineRestarting}, "active", "restarting", ""},
		{model.Machine{State: model.MachinePausing}, "active", "pausing", ""},
		{model.Machine{State: model.MachinePaused}, "suspended", "paused", "start save"},
		{model.Machine{State: model.MachineSuspending}, "active", "suspending", ""},
		{model.Machine{State: model.MachineSuspended}, "suspended", "", "start save"},
		{model.Machine{State: model.MachineResuming}, "suspended", "resuming", ""},
		{model.Machine{State: model.MachineShelving}, "active", "shelving", ""},
		{model.Machine{State: model.MachineShelved}, "suspended", "shelved", "start"},
		{model.Machine{State: model.MachineCapturing, Running: true}, "active", "capturing", ""},
		{model.Machine{State: model.MachineCapturing}, "inactive", "capturing", ""},
		{model.Machine{State: model.MachineRebuilding}, "inactive", "rebuilding", ""},
		{model.Machine{State: model.MachineReconfiguring, Running: true}, "active", "reconfiguring", ""},
		{model.Machine{State: model.MachineDeleting}, "inactive", "deleting", ""},
		{model.Machine{State: model.MachineFailed, StateDetail: "no host"}, "error", "no host", ""},
		{model.Machine{State: model.MachineUnknown}, "error", "unknown", ""},
	}
	for _, test := range tests {
		t.Run(string(test.machine.State), func(t *testing.T) {
			test.machine.ID = "m"
			for version, wantState := range map[occi.Version]string{
				occi.AnyVersion: test.state, occi.V1_2: test.state, occi.V1_1: strings.Replace(test.state, "error", "inactive", 1),
			} {
				s := occi.NewSession(machines(test.machine), links, version, false)
				e, err := s.Get(t.Context(), occi.Locate("/compute/m", false))
				if err != nil {
					t.Fatal(err)
				}
				r, err := s.Render(occi.PlainText, occi.Answer{Entity: e})
				if err != nil {
					t.Fatal(err)
				}
				m, err := occi.ParseText(r.Body)
				if err != nil {
					t.Fatal(err)
				}
				seen := make(map[string]string)
				for _, a := range m.Attributes {
					seen[a.Name] = a.Value.Text()
				}
				wantMessage := test.message
				if version == occi.V1_1 {
					wantMessage = ""
				}
				if diff := cmp.Diff([]string{wantState, wantMessage}, []string{seen["occi.compute.state"], seen["occi.compute.state.message"]}); diff != "" {
					t.Errorf("version %d: %s", version, diff)
				}
				var actions []string
				for _, a := range e.Actions {
					actions = append(actions, a.ID.Term())
				}
				if diff := cmp.Diff(test.actions, strings.Join(actions, " ")); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}
