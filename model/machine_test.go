package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
)

var allActions = []model.MachineAction{
	model.StartMachine, model.StopMachine, model.RebootMachine, model.ResetMachine, model.PauseMachine, model.UnpauseMachine,
	model.SuspendMachine, model.ResumeMachine, model.UnshelveMachine, model.SaveMachine,
}

func TestMachineCan(t *testing.T) {
	tests := []struct {
		machine model.Machine
		want    []model.MachineAction
	}{
		{model.Machine{State: model.MachineRunning}, []model.MachineAction{model.StopMachine, model.RebootMachine, model.ResetMachine,
			model.PauseMachine, model.SuspendMachine, model.SaveMachine}},
		{model.Machine{State: model.MachineStopped}, []model.MachineAction{model.StartMachine, model.ResetMachine, model.SaveMachine}},
		{model.Machine{State: model.MachinePaused}, []model.MachineAction{model.ResetMachine, model.UnpauseMachine, model.SaveMachine}},
		{model.Machine{State: model.MachineSuspended}, []model.MachineAction{model.ResetMachine, model.ResumeMachine, model.SaveMachine}},
		{model.Machine{State: model.MachineShelved}, []model.MachineAction{model.UnshelveMachine}},
		{model.Machine{State: model.MachineFailed}, []model.MachineAction{model.StopMachine, model.ResetMachine}},
		{model.Machine{State: model.MachineCreating}, nil},
		{model.Machine{State: model.MachineStarting}, nil},
		{model.Machine{State: model.MachineCapturing}, nil},
		{model.Machine{State: model.MachineReconfiguring, Running: true}, nil},
		{model.Machine{State: model.MachineRunning, Locked: true}, []model.MachineAction{model.SaveMachine}},
		{model.Machine{State: model.MachineCapturing, Locked: true}, nil},
	}
	for _, test := range tests {
		var got []model.MachineAction
		for _, a := range allActions {
			if test.machine.Can(a) {
				got = append(got, a)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s, locked %v (-want +got):\n%s", test.machine.State, test.machine.Locked, diff)
		}
	}
}
