package cloudtest

import (
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/occimi/occimi/model"
)

// floatingIPMethods are all that take a floating IP's id.
var floatingIPMethods = []struct {
	name string
	call func(s *suite, f model.FloatingIPs, id string) error
}{
	{"FloatingIP", func(s *suite, f model.FloatingIPs, id string) error { _, err := f.FloatingIP(s.ctx, id); return err }},
	{"PointFloatingIP", func(s *suite, f model.FloatingIPs, id string) error {
		_, err := f.PointFloatingIP(s.ctx, id, "")
		return err
	}},
	{"UpdateFloatingIP", func(s *suite, f model.FloatingIPs, id string) error {
		_, err := f.UpdateFloatingIP(s.ctx, id, model.FloatingIPUpdate{AddTags: []string{"stolen"}})
		return err
	}},
	{"DeleteFloatingIP", func(s *suite, f model.FloatingIPs, id string) error { return f.DeleteFloatingIP(s.ctx, id) }},
}

func (s *suite) floatingIPs(t *testing.T) {
	ips := must(model.Part[model.FloatingIPs](s.cloud, model.NetworkService))(t)
	others := must(model.Part[model.FloatingIPs](s.other, model.NetworkService))(t)
	pool := s.external(s.ctx)
	if pool.ID == "" {
		t.Skip("the cloud has no external network")
	}
	machine := func(name string) model.Port {
		m := s.create(t, s.cloud, s.request(name))
		s.until(t, s.cloud, m.ID, model.MachineRunning)
		return must(s.cloud.MachinePorts(s.ctx, m.ID))(t)[0]
	}
	port, second := machine("floating"), machine("floating-too")
	take := func(r model.FloatingIPCreate) model.FloatingIP {
		f := must(ips.CreateFloatingIP(s.ctx, r))(t)
		t.Cleanup(func() {
			if err := ips.DeleteFloatingIP(s.ctx, f.ID); err != nil && !model.IsCode(err, model.NotFound) {
				t.Errorf("floating IP %s is left behind: %v", f.ID, err)
			}
		})
		return f
	}
	f := take(model.FloatingIPCreate{NetworkID: pool.ID, Description: `für "alle"`})
	want := model.FloatingIP{ID: f.ID, Address: f.Address, NetworkID: pool.ID, Description: `für "alle"`, State: model.LinkDown}
	same := cmpopts.IgnoreFields(model.FloatingIP{}, "Created")
	if diff := gocmp.Diff(want, f, same, cmpopts.EquateEmpty()); diff != "" || f.Address == "" || f.Created.IsZero() {
		t.Errorf("new floating IP with address %q (-want +got):\n%s", f.Address, diff)
	}
	pointed := must(ips.PointFloatingIP(s.ctx, f.ID, port.ID))(t)
	want.State, want.PortID, want.FixedIP, want.MachineID = model.LinkUp, port.ID, port.FixedIPs[0].Address, port.MachineID
	if diff := gocmp.Diff(want, pointed, same, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("pointed at a machine (-want +got):\n%s", diff)
	}
	must(ips.PointFloatingIP(s.ctx, f.ID, port.ID))(t)
	_, err := ips.PointFloatingIP(s.ctx, f.ID, second.ID)
	fails(t, err, model.Conflict)
	all := must(ips.FloatingIPs(s.ctx))(t)
	if i := slices.IndexFunc(all, func(x model.FloatingIP) bool { return x.ID == f.ID }); i < 0 {
		t.Error("the floating IP is not listed")
	} else if diff := gocmp.Diff(want, all[i], same, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	for _, test := range floatingIPMethods {
		t.Run(test.name, func(t *testing.T) {
			fails(t, test.call(s, others, f.ID), model.NotFound)
			for _, id := range append(hostileIDs, unknownID, "nope") {
				fails(t, test.call(s, ips, id), model.NotFound)
			}
		})
	}
	description := "changed"
	changed := must(ips.UpdateFloatingIP(s.ctx, f.ID, model.FloatingIPUpdate{Description: &description, AddTags: []string{"b", "a"}, RemoveTags: []string{"never"}}))(t)
	want.Description, want.Tags = description, []string{"a", "b"}
	if diff := gocmp.Diff(want, changed, same); diff != "" {
		t.Errorf("after the update (-want +got):\n%s", diff)
	}
	long := strings.Repeat("x", 256)
	_, err = ips.UpdateFloatingIP(s.ctx, f.ID, model.FloatingIPUpdate{Description: &long, AddTags: []string{"undone"}})
	fails(t, err, model.Invalid)
	got := must(ips.FloatingIP(s.ctx, f.ID))(t)
	slices.Sort(got.Tags)
	if diff := gocmp.Diff(changed, got); diff != "" {
		t.Errorf("updated (-) and read (+) floating IP differ:\n%s", diff)
	}
	if free := must(ips.PointFloatingIP(s.ctx, f.ID, ""))(t); free.State != model.LinkDown || free.PortID != "" || free.MachineID != "" {
		t.Errorf("pointed at nothing: %+v", free)
	}
	for _, bad := range []string{unknownID, "nope"} {
		_, err := ips.PointFloatingIP(s.ctx, f.ID, bad)
		fails(t, err, model.Invalid)
	}
	s.floatingIPErrors(t, ips, pool)

	at := take(model.FloatingIPCreate{NetworkID: pool.ID, PortID: second.ID, Tags: []string{"b", "a"}})
	if at.State != model.LinkUp || at.PortID != second.ID || at.MachineID != second.MachineID || !slices.Equal(at.Tags, []string{"a", "b"}) {
		t.Errorf("made for a port: %+v", at)
	}
	_, err = ips.CreateFloatingIP(s.ctx, model.FloatingIPCreate{NetworkID: pool.ID, PortID: second.ID})
	fails(t, err, model.Conflict)
	if now := must(ips.FloatingIPs(s.ctx))(t); len(now) != len(all)+1 {
		t.Errorf("%d floating IPs, want %d: a refused one is left behind", len(now), len(all)+1)
	}
	ok(t, ips.DeleteFloatingIP(s.ctx, f.ID))
	for _, test := range floatingIPMethods {
		t.Run("deleted "+test.name, func(t *testing.T) { fails(t, test.call(s, ips, f.ID), model.NotFound) })
	}
}

func (s *suite) floatingIPErrors(t *testing.T, ips model.FloatingIPs, pool model.Network) {
	for what, test := range map[string]struct {
		r     model.FloatingIPCreate
		codes []model.Code
	}{
		"no network":        {model.FloatingIPCreate{}, []model.Code{model.Invalid}},
		"unknown network":   {model.FloatingIPCreate{NetworkID: unknownID}, []model.Code{model.Invalid}},
		"malformed network": {model.FloatingIPCreate{NetworkID: "nope"}, []model.Code{model.Invalid}},
		"not external":      {model.FloatingIPCreate{NetworkID: s.network.ID}, []model.Code{model.Invalid}},
		"unknown port":      {model.FloatingIPCreate{NetworkID: pool.ID, PortID: unknownID}, []model.Code{model.Invalid}},
		"malformed port":    {model.FloatingIPCreate{NetworkID: pool.ID, PortID: "nope"}, []model.Code{model.Invalid}},
		"malformed address": {model.FloatingIPCreate{NetworkID: pool.ID, Address: "1.2.3.4.5"}, []model.Code{model.Invalid}},
		// by default policy only administrators may choose
		"chosen address": {model.FloatingIPCreate{NetworkID: pool.ID, Address: "198.51.100.7"}, []model.Code{model.Invalid, model.Forbidden}},
	} {
		t.Run(what, func(t *testing.T) {
			f, err := ips.CreateFloatingIP(s.ctx, test.r)
			fails(t, err, test.codes...)
			if err == nil {
				ok(t, ips.DeleteFloatingIP(s.ctx, f.ID))
			}
		})
	}
}
