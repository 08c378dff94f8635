package cimi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/cimi"
)

// TestMachineStates is the state and the operations that a client sees for each
// state of a machine. Version 2 lists all operations, with what is not available
// marked; version 1 those that are.
func TestMachineStates(t *testing.T) {
	const all = "edit delete restart start stop pause suspend capture snapshot restore connectvolume"
	tests := []struct {
		machine    model.Machine
		state      string
		operations string
	}{
		{model.Machine{State: model.MachineCreating}, "CREATING", "edit delete connectvolume"},
		{model.Machine{State: model.MachineRunning}, "STARTED", "edit delete restart stop pause suspend capture restore connectvolume"},
		{model.Machine{State: model.MachineStarting}, "STARTING", "edit delete"},
		{model.Machine{State: model.MachineStopping}, "STOPPING", "edit delete"},
		{model.Machine{State: model.MachineStopped}, "STOPPED", "edit delete restart start capture snapshot restore connectvolume"},
		{model.Machine{State: model.MachineRestarting}, "STARTING", "edit delete"},
		{model.Machine{State: model.MachinePaused}, "PAUSED", "edit delete start capture connectvolume"},
		{model.Machine{State: model.MachinePausing}, "PAUSING", "edit delete"},
		{model.Machine{State: model.MachineSuspended}, "SUSPENDED", "edit delete start capture"},
		{model.Machine{State: model.MachineSuspending}, "SUSPENDING", "edit delete"},
		{model.Machine{State: model.MachineResuming}, "STARTING", "edit delete"},
		{model.Machine{State: model.MachineShelved}, "STOPPED", "edit delete restart start connectvolume"},
		{model.Machine{State: model.MachineShelving}, "STOPPING", "edit delete"},
		{model.Machine{State: model.MachineCapturing}, "CAPTURING", "edit delete"},
		{model.Machine{State: model.MachineRebuilding}, "RESTORING", "edit delete"},
		{model.Machine{State: model.MachineReconfiguring, Running: true}, "STARTED", "edit delete"},
		{model.Machine{State: model.MachineReconfiguring}, "STOPPED", "edit delete"},
		{model.Machine{State: model.MachineResizing, Running: true}, "STARTING", "edit delete"},
		{model.Machine{State: model.MachineResizing}, "STOPPING", "edit delete"},
		{model.Machine{State: model.MachineResized, Running: true}, "STARTED", "edit delete"},
		{model.Machine{State: model.MachineResized}, "STOPPED", "edit delete"},
		{model.Machine{State: model.MachineDeleting}, "DELETING", ""},
		{model.Machine{State: model.MachineFailed}, "ERROR", "edit delete stop"},
		{model.Machine{State: model.MachineUnknown}, "ERROR", "edit delete"},
		{model.Machine{State: model.MachineRunning, Locked: true}, "STARTED", "edit capture"},
	}
	type operation struct {
		Rel       string
		Available *bool
	}
	for _, test := range tests {
		t.Run(string(test.machine.State), func(t *testing.T) {
			test.machine.ID = "m"
			for _, v := range []cimi.Version{cimi.V1, cimi.V2} {
				d, err := list(t, session(v, &cloud{machines: []model.Machine{test.machine}}), "")
				if err != nil {
					t.Fatal(err)
				}
				var got struct {
					Machines []struct {
						State      string
						Operations []operation
					}
				}
				if err := json.Unmarshal(d.Append(nil, cimi.JSON), &got); err != nil {
					t.Fatal(err)
				}
				var listed, available []string
				for _, o := range got.Machines[0].Operations {
					name := strings.TrimPrefix(o.Rel, v.Namespace()+"/action/")
					listed = append(listed, name)
					if o.Available == nil || *o.Available {
						available = append(available, name)
					}
				}
				can := test.operations
				if v == cimi.V1 {
					can = strings.TrimSuffix(can, " connectvolume")
				}
				want := can
				if v == cimi.V2 {
					want = all
				}
				if diff := cmp.Diff([]string{test.state, can, want},
					[]string{got.Machines[0].State, strings.Join(available, " "), strings.Join(listed, " ")}); diff != "" {
					t.Errorf("version %s: state, available and listed operations (-want +got):\n%s", v, diff)
				}
			}
		})
	}
}

// TestFlavorDisks survive the way to kilobytes and back.
func TestFlavorDisks(t *testing.T) {
	for _, body := range []string{
		`{"cpu":1,"memory":524288,"disks":[{"capacity":1073741},{"capacity":536870}]}`,
		`{"cpu":1,"memory":524288}`,
		`{"href":"machineConfigs/tiny","cpu":1}`,
	} {
		got, err := create(t, cimi.V2, cimi.JSON, `{"machineTemplate":{"machineConfig":`+body+`,"machineImage":{"href":"machineImages/i"}}}`)
		if err != nil || got.FlavorID != "tiny" {
			t.Errorf("%s: %q, %v", body, got.FlavorID, err)
		}
	}
	for _, body := range []string{
		`{"cpu":1,"memory":524288,"disks":[{"capacity":1073742},{"capacity":536870}]}`, // a little more than a GiB
		`{"cpu":1,"memory":524288,"disks":[{"capacity":1073741}]}`,
		`{"cpu":1,"memory":524287}`,
		`{"cpu":1,"memory":524288,"cpuSpeed":1000}`,
		`{"cpu":1}`,
		`{"href":"machineConfigs/tiny","cpu":2}`, // overrides make it another
	} {
		if _, err := create(t, cimi.V2, cimi.JSON, `{"machineTemplate":{"machineConfig":`+body+`,"machineImage":{"href":"machineImages/i"}}}`); !model.IsCode(err, model.Invalid) {
			t.Errorf("%s: %v", body, err)
		}
	}
}
