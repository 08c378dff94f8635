package openstack

import (
	"cmp"
	"context"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
)

// portAnswer is a port as Neutron shows it.
type portAnswer struct {
	ID           string    `json:"id"`
	NetworkID    string    `json:"network_id"`
	Name         string    `json:"name"`
	Description  string    `json:"description"`
	ProjectID    string    `json:"project_id"`
	DeviceID     string    `json:"device_id"`
	DeviceOwner  string    `json:"device_owner"`
	Status       string    `json:"status"`
	AdminStateUp bool      `json:"admin_state_up"`
	MACAddress   string    `json:"mac_address"`
	Created      time.Time `json:"created_at"`
	Tags         []string  `json:"tags"`
	Groups       []string  `json:"security_groups"`
	FixedIPs     []struct {
		SubnetID  string `json:"subnet_id"`
		IPAddress string `json:"ip_address"`
	} `json:"fixed_ips"`
}

// portFields spares the better half of what Neutron would send.
var portFields = []string{
	"id", "network_id", "name", "description", "project_id", "device_id", "device_owner", "status", "admin_state_up", "mac_address",
	"created_at", "tags", "fixed_ips", "security_groups",
}

// ofMachine tells whether a machine has the port. Nova writes compute:ZONE.
func (a portAnswer) ofMachine() bool {
	return a.DeviceID != "" && strings.HasPrefix(a.DeviceOwner, "compute:")
}

// free tells whether nothing has the port.
func (a portAnswer) free() bool { return a.DeviceOwner == "" }

// portBody is {"port": {...}}.
type portBody struct {
	Port portAnswer `json:"port"`
}

func (a portAnswer) model() model.Port {
	p := model.Port{
		ID:          a.ID,
		NetworkID:   a.NetworkID,
		Name:        a.Name,
		Description: a.Description,
		State:       linkState(a.Status, a.AdminStateUp),
		AdminUp:     a.AdminStateUp,
		MACAddress:  a.MACAddress,
		Created:     a.Created.UTC(),
		Tags:        a.Tags,

		SecurityGroupIDs: a.Groups,
	}
	if a.ofMachine() {
		p.MachineID = a.DeviceID
	}
	slices.Sort(p.SecurityGroupIDs)
	for _, ip := range a.FixedIPs {
		p.FixedIPs = append(p.FixedIPs, model.FixedIP{SubnetID: ip.SubnetID, Address: ip.IPAddress})
	}
	slices.SortStableFunc(p.FixedIPs, func(a, b model.FixedIP) int { return cmp.Compare(family(a), family(b)) })
	return p
}

// family is 4 or 6, or 7 for what is no address.
func family(ip model.FixedIP) int {
	addr, err := netip.ParseAddr(ip.Address)
	switch {
	case err != nil:
		return 7
	case addr.Is4():
		return 4
	}
	return 6
}

// Ports implements model.Ports.
func (c *cloud) Ports(ctx context.Context) ([]model.Port, error) {
	return c.portList(ctx, nil, func(p portAnswer) bool { return p.free() || p.ofMachine() })
}

// MachinePorts implements model.Ports.
func (c *cloud) MachinePorts(ctx context.Context, machineID string) ([]model.Port, error) {
	var filter url.Values
	if machineID != "" {
		if !isID(machineID) {
			return nil, nil
		}
		filter = url.Values{"device_id": {machineID}}
	}
	return c.portList(ctx, filter, portAnswer.ofMachine)
}

// portList lists those of the tenant's ports that Neutron finds by the filter,
// and that are wanted.
func (c *cloud) portList(ctx context.Context, filter url.Values, wanted func(portAnswer) bool) ([]model.Port, error) {
	if !c.Offers(model.NetworkService) {
		return nil, nil
	}
	var all []model.Port
	err := c.eachPort(ctx, filter, func(p portAnswer) {
		if wanted(p) {
			all = append(all, p.model())
		}
	})
	slices.SortFunc(all, func(a, b model.Port) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return all, err
}

// eachPort reads those of the tenant's ports that Neutron finds by the filter.
func (c *cloud) eachPort(ctx context.Context, filter url.Values, take func(portAnswer)) error {
	query := url.Values{"project_id": {c.tenant.project}, "fields": portFields}
	maps.Copy(query, filter)
	return c.list(ctx, model.NetworkService, request{name: "port_list", path: "ports", query: query}, func() (any, func() string) {
		var page struct {
			Ports []portAnswer `json:"ports"`
			Links links        `json:"ports_links"`
		}
		return &page, func() string {
			for _, p := range page.Ports {
				take(p)
			}
			return page.Links.next()
		}
	})
}

// Port implements model.Ports.
func (c *cloud) Port(ctx context.Context, id string) (model.Port, error) {
	p, err := c.port(ctx, id)
	return p.model(), err
}

// port reads one of the tenant's.
func (c *cloud) port(ctx context.Context, id string) (portAnswer, error) {
	gone := model.Errorf(model.NotFound, "there is no port %q", bounded(id, 64))
	path, err := segment("port", id)
	if err != nil || !c.Offers(model.NetworkService) {
		return portAnswer{}, gone
	}
	var answer portBody
	if err := c.get(ctx, model.NetworkService, "port_show", "ports/"+path, &answer); err != nil {
		return portAnswer{}, err
	}
	p := answer.Port
	if !p.free() && !p.ofMachine() || p.ProjectID != c.tenant.project {
		return portAnswer{}, gone
	}
	return p, nil
}
