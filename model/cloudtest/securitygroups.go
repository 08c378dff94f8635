package cloudtest

import (
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/occimi/occimi/model"
)

// securityGroupMethods are all that take a security group's id.
var securityGroupMethods = []struct {
	name string
	call func(s *suite, g model.SecurityGroups, id string) error
}{
	{"SecurityGroup", func(s *suite, g model.SecurityGroups, id string) error {
		_, err := g.SecurityGroup(s.ctx, id)
		return err
	}},
	{"UpdateSecurityGroup", func(s *suite, g model.SecurityGroups, id string) error {
		name := s.prefix + "stolen"
		_, err := g.UpdateSecurityGroup(s.ctx, id, model.SecurityGroupUpdate{Name: &name, Rules: []model.SecurityRule{}})
		return err
	}},
	{"DeleteSecurityGroup", func(s *suite, g model.SecurityGroups, id string) error { return g.DeleteSecurityGroup(s.ctx, id) }},
}

// tcp is a rule that lets connections to a port in.
func tcp(port int, from string) model.SecurityRule {
	return model.SecurityRule{Direction: model.Inbound, IPVersion: 4, Protocol: "tcp", PortMin: port, PortMax: port, Range: from}
}

// rulesOf tells which rules let something in: every new group has others.
func rulesOf(g model.SecurityGroup) []model.SecurityRule {
	rules := slices.Clone(g.Rules)
	for i := range rules {
		rules[i].ID = ""
	}
	return slices.DeleteFunc(rules, func(r model.SecurityRule) bool { return r.Direction == model.Outbound })
}

func (s *suite) securityGroups(t *testing.T) {
	groups := must(model.Part[model.SecurityGroups](s.cloud, model.NetworkService))(t)
	others := must(model.Part[model.SecurityGroups](s.other, model.NetworkService))(t)
	s.securityGroupErrors(t, groups)

	ssh, icmp := tcp(22, "192.0.2.0/24"), model.SecurityRule{Direction: model.Inbound, IPVersion: 4, Protocol: "icmp"}
	r := model.SecurityGroup{
		Name: s.prefix + `Ünï "cödé" <&>; 'q'`, Description: `für "alle"`, Tags: []string{"b", "a"},
		Rules: []model.SecurityRule{ssh, icmp, ssh, {Direction: model.Outbound, IPVersion: 4}}, // the last is in every new group
	}
	g := must(groups.CreateSecurityGroup(s.ctx, r))(t)
	t.Cleanup(func() {
		if err := groups.DeleteSecurityGroup(s.ctx, g.ID); err != nil && !model.IsCode(err, model.NotFound) {
			t.Errorf("security group %s is left behind: %v", g.ID, err)
		}
	})
	if g.ID == "" || g.Name != r.Name || g.Description != r.Description || !slices.Equal(g.Tags, []string{"a", "b"}) {
		t.Errorf("the new group is told wrong: %+v", g)
	}
	if diff := gocmp.Diff([]model.SecurityRule{icmp, ssh}, rulesOf(g)); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	s.sameGroup(t, groups, g)
	for _, test := range securityGroupMethods {
		t.Run("isolated "+test.name, func(t *testing.T) { fails(t, test.call(s, others, g.ID), model.NotFound) })
	}
	t.Run("update", func(t *testing.T) { s.updateGroup(t, groups, g, ssh) })
	t.Run("machine", func(t *testing.T) { s.groupOfMachine(t, groups, g.ID) })
	ok(t, groups.DeleteSecurityGroup(s.ctx, g.ID))
	for _, test := range securityGroupMethods {
		t.Run("deleted "+test.name, func(t *testing.T) { fails(t, test.call(s, groups, g.ID), model.NotFound) })
	}
}

// sameGroup checks that a group is read and listed as it was told.
func (s *suite) sameGroup(t *testing.T, groups model.SecurityGroups, g model.SecurityGroup) {
	t.Helper()
	sorted := func(x model.SecurityGroup) model.SecurityGroup {
		slices.Sort(x.Tags)
		return x
	}
	if diff := gocmp.Diff(sorted(g), sorted(must(groups.SecurityGroup(s.ctx, g.ID))(t)), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("told (-) and read (+) group differ:\n%s", diff)
	}
	all := must(groups.SecurityGroups(s.ctx))(t)
	i := slices.IndexFunc(all, func(x model.SecurityGroup) bool { return x.ID == g.ID })
	if i < 0 {
		t.Fatal("the group is not listed")
	}
	if diff := gocmp.Diff(sorted(g), sorted(all[i]), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("told (-) and listed (+) group differ:\n%s", diff)
	}
}

func (s *suite) securityGroupErrors(t *testing.T, groups model.SecurityGroups) {
	long := strings.Repeat("x", 256)
	with := func(change func(*model.SecurityRule)) model.SecurityGroup {
		r := tcp(80, "")
		change(&r)
		return model.SecurityGroup{Name: s.prefix + "refused", Rules: []model.SecurityRule{tcp(443, ""), r}}
	}
	for what, test := range map[string]struct {
		g    model.SecurityGroup
		code model.Code
	}{
		"long name":        {model.SecurityGroup{Name: s.prefix + long}, model.Invalid},
		"long description": {model.SecurityGroup{Name: s.prefix + "refused", Description: long}, model.Invalid},
		"bad tag":          {model.SecurityGroup{Name: s.prefix + "refused", Tags: []string{"a,b"}}, model.Invalid},
		"name of default":  {model.SecurityGroup{Name: "default"}, model.Conflict},
		"no direction":     {with(func(r *model.SecurityRule) { r.Direction = "" }), model.Invalid},
		"no version":       {with(func(r *model.SecurityRule) { r.IPVersion = 0 }), model.Invalid},
		"unknown protocol": {with(func(r *model.SecurityRule) { r.Protocol = "banana" }), model.Invalid},
		"ports alone":      {with(func(r *model.SecurityRule) { r.Protocol = "" }), model.Invalid},
		"ports turned":     {with(func(r *model.SecurityRule) { r.PortMax = 1 }), model.Invalid},
		"port too high":    {with(func(r *model.SecurityRule) { r.PortMax = 70000 }), model.Invalid},
		"malformed range":  {with(func(r *model.SecurityRule) { r.Range = "junk" }), model.Invalid},
		"other version":    {with(func(r *model.SecurityRule) { r.Range = "2001:db8::/64" }), model.Invalid},
		"unknown group":    {with(func(r *model.SecurityRule) { r.RemoteGroupID = unknownID }), model.Invalid},
		"malformed group":  {with(func(r *model.SecurityRule) { r.RemoteGroupID = "nope" }), model.Invalid},
		"range and group":  {with(func(r *model.SecurityRule) { r.Range, r.RemoteGroupID = "10.0.0.0/8", unknownID }), model.Invalid},
	} {
		t.Run(what, func(t *testing.T) {
			g, err := groups.CreateSecurityGroup(s.ctx, test.g)
			fails(t, err, test.code)
			if err == nil {
				ok(t, groups.DeleteSecurityGroup(s.ctx, g.ID))
			}
		})
	}
	for _, g := range must(groups.SecurityGroups(s.ctx))(t) {
		if g.Name == s.prefix+"refused" {
			t.Errorf("group %s, which was refused, is left behind", g.ID)
		}
		if name := s.prefix + "renamed"; g.Name == "default" {
			_, err := groups.UpdateSecurityGroup(s.ctx, g.ID, model.SecurityGroupUpdate{Name: &name})
			fails(t, err, model.Conflict)
			fails(t, groups.DeleteSecurityGroup(s.ctx, g.ID), model.Conflict)
		}
	}
	for _, test := range securityGroupMethods {
		t.Run(test.name, func(t *testing.T) {
			for _, id := range append(hostileIDs, unknownID, "nope") {
				fails(t, test.call(s, groups, id), model.NotFound)
			}
		})
	}
}

func (s *suite) updateGroup(t *testing.T, groups model.SecurityGroups, g model.SecurityGroup, kept model.SecurityRule) {
	name, description := s.prefix+"renamed", "changed"
	more := model.SecurityRule{Direction: model.Inbound, IPVersion: 6, Protocol: "udp", PortMin: 1000, PortMax: 2000, RemoteGroupID: g.ID}
	everybody := tcp(80, "0.0.0.0/0")
	id := func(g model.SecurityGroup) string {
		i := slices.IndexFunc(g.Rules, func(r model.SecurityRule) bool { r.ID = ""; return r == kept })
		if i < 0 {
			return ""
		}
		return g.Rules[i].ID
	}
	changed := must(groups.UpdateSecurityGroup(s.ctx, g.ID, model.SecurityGroupUpdate{
		Name: &name, Description: &description, Rules: []model.SecurityRule{more, kept, everybody}, AddTags: []string{"c"}, RemoveTags: []string{"a"},
	}))(t)
	if changed.Name != name || changed.Description != description || !slices.Contains(changed.Tags, "c") || slices.Contains(changed.Tags, "a") {
		t.Errorf("after the update: %+v", changed)
	}
	if diff := gocmp.Diff([]model.SecurityRule{kept, everybody, more}, rulesOf(changed)); diff != "" || len(changed.Rules) != 3 || id(changed) != id(g) {
		t.Errorf("rules (-want +got), of %d:\n%s", len(changed.Rules), diff)
	}
	s.sameGroup(t, groups, changed)
	anybody := tcp(80, "")
	must(groups.UpdateSecurityGroup(s.ctx, g.ID, model.SecurityGroupUpdate{Rules: []model.SecurityRule{more, kept, anybody}}))(t)
	s.sameGroup(t, groups, changed) // which means the same

	bad, taken, long := kept, "default", strings.Repeat("x", 256)
	bad.Protocol = "banana"
	for what, test := range map[string]struct {
		u    model.SecurityGroupUpdate
		code model.Code
	}{
		"bad rule":        {model.SecurityGroupUpdate{Name: &taken, Rules: []model.SecurityRule{bad}, AddTags: []string{"undone"}, RemoveTags: []string{"b"}}, model.Invalid},
		"long name":       {model.SecurityGroupUpdate{Name: &long}, model.Invalid},
		"bad tag":         {model.SecurityGroupUpdate{Description: &name, AddTags: []string{"a/b"}}, model.Invalid},
		"name of default": {model.SecurityGroupUpdate{Name: &taken, Rules: []model.SecurityRule{}, AddTags: []string{"undone"}}, model.Conflict},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := groups.UpdateSecurityGroup(s.ctx, g.ID, test.u)
			if what == "bad rule" {
				fails(t, err, test.code, model.Conflict)
			} else {
				fails(t, err, test.code)
			}
			after := must(groups.SecurityGroup(s.ctx, g.ID))(t)
			slices.Sort(after.Tags)
			slices.Sort(changed.Tags)
			if diff := gocmp.Diff(changed, after, cmpopts.IgnoreFields(model.SecurityRule{}, "ID")); diff != "" {
				t.Errorf("a refused update has changed the group (-before +after):\n%s", diff)
			}
		})
	}
	if empty := must(groups.UpdateSecurityGroup(s.ctx, g.ID, model.SecurityGroupUpdate{Rules: []model.SecurityRule{}}))(t); len(empty.Rules) != 0 {
		t.Errorf("without rules: %+v", empty.Rules)
	}
}

func (s *suite) groupOfMachine(t *testing.T, groups model.SecurityGroups, group string) {
	name := must(groups.SecurityGroup(s.ctx, group))(t).Name
	second := must(groups.CreateSecurityGroup(s.ctx, model.SecurityGroup{Name: s.prefix + "second"}))(t).ID
	t.Cleanup(func() { ok(t, groups.DeleteSecurityGroup(s.ctx, second)) })
	r := s.request("grouped")
	r.SecurityGroups = []string{group}
	m := s.create(t, s.cloud, r)
	m = s.until(t, s.cloud, m.ID, model.MachineRunning)
	if !slices.Equal(m.SecurityGroups, []string{name}) {
		t.Errorf("the machine tells of the groups %q", m.SecurityGroups)
	}
	is := func(want ...string) {
		t.Helper()
		for _, id := range []string{m.ID, ""} {
			var got []string
			for _, p := range must(s.cloud.MachinePorts(s.ctx, id))(t) {
				if p.MachineID == m.ID {
					got = append(got, p.SecurityGroupIDs...)
				}
			}
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("the machine's groups, asked for %q, are %q, want %q", id, got, want)
			}
		}
	}
	is(group)
	fails(t, groups.DeleteSecurityGroup(s.ctx, group), model.Conflict)
	ok(t, groups.AddSecurityGroup(s.ctx, m.ID, second))
	ok(t, groups.AddSecurityGroup(s.ctx, m.ID, second))
	is(group, second)
	others := must(model.Part[model.SecurityGroups](s.other, model.NetworkService))(t)
	fails(t, others.AddSecurityGroup(s.ctx, m.ID, group), model.NotFound)
	fails(t, others.RemoveSecurityGroup(s.ctx, m.ID, group), model.NotFound)
	for _, bad := range append(hostileIDs, unknownID, "nope") {
		fails(t, groups.AddSecurityGroup(s.ctx, bad, group), model.NotFound)
		fails(t, groups.RemoveSecurityGroup(s.ctx, bad, group), model.NotFound)
		fails(t, groups.AddSecurityGroup(s.ctx, m.ID, bad), model.Invalid)
		fails(t, groups.RemoveSecurityGroup(s.ctx, m.ID, bad), model.NotFound)
	}
	ok(t, groups.RemoveSecurityGroup(s.ctx, m.ID, group))
	fails(t, groups.RemoveSecurityGroup(s.ctx, m.ID, group), model.NotFound)
	is(second)
}
