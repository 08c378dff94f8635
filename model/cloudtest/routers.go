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

// routerMethods are all that take a router's id.
var routerMethods = []struct {
	name string
	call func(s *suite, r model.Routers, id string) error
}{
	{"Router", func(s *suite, r model.Routers, id string) error { _, err := r.Router(s.ctx, id); return err }},
	{"UpdateRouter", func(s *suite, r model.Routers, id string) error {
		_, err := r.UpdateRouter(s.ctx, id, model.RouterUpdate{AdminUp: new(bool)})
		return err
	}},
	{"AddRouterInterface", func(s *suite, r model.Routers, id string) error {
		return r.AddRouterInterface(s.ctx, id, unknownID)
	}},
	{"RemoveRouterInterface", func(s *suite, r model.Routers, id string) error {
		return r.RemoveRouterInterface(s.ctx, id, unknownID)
	}},
	{"DeleteRouter", func(s *suite, r model.Routers, id string) error { return r.DeleteRouter(s.ctx, id) }},
}

// routerLife follows one router from its making to its end.
func (s *suite) routerLife(t *testing.T) {
	routers := must(model.Part[model.Routers](s.cloud, model.NetworkService))(t)
	others := must(model.Part[model.Routers](s.other, model.NetworkService))(t)
	pool := s.external(s.ctx)
	if pool.ID == "" {
		t.Skip("the cloud has no external network")
	}
	n := s.makeNetwork(t, s.cloud, model.NetworkCreate{
		Name: s.prefix + "routed", Subnets: []model.SubnetCreate{{CIDR: "10.199.40.0/24"}, {CIDR: "10.199.41.0/24"}},
	})
	subnets := n.SubnetIDs
	if len(subnets) != 2 {
		t.Fatalf("the network has the subnets %q", subnets)
	}
	slices.Sort(subnets)
	make := func(r model.RouterCreate) model.Router {
		t.Helper()
		made := must(routers.CreateRouter(s.ctx, r))(t)
		t.Cleanup(func() {
			if err := routers.DeleteRouter(context.WithoutCancel(s.ctx), made.ID); err != nil && !model.IsCode(err, model.NotFound) {
				t.Errorf("router %s is left behind: %v", made.ID, err)
			}
		})
		return made
	}
	r := model.RouterCreate{
		Name: s.prefix + `Ünï "r"`, Description: `a "description"`, ExternalNetworkID: pool.ID, SubnetIDs: []string{subnets[1]},
	}
	router := make(r)
	want := model.Router{
		ID: router.ID, Name: r.Name, Description: r.Description, State: model.LinkUp, AdminUp: true,
		ExternalNetworkID: pool.ID, SubnetIDs: []string{subnets[1]},
	}
	if diff := gocmp.Diff(want, router, cmpopts.IgnoreFields(model.Router{}, "Created", "Updated")); diff != "" || router.Created.IsZero() {
		t.Errorf("new router (-want +got):\n%s", diff)
	}
	same := func(want model.Router) {
		t.Helper()
		opts := cmpopts.IgnoreFields(model.Router{}, "Updated")
		if diff := gocmp.Diff(want, must(routers.Router(s.ctx, want.ID))(t), opts, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("told (-) and read (+) router differ:\n%s", diff)
		}
		all := must(routers.Routers(s.ctx))(t)
		i := slices.IndexFunc(all, func(x model.Router) bool { return x.ID == want.ID })
		if i < 0 {
			t.Fatal("the router is not listed")
		}
		if diff := gocmp.Diff(want, all[i], opts, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("told (-) and listed (+) router differ:\n%s", diff)
		}
	}
	same(router)
	for _, test := range routerMethods {
		t.Run("isolated "+test.name, func(t *testing.T) { fails(t, test.call(s, others, router.ID), model.NotFound, model.Invalid) })
		t.Run("unknown "+test.name, func(t *testing.T) {
			for _, id := range append(hostileIDs, unknownID, "nope") {
				fails(t, test.call(s, routers, id), model.NotFound, model.Invalid)
			}
		})
	}
	same(router)
	if slices.ContainsFunc(must(others.Routers(s.ctx))(t), func(x model.Router) bool { return x.ID == router.ID }) {
		t.Error("another tenant's list has the router")
	}

	t.Run("interfaces", func(t *testing.T) {
		ok(t, routers.AddRouterInterface(s.ctx, router.ID, subnets[0]))
		router.SubnetIDs = subnets
		same(router)
		fails(t, routers.AddRouterInterface(s.ctx, router.ID, subnets[0]), model.Conflict)
		fails(t, s.cloud.DeleteSubnet(s.ctx, subnets[0]), model.Conflict)
		fails(t, s.cloud.DeleteNetwork(s.ctx, n.ID), model.Conflict)
		for _, bad := range append(hostileIDs, unknownID, "nope") {
			fails(t, routers.AddRouterInterface(s.ctx, router.ID, bad), model.Invalid)
		}
		second := make(model.RouterCreate{Name: s.prefix + "second", Down: true})
		if second.AdminUp || second.State != model.LinkDown || second.ExternalNetworkID != "" || len(second.SubnetIDs) > 0 {
			t.Errorf("a router that is switched off: %+v", second)
		}
		fails(t, routers.AddRouterInterface(s.ctx, second.ID, subnets[0]), model.Conflict) // the gateway's address is taken
		fails(t, routers.RemoveRouterInterface(s.ctx, second.ID, subnets[0]), model.NotFound)
		ok(t, routers.RemoveRouterInterface(s.ctx, router.ID, subnets[0]))
		for _, bad := range append(hostileIDs, subnets[0], unknownID, "nope") {
			fails(t, routers.RemoveRouterInterface(s.ctx, router.ID, bad), model.NotFound, model.Invalid)
		}
		router.SubnetIDs = subnets[1:]
		same(router)
	})
	t.Run("update", func(t *testing.T) {
		name, description, off, on, none, long := s.prefix+"renamed", "", false, true, "", strings.Repeat("x", 256)
		changed := must(routers.UpdateRouter(s.ctx, router.ID, model.RouterUpdate{Name: &name, Description: &description, AdminUp: &off, ExternalNetworkID: &none}))(t)
		want := router
		want.Name, want.Description, want.AdminUp, want.State, want.ExternalNetworkID = name, "", false, model.LinkDown, ""
		if diff := gocmp.Diff(want, changed, cmpopts.IgnoreFields(model.Router{}, "Updated"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("after the update (-want +got):\n%s", diff)
		}
		same(changed)
		back := must(routers.UpdateRouter(s.ctx, router.ID, model.RouterUpdate{AdminUp: &on, ExternalNetworkID: &pool.ID}))(t)
		if !back.AdminUp || back.ExternalNetworkID != pool.ID {
			t.Errorf("changed back: %+v", back)
		}
		if again := must(routers.UpdateRouter(s.ctx, router.ID, model.RouterUpdate{}))(t); again.Name != name {
			t.Errorf("after an update of nothing: %+v", again)
		}
		unknown := unknownID
		for what, u := range map[string]model.RouterUpdate{
			"long name":        {Name: &long},
			"unknown network":  {ExternalNetworkID: &unknown},
			"internal network": {ExternalNetworkID: &n.ID},
		} {
			t.Run(what, func(t *testing.T) {
				_, err := routers.UpdateRouter(s.ctx, router.ID, u)
				fails(t, err, model.Invalid)
			})
		}
		same(back)
	})
	t.Run("errors", func(t *testing.T) { s.routerErrors(t, routers, n, subnets) })
	t.Run("needed", func(t *testing.T) { s.neededRouter(t, routers, router, pool.ID) })

	ok(t, routers.DeleteRouter(s.ctx, router.ID))
	for _, test := range routerMethods {
		t.Run("deleted "+test.name, func(t *testing.T) { fails(t, test.call(s, routers, router.ID), model.NotFound, model.Invalid) })
	}
	if slices.ContainsFunc(must(routers.Routers(s.ctx))(t), func(x model.Router) bool { return x.ID == router.ID }) {
		t.Error("a deleted router is listed")
	}
}

// routerErrors: a router that cannot be made whole is not made.
func (s *suite) routerErrors(t *testing.T, routers model.Routers, n model.Network, subnets []string) {
	fit := s.makeNetwork(t, s.cloud, model.NetworkCreate{Name: s.prefix + "fit", Subnets: []model.SubnetCreate{{CIDR: "10.199.42.0/24"}}})
	overlap := s.makeNetwork(t, s.cloud, model.NetworkCreate{Name: s.prefix + "overlap", Subnets: []model.SubnetCreate{{CIDR: "10.199.42.0/25"}}})
	name := s.prefix + "refused-router"
	for what, test := range map[string]struct {
		r    model.RouterCreate
		code model.Code
	}{
		"long name":        {model.RouterCreate{Name: strings.Repeat("x", 256)}, model.Invalid},
		"unknown network":  {model.RouterCreate{Name: name, ExternalNetworkID: unknownID}, model.Invalid},
		"hostile network":  {model.RouterCreate{Name: name, ExternalNetworkID: "../ports"}, model.Invalid},
		"internal network": {model.RouterCreate{Name: name, ExternalNetworkID: n.ID}, model.Invalid},
		"unknown subnet":   {model.RouterCreate{Name: name, SubnetIDs: []string{fit.SubnetIDs[0], unknownID}}, model.Invalid},
		"hostile subnet":   {model.RouterCreate{Name: name, SubnetIDs: []string{"../ports"}}, model.Invalid},
		"taken subnet":     {model.RouterCreate{Name: name, SubnetIDs: []string{fit.SubnetIDs[0], subnets[1]}}, model.Conflict},
		"overlap":          {model.RouterCreate{Name: name, SubnetIDs: []string{fit.SubnetIDs[0], overlap.SubnetIDs[0]}}, model.Invalid},
	} {
		t.Run(what, func(t *testing.T) {
			r, err := routers.CreateRouter(s.ctx, test.r)
			fails(t, err, test.code)
			if err == nil {
				ok(t, routers.DeleteRouter(s.ctx, r.ID))
			}
		})
	}
	if slices.ContainsFunc(must(routers.Routers(s.ctx))(t), func(x model.Router) bool { return x.Name == name }) {
		t.Error("a router that was refused is left behind")
	}
}

// neededRouter: while a floating IP needs a router, it stays as it is.
func (s *suite) neededRouter(t *testing.T, routers model.Routers, r model.Router, pool string) {
	ips := must(model.Part[model.FloatingIPs](s.cloud, model.NetworkService))(t)
	subnet := must(s.cloud.Subnet(s.ctx, r.SubnetIDs[0]))(t)
	port := s.makePort(t, s.cloud, model.PortCreate{NetworkID: subnet.NetworkID, FixedIPs: []model.FixedIP{{SubnetID: subnet.ID}}})
	f := must(ips.CreateFloatingIP(s.ctx, model.FloatingIPCreate{NetworkID: pool, PortID: port.ID}))(t)
	none := ""
	fails(t, routers.RemoveRouterInterface(s.ctx, r.ID, subnet.ID), model.Conflict)
	_, err := routers.UpdateRouter(s.ctx, r.ID, model.RouterUpdate{ExternalNetworkID: &none})
	fails(t, err, model.Conflict)
	fails(t, routers.DeleteRouter(s.ctx, r.ID), model.Conflict)
	is := must(routers.Router(s.ctx, r.ID))(t)
	if !slices.Equal(is.SubnetIDs, r.SubnetIDs) || is.ExternalNetworkID != pool {
		t.Errorf("after what was refused, the router is %+v", is)
	}
	ok(t, ips.DeleteFloatingIP(s.ctx, f.ID))
}
