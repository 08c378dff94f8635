package occi

import "github.com/occimi/occimi/model"

// securityGroup is the extension that rOCCI and ooi share: rules for what may
// reach a compute.
var securityGroup = &Noun{
	Kind:    securityGroupKind,
	Offered: needs[model.SecurityGroups](model.NetworkService),

	Refs:   groupRefs,
	List:   groupList,
	Get:    groupGet,
	Create: groupCreate,
	Update: groupUpdate,
	Delete: groupDelete,
	Tag:    securityGroupTag,
}

const (
	securityGroupID       = infraScheme + "securitygroup"
	securityGroupLocation = "/securitygroup/"

	groupRules = "occi.securitygroup.rules"
	groupState = "occi.securitygroup.state"

	groupLinkState = "occi.securitygrouplink.state"
)

var securityGroupKind = &Kind{
	Parent:   ResourceKind,
	Location: securityGroupLocation,
	Category: Category{
		ID: securityGroupID, Title: "Security Group",
		Attributes: append([]Attribute{
			{Name: groupRules, Type: ListType, Required: true,
				Description: "Rules: objects with type (inbound or outbound), protocol, port (N or A-B), range (CIDR), ipversion (IPv4 or IPv6)"},
		}, stateAttributes("occi.securitygroup", stateInactive, stateActive, stateError)...),
	},
}

// securityGroupLink gives a security group to all interfaces of a compute.
var securityGroupLink = &Noun{
	Kind:    securityGroupLinkKind,
	Offered: needs[model.SecurityGroups](model.NetworkService),

	Refs:     groupLinkRefs,
	List:     groupLinkList,
	Get:      groupLinkGet,
	Outgoing: groupLinksOf,
	Create:   groupLinkCreate,
	Update:   linkUpdate,
	Delete:   groupLinkDelete,
}

var securityGroupLinkKind = &Kind{
	Parent:   LinkKind,
	Location: "/securitygrouplink/",
	Category: Category{
		ID: infraScheme + "securitygrouplink", Title: "Security Group Link",
		Attributes: stateAttributes("occi.securitygrouplink", stateInactive, stateActive, stateError),
	},
	Targets: []Target{{Kind: securityGroupID, Location: securityGroupLocation}},
}
