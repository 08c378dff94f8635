package openstack

import (
	"context"
	"net/http"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// serverActions is what Nova calls the model's actions.
var serverActions = map[model.MachineAction]map[string]any{
	model.StartMachine:    {"os-start": nil},
	model.StopMachine:     {"os-stop": nil},
	model.RebootMachine:   {"reboot": map[string]string{"type": "SOFT"}},
	model.ResetMachine:    {"reboot": map[string]string{"type": "HARD"}},
	model.PauseMachine:    {"pause": nil},
	model.UnpauseMachine:  {"unpause": nil},
	model.SuspendMachine:  {"suspend": nil},
	model.ResumeMachine:   {"resume": nil},
	model.UnshelveMachine: {"unshelve": nil},
}

// ActOnMachine implements model.Machines.
func (c *cloud) ActOnMachine(ctx context.Context, id string, a model.MachineAction) error {
	body, known := serverActions[a]
	if !known {
		return model.Errorf(model.Invalid, "there is no action %q", a)
	}
	return c.act(ctx, id, "server_"+string(a), body, nil)
}

// act has Nova do something to a machine.
func (c *cloud) act(ctx context.Context, id, callName string, body, answer any) error {
	path, err := c.machinePath(id)
	if err != nil {
		return err
	}
	if err := c.own(ctx, path, id); err != nil {
		return err
	}
	return c.call(ctx, model.ComputeService, request{
		name: callName, method: http.MethodPost, path: path + "/action", body: body, answer: answer,
	})
}

// DeleteMachine implements model.Machines.
func (c *cloud) DeleteMachine(ctx context.Context, id string) error {
	path, err := c.machinePath(id)
	if err != nil {
		return err
	}
	if err := c.own(ctx, path, id); err != nil {
		return err
	}
	if err := c.call(ctx, model.ComputeService, request{name: "server_delete", method: http.MethodDelete, path: path}); err != nil {
		return err
	}
	c.deleted(id)
	return nil
}

// UpdateMachine implements model.Machines. Metadata come first: a locked machine
// refuses them, but not a new name.
func (c *cloud) UpdateMachine(ctx context.Context, id string, u model.MachineUpdate) (model.Machine, error) {
	path, err := c.machinePath(id)
	if err != nil {
		return model.Machine{}, err
	}
	body, err := c.serverUpdate(ctx, u)
	if err != nil {
		return model.Machine{}, err
	}
	if err := c.own(ctx, path, id); err != nil {
		return model.Machine{}, err
	}
	if err := c.updateMetadata(ctx, model.ComputeService, "server", path, u.Metadata); err != nil {
		return model.Machine{}, err
	}
	if len(body) == 0 {
		return c.Machine(ctx, id)
	}
	_, version, err := c.service(ctx, model.ComputeService)
	if err != nil {
		return model.Machine{}, err
	}
	var answer struct {
		Server serverAnswer `json:"server"`
	}
	put := func(context.Context) error { // which shall not be cut off when the flavors cannot be read
		return c.call(ctx, model.ComputeService, request{
			name: "server_update", method: http.MethodPut, path: path, body: map[string]any{"server": body}, answer: &answer,
		})
	}
	if version.less(computeWholeUpdate) {
		if err := put(ctx); err != nil {
			return model.Machine{}, err
		}
		return c.Machine(ctx, id)
	}
	flavors, err := c.withFlavors(ctx, put)
	if err == nil {
		err = c.present(answer.Server, id)
	}
	if err != nil {
		return model.Machine{}, err
	}
	return answer.Server.machine(flavors), nil
}

// serverUpdate gives the body of Nova's PUT /servers/{id}; empty if nothing of
// it changes.
func (c *cloud) serverUpdate(ctx context.Context, u model.MachineUpdate) (map[string]any, error) {
	body := map[string]any{}
	if u.Name != nil {
		if *u.Name == "" {
			return nil, model.Errorf(model.Invalid, "a machine needs a name")
		}
		if err := checkName("machine", *u.Name); err != nil {
			return nil, err
		}
		body["name"] = *u.Name
	}
	if u.Description != nil {
		body["description"] = *u.Description
	}
	if u.Hostname != nil {
		_, version, err := c.service(ctx, model.ComputeService)
		if err != nil {
			return nil, err
		}
		if version.less(computeHostname) {
			return nil, model.Errorf(model.Unsupported, "this cloud cannot change the host name of a machine")
		}
		body["hostname"] = *u.Hostname
	}
	return body, nil
}

// removals is how many metadata keys are removed at the same time.
const removals = 8

// updateMetadata sets and removes metadata key by key: to replace them as a
// whole would undo what others change at the same time.
func (c *cloud) updateMetadata(ctx context.Context, s model.Service, noun, path string, metadata map[string]string) error {
	set := map[string]string{}
	var gone []string
	for key, value := range metadata {
		if value != "" {
			set[key] = value
			continue
		}
		escaped, err := segment("metadata key", key)
		if err != nil {
			return model.Errorf(model.Invalid, "%q cannot be a metadata key", bounded(key, 64))
		}
		gone = append(gone, escaped)
	}
	if len(set) > 0 {
		err := c.call(ctx, s, request{
			name: noun + "_metadata_set", method: http.MethodPost, path: path + "/metadata",
			body: map[string]any{"metadata": set},
		})
		if err != nil {
			return err
		}
	}
	g, ctx := fanout.WithContext(ctx)
	g.SetLimit(removals)
	for _, key := range gone {
		g.Go(func() error {
			return c.call(ctx, s, request{
				name: noun + "_metadata_remove", method: http.MethodDelete, path: path + "/metadata/" + key,
				// A key that is not there is removed already; whether what
				// has them is, the read that follows tells.
				ok: []int{http.StatusOK, http.StatusNoContent, http.StatusNotFound},
			})
		})
	}
	return g.Wait()
}
