package occi_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/occimi/occimi/model"
)

// parts are what the fake cloud has besides machines.
type parts struct {
	volumes     []model.Volume
	floatingIPs []model.FloatingIP
	groups      []model.SecurityGroup
	zones       []model.Zone
	// portsLater are the interfaces that a new machine gets once it was looked for
	// them.
	portsLater []model.Port
	// unreachable is a port that floating IPs cannot point at.
	unreachable string
}

const (
	freeVolumeID = "7b0e0000-2222-4000-8000-000000000002"
	usedIPID     = "6e0c0000-5555-4000-8000-000000000001"
	freeIPID     = "6e0c0000-5555-4000-8000-000000000002"
	linkedIPID   = "6e0c0000-5555-4000-8000-000000000003"
	groupID      = "8f0d0000-6666-4000-8000-000000000001"
	otherGroupID = "8f0d0000-6666-4000-8000-000000000002"
	madeByLink   = "taken for an OCCI network interface, and released with it"
)

func newParts() parts {
	return parts{
		volumes: []model.Volume{
			{
				ID: volumeID, Name: "data; one", Description: "of \"mine\"", State: model.VolumeInUse, SizeGiB: 10, Created: time.Unix(1, 0).UTC(),
				Attachments: []model.Attachment{{MachineID: runningID, VolumeID: volumeID, Device: "/dev/vdb"}},
			},
			{ID: freeVolumeID, Name: "free", State: model.VolumeAvailable, SizeGiB: 2, Created: time.Unix(2, 0).UTC()},
			{ID: "v-new", State: model.VolumeCreating, StateDetail: "downloading", SizeGiB: 1, Created: time.Unix(3, 0).UTC()},
			{ID: "v-bad", Name: "bad", State: model.VolumeFailed, StateDetail: "error extending", SizeGiB: 2, Created: time.Unix(4, 0).UTC()},
			{ID: "v-off", Name: "off", State: model.VolumeAvailable, SizeGiB: 3, Metadata: map[string]string{"occi_offline": "true"}, Created: time.Unix(5, 0).UTC()},
		},
		floatingIPs: []model.FloatingIP{
			{ID: usedIPID, Address: "192.0.2.7", NetworkID: publicID, Description: "of the \"site\"", State: model.LinkUp, PortID: portID, FixedIP: "10.0.0.5", MachineID: runningID},
			{ID: freeIPID, Address: "192.0.2.8", NetworkID: publicID, State: model.LinkDown},
			{ID: linkedIPID, Address: "192.0.2.9", NetworkID: publicID, Description: madeByLink, State: model.LinkUp, PortID: portID, MachineID: runningID},
		},
		groups: []model.SecurityGroup{
			{ID: groupID, Name: "web, \"all\"", Description: "for the site", Rules: []model.SecurityRule{
				{ID: "r1", Direction: model.Inbound, IPVersion: 4, Protocol: "tcp", PortMin: 80, PortMax: 80, Range: "0.0.0.0/0"},
				{ID: "r2", Direction: model.Inbound, IPVersion: 6, Protocol: "tcp", PortMin: 8000, PortMax: 8080, Range: "2001:db8::/32"},
				{ID: "r3", Direction: model.Outbound, IPVersion: 4},
				{ID: "r4", Direction: model.Inbound, IPVersion: 4, Protocol: "icmp", RemoteGroupID: otherGroupID},
			}},
			{ID: otherGroupID, Name: "default"},
		},
		zones: []model.Zone{{Name: "nova", Available: true}, {Name: "broken"}},
	}
}

// deed records that something was done, if the test does not want it to fail.
func (f *fakeCloud) deed(method, format string, args ...any) error {
	if err := f.note(method); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.did = append(f.did, fmt.Sprintf(format, args...))
	return nil
}

func find[T any](things []T, what, id string, is func(T) bool) (*T, error) {
	i := slices.IndexFunc(things, is)
	if i < 0 {
		return new(T), model.Errorf(model.NotFound, "there is no %s %q", what, id)
	}
	return &things[i], nil
}

func show[T any](p *T) string {
	if p == nil {
		return "-"
	}
	return fmt.Sprintf("%#v", *p)
}

func (f *fakeCloud) Zones(context.Context) ([]model.Zone, error) { return f.zones, f.note("Zones") }

func (f *fakeCloud) VolumeRefs(context.Context) ([]model.VolumeRef, error) {
	refs := make([]model.VolumeRef, len(f.volumes))
	for i, v := range f.volumes {
		refs[i] = model.VolumeRef{ID: v.ID, Name: v.Name}
	}
	return refs, f.note("VolumeRefs")
}

func (f *fakeCloud) Volumes(context.Context) ([]model.Volume, error) {
	return f.volumes, f.note("Volumes")
}

func (f *fakeCloud) volume(id string) (*model.Volume, error) {
	return find(f.volumes, "volume", id, func(v model.Volume) bool { return v.ID == id })
}

func (f *fakeCloud) Volume(_ context.Context, id string) (model.Volume, error) {
	if err := f.note("Volume"); err != nil {
		return model.Volume{}, err
	}
	v, err := f.volume(id)
	return *v, err
}

func (f *fakeCloud) CreateVolume(_ context.Context, r model.VolumeCreate) (model.Volume, error) {
	err := f.deed("CreateVolume", "create volume %+v", r)
	return model.Volume{ID: "v-made", Name: r.Name, Description: r.Description, State: model.VolumeCreating, SizeGiB: r.SizeGiB}, err
}

func (f *fakeCloud) UpdateVolume(_ context.Context, id string, u model.VolumeUpdate) (model.Volume, error) {
	if err := f.deed("UpdateVolume", "update volume %s: %s %s %v", id, show(u.Name), show(u.Description), u.Metadata); err != nil {
		return model.Volume{}, err
	}
	v, err := f.volume(id)
	for field, value := range map[*string]*string{&v.Name: u.Name, &v.Description: u.Description} {
		if value != nil {
			*field = *value
		}
	}
	return *v, err
}

func (f *fakeCloud) ExtendVolume(_ context.Context, id string, size int) error {
	return f.deed("ExtendVolume", "extend %s to %d", id, size)
}

func (f *fakeCloud) DeleteVolume(_ context.Context, id string) error {
	return f.deed("DeleteVolume", "delete volume %s", id)
}

func (f *fakeCloud) CreateSnapshot(_ context.Context, r model.SnapshotCreate) (model.Snapshot, error) {
	return model.Snapshot{ID: "snapshot"}, f.deed("CreateSnapshot", "snapshot %s", r.VolumeID)
}

func (f *fakeCloud) BackUpVolume(_ context.Context, id, name string) (string, error) {
	return "backup", f.deed("BackUpVolume", "back up %s", id)
}

func (f *fakeCloud) AttachVolume(_ context.Context, id string, v model.MachineVolume) (model.Attachment, error) {
	return model.Attachment{MachineID: id, VolumeID: v.VolumeID, Device: "/dev/vdc"}, f.deed("AttachVolume", "attach {VolumeID:%s Device:%s Boot:%t} to %s", v.VolumeID, v.Device, v.Boot, id)
}

func (f *fakeCloud) DetachVolume(_ context.Context, id, volume string) error {
	return f.deed("DetachVolume", "detach %s from %s", volume, id)
}

func (f *fakeCloud) AttachNetwork(_ context.Context, id string, n model.MachineNetwork) (model.Port, error) {
	if err := f.deed("AttachNetwork", "plug %s into %+v", id, n); err != nil {
		return model.Port{}, err
	}
	p := model.Port{ID: "port-made", NetworkID: n.NetworkID, MachineID: id, AdminUp: true, State: model.LinkBuilding, FixedIPs: []model.FixedIP{{SubnetID: "s4", Address: "10.0.0.6"}}}
	f.ports = append(f.ports, p)
	return p, nil
}

func (f *fakeCloud) DetachPort(_ context.Context, id, port string) error {
	return f.deed("DetachPort", "unplug %s of %s", port, id)
}

func (f *fakeCloud) UpdatePort(_ context.Context, id string, u model.PortUpdate) (model.Port, error) {
	err := f.deed("UpdatePort", "update port %s: %s %s %v", id, show(u.Name), show(u.AdminUp), u.FixedIPs)
	p, _ := find(f.ports, "port", id, func(p model.Port) bool { return p.ID == id })
	return *p, err
}

func (f *fakeCloud) CreateNetwork(_ context.Context, r model.NetworkCreate) (model.Network, error) {
	if err := f.deed("CreateNetwork", "create network %q %q down %v subnets %+v tags %v", r.Name, r.Description, r.Down, r.Subnets, r.Tags); err != nil {
		return model.Network{}, err
	}
	n := model.Network{ID: "n-made", Name: r.Name, Description: r.Description, State: model.LinkUp, AdminUp: true, Owned: true, Tags: r.Tags}
	for _, wanted := range r.Subnets {
		n.SubnetIDs = []string{"s-made"}
		f.subnets = append(f.subnets, model.Subnet{ID: "s-made", NetworkID: n.ID, CIDR: wanted.CIDR, IPVersion: 4, Gateway: "10.9.0.1", DHCP: wanted.DHCP})
	}
	return n, nil
}

func (f *fakeCloud) UpdateNetwork(_ context.Context, id string, u model.NetworkUpdate) (model.Network, error) {
	err := f.deed("UpdateNetwork", "update network %s: %s %s %s +%v -%v", id, show(u.Name), show(u.Description), show(u.AdminUp), u.AddTags, u.RemoveTags)
	n, _ := find(f.networks, "network", id, func(n model.Network) bool { return n.ID == id })
	return *n, err
}

func (f *fakeCloud) UpdateSubnet(_ context.Context, id string, u model.SubnetUpdate) (model.Subnet, error) {
	return model.Subnet{}, f.deed("UpdateSubnet", "update subnet %s: %s %s", id, show(u.Gateway), show(u.DHCP))
}

func (f *fakeCloud) DeleteNetwork(_ context.Context, id string) error {
	return f.deed("DeleteNetwork", "delete network %s", id)
}

func (f *fakeCloud) FloatingIPs(context.Context) ([]model.FloatingIP, error) {
	return f.floatingIPs, f.note("FloatingIPs")
}

func (f *fakeCloud) FloatingIP(_ context.Context, id string) (model.FloatingIP, error) {
	if err := f.note("FloatingIP"); err != nil {
		return model.FloatingIP{}, err
	}
	ip, err := find(f.floatingIPs, "floating IP", id, func(ip model.FloatingIP) bool { return ip.ID == id })
	return *ip, err
}

func (f *fakeCloud) CreateFloatingIP(_ context.Context, r model.FloatingIPCreate) (model.FloatingIP, error) {
	ip := model.FloatingIP{ID: "fip-made", Address: "192.0.2.99", NetworkID: r.NetworkID, Description: r.Description, State: model.LinkDown, PortID: r.PortID}
	if r.PortID != "" {
		ip.State = model.LinkUp
	}
	return ip, f.deed("CreateFloatingIP", "take %+v", r)
}

func (f *fakeCloud) PointFloatingIP(_ context.Context, id, port string) (model.FloatingIP, error) {
	ip, _ := find(f.floatingIPs, "floating IP", id, func(ip model.FloatingIP) bool { return ip.ID == id })
	if port == f.unreachable && port != "" {
		return model.FloatingIP{}, model.Errorf(model.Invalid, "no router")
	}
	pointed := *ip
	pointed.PortID = port
	return pointed, f.deed("PointFloatingIP", "point %s at %q", id, port)
}

func (f *fakeCloud) UpdateFloatingIP(_ context.Context, id string, u model.FloatingIPUpdate) (model.FloatingIP, error) {
	err := f.deed("UpdateFloatingIP", "update address %s: %s", id, show(u.Description))
	ip, _ := find(f.floatingIPs, "floating IP", id, func(ip model.FloatingIP) bool { return ip.ID == id })
	return *ip, err
}

func (f *fakeCloud) DeleteFloatingIP(_ context.Context, id string) error {
	return f.deed("DeleteFloatingIP", "release %s", id)
}

func (f *fakeCloud) SecurityGroups(context.Context) ([]model.SecurityGroup, error) {
	return f.groups, f.note("SecurityGroups")
}

func (f *fakeCloud) SecurityGroup(_ context.Context, id string) (model.SecurityGroup, error) {
	if err := f.note("SecurityGroup"); err != nil {
		return model.SecurityGroup{}, err
	}
	g, err := find(f.groups, "security group", id, func(g model.SecurityGroup) bool { return g.ID == id })
	return *g, err
}

func (f *fakeCloud) CreateSecurityGroup(_ context.Context, g model.SecurityGroup) (model.SecurityGroup, error) {
	err := f.deed("CreateSecurityGroup", "create group %+v", g)
	g.ID = "g-made"
	return g, err
}

func (f *fakeCloud) UpdateSecurityGroup(_ context.Context, id string, u model.SecurityGroupUpdate) (model.SecurityGroup, error) {
	err := f.deed("UpdateSecurityGroup", "update group %s: %s %s %+v", id, show(u.Name), show(u.Description), u.Rules)
	g, _ := find(f.groups, "security group", id, func(g model.SecurityGroup) bool { return g.ID == id })
	return *g, err
}

func (f *fakeCloud) DeleteSecurityGroup(_ context.Context, id string) error {
	return f.deed("DeleteSecurityGroup", "delete group %s", id)
}

func (f *fakeCloud) AddSecurityGroup(_ context.Context, machine, group string) error {
	return f.deed("AddSecurityGroup", "give %s to %s", group, machine)
}

func (f *fakeCloud) RemoveSecurityGroup(_ context.Context, machine, group string) error {
	return f.deed("RemoveSecurityGroup", "take %s from %s", group, machine)
}

func (f *fakeCloud) ResizeMachine(_ context.Context, id, flavor string) error {
	return f.deed("ResizeMachine", "resize %s to %s", id, flavor)
}

func (f *fakeCloud) ConfirmResize(_ context.Context, id string) error {
	return f.deed("ConfirmResize", "confirm %s", id)
}

func (f *fakeCloud) RebuildMachine(_ context.Context, id, image string) error {
	return f.deed("RebuildMachine", "rebuild %s from %s", id, image)
}
