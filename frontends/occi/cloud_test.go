package occi_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/occimi/occimi/model"
)

// unused are interfaces of nouns that this protocol needs in parts only.
type unused interface {
	VolumeReason(context.Context, string) (string, error)
	SaveVolume(context.Context, string, string) (string, error)
	Snapshots(context.Context) ([]model.Snapshot, error)
	Snapshot(context.Context, string) (model.Snapshot, error)
	UpdateSnapshot(context.Context, string, model.SnapshotUpdate) (model.Snapshot, error)
	DeleteSnapshot(context.Context, string) error
	RevertVolume(context.Context, string, string) error
}

// fakeCloud is a tenant's cloud in memory. It notes every call, so that tests can
// hold operations to their budgets.
type fakeCloud struct {
	model.Cloud // what is not overridden is not called
	unused

	mu       sync.Mutex
	calls    []string
	fail     map[string]error // by method
	without  map[model.Service]bool
	machines []model.Machine
	images   []model.Image
	flavors  []model.Flavor
	networks []model.Network
	subnets  []model.Subnet
	ports    []model.Port
	parts
	oldSubnets bool // the next list of subnets is from before there were any
	created    model.MachineCreate
	saved      model.MachineSave
	did        []string // "action machine"
	// What fails at one thing only: TagMachine by id, CreateMachine by name.
	failTag, failCreate string
	project             string // "p" if empty
	// The first calls of the methods in meet wait until all of them have begun.
	meet map[string]bool
	met  sync.WaitGroup
}

const (
	runningID = "3f5a0c4e-0001-4000-8000-000000000001"
	stoppedID = "3f5a0c4e-0002-4000-8000-000000000002"
	failedID  = "3f5a0c4e-0003-4000-8000-000000000003"
	imageID   = "9d1c7a10-1111-4000-8000-000000000001"
	volumeID  = "7b0e0000-2222-4000-8000-000000000001"
	networkID = "5c0a0000-3333-4000-8000-000000000001"
	publicID  = "5c0a0000-3333-4000-8000-000000000002"
	portID    = "4d0f0000-4444-4000-8000-000000000001"
)

// newFakeCloud is a cloud with a running, a stopped and a failed machine.
func newFakeCloud() *fakeCloud {
	created := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	tiny := model.Flavor{ID: "1", Name: "m1.tiny", VCPUs: 1, MemoryMiB: 512, DiskGiB: 1}
	small := model.Flavor{ID: "2", Name: "m1.small", VCPUs: 1, MemoryMiB: 2048, DiskGiB: 20}
	large := model.Flavor{ID: "C2R2048D20", Name: "c2, large", VCPUs: 4, MemoryMiB: 8192, DiskGiB: 20}
	return &fakeCloud{
		flavors: []model.Flavor{tiny, small, large},
		images: []model.Image{
			{ID: imageID, Name: "Debian 12; \"bookworm\"", State: model.ImageAvailable, Architecture: "x86_64"},
			{ID: "9d1c7a10-1111-4000-8000-000000000002", Name: "half done", State: model.ImageCreating},
		},
		networks: []model.Network{
			{ID: networkID, Name: "private", Description: "the tenant's", State: model.LinkUp, AdminUp: true, SubnetIDs: []string{"s6", "s4"}, VLAN: 7, Owned: true, Tags: []string{"occi-label-blue"}},
			{ID: publicID, Name: "Public net", State: model.LinkUp, AdminUp: true, External: true},
		},
		subnets: []model.Subnet{
			{ID: "s6", NetworkID: networkID, CIDR: "2001:db8::/64", IPVersion: 6},
			{ID: "s4", NetworkID: networkID, CIDR: "10.0.0.0/24", IPVersion: 4, Gateway: "10.0.0.1", DHCP: true},
		},
		ports: []model.Port{{
			ID: portID, NetworkID: networkID, MachineID: runningID, SecurityGroupIDs: []string{groupID}, State: model.LinkUp, AdminUp: true,
			MACAddress: "fa:16:3e:00:00:01", FixedIPs: []model.FixedIP{{SubnetID: "s4", Address: "10.0.0.5"}},
		}},
		parts: newParts(),
		machines: []model.Machine{
			{
				ID: runningID, Name: "web, \"one\"\r\nX-Evil: 1", Description: "ünïcode\\", State: model.MachineRunning, Running: true,
				Created: created, Flavor: small, ImageID: imageID, Hostname: "web", VolumeIDs: []string{volumeID},
			},
			{ID: stoppedID, Name: "db", State: model.MachineStopped, Created: created, Flavor: tiny, ImageID: imageID, Hostname: "db"},
			{
				ID: failedID, Name: "lost", State: model.MachineFailed, StateDetail: "No valid host was found", Created: created,
				Flavor: model.Flavor{VCPUs: 3, MemoryMiB: 1536}, ImageID: "gone", Hostname: "lost",
			},
		},
	}
}

// note records a call and gives the error that the test wants of it.
func (f *fakeCloud) note(method string) error {
	f.mu.Lock()
	f.calls = append(f.calls, method)
	err, waits := f.fail[method], f.meet[method]
	delete(f.meet, method)
	f.mu.Unlock()
	if waits {
		f.met.Done()
		f.met.Wait()
	}
	return err
}

func (f *fakeCloud) Offers(s model.Service) bool { return !f.without[s] }

func (f *fakeCloud) MachineRefs(context.Context) ([]model.MachineRef, error) {
	refs := make([]model.MachineRef, len(f.machines))
	for i, m := range f.machines {
		refs[i] = model.MachineRef{ID: m.ID, Name: m.Name}
	}
	return refs, f.note("MachineRefs")
}

func (f *fakeCloud) Machines(context.Context) ([]model.Machine, error) {
	return f.machines, f.note("Machines")
}

func (f *fakeCloud) Machine(_ context.Context, id string) (model.Machine, error) {
	return f.machine("Machine", id)
}

func (f *fakeCloud) machine(call, id string) (model.Machine, error) {
	if err := f.note(call); err != nil {
		return model.Machine{}, err
	}
	i := slices.IndexFunc(f.machines, func(m model.Machine) bool { return m.ID == id })
	if i < 0 {
		return model.Machine{}, model.Errorf(model.NotFound, "there is no machine %q", id)
	}
	return f.machines[i], nil
}

func (f *fakeCloud) CreateMachine(_ context.Context, r model.MachineCreate) (model.Machine, error) {
	f.created = r
	if err := f.note("CreateMachine"); err != nil {
		return model.Machine{}, err
	}
	if f.failCreate != "" && f.failCreate == r.Name {
		return model.Machine{}, model.Errorf(model.Quota, "no more cores")
	}
	m := model.Machine{ID: "3f5a0c4e-00ff-4000-8000-0000000000ff", Name: r.Name, Description: r.Description, State: model.MachineCreating, ImageID: r.ImageID, Hostname: r.Hostname}
	for _, flavor := range f.flavors {
		if flavor.ID == r.FlavorID {
			m.Flavor = flavor
		}
	}
	return m, nil
}

func (f *fakeCloud) UpdateMachine(ctx context.Context, id string, u model.MachineUpdate) (model.Machine, error) {
	if err := f.note("UpdateMachine"); err != nil {
		return model.Machine{}, err
	}
	i := slices.IndexFunc(f.machines, func(m model.Machine) bool { return m.ID == id })
	m := &f.machines[i]
	for field, value := range map[*string]*string{&m.Name: u.Name, &m.Description: u.Description, &m.Hostname: u.Hostname} {
		if value != nil {
			*field = *value
		}
	}
	return *m, nil
}

func (f *fakeCloud) DeleteMachine(_ context.Context, id string) error {
	if err := f.note("DeleteMachine"); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.did = append(f.did, "delete "+id)
	return nil
}

func (f *fakeCloud) ActOnMachine(_ context.Context, id string, a model.MachineAction) error {
	if err := f.note("ActOnMachine"); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.did = append(f.did, fmt.Sprintf("%s %s", a, id))
	return nil
}

func (f *fakeCloud) SaveMachine(_ context.Context, id string, r model.MachineSave) (string, error) {
	f.saved = r
	return "9d1c7a10-1111-4000-8000-0000000000aa", f.note("SaveMachine")
}

func (f *fakeCloud) MachineAndAttachments(_ context.Context, id string) (model.Machine, []model.Attachment, error) {
	m, err := f.machine("MachineAndAttachments", id)
	var attachments []model.Attachment
	for _, v := range f.volumes {
		for _, a := range v.Attachments {
			if a.MachineID == id {
				attachments = append(attachments, a)
			}
		}
	}
	return m, attachments, err
}

func (f *fakeCloud) Flavors(context.Context) ([]model.Flavor, error) {
	return f.flavors, f.note("Flavors")
}

func (f *fakeCloud) Images(context.Context) ([]model.Image, error) {
	return f.images, f.note("Images")
}

func (f *fakeCloud) Networks(context.Context) ([]model.Network, error) {
	return f.networks, f.note("Networks")
}

func (f *fakeCloud) Network(_ context.Context, id string) (model.Network, error) {
	if err := f.note("Network"); err != nil {
		return model.Network{}, err
	}
	i := slices.IndexFunc(f.networks, func(n model.Network) bool { return n.ID == id })
	if i < 0 {
		return model.Network{}, model.Errorf(model.NotFound, "there is no network %q", id)
	}
	return f.networks[i], nil
}

func (f *fakeCloud) Subnets(context.Context) ([]model.Subnet, error) {
	err := f.note("Subnets")
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.oldSubnets {
		f.oldSubnets = false
		return nil, err
	}
	return f.subnets, err
}

func (f *fakeCloud) MachinePorts(_ context.Context, machineID string) ([]model.Port, error) {
	f.mu.Lock()
	all := slices.Clone(f.ports)
	if machineID != "" { // they are there the next time
		f.ports, f.portsLater = append(f.ports, f.portsLater...), nil
	}
	f.mu.Unlock()
	ports := slices.DeleteFunc(all, func(p model.Port) bool { return machineID != "" && p.MachineID != machineID })
	return ports, f.note("MachinePorts")
}

func (f *fakeCloud) Port(_ context.Context, id string) (model.Port, error) {
	if err := f.note("Port"); err != nil {
		return model.Port{}, err
	}
	i := slices.IndexFunc(f.ports, func(p model.Port) bool { return p.ID == id })
	if i < 0 {
		return model.Port{}, model.Errorf(model.NotFound, "there is no port %q", id)
	}
	return f.ports[i], nil
}

// fakeProvider opens the cloud to the token "good".
type fakeProvider struct{ cloud model.Cloud }

func (p fakeProvider) Finish(context.Context) {}

func (p fakeProvider) Login(_ context.Context, c model.Credentials) (model.Cloud, error) {
	if c.Token != "good" {
		return nil, model.Errorf(model.Unauthorized, "the token is not good")
	}
	return p.cloud, nil
}

func (f *fakeCloud) WithoutDeleting() model.Cloud { return f }

func (f *fakeCloud) Identity() model.Identity {
	return model.Identity{ProjectID: cmp.Or(f.project, "p")}
}
