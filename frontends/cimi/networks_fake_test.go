package cimi_test

import (
	"context"
	"fmt"

	"github.com/occimi/occimi/model"
)

// wires is what a fake cloud has of networks.
type wires struct {
	networks []model.Network
	subnets  []model.Subnet
	ports    []model.Port
	routers  []model.Router
	floating []model.FloatingIP
	// deeds are the changes that were asked for.
	deeds []string
	// refused is the deed that fails.
	refused string
}

func newWires() wires {
	return wires{
		networks: []model.Network{
			{ID: "n-1", Name: "private", Description: "Ours", State: model.LinkUp, AdminUp: true, Owned: true, MTU: 1450, SubnetIDs: []string{"s-1", "s-2"}, Created: born},
			{ID: "n-2", Name: "idle", State: model.LinkDown, Owned: true, MTU: 1450, Created: born},
			{ID: "n-3", Name: "public", State: model.LinkUp, AdminUp: true, External: true, MTU: 1500, SubnetIDs: []string{"s-3"}, Created: born},
		},
		subnets: []model.Subnet{
			{ID: "s-1", NetworkID: "n-1", Name: "four", CIDR: "10.0.0.0/24", IPVersion: 4, Gateway: "10.0.0.1", DHCP: true, DNSNameservers: []string{"192.0.2.53", "192.0.2.54"}, Owned: true, Created: born},
			{ID: "s-2", NetworkID: "n-1", Name: "six", Description: "IPv6", CIDR: "fd00::/64", IPVersion: 6, Owned: true, Created: born},
		},
		ports: []model.Port{{
			ID: "p-1", NetworkID: "n-1", MachineID: "m-1", State: model.LinkUp, AdminUp: true, MACAddress: "fa:16:3e:00:00:01",
			FixedIPs: []model.FixedIP{{SubnetID: "s-1", Address: "10.0.0.5"}, {SubnetID: "s-2", Address: "fd00::5"}}, Created: born,
		}, {
			ID: "p-2", NetworkID: "n-1", Name: "spare", Description: "Nobody's", State: model.LinkDown, MACAddress: "fa:16:3e:00:00:02",
			FixedIPs: []model.FixedIP{{SubnetID: "s-1", Address: "10.0.0.6"}}, Created: born,
		}},
		routers: []model.Router{{
			ID: "r-1", Name: "way out", Description: "All of it", AdminUp: true, ExternalNetworkID: "n-3", SubnetIDs: []string{"s-1"}, Created: born,
		}},
		floating: []model.FloatingIP{
			{ID: "f-1", Address: "203.0.113.9", NetworkID: "n-3", State: model.LinkUp, PortID: "p-1", FixedIP: "10.0.0.5", MachineID: "m-1", Created: born},
			{ID: "f-2", Address: "203.0.113.10", NetworkID: "n-3", Description: "reserve", State: model.LinkDown, Created: born},
		},
	}
}

func (f *fake) deed(format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	f.deeds = append(f.deeds, what)
	if what == f.refused {
		return model.Errorf(model.Conflict, "not now")
	}
	return f.call()
}

// found gives a copy of the thing with the id.
func found[T any](f *fake, list []T, noun, id string, idOf func(*T) string) (T, error) {
	for i := range list {
		if idOf(&list[i]) == id {
			return list[i], f.call()
		}
	}
	var none T
	_ = f.call()
	return none, model.Errorf(model.NotFound, "there is no %s %s", noun, id)
}

func (f *fake) Networks(context.Context) ([]model.Network, error) { return f.networks, f.call() }
func (f *fake) Subnets(context.Context) ([]model.Subnet, error)   { return f.subnets, f.call() }
func (f *fake) Ports(context.Context) ([]model.Port, error)       { return f.ports, f.call() }
func (f *fake) Routers(context.Context) ([]model.Router, error)   { return f.routers, f.call() }

func (f *fake) FloatingIPs(context.Context) ([]model.FloatingIP, error) { return f.floating, f.call() }

func (f *fake) Network(_ context.Context, id string) (model.Network, error) {
	return found(f, f.networks, "network", id, func(n *model.Network) string { return n.ID })
}

func (f *fake) Subnet(_ context.Context, id string) (model.Subnet, error) {
	return found(f, f.subnets, "subnet", id, func(s *model.Subnet) string { return s.ID })
}

func (f *fake) Port(_ context.Context, id string) (model.Port, error) {
	return found(f, f.ports, "port", id, func(p *model.Port) string { return p.ID })
}

func (f *fake) Router(_ context.Context, id string) (model.Router, error) {
	return found(f, f.routers, "router", id, func(r *model.Router) string { return r.ID })
}

func (f *fake) FloatingIP(_ context.Context, id string) (model.FloatingIP, error) {
	return found(f, f.floating, "floating IP", id, func(i *model.FloatingIP) string { return i.ID })
}

func (f *fake) MachinePorts(_ context.Context, id string) ([]model.Port, error) {
	var ports []model.Port
	for _, p := range f.ports {
		if p.MachineID != "" && (id == "" || p.MachineID == id) {
			ports = append(ports, p)
		}
	}
	return ports, f.call()
}

func (f *fake) CreateNetwork(_ context.Context, r model.NetworkCreate) (model.Network, error) {
	n := model.Network{ID: "n-9", Name: r.Name, State: model.LinkUp, AdminUp: true, Owned: true, MTU: r.MTU, Created: born}
	for i := range r.Subnets {
		n.SubnetIDs = append(n.SubnetIDs, fmt.Sprint("s-9", i))
	}
	f.networks = append(f.networks, n)
	return n, f.deed("create network %+v", r)
}

func (f *fake) UpdateNetwork(ctx context.Context, id string, u model.NetworkUpdate) (model.Network, error) {
	n, err := f.Network(ctx, id)
	if err == nil {
		err = f.deed("update network %s: %s %s %s", id, shown(u.Name), shown(u.Description), shown(u.AdminUp))
	}
	return n, err
}

func (f *fake) DeleteNetwork(_ context.Context, id string) error {
	return f.deed("delete network %s", id)
}

func (f *fake) CreateSubnet(_ context.Context, network string, r model.SubnetCreate) (model.Subnet, error) {
	s := model.Subnet{ID: "s-9", NetworkID: network, Name: r.Name, CIDR: r.CIDR, DHCP: r.DHCP, Owned: true, Created: born}
	return s, f.deed("create subnet on %s %+v", network, r)
}

func (f *fake) UpdateSubnet(ctx context.Context, id string, u model.SubnetUpdate) (model.Subnet, error) {
	s, err := f.Subnet(ctx, id)
	if err == nil {
		err = f.deed("update subnet %s: %s %s %s %s %s", id, shown(u.Name), shown(u.Description), shown(u.Gateway), shown(u.DHCP), shown(u.DNSNameservers))
	}
	return s, err
}

func (f *fake) DeleteSubnet(_ context.Context, id string) error {
	return f.deed("delete subnet %s", id)
}

func (f *fake) CreatePort(_ context.Context, r model.PortCreate) (model.Port, error) {
	p := model.Port{ID: "p-9", NetworkID: r.NetworkID, Name: r.Name, State: model.LinkDown, AdminUp: !r.Down, MACAddress: "fa:16:3e:00:00:09", Created: born}
	for _, ip := range r.FixedIPs {
		if ip.Address == "" {
			ip.Address = "10.0.0.99"
		}
		p.FixedIPs = append(p.FixedIPs, model.FixedIP{SubnetID: "s-1", Address: ip.Address})
	}
	f.ports = append(f.ports, p)
	return p, f.deed("create port %+v", r)
}

func (f *fake) UpdatePort(ctx context.Context, id string, u model.PortUpdate) (model.Port, error) {
	p, err := f.Port(ctx, id)
	if err != nil {
		return p, err
	}
	if u.FixedIPs != nil {
		p.FixedIPs = nil
	}
	for _, ip := range u.FixedIPs {
		if ip.Address == "" {
			ip.Address = "10.0.0.99"
		}
		p.FixedIPs = append(p.FixedIPs, ip)
	}
	return p, f.deed("update port %s: %s %s %s %v", id, shown(u.Name), shown(u.Description), shown(u.AdminUp), u.FixedIPs)
}

func (f *fake) DeletePort(_ context.Context, id string) error { return f.deed("delete port %s", id) }

func (f *fake) AttachNetwork(_ context.Context, machine string, n model.MachineNetwork) (model.Port, error) {
	p := model.Port{ID: "p-9", NetworkID: n.NetworkID, MachineID: machine, State: model.LinkUp, AdminUp: true, Created: born}
	f.ports = append(f.ports, p)
	return p, f.deed("attach %+v to %s", n, machine)
}

func (f *fake) DetachPort(_ context.Context, machine, id string) error {
	return f.deed("detach %s from %s", id, machine)
}

func (f *fake) CreateRouter(_ context.Context, r model.RouterCreate) (model.Router, error) {
	return model.Router{ID: "r-9", Name: r.Name, ExternalNetworkID: r.ExternalNetworkID, SubnetIDs: r.SubnetIDs, Created: born}, f.deed("create router %+v", r)
}

func (f *fake) UpdateRouter(ctx context.Context, id string, u model.RouterUpdate) (model.Router, error) {
	r, err := f.Router(ctx, id)
	if err == nil {
		err = f.deed("update router %s: %s %s %s", id, shown(u.Name), shown(u.Description), shown(u.ExternalNetworkID))
	}
	return r, err
}

func (f *fake) AddRouterInterface(_ context.Context, id, subnet string) error {
	return f.deed("plug %s into %s", subnet, id)
}

func (f *fake) RemoveRouterInterface(_ context.Context, id, subnet string) error {
	return f.deed("unplug %s from %s", subnet, id)
}

func (f *fake) DeleteRouter(_ context.Context, id string) error {
	return f.deed("delete router %s", id)
}

func (f *fake) CreateFloatingIP(_ context.Context, r model.FloatingIPCreate) (model.FloatingIP, error) {
	return model.FloatingIP{ID: "f-9", Address: "203.0.113.99", NetworkID: r.NetworkID, PortID: r.PortID, Description: r.Description, Created: born}, f.deed("take %+v", r)
}

func (f *fake) PointFloatingIP(ctx context.Context, id, port string) (model.FloatingIP, error) {
	i, err := f.FloatingIP(ctx, id)
	if err == nil {
		err = f.deed("point %s at %q", id, port)
	}
	i.PortID = port
	return i, err
}

func (f *fake) UpdateFloatingIP(ctx context.Context, id string, _ model.FloatingIPUpdate) (model.FloatingIP, error) {
	return f.FloatingIP(ctx, id)
}

func (f *fake) DeleteFloatingIP(_ context.Context, id string) error {
	return f.deed("give back %s", id)
}

func shown[T any](p *T) string {
	if p == nil {
		return "-"
	}
	return fmt.Sprintf("%v", *p)
}
