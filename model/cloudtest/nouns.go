package cloudtest

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/occimi/occimi/model"
)

func (s *suite) flavors(t *testing.T) {
	all := must(s.cloud.Flavors(s.ctx))(t)
	if !slices.IsSortedFunc(all, func(a, b model.Flavor) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) }) {
		t.Error("flavors are not in order of name and id")
	}
	for _, f := range all {
		if f.ID == "" || f.Name == "" || f.VCPUs <= 0 || f.MemoryMiB <= 0 {
			t.Errorf("flavor is incomplete: %+v", f)
		}
		if diff := gocmp.Diff(f, must(s.cloud.Flavor(s.ctx, f.ID))(t)); diff != "" {
			t.Errorf("listed (-) and single (+) flavor differ:\n%s", diff)
		}
	}
	all[0].Name, all[0].ID = "changed", "changed"
	if got := must(s.cloud.Flavors(s.ctx))(t); got[0].ID == "changed" {
		t.Error("a caller can change the remembered flavors")
	}
	for _, id := range append(hostileIDs, unknownID) {
		_, err := s.cloud.Flavor(s.ctx, id)
		fails(t, err, model.NotFound)
	}
}

func (s *suite) images(t *testing.T) {
	all := must(s.cloud.Images(s.ctx))(t)
	if !slices.IsSortedFunc(all, func(a, b model.Image) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) }) {
		t.Error("images are not in order of creation and id")
	}
	if diff := gocmp.Diff(s.image, must(s.cloud.Image(s.ctx, s.image.ID))(t)); diff != "" {
		t.Errorf("listed (-) and single (+) image differ:\n%s", diff)
	}
	if s.image.Created.IsZero() || s.image.SizeBytes == 0 || s.image.Owned {
		t.Errorf("the public image is told wrong: %+v", s.image)
	}
	name := "changed"
	_, err := s.cloud.UpdateImage(s.ctx, s.image.ID, model.ImageUpdate{Name: &name})
	fails(t, err, model.Forbidden)
	fails(t, s.cloud.DeleteImage(s.ctx, s.image.ID), model.Forbidden)
	for _, id := range append(hostileIDs, unknownID, "no-such-image") {
		_, err := s.cloud.Image(s.ctx, id)
		fails(t, err, model.NotFound)
		_, err = s.cloud.UpdateImage(s.ctx, id, model.ImageUpdate{Name: &name})
		fails(t, err, model.NotFound)
		fails(t, s.cloud.DeleteImage(s.ctx, id), model.NotFound)
	}
}

// savedAtOnce: of those who want an image of one machine at the same time each gets one
// or learns that the machine is busy, and no other image is left.
func (s *suite) savedAtOnce(t *testing.T, machineID string) {
	name := s.prefix + "at-once"
	var ids [4]string
	var errs [4]error
	var saves sync.WaitGroup
	for i := range ids {
		saves.Go(func() { ids[i], errs[i] = s.cloud.SaveMachine(s.ctx, machineID, model.MachineSave{Name: name}) })
	}
	saves.Wait()
	saved := map[string]bool{}
	for i, err := range errs {
		if err == nil {
			saved[ids[i]] = true
		} else {
			fails(t, err, model.Conflict)
		}
	}
	for _, i := range must(s.cloud.Images(s.ctx))(t) {
		if i.Name != name {
			continue
		}
		if !saved[i.ID] {
			t.Errorf("an image is left that nobody was told of: %+v", i)
		}
		delete(saved, i.ID)
		s.untilImage(t, i.ID, model.ImageAvailable)
		s.removeImage(t, i.ID)
	}
	if len(saved) > 0 {
		t.Errorf("images that were told of are not there: %v", saved)
	}
}

// savedImage tests an image of the tenant's own, that of a machine.
func (s *suite) savedImage(t *testing.T, machineID string) {
	must(s.cloud.Images(s.ctx))(t) // now the list is remembered without it
	name := s.prefix + `"image" ä`
	id := must(s.cloud.SaveMachine(s.ctx, machineID, model.MachineSave{Name: name, Properties: map[string]string{"occimi_kept": "yes", "occimi_removed": "yes"}}))(t)
	t.Cleanup(func() {
		if err := s.cloud.DeleteImage(s.ctx, id); err != nil && !model.IsCode(err, model.NotFound) {
			t.Errorf("image %s is left behind: %v", id, err)
		}
	})
	listed := func() bool {
		return slices.ContainsFunc(must(s.cloud.Images(s.ctx))(t), func(i model.Image) bool { return i.ID == id })
	}
	if !listed() {
		t.Error("an image is not listed right after it was saved")
	}
	var image model.Image
	s.Wait(t, "image "+id+" to be available", func() (bool, error) {
		var err error
		image, err = s.cloud.Image(s.ctx, id)
		return image.State == model.ImageAvailable, err
	})
	if image.Name != name || image.MachineID != machineID || !image.Owned || image.Public || image.Properties["occimi_kept"] != "yes" {
		t.Errorf("the saved image is told wrong: %+v", image)
	}

	newName, description := s.prefix+"renamed", "für <alle> & \"jeden\""
	changed := must(s.cloud.UpdateImage(s.ctx, id, model.ImageUpdate{
		Name: &newName, Description: &description,
		Properties: map[string]string{"occimi_removed": "", "occimi_never": "", "occimi_new": "a/b~c"},
	}))(t)
	if changed.Name != newName || changed.Description != description {
		t.Errorf("image is %q, %q after the update", changed.Name, changed.Description)
	}
	for key, want := range map[string]string{"occimi_kept": "yes", "occimi_removed": "", "occimi_new": "a/b~c"} {
		if got := changed.Properties[key]; got != want {
			t.Errorf("property %s is %q after the update, want %q", key, got, want)
		}
	}
	if diff := gocmp.Diff(changed, must(s.cloud.Image(s.ctx, id))(t)); diff != "" {
		t.Errorf("updated (-) and read (+) image differ:\n%s", diff)
	}
	for _, key := range []string{"visibility", "owner", "id", ""} {
		_, err := s.cloud.UpdateImage(s.ctx, id, model.ImageUpdate{Properties: map[string]string{key: "public"}})
		fails(t, err, model.Invalid)
	}
	long := strings.Repeat("ä", 256)
	_, err := s.cloud.UpdateImage(s.ctx, id, model.ImageUpdate{Name: &long})
	fails(t, err, model.Invalid)

	_, err = s.other.Image(s.ctx, id)
	fails(t, err, model.NotFound)
	_, err = s.other.UpdateImage(s.ctx, id, model.ImageUpdate{Name: &name})
	fails(t, err, model.NotFound)
	fails(t, s.other.DeleteImage(s.ctx, id), model.NotFound)
	if slices.ContainsFunc(must(s.other.Images(s.ctx))(t), func(i model.Image) bool { return i.ID == id }) {
		t.Error("another tenant is shown a private image")
	}

	ok(t, s.cloud.DeleteImage(s.ctx, id))
	if listed() {
		t.Error("an image is listed right after it was deleted")
	}
	fails(t, s.cloud.DeleteImage(s.ctx, id), model.NotFound)
	_, err = s.cloud.Image(s.ctx, id)
	fails(t, err, model.NotFound)
}

// publicKey is nobody's.
const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0eZ4cV3Zk7vX1mGQ9fS3tE5j8d8kq3mO0B3y4H6b2R cloudtest@example.org"

func (s *suite) keyPairs(t *testing.T) {
	name := s.prefix + "key"
	made := must(s.cloud.CreateKeyPair(s.ctx, name, publicKey))(t)
	t.Cleanup(func() {
		if err := s.cloud.DeleteKeyPair(s.ctx, name); err != nil && !model.IsCode(err, model.NotFound) {
			t.Errorf("key pair %s is left behind: %v", name, err)
		}
	})
	if made.Name != name || made.PublicKey != publicKey || made.Fingerprint == "" || made.Created.IsZero() {
		t.Errorf("the new key pair is told wrong: %+v", made)
	}
	got := must(s.cloud.KeyPair(s.ctx, name))(t)
	if got.Name != name || got.PublicKey != publicKey || got.Fingerprint != made.Fingerprint || got.Created.IsZero() {
		t.Errorf("the key pair is told wrong: %+v", got)
	}
	listed := func(c model.Cloud) bool {
		return slices.ContainsFunc(must(c.KeyPairs(s.ctx))(t), func(k model.KeyPair) bool { return k.Name == name && k.PublicKey == publicKey })
	}
	if !listed(s.cloud) {
		t.Error("the key pair is not listed")
	}
	if listed(s.other) {
		t.Error("another user is shown the key pair")
	}
	_, err := s.other.KeyPair(s.ctx, name)
	fails(t, err, model.NotFound)
	fails(t, s.other.DeleteKeyPair(s.ctx, name), model.NotFound)

	_, err = s.cloud.CreateKeyPair(s.ctx, name, publicKey)
	fails(t, err, model.Conflict)
	for what, key := range map[string]string{"empty": "", "words": "no key at all", "cut": "ssh-ed25519 AAAA", "lines": "ssh-ed25519\r\nAAAA"} {
		t.Run("key "+what, func(t *testing.T) {
			_, err := s.cloud.CreateKeyPair(s.ctx, name+"-bad", key)
			fails(t, err, model.Invalid)
		})
	}
	for _, bad := range append(hostileIDs, "schlüssel") {
		_, err := s.cloud.CreateKeyPair(s.ctx, bad, publicKey)
		fails(t, err, model.Invalid)
	}
	for _, bad := range append(hostileIDs, s.prefix+"none") {
		_, err := s.cloud.KeyPair(s.ctx, bad)
		fails(t, err, model.NotFound)
		fails(t, s.cloud.DeleteKeyPair(s.ctx, bad), model.NotFound)
	}
	ok(t, s.cloud.DeleteKeyPair(s.ctx, name))
	fails(t, s.cloud.DeleteKeyPair(s.ctx, name), model.NotFound)
	if listed(s.cloud) {
		t.Error("the key pair is listed after its deletion")
	}
}

func (s *suite) networks(t *testing.T) {
	all := must(s.cloud.Networks(s.ctx))(t)
	if !slices.IsSortedFunc(all, func(a, b model.Network) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) }) {
		t.Error("networks are not in order of creation and id")
	}
	n := must(s.cloud.Network(s.ctx, s.network.ID))(t)
	if n.ID != s.network.ID || n.Name == "" || n.State != model.LinkUp || !n.AdminUp || n.MTU <= 0 || n.Created.IsZero() || !slices.Contains(n.SubnetIDs, s.subnet.ID) {
		t.Errorf("the network is told wrong: %+v", n)
	}
	if s.subnet.NetworkID != n.ID || s.subnet.CIDR == "" || s.subnet.IPVersion != 4 {
		t.Errorf("the subnet is told wrong: %+v", s.subnet)
	}
	for _, foreign := range must(s.other.Networks(s.ctx))(t) {
		if foreign.ID == n.ID {
			t.Error("another tenant is shown the network")
		}
		if !foreign.Owned && !foreign.Shared && !foreign.External {
			t.Errorf("network %s is neither the tenant's, nor shared, nor external", foreign.ID)
		}
	}
	if slices.ContainsFunc(must(s.other.Subnets(s.ctx))(t), func(sub model.Subnet) bool { return sub.ID == s.subnet.ID }) {
		t.Error("another tenant is shown the subnet")
	}
	_, err := s.other.Network(s.ctx, n.ID)
	fails(t, err, model.NotFound)
	for _, id := range append(hostileIDs, unknownID, "nope") {
		_, err := s.cloud.Network(s.ctx, id)
		fails(t, err, model.NotFound)
		_, err = s.cloud.Port(s.ctx, id)
		fails(t, err, model.NotFound)
		if id != "" {
			if ports := must(s.cloud.MachinePorts(s.ctx, id))(t); len(ports) > 0 {
				t.Errorf("machine %q has %d ports", id, len(ports))
			}
		}
	}
}
