package openstack

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
)

var _ model.SecurityGroups = (*cloud)(nil)

// securityGroupAnswer is a security group as Neutron shows it.
type securityGroupAnswer struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Description string       `json:"description"`
	ProjectID   string       `json:"project_id"`
	Created     time.Time    `json:"created_at"`
	Tags        []string     `json:"tags"`
	Rules       []ruleAnswer `json:"security_group_rules"`
}

// securityGroupBody is {"security_group": {...}}.
type securityGroupBody struct {
	Group securityGroupAnswer `json:"security_group"`
}

// ruleAnswer is a rule as Neutron shows and takes it. Null is for all.
type ruleAnswer struct {
	ID            string  `json:"id,omitempty"`
	GroupID       string  `json:"security_group_id"`
	Direction     string  `json:"direction"`
	EtherType     string  `json:"ethertype"`
	Protocol      *string `json:"protocol"`
	PortMin       *int    `json:"port_range_min"`
	PortMax       *int    `json:"port_range_max"`
	Prefix        *string `json:"remote_ip_prefix"`
	RemoteGroupID *string `json:"remote_group_id"`
}

// What Neutron calls directions and versions.
var (
	directions = map[model.Direction]string{model.Inbound: "ingress", model.Outbound: "egress"}
	etherTypes = map[int]string{4: "IPv4", 6: "IPv6"}
)

// keyOf gives the key of a value.
func keyOf[K comparable, V comparable](m map[K]V, value V) (key K) {
	for k, v := range m {
		if v == value {
			return k
		}
	}
	return key
}

// value gives what a pointer points at, or nothing.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func (a ruleAnswer) model() model.SecurityRule {
	r := model.SecurityRule{
		ID: a.ID, Direction: keyOf(directions, a.Direction), IPVersion: keyOf(etherTypes, a.EtherType), Protocol: value(a.Protocol),
		PortMin: value(a.PortMin), PortMax: value(a.PortMax), Range: value(a.Prefix), RemoteGroupID: value(a.RemoteGroupID),
	}
	if r.Protocol == "any" {
		r.Protocol = ""
	}
	return r
}

// ruleBody gives what Neutron takes for a rule of a group.
func ruleBody(group string, r model.SecurityRule) ruleAnswer {
	given := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	body := ruleAnswer{
		GroupID: group, Direction: directions[r.Direction], EtherType: etherTypes[r.IPVersion],
		Protocol: given(r.Protocol), Prefix: given(r.Range), RemoteGroupID: given(r.RemoteGroupID),
	}
	if r.PortMin != 0 || r.PortMax != 0 {
		body.PortMin, body.PortMax = &r.PortMin, &r.PortMax
	}
	return body
}

// meaningOf is a rule without its id and with one spelling for what Neutron
// takes for the same.
func meaningOf(r model.SecurityRule) model.SecurityRule {
	r.ID, r.Protocol = "", strings.ToLower(r.Protocol)
	if r.IPVersion == 6 && (r.Protocol == "icmp" || r.Protocol == "icmpv6") {
		r.Protocol = "ipv6-icmp"
	}
	if prefix, err := netip.ParsePrefix(r.Range); err == nil {
		r.Range = prefix.Masked().String()
		if prefix.Bits() == 0 {
			r.Range = ""
		}
	}
	return r
}

// without gives the rules that are not among the others, each meaning once.
func without(rules, others []model.SecurityRule) []model.SecurityRule {
	known := map[model.SecurityRule]bool{}
	for _, r := range others {
		known[meaningOf(r)] = true
	}
	var left []model.SecurityRule
	for _, r := range rules {
		if m := meaningOf(r); !known[m] {
			known[m] = true
			left = append(left, r)
		}
	}
	return left
}

// checkRules refuses what cannot be told to Neutron.
func checkRules(rules []model.SecurityRule) error {
	for _, r := range rules {
		switch {
		case directions[r.Direction] == "":
			return model.Errorf(model.Invalid, "the direction %q of a rule is neither inbound nor outbound", bounded(string(r.Direction), 64))
		case etherTypes[r.IPVersion] == "":
			return model.Errorf(model.Invalid, "a rule is for version 4 or 6 of IP, not for %d", r.IPVersion)
		}
	}
	return nil
}

func (a securityGroupAnswer) model() model.SecurityGroup {
	g := model.SecurityGroup{ID: a.ID, Name: a.Name, Description: a.Description, Tags: a.Tags, Rules: make([]model.SecurityRule, 0, len(a.Rules))}
	for _, r := range a.Rules {
		g.Rules = append(g.Rules, r.model())
	}
	sortRules(g.Rules)
	return g
}

// sortRules gives rules an order of their own: Neutron has none, and those that
// were made together have the same time.
func sortRules(rules []model.SecurityRule) {
	slices.SortFunc(rules, func(a, b model.SecurityRule) int {
		return cmp.Or(cmp.Compare(a.Direction, b.Direction), cmp.Compare(a.IPVersion, b.IPVersion), cmp.Compare(a.Protocol, b.Protocol),
			cmp.Compare(a.PortMin, b.PortMin), cmp.Compare(a.PortMax, b.PortMax), cmp.Compare(a.Range, b.Range), cmp.Compare(a.ID, b.ID))
	})
}

// SecurityGroups implements model.SecurityGroups.
func (c *cloud) SecurityGroups(ctx context.Context) ([]model.SecurityGroup, error) {
	var answers []securityGroupAnswer
	query := url.Values{"project_id": {c.tenant.project}}
	err := c.list(ctx, model.NetworkService, request{name: "security_group_list", path: "security-groups", query: query}, func() (any, func() string) {
		var page struct {
			Groups []securityGroupAnswer `json:"security_groups"`
			Links  links                 `json:"security_groups_links"`
		}
		return &page, func() string {
			answers = append(answers, page.Groups...)
			return page.Links.next()
		}
	})
	slices.SortFunc(answers, func(a, b securityGroupAnswer) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	all := make([]model.SecurityGroup, 0, len(answers))
	for _, a := range answers {
		all = append(all, a.model())
	}
	return all, err
}

// SecurityGroup implements model.SecurityGroups.
func (c *cloud) SecurityGroup(ctx context.Context, id string) (model.SecurityGroup, error) {
	path, err := segment("security group", id)
	if err != nil {
		return model.SecurityGroup{}, err
	}
	var answer securityGroupBody
	if err := c.get(ctx, model.NetworkService, "security_group_show", "security-groups/"+path, &answer); err != nil {
		return model.SecurityGroup{}, err
	}
	if answer.Group.ProjectID != c.tenant.project {
		return model.SecurityGroup{}, model.Errorf(model.NotFound, "there is no security group %q", bounded(id, 64))
	}
	return answer.Group.model(), nil
}

// postRules adds rules to a group: all, or none.
func (c *cloud) postRules(ctx context.Context, group string, rules []model.SecurityRule) ([]model.SecurityRule, error) {
	if len(rules) == 0 {
		return nil, nil
	}
	bodies := make([]ruleAnswer, 0, len(rules))
	for _, r := range rules {
		bodies = append(bodies, ruleBody(group, r))
	}
	var answer struct {
		Rules []ruleAnswer `json:"security_group_rules"`
	}
	err := c.call(ctx, model.NetworkService, request{
		name: "security_group_rule_create", method: http.MethodPost, path: "security-group-rules",
		body: map[string]any{"security_group_rules": bodies}, answer: &answer,
	})
	var made []model.SecurityRule
	for _, r := range answer.Rules {
		made = append(made, r.model())
	}
	if err != nil && !strings.Contains(model.AsError(err).Message, group) { // then the group at the other end
		return nil, invalidIfMissing(err)
	}
	return made, err
}

// dropRule gives the step that takes a rule out of a group.
func (c *cloud) dropRule(group string, r model.SecurityRule) step {
	return step{
		what: "rule " + r.ID,
		do: func(ctx context.Context) error {
			return c.call(ctx, model.NetworkService, request{
				name: "security_group_rule_delete", method: http.MethodDelete, path: "security-group-rules/" + url.PathEscape(r.ID),
				ok: []int{http.StatusNoContent, http.StatusNotFound},
			})
		},
		back: func(ctx context.Context) error {
			_, err := c.postRules(ctx, group, []model.SecurityRule{r})
			return err
		},
	}
}

// CreateSecurityGroup implements model.SecurityGroups.
func (c *cloud) CreateSecurityGroup(ctx context.Context, g model.SecurityGroup) (model.SecurityGroup, error) {
	if err := checkUpdate("security group", &g.Name, &g.Description, g.Tags, nil); err != nil {
		return model.SecurityGroup{}, err
	}
	if err := checkRules(g.Rules); err != nil {
		return model.SecurityGroup{}, err
	}
	return making[model.SecurityGroup]{
		noun: "security group",
		begin: func(ctx context.Context) (model.SecurityGroup, error) {
			var answer securityGroupBody
			err := c.call(ctx, model.NetworkService, request{
				name: "security_group_create", method: http.MethodPost, path: "security-groups", answer: &answer,
				body: map[string]any{"security_group": map[string]string{"name": g.Name, "description": g.Description}},
			})
			return answer.Group.model(), err
		},
		finish: func(ctx context.Context, made *model.SecurityGroup) error {
			more, err := c.postRules(ctx, made.ID, without(g.Rules, made.Rules))
			if err != nil {
				return err
			}
			made.Rules = append(made.Rules, more...)
			sortRules(made.Rules)
			made.Tags = tagged(nil, g.Tags, nil)
			return c.setTags(ctx, "security_group", "security-groups/"+made.ID, g.Tags)
		},
		id:   func(made model.SecurityGroup) string { return made.ID },
		undo: c.DeleteSecurityGroup,
	}.make(ctx, c)
}

// UpdateSecurityGroup implements model.SecurityGroups. New rules come before old
// ones go: at no moment is traffic dropped that is let pass before and after.
func (c *cloud) UpdateSecurityGroup(ctx context.Context, id string, u model.SecurityGroupUpdate) (model.SecurityGroup, error) {
	if err := checkUpdate("security group", u.Name, u.Description, u.AddTags, u.RemoveTags); err != nil {
		return model.SecurityGroup{}, err
	}
	if err := checkRules(u.Rules); err != nil {
		return model.SecurityGroup{}, err
	}
	g, err := c.SecurityGroup(ctx, id)
	if err != nil {
		return model.SecurityGroup{}, err
	}
	r := revision{noun: "security_group", path: "security-groups/" + g.ID}
	revise(&r, "name", u.Name, g.Name)
	revise(&r, "description", u.Description, g.Description)
	r.steps = c.tagSteps(model.NetworkService, r.noun, r.path, g.Tags, u.AddTags, u.RemoveTags)
	if u.Rules != nil {
		r.steps = append(r.steps, c.ruleSteps(g, u.Rules)...)
	}
	if len(r.steps) == 0 && len(r.now) == 0 {
		return g, nil
	}
	if err := r.make(ctx, c, nil); err != nil {
		return model.SecurityGroup{}, err
	}
	return c.SecurityGroup(ctx, id)
}

// ruleSteps gives the one step that makes the wanted rules a group's, if they
// are not already: what is new, in one call, then what has to go.
func (c *cloud) ruleSteps(g model.SecurityGroup, wanted []model.SecurityRule) []step {
	add, gone := without(wanted, g.Rules), without(g.Rules, wanted)
	if len(add) == 0 && len(gone) == 0 {
		return nil
	}
	drops := func(rules []model.SecurityRule) []step {
		var steps []step
		for _, r := range rules {
			steps = append(steps, c.dropRule(g.ID, r))
		}
		return steps
	}
	var made []model.SecurityRule
	return []step{{
		what: "the rules",
		do: func(ctx context.Context) (err error) {
			if made, err = c.postRules(ctx, g.ID, add); err != nil {
				return err
			}
			if err = c.together(ctx, oneByOne, drops(gone)); err != nil && len(made) > 0 {
				if problem := c.together(ctx, oneByOne, drops(made)); problem != nil {
					err = leftBehind(err, "new rules are left")
				}
			}
			return err
		},
		back: func(ctx context.Context) error {
			if _, err := c.postRules(ctx, g.ID, gone); err != nil && !model.IsCode(err, model.Conflict) {
				return err
			}
			return c.together(ctx, oneByOne, drops(made))
		},
	}}
}

// DeleteSecurityGroup implements model.SecurityGroups.
func (c *cloud) DeleteSecurityGroup(ctx context.Context, id string) error {
	path, err := segment("security group", id)
	if err != nil {
		return err
	}
	if c.login.admin {
		if _, err := c.SecurityGroup(ctx, id); err != nil {
			return err
		}
	}
	return c.call(ctx, model.NetworkService, request{name: "security_group_delete", method: http.MethodDelete, path: "security-groups/" + path})
}
