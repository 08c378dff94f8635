package model

import "context"

// SecurityGroup is a set of rules for what may reach the machines that have it,
// and what they may reach.
type SecurityGroup struct {
	ID          string
	Name        string
	Description string
	Rules       []SecurityRule
	Tags        []string
}

// Direction is which way a SecurityRule lets traffic pass.
type Direction string

const (
	Inbound  Direction = "inbound"
	Outbound Direction = "outbound"
)

// SecurityRule lets traffic pass; what no rule lets pass is dropped.
type SecurityRule struct {
	ID        string
	Direction Direction
	IPVersion int    // 4 or 6
	Protocol  string // tcp, udp, icmp, a number, ...; empty: any
	// PortMin and PortMax bound the ports, both inclusive; 0 and 0: any.
	PortMin, PortMax int
	// Range is who is at the other end, in CIDR; empty: anybody, or RemoteGroupID.
	Range string
	// RemoteGroupID is the group whose machines are at the other end.
	RemoteGroupID string
}

// SecurityGroups is how a Cloud with a network service offers security groups;
// see Part. Which groups a machine has, its ports tell.
type SecurityGroups interface {
	// SecurityGroups lists all of the tenant's. One call per page.
	SecurityGroups(ctx context.Context) ([]SecurityGroup, error)
	// SecurityGroup gives one. One call. Errors: NotFound.
	SecurityGroup(ctx context.Context, id string) (SecurityGroup, error)
	// CreateSecurityGroup makes a group with these rules besides those that the
	// cloud gives to every new group: all or nothing. Errors: Invalid, Conflict,
	// Quota.
	CreateSecurityGroup(ctx context.Context, g SecurityGroup) (SecurityGroup, error)
	// UpdateSecurityGroup changes a group and gives it as it is then. It may be
	// repeated. Errors: NotFound, Invalid, Conflict, Quota.
	UpdateSecurityGroup(ctx context.Context, id string, u SecurityGroupUpdate) (SecurityGroup, error)
	// DeleteSecurityGroup deletes a group. It may be repeated. Errors: NotFound,
	// Conflict (machines have it, or it is the default group).
	DeleteSecurityGroup(ctx context.Context, id string) error
	// AddSecurityGroup gives a group to all interfaces of a machine. It may be
	// repeated. Errors: NotFound (the machine), Invalid (no such group), Conflict.
	AddSecurityGroup(ctx context.Context, machineID, groupID string) error
	// RemoveSecurityGroup takes a group from all interfaces of a machine. It may
	// be repeated. Errors: NotFound (the machine, or it does not have the group).
	RemoveSecurityGroup(ctx context.Context, machineID, groupID string) error
}

// SecurityGroupUpdate changes a group. Nil leaves a value as it is.
type SecurityGroupUpdate struct {
	Name        *string
	Description *string
	// Rules, if not nil, become the group's rules: those that are there already
	// stay, the others go. Ids are ignored.
	Rules []SecurityRule
	// AddTags and RemoveTags change tags; others stay.
	AddTags, RemoveTags []string
}
