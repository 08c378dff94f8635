package occi

import (
	"context"

	"github.com/occimi/occimi/model"
)

// machineSetters are the attributes that the cloud lets change.
var machineSetters = map[string]func(*model.MachineUpdate, string){
	coreTitle:   func(u *model.MachineUpdate, v string) { u.Name = &v },
	coreSummary: func(u *model.MachineUpdate, v string) { u.Description = &v },
	computeHostname: func(u *model.MachineUpdate, v string) {
		if v = hostname(v); v != "" {
			u.Hostname = &v
		}
	},
}

// machineRefusals are those that it does not, and why. Any other attribute
// (share, speed) is a wish that the cloud does not know, and is ignored.
var machineRefusals = map[string]*model.Error{
	computeArchitecture: model.Errorf(model.Conflict, "the architecture comes from the OS template and cannot be changed"),
	computeCores:        model.Errorf(model.Unsupported, "changing the number of cores of a compute is not offered yet"),
	computeMemory:       model.Errorf(model.Unsupported, "changing the memory of a compute is not offered yet"),
}

func computeUpdate(ctx context.Context, s *Session, c *Change) (Entity, error) {
	if len(c.Mixins) > 0 {
		m := c.Mixins[0]
		if m.Key != "" {
			return Entity{}, model.Errorf(model.Unsupported, "replacing a compute's template by %s is not offered yet", m.ID)
		}
		return Entity{}, model.Errorf(model.Conflict, "%s can only be given when a compute is created", m.ID)
	}
	var u model.MachineUpdate
	changes := 0
	for name, v := range c.Values {
		if refusal := machineRefusals[name]; refusal != nil {
			return Entity{}, refusal
		}
		if set := machineSetters[name]; set != nil {
			set(&u, v.Text())
			changes++
		}
	}
	for _, name := range c.Removed {
		if name == coreSummary { // the cloud's machines cannot be without the others
			u.Description = new(string)
			changes++
		}
	}
	if changes == 0 {
		return c.Present, nil
	}
	m, err := s.Cloud.UpdateMachine(ctx, c.Present.ID, u)
	if err != nil {
		return Entity{}, err
	}
	e := Entity{Kind: computeKind, ID: m.ID, Mixins: c.Present.Mixins, Links: c.Present.Links}
	describeMachine(&e, m, c.Present.value(computeArchitecture, AnyVersion).Text())
	return e, nil
}

func computeDelete(ctx context.Context, s *Session, id string) error {
	return s.Cloud.DeleteMachine(ctx, id)
}
