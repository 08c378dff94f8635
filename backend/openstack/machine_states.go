package openstack

import "github.com/occimi/occimi/model"

// Nova tells what a server is in three ways: status, task_state (what is being
// done to it) and power_state. The two tables say what that is in the model: a
// task, if one is listed, goes before the status.
var (
	stateOfTask = map[string]model.MachineState{
		"scheduling":                    model.MachineCreating,
		"networking":                    model.MachineCreating,
		"block_device_mapping":          model.MachineCreating,
		"spawning":                      model.MachineCreating,
		"powering-on":                   model.MachineStarting,
		"powering-off":                  model.MachineStopping,
		"reboot_pending":                model.MachineRestarting,
		"reboot_started":                model.MachineRestarting,
		"rebooting":                     model.MachineRestarting,
		"reboot_pending_hard":           model.MachineRestarting,
		"reboot_started_hard":           model.MachineRestarting,
		"rebooting_hard":                model.MachineRestarting,
		"pausing":                       model.MachinePausing,
		"unpausing":                     model.MachineResuming,
		"suspending":                    model.MachineSuspending,
		"resuming":                      model.MachineResuming,
		"shelving":                      model.MachineShelving,
		"shelving_image_pending_upload": model.MachineShelving,
		"shelving_image_uploading":      model.MachineShelving,
		"shelving_offloading":           model.MachineShelving,
		"unshelving":                    model.MachineStarting,
		"image_snapshot_pending":        model.MachineCapturing,
		"image_snapshot":                model.MachineCapturing,
		"image_pending_upload":          model.MachineCapturing,
		"image_uploading":               model.MachineCapturing,
		"image_backup":                  model.MachineCapturing,
		"rebuilding":                    model.MachineRebuilding,
		"rebuild_block_device_mapping":  model.MachineRebuilding,
		"rebuild_spawning":              model.MachineRebuilding,
		"resize_prep":                   model.MachineResizing,
		"resize_migrating":              model.MachineResizing,
		"resize_migrated":               model.MachineResizing,
		"resize_finish":                 model.MachineResizing,
		"resize_reverting":              model.MachineResizing,
		"resize_confirming":             model.MachineResizing,
		"migrating":                     model.MachineReconfiguring,
		"updating_password":             model.MachineReconfiguring,
		"rescuing":                      model.MachineReconfiguring,
		"unrescuing":                    model.MachineReconfiguring,
		"deleting":                      model.MachineDeleting,
		"soft-deleting":                 model.MachineDeleting,
		"restoring":                     model.MachineStarting,
	}
	stateOfStatus = map[string]model.MachineState{
		"ACTIVE":            model.MachineRunning,
		"BUILD":             model.MachineCreating,
		"SHUTOFF":           model.MachineStopped,
		"PAUSED":            model.MachinePaused,
		"SUSPENDED":         model.MachineSuspended,
		"SHELVED":           model.MachineShelved,
		"SHELVED_OFFLOADED": model.MachineShelved,
		"REBOOT":            model.MachineRestarting,
		"HARD_REBOOT":       model.MachineRestarting,
		"REBUILD":           model.MachineRebuilding,
		"RESIZE":            model.MachineResizing,
		"VERIFY_RESIZE":     model.MachineResized,
		"REVERT_RESIZE":     model.MachineResizing,
		"MIGRATING":         model.MachineReconfiguring,
		"PASSWORD":          model.MachineReconfiguring,
		"RESCUE":            model.MachineReconfiguring,
		"ERROR":             model.MachineFailed,
		"UNKNOWN":           model.MachineUnknown, // its cell is down
		"DELETED":           model.MachineDeleting,
		"SOFT_DELETED":      model.MachineDeleting,
	}
)

// machineState reads the tables. detail is for people: empty in a stable state.
func machineState(status, task string) (state model.MachineState, detail string) {
	state, known := stateOfStatus[status]
	if !known {
		state = model.MachineUnknown
	}
	if s, ok := stateOfTask[task]; ok {
		state = s
	}
	switch {
	case task != "":
		return state, task
	case state == model.MachineReconfiguring, state == model.MachineResizing, !known:
		return state, status
	}
	return state, ""
}

// powerRunning is Nova's power_state of a guest that runs. A paused one has
// power as well, but does nothing with it.
const powerRunning = 1
