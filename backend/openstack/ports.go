package openstack

import (
	"cmp"
	"context"
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
	"id", "network_id", "name", "project_id", "device_id", "device_owner", "status", "admin_state_up", "mac_address",
	"created_at", "tags", "fixed_ips", "security_groups",
}

// ofMachine tells whether a machine has the port. Nova writes compute:ZONE.
func (a portAnswer) ofMachine() bool {
	return a.DeviceID != "" && strings.HasPrefix(a.DeviceOwner, "compute:")
}

func (a portAnswer) model() model.Port {
	p := model.Port{
		ID:         a.ID,
		NetworkID:  a.NetworkID,
		Name:       a.Name,
		MachineID:  a.DeviceID,
		State:      linkState(a.Status, a.AdminStateUp),
		AdminUp:    a.AdminStateUp,
		MACAddress: a.MACAddress,
		Created:    a.Created.UTC(),
		Tags:       a.Tags,

		SecurityGroupIDs: a.Groups,
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

// MachinePorts implements model.Networks.
func (c *cloud) MachinePorts(ctx context.Context, machineID string) ([]model.Port, error) {
	if !c.Offers(model.NetworkService) {
		return nil, nil
	}
	query := url.Values{"project_id": {c.tenant.project}, "fields": portFields}
	if machineID != "" {
		if !isID(machineID) {
			return nil, nil
		}
		query.Set("device_id", machineID)
	}
	var all []model.Port
	err := c.list(ctx, model.NetworkService, request{name: "port_list", path: "ports", query: query}, func() (any, func() string) {
		var page struct {
			Ports []portAnswer `json:"ports"`
			Links links        `json:"ports_links"`
		}
		return &page, func() string {
			for _, p := range page.Ports {
				if p.ofMachine() {
					all = append(all, p.model())
				}
			}
			return page.Links.next()
		}
	})
	slices.SortFunc(all, func(a, b model.Port) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return all, err
}

// Port implements model.Networks.
func (c *cloud) Port(ctx context.Context, id string) (model.Port, error) {
	gone := model.Errorf(model.NotFound, "there is no port %q", bounded(id, 64))
	path, err := segment("port", id)
	if err != nil || !c.Offers(model.NetworkService) {
		return model.Port{}, gone
	}
	var answer struct {
		Port portAnswer `json:"port"`
	}
	if err := c.get(ctx, model.NetworkService, "port_show", "ports/"+path, &answer); err != nil {
		return model.Port{}, err
	}
	if !answer.Port.ofMachine() || answer.Port.ProjectID != c.tenant.project {
		return model.Port{}, gone
	}
	return answer.Port.model(), nil
}
