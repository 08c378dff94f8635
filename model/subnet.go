package model

import (
	"context"
	"time"
)

// Subnet is a range of addresses on a network.
type Subnet struct {
	ID             string
	NetworkID      string
	Name           string
	Description    string
	Created        time.Time
	Owned          bool // belongs to the tenant
	CIDR           string
	IPVersion      int    // 4 or 6
	Gateway        string // empty if none
	DHCP           bool
	DNSNameservers []string
}

// Subnets is how a Cloud offers the subnets of the networks that it offers. A
// listing of a cloud without a network service is empty.
type Subnets interface {
	// Subnets lists the subnets of all networks. It may be answered from a cache
	// some seconds old. One call per page.
	Subnets(ctx context.Context) ([]Subnet, error)
	// Subnet gives one. One call. Errors: NotFound.
	Subnet(ctx context.Context, id string) (Subnet, error)
	// CreateSubnet makes a subnet on a network of the tenant's. Errors: Invalid
	// (no such network, or the range overlaps with another of its), Forbidden (the
	// network is not the tenant's), Quota.
	CreateSubnet(ctx context.Context, networkID string, r SubnetCreate) (Subnet, error)
	// UpdateSubnet changes a subnet and gives it as it is then. It may be
	// repeated. Errors: NotFound, Invalid, Conflict, Forbidden.
	UpdateSubnet(ctx context.Context, id string, u SubnetUpdate) (Subnet, error)
	// DeleteSubnet deletes a subnet. It may be repeated. Errors: NotFound,
	// Conflict (something has an address on it), Forbidden.
	DeleteSubnet(ctx context.Context, id string) error
}

// SubnetCreate asks for a range of addresses on a network.
type SubnetCreate struct {
	Name           string
	Description    string
	CIDR           string // of IPv4 or IPv6
	Gateway        string // empty: the first address
	DHCP           bool
	DNSNameservers []string
}

// SubnetUpdate changes a subnet. Nil leaves a value as it is.
type SubnetUpdate struct {
	Name           *string
	Description    *string
	Gateway        *string // "": none
	DHCP           *bool
	DNSNameservers *[]string
}
