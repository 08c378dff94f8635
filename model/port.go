package model

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// FixedIP is an address that a port has on a subnet.
type FixedIP struct {
	SubnetID string
	Address  string
}

// Port is a place where something is plugged into a network.
type Port struct {
	ID          string
	NetworkID   string
	Name        string
	Description string
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

// Ports is how a Cloud offers the tenant's ports: those of its machines, and
// those that nothing has. Ports of routers, DHCP and the like are left out. A
// listing of a cloud without a network service is empty.
type Ports interface {
	// Ports lists all ports. One call per page.
	Ports(ctx context.Context) ([]Port, error)
	// MachinePorts lists the ports of one machine, or with "" those of all the
	// tenant's machines. One call per page.
	MachinePorts(ctx context.Context, machineID string) ([]Port, error)
	// Port gives one port. One call. Errors: NotFound.
	Port(ctx context.Context, id string) (Port, error)
	// CreatePort makes a port that no machine has; see Machines.AttachNetwork and
	// MachineNetwork. Errors: Invalid (no such network, subnet or security group,
	// or an address is not on the network), Conflict (an address is taken, or none
	// is left), Forbidden (nothing of the tenant's may be plugged into the
	// network), Quota.
	CreatePort(ctx context.Context, r PortCreate) (Port, error)
	// UpdatePort changes a port and gives it as it is then. It may be repeated.
	// Errors: NotFound, Invalid, Conflict.
	UpdatePort(ctx context.Context, id string, u PortUpdate) (Port, error)
	// DeletePort deletes a port; a machine that has it loses it. It may be
	// repeated. Errors: NotFound.
	DeletePort(ctx context.Context, id string) error
}

// PortCreate asks for a port.
type PortCreate struct {
	NetworkID   string
	Name        string
	Description string
	Down        bool // switched off
	// FixedIPs are the addresses that it shall have; the cloud chooses one where
	// only the subnet is named. None: one of each IP version that the network has.
	FixedIPs []FixedIP
	Tags     []string
}

// PortUpdate changes a port. Nil leaves a value as it is.
type PortUpdate struct {
	Name        *string
	Description *string
	AdminUp     *bool
	// FixedIPs replaces the port's addresses. Where only the subnet is named, the
	// cloud chooses one there; where nothing is named, one on each subnet where
	// the port has one.
	FixedIPs []FixedIP
	// AddTags and RemoveTags change tags; others stay.
	AddTags, RemoveTags []string
}

// InPlace gives ports in the order in which their machines have them: those of each
// machine as its MACAddresses tell, then those of which it does not tell yet, as
// they come.
func InPlace(ports []Port, machines []Machine) []Port {
	told := make(map[string][]string, len(machines))
	for i := range machines {
		told[machines[i].ID] = machines[i].MACAddresses
	}
	place := func(p Port) int {
		own := told[p.MachineID]
		if i := slices.Index(own, p.MACAddress); i >= 0 {
			return i
		}
		return len(own)
	}
	sorted := slices.Clone(ports)
	slices.SortStableFunc(sorted, func(a, b Port) int { return cmp.Compare(place(a), place(b)) })
	return sorted
}
