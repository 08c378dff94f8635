package occi

import (
	"context"
	"slices"
	"strconv"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// A network interface is a port of a machine, and its id the port's; or it is a
// floating IP that points at a machine, and its id is made of the floating IP's.

// interfaceRefs gives the ids alone, for which neither subnets nor machines are
// read.
func interfaceRefs(ctx context.Context, s *Session) ([]string, error) {
	var ports []model.Port
	var ips []model.FloatingIP
	g, ctx := fanout.WithContext(ctx)
	g.Go(func() (err error) { ports, err = machinePorts(ctx, s, ""); return })
	g.Go(func() (err error) { ips, err = readFloatingIPs(ctx, s); return })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	ids := idsOf(ports, func(p model.Port) string { return p.ID })
	return append(ids, idsOf(floatingIPsOn(ips, ""), floatingID)...), nil
}

func interfaceList(ctx context.Context, s *Session) ([]Entity, error) {
	return interfaceLinks(ctx, s, "")
}

// interfaceLinks gives the interfaces of one machine, or of all with "": ports
// first.
func interfaceLinks(ctx context.Context, s *Session, machineID string) ([]Entity, error) {
	var ports []model.Port
	var subnets map[string]model.Subnet
	var ips []model.FloatingIP
	g, ctx := fanout.WithContext(ctx)
	g.Go(func() (err error) { ports, subnets, err = portsAndSubnets(ctx, s, machineID); return })
	g.Go(func() (err error) { ips, err = readFloatingIPs(ctx, s); return })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	links := interfaceEntities(ports, subnets)
	for _, f := range floatingIPsOn(ips, machineID) {
		links = append(links, floatingEntity(f))
	}
	return links, nil
}

func interfaceGet(ctx context.Context, s *Session, id string) (Entity, error) {
	if isFloating(id) {
		f, err := linkedFloatingIP(ctx, s, id)
		return floatingEntity(f), err
	}
	port, err := s.Cloud.Port(ctx, id)
	if err != nil {
		return Entity{}, err
	}
	if port.MachineID == "" {
		return Entity{}, noInterface(id)
	}
	// The device's name is its place among the machine's ports.
	ports, subnets, err := portsAndSubnets(ctx, s, port.MachineID)
	if err != nil {
		return Entity{}, err
	}
	for _, e := range interfaceEntities(ports, subnets) {
		if e.ID == id {
			return e, nil
		}
	}
	return Entity{}, noInterface(id)
}

func noInterface(id string) error {
	return model.Errorf(model.NotFound, "there is no network interface %s", quoteForMessage(id))
}

func interfacesOf(ctx context.Context, s *Session, machineID string) (map[string][]Entity, error) {
	links, err := interfaceLinks(ctx, s, machineID)
	return bySource(links), err
}

// bySource groups links by the path of the resource that they begin at.
func bySource(links []Entity) map[string][]Entity {
	groups := make(map[string][]Entity)
	for _, l := range links {
		groups[l.Source.Path] = append(groups[l.Source.Path], l)
	}
	return groups
}

// portsAndSubnets reads the ports of one machine, or of all with "", in the order
// in which machines have them, and what it takes to render them.
func portsAndSubnets(ctx context.Context, s *Session, machineID string) (ports []model.Port, subnets map[string]model.Subnet, err error) {
	g, ctx := fanout.WithContext(ctx)
	g.Go(func() (err error) {
		if ports, err = machinePorts(ctx, s, machineID); err == nil {
			ports, err = inPlace(ctx, s, machineID, ports)
		}
		return err
	})
	g.Go(func() (err error) { subnets, err = subnetsByID(ctx, s); return })
	err = g.Wait()
	return ports, subnets, err
}

// machinePorts reads the ports of one machine, or of all with "", in the order of
// their creation.
func machinePorts(ctx context.Context, s *Session, machineID string) ([]model.Port, error) {
	return s.ports.of(machineID).read(ctx, func(ctx context.Context) ([]model.Port, error) { return s.Cloud.MachinePorts(ctx, machineID) })
}

// inPlace gives ports in the order in which machines have them. Neutron knows none,
// and many are made in the same second: the machine tells, and is read if it has
// several.
func inPlace(ctx context.Context, s *Session, machineID string, ports []model.Port) ([]model.Port, error) {
	seen := make(map[string]bool)
	several := slices.ContainsFunc(ports, func(p model.Port) bool {
		again := seen[p.MachineID]
		seen[p.MachineID] = true
		return again
	})
	if !several {
		return ports, nil
	}
	if machineID == "" {
		machines, err := readMachines(ctx, s)
		return model.InPlace(ports, machines), err
	}
	m, err := readWhole(ctx, s, machineID)
	if model.IsCode(err, model.NotFound) { // gone meanwhile
		return ports, nil
	}
	return model.InPlace(ports, []model.Machine{m.Machine}), err
}

// interfaceEntities renders ports, which come in the order in which machines have
// them, and numbers the devices of each in that order.
func interfaceEntities(ports []model.Port, subnets map[string]model.Subnet) []Entity {
	entities := make([]Entity, 0, len(ports))
	devices := make(map[string]int)
	for _, p := range ports {
		if p.MachineID == "" {
			continue
		}
		n := devices[p.MachineID]
		devices[p.MachineID]++
		entities = append(entities, interfaceEntity(p, n, subnets))
	}
	return entities
}

func interfaceEntity(p model.Port, device int, subnets map[string]model.Subnet) Entity {
	e := Entity{
		Kind:   networkInterfaceKind,
		ID:     p.ID,
		Marks:  p.Tags,
		Source: End{computeKind.ID, computeKind.Location + p.MachineID},
		Target: End{networkKind.ID, networkKind.Location + p.NetworkID},
	}
	e.setText(coreTitle, p.Name)
	e.set(interfaceName, String("eth"+strconv.Itoa(device)))
	e.setText(interfaceMAC, p.MACAddress)
	if p.AdminUp {
		e.Actions = []*Action{downInterface}
	} else {
		e.Actions = []*Action{upInterface}
	}
	state := linkState(p.State, p.AdminUp)
	e.set(interfaceState, String(state))
	if state != stateActive && p.State != model.LinkUp {
		e.set(interfaceStateMessage, String(string(p.State)))
	}
	if len(p.FixedIPs) == 0 {
		return e
	}
	// OCCI knows one address per interface: the first, IPv4 if there is one.
	address := p.FixedIPs[0]
	subnet := subnets[address.SubnetID]
	e.Mixins = append(e.Mixins, ipNetworkInterface)
	e.setText(interfaceAddress, address.Address)
	e.setText(interfaceGateway, subnet.Gateway)
	e.set(interfaceAllocation, String(allocation(subnet)))
	return e
}
