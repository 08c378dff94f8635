// Package cloudtest is the contract of model.Provider and model.Cloud, to run:
// every method, every error that a client can bring about, and what tenants may
// not see of each other. A backend's tests call [Run] with a [Harness].
//
// The suite makes what it needs under names of its own, tolerates what others
// make at the same time, and removes what it made.
package cloudtest

import (
	"context"
	"crypto/rand"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/occimi/occimi/model"
)

// Harness is a cloud to test: two tenants, of whom the first has a network.
type Harness struct {
	Provider model.Provider
	// Tenant and Other are password credentials of two users, each with a
	// project, named by its name.
	Tenant, Other model.Credentials
	// Token gives a new token of the tenant: for the project, or unscoped.
	Token func(t *testing.T, scoped bool) string
	// ApplicationCredential gives a new one of the tenant, bound to the project.
	ApplicationCredential func(t *testing.T) model.Credentials
	// Volume gives the id of a new, empty volume of the tenant, which the harness
	// removes at the test's end; nil if the cloud has no volumes.
	Volume func(t *testing.T) string
	// ImportURL is where the cloud can import an image from; there is none where
	// it goes on with "missing". Empty: the cloud can reach no such place.
	ImportURL string
	// Wait calls done until it says so, letting the cloud's time pass between
	// two calls. It fails the test if that takes too long, saying what was
	// waited for, or if done fails.
	Wait func(t *testing.T, what string, done func() (bool, error))
}

// Run tests the cloud.
func Run(t *testing.T, h Harness) {
	s := newSuite(t, h)
	t.Run("Login", s.logins)
	t.Run("Flavors", s.flavors)
	t.Run("Images", s.images)
	t.Run("KeyPairs", s.keyPairs)
	t.Run("Networks", s.networks)
	t.Run("NetworkLife", s.networkLife)
	t.Run("SubnetLife", s.subnetLife)
	t.Run("PortLife", s.portLife)
	t.Run("RouterLife", s.routerLife)
	t.Run("FloatingIPs", s.floatingIPs)
	t.Run("SecurityGroups", s.securityGroups)
	t.Run("Zones", s.zones)
	t.Run("Volumes", s.volumes)
	t.Run("VolumeLife", s.volumeLife)
	t.Run("Snapshots", s.snapshots)
	t.Run("WideTexts", s.wideTexts)
	t.Run("VolumeTypes", s.volumeTypes)
	t.Run("VolumeImages", s.volumeImages)
	t.Run("FailedVolume", s.failedVolume)
	t.Run("ImageImports", s.imageImports)
	t.Run("MachineLife", s.machineLife)
	t.Run("MachineCreate", s.machineCreate)
	t.Run("MachineParts", s.machineParts)
	t.Run("MachineEvents", s.machineEvents)
	t.Run("MachineErrors", s.machineErrors)
	t.Run("Ended", s.ended)
}

// suite is what the tests share.
type suite struct {
	Harness
	ctx          context.Context
	cloud, other model.Cloud
	// prefix begins the names of all that is made.
	prefix string
	flavor model.Flavor
	image  model.Image
	// network is one of the tenant's own, and subnet an IPv4 one on it.
	network model.Network
	subnet  model.Subnet
}

func newSuite(t *testing.T, h Harness) *suite {
	s := &suite{Harness: h, ctx: t.Context(), prefix: "cloudtest-" + strings.ToLower(rand.Text()[:8]) + "-"}
	s.cloud = s.login(t, h.Tenant)
	s.other = s.login(t, h.Other)

	flavors := must(s.cloud.Flavors(s.ctx))(t)
	images := must(s.cloud.Images(s.ctx))(t)
	if len(flavors) == 0 || len(images) == 0 {
		t.Fatalf("the cloud has %d flavors and %d images; the suite needs one of each", len(flavors), len(images))
	}
	s.flavor = slices.MinFunc(flavors, func(a, b model.Flavor) int { return a.MemoryMiB - b.MemoryMiB })
	i := slices.IndexFunc(images, func(i model.Image) bool { return i.Public && i.State == model.ImageAvailable })
	if i < 0 {
		t.Fatal("the cloud has no public image")
	}
	s.image = images[i]
	subnets := must(s.cloud.Subnets(s.ctx))(t)
	for _, n := range must(s.cloud.Networks(s.ctx))(t) {
		i := slices.IndexFunc(subnets, func(sub model.Subnet) bool { return sub.NetworkID == n.ID && sub.IPVersion == 4 })
		if n.Owned && !n.External && i >= 0 {
			s.network, s.subnet = n, subnets[i]
			return s
		}
	}
	t.Fatal("the tenant has no network with an IPv4 subnet")
	return nil
}

func (s *suite) login(t *testing.T, c model.Credentials) model.Cloud {
	t.Helper()
	return must(s.Provider.Login(s.ctx, c))(t)
}

// must gives a value that a call shall give without an error.
func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatalf("unexpected error: %v", err)
		}
		return v
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

// fails checks that an error has one of the codes, and a message fit for users.
func fails(t testing.TB, err error, codes ...model.Code) {
	t.Helper()
	e := model.AsError(err)
	if err == nil || !slices.Contains(codes, e.Code) {
		t.Errorf("got error %v, want code %q", err, codes)
		return
	}
	if e.Message == "" || len(e.Message) > 2000 || strings.Contains(e.Message, "://") || strings.ContainsAny(e.Message, "\r\n") {
		t.Errorf("the message is not fit for users: %q", e.Message)
	}
}

// names checks that an error's message names what was wrong.
func names(t testing.TB, err error, what string) {
	t.Helper()
	if err != nil && !strings.Contains(model.AsError(err).Message, what) {
		t.Errorf("the message %q does not name %q", model.AsError(err).Message, what)
	}
}

// create has a machine made, and removed at the test's end.
func (s *suite) create(t *testing.T, c model.Cloud, r model.MachineCreate) model.Machine {
	t.Helper()
	m := must(c.CreateMachine(s.ctx, r))(t)
	t.Cleanup(func() { s.remove(t, c, m.ID) })
	return m
}

// remove deletes a machine and waits until its ports are gone: a network in use
// would disturb whoever comes next.
func (s *suite) remove(t *testing.T, c model.Cloud, id string) {
	ctx := context.WithoutCancel(s.ctx)
	if err := c.DeleteMachine(ctx, id); err != nil && !model.IsCode(err, model.NotFound) {
		t.Errorf("machine %s is left behind: %v", id, err)
		return
	}
	s.Wait(t, "the end of machine "+id, func() (bool, error) {
		ports, err := c.MachinePorts(ctx, id)
		return len(ports) == 0, err
	})
}

// request is a small machine on the tenant's network.
func (s *suite) request(name string) model.MachineCreate {
	return model.MachineCreate{
		Name: s.prefix + name, FlavorID: s.flavor.ID, ImageID: s.image.ID,
		Networks: []model.MachineNetwork{{NetworkID: s.network.ID}},
	}
}

// until waits for a machine's state, and gives the machine as it is then.
func (s *suite) until(t *testing.T, c model.Cloud, id string, state model.MachineState) (m model.Machine) {
	t.Helper()
	s.Wait(t, "machine "+id+" to be "+string(state), func() (bool, error) {
		var err error
		m, err = c.Machine(s.ctx, id)
		if err == nil && m.State == model.MachineFailed && state != model.MachineFailed {
			return false, model.Errorf(model.Internal, "the machine has failed: %s", m.StateDetail)
		}
		return m.State == state, err
	})
	return m
}

// freeAddress gives an address of the test network that is likely to be free.
func (s *suite) freeAddress(t *testing.T) string {
	t.Helper()
	addr := netip.MustParsePrefix(s.subnet.CIDR).Masked().Addr().As4()
	var b [1]byte
	rand.Read(b[:])
	addr[3] += 100 + b[0]%120
	return netip.AddrFrom4(addr).String()
}

// unknownID is well-formed, and nothing's.
const unknownID = "00000000-0000-4000-8000-0000000000ff"

// hostileIDs cannot be ids; some would reach other things if they got into a
// path as they are.
var hostileIDs = []string{
	"", ".", "..", "../flavors", "x/../../servers", "a/b", `a\b`, "a?b=c", "a#b", "a%2fb", "a\r\nb", "a\x00b", "\xff\xfe",
	strings.Repeat("x", 4000),
}
