package occi

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// maxUserData is how many bytes of Base64 the cloud takes.
const maxUserData = 65535

// computeAhead reads what templates are made from, and the networks, of which
// the cloud takes one if the request names none.
func computeAhead(ctx context.Context, g *fanout.Group, s *Session) {
	g.Go(func() error { _, _ = s.templates(ctx, osTpl); return nil })
	g.Go(func() error { _, _ = s.templates(ctx, resourceTpl); return nil })
	g.Go(func() error { _, _ = s.templates(ctx, availabilityZone); return nil })
	g.Go(func() error { _, _ = s.networks.read(ctx, s.Cloud.Networks); return nil })
}

// computeCreate makes a machine with all its links in one call; only floating IPs
// need more. The lists that it needs besides were read ahead.
func computeCreate(ctx context.Context, s *Session, d *Draft) (Entity, error) {
	var r model.MachineCreate
	fixed, floating, err := splitLinks(ctx, s, d.Links)
	if err != nil {
		return Entity{}, err
	}
	steps := []func(*Draft, *model.MachineCreate) error{nameMachine, giveKey, giveUserData}
	for _, step := range steps {
		if err := step(d, &r); err != nil {
			return Entity{}, err
		}
	}
	if err := linkMachine(fixed, &r); err != nil {
		return Entity{}, err
	}
	if err := chooseNetwork(ctx, s, &r); err != nil {
		return Entity{}, err
	}
	if req := model.RequestFrom(ctx); r.Name == "" && req != nil {
		r.Name = "occi-" + req.ID
	}
	os, err := d.template(osTpl)
	if err != nil {
		return Entity{}, err
	}
	size, err := d.template(resourceTpl)
	if err != nil {
		return Entity{}, err
	}
	zone, err := d.template(availabilityZone)
	if err != nil {
		return Entity{}, err
	}
	if zone != nil {
		r.Zone = zone.Key
	}
	if os != nil {
		r.ImageID = os.Key
	} else if len(r.Volumes) > 0 {
		r.Volumes[0].Boot = true
	} else {
		return Entity{}, model.Errorf(model.Invalid, "a compute needs an OS template (a mixin that depends on %s), or a storagelink to boot from", osTplBase.ID)
	}

	var around surroundings
	g, gctx := fanout.WithContext(ctx)
	around.readTemplates(gctx, g, s)
	if err := g.Wait(); err != nil {
		return Entity{}, err
	}
	if want, ok := d.Values[computeArchitecture]; ok && os != nil && want.Text() != around.architectures[os.Key] {
		return Entity{}, model.Errorf(model.Conflict, "the architecture comes from the OS template and cannot be %s", quoteForMessage(want.Text()))
	}
	if size != nil {
		r.FlavorID = size.Key
	} else if r.FlavorID, err = chooseFlavor(ctx, s, d.Values[computeCores].Number(), d.Values[computeMemory].Number(), r.ImageID); err != nil {
		return Entity{}, err
	}

	r.Tags = d.Marks
	m, err := createWithAddresses(ctx, s, r, floating)
	if err != nil {
		return Entity{}, err
	}
	// Its links are being made: they show when they are there.
	e := around.entity(m)
	e.Marks = slices.Concat(e.Marks, d.Marks)
	return e, nil
}

// nameMachine takes the title, else the host name; without either the machine
// is called after the request. rOCCI sends the title as host name, so that what
// is no host name is made one.
func nameMachine(d *Draft, r *model.MachineCreate) error {
	r.Name = cmp.Or(d.Values[coreTitle].Text(), d.Values[computeHostname].Text())
	r.Description = d.Values[coreSummary].Text()
	r.Hostname = hostname(d.Values[computeHostname].Text())
	return nil
}

// maxHostname is the length of a DNS label.
const maxHostname = 63

// hostname makes a host name of any text, as Nova does of a name: letters,
// digits and hyphens, not even dots. It is empty, so that the cloud chooses, if
// less than two characters are left.
func hostname(s string) string {
	b := []byte(s)
	for i, c := range b {
		if !isAlnum(c) {
			b[i] = '-'
		}
	}
	name := strings.Trim(string(b[:min(len(b), maxHostname)]), "-")
	if len(name) < 2 {
		return ""
	}
	return name
}

// giveKey takes the public key of either family of mixins.
func giveKey(d *Draft, r *model.MachineCreate) error {
	ogf, openstack, name := d.Values[sshPublicKey].Text(), d.Values[openstackKeyData].Text(), d.Values[openstackKeyName].Text()
	if ogf != "" && (openstack != "" || name != "") {
		return model.Errorf(model.Conflict, "%s and %s exclude each other: a compute has one public key", sshKey.ID, openstackPublicKey.ID)
	}
	r.PublicKey = strings.TrimSpace(cmp.Or(ogf, openstack))
	if r.PublicKey == "" {
		r.KeyName = name
	}
	return nil
}

// giveUserData takes the user data of either family of mixins. Clients of record
// send Base64; what is not is taken as it is. (So plain text that happens to be
// Base64 is decoded: send it in Base64 to be sure.)
func giveUserData(d *Draft, r *model.MachineCreate) error {
	ogf, openstack := d.Values[computeUserdata].Text(), d.Values[openstackUser].Text()
	if ogf != "" && openstack != "" {
		return model.Errorf(model.Conflict, "%s and %s exclude each other: a compute has one user data", userData.ID, openstackUserData.ID)
	}
	text := cmp.Or(ogf, openstack)
	if text == "" {
		return nil
	}
	packed := strings.TrimRight(strings.Join(strings.Fields(text), ""), "=")
	if raw, err := base64.RawStdEncoding.DecodeString(packed); err == nil {
		r.UserData = raw
	} else {
		r.UserData = []byte(text)
	}
	if base64.StdEncoding.EncodedLen(len(r.UserData)) > maxUserData {
		return model.Errorf(model.Invalid, "the user data is larger than %d bytes of Base64", maxUserData)
	}
	return nil
}

// splitLinks takes those links apart that can only be made when the machine is
// there: floating IPs.
func splitLinks(ctx context.Context, s *Session, links []Draft) (fixed, floating []Draft, err error) {
	for i := range links {
		l := &links[i]
		isFloating := false
		if l.Noun.Kind == networkInterfaceKind {
			if err := checkInterface(l); err != nil {
				return nil, nil, err
			}
			if isFloating, err = isFloatingLink(ctx, s, l); err != nil {
				return nil, nil, err
			}
		}
		if isFloating {
			floating = append(floating, *l)
		} else {
			fixed = append(fixed, *l)
		}
	}
	return fixed, floating, nil
}

// linkMachine turns inline links into interfaces, volumes and security groups, in
// their order.
func linkMachine(links []Draft, r *model.MachineCreate) error {
	for _, l := range links {
		switch l.Target {
		case networkKind.ID:
			r.Networks = append(r.Networks, model.MachineNetwork{NetworkID: l.TargetID, FixedIP: l.Values[interfaceAddress].Text()})
		case storageID:
			if slices.ContainsFunc(r.Volumes, func(v model.MachineVolume) bool { return v.VolumeID == l.TargetID }) {
				return model.Errorf(model.Conflict, "the storage %s is linked twice", quoteForMessage(l.TargetID))
			}
			r.Volumes = append(r.Volumes, model.MachineVolume{VolumeID: l.TargetID, Device: l.Values[storageLinkDevice].Text()})
		case securityGroupID:
			if !slices.Contains(r.SecurityGroups, l.TargetID) {
				r.SecurityGroups = append(r.SecurityGroups, l.TargetID)
			}
		default:
			return model.Errorf(model.Unsupported, "a compute cannot be made with a link to %s", l.Target)
		}
	}
	return nil
}

// chooseNetwork refuses to guess: without a network the machine gets the tenant's
// only one. Errors: Conflict, naming all, if there are several.
func chooseNetwork(ctx context.Context, s *Session, r *model.MachineCreate) error {
	if len(r.Networks) > 0 || !s.Offers(networkKind) {
		return nil
	}
	networks, err := s.networks.read(ctx, s.Cloud.Networks)
	if err != nil {
		return err
	}
	inside := slices.DeleteFunc(slices.Clone(networks), func(n model.Network) bool { return n.External })
	if len(inside) > 1 {
		return s.severalNetworks(inside)
	}
	return nil // the cloud gives it the only one, or none
}

// chooseFlavor takes the smallest flavor that has the cores and memory asked
// for, and that the image, if there is one, fits into.
func chooseFlavor(ctx context.Context, s *Session, cores, memory float64, imageID string) (string, error) {
	flavors, err := s.flavors.read(ctx, s.Cloud.Flavors)
	if err != nil {
		return "", err
	}
	images, err := s.images.read(ctx, s.Cloud.Images)
	if err != nil {
		return "", err
	}
	var image model.Image
	if i := slices.IndexFunc(images, func(i model.Image) bool { return i.ID == imageID }); i >= 0 {
		image = images[i]
	}
	fitting := slices.DeleteFunc(slices.Clone(flavors), func(f model.Flavor) bool {
		return float64(f.VCPUs) < cores || gibibytes(f.MemoryMiB) < memory ||
			f.MemoryMiB < image.MinMemoryMiB || f.DiskGiB > 0 && f.DiskGiB < image.MinDiskGiB
	})
	if len(fitting) == 0 {
		return "", model.Errorf(model.Conflict, "no resource template has %s cores and %s GiB of memory and room for the OS template",
			formatFloat(cores), formatFloat(memory))
	}
	return slices.MinFunc(fitting, func(a, b model.Flavor) int {
		return cmp.Or(cmp.Compare(a.MemoryMiB, b.MemoryMiB), cmp.Compare(a.VCPUs, b.VCPUs),
			cmp.Compare(a.DiskGiB, b.DiskGiB), cmp.Compare(a.ID, b.ID))
	}).ID, nil
}
