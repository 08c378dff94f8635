package openstack_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/occimi/occimi/backend/sandbox"
	"github.com/occimi/occimi/model"
)

// quotaTests are what costs the tenant's quota. Each needs one more than there is.
var quotaTests = map[string]struct {
	quota string
	limit int
	call  func(context.Context, everything, things) error
}{
	"machine": {"instances", 0, func(ctx context.Context, c everything, is things) error {
		return second(c.CreateMachine(ctx, model.MachineCreate{Name: "m", FlavorID: "1", ImageID: is.image, Networks: []model.MachineNetwork{{NetworkID: is.network}}}))
	}},
	"machine of many cores": {"cores", 0, func(ctx context.Context, c everything, is things) error {
		return second(c.CreateMachine(ctx, model.MachineCreate{Name: "m", FlavorID: "1", ImageID: is.image, PublicKey: sandboxKey, Networks: []model.MachineNetwork{{NetworkID: is.network}}}))
	}},
	"machine that needs a port": {"port", 0, func(ctx context.Context, c everything, is things) error {
		return second(c.CreateMachine(ctx, model.MachineCreate{Name: "m", FlavorID: "1", ImageID: is.image, Networks: []model.MachineNetwork{{NetworkID: is.network}}}))
	}},
	"larger machine": {"cores", 1, func(ctx context.Context, c everything, is things) error { return c.ResizeMachine(ctx, is.machine, "3") }},
	"interface": {"port", 2, func(ctx context.Context, c everything, is things) error {
		return second(c.AttachNetwork(ctx, is.machine, model.MachineNetwork{NetworkID: is.network}))
	}},
	"key pair": {"key_pairs", 0, func(ctx context.Context, c everything, _ things) error {
		return second(c.CreateKeyPair(ctx, "k", sandboxKey))
	}},
	"network": {"network", 0, func(ctx context.Context, c everything, _ things) error {
		return second(c.CreateNetwork(ctx, model.NetworkCreate{Name: "n"}))
	}},
	"network with a subnet": {"subnet", 0, func(ctx context.Context, c everything, _ things) error {
		return second(c.CreateNetwork(ctx, model.NetworkCreate{Name: "n", Subnets: []model.SubnetCreate{{CIDR: "10.7.0.0/24"}}}))
	}},
	"subnet": {"subnet", 1, func(ctx context.Context, c everything, is things) error {
		return second(c.CreateSubnet(ctx, is.network, model.SubnetCreate{CIDR: "10.7.0.0/24"}))
	}},
	"port": {"port", 0, func(ctx context.Context, c everything, is things) error {
		return second(c.CreatePort(ctx, model.PortCreate{NetworkID: is.network}))
	}},
	"router": {"router", 0, func(ctx context.Context, c everything, _ things) error {
		return second(c.CreateRouter(ctx, model.RouterCreate{Name: "r"}))
	}},
	"floating IP": {"floatingip", 0, func(ctx context.Context, c everything, is things) error {
		return second(c.CreateFloatingIP(ctx, model.FloatingIPCreate{NetworkID: is.external}))
	}},
	"group": {"security_group", 1, func(ctx context.Context, c everything, _ things) error {
		return second(c.CreateSecurityGroup(ctx, model.SecurityGroup{Name: "g"}))
	}},
	"rules of a new group": {"security_group_rule", 6, func(ctx context.Context, c everything, _ things) error {
		return second(c.CreateSecurityGroup(ctx, model.SecurityGroup{Name: "g", Rules: []model.SecurityRule{{Direction: model.Inbound, IPVersion: 4}}}))
	}},
	"volume": {"volumes", 0, func(ctx context.Context, c everything, _ things) error {
		return second(c.CreateVolume(ctx, model.VolumeCreate{SizeGiB: 1}))
	}},
	"large volume": {"gigabytes", 1, func(ctx context.Context, c everything, _ things) error {
		return second(c.CreateVolume(ctx, model.VolumeCreate{SizeGiB: 2}))
	}},
	"more of a volume": {"gigabytes", 1, func(ctx context.Context, c everything, is things) error { return c.ExtendVolume(ctx, is.volume, 2) }},
	"snapshot": {"snapshots", 0, func(ctx context.Context, c everything, is things) error {
		return second(c.CreateSnapshot(ctx, model.SnapshotCreate{VolumeID: is.volume}))
	}},
	"room of a snapshot": {"gigabytes", 1, func(ctx context.Context, c everything, is things) error {
		return second(c.CreateSnapshot(ctx, model.SnapshotCreate{VolumeID: is.volume}))
	}},
}

// TestQuotas: whatever a quota forbids is told to be forbidden by the quota, and
// nothing is left of it.
func TestQuotas(t *testing.T) {
	for name, test := range quotaTests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, cl, _ := sandboxed(t, sandbox.Options{Quotas: map[string]int{test.quota: test.limit}}, nil)
			checkQuota(t, cl.(everything), test.call)
		})
	}
}

// checkQuota has a call refused in a tenant that has little.
func checkQuota(t *testing.T, c everything, call func(context.Context, everything, things) error) {
	t.Helper()
	is := few(t, c)
	before := inventory(t, c)
	if err := call(t.Context(), c, is); !model.IsCode(err, model.Quota) || model.AsError(err).Message == "" || strings.Contains(err.Error(), "nevertheless") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(before, inventory(t, c)); diff != "" {
		t.Errorf("before (-) and after (+) it was refused:\n%s", diff)
	}
}

// few makes of a volume and a machine what the quotas allow, and finds the rest.
func few(t *testing.T, c everything) (is things) {
	t.Helper()
	images, err := c.Images(t.Context())
	if err != nil || len(images) == 0 {
		t.Fatal(images, err)
	}
	is.image = images[0].ID
	networks, err := c.Networks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range networks {
		if n.External {
			is.external = n.ID
		} else {
			is.network = n.ID
		}
	}
	m, err := c.CreateMachine(t.Context(), model.MachineCreate{Name: "few", FlavorID: "1", ImageID: is.image, Networks: []model.MachineNetwork{{NetworkID: is.network}}})
	if err != nil && !model.IsCode(err, model.Quota) {
		t.Fatal(err)
	}
	is.machine = m.ID
	v, err := c.CreateVolume(t.Context(), model.VolumeCreate{Name: "few", SizeGiB: 1})
	if err != nil && !model.IsCode(err, model.Quota) {
		t.Fatal(err)
	}
	is.volume = v.ID
	return is
}

// inventory counts what a tenant has.
func inventory(t *testing.T, c everything) map[string]int {
	t.Helper()
	has := map[string]int{}
	count := func(noun string, n int, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		has[noun] = n
	}
	ctx := t.Context()
	machines, err := c.Machines(ctx)
	count("machines", len(machines), err)
	keys, err := c.KeyPairs(ctx)
	count("key pairs", len(keys), err)
	images, err := c.Images(ctx)
	count("images", len(images), err)
	networks, err := c.Networks(ctx)
	count("networks", len(networks), err)
	subnets, err := c.Subnets(ctx)
	count("subnets", len(subnets), err)
	ports, err := c.Ports(ctx)
	count("ports", len(ports), err)
	routers, err := c.Routers(ctx)
	count("routers", len(routers), err)
	addresses, err := c.FloatingIPs(ctx)
	count("floating IPs", len(addresses), err)
	groups, err := c.SecurityGroups(ctx)
	count("security groups", len(groups), err)
	volumes, err := c.Volumes(ctx)
	count("volumes", len(volumes), err)
	snapshots, err := c.Snapshots(ctx)
	count("snapshots", len(snapshots), err)
	return has
}
