package occi

import "github.com/occimi/occimi/model"

// ipReservation is the extension that rOCCI and ooi share: an address of an
// external network that is kept, whether or not something uses it.
var ipReservation = &Noun{
	Kind:      ipReservationKind,
	Templates: []*Template{floatingPool},
	Offered:   needs[model.FloatingIPs](model.NetworkService),

	Refs:   reservationRefs,
	List:   reservationList,
	Get:    reservationGet,
	Target: reservationTarget,
	Create: reservationCreate,
	Update: reservationUpdate,
	Delete: reservationDelete,
	Tag:    reservationTag,
}

const (
	ipReservationID       = infraScheme + "ipreservation"
	ipReservationLocation = "/ipreservation/"

	reservationAddress = "occi.ipreservation.address"
	reservationUsed    = "occi.ipreservation.used"
	reservationState   = "occi.ipreservation.state"
)

var ipReservationKind = &Kind{
	Parent:   networkKind,
	Location: ipReservationLocation,
	Category: Category{
		ID: ipReservationID, Title: "IP Reservation",
		Attributes: append([]Attribute{
			{Name: reservationAddress, Type: IPType, Immutable: true, Description: "Address that is reserved"},
			{Name: reservationUsed, Type: BooleanType, Server: true, Volatile: true, Description: "Whether a compute uses it"},
		}, stateAttributes("occi.ipreservation", stateInactive, stateActive, stateError)...),
	},
}

// floatingPool are the external networks, which addresses can be had from.
var (
	floatingPool = &Template{
		Base:   floatingPoolBase,
		Scheme: openstackRoot + "network/floatingippool#",
		List:   poolTemplates,
	}

	floatingPoolBase = &Mixin{
		Applies: []TypeID{infraScheme + "networkinterface", ipReservationID}, Location: "/mixin/floatingippool/",
		Category: Category{ID: openstackRoot + "network#floatingippool", Title: "Floating IP Pool"},
	}
)
