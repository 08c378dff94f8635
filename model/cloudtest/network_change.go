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

// external gives an external network; the zero network if the cloud has none.
func (s *suite) external(ctx context.Context) model.Network {
	all, _ := s.cloud.Networks(ctx)
	if i := slices.IndexFunc(all, func(n model.Network) bool { return n.External && !n.Owned }); i >= 0 {
		return all[i]
	}
	return model.Network{}
}

// networkMethods are all that change a network.
var networkMethods = []struct {
	name string
	call func(s *suite, c model.Cloud, id string) error
}{
	{"UpdateNetwork", func(s *suite, c model.Cloud, id string) error {
		name := s.prefix + "stolen"
		_, err := c.UpdateNetwork(s.ctx, id, model.NetworkUpdate{Name: &name})
		return err
	}},
	{"UpdateNetwork tags", func(s *suite, c model.Cloud, id string) error {
		_, err := c.UpdateNetwork(s.ctx, id, model.NetworkUpdate{AddTags: []string{"stolen"}, RemoveTags: []string{"kept"}})
		return err
	}},
	{"DeleteNetwork", func(s *suite, c model.Cloud, id string) error { return c.DeleteNetwork(s.ctx, id) }},
}

// network makes a network, and removes it at the test's end.
func (s *suite) makeNetwork(t *testing.T, c model.Cloud, r model.NetworkCreate) model.Network {
	t.Helper()
	n := must(c.CreateNetwork(s.ctx, r))(t)
	t.Cleanup(func() {
		s.Wait(t, "the end of network "+n.ID, func() (bool, error) {
			err := c.DeleteNetwork(context.WithoutCancel(s.ctx), n.ID)
			return ended(err)
		})
	})
	return n
}

// ended tells whether a deletion that a conflict may delay has been done.
func ended(err error) (bool, error) {
	switch {
	case model.IsCode(err, model.Conflict):
		return false, nil
	case err == nil || model.IsCode(err, model.NotFound):
		return true, nil
	}
	return false, err
}

// networkLife follows one network from its making to its end.
func (s *suite) networkLife(t *testing.T) {
	s.networkErrors(t)
	must(s.cloud.Networks(s.ctx))(t) // now the lists are remembered without it
	must(s.cloud.Subnets(s.ctx))(t)
	r := model.NetworkCreate{
		Name: s.prefix + `Ünï "cödé" <&>; 'q'`, Description: `a "description", für alle`, Tags: []string{"kept", "gone", "a b"},
		Subnets: []model.SubnetCreate{{CIDR: "10.199.7.9/24", DHCP: true}},
	}
	n := s.makeNetwork(t, s.cloud, r)
	want := model.Network{ID: n.ID, Name: r.Name, Description: r.Description, State: model.LinkUp, AdminUp: true, Owned: true, SubnetIDs: n.SubnetIDs, Tags: []string{"a b", "gone", "kept"}}
	if diff := gocmp.Diff(want, n, cmpopts.IgnoreFields(model.Network{}, "Created", "Updated", "MTU")); diff != "" || len(n.SubnetIDs) != 1 {
		t.Errorf("new network with subnets %q (-want +got):\n%s", n.SubnetIDs, diff)
	}
	s.sameNetwork(t, n)
	subnet := s.subnetOf(t, n.ID)
	wantSubnet := model.Subnet{ID: n.SubnetIDs[0], NetworkID: n.ID, Created: subnet.Created, Owned: true, CIDR: "10.199.7.0/24", IPVersion: 4, Gateway: "10.199.7.1", DHCP: true}
	if diff := gocmp.Diff(wantSubnet, subnet, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("its subnet (-want +got):\n%s", diff)
	}
	for _, test := range networkMethods {
		t.Run("isolated "+test.name, func(t *testing.T) { fails(t, test.call(s, s.other, n.ID), model.NotFound) })
	}
	t.Run("update", func(t *testing.T) { s.updateNetwork(t, n) })
	t.Run("in use", func(t *testing.T) {
		r := s.request("on-new-network")
		r.Networks = []model.MachineNetwork{{NetworkID: n.ID}}
		m := s.create(t, s.cloud, r)
		s.until(t, s.cloud, m.ID, model.MachineRunning)
		fails(t, s.cloud.DeleteNetwork(s.ctx, n.ID), model.Conflict)
		if ports := must(s.cloud.MachinePorts(s.ctx, m.ID))(t); len(ports) != 1 {
			t.Errorf("after a refused deletion of its network, the machine has %d ports", len(ports))
		}
		_, err := s.cloud.Network(s.ctx, n.ID)
		ok(t, err)
	})
	ok(t, s.cloud.DeleteNetwork(s.ctx, n.ID))
	_, err := s.cloud.Network(s.ctx, n.ID)
	fails(t, err, model.NotFound)
	if slices.ContainsFunc(must(s.cloud.Networks(s.ctx))(t), func(x model.Network) bool { return x.ID == n.ID }) {
		t.Error("a deleted network is listed")
	}
	if slices.ContainsFunc(must(s.cloud.Subnets(s.ctx))(t), func(x model.Subnet) bool { return x.NetworkID == n.ID }) {
		t.Error("the subnet of a deleted network is listed")
	}
	for _, test := range networkMethods {
		t.Run("deleted "+test.name, func(t *testing.T) { fails(t, test.call(s, s.cloud, n.ID), model.NotFound) })
	}

	down := s.makeNetwork(t, s.other, model.NetworkCreate{Name: s.prefix + "down", Down: true, MTU: 1400, Subnets: []model.SubnetCreate{{CIDR: "2001:db8:7::/64", Gateway: "2001:db8:7::9"}}})
	if down.State != model.LinkDown || down.AdminUp || len(down.SubnetIDs) != 1 || down.MTU != 1400 {
		t.Errorf("a network that is switched off: %+v", down)
	}
	two := s.makeNetwork(t, s.cloud, model.NetworkCreate{Name: s.prefix + "two", Subnets: []model.SubnetCreate{{CIDR: "10.199.8.0/24"}, {CIDR: "2001:db8:8::/64"}}})
	if len(two.SubnetIDs) != 2 {
		t.Errorf("a network with two subnets has %q", two.SubnetIDs)
	}
	bare := s.makeNetwork(t, s.cloud, model.NetworkCreate{Name: s.prefix + "bare"})
	if len(bare.SubnetIDs) != 0 {
		t.Errorf("a network without a subnet has %q", bare.SubnetIDs)
	}
}

// sameNetwork checks that a network is read and listed as it was told.
func (s *suite) sameNetwork(t *testing.T, n model.Network) {
	t.Helper()
	sorted := func(x model.Network) model.Network {
		slices.Sort(x.Tags)
		return x
	}
	opts := cmpopts.IgnoreFields(model.Network{}, "Updated")
	if diff := gocmp.Diff(sorted(n), sorted(must(s.cloud.Network(s.ctx, n.ID))(t)), opts, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("told (-) and read (+) network differ:\n%s", diff)
	}
	all := must(s.cloud.Networks(s.ctx))(t)
	i := slices.IndexFunc(all, func(x model.Network) bool { return x.ID == n.ID })
	if i < 0 {
		t.Fatal("the network is not listed")
	}
	if diff := gocmp.Diff(sorted(n), sorted(all[i]), opts, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("told (-) and listed (+) network differ:\n%s", diff)
	}
}

func (s *suite) subnetOf(t *testing.T, network string) model.Subnet {
	t.Helper()
	all := must(s.cloud.Subnets(s.ctx))(t)
	i := slices.IndexFunc(all, func(x model.Subnet) bool { return x.NetworkID == network })
	if i < 0 {
		t.Fatal("the subnet is not listed")
	}
	return all[i]
}

func (s *suite) networkErrors(t *testing.T) {
	long := strings.Repeat("x", 256)
	on := func(cidr, gateway string) model.NetworkCreate {
		return model.NetworkCreate{Name: s.prefix + "refused", Subnets: []model.SubnetCreate{{CIDR: cidr, Gateway: gateway}}}
	}
	for what, r := range map[string]model.NetworkCreate{
		"long name":          {Name: s.prefix + long},
		"long description":   {Name: s.prefix + "refused", Description: long},
		"bad tag":            {Name: s.prefix + "refused", Tags: []string{"a/b"}},
		"no range":           on("", ""),
		"malformed range":    on("10.0.0.0", ""),
		"range too small":    on("10.199.8.0/99", ""),
		"malformed gateway":  on("10.199.8.0/24", "gateway"),
		"foreign gateway":    on("10.199.8.0/24", "10.199.9.1"),
		"overlapping ranges": {Name: s.prefix + "refused", Subnets: []model.SubnetCreate{{CIDR: "10.199.8.0/24"}, {CIDR: "10.199.8.0/25"}}},
		"huge MTU":           {Name: s.prefix + "refused", MTU: 1 << 20},
	} {
		t.Run(what, func(t *testing.T) {
			n, err := s.cloud.CreateNetwork(s.ctx, r)
			fails(t, err, model.Invalid)
			if err == nil {
				ok(t, s.cloud.DeleteNetwork(s.ctx, n.ID))
			}
		})
	}
	if slices.ContainsFunc(must(s.cloud.Networks(s.ctx))(t), func(n model.Network) bool { return n.Name == s.prefix+"refused" }) {
		t.Error("a network that was refused is left behind")
	}
	for _, test := range networkMethods {
		t.Run(test.name, func(t *testing.T) {
			for _, id := range append(hostileIDs, unknownID, "nope") {
				fails(t, test.call(s, s.cloud, id), model.NotFound)
			}
			if foreign := s.external(s.ctx); foreign.ID != "" {
				fails(t, test.call(s, s.cloud, foreign.ID), model.Forbidden)
			}
		})
	}
}

func (s *suite) updateNetwork(t *testing.T, n model.Network) {
	name, description, off, on, mtu := s.prefix+"renamed", "", false, true, 1280
	changed := must(s.cloud.UpdateNetwork(s.ctx, n.ID, model.NetworkUpdate{
		Name: &name, Description: &description, AdminUp: &off, MTU: &mtu, AddTags: []string{"kept", "new"}, RemoveTags: []string{"gone", "never"},
	}))(t)
	if changed.Name != name || changed.Description != "" || changed.AdminUp || changed.State != model.LinkDown || changed.MTU != mtu || !slices.Equal(changed.Tags, []string{"a b", "kept", "new"}) {
		t.Errorf("after the update: %+v", changed)
	}
	s.sameNetwork(t, changed)
	tagged := must(s.cloud.UpdateNetwork(s.ctx, n.ID, model.NetworkUpdate{RemoveTags: []string{"a b"}}))(t)
	if tagged.Name != name || !slices.Equal(tagged.Tags, []string{"kept", "new"}) {
		t.Errorf("after an update of tags: %+v", tagged)
	}
	s.sameNetwork(t, tagged)
	long, huge := strings.Repeat("x", 256), 1<<20
	for what, u := range map[string]model.NetworkUpdate{
		"long name":        {Name: &long},
		"long description": {Description: &long},
		"huge MTU":         {MTU: &huge},
		"bad tag":          {AddTags: []string{"fine", "a,b"}},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := s.cloud.UpdateNetwork(s.ctx, n.ID, u)
			fails(t, err, model.Invalid)
		})
	}
	s.sameNetwork(t, tagged)
	if up := must(s.cloud.UpdateNetwork(s.ctx, n.ID, model.NetworkUpdate{AdminUp: &on}))(t); up.State != model.LinkUp {
		t.Errorf("switched on again, the network is %s", up.State)
	}
	if same := must(s.cloud.UpdateNetwork(s.ctx, n.ID, model.NetworkUpdate{}))(t); same.Name != name {
		t.Errorf("after an update of nothing: %+v", same)
	}
}
