package occi

import (
	"cmp"
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
	var links []Entity
	var ips []model.FloatingIP
	g, ctx := fanout.WithContext(ctx)
	g.Go(func() (err error) { links, err = portLinks(ctx, s, machineID); return })
	g.Go(func() (err error) { ips, err = readFloatingIPs(ctx, s); return })
	if err := g.Wait(); err != nil {
		return nil, err
	}
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
	links, err := portLinks(ctx, s, port.MachineID)
	if err != nil {
		return Entity{}, err
	}
	for _, e := range links {
		if e.ID == id {
			return e, nil
		}
	}
	return Entity{}, noInterface(id)
}

func noInterface(id string) error {
	return model.Errorf(model.NotFound, "there is no network interface %s", quoteForMessage(id))
}

// interfacesOf gives the interfaces by machine, in the order of its devices:
// clients take the first address for that of the first.
func interfacesOf(ctx context.Context, s *Session, machineID string) (map[string][]Entity, error) {
	links, err := interfaceLinks(ctx, s, machineID)
	groups := bySource(links)
	name := func(e Entity) string { return cmp.Or(e.value(interfaceName, AnyVersion).Text(), "no device") } // that comes last
	for _, own := range groups {
		slices.SortStableFunc(own, func(a, b Entity) int {
			x, y := name(a), name(b)
			return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)) // eth2, eth10
		})
	}
	return groups, err
}

// bySource groups links by the path of the resource that they begin at.
func bySource(links []Entity) map[string][]Entity {
	groups := make(map[string][]Entity)
	for _, l := range links {
		groups[l.Source.Path] = append(groups[l.Source.Path], l)
	}
	return groups
}

// portLinks gives the interfaces of one machine, or of all with "", that are
// ports, in the order of their creation.
func portLinks(ctx context.Context, s *Session, machineID string) ([]Entity, error) {
	var ports []model.Port
	var devices map[string]int
	var subnets map[string]model.Subnet
	g, ctx := fanout.WithContext(ctx)
	g.Go(func() (err error) {
		if ports, err = machinePorts(ctx, s, machineID); err == nil {
			devices, err = deviceNumbers(ctx, s, machineID, ports)
		}
		return err
	})
	g.Go(func() (err error) { subnets, err = subnetsByID(ctx, s); return })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	links := make([]Entity, len(ports))
	for i, p := range ports {
		links[i] = interfaceEntity(p, device(devices[p.ID]), subnets)
	}
	return links, nil
}

// machinePorts reads the ports of one machine, or of all with "".
func machinePorts(ctx context.Context, s *Session, machineID string) ([]model.Port, error) {
	return s.ports.of(machineID).read(ctx, func(ctx context.Context) ([]model.Port, error) { return s.Cloud.MachinePorts(ctx, machineID) })
}

// deviceNumbers numbers the ports of each machine in the order in which it has
// them, by their ids. OpenStack gives ports no order, and many are made in the same
// second: the machine tells, and is read if it has several. What it does not tell of
// yet comes last, in the order of creation.
func deviceNumbers(ctx context.Context, s *Session, machineID string, ports []model.Port) (map[string]int, error) {
	several := false
	ofMachine := make(map[string][]model.Port)
	for _, p := range ports {
		ofMachine[p.MachineID] = append(ofMachine[p.MachineID], p)
		several = several || len(ofMachine[p.MachineID]) > 1
	}
	if !several {
		return nil, nil
	}
	machines, err := machinesOf(ctx, s, machineID)
	if err != nil {
		return nil, err
	}
	for i := range machines {
		m := &machines[i]
		slices.SortStableFunc(ofMachine[m.ID], func(a, b model.Port) int { return cmp.Compare(m.Place(&a), m.Place(&b)) })
	}
	devices := make(map[string]int, len(ports))
	for _, own := range ofMachine {
		for i, p := range own {
			devices[p.ID] = i
		}
	}
	return devices, nil
}

// machinesOf reads one machine, or all with ""; none if it is gone meanwhile.
func machinesOf(ctx context.Context, s *Session, machineID string) ([]model.Machine, error) {
	if machineID == "" {
		return readMachines(ctx, s)
	}
	whole, err := readWhole(ctx, s, machineID)
	if model.IsCode(err, model.NotFound) {
		return nil, nil
	}
	return []model.Machine{whole.Machine}, err
}

// device is what Linux guests call a network interface.
func device(number int) string { return "eth" + strconv.Itoa(number) }

func interfaceEntity(p model.Port, device string, subnets map[string]model.Subnet) Entity {
	e := Entity{
		Kind:   networkInterfaceKind,
		ID:     p.ID,
		Marks:  p.Tags,
		Source: End{computeKind.ID, computeKind.Location + p.MachineID},
		Target: End{networkKind.ID, networkKind.Location + p.NetworkID},
	}
	e.setText(coreTitle, p.Name)
	e.set(interfaceName, String(device))
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
