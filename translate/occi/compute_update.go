package occi

import (
	"context"
	"slices"

	"github.com/occimi/occimi/model"
)

// machineSetters are the attributes that the cloud lets change.
var machineSetters = map[string]func(*model.MachineUpdate, string){
	coreTitle:       func(u *model.MachineUpdate, v string) { u.Name = &v },
	coreSummary:     func(u *model.MachineUpdate, v string) { u.Description = &v },
	computeHostname: func(u *model.MachineUpdate, v string) { u.Hostname = &v },
}

// computeUpdate changes what the machine says of itself, then makes the links
// that are to be added, then changes its size or its image: what cannot be undone
// comes last.
func computeUpdate(ctx context.Context, s *Session, c *Change) (Entity, error) {
	if _, ok := c.Values[computeArchitecture]; ok {
		return Entity{}, model.Errorf(model.Conflict, "the architecture comes from the OS template and cannot be changed")
	}
	templates, err := templateSteps(ctx, s, c)
	if err != nil {
		return Entity{}, err
	}
	var m model.Machine
	u, back, err := machineChange(c)
	if err != nil {
		return Entity{}, err
	}
	var steps []step
	if u.Name != nil || u.Description != nil || u.Hostname != nil {
		steps = append(steps, step{
			what: "the new title, summary or host name",
			do: func(ctx context.Context) (err error) {
				m, err = s.Cloud.UpdateMachine(ctx, c.Present.ID, u)
				return err
			},
			undo: func(ctx context.Context) error { _, err := s.Cloud.UpdateMachine(ctx, c.Present.ID, back); return err },
		})
	}
	for i := range c.Links {
		steps = append(steps, addLink(s, &c.Links[i]))
	}
	steps = append(steps, templates...)
	if len(steps) == 0 {
		return c.Present, nil
	}
	if err := inOrder(ctx, steps); err != nil {
		return Entity{}, err
	}
	if len(c.Links)+len(templates) > 0 {
		s.floatingIPs = once[model.FloatingIP]{} // there may be one more
		s.ports.forget(c.Present.ID)
		s.wholes.forget(c.Present.ID)
		return computeGet(ctx, s, c.Present.ID)
	}
	e := Entity{Kind: computeKind, ID: m.ID, Mixins: c.Present.Mixins, Links: c.Present.Links, Marks: c.Present.Marks}
	describeMachine(&e, m, c.present(computeArchitecture))
	return e, nil
}

// machineChange is the part of a change that the machine says of itself, and what
// undoes it. Without a title or a host name no machine can be: a full update that
// leaves them out leaves them as they are. Errors: Invalid for empty ones.
func machineChange(c *Change) (u, back model.MachineUpdate, err error) {
	for name, set := range machineSetters {
		text, ok := c.text(name)
		if name == computeHostname {
			text = hostname(text)
		}
		if v, given := c.Values[name]; text == "" && name != coreSummary {
			if given {
				return u, back, model.Errorf(model.Invalid, "attribute %s: a compute cannot be called %s", name, v.describe())
			}
			continue
		}
		if ok {
			set(&u, text)
			set(&back, c.present(name))
		}
	}
	return u, back, nil
}

func addLink(s *Session, l *Draft) step {
	var made Entity
	return step{
		what: "a new link to " + l.TargetID,
		do: func(ctx context.Context) (err error) {
			if l.Noun.Create == nil {
				return notOffered("creating a", l.Noun)
			}
			made, err = l.Noun.Create(ctx, s, l)
			return err
		},
		undo: func(ctx context.Context) error { return l.Noun.Delete(ctx, s, made.ID) },
	}
}

// templateSteps are what it takes to give a machine another size or image. Errors:
// Conflict for mixins that only creation takes, and for both at once.
func templateSteps(ctx context.Context, s *Session, c *Change) ([]step, error) {
	os, err := among(c.Mixins, osTplBase)
	if err != nil {
		return nil, err
	}
	size, err := among(c.Mixins, resourceTplBase)
	if err != nil {
		return nil, err
	}
	for _, m := range c.Mixins {
		if m != os && m != size {
			return nil, model.Errorf(model.Conflict, "%s can only be given when a compute is created", m.ID)
		}
	}
	var flavorID string
	if size != nil {
		flavorID = size.Key
	} else {
		flavorID, err = wantedFlavor(ctx, s, c)
	}
	if err != nil {
		return nil, err
	}
	id := c.Present.ID
	switch {
	case os != nil && flavorID != "":
		return nil, model.Errorf(model.Conflict, "a compute can be given another OS template or another size, one after the other")
	case os != nil:
		return []step{{do: func(ctx context.Context) error { return s.Cloud.RebuildMachine(ctx, id, os.Key) }}}, nil
	case flavorID != "":
		return []step{resizing(s, id, flavorID)}, nil
	}
	return nil, nil
}

// wantedFlavor is the flavor for other cores and memory; empty if none is wanted,
// or it is the present one. The attribute that is not named stays at least what
// it is.
func wantedFlavor(ctx context.Context, s *Session, c *Change) (string, error) {
	want := func(name string) (Value, bool) {
		if v, ok := c.Values[name]; ok {
			return v, true
		}
		return c.Present.value(name, AnyVersion), false
	}
	cores, moreCores := want(computeCores)
	memory, moreMemory := want(computeMemory)
	if !moreCores && !moreMemory {
		return "", nil
	}
	imageID := ""
	if os, err := among(c.Present.Mixins, osTplBase); err == nil && os != nil {
		imageID = os.Key
	}
	flavorID, err := chooseFlavor(ctx, s, cores.Number(), memory.Number(), imageID)
	if err != nil {
		return "", err
	}
	same := func(m *Mixin) bool { return m.Is(resourceTplBase.ID) && m.Key == flavorID }
	if slices.ContainsFunc(c.Present.Mixins, same) {
		return "", nil
	}
	return flavorID, nil
}

// computeDelete deletes a machine, and gives back the addresses that came with
// its links: the cloud would keep them, and nobody would know what for.
func computeDelete(ctx context.Context, s *Session, id string) error {
	ips, err := readFloatingIPs(ctx, s)
	if err != nil {
		return err
	}
	if err := s.Cloud.DeleteMachine(ctx, id); err != nil {
		return err
	}
	ips = slices.DeleteFunc(slices.Clone(ips), func(f model.FloatingIP) bool { return f.MachineID != id })
	return releaseAll(ctx, s, "the compute", ips)
}
