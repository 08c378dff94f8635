package model

import (
	"context"
	"time"
)

// FloatingIP is an address of an external network that a tenant has for itself
// and can point at a port.
type FloatingIP struct {
	ID          string
	Address     string
	NetworkID   string // the external network: its pool
	Description string
	State       LinkState // up: it is pointed at a port; down: it is not
	// PortID and FixedIP are what it is pointed at; empty: nothing.
	PortID  string
	FixedIP string
	// MachineID is the machine of the port; empty if there is none.
	MachineID string
	Created   time.Time
	Tags      []string
}

// FloatingIPs is how a Cloud with a network service offers floating IPs; see
// Part.
type FloatingIPs interface {
	// FloatingIPs lists all of the tenant's. One call per page.
	FloatingIPs(ctx context.Context) ([]FloatingIP, error)
	// FloatingIP gives one. One call. Errors: NotFound.
	FloatingIP(ctx context.Context, id string) (FloatingIP, error)
	// CreateFloatingIP takes an address out of a pool, and points it at a port if
	// one is given: both or neither. Errors: Invalid (no such network or port, not
	// an external one, the port cannot be reached from it), Conflict (the address
	// is taken, or the pool is empty), Quota.
	CreateFloatingIP(ctx context.Context, r FloatingIPCreate) (FloatingIP, error)
	// PointFloatingIP points an address at a port, or with "" at nothing, and
	// gives it as it is then. It may be repeated. Errors: NotFound, Invalid (no
	// such port, or not to be reached), Conflict (it points elsewhere already).
	PointFloatingIP(ctx context.Context, id, portID string) (FloatingIP, error)
	// UpdateFloatingIP changes an address and gives it as it is then. It may be
	// repeated. Errors: NotFound, Invalid.
	UpdateFloatingIP(ctx context.Context, id string, u FloatingIPUpdate) (FloatingIP, error)
	// DeleteFloatingIP gives an address back to its pool. It may be repeated.
	// Errors: NotFound.
	DeleteFloatingIP(ctx context.Context, id string) error
}

// FloatingIPCreate asks for an address.
type FloatingIPCreate struct {
	NetworkID   string // an external network
	Address     string // empty: the cloud chooses
	PortID      string // empty: it is pointed at nothing
	Description string
	Tags        []string
}

// FloatingIPUpdate changes an address. Nil leaves a value as it is.
type FloatingIPUpdate struct {
	Description *string
	// AddTags and RemoveTags change tags; others stay.
	AddTags, RemoveTags []string
}
