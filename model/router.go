package model

import (
	"context"
	"time"
)

// Router forwards between the subnets that it has an interface on, and between
// them and an external network.
type Router struct {
	ID          string
	Name        string
	Description string
	State       LinkState
	AdminUp     bool
	Created     time.Time
	Updated     time.Time
	// ExternalNetworkID is where it leads out of the cloud; empty: nowhere.
	ExternalNetworkID string
	// SubnetIDs are the subnets that it has an interface on, in the order of ids.
	SubnetIDs []string
}

// Routers is how a Cloud with a network service offers the tenant's routers; see
// Part.
type Routers interface {
	// Routers lists all of the tenant's. Two calls per page, at the same time.
	Routers(ctx context.Context) ([]Router, error)
	// Router gives one. Two calls, at the same time. Errors: NotFound.
	Router(ctx context.Context, id string) (Router, error)
	// CreateRouter makes a router with its interfaces: all or nothing. Errors:
	// Invalid (no such network or subnet, the network is not an external one, the
	// subnet has no gateway, or two subnets overlap), Conflict (another router is
	// the subnet's gateway, or the external network has no address left), Quota.
	CreateRouter(ctx context.Context, r RouterCreate) (Router, error)
	// UpdateRouter changes a router and gives it as it is then. It may be
	// repeated. Errors: NotFound, Invalid, Conflict (a floating IP needs its
	// external network).
	UpdateRouter(ctx context.Context, id string, u RouterUpdate) (Router, error)
	// AddRouterInterface gives a router an interface on a subnet. Errors: NotFound,
	// Invalid and Conflict as CreateRouter, and Conflict if it has one there.
	AddRouterInterface(ctx context.Context, id, subnetID string) error
	// RemoveRouterInterface takes a router's interface on a subnet away. It may be
	// repeated. Errors: NotFound (the router, or it has none there), Conflict (a
	// floating IP needs it).
	RemoveRouterInterface(ctx context.Context, id, subnetID string) error
	// DeleteRouter deletes a router with its interfaces: all or nothing. It may be
	// repeated. Errors: NotFound, Conflict (a floating IP needs it).
	DeleteRouter(ctx context.Context, id string) error
}

// RouterCreate asks for a router.
type RouterCreate struct {
	Name        string
	Description string
	Down        bool // switched off
	// ExternalNetworkID is where it shall lead out of the cloud; empty: nowhere.
	ExternalNetworkID string
	// SubnetIDs are the subnets that it shall have an interface on.
	SubnetIDs []string
}

// RouterUpdate changes a router. Nil leaves a value as it is.
type RouterUpdate struct {
	Name              *string
	Description       *string
	AdminUp           *bool
	ExternalNetworkID *string // "": none
}
