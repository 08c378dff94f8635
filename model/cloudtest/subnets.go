package cloudtest

import (
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/occimi/occimi/model"
)

// subnetMethods are all that take a subnet's id.
var subnetMethods = []struct {
	name string
	call func(s *suite, c model.Cloud, id string) error
}{
	{"Subnet", func(s *suite, c model.Cloud, id string) error { _, err := c.Subnet(s.ctx, id); return err }},
	{"UpdateSubnet", func(s *suite, c model.Cloud, id string) error {
		_, err := c.UpdateSubnet(s.ctx, id, model.SubnetUpdate{DHCP: new(bool)})
		return err
	}},
	{"UpdateSubnet of nothing", func(s *suite, c model.Cloud, id string) error {
		_, err := c.UpdateSubnet(s.ctx, id, model.SubnetUpdate{})
		return err
	}},
	{"DeleteSubnet", func(s *suite, c model.Cloud, id string) error { return c.DeleteSubnet(s.ctx, id) }},
}

// subnetLife follows one subnet from its making to its end.
func (s *suite) subnetLife(t *testing.T) {
	n := s.makeNetwork(t, s.cloud, model.NetworkCreate{Name: s.prefix + "subnets"})
	must(s.cloud.Subnets(s.ctx))(t) // now the list is remembered without it
	r := model.SubnetCreate{
		Name: s.prefix + `Ünï "s"`, Description: `a "description"`, CIDR: "10.199.20.9/24", Gateway: "10.199.20.254",
		DHCP: true, DNSNameservers: []string{"192.0.2.53", "192.0.2.52"},
	}
	subnet := must(s.cloud.CreateSubnet(s.ctx, n.ID, r))(t)
	want := model.Subnet{
		ID: subnet.ID, NetworkID: n.ID, Name: r.Name, Description: r.Description, Created: subnet.Created, Owned: true,
		CIDR: "10.199.20.0/24", IPVersion: 4, Gateway: r.Gateway, DHCP: true, DNSNameservers: subnet.DNSNameservers,
	}
	if diff := gocmp.Diff(want, subnet); diff != "" || subnet.Created.IsZero() {
		t.Errorf("new subnet (-want +got):\n%s", diff)
	}
	s.sameSubnet(t, subnet)
	if has := must(s.cloud.Network(s.ctx, n.ID))(t).SubnetIDs; !slices.Equal(has, []string{subnet.ID}) {
		t.Errorf("the network has the subnets %q", has)
	}
	six := must(s.cloud.CreateSubnet(s.ctx, n.ID, model.SubnetCreate{CIDR: "2001:db8:20::/64"}))(t)
	if six.IPVersion != 6 || six.DHCP || six.Gateway == "" {
		t.Errorf("a subnet of IPv6: %+v", six)
	}
	for _, test := range subnetMethods {
		t.Run("isolated "+test.name, func(t *testing.T) { fails(t, test.call(s, s.other, subnet.ID), model.NotFound) })
		t.Run("unknown "+test.name, func(t *testing.T) {
			for _, id := range append(hostileIDs, unknownID, "nope") {
				fails(t, test.call(s, s.cloud, id), model.NotFound)
			}
		})
	}
	t.Run("update", func(t *testing.T) { s.updateSubnet(t, subnet) })
	t.Run("errors", func(t *testing.T) { s.subnetErrors(t, n.ID) })
	t.Run("in use", func(t *testing.T) {
		p := s.makePort(t, s.cloud, model.PortCreate{NetworkID: n.ID, FixedIPs: []model.FixedIP{{SubnetID: subnet.ID}}})
		fails(t, s.cloud.DeleteSubnet(s.ctx, subnet.ID), model.Conflict)
		ok(t, s.cloud.DeletePort(s.ctx, p.ID))
	})
	ok(t, s.cloud.DeleteSubnet(s.ctx, subnet.ID))
	for _, test := range subnetMethods {
		t.Run("deleted "+test.name, func(t *testing.T) { fails(t, test.call(s, s.cloud, subnet.ID), model.NotFound) })
	}
	if slices.ContainsFunc(must(s.cloud.Subnets(s.ctx))(t), func(x model.Subnet) bool { return x.ID == subnet.ID }) {
		t.Error("a deleted subnet is listed")
	}
}

// sameSubnet checks that a subnet is read and listed as it was told.
func (s *suite) sameSubnet(t *testing.T, subnet model.Subnet) {
	t.Helper()
	if diff := gocmp.Diff(subnet, must(s.cloud.Subnet(s.ctx, subnet.ID))(t), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("told (-) and read (+) subnet differ:\n%s", diff)
	}
	all := must(s.cloud.Subnets(s.ctx))(t)
	i := slices.IndexFunc(all, func(x model.Subnet) bool { return x.ID == subnet.ID })
	if i < 0 {
		t.Fatal("the subnet is not listed")
	}
	if diff := gocmp.Diff(subnet, all[i], cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("told (-) and listed (+) subnet differ:\n%s", diff)
	}
}

func (s *suite) updateSubnet(t *testing.T, subnet model.Subnet) {
	none, off, name, description := "", false, s.prefix+"renamed", ""
	servers := []string{"192.0.2.54"}
	changed := must(s.cloud.UpdateSubnet(s.ctx, subnet.ID, model.SubnetUpdate{
		Name: &name, Description: &description, Gateway: &none, DHCP: &off, DNSNameservers: &servers,
	}))(t)
	want := subnet
	want.Name, want.Description, want.Gateway, want.DHCP, want.DNSNameservers = name, "", "", false, servers
	if diff := gocmp.Diff(want, changed); diff != "" {
		t.Errorf("after the update (-want +got):\n%s", diff)
	}
	s.sameSubnet(t, changed)
	back := must(s.cloud.UpdateSubnet(s.ctx, subnet.ID, model.SubnetUpdate{
		Name: &subnet.Name, Description: &subnet.Description, Gateway: &subnet.Gateway, DHCP: &subnet.DHCP, DNSNameservers: &[]string{},
	}))(t)
	want = subnet
	want.DNSNameservers = nil
	if diff := gocmp.Diff(want, back, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("changed back (-want +got):\n%s", diff)
	}
	if same := must(s.cloud.UpdateSubnet(s.ctx, subnet.ID, model.SubnetUpdate{}))(t); same.Gateway != subnet.Gateway {
		t.Errorf("after an update of nothing: %+v", same)
	}
	long := strings.Repeat("x", 256)
	gateway := func(address string) model.SubnetUpdate { return model.SubnetUpdate{Gateway: &address} }
	for what, test := range map[string]struct {
		u    model.SubnetUpdate
		code model.Code
	}{
		"malformed gateway":     {gateway("junk"), model.Invalid},
		"broadcast gateway":     {gateway("10.199.20.255"), model.Invalid},
		"gateway for a machine": {gateway("10.199.20.77"), model.Conflict},
		"long name":             {model.SubnetUpdate{Name: &long}, model.Invalid},
		"bad name server":       {model.SubnetUpdate{DNSNameservers: &[]string{"ns.example.org"}}, model.Invalid},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := s.cloud.UpdateSubnet(s.ctx, subnet.ID, test.u)
			fails(t, err, test.code)
		})
	}
	s.sameSubnet(t, back)
}

func (s *suite) subnetErrors(t *testing.T, networkID string) {
	fine := model.SubnetCreate{CIDR: "10.199.21.0/24"}
	for _, id := range append(hostileIDs, unknownID, "nope") {
		_, err := s.cloud.CreateSubnet(s.ctx, id, fine)
		fails(t, err, model.Invalid)
	}
	_, err := s.other.CreateSubnet(s.ctx, networkID, fine)
	fails(t, err, model.Invalid)
	if foreign := s.external(s.ctx); foreign.ID != "" {
		_, err := s.cloud.CreateSubnet(s.ctx, foreign.ID, fine)
		fails(t, err, model.Forbidden)
	}
	for what, r := range map[string]model.SubnetCreate{
		"overlap":         {CIDR: "10.199.20.0/26"},
		"malformed range": {CIDR: "10.199.21.0"},
		"foreign gateway": {CIDR: "10.199.21.0/24", Gateway: "10.199.22.1"},
		"bad name server": {CIDR: "10.199.21.0/24", DNSNameservers: []string{"nope"}},
		"other version":   {CIDR: "10.199.21.0/24", DNSNameservers: []string{"2001:db8::53"}},
		"long name":       {CIDR: "10.199.21.0/24", Name: strings.Repeat("x", 256)},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := s.cloud.CreateSubnet(s.ctx, networkID, r)
			fails(t, err, model.Invalid)
		})
	}
	if has := must(s.cloud.Network(s.ctx, networkID))(t).SubnetIDs; len(has) != 2 {
		t.Errorf("after what was refused, the network has the subnets %q", has)
	}
}
