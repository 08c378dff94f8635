package cloudtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/occimi/occimi/model"
)

// machineLife follows one machine from its making to its end.
func (s *suite) machineLife(t *testing.T) {
	key := s.prefix + "life"
	must(s.cloud.CreateKeyPair(s.ctx, key, publicKey))(t)
	t.Cleanup(func() { ok(t, s.cloud.DeleteKeyPair(s.ctx, key)) })
	address := s.freeAddress(t)
	r := s.request(`Ünï "cödé" <&>; 'q'`)
	r.Description = `a "description", für alle`
	r.KeyName = key
	r.UserData = []byte("I2Nsb3VkLWNvbmZpZwo=") // looks like Base64 already, and must not be taken for it
	r.Metadata = map[string]string{"kept": "ä b", "changed": "old", "removed": "x"}
	r.Tags = []string{"cloudtest-tag"}
	r.Networks[0].FixedIP = address

	m := s.create(t, s.cloud, r)
	if m.ID == "" || m.Name != r.Name || m.Description != r.Description || m.State != model.MachineCreating && m.State != model.MachineRunning {
		t.Fatalf("the new machine is told wrong: %+v", m)
	}
	m = s.until(t, s.cloud, m.ID, model.MachineRunning)
	want := model.Machine{
		ID: m.ID, Name: r.Name, Description: r.Description, State: model.MachineRunning, Running: true,
		Flavor: s.flavor, ImageID: s.image.ID, KeyName: key, Metadata: r.Metadata, Tags: r.Tags,
		SecurityGroups: []string{"default"},
	}
	if diff := gocmp.Diff(want, m, cmpopts.IgnoreFields(model.Machine{}, "Created", "Updated", "Hostname", "Zone"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("machine (-want +got):\n%s", diff)
	}
	if m.Created.IsZero() || m.Zone == "" {
		t.Errorf("created %v in zone %q", m.Created, m.Zone)
	}
	s.listed(t, m)
	s.ports(t, m.ID, address)
	if a := must(s.cloud.MachineAttachments(s.ctx, m.ID))(t); len(a) != 0 {
		t.Errorf("attachments: %+v", a)
	}
	t.Run("isolation", func(t *testing.T) { s.isolated(t, m.ID) })
	t.Run("update", func(t *testing.T) { s.update(t, m.ID) })
	t.Run("actions", func(t *testing.T) { s.actions(t, m.ID) })
	t.Run("save", func(t *testing.T) { s.savedImage(t, m.ID) })
	s.until(t, s.cloud, m.ID, model.MachineRunning)
	t.Run("save at once", func(t *testing.T) { s.savedAtOnce(t, m.ID) })
	s.until(t, s.cloud, m.ID, model.MachineRunning)

	ok(t, s.cloud.DeleteMachine(s.ctx, m.ID))
	s.gone(t, m.ID)
}

// listed checks that both listings have the machine, and are in order.
func (s *suite) listed(t *testing.T, m model.Machine) {
	t.Helper()
	all := must(s.cloud.Machines(s.ctx))(t)
	if !slices.IsSortedFunc(all, func(a, b model.Machine) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) }) {
		t.Error("machines are not in order of creation and id")
	}
	i := slices.IndexFunc(all, func(x model.Machine) bool { return x.ID == m.ID })
	if i < 0 {
		t.Fatal("the machine is not listed")
	}
	if diff := gocmp.Diff(m, all[i], cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("single (-) and listed (+) machine differ:\n%s", diff)
	}
	if !slices.Contains(must(s.cloud.MachineRefs(s.ctx))(t), model.MachineRef{ID: m.ID, Name: m.Name}) {
		t.Error("the machine is not in the cheap listing")
	}
}

func (s *suite) ports(t *testing.T, machineID, address string) {
	t.Helper()
	var ports []model.Port
	s.Wait(t, "the machine's port to be up", func() (bool, error) {
		var err error
		ports, err = s.cloud.MachinePorts(s.ctx, machineID)
		return len(ports) == 1 && ports[0].State == model.LinkUp, err
	})
	p := ports[0]
	if p.MachineID != machineID || p.NetworkID != s.network.ID || p.MACAddress == "" || !p.AdminUp || p.Created.IsZero() {
		t.Errorf("the port is told wrong: %+v", p)
	}
	if diff := gocmp.Diff([]model.FixedIP{{SubnetID: s.subnet.ID, Address: address}}, p.FixedIPs); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(p, must(s.cloud.Port(s.ctx, p.ID))(t)); diff != "" {
		t.Errorf("listed (-) and single (+) port differ:\n%s", diff)
	}
	mine := must(s.cloud.MachinePorts(s.ctx, ""))(t)
	if !slices.ContainsFunc(mine, func(x model.Port) bool { return x.ID == p.ID }) {
		t.Error("the port is not among those of all machines")
	}
	for _, x := range mine {
		if x.MachineID == "" {
			t.Errorf("port %s belongs to no machine", x.ID)
		}
	}
	_, err := s.other.Port(s.ctx, p.ID)
	fails(t, err, model.NotFound)
}

// isolated: to another tenant, the machine does not exist.
func (s *suite) isolated(t *testing.T, id string) {
	for _, test := range machineMethods {
		t.Run(test.name, func(t *testing.T) { fails(t, test.call(s, s.other, id), model.NotFound) })
	}
	if slices.ContainsFunc(must(s.other.MachineRefs(s.ctx))(t), func(r model.MachineRef) bool { return r.ID == id }) {
		t.Error("another tenant is shown the machine's name")
	}
	if slices.ContainsFunc(must(s.other.Machines(s.ctx))(t), func(m model.Machine) bool { return m.ID == id }) {
		t.Error("another tenant is shown the machine")
	}
	if ports := must(s.other.MachinePorts(s.ctx, id))(t); len(ports) > 0 {
		t.Error("another tenant is shown the machine's ports")
	}
}

// machineMethods are all that take a machine's id.
var machineMethods = []struct {
	name string
	call func(s *suite, c model.Cloud, id string) error
}{
	{"Machine", func(s *suite, c model.Cloud, id string) error { _, err := c.Machine(s.ctx, id); return err }},
	{"UpdateMachine", func(s *suite, c model.Cloud, id string) error {
		name := s.prefix + "hijacked"
		_, err := c.UpdateMachine(s.ctx, id, model.MachineUpdate{Name: &name})
		return err
	}},
	{"UpdateMachine metadata", func(s *suite, c model.Cloud, id string) error {
		_, err := c.UpdateMachine(s.ctx, id, model.MachineUpdate{Metadata: map[string]string{"set": "x", "removed": ""}})
		return err
	}},
	{"ActOnMachine", func(s *suite, c model.Cloud, id string) error { return c.ActOnMachine(s.ctx, id, model.ResetMachine) }},
	{"SaveMachine", func(s *suite, c model.Cloud, id string) error {
		_, err := c.SaveMachine(s.ctx, id, model.MachineSave{Name: s.prefix + "stolen"})
		return err
	}},
	{"MachineAttachments", func(s *suite, c model.Cloud, id string) error { _, err := c.MachineAttachments(s.ctx, id); return err }},
	{"MachineAndAttachments", func(s *suite, c model.Cloud, id string) error {
		_, _, err := c.MachineAndAttachments(s.ctx, id)
		return err
	}},
	{"DeleteMachine", func(s *suite, c model.Cloud, id string) error { return c.DeleteMachine(s.ctx, id) }},
}

func (s *suite) update(t *testing.T, id string) {
	name, description := s.prefix+strings.Repeat("ö", 255-len(s.prefix)), `new "words"`
	m := must(s.cloud.UpdateMachine(s.ctx, id, model.MachineUpdate{
		Name: &name, Description: &description,
		Metadata: map[string]string{"changed": "new", "removed": "", "never": "", "added": "1"},
	}))(t)
	if m.ID != id || m.Name != name || m.Description != description {
		t.Errorf("after the update: %q, %q", m.Name, m.Description)
	}
	if diff := gocmp.Diff(map[string]string{"kept": "ä b", "changed": "new", "added": "1"}, m.Metadata); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if again := must(s.cloud.UpdateMachine(s.ctx, id, model.MachineUpdate{Name: &name}))(t); again.Name != name || again.Description != description {
		t.Errorf("repeated: %q, %q", again.Name, again.Description)
	}
	if same := must(s.cloud.UpdateMachine(s.ctx, id, model.MachineUpdate{}))(t); same.Name != name {
		t.Errorf("an update of nothing: %q", same.Name)
	}
	empty, long := "", strings.Repeat("x", 256)
	for what, u := range map[string]model.MachineUpdate{
		"no name":            {Name: &empty},
		"long name":          {Name: &long},
		"long description":   {Description: &long},
		"bad key":            {Metadata: map[string]string{"a/b": "x"}},
		"bad key to remove":  {Metadata: map[string]string{"../tags": ""}},
		"long metadata":      {Metadata: map[string]string{"k": long}},
		"bad key, with name": {Name: &description, Metadata: map[string]string{"a/b": "x"}},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := s.cloud.UpdateMachine(s.ctx, id, u)
			fails(t, err, model.Invalid)
		})
	}
	if m := must(s.cloud.Machine(s.ctx, id))(t); m.Name != name {
		t.Errorf("a refused update has changed the name to %q", m.Name)
	}
}

// actions goes through all states that actions lead to, and tries in each what
// is not possible there.
func (s *suite) actions(t *testing.T, id string) {
	for _, step := range []struct {
		impossible []model.MachineAction // before the action
		action     model.MachineAction
		leads      model.MachineState
		running    bool
	}{
		{[]model.MachineAction{model.StartMachine, model.UnpauseMachine, model.ResumeMachine, model.UnshelveMachine}, model.StopMachine, model.MachineStopped, false},
		{[]model.MachineAction{model.StopMachine, model.RebootMachine, model.PauseMachine, model.SuspendMachine, model.ResumeMachine}, model.StartMachine, model.MachineRunning, true},
		{nil, model.PauseMachine, model.MachinePaused, false},
		{[]model.MachineAction{model.PauseMachine, model.StartMachine, model.StopMachine, model.SuspendMachine}, model.UnpauseMachine, model.MachineRunning, true},
		{nil, model.SuspendMachine, model.MachineSuspended, false},
		{[]model.MachineAction{model.SuspendMachine, model.StartMachine, model.PauseMachine, model.StopMachine}, model.ResumeMachine, model.MachineRunning, true},
		{nil, model.RebootMachine, model.MachineRunning, true},
		{nil, model.ResetMachine, model.MachineRunning, true},
		{nil, model.StopMachine, model.MachineStopped, false},
		{nil, model.ResetMachine, model.MachineRunning, true},
	} {
		t.Run(fmt.Sprintf("%s to %s", step.action, step.leads), func(t *testing.T) {
			for _, a := range step.impossible {
				if must(s.cloud.Machine(s.ctx, id))(t).Can(a) {
					t.Errorf("the machine says that it can %s", a)
				}
				if err := s.cloud.ActOnMachine(s.ctx, id, a); !model.IsCode(err, model.Conflict) {
					t.Errorf("%s: got %v, want a conflict", a, err)
				}
			}
			if m := must(s.cloud.Machine(s.ctx, id))(t); !m.Can(step.action) {
				t.Errorf("the machine says that it cannot %s while it is %s", step.action, m.State)
			}
			ok(t, s.cloud.ActOnMachine(s.ctx, id, step.action))
			m := s.until(t, s.cloud, id, step.leads)
			if m.Running != step.running || m.StateDetail != "" {
				t.Errorf("running %v, detail %q", m.Running, m.StateDetail)
			}
		})
	}
	fails(t, s.cloud.ActOnMachine(s.ctx, id, "explode"), model.Invalid)
	fails(t, s.cloud.ActOnMachine(s.ctx, id, model.SaveMachine), model.Invalid)
	_, err := s.cloud.SaveMachine(s.ctx, id, model.MachineSave{})
	fails(t, err, model.Invalid)
	_, err = s.cloud.SaveMachine(s.ctx, id, model.MachineSave{Name: strings.Repeat("x", 256)})
	fails(t, err, model.Invalid)
}

// gone: a machine that is being deleted says so until it is gone; without those
// that are being deleted, it does not exist from that moment on.
func (s *suite) gone(t *testing.T, id string) {
	t.Helper()
	c := s.cloud.WithoutDeleting()
	if slices.ContainsFunc(must(c.MachineRefs(s.ctx))(t), func(r model.MachineRef) bool { return r.ID == id }) {
		t.Error("a deleted machine is in the cheap listing")
	}
	if slices.ContainsFunc(must(c.Machines(s.ctx))(t), func(m model.Machine) bool { return m.ID == id }) {
		t.Error("a deleted machine is listed")
	}
	for _, test := range machineMethods {
		t.Run("deleted "+test.name, func(t *testing.T) { fails(t, test.call(s, c, id), model.NotFound) })
	}
	listed := func() (model.MachineState, error) {
		for _, m := range must(s.cloud.Machines(s.ctx))(t) {
			if m.ID == id {
				return m.State, nil
			}
		}
		return "", model.Errorf(model.NotFound, "not listed")
	}
	one := func() (model.MachineState, error) { m, err := s.cloud.Machine(s.ctx, id); return m.State, err }
	leaves(s, t, "machine "+id, model.MachineDeleting, listed, one, func() error { return s.cloud.DeleteMachine(s.ctx, id) })
	if slices.ContainsFunc(must(s.cloud.MachineRefs(s.ctx))(t), func(r model.MachineRef) bool { return r.ID == id }) {
		t.Error("a machine that is gone is in the cheap listing")
	}
}

// leaves waits until something is gone whose deletion has begun. Until then it is
// deleting, whichever way it is read, and may be deleted again.
func leaves[State ~string](s *suite, t *testing.T, what string, deleting State, listed, one func() (State, error), again func() error) {
	t.Helper()
	s.Wait(t, "the end of "+what, func() (bool, error) {
		for _, read := range []func() (State, error){listed, one} { // what is in no list is gone for good
			state, err := read()
			if model.IsCode(err, model.NotFound) {
				continue
			}
			if err == nil && state != deleting {
				t.Errorf("%s is %q while it is being deleted", what, state)
			}
			if err == nil {
				if err = again(); model.IsCode(err, model.NotFound) {
					err = nil
				}
			}
			return false, err
		}
		return true, nil
	})
	if _, err := listed(); !model.IsCode(err, model.NotFound) {
		t.Errorf("%s is gone, and listed: %v", what, err)
	}
}

func (s *suite) machineErrors(t *testing.T) {
	for _, test := range machineMethods {
		t.Run(test.name, func(t *testing.T) {
			for _, id := range append(hostileIDs, unknownID, "nope") {
				fails(t, test.call(s, s.cloud, id), model.NotFound)
			}
		})
	}
}
