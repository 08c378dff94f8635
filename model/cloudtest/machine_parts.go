package cloudtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/resize"
)

// machineParts tests what may be changed of a machine's parts: volumes,
// interfaces, flavor, image and tags.
func (s *suite) machineParts(t *testing.T) {
	m := s.create(t, s.cloud, s.request("parts"))
	t.Run("volumes at once", func(t *testing.T) { s.attachedAtOnce(t, m.ID) })
	s.until(t, s.cloud, m.ID, model.MachineRunning)
	t.Run("volumes", func(t *testing.T) { s.attachedVolume(t, m.ID) })
	t.Run("interfaces", func(t *testing.T) { s.attachedNetwork(t, m.ID) })
	t.Run("tags", func(t *testing.T) { s.tags(t, m.ID) })
	t.Run("rebuild", func(t *testing.T) { s.rebuild(t, m.ID) })
	t.Run("resize", func(t *testing.T) { s.resize(t, m.ID) })
	t.Run("suspended", func(t *testing.T) { s.partsOfSuspended(t, m.ID) })
	t.Run("existing port", func(t *testing.T) { s.createOnPort(t) })
}

// partMethods are all that take a machine's id and change a part of it, with
// arguments that would be good. None of them may be sent to a machine that has
// them succeed.
var partMethods = []struct {
	name string
	call func(s *suite, c model.Cloud, id string) error
}{
	{"AttachVolume", func(s *suite, c model.Cloud, id string) error {
		_, err := c.AttachVolume(s.ctx, id, model.MachineVolume{VolumeID: "00000000-0000-4000-8000-0000000000fe"})
		return err
	}},
	{"DetachVolume", func(s *suite, c model.Cloud, id string) error { return c.DetachVolume(s.ctx, id, unknownID) }},
	{"AttachNetwork", func(s *suite, c model.Cloud, id string) error {
		network := s.network.ID
		if c == s.other {
			network = s.external(s.ctx).ID
		}
		_, err := c.AttachNetwork(s.ctx, id, model.MachineNetwork{NetworkID: network})
		return err
	}},
	{"DetachPort", func(s *suite, c model.Cloud, id string) error { return c.DetachPort(s.ctx, id, unknownID) }},
	{"ResizeMachine", func(s *suite, c model.Cloud, id string) error { return c.ResizeMachine(s.ctx, id, s.flavor.ID) }},
	{"ConfirmResize", func(s *suite, c model.Cloud, id string) error { return c.ConfirmResize(s.ctx, id) }},
	{"RebuildMachine", func(s *suite, c model.Cloud, id string) error { return c.RebuildMachine(s.ctx, id, s.image.ID) }},
	{"TagMachine", func(s *suite, c model.Cloud, id string) error {
		return c.TagMachine(s.ctx, id, []string{"stolen"}, []string{"kept"})
	}},
}

// strange checks that a machine's parts cannot be changed by whom it does not
// exist for, nor those of a machine that does not exist.
func (s *suite) strange(t *testing.T, id string) {
	for _, test := range partMethods {
		t.Run(test.name, func(t *testing.T) {
			fails(t, test.call(s, s.other, id), model.NotFound)
			for _, id := range append(hostileIDs, unknownID, "nope") {
				fails(t, test.call(s, s.cloud, id), model.NotFound)
			}
		})
	}
}

func (s *suite) attachedVolume(t *testing.T, id string) {
	s.strange(t, id)
	if s.Volume == nil {
		t.Skip("the cloud has no volumes")
	}
	volumes := must(model.Part[model.Volumes](s.cloud, model.BlockStorageService))(t)
	volume := s.Volume(t)
	for _, bad := range append(hostileIDs, unknownID, "nope") {
		_, err := s.cloud.AttachVolume(s.ctx, id, model.MachineVolume{VolumeID: bad})
		fails(t, err, model.Invalid)
		fails(t, s.cloud.DetachVolume(s.ctx, id, bad), model.NotFound)
	}
	_, err := s.cloud.AttachVolume(s.ctx, id, model.MachineVolume{VolumeID: volume, Device: "not a device"})
	fails(t, err, model.Invalid)
	_, err = s.cloud.AttachVolume(s.ctx, id, model.MachineVolume{VolumeID: volume, Boot: true})
	fails(t, err, model.Invalid)
	fails(t, s.cloud.DetachVolume(s.ctx, id, volume), model.NotFound)

	attached := must(s.cloud.AttachVolume(s.ctx, id, model.MachineVolume{VolumeID: volume}))(t)
	if attached.MachineID != id || attached.VolumeID != volume || !strings.HasPrefix(attached.Device, "/dev/") {
		t.Errorf("attachment: %+v", attached)
	}
	_, err = s.cloud.AttachVolume(s.ctx, id, model.MachineVolume{VolumeID: volume})
	fails(t, err, model.Conflict)
	s.untilVolume(t, volumes, volume, model.VolumeInUse)
	if diff := gocmp.Diff([]model.Attachment{attached}, must(s.cloud.MachineAttachments(s.ctx, id))(t)); diff != "" {
		t.Errorf("attachments (-want +got):\n%s", diff)
	}
	s.together(t, id, attached)
	if diff := gocmp.Diff([]model.Attachment{attached}, must(volumes.Volume(s.ctx, volume))(t).Attachments); diff != "" {
		t.Errorf("the volume's attachments (-want +got):\n%s", diff)
	}
	_, err = s.cloud.AttachVolume(s.ctx, id, model.MachineVolume{VolumeID: volume})
	fails(t, err, model.Conflict)
	err = volumes.DeleteVolume(s.ctx, volume)
	fails(t, err, model.Conflict)
	names(t, err, id)

	ok(t, s.cloud.DetachVolume(s.ctx, id, volume))
	s.untilVolume(t, volumes, volume, model.VolumeAvailable)
	fails(t, s.cloud.DetachVolume(s.ctx, id, volume), model.NotFound)
	if left := must(s.cloud.MachineAttachments(s.ctx, id))(t); len(left) > 0 {
		t.Errorf("attachments after the end: %+v", left)
	}
	s.together(t, id)
}

// attachedAtOnce: a volume is put on a machine and taken off again, without a wait
// for either to be made, nor for the volume to be on the machine.
func (s *suite) attachedAtOnce(t *testing.T, id string) {
	if s.Volume == nil {
		t.Skip("the cloud has no volumes")
	}
	volumes := must(model.Part[model.Volumes](s.cloud, model.BlockStorageService))(t)
	v := must(volumes.CreateVolume(s.ctx, model.VolumeCreate{Name: s.prefix + "at-once", SizeGiB: 1}))(t)
	t.Cleanup(func() { s.removeVolume(t, volumes, v.ID) })
	must(s.cloud.AttachVolume(s.ctx, id, model.MachineVolume{VolumeID: v.ID}))(t)
	ok(t, s.cloud.DetachVolume(s.ctx, id, v.ID))
	s.untilVolume(t, volumes, v.ID, model.VolumeAvailable)
	s.Wait(t, "the end of the attachment", func() (bool, error) {
		left, err := s.cloud.MachineAttachments(s.ctx, id)
		return len(left) == 0, err
	})
}

// together: a machine and its attachments are as each is alone, when they are
// read for the first time and again.
func (s *suite) together(t *testing.T, id string, attached ...model.Attachment) {
	t.Helper()
	for range 2 {
		m, attachments, err := s.cloud.MachineAndAttachments(s.ctx, id)
		ok(t, err)
		if diff := gocmp.Diff(attached, attachments, cmpopts.EquateEmpty()); diff != "" || m.ID != id || len(m.VolumeIDs) != len(attached) {
			t.Errorf("machine %s with volumes %q, attachments (-want +got):\n%s", m.ID, m.VolumeIDs, diff)
		}
	}
}

func (s *suite) attachedNetwork(t *testing.T, id string) {
	before := must(s.cloud.MachinePorts(s.ctx, id))(t)
	foreign := s.external(s.ctx)
	for what, test := range map[string]struct {
		want  model.MachineNetwork
		codes []model.Code
	}{
		"no network":        {model.MachineNetwork{}, []model.Code{model.Invalid}},
		"unknown network":   {model.MachineNetwork{NetworkID: unknownID}, []model.Code{model.Invalid}},
		"malformed network": {model.MachineNetwork{NetworkID: "no-such-net"}, []model.Code{model.Invalid}},
		"hostile network":   {model.MachineNetwork{NetworkID: "../ports"}, []model.Code{model.Invalid}},
		"external network":  {model.MachineNetwork{NetworkID: foreign.ID}, []model.Code{model.Invalid, model.Forbidden}},
		"malformed address": {model.MachineNetwork{NetworkID: s.network.ID, FixedIP: "1.2.3.4.5"}, []model.Code{model.Invalid}},
		"foreign address":   {model.MachineNetwork{NetworkID: s.network.ID, FixedIP: "198.51.100.7"}, []model.Code{model.Invalid}},
		"taken address":     {model.MachineNetwork{NetworkID: s.network.ID, FixedIP: before[0].FixedIPs[0].Address}, []model.Code{model.Conflict}},
		"unknown port":      {model.MachineNetwork{PortID: unknownID}, []model.Code{model.Invalid}},
		"malformed port":    {model.MachineNetwork{PortID: "no-such-port"}, []model.Code{model.Invalid}},
		"taken port":        {model.MachineNetwork{PortID: before[0].ID}, []model.Code{model.Conflict}},
		"port and network":  {model.MachineNetwork{PortID: before[0].ID, NetworkID: s.network.ID}, []model.Code{model.Invalid}},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := s.cloud.AttachNetwork(s.ctx, id, test.want)
			fails(t, err, test.codes...)
		})
	}
	address := s.freeAddress(t)
	p := must(s.cloud.AttachNetwork(s.ctx, id, model.MachineNetwork{NetworkID: s.network.ID, FixedIP: address}))(t)
	if p.MachineID != id || p.NetworkID != s.network.ID || p.MACAddress == "" || !p.AdminUp || p.Created.IsZero() {
		t.Errorf("the port is told wrong: %+v", p)
	}
	if diff := gocmp.Diff([]model.FixedIP{{SubnetID: s.subnet.ID, Address: address}}, p.FixedIPs); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	has := func() bool {
		return slices.ContainsFunc(must(s.cloud.MachinePorts(s.ctx, id))(t), func(x model.Port) bool { return x.ID == p.ID })
	}
	if !has() {
		t.Error("the new port is not among the machine's")
	}
	s.updatePort(t, p)
	for _, bad := range append(hostileIDs, unknownID, "nope") {
		fails(t, s.cloud.DetachPort(s.ctx, id, bad), model.NotFound)
	}
	fails(t, s.cloud.DetachPort(s.ctx, unknownID, p.ID), model.NotFound)
	ok(t, s.cloud.DetachPort(s.ctx, id, p.ID))
	s.Wait(t, "the port to be gone", func() (bool, error) { return !has(), nil })
	fails(t, s.cloud.DetachPort(s.ctx, id, p.ID), model.NotFound)
	if diff := gocmp.Diff(before, must(s.cloud.MachinePorts(s.ctx, id))(t), cmpopts.IgnoreFields(model.Port{}, "State")); diff != "" {
		t.Errorf("ports before (-) and after (+):\n%s", diff)
	}
}

// at are addresses of a port, on whatever subnet they lie.
func at(addresses ...string) []model.FixedIP {
	ips := make([]model.FixedIP, len(addresses))
	for i, a := range addresses {
		ips[i].Address = a
	}
	return ips
}

func (s *suite) updatePort(t *testing.T, p model.Port) {
	name, address, down := s.prefix+`port "ä"`, s.freeAddress(t), false
	changed := must(s.cloud.UpdatePort(s.ctx, p.ID, model.PortUpdate{
		Name: &name, FixedIPs: at(address), AdminUp: &down, AddTags: []string{"b", "a"}, RemoveTags: []string{"never"},
	}))(t)
	want := p
	want.Name, want.AdminUp, want.State, want.Tags = name, false, model.LinkDown, []string{"a", "b"}
	want.FixedIPs = []model.FixedIP{{SubnetID: s.subnet.ID, Address: address}}
	if diff := gocmp.Diff(want, changed); diff != "" {
		t.Errorf("port after the update (-want +got):\n%s", diff)
	}
	got := must(s.cloud.Port(s.ctx, p.ID))(t)
	slices.Sort(got.Tags)
	if diff := gocmp.Diff(changed, got); diff != "" {
		t.Errorf("updated (-) and read (+) port differ:\n%s", diff)
	}
	up := true
	again := must(s.cloud.UpdatePort(s.ctx, p.ID, model.PortUpdate{AdminUp: &up, FixedIPs: at(""), AddTags: []string{"a"}, RemoveTags: []string{"b"}}))(t)
	if !again.AdminUp || len(again.FixedIPs) != 1 || again.FixedIPs[0].SubnetID != s.subnet.ID || !slices.Equal(again.Tags, []string{"a"}) {
		t.Errorf("port after the second update: %+v", again)
	}
	if same := must(s.cloud.UpdatePort(s.ctx, p.ID, model.PortUpdate{}))(t); same.Name != name {
		t.Errorf("port after an update of nothing: %+v", same)
	}
	long := strings.Repeat("x", 256)
	for what, test := range map[string]struct {
		u    model.PortUpdate
		code model.Code
	}{
		"taken address":     {model.PortUpdate{FixedIPs: at(s.subnet.Gateway), AddTags: []string{"undone"}}, model.Conflict},
		"foreign address":   {model.PortUpdate{FixedIPs: at("198.51.100.7"), AddTags: []string{"undone"}, RemoveTags: []string{"a"}}, model.Invalid},
		"malformed address": {model.PortUpdate{FixedIPs: at("1.2.3.4.5")}, model.Invalid},
		"long name":         {model.PortUpdate{Name: &long}, model.Invalid},
		"bad tag":           {model.PortUpdate{AddTags: []string{"a/b"}}, model.Invalid},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := s.cloud.UpdatePort(s.ctx, p.ID, test.u)
			fails(t, err, test.code)
		})
	}
	if left := must(s.cloud.Port(s.ctx, p.ID))(t); !slices.Equal(left.Tags, []string{"a"}) {
		t.Errorf("refused updates have left the tags %q", left.Tags)
	}
	_, err := s.other.UpdatePort(s.ctx, p.ID, model.PortUpdate{Name: &name})
	fails(t, err, model.NotFound)
	for _, bad := range append(hostileIDs, unknownID, "nope") {
		_, err := s.cloud.UpdatePort(s.ctx, bad, model.PortUpdate{Name: &name})
		fails(t, err, model.NotFound)
	}
}

func (s *suite) tags(t *testing.T, id string) {
	is := func(want ...string) {
		t.Helper()
		got := must(s.cloud.Machine(s.ctx, id))(t).Tags
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("tags are %q, want %q", got, want)
		}
	}
	ok(t, s.cloud.TagMachine(s.ctx, id, []string{"kept", "a b", "gone"}, []string{"never"}))
	is("a b", "gone", "kept")
	ok(t, s.cloud.TagMachine(s.ctx, id, []string{"kept", "new"}, []string{"gone", "a b"}))
	ok(t, s.cloud.TagMachine(s.ctx, id, []string{"kept", "new"}, []string{"gone", "a b"}))
	ok(t, s.cloud.TagMachine(s.ctx, id, nil, nil))
	is("kept", "new")
	for _, bad := range []string{"", ".", "..", "a/b", "a,b", "a\r\nb", strings.Repeat("x", 61)} {
		fails(t, s.cloud.TagMachine(s.ctx, id, []string{bad}, nil), model.Invalid)
	}
	// 48 more are possible, and 49 are none: what was done is undone
	var many []string
	for i := range 49 {
		many = append(many, fmt.Sprintf("many-%d", i))
	}
	fails(t, s.cloud.TagMachine(s.ctx, id, many, nil), model.Conflict)
	is("kept", "new")
	ok(t, s.cloud.TagMachine(s.ctx, id, nil, []string{"kept", "new"}))
}

func (s *suite) rebuild(t *testing.T, id string) {
	for _, bad := range append(hostileIDs, unknownID, "nope") {
		err := s.cloud.RebuildMachine(s.ctx, id, bad)
		fails(t, err, model.Invalid)
		if bad == unknownID || bad == "nope" {
			names(t, err, bad)
		}
	}
	for _, state := range []model.MachineState{model.MachineRunning, model.MachineStopped} {
		if state == model.MachineStopped {
			ok(t, s.cloud.ActOnMachine(s.ctx, id, model.StopMachine))
		}
		before := s.until(t, s.cloud, id, state)
		ok(t, s.cloud.RebuildMachine(s.ctx, id, s.image.ID))
		after := s.until(t, s.cloud, id, state)
		if diff := gocmp.Diff(before, after, cmpopts.IgnoreFields(model.Machine{}, "Updated"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s machine before (-) and after (+) it was rebuilt:\n%s", state, diff)
		}
	}
	ok(t, s.cloud.ActOnMachine(s.ctx, id, model.StartMachine))
	s.until(t, s.cloud, id, model.MachineRunning)
}

func (s *suite) resize(t *testing.T, id string) {
	flavors := must(s.cloud.Flavors(s.ctx))(t)
	larger := slices.IndexFunc(flavors, func(f model.Flavor) bool { return f.MemoryMiB > s.flavor.MemoryMiB && f.DiskGiB >= s.flavor.DiskGiB })
	if larger < 0 {
		t.Skip("the cloud has no larger flavor")
	}
	for _, bad := range append(hostileIDs, "no-such-flavor", s.flavor.ID) {
		fails(t, s.cloud.ResizeMachine(s.ctx, id, bad), model.Invalid)
	}
	fails(t, s.cloud.ConfirmResize(s.ctx, id), model.Conflict)
	fails(t, resize.Begin(s.ctx, s.cloud, id, s.flavor.ID), model.Invalid)
	if tags := must(s.cloud.Machine(s.ctx, id))(t).Tags; len(tags) > 0 {
		t.Errorf("a refused resize left the tags %v", tags)
	}
	ok(t, resize.Begin(s.ctx, s.cloud, id, flavors[larger].ID))
	m := s.until(t, s.cloud, id, model.MachineResized)
	if m.Flavor.ID != flavors[larger].ID || !m.Running || m.StateDetail != "" {
		t.Errorf("the resized machine is %+v", m)
	}
	for _, a := range []model.MachineAction{model.StopMachine, model.PauseMachine, model.RebootMachine} {
		if m.Can(a) {
			t.Errorf("the resized machine says that it can %s", a)
		}
		fails(t, s.cloud.ActOnMachine(s.ctx, id, a), model.Conflict)
	}
	fails(t, s.cloud.ResizeMachine(s.ctx, id, s.flavor.ID), model.Conflict)
	if resize.Settle(s.ctx, s.cloud, &m); m.State != model.MachineResizing {
		t.Errorf("the machine that is settled is %s", m.State)
	}
	if err := s.cloud.ConfirmResize(s.ctx, id); !model.IsCode(err, model.Conflict) {
		t.Errorf("a second confirmation: %v, want a conflict", err)
	}
	m = s.until(t, s.cloud, id, model.MachineRunning)
	resize.Settle(s.ctx, s.cloud, &m)
	if m = must(s.cloud.Machine(s.ctx, id))(t); m.Flavor.ID != flavors[larger].ID || len(m.Tags) > 0 {
		t.Errorf("the machine has the flavor %q and the tags %v", m.Flavor.ID, m.Tags)
	}
	fails(t, s.cloud.ConfirmResize(s.ctx, id), model.Conflict)
}

// partsOfSuspended: a machine in a wrong state refuses, and nothing changes.
func (s *suite) partsOfSuspended(t *testing.T, id string) {
	ok(t, s.cloud.ActOnMachine(s.ctx, id, model.SuspendMachine))
	s.until(t, s.cloud, id, model.MachineSuspended)
	before := len(must(s.cloud.MachinePorts(s.ctx, id))(t))
	_, err := s.cloud.AttachNetwork(s.ctx, id, model.MachineNetwork{NetworkID: s.network.ID})
	fails(t, err, model.Conflict)
	fails(t, s.cloud.RebuildMachine(s.ctx, id, s.image.ID), model.Conflict)
	fails(t, s.cloud.ResizeMachine(s.ctx, id, s.flavor.ID), model.Conflict)
	if s.Volume != nil {
		_, err := s.cloud.AttachVolume(s.ctx, id, model.MachineVolume{VolumeID: s.Volume(t)})
		fails(t, err, model.Conflict)
	}
	if after := len(must(s.cloud.MachinePorts(s.ctx, id))(t)); after != before {
		t.Errorf("%d ports before, %d after", before, after)
	}
}

// createOnPort: a machine on a port that does not exist, or is taken, is not
// made.
func (s *suite) createOnPort(t *testing.T) {
	r := s.request("on-port")
	for _, bad := range []string{unknownID, "no-such-port"} {
		r.Networks = []model.MachineNetwork{{PortID: bad}}
		_, err := s.cloud.CreateMachine(s.ctx, r)
		fails(t, err, model.Invalid)
		names(t, err, bad)
	}
	r.Networks = []model.MachineNetwork{{PortID: unknownID, NetworkID: s.network.ID}}
	_, err := s.cloud.CreateMachine(s.ctx, r)
	fails(t, err, model.Invalid)
	r = s.request("on-port")
	r.SecurityGroups = []string{"no-such-group"}
	_, err = s.cloud.CreateMachine(s.ctx, r)
	fails(t, err, model.Invalid)
	names(t, err, "no-such-group")
	s.nothingNamed(t, r.Name)
}
