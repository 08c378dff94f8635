package model

import (
	"context"
	"time"
)

// LinkState is what a network or a port is.
type LinkState string

const (
	LinkUp       LinkState = "up"
	LinkDown     LinkState = "down"     // switched off, or not wired
	LinkBuilding LinkState = "building" // being made
	LinkFailed   LinkState = "failed"
)

// Network is a layer 2 network.
type Network struct {
	ID          string
	Name        string
	Description string
	State       LinkState
	AdminUp     bool
	Created     time.Time
	Updated     time.Time
	External    bool // leads out of the cloud
	Shared      bool
	Owned       bool // belongs to the tenant
	MTU         int  // bytes; 0 if unknown
	VLAN        int  // 0 if none, or not told to this tenant
	SubnetIDs   []string
	Tags        []string
}

// Subnet is a range of addresses on a network.
type Subnet struct {
	ID             string
	NetworkID      string
	Name           string
	CIDR           string
	IPVersion      int    // 4 or 6
	Gateway        string // empty if none
	DHCP           bool
	DNSNameservers []string
}

// FixedIP is an address that a port has on a subnet.
type FixedIP struct {
	SubnetID string
	Address  string
}

// Port is a place where something is plugged into a network.
type Port struct {
	ID        string
	NetworkID string
	Name      string
	// MachineID is empty for a port that no machine has.
	MachineID  string
	State      LinkState
	AdminUp    bool
	MACAddress string
	FixedIPs   []FixedIP // IPv4 before IPv6, in the cloud's order otherwise
	Created    time.Time
	Tags       []string
	// SecurityGroupIDs are the groups that the port has, in the order of ids.
	SecurityGroupIDs []string
}

// Networks is how a Cloud offers networks: the tenant's own, shared ones, and
// external ones. A listing of a cloud without a network service is empty.
type Networks interface {
	// Networks lists all networks. It may be answered from a cache some seconds
	// old. One call per page.
	Networks(ctx context.Context) ([]Network, error)
	// Network gives one. One call. Errors: NotFound.
	Network(ctx context.Context, id string) (Network, error)
	// Subnets lists the subnets of all networks. It may be answered from a cache
	// some seconds old. One call per page.
	Subnets(ctx context.Context) ([]Subnet, error)
	// MachinePorts lists the ports of one machine, or with "" those of all the
	// tenant's machines; ports of routers, DHCP and the like are left out. One
	// call per page.
	MachinePorts(ctx context.Context, machineID string) ([]Port, error)
	// Port gives one port of a machine. One call. Errors: NotFound.
	Port(ctx context.Context, id string) (Port, error)
	// CreateNetwork makes a network with its subnet, if it has one: both or
	// neither. Errors: Invalid, Conflict, Quota, Unsupported (no network service).
	CreateNetwork(ctx context.Context, r NetworkCreate) (Network, error)
	// UpdateNetwork changes a network and gives it as it is then. It may be
	// repeated. Errors: NotFound, Invalid, Forbidden (not the tenant's).
	UpdateNetwork(ctx context.Context, id string, u NetworkUpdate) (Network, error)
	// UpdateSubnet changes a subnet and gives it as it is then. It may be
	// repeated. Errors: NotFound, Invalid, Conflict, Forbidden.
	UpdateSubnet(ctx context.Context, id string, u SubnetUpdate) (Subnet, error)
	// DeleteNetwork deletes a network with its subnets. It may be repeated.
	// Errors: NotFound, Conflict (something is plugged into it), Forbidden.
	DeleteNetwork(ctx context.Context, id string) error
	// UpdatePort changes a port of a machine and gives it as it is then. It may be
	// repeated. Errors: NotFound, Invalid, Conflict.
	UpdatePort(ctx context.Context, id string, u PortUpdate) (Port, error)
}

// NetworkCreate asks for a new network.
type NetworkCreate struct {
	Name        string
	Description string
	Down        bool // switched off
	Subnet      *SubnetCreate
	Tags        []string
}

// SubnetCreate asks for a range of addresses on a new network.
type SubnetCreate struct {
	CIDR    string // of IPv4 or IPv6
	Gateway string // empty: the first address
	DHCP    bool
}

// NetworkUpdate changes a network. Nil leaves a value as it is.
type NetworkUpdate struct {
	Name        *string
	Description *string
	AdminUp     *bool
	// AddTags and RemoveTags change tags; others stay.
	AddTags, RemoveTags []string
}

// SubnetUpdate changes a subnet. Nil leaves a value as it is.
type SubnetUpdate struct {
	Gateway *string // "": none
	DHCP    *bool
}

// PortUpdate changes a port. Nil leaves a value as it is.
type PortUpdate struct {
	Name    *string
	AdminUp *bool
	// FixedIP replaces the port's addresses; "" lets the cloud choose.
	FixedIP *string
	// AddTags and RemoveTags change tags; others stay.
	AddTags, RemoveTags []string
}
