package occi

import "github.com/occimi/occimi/model"

// networkInterface is OCCI 1.2 Infrastructure 3.4.1.
var networkInterface = &Noun{
	Kind:    networkInterfaceKind,
	Mixins:  []*Mixin{ipNetworkInterface},
	Offered: needs[model.Networks](model.NetworkService),

	Refs:     interfaceRefs,
	List:     interfaceList,
	Get:      interfaceGet,
	Outgoing: interfacesOf,
	Create:   interfaceCreate,
	Update:   interfaceUpdate,
	Delete:   interfaceDelete,
	Tag:      interfaceTag,

	Actions: networkInterfaceKind.Actions,
	Act:     interfaceAct,
}

const (
	interfaceName         = "occi.networkinterface.interface"
	interfaceMAC          = "occi.networkinterface.mac"
	interfaceState        = "occi.networkinterface.state"
	interfaceStateMessage = "occi.networkinterface.state.message"
	interfaceAddress      = "occi.networkinterface.address"
	interfaceGateway      = "occi.networkinterface.gateway"
	interfaceAllocation   = "occi.networkinterface.allocation"
)

var networkInterfaceKind = &Kind{
	Parent:   LinkKind,
	Location: "/networkinterface/",
	Aliases:  []string{"/networklink/", "/link/networkinterface/", "/network/interface/"},
	Category: Category{
		ID: infraScheme + "networkinterface", Title: "Network Interface",
		Attributes: append([]Attribute{
			{Name: interfaceName, Immutable: true, Description: "Name of the device in the guest"},
			{Name: interfaceMAC, Description: "MAC address"},
		}, stateAttributes("occi.networkinterface", stateInactive, stateActive, stateError)...),
	},
	Targets: []Target{{Kind: infraScheme + "network", Location: "/network/"}, {Kind: ipReservationID, Location: ipReservationLocation}},
	Actions: []*Action{upInterface, downInterface},
}

const interfaceActionScheme = infraRoot + "networkinterface/action#"

// rOCCI's: the standard has no actions of links.
var (
	upInterface   = &Action{Category{ID: interfaceActionScheme + "up", Title: "Bring network interface up"}}
	downInterface = &Action{Category{ID: interfaceActionScheme + "down", Title: "Take network interface down"}}
)

var ipNetworkInterface = &Mixin{
	Applies: []TypeID{infraScheme + "networkinterface"}, Location: "/mixin/ipnetworkinterface/",
	Category: Category{ID: infraRoot + "networkinterface#ipnetworkinterface", Title: "IP Network Interface Mixin", Attributes: []Attribute{
		{Name: interfaceAddress, Type: IPType, Description: "IP address"},
		{Name: interfaceGateway, Type: IPType, Description: "Address of the gateway"},
		{Name: interfaceAllocation, Enum: []string{allocationDHCP, allocationFixed}, Description: "How the address is given"},
	}},
}
