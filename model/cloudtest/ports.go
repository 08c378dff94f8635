package cloudtest

import (
	"context"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/occimi/occimi/model"
)

// portMethods are all that take a port's id.
var portMethods = []struct {
	name string
	call func(s *suite, c model.Cloud, id string) error
}{
	{"Port", func(s *suite, c model.Cloud, id string) error { _, err := c.Port(s.ctx, id); return err }},
	{"UpdatePort", func(s *suite, c model.Cloud, id string) error {
		_, err := c.UpdatePort(s.ctx, id, model.PortUpdate{AdminUp: new(bool), AddTags: []string{"stolen"}})
		return err
	}},
	{"DeletePort", func(s *suite, c model.Cloud, id string) error { return c.DeletePort(s.ctx, id) }},
}

// makePort makes a port, and removes it at the test's end.
func (s *suite) makePort(t *testing.T, c model.Cloud, r model.PortCreate) model.Port {
	t.Helper()
	p := must(c.CreatePort(s.ctx, r))(t)
	t.Cleanup(func() {
		s.Wait(t, "the end of port "+p.ID, func() (bool, error) { return ended(c.DeletePort(context.WithoutCancel(s.ctx), p.ID)) })
	})
	return p
}

// portLife follows ports that no machine has from their making to their end.
func (s *suite) portLife(t *testing.T) {
	n := s.makeNetwork(t, s.cloud, model.NetworkCreate{
		Name: s.prefix + "ports", Subnets: []model.SubnetCreate{{CIDR: "10.199.30.0/24", DHCP: true}, {CIDR: "10.199.31.0/24"}},
	})
	subnets := slices.DeleteFunc(must(s.cloud.Subnets(s.ctx))(t), func(x model.Subnet) bool { return x.NetworkID != n.ID })
	slices.SortFunc(subnets, func(a, b model.Subnet) int { return strings.Compare(a.CIDR, b.CIDR) })
	first, second := subnets[0].ID, subnets[1].ID
	r := model.PortCreate{
		NetworkID: n.ID, Name: s.prefix + `Ünï "p"`, Description: `a "description"`, Tags: []string{"b", "a"},
		FixedIPs: []model.FixedIP{{Address: "10.199.30.77"}, {SubnetID: second}},
	}
	p := s.makePort(t, s.cloud, r)
	want := model.Port{
		ID: p.ID, NetworkID: n.ID, Name: r.Name, Description: r.Description, State: model.LinkDown, AdminUp: true,
		Tags: []string{"a", "b"}, Created: p.Created, MACAddress: p.MACAddress, SecurityGroupIDs: p.SecurityGroupIDs,
		FixedIPs: []model.FixedIP{{SubnetID: first, Address: "10.199.30.77"}, {SubnetID: second}},
	}
	chosen := ""
	if len(p.FixedIPs) == 2 {
		chosen = p.FixedIPs[1].Address
		want.FixedIPs[1].Address = chosen
	}
	if diff := gocmp.Diff(want, p); diff != "" || p.MACAddress == "" || p.Created.IsZero() || !strings.HasPrefix(chosen, "10.199.31.") {
		t.Errorf("new port (-want +got):\n%s", diff)
	}
	s.samePort(t, p)
	if slices.ContainsFunc(must(s.cloud.MachinePorts(s.ctx, ""))(t), func(x model.Port) bool { return x.ID == p.ID }) {
		t.Error("a port that no machine has is among those of machines")
	}
	if one := s.makePort(t, s.cloud, model.PortCreate{NetworkID: n.ID, Down: true}); one.AdminUp || len(one.FixedIPs) != 1 {
		t.Errorf("a port that is switched off, of which no more is wanted: %+v", one)
	}
	t.Run("errors", func(t *testing.T) { s.portErrors(t, n.ID) })
	for _, test := range portMethods {
		t.Run("isolated "+test.name, func(t *testing.T) { fails(t, test.call(s, s.other, p.ID), model.NotFound) })
		t.Run("unknown "+test.name, func(t *testing.T) {
			for _, id := range append(hostileIDs, unknownID, "nope") {
				fails(t, test.call(s, s.cloud, id), model.NotFound)
			}
		})
	}

	t.Run("update", func(t *testing.T) {
		description := "changed"
		changed := must(s.cloud.UpdatePort(s.ctx, p.ID, model.PortUpdate{
			Description: &description, FixedIPs: []model.FixedIP{{SubnetID: first, Address: "10.199.30.77"}, {Address: "10.199.30.78"}},
		}))(t)
		want := p
		want.Description = description
		want.FixedIPs = []model.FixedIP{{SubnetID: first, Address: "10.199.30.77"}, {SubnetID: first, Address: "10.199.30.78"}}
		if diff := gocmp.Diff(want, changed); diff != "" {
			t.Errorf("port after the update (-want +got):\n%s", diff)
		}
		s.samePort(t, changed)
		bare := must(s.cloud.UpdatePort(s.ctx, p.ID, model.PortUpdate{FixedIPs: []model.FixedIP{}}))(t)
		if len(bare.FixedIPs) > 0 {
			t.Errorf("without addresses, the port has %v", bare.FixedIPs)
		}
		back := must(s.cloud.UpdatePort(s.ctx, p.ID, model.PortUpdate{FixedIPs: p.FixedIPs}))(t)
		if diff := gocmp.Diff(p.FixedIPs, back.FixedIPs); diff != "" {
			t.Errorf("addresses after they were given again (-want +got):\n%s", diff)
		}
		for what, test := range map[string]struct {
			ips  []model.FixedIP
			code model.Code
		}{
			"unknown subnet": {[]model.FixedIP{{SubnetID: unknownID}}, model.Invalid},
			"other subnet":   {[]model.FixedIP{{SubnetID: s.subnet.ID}}, model.Invalid},
			"wrong subnet":   {[]model.FixedIP{{SubnetID: second, Address: "10.199.30.79"}}, model.Invalid},
		} {
			_, err := s.cloud.UpdatePort(s.ctx, p.ID, model.PortUpdate{FixedIPs: test.ips, AddTags: []string{"undone"}})
			t.Run(what, func(t *testing.T) { fails(t, err, test.code) })
		}
		s.samePort(t, back)
	})

	t.Run("on machines", func(t *testing.T) { s.portOnMachines(t, must(s.cloud.Port(s.ctx, p.ID))(t)) })
	ok(t, s.cloud.DeletePort(s.ctx, p.ID))
	for _, test := range portMethods {
		t.Run("deleted "+test.name, func(t *testing.T) { fails(t, test.call(s, s.cloud, p.ID), model.NotFound) })
	}
	if slices.ContainsFunc(must(s.cloud.Ports(s.ctx))(t), func(x model.Port) bool { return x.ID == p.ID }) {
		t.Error("a deleted port is listed")
	}
}

// samePort checks that a port is read and listed as it was told, but for what a
// machine changes of itself.
func (s *suite) samePort(t *testing.T, p model.Port) {
	t.Helper()
	sorted := func(x model.Port) model.Port {
		slices.Sort(x.Tags)
		return x
	}
	opts := cmpopts.IgnoreFields(model.Port{}, "State")
	if diff := gocmp.Diff(sorted(p), sorted(must(s.cloud.Port(s.ctx, p.ID))(t)), opts, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("told (-) and read (+) port differ:\n%s", diff)
	}
	all := must(s.cloud.Ports(s.ctx))(t)
	i := slices.IndexFunc(all, func(x model.Port) bool { return x.ID == p.ID })
	if i < 0 {
		t.Fatal("the port is not listed")
	}
	if diff := gocmp.Diff(sorted(p), sorted(all[i]), opts, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("told (-) and listed (+) port differ:\n%s", diff)
	}
}

func (s *suite) portErrors(t *testing.T, networkID string) {
	before := len(must(s.cloud.Ports(s.ctx))(t))
	for _, id := range append(hostileIDs, unknownID, "nope") {
		_, err := s.cloud.CreatePort(s.ctx, model.PortCreate{NetworkID: id})
		fails(t, err, model.Invalid)
	}
	_, err := s.other.CreatePort(s.ctx, model.PortCreate{NetworkID: networkID})
	fails(t, err, model.Invalid)
	if foreign := s.external(s.ctx); foreign.ID != "" {
		_, err := s.cloud.CreatePort(s.ctx, model.PortCreate{NetworkID: foreign.ID})
		fails(t, err, model.Forbidden, model.Invalid)
	}
	for what, test := range map[string]struct {
		r    model.PortCreate
		code model.Code
	}{
		"taken address":     {model.PortCreate{FixedIPs: at("10.199.30.77")}, model.Conflict},
		"foreign address":   {model.PortCreate{FixedIPs: at("198.51.100.7")}, model.Invalid},
		"malformed address": {model.PortCreate{FixedIPs: at("1.2.3.4.5")}, model.Invalid},
		"unknown subnet":    {model.PortCreate{FixedIPs: []model.FixedIP{{SubnetID: unknownID}}}, model.Invalid},
		"other subnet":      {model.PortCreate{FixedIPs: []model.FixedIP{{SubnetID: s.subnet.ID}}}, model.Invalid},
		"long name":         {model.PortCreate{Name: strings.Repeat("x", 256)}, model.Invalid},
		"long description":  {model.PortCreate{Description: strings.Repeat("x", 256)}, model.Invalid},
		"bad tag":           {model.PortCreate{Tags: []string{"a/b"}}, model.Invalid},
	} {
		t.Run(what, func(t *testing.T) {
			test.r.NetworkID = networkID
			_, err := s.cloud.CreatePort(s.ctx, test.r)
			fails(t, err, test.code)
		})
	}
	if after := len(must(s.cloud.Ports(s.ctx))(t)); after > before {
		t.Errorf("what was refused has left %d ports", after-before)
	}
}

// portOnMachines: a port that was there before its machine outlives it.
func (s *suite) portOnMachines(t *testing.T, p model.Port) {
	free := func() {
		t.Helper()
		s.Wait(t, "the port to be free", func() (bool, error) {
			got, err := s.cloud.Port(s.ctx, p.ID)
			return got.MachineID == "", err
		})
		s.samePort(t, p)
	}
	r := s.request("on-free-port")
	r.Networks = []model.MachineNetwork{{PortID: p.ID}, {NetworkID: s.network.ID}}
	m := s.create(t, s.cloud, r)
	s.until(t, s.cloud, m.ID, model.MachineRunning)
	has := func(want bool) {
		t.Helper()
		if got := slices.ContainsFunc(must(s.cloud.MachinePorts(s.ctx, m.ID))(t), func(x model.Port) bool { return x.ID == p.ID }); got != want {
			t.Errorf("that the machine has the port is %v, want %v", got, want)
		}
	}
	has(true)
	taken := p
	taken.MachineID = m.ID
	s.samePort(t, taken)
	ok(t, s.cloud.DetachPort(s.ctx, m.ID, p.ID))
	free()
	has(false)
	attached := must(s.cloud.AttachNetwork(s.ctx, m.ID, model.MachineNetwork{PortID: p.ID}))(t)
	if attached.ID != p.ID || attached.MachineID != m.ID {
		t.Errorf("attached again, the port is %+v", attached)
	}
	has(true)
	second := s.makePort(t, s.cloud, model.PortCreate{NetworkID: p.NetworkID})
	must(s.cloud.AttachNetwork(s.ctx, m.ID, model.MachineNetwork{PortID: second.ID}))(t)
	ok(t, s.cloud.DeletePort(s.ctx, second.ID))
	if left := must(s.cloud.MachinePorts(s.ctx, m.ID))(t); slices.ContainsFunc(left, func(x model.Port) bool { return x.ID == second.ID }) {
		t.Error("the machine still has a port that was deleted")
	}
	s.remove(t, s.cloud, m.ID)
	free()
}
