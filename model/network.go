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

// Networks is how a Cloud offers networks: the tenant's own, shared ones, and
// external ones. A listing of a cloud without a network service is empty.
type Networks interface {
	// Networks lists all networks. It may be answered from a cache some seconds
	// old. One call per page.
	Networks(ctx context.Context) ([]Network, error)
	// Network gives one. If it is the tenant's, Subnets knows all of its subnets
	// afterwards, also those that others made since. One call. Errors: NotFound.
	Network(ctx context.Context, id string) (Network, error)
	// CreateNetwork makes a network with its subnets: all or nothing. SubnetIDs are
	// in the order in which they are asked for. Errors: Invalid, Conflict, Quota,
	// Unsupported (no network service).
	CreateNetwork(ctx context.Context, r NetworkCreate) (Network, error)
	// UpdateNetwork changes a network and gives it as it is then. It may be
	// repeated. Errors: NotFound, Invalid, Forbidden (not the tenant's).
	UpdateNetwork(ctx context.Context, id string, u NetworkUpdate) (Network, error)
	// DeleteNetwork deletes a network with its subnets. It may be repeated.
	// Errors: NotFound, Conflict (something is plugged into it), Forbidden.
	DeleteNetwork(ctx context.Context, id string) error
}

// NetworkCreate asks for a new network.
type NetworkCreate struct {
	Name        string
	Description string
	Down        bool // switched off
	MTU         int  // bytes; 0: the cloud chooses
	Subnets     []SubnetCreate
	Tags        []string
}

// NetworkUpdate changes a network. Nil leaves a value as it is.
type NetworkUpdate struct {
	Name        *string
	Description *string
	AdminUp     *bool
	// AddTags and RemoveTags change tags; others stay.
	AddTags, RemoveTags []string
}
