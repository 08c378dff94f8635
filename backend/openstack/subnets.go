package openstack

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/occimi/occimi/model"
)

// subnetAnswer is a subnet as Neutron shows it.
type subnetAnswer struct {
	ID             string    `json:"id"`
	NetworkID      string    `json:"network_id"`
	ProjectID      string    `json:"project_id"`
	Name           string    `json:"name"`
	Description    string    `json:"description"`
	Created        time.Time `json:"created_at"`
	CIDR           string    `json:"cidr"`
	IPVersion      int       `json:"ip_version"`
	GatewayIP      string    `json:"gateway_ip"`
	EnableDHCP     bool      `json:"enable_dhcp"`
	DNSNameservers []string  `json:"dns_nameservers"`
}

// subnetAnswerBody is {"subnet": {...}}.
type subnetAnswerBody struct {
	Subnet subnetAnswer `json:"subnet"`
}

func (a subnetAnswer) model(project string) model.Subnet {
	return model.Subnet{
		ID: a.ID, NetworkID: a.NetworkID, Name: a.Name, Description: a.Description,
		Created: a.Created.UTC(), Owned: a.ProjectID == project,
		CIDR: a.CIDR, IPVersion: a.IPVersion, Gateway: a.GatewayIP, DHCP: a.EnableDHCP, DNSNameservers: a.DNSNameservers,
	}
}

// Subnets implements model.Subnets.
func (c *cloud) Subnets(ctx context.Context) ([]model.Subnet, error) {
	if !c.Offers(model.NetworkService) {
		return nil, nil
	}
	var networks []model.Network
	if c.login.admin {
		var err error
		if networks, err = c.networkList(ctx); err != nil {
			return nil, err
		}
	}
	all, err := remembered(ctx, c, c.p.subnets, func(ctx context.Context) ([]model.Subnet, bool, error) {
		var all []model.Subnet
		err := c.list(ctx, model.NetworkService, request{name: "subnet_list", path: "subnets"}, func() (any, func() string) {
			var page struct {
				Subnets []subnetAnswer `json:"subnets"`
				Links   links          `json:"subnets_links"`
			}
			return &page, func() string {
				for _, s := range page.Subnets {
					// An administrator is shown those of every project.
					if c.login.admin && !slices.ContainsFunc(networks, func(n model.Network) bool { return n.ID == s.NetworkID }) {
						continue
					}
					all = append(all, s.model(c.tenant.project))
				}
				return page.Links.next()
			}
		})
		slices.SortFunc(all, func(a, b model.Subnet) int {
			return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
		})
		return all, false, err
	})
	return cloned(all, func(s model.Subnet) model.Subnet {
		s.DNSNameservers = slices.Clone(s.DNSNameservers)
		return s
	}), err
}

func noSubnet(id string) error {
	return model.Errorf(model.NotFound, "there is no subnet %q", bounded(id, 64))
}

// Subnet implements model.Subnets.
func (c *cloud) Subnet(ctx context.Context, id string) (model.Subnet, error) {
	path, err := segment("subnet", id)
	if err != nil || !c.Offers(model.NetworkService) {
		return model.Subnet{}, noSubnet(id)
	}
	var answer subnetAnswerBody
	if err := c.get(ctx, model.NetworkService, "subnet_show", "subnets/"+path, &answer); err != nil {
		return model.Subnet{}, err
	}
	s := answer.Subnet.model(c.tenant.project)
	if c.login.admin && !s.Owned {
		if _, err := c.Network(ctx, s.NetworkID); err != nil {
			return model.Subnet{}, noSubnet(id)
		}
	}
	return s, nil
}

// subnetCreate is a subnet in the body of Neutron's POST /subnets.
type subnetCreate struct {
	NetworkID   string   `json:"network_id"`
	Name        string   `json:"name,omitempty"`
	Description string   `json:"description,omitempty"`
	IPVersion   int      `json:"ip_version"`
	CIDR        string   `json:"cidr"`
	Gateway     string   `json:"gateway_ip,omitempty"`
	DHCP        bool     `json:"enable_dhcp"`
	DNS         []string `json:"dns_nameservers,omitempty"`
}

// subnetBody makes a body for Neutron, of what can be a subnet.
func subnetBody(r model.SubnetCreate) (subnetCreate, error) {
	if err := checkText("subnet", r.Name, r.Description); err != nil {
		return subnetCreate{}, err
	}
	prefix, err := netip.ParsePrefix(r.CIDR)
	if err != nil {
		return subnetCreate{}, model.Errorf(model.Invalid, "%q is not a range of addresses like 192.0.2.0/24", bounded(r.CIDR, 64))
	}
	s := subnetCreate{
		Name: r.Name, Description: r.Description, IPVersion: 4, CIDR: prefix.Masked().String(),
		Gateway: r.Gateway, DHCP: r.DHCP, DNS: r.DNSNameservers,
	}
	if prefix.Addr().Is6() {
		s.IPVersion = 6
	}
	if err := checkNameservers(r.DNSNameservers); err != nil || r.Gateway == "" {
		return s, err
	}
	gateway, err := netip.ParseAddr(r.Gateway)
	if err != nil || !prefix.Contains(gateway) {
		return subnetCreate{}, model.Errorf(model.Invalid, "the gateway %q is not an address in %s", bounded(r.Gateway, 64), s.CIDR)
	}
	return s, nil
}

func checkNameservers(all []string) error {
	for _, server := range all {
		if _, err := netip.ParseAddr(server); err != nil {
			return model.Errorf(model.Invalid, "the name server %q is not an IP address", bounded(server, 64))
		}
	}
	return nil
}

// postSubnets has the subnets of a network made, all or none, in one call; none
// if there are none to make.
func (c *cloud) postSubnets(ctx context.Context, networkID string, subnets []subnetCreate) ([]subnetAnswer, error) {
	if len(subnets) == 0 {
		return nil, nil
	}
	for i := range subnets {
		subnets[i].NetworkID = networkID
	}
	var made struct {
		Subnets []subnetAnswer `json:"subnets"`
	}
	err := c.call(ctx, model.NetworkService, request{
		name: "subnet_create", method: http.MethodPost, path: "subnets", body: map[string]any{"subnets": subnets}, answer: &made,
	})
	if err == nil && len(made.Subnets) != len(subnets) {
		l := label{model.NetworkService, "subnet_create"}
		err = model.Errorf(model.Unavailable, "the network service told of %d subnets; it should make %d", len(made.Subnets), len(subnets)).
			Because(failure{l, "malformed answer", true})
	}
	return made.Subnets, err
}

// CreateSubnet implements model.Subnets.
func (c *cloud) CreateSubnet(ctx context.Context, networkID string, r model.SubnetCreate) (model.Subnet, error) {
	body, err := subnetBody(r)
	if err != nil {
		return model.Subnet{}, err
	}
	if _, err := segment("network", networkID); err != nil {
		return model.Subnet{}, invalidIfMissing(err)
	}
	if c.login.admin {
		if _, err := c.ownNetwork(ctx, networkID); err != nil {
			return model.Subnet{}, invalidIfMissing(err)
		}
	}
	defer c.forgetNetworks()
	return making[model.Subnet]{
		noun: "subnet",
		begin: func(ctx context.Context) (model.Subnet, error) {
			made, err := c.postSubnets(ctx, networkID, []subnetCreate{body})
			if err != nil {
				return model.Subnet{}, invalidIfMissing(err)
			}
			return made[0].model(c.tenant.project), nil
		},
		id:   func(s model.Subnet) string { return s.ID },
		undo: c.DeleteSubnet,
	}.make(ctx, c)
}

// UpdateSubnet implements model.Subnets.
func (c *cloud) UpdateSubnet(ctx context.Context, id string, u model.SubnetUpdate) (model.Subnet, error) {
	if err := checkUpdate("subnet", u.Name, u.Description, nil, nil); err != nil {
		return model.Subnet{}, err
	}
	path, err := c.ownSubnet(ctx, id)
	if err != nil {
		return model.Subnet{}, err
	}
	body := map[string]any{}
	if u.Name != nil {
		body["name"] = *u.Name
	}
	if u.Description != nil {
		body["description"] = *u.Description
	}
	if u.Gateway != nil {
		body["gateway_ip"] = nil
		if *u.Gateway != "" {
			body["gateway_ip"] = *u.Gateway
		}
	}
	if u.DHCP != nil {
		body["enable_dhcp"] = *u.DHCP
	}
	if u.DNSNameservers != nil {
		if err := checkNameservers(*u.DNSNameservers); err != nil {
			return model.Subnet{}, err
		}
		body["dns_nameservers"] = append([]string{}, *u.DNSNameservers...)
	}
	if len(body) == 0 {
		return c.Subnet(ctx, id)
	}
	defer c.forgetNetworks()
	var answer subnetAnswerBody
	err = c.call(ctx, model.NetworkService, request{
		name: "subnet_update", method: http.MethodPut, path: path, body: map[string]any{"subnet": body}, answer: &answer,
	})
	return answer.Subnet.model(c.tenant.project), err
}

// ownSubnet gives the path of a subnet that the tenant may change. Neutron sees
// to that itself, but for administrators.
func (c *cloud) ownSubnet(ctx context.Context, id string) (string, error) {
	path, err := segment("subnet", id)
	if err != nil || !c.Offers(model.NetworkService) {
		return "", noSubnet(id)
	}
	if c.login.admin {
		s, err := c.Subnet(ctx, id)
		if err != nil {
			return "", err
		}
		if !s.Owned {
			return "", model.Errorf(model.Forbidden, "the subnet %q does not belong to the project", id)
		}
	}
	return "subnets/" + path, nil
}

// DeleteSubnet implements model.Subnets.
func (c *cloud) DeleteSubnet(ctx context.Context, id string) error {
	path, err := c.ownSubnet(ctx, id)
	if err != nil {
		return err
	}
	defer c.forgetNetworks()
	return c.call(ctx, model.NetworkService, request{name: "subnet_delete", method: http.MethodDelete, path: path})
}
