package cloudtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
)

func (s *suite) machineCreate(t *testing.T) {
	t.Run("errors", s.createErrors)
	t.Run("public key", s.createWithPublicKey)
	t.Run("default network", s.createOnDefaultNetwork)
	t.Run("no network", s.createWithoutNetwork)
	t.Run("several networks", s.createOnSeveralNetworks)
	t.Run("volume", s.createWithVolume)
	t.Run("new volumes", s.createWithNewVolumes)
	t.Run("new boot volume", s.createOnNewVolume)
	t.Run("deleted while made", func(t *testing.T) {
		m := s.create(t, s.cloud, s.request("brief"))
		ok(t, s.cloud.DeleteMachine(s.ctx, m.ID))
		s.gone(t, m.ID)
	})
}

// createErrors: each is refused as it should be, and leaves nothing behind.
func (s *suite) createErrors(t *testing.T) {
	before := s.keyNames(t)
	long := strings.Repeat("ü", 256)
	for _, test := range []struct {
		name   string
		change func(*model.MachineCreate)
		names  string
	}{
		{"no name", func(r *model.MachineCreate) { r.Name = "" }, "name"},
		{"long name", func(r *model.MachineCreate) { r.Name = s.prefix + long }, "name"},
		{"no flavor", func(r *model.MachineCreate) { r.FlavorID = "" }, "flavor"},
		{"no image", func(r *model.MachineCreate) { r.ImageID = "" }, "image"},
		{"unknown flavor", func(r *model.MachineCreate) { r.FlavorID = "no-such-flavor" }, "no-such-flavor"},
		{"unknown image", func(r *model.MachineCreate) { r.ImageID = unknownID }, unknownID},
		{"malformed image", func(r *model.MachineCreate) { r.ImageID = "no-such-image" }, "no-such-image"},
		{"unknown network", func(r *model.MachineCreate) { r.Networks[0].NetworkID = unknownID }, unknownID},
		{"malformed network", func(r *model.MachineCreate) { r.Networks[0].NetworkID = "no-such-net" }, "no-such-net"},
		{"nameless network", func(r *model.MachineCreate) { r.Networks[0].NetworkID = "" }, "network"},
		{"malformed address", func(r *model.MachineCreate) { r.Networks[0].FixedIP = "1.2.3.4.5" }, "1.2.3.4.5"},
		{"unknown key pair", func(r *model.MachineCreate) { r.KeyName = "no-such-key" }, "no-such-key"},
		{"malformed public key", func(r *model.MachineCreate) { r.PublicKey = "not a key" }, ""},
		{"public key, unknown image", func(r *model.MachineCreate) { r.PublicKey, r.ImageID = publicKey, unknownID }, unknownID},
		{"two keys", func(r *model.MachineCreate) { r.KeyName, r.PublicKey = "a", publicKey }, "key"},
		{"much user data", func(r *model.MachineCreate) { r.UserData = make([]byte, 50000) }, "65535"},
		{"unknown zone", func(r *model.MachineCreate) { r.Zone = "no-such-zone" }, "no-such-zone"},
		{"malformed metadata", func(r *model.MachineCreate) { r.Metadata = map[string]string{"k": long} }, ""},
		{"image and boot volume", func(r *model.MachineCreate) {
			r.Volumes = []model.MachineVolume{{VolumeID: unknownID, Boot: true}}
		}, "image"},
		{"unknown volume", func(r *model.MachineCreate) { r.Volumes = []model.MachineVolume{{VolumeID: unknownID}} }, unknownID},
		{"unknown boot volume", func(r *model.MachineCreate) {
			r.ImageID, r.Volumes = "", []model.MachineVolume{{VolumeID: unknownID, Boot: true}}
		}, unknownID},
		{"nameless volume", func(r *model.MachineCreate) { r.Volumes = []model.MachineVolume{{}} }, "volume"},
		{"new volume without size", func(r *model.MachineCreate) { r.Volumes = newVolumes(model.NewVolume{}) }, "GiB"},
		{"new volume of image without size", func(r *model.MachineCreate) { r.Volumes = newVolumes(model.NewVolume{ImageID: s.image.ID}) }, "GiB"},
		{"new volume of two", func(r *model.MachineCreate) {
			r.Volumes = newVolumes(model.NewVolume{SizeGiB: 1, ImageID: s.image.ID, SnapshotID: unknownID})
		}, "snapshot"},
		{"new volume of unknown type", func(r *model.MachineCreate) {
			r.Volumes = newVolumes(model.NewVolume{SizeGiB: 1, Type: "no-such-type"})
		}, "no-such-type"},
		{"new volume of unknown snapshot", func(r *model.MachineCreate) { r.Volumes = newVolumes(model.NewVolume{SnapshotID: unknownID}) }, unknownID},
		{"new volume of unknown image", func(r *model.MachineCreate) {
			r.Volumes = newVolumes(model.NewVolume{SizeGiB: 1, ImageID: unknownID})
		}, unknownID},
		{"new volume that exists", func(r *model.MachineCreate) {
			r.Volumes = []model.MachineVolume{{VolumeID: unknownID, New: &model.NewVolume{SizeGiB: 1}}}
		}, unknownID},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := s.request("refused")
			test.change(&r)
			m, err := s.cloud.CreateMachine(s.ctx, r)
			if err == nil {
				s.remove(t, s.cloud, m.ID)
			}
			fails(t, err, model.Invalid)
			names(t, err, test.names)
		})
	}
	s.nothingNamed(t, s.prefix+"refused")
	if after := s.keyNames(t); !slices.Equal(before, after) {
		t.Errorf("key pairs before %q and after %q differ", before, after)
	}
}

// nothingNamed checks that no machine of the name exists.
func (s *suite) nothingNamed(t *testing.T, name string) {
	t.Helper()
	for _, m := range must(s.cloud.MachineRefs(s.ctx))(t) {
		if m.Name == name {
			t.Errorf("machine %s is left behind", m.ID)
			s.remove(t, s.cloud, m.ID)
		}
	}
}

// keyNames gives the names of the key pairs, but not those of others who use
// the cloud at the same time: the suite's own, and temporary ones.
func (s *suite) keyNames(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, k := range must(s.cloud.KeyPairs(s.ctx))(t) {
		if strings.HasPrefix(k.Name, s.prefix) || k.PublicKey == publicKey {
			found = append(found, k.Name)
		}
	}
	return found
}

// createWithPublicKey: no key pair is left, and none is told of.
func (s *suite) createWithPublicKey(t *testing.T) {
	before := s.keyNames(t)
	r := s.request("public-key")
	r.PublicKey = publicKey
	m := s.create(t, s.cloud, r)
	if after := s.keyNames(t); !slices.Equal(before, after) {
		t.Errorf("key pairs before %q and after %q differ", before, after)
	}
	if m = s.until(t, s.cloud, m.ID, model.MachineRunning); m.KeyName != "" {
		t.Errorf("the machine tells of key pair %q", m.KeyName)
	}
}

// createOnDefaultNetwork: the only network is taken; of several, none.
func (s *suite) createOnDefaultNetwork(t *testing.T) {
	own := slices.DeleteFunc(must(s.cloud.Networks(s.ctx))(t), func(n model.Network) bool { return n.External })
	r := s.request("default-network")
	r.Networks = nil
	if len(own) > 1 {
		_, err := s.cloud.CreateMachine(s.ctx, r)
		fails(t, err, model.Conflict)
		for _, n := range own {
			names(t, err, n.ID)
		}
		return
	}
	m := s.create(t, s.cloud, r)
	s.until(t, s.cloud, m.ID, model.MachineRunning)
	ports := must(s.cloud.MachinePorts(s.ctx, m.ID))(t)
	if len(ports) != 1 || ports[0].NetworkID != own[0].ID {
		t.Errorf("the machine has ports %+v, want one on %s", ports, own[0].ID)
	}
}

// createWithoutNetwork: a tenant without a network gets machines without one.
func (s *suite) createWithoutNetwork(t *testing.T) {
	if slices.ContainsFunc(must(s.other.Networks(s.ctx))(t), func(n model.Network) bool { return !n.External }) {
		t.Skip("the other tenant has a network")
	}
	r := s.request("no-network")
	r.Networks = nil
	m := s.create(t, s.other, r)
	s.until(t, s.other, m.ID, model.MachineRunning)
	if ports := must(s.other.MachinePorts(s.ctx, m.ID))(t); len(ports) > 0 {
		t.Errorf("the machine has ports %+v", ports)
	}
}

// createOnSeveralNetworks: the machine tells its interfaces in the order in which
// they were asked for, whatever the networks are called.
func (s *suite) createOnSeveralNetworks(t *testing.T) {
	r := s.request("several-networks")
	for i, name := range []string{"z", "a"} {
		n := s.makeNetwork(t, s.cloud, model.NetworkCreate{Name: s.prefix + name, Subnets: []model.SubnetCreate{{CIDR: fmt.Sprintf("10.199.%d.0/24", 40+i)}}})
		r.Networks = append(r.Networks, model.MachineNetwork{NetworkID: n.ID})
	}
	r.Networks[0], r.Networks[1] = r.Networks[1], r.Networks[0]
	m := s.create(t, s.cloud, r)
	m = s.until(t, s.cloud, m.ID, model.MachineRunning)
	network := make(map[string]string) // by MAC address
	for _, p := range must(s.cloud.MachinePorts(s.ctx, m.ID))(t) {
		network[p.MACAddress] = p.NetworkID
	}
	var got []model.MachineNetwork
	for _, mac := range m.MACAddresses {
		got = append(got, model.MachineNetwork{NetworkID: network[mac]})
	}
	if diff := gocmp.Diff(r.Networks, got); diff != "" {
		t.Errorf("networks of the interfaces, in order (-want +got):\n%s", diff)
	}
}

// createWithVolume: the machine has the volume from the beginning.
func (s *suite) createWithVolume(t *testing.T) {
	if s.Volume == nil {
		t.Skip("the cloud has no volumes")
	}
	r := s.request("volume")
	volume := s.Volume(t)
	r.Volumes = []model.MachineVolume{{VolumeID: volume}}
	m := s.create(t, s.cloud, r)
	m = s.until(t, s.cloud, m.ID, model.MachineRunning)
	if m.ImageID != s.image.ID || !slices.Equal(m.VolumeIDs, []string{volume}) {
		t.Errorf("the machine has image %s and volumes %q", m.ImageID, m.VolumeIDs)
	}
	attached := must(s.cloud.MachineAttachments(s.ctx, m.ID))(t)
	if len(attached) != 1 || attached[0].MachineID != m.ID || attached[0].VolumeID != volume {
		t.Errorf("attachments: %+v", attached)
	}
	_, err := s.other.MachineAttachments(s.ctx, m.ID)
	fails(t, err, model.NotFound)
}

func newVolumes(all ...model.NewVolume) []model.MachineVolume {
	var volumes []model.MachineVolume
	for _, v := range all {
		volumes = append(volumes, model.MachineVolume{New: &v})
	}
	return volumes
}

// createWithNewVolumes: volumes are made with the machine, and outlive it.
func (s *suite) createWithNewVolumes(t *testing.T) {
	if s.Volume == nil {
		t.Skip("the cloud has no volumes")
	}
	volumes := must(model.Part[model.Volumes](s.cloud, model.BlockStorageService))(t)
	types := must(must(model.Part[model.VolumeTypes](s.cloud, model.BlockStorageService))(t).VolumeTypes(s.ctx))(t)
	kind := must(volumes.Volume(s.ctx, s.Volume(t)))(t).Type // one that works
	if len(types) == 0 {
		t.Fatal("the cloud has no volume types")
	}
	r := s.request("new-volumes")
	r.Password = `päss "word"`
	r.Volumes = newVolumes(model.NewVolume{SizeGiB: 2, Type: kind}, model.NewVolume{SizeGiB: max(1, s.image.MinDiskGiB), ImageID: s.image.ID})
	m := s.create(t, s.cloud, r)
	m = s.until(t, s.cloud, m.ID, model.MachineRunning)
	if m.ImageID != s.image.ID || len(m.VolumeIDs) != 2 {
		t.Fatalf("the machine has image %s and volumes %q", m.ImageID, m.VolumeIDs)
	}
	var sizes []int
	for _, id := range m.VolumeIDs {
		v := must(volumes.Volume(s.ctx, id))(t)
		t.Cleanup(func() { s.removeVolume(t, volumes, id) })
		sizes = append(sizes, v.SizeGiB)
		if v.SizeGiB == 2 && (v.Type != kind || v.Bootable) || v.SizeGiB == 1 && !v.Bootable {
			t.Errorf("new volume: %+v", v)
		}
	}
	slices.Sort(sizes)
	if !slices.Equal(sizes, []int{max(1, s.image.MinDiskGiB), 2}) {
		t.Errorf("the new volumes have %d GiB", sizes)
	}
	s.remove(t, s.cloud, m.ID)
	for _, id := range m.VolumeIDs {
		s.untilVolume(t, volumes, id, model.VolumeAvailable)
	}
}

// createOnNewVolume: a machine boots from a volume that is made of an image. The
// volume outlives it, and another machine boots from it; from what is not bootable
// none does.
func (s *suite) createOnNewVolume(t *testing.T) {
	if s.Volume == nil {
		t.Skip("the cloud has no volumes")
	}
	volumes := must(model.Part[model.Volumes](s.cloud, model.BlockStorageService))(t)
	r := s.request("boot-volume")
	r.ImageID = ""
	r.Volumes = []model.MachineVolume{{New: &model.NewVolume{SizeGiB: max(1, s.image.MinDiskGiB), ImageID: s.image.ID}, Boot: true}}
	m := s.create(t, s.cloud, r)
	m = s.until(t, s.cloud, m.ID, model.MachineRunning)
	if m.ImageID != "" || len(m.VolumeIDs) != 1 {
		t.Fatalf("the machine has image %q and volumes %q", m.ImageID, m.VolumeIDs)
	}
	t.Cleanup(func() { s.removeVolume(t, volumes, m.VolumeIDs[0]) })
	if v := must(volumes.Volume(s.ctx, m.VolumeIDs[0]))(t); !v.Bootable || v.State != model.VolumeInUse {
		t.Errorf("the boot volume is %+v", v)
	}
	boot, other := m.VolumeIDs[0], s.Volume(t)
	s.remove(t, s.cloud, m.ID)
	s.untilVolume(t, volumes, boot, model.VolumeAvailable)
	r.Volumes = []model.MachineVolume{{VolumeID: other, Boot: true}}
	_, err := s.cloud.CreateMachine(s.ctx, r)
	fails(t, err, model.Invalid)
	names(t, err, other)
	r.Volumes = []model.MachineVolume{{VolumeID: other}, {VolumeID: boot, Boot: true}}
	m = s.create(t, s.cloud, r)
	m = s.until(t, s.cloud, m.ID, model.MachineRunning)
	if m.ImageID != "" || !slices.Contains(m.VolumeIDs, boot) || !slices.Contains(m.VolumeIDs, other) {
		t.Errorf("the machine has image %q and volumes %q", m.ImageID, m.VolumeIDs)
	}
	s.remove(t, s.cloud, m.ID)
	for _, id := range []string{boot, other} {
		s.untilVolume(t, volumes, id, model.VolumeAvailable)
	}
}
