package occi

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/occimi/occimi/model"
)

// groupsOf gives the cloud's security groups. Errors: Unsupported if it has none.
func groupsOf(s *Session) (model.SecurityGroups, error) {
	return model.Part[model.SecurityGroups](s.Cloud, model.NetworkService)
}

func readGroups(ctx context.Context, s *Session) ([]model.SecurityGroup, error) {
	groups, err := groupsOf(s)
	if err != nil {
		return nil, err
	}
	return groups.SecurityGroups(ctx)
}

func groupRefs(ctx context.Context, s *Session) ([]string, error) {
	groups, err := readGroups(ctx, s)
	return idsOf(groups, func(g model.SecurityGroup) string { return g.ID }), err
}

func groupList(ctx context.Context, s *Session) ([]Entity, error) {
	groups, err := readGroups(ctx, s)
	entities := make([]Entity, len(groups))
	for i, g := range groups {
		entities[i] = groupEntity(g)
	}
	return entities, err
}

func groupGet(ctx context.Context, s *Session, id string) (Entity, error) {
	groups, err := groupsOf(s)
	if err != nil {
		return Entity{}, err
	}
	g, err := groups.SecurityGroup(ctx, id)
	return groupEntity(g), err
}

func groupEntity(g model.SecurityGroup) Entity {
	e := Entity{Kind: securityGroupKind, ID: g.ID, Marks: g.Tags}
	e.setText(coreTitle, g.Name)
	e.setText(coreSummary, g.Description)
	rules := make([]rule, len(g.Rules))
	for i, r := range g.Rules {
		rules[i] = ruleOf(r)
	}
	e.set(groupRules, list(rules))
	e.set(groupState, String(stateActive))
	return e
}

// rule is an item of occi.securitygroup.rules. A group as the other end has no
// form there: such a rule is shown without a range, and as remote group.
type rule struct {
	Type        string `json:"type"`
	Protocol    string `json:"protocol,omitempty"` // none, or any: any
	Port        string `json:"port,omitempty"`     // N or A-B; none: any
	Range       string `json:"range,omitempty"`    // none: anybody
	IPVersion   string `json:"ipversion,omitempty"`
	RemoteGroup string `json:"remotegroup,omitempty"`
}

var ipVersions = map[int]string{4: "IPv4", 6: "IPv6"}

func ruleOf(r model.SecurityRule) rule {
	out := rule{
		Type: string(r.Direction), Protocol: cmp.Or(r.Protocol, anyProtocol), Range: r.Range,
		IPVersion: ipVersions[r.IPVersion], RemoteGroup: r.RemoteGroupID,
	}
	switch {
	case r.PortMin == 0 && r.PortMax == 0:
	case r.PortMin == r.PortMax:
		out.Port = strconv.Itoa(r.PortMin)
	default:
		out.Port = fmt.Sprintf("%d-%d", r.PortMin, r.PortMax)
	}
	return out
}

const (
	anyProtocol = "any"
	maxPort     = 65535
	maxRules    = 1000
)

// rulesOf reads the rules of a request. Errors: Invalid, naming the rule.
func rulesOf(v Value) ([]model.SecurityRule, error) {
	var items []rule
	d := json.NewDecoder(strings.NewReader(v.Text()))
	d.DisallowUnknownFields()
	if err := d.Decode(&items); err != nil {
		return nil, model.Errorf(model.Invalid,
			"%s must be a list of objects with type, protocol, port, range and ipversion, all of them strings", groupRules).Because(err)
	}
	if len(items) > maxRules {
		return nil, model.Errorf(model.Invalid, "%s has more than %d rules", groupRules, maxRules)
	}
	rules := make([]model.SecurityRule, len(items))
	for i, item := range items {
		r, problem := item.model()
		if problem != "" {
			return nil, model.Errorf(model.Invalid, "%s: rule %d: %s", groupRules, i+1, problem)
		}
		rules[i] = r
	}
	return rules, nil
}

// model gives the rule as the cloud has it, or tells what is wrong with it.
func (r rule) model() (out model.SecurityRule, problem string) {
	switch out.Direction = model.Direction(strings.ToLower(r.Type)); out.Direction {
	case model.Inbound, model.Outbound:
	default:
		return out, "type is inbound or outbound, not " + quoteForMessage(r.Type)
	}
	if out.Protocol = strings.ToLower(r.Protocol); out.Protocol == anyProtocol {
		out.Protocol = ""
	}
	if r.Port != "" {
		low, high, several := strings.Cut(r.Port, "-")
		if !several {
			high = low
		}
		var errLow, errHigh error
		out.PortMin, errLow = strconv.Atoi(strings.TrimSpace(low))
		out.PortMax, errHigh = strconv.Atoi(strings.TrimSpace(high))
		// 0 alone would mean any port to the cloud.
		if errLow != nil || errHigh != nil || out.PortMin < 0 || out.PortMin > out.PortMax || out.PortMax == 0 || out.PortMax > maxPort {
			return out, "port is a number or two, such as 80 or 8000-8080, not " + quoteForMessage(r.Port)
		}
		switch {
		case out.Protocol == "":
			return out, "a port needs a protocol"
		case strings.Contains(out.Protocol, "icmp"), out.Protocol == "1", out.Protocol == "58":
			return out, "ICMP has no ports" // the cloud would take it for a type and a code
		}
	}
	out.IPVersion = 4
	out.Range, out.RemoteGroupID = r.Range, r.RemoteGroup
	if r.Range != "" {
		prefix, err := netip.ParsePrefix(r.Range)
		if err != nil {
			return out, "range is an address range such as 10.0.0.0/24, not " + quoteForMessage(r.Range)
		}
		if prefix.Addr().Is6() {
			out.IPVersion = 6
		}
	}
	version, err := strconv.Atoi(strings.TrimPrefix(strings.ToLower(r.IPVersion), "ipv"))
	switch {
	case r.IPVersion == "":
	case err != nil || ipVersions[version] == "":
		return out, "ipversion is IPv4 or IPv6, not " + quoteForMessage(r.IPVersion)
	case r.Range != "" && version != out.IPVersion:
		return out, "the range is not one of " + ipVersions[version]
	default:
		out.IPVersion = version
	}
	return out, ""
}

func groupCreate(ctx context.Context, s *Session, d *Draft) (Entity, error) {
	groups, err := groupsOf(s)
	if err != nil {
		return Entity{}, err
	}
	rules, err := rulesOf(d.Values[groupRules])
	if err != nil {
		return Entity{}, err
	}
	name := d.Values[coreTitle].Text()
	if req := model.RequestFrom(ctx); name == "" && req != nil {
		name = "occi-" + req.ID
	}
	g, err := groups.CreateSecurityGroup(ctx, model.SecurityGroup{Name: name, Description: d.Values[coreSummary].Text(), Rules: rules})
	return groupEntity(g), err
}

func groupUpdate(ctx context.Context, s *Session, c *Change) (Entity, error) {
	groups, err := groupsOf(s)
	if err != nil {
		return Entity{}, err
	}
	if len(c.Mixins) > 0 {
		return Entity{}, model.Errorf(model.Conflict, "a security group cannot be given %s", c.Mixins[0].ID)
	}
	if v, given := c.Values[coreTitle]; given && v.Text() == "" {
		return Entity{}, model.Errorf(model.Invalid, "attribute %s: a security group cannot be called %s", coreTitle, v.describe())
	}
	var u model.SecurityGroupUpdate
	changes := 0
	if name, ok := c.text(coreTitle); ok && name != "" {
		u.Name = &name
		changes++
	}
	if summary, ok := c.text(coreSummary); ok {
		u.Description = &summary
		changes++
	}
	if v, ok := c.Values[groupRules]; ok {
		rules, err := rulesOf(v)
		if err != nil {
			return Entity{}, err
		}
		u.Rules = rules
		changes++
	}
	if changes == 0 {
		return c.Present, nil
	}
	g, err := groups.UpdateSecurityGroup(ctx, c.Present.ID, u)
	return groupEntity(g), err
}

func groupDelete(ctx context.Context, s *Session, id string) error {
	groups, err := groupsOf(s)
	if err != nil {
		return err
	}
	return groups.DeleteSecurityGroup(ctx, id)
}
