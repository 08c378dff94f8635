package occi

import "github.com/occimi/occimi/model"

// network is OCCI 1.2 Infrastructure 3.2.
var network = &Noun{
	Kind:    networkKind,
	Mixins:  []*Mixin{ipNetwork},
	Offered: needs[model.Networks](model.NetworkService),

	Refs:   networkRefs,
	List:   networkList,
	Get:    networkGet,
	Target: networkTarget,
	Create: networkCreate,
	Update: networkUpdate,
	Delete: networkDelete,
	Tag:    networkTag,

	Actions: networkKind.Actions,
	Act:     networkAct,
}

const (
	networkVLAN         = "occi.network.vlan"
	networkLabel        = "occi.network.label"
	networkState        = "occi.network.state"
	networkStateMessage = "occi.network.state.message"
	networkAddress      = "occi.network.address"
	networkGateway      = "occi.network.gateway"
	networkAllocation   = "occi.network.allocation"
)

var networkKind = &Kind{
	Parent:   ResourceKind,
	Location: "/network/",
	Category: Category{
		ID: infraScheme + "network", Title: "Network Resource",
		Attributes: append([]Attribute{
			{Name: networkVLAN, Type: IntegerType, Min: 0, Max: 4095, Description: "802.1q VLAN tag"},
			{Name: networkLabel, Description: "Label of a tag-based VLAN"},
		}, stateAttributes("occi.network", stateInactive, stateActive, stateError)...),
	},
	Actions: []*Action{upNetwork, downNetwork},
}

const networkActionScheme = infraRoot + "network/action#"

var (
	upNetwork   = &Action{Category{ID: networkActionScheme + "up", Title: "Bring network up"}}
	downNetwork = &Action{Category{ID: networkActionScheme + "down", Title: "Take network down"}}
)

var ipNetwork = &Mixin{
	Applies: []TypeID{infraScheme + "network"}, Location: "/mixin/ipnetwork/",
	Category: Category{ID: infraRoot + "network#ipnetwork", Title: "IP Networking Mixin", Attributes: []Attribute{
		{Name: networkAddress, Type: CIDRType, Description: "Address range in CIDR notation"},
		{Name: networkGateway, Type: IPType, Description: "Address of the gateway"},
		{Name: networkAllocation, Enum: []string{allocationDHCP, allocationFixed}, Description: "How addresses are given"},
	}},
}
