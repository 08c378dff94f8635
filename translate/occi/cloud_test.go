package occi_test

import (
	"context"
	"fmt"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/occi"
)

var links = occi.Links{Base: "https://cloud.example.org", Path: "/"}

// fake is a cloud with nothing but the machines given, each with a port and a
// volume, one image and one flavor.
type fake struct {
	model.Cloud
	machines []model.Machine
	ports    []model.Port
}

func machines(m ...model.Machine) *fake { return &fake{machines: m} }

func machineNamed(title string) model.Machine {
	return model.Machine{ID: "m", Name: title, State: model.MachineRunning}
}

// manyMachines is a cloud of n machines.
func manyMachines(n int) *fake {
	f := &fake{}
	for i := range n {
		id := fmt.Sprintf("3f5a0c4e-0001-4000-8000-%012d", i)
		f.machines = append(f.machines, model.Machine{
			ID: id, Name: fmt.Sprintf("machine %d", i), State: model.MachineRunning, Hostname: fmt.Sprintf("machine-%d", i),
			Flavor: model.Flavor{ID: "1", VCPUs: 1, MemoryMiB: 512}, ImageID: "image", VolumeIDs: []string{"v" + id},
		})
		f.ports = append(f.ports, model.Port{
			ID: "p" + id, MachineID: id, NetworkID: "n", State: model.LinkUp, AdminUp: true, MACAddress: "fa:16:3e:00:00:01",
			FixedIPs: []model.FixedIP{{SubnetID: "s", Address: "10.0.0.5"}},
		})
	}
	return f
}

func (f *fake) Offers(model.Service) bool { return true }

func (f *fake) MachineRefs(context.Context) ([]model.MachineRef, error) {
	refs := make([]model.MachineRef, len(f.machines))
	for i, m := range f.machines {
		refs[i] = model.MachineRef{ID: m.ID, Name: m.Name}
	}
	return refs, nil
}

func (f *fake) Machines(context.Context) ([]model.Machine, error) { return f.machines, nil }

func (f *fake) Machine(context.Context, string) (model.Machine, error) { return f.machines[0], nil }

func (f *fake) MachineAndAttachments(context.Context, string) (model.Machine, []model.Attachment, error) {
	return f.machines[0], nil, nil
}

func (f *fake) Flavors(context.Context) ([]model.Flavor, error) {
	return []model.Flavor{{ID: "1", Name: "m1.tiny", VCPUs: 1, MemoryMiB: 512}}, nil
}

func (f *fake) Images(context.Context) ([]model.Image, error) {
	return []model.Image{{ID: "image", Name: "Debian", State: model.ImageAvailable}}, nil
}

func (f *fake) Subnets(context.Context) ([]model.Subnet, error) {
	return []model.Subnet{{ID: "s", CIDR: "10.0.0.0/24", IPVersion: 4, Gateway: "10.0.0.1", DHCP: true}}, nil
}

func (f *fake) MachinePorts(context.Context, string) ([]model.Port, error) { return f.ports, nil }

func (f *fake) Zones(context.Context) ([]model.Zone, error) {
	return []model.Zone{{Name: "nova", Available: true}}, nil
}

// flavored is a fake with flavors of its own.
type flavored struct {
	fake
	flavors []model.Flavor
}

func (f *flavored) Flavors(context.Context) ([]model.Flavor, error) { return f.flavors, nil }
