package openstack

import (
	"context"
	"slices"

	"github.com/occimi/occimi/model"
)

var _ model.MachineEvents = (*cloud)(nil)

// instanceAction is an entry of a server's log as Nova shows it from 2.58 on.
type instanceAction struct {
	Action    string     `json:"action"`
	RequestID string     `json:"request_id"`
	UserID    string     `json:"user_id"`
	ProjectID string     `json:"project_id"`
	Start     volumeTime `json:"start_time"`
	Updated   volumeTime `json:"updated_at"`
	Message   string     `json:"message"` // "Error", or nothing
	// Events are told of a single action only; their Details from 2.84 on.
	Events []struct {
		Result  string `json:"result"` // "Success", "Error", or nothing yet
		Details string `json:"details"`
	} `json:"events"`
}

func (a *instanceAction) model() model.MachineEvent {
	e := model.MachineEvent{
		RequestID: a.RequestID,
		Action:    a.Action,
		UserID:    a.UserID,
		Begun:     utc(a.Start),
		Changed:   utc(a.Updated),
		Failed:    a.Message != "",
	}
	for _, step := range a.Events {
		if step.Result == "Error" {
			e.Failed = true
			if step.Details != "" {
				e.Reason = readable(step.Details)
			}
		}
	}
	return e
}

// MachineEvents implements model.MachineEvents. Nova keeps the log of deleted
// servers; to the model there is none, from when the deletion began.
func (c *cloud) MachineEvents(ctx context.Context, machineID string) ([]model.MachineEvent, error) {
	path, err := c.machinePath(machineID)
	if err != nil {
		return nil, err
	}
	var events []model.MachineEvent
	err = c.list(ctx, model.ComputeService, request{name: "instance_action_list", path: path + "/os-instance-actions"}, func() (any, func() string) {
		var page struct {
			Actions []instanceAction `json:"instanceActions"`
			Links   links            `json:"links"`
		}
		return &page, func() string {
			for i := range page.Actions {
				if a := &page.Actions[i]; a.ProjectID == c.tenant.project || !c.login.admin {
					events = append(events, a.model())
				}
			}
			return page.Links.next()
		}
	})
	slices.Reverse(events) // Nova has the newest first
	if len(events) > 0 && events[len(events)-1].Action == "delete" && !events[len(events)-1].Failed || c.login.admin && len(events) == 0 {
		err = noMachine(machineID)
	}
	if err != nil {
		return nil, err
	}
	return events, nil
}

// MachineEvent implements model.MachineEvents.
func (c *cloud) MachineEvent(ctx context.Context, machineID, requestID string) (model.MachineEvent, error) {
	path, err := c.machinePath(machineID)
	if err != nil {
		return model.MachineEvent{}, err
	}
	request, err := segment("event", requestID)
	if err != nil {
		return model.MachineEvent{}, err
	}
	var answer struct {
		Action instanceAction `json:"instanceAction"`
	}
	if err := c.get(ctx, model.ComputeService, "instance_action_show", path+"/os-instance-actions/"+request, &answer); err != nil {
		return model.MachineEvent{}, err
	}
	if c.login.admin && answer.Action.ProjectID != c.tenant.project {
		return model.MachineEvent{}, noMachine(machineID)
	}
	return answer.Action.model(), nil
}
