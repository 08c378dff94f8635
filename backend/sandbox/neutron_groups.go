package sandbox

import (
	"net/http"
	"slices"
)

type securityGroup struct {
	common
	rules []*securityRule
}

// securityRule lets packets through. Pointers are null where a rule is for all.
type securityRule struct {
	common
	group                *securityGroup
	direction, ethertype string
	protocol, prefix     any // string, or nil for all
	portMin, portMax     any // int, or nil for all
	remoteGroup          any // id, or nil
	cidr                 string
}

var groupKind = func() *kind[securityGroup] {
	of := func(g *securityGroup) *common { return &g.common }
	return &kind[securityGroup]{
		name: "security_group", path: "security-groups", missing: "SecurityGroupNotFound", absent: "Security group %s does not exist",
		items: func(c *Cloud) *collection[securityGroup] { return &c.groups }, common: of,
		attrs: append(named(of), []attr[securityGroup]{
			{name: "stateful", get: func(*call, *securityGroup) any { return true }, check: isBool},
			always[securityGroup]("shared", false),
			{name: "security_group_rules", get: func(c *call, g *securityGroup) any {
				list := make([]map[string]any, len(g.rules))
				for i, r := range g.rules {
					list[i] = map[string]any{"tags": r.tags, "standard_attr_id": i + 1}
					for _, a := range ruleKind.all() {
						list[i][a.name] = a.get(c, r)
					}
				}
				return list
			}},
		}...),
		create: func(c *call, base common, _ map[string]any) (*securityGroup, error) {
			if base.name == "default" {
				return nil, secondDefault()
			}
			return c.newGroup(base), nil
		},
		change: func(_ *call, g *securityGroup, want map[string]any) error {
			if g.name != "default" && want["name"] == "default" {
				return secondDefault()
			}
			if name, given := want["name"]; given && g.name == "default" && name != "default" {
				return refuseAs(http.StatusConflict, "SecurityGroupCannotUpdateDefault", "Updating default security group not allowed.")
			}
			return nil
		},
		remove: func(c *call, g *securityGroup) error {
			if g.name == "default" && !c.admin() {
				return refuseAs(http.StatusConflict, "SecurityGroupCannotRemoveDefault", "Insufficient rights for removing default security group.")
			}
			if c.ports.count(func(p *port) bool { return slices.Contains(p.groups, g.id) }) > 0 {
				return refuseAs(http.StatusConflict, "SecurityGroupInUse", "Security Group "+g.id+" in use.")
			}
			for _, r := range g.rules {
				c.groupRules.remove(r.id)
			}
			return nil
		},
	}
}()

var ruleKind = func() *kind[securityRule] {
	of := func(r *securityRule) *common { return &r.common }
	return &kind[securityRule]{
		name: "security_group_rule", path: "security-group-rules", missing: "SecurityGroupRuleNotFound", absent: "Security group rule %s does not exist",
		items: func(c *Cloud) *collection[securityRule] { return &c.groupRules }, common: of,
		attrs: []attr[securityRule]{
			{name: "security_group_id", get: func(_ *call, r *securityRule) any { return r.group.id }, check: isText, required: true},
			{name: "ethertype", get: func(_ *call, r *securityRule) any { return r.ethertype }, check: isText},
			{name: "direction", get: func(_ *call, r *securityRule) any { return r.direction }, check: isText, required: true},
			{name: "protocol", get: func(_ *call, r *securityRule) any { return r.protocol }, check: anything},
			{name: "port_range_min", get: func(_ *call, r *securityRule) any { return r.portMin }, check: anything},
			{name: "port_range_max", get: func(_ *call, r *securityRule) any { return r.portMax }, check: anything},
			{name: "remote_ip_prefix", get: func(_ *call, r *securityRule) any { return r.prefix }, check: anything},
			always[securityRule]("remote_address_group_id", nil),
			{name: "normalized_cidr", get: func(_ *call, r *securityRule) any { return orNull(r.cidr) }},
			{name: "remote_group_id", get: func(_ *call, r *securityRule) any { return r.remoteGroup }, check: anything},
			{name: "description", get: func(_ *call, r *securityRule) any { return r.description }, check: isText},
		},
		create: createRule,
		remove: func(_ *call, r *securityRule) error {
			r.group.rules = slices.DeleteFunc(r.group.rules, func(x *securityRule) bool { return x == r })
			return nil
		},
	}
}()

func secondDefault() error {
	return refuseAs(http.StatusConflict, "SecurityGroupDefaultAlreadyExists", "Default security group already exists.")
}

func createRule(c *call, base common, want map[string]any) (*securityRule, error) {
	id := textAt(want, "security_group_id")
	g := c.groups.byID[id]
	if g == nil || g.project != c.project() && !c.admin() {
		return nil, refuseAs(http.StatusNotFound, "SecurityGroupNotFound", "Security group "+id+" does not exist")
	}
	r := &securityRule{common: base, group: g, direction: textAt(want, "direction"), ethertype: "IPv4"}
	setText(want, "ethertype", &r.ethertype)
	if r.direction != "ingress" && r.direction != "egress" {
		return nil, refuse(http.StatusBadRequest, "Invalid input for direction. Reason: "+r.direction+" is not in valid_values.")
	}
	r.protocol = want["protocol"]
	if group := want["remote_group_id"]; group != nil {
		r.remoteGroup = plainText(group)
	}
	if prefix := want["remote_ip_prefix"]; !isNothing(prefix) {
		r.prefix = plainText(prefix)
	}
	for name, place := range map[string]*any{"port_range_min": &r.portMin, "port_range_max": &r.portMax} {
		value := want[name]
		if n, ok := wholeNumber(value); ok {
			*place = n
		} else if value != nil {
			return nil, refuseAs(http.StatusBadRequest, "SecurityGroupInvalidPortValue", "Invalid value for port "+plainText(value))
		}
	}
	if err := r.check(c); err != nil {
		return nil, err
	}
	for _, other := range g.rules {
		if other.says() == r.says() {
			return nil, refuseAs(http.StatusConflict, "SecurityGroupRuleExists", "Security group rule already exists. Rule id is "+other.id+".")
		}
	}
	r.revision = 0
	g.rules = append(g.rules, r)
	return r, nil
}

// says is what a rule means, to be compared.
func (r *securityRule) says() [7]any {
	cidr := r.cidr
	if cidr == "0.0.0.0/0" || cidr == "::/0" {
		cidr = ""
	}
	return [7]any{r.direction, r.ethertype, r.protocol, cidr, r.portMin, r.portMax, r.remoteGroup}
}

// newGroup makes a group that lets everything out.
func (c *Cloud) newGroup(base common) *securityGroup {
	g := &securityGroup{common: base}
	for _, ethertype := range []string{"IPv4", "IPv6"} {
		c.addRule(g, &securityRule{direction: "egress", ethertype: ethertype})
	}
	return g
}

func (c *Cloud) addRule(g *securityGroup, r *securityRule) {
	r.common, r.group = c.newCommon(g.project), g
	r.revision = 0
	g.rules = append(g.rules, r)
	c.groupRules.add(r.id, r)
}

// defaultGroup gives a project's default group, which also lets its members
// reach each other. It is made when first looked for.
func (c *Cloud) defaultGroup(project string) *securityGroup {
	for _, g := range c.groups.order {
		if g.project == project && g.name == "default" {
			return g
		}
	}
	base := c.newCommon(project)
	base.name, base.description = "default", "Default security group"
	g := c.newGroup(base)
	for _, ethertype := range []string{"IPv4", "IPv6"} {
		c.addRule(g, &securityRule{direction: "ingress", ethertype: ethertype, remoteGroup: g.id})
	}
	c.groups.add(g.id, g)
	return g
}

// groupNamed gives a project's group by name or id; nil if there is none.
func (c *Cloud) groupNamed(project, name string) *securityGroup {
	if name == "default" {
		return c.defaultGroup(project)
	}
	for _, g := range c.groups.order {
		if g.project == project && (g.name == name || g.id == name) {
			return g
		}
	}
	return nil
}
