package openstack_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/occimi/occimi/model"
)

// withParts gives a fake answers for what machines, networks and volumes are
// made of.
func (f *fake) withParts() *fake {
	f.on("POST /identity/v3/auth/tokens", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Subject-Token", fakeToken)
		respond(w, 201, tokenWith(map[string]string{"compute": "/compute/v2.1", "image": "/image", "network": "/network", "volumev3": "/volume/v3/" + fakeProject}))
	})
	f.json("GET /volume/v3/{$}", 200, `{"versions": [{"id": "v3.0", "version": "3.70", "min_version": "3.0"}]}`)
	volume := `{"volume": {"id": "v-1", "name": "v", "status": "available", "size": 1, "os-vol-tenant-attr:tenant_id": "` + fakeProject + `"}}`
	volumes := "/volume/v3/" + fakeProject
	f.json("POST "+volumes+"/volumes", 202, volume)
	f.json("GET "+volumes+"/volumes/{id}", 200, volume)
	f.json("PUT "+volumes+"/volumes/{id}", 200, volume)
	f.json("DELETE "+volumes+"/volumes/{id}", 202, ``)
	f.json("POST "+volumes+"/volumes/{id}/metadata", 200, `{}`)
	f.json("DELETE "+volumes+"/volumes/{id}/metadata/{key}", 200, ``)
	f.json("POST "+volumes+"/volumes/{id}/action", 202, `{"os-volume_upload_image": {"image_id": "i-2"}}`)
	f.json("GET "+volumes+"/types", 200, `{"volume_types": [{"id": "t-1", "name": "lab"}]}`)
	f.json("GET "+volumes+"/messages", 200, `{"messages": [{"id": "m-1", "resource_uuid": null, "user_message": "not about this"}, {"id": "m-2", "resource_uuid": "v-1", "user_message": "no room at http://10.0.0.1/"}]}`)
	snapshot := `{"snapshot": {"id": "s-1", "volume_id": "v-1", "status": "available", "os-extended-snapshot-attributes:project_id": "` + fakeProject + `"}}`
	f.json("POST "+volumes+"/snapshots", 202, snapshot)
	f.json("GET "+volumes+"/snapshots/detail", 200, `{"snapshots": []}`)
	f.json("GET "+volumes+"/snapshots/{id}", 200, snapshot)
	f.json("PUT "+volumes+"/snapshots/{id}", 200, snapshot)
	f.json("DELETE "+volumes+"/snapshots/{id}", 202, ``)
	f.json("GET /image/v2/info/import", 200, `{"import-methods": {"value": ["web-download"]}}`)
	f.json("POST /image/v2/images", 201, `{"id": "i-2", "status": "queued"}`)
	f.json("POST /image/v2/images/{id}/import", 202, ``)
	f.json("GET /compute/v2.1/servers/{id}/os-instance-actions", 200, `{"instanceActions": []}`)
	f.json("GET /compute/v2.1/servers/{id}/os-instance-actions/{request}", 200, `{"instanceAction": {"action": "attach_volume", "request_id": "req-1",
		"start_time": "2029-01-01T00:00:00.000000", "updated_at": "2029-01-01T00:00:02.000000", "message": "Error",
		"events": [{"result": "Success"}, {"result": "Error", "details": "the disk at http://10.0.0.1/ is gone"}]}}`)
	f.json("POST "+volumes+"/backups", 202, `{"backup": {"id": "b-1"}}`)
	f.json("GET "+volumes+"/backups/{id}", 200, `{"backup": {"id": "b-1", "status": "available"}}`)
	f.json("GET /compute/v2.1/os-availability-zone", 200, `{"availabilityZoneInfo": [{"zoneName": "nova", "zoneState": {"available": true}}]}`)
	f.json("POST /compute/v2.1/servers/{id}/os-volume_attachments", 200, `{"volumeAttachment": {"volumeId": "v-1", "device": "/dev/vdb"}}`)
	f.json("DELETE /compute/v2.1/servers/{id}/os-volume_attachments/{volume}", 202, ``)
	f.json("POST /compute/v2.1/servers/{id}/os-interface", 200, `{"interfaceAttachment": {"port_id": "p-1", "net_id": "n-1"}}`)
	f.json("DELETE /compute/v2.1/servers/{id}/os-interface/{port}", 202, ``)
	f.json("PUT /compute/v2.1/servers/{id}/tags/{tag}", 201, ``)
	f.json("DELETE /compute/v2.1/servers/{id}/tags/{tag}", 204, ``)
	network := `{"network": {"id": "n-1", "name": "private", "project_id": "` + fakeProject + `", "admin_state_up": true, "tags": ["old"]}}`
	f.json("POST /network/v2.0/networks", 201, network)
	f.json("GET /network/v2.0/networks/{id}", 200, network)
	f.json("PUT /network/v2.0/networks/{id}", 200, network)
	f.json("DELETE /network/v2.0/networks/{id}", 204, ``)
	f.json("POST /network/v2.0/subnets", 201, `{"subnets": [{"id": "s-1"}]}`)
	f.json("GET /network/v2.0/subnets/{id}", 200, `{"subnet": {"id": "s-1"}}`)
	f.json("PUT /network/v2.0/subnets/{id}", 200, `{"subnet": {"id": "s-1"}}`)
	f.json("DELETE /network/v2.0/subnets/{id}", 204, ``)
	f.json("GET /network/v2.0/subnets", 200, `{"subnets": [{"id": "s-1", "network_id": "n-1", "cidr": "10.0.0.0/24"}]}`)
	port := `{"id": "p-1", "project_id": "` + fakeProject + `", "device_id": "` + serverID + `", "device_owner": "compute:nova", "security_groups": ["g-0"]}`
	leg := `{"id": "p-3", "project_id": "` + fakeProject + `", "device_id": "r-1", "device_owner": "network:router_interface", "fixed_ips": [{"subnet_id": "s-1"}]}`
	free := `{"port": {"id": "p-2", "project_id": "` + fakeProject + `"}}`
	f.json("GET /network/v2.0/ports", 200, `{"ports": [`+port+`, `+leg+`]}`)
	f.json("GET /network/v2.0/ports/{id}", 200, `{"port": `+port+`}`)
	f.json("GET /network/v2.0/ports/p-2", 200, free)
	f.json("POST /network/v2.0/ports", 201, free)
	f.json("DELETE /network/v2.0/ports/{id}", 204, ``)
	router := `{"id": "r-1", "project_id": "` + fakeProject + `"}`
	f.json("GET /network/v2.0/routers", 200, `{"routers": [`+router+`]}`)
	f.json("POST /network/v2.0/routers", 201, `{"router": `+router+`}`)
	f.json("GET /network/v2.0/routers/{id}", 200, `{"router": `+router+`}`)
	f.json("PUT /network/v2.0/routers/{id}", 200, `{"router": `+router+`}`)
	f.json("DELETE /network/v2.0/routers/{id}", 204, ``)
	f.json("PUT /network/v2.0/routers/{id}/add_router_interface", 200, `{}`)
	f.json("PUT /network/v2.0/routers/{id}/remove_router_interface", 200, `{}`)
	f.json("PUT /network/v2.0/ports/{id}", 200, `{"port": `+port+`}`)
	floating := `{"floatingip": {"id": "f-1", "project_id": "` + fakeProject + `", "floating_ip_address": "203.0.113.9"}}`
	f.json("GET /network/v2.0/floatingips", 200, `{"floatingips": []}`)
	f.json("POST /network/v2.0/floatingips", 201, floating)
	f.json("GET /network/v2.0/floatingips/{id}", 200, floating)
	f.json("PUT /network/v2.0/floatingips/{id}", 200, floating)
	f.json("DELETE /network/v2.0/floatingips/{id}", 204, ``)
	group := `{"security_group": {"id": "g-1", "name": "g", "project_id": "` + fakeProject + `", "security_group_rules": [
		{"id": "r-1", "security_group_id": "g-1", "direction": "egress", "ethertype": "IPv4"},
		{"id": "r-2", "security_group_id": "g-1", "direction": "egress", "ethertype": "IPv6"}]}}`
	f.json("GET /network/v2.0/security-groups", 200, `{"security_groups": []}`)
	f.json("POST /network/v2.0/security-groups", 201, group)
	f.json("GET /network/v2.0/security-groups/{id}", 200, group)
	f.json("PUT /network/v2.0/security-groups/{id}", 200, group)
	f.json("DELETE /network/v2.0/security-groups/{id}", 204, ``)
	f.json("POST /network/v2.0/security-group-rules", 201, `{"security_group_rules": [{"id": "r-3", "security_group_id": "g-1", "direction": "ingress", "ethertype": "IPv4"}]}`)
	f.json("DELETE /network/v2.0/security-group-rules/{id}", 204, ``)
	for _, noun := range []string{"networks", "ports", "floatingips", "security-groups"} {
		f.json("PUT /network/v2.0/"+noun+"/{id}/tags", 200, `{"tags": []}`)
		f.json("PUT /network/v2.0/"+noun+"/{id}/tags/{tag}", 201, `null`)
		f.json("DELETE /network/v2.0/"+noun+"/{id}/tags/{tag}", 204, ``)
	}
	return f
}

// whole is a model.Cloud with all its parts.
type whole interface {
	model.Cloud
	model.Volumes
	model.VolumeTypes
	model.Snapshots
	model.ImageImports
	model.MachineEvents
	model.Routers
	model.FloatingIPs
	model.SecurityGroups
}

// partsCloud logs in, and reads the services' versions.
func partsCloud(t testing.TB, f *fake) whole {
	t.Helper()
	c := f.cloud(t, f.config()).(whole)
	if _, err := c.KeyPairs(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Volume(t.Context(), "warm"); err != nil {
		t.Fatal(err)
	}
	f.made()
	return c
}

// TestPartBudgets is TestBudgets for what machines, networks and volumes are
// made of. Each tag
// that changes costs a call: Nova's at the same time, Neutron's one by one.
func TestPartBudgets(t *testing.T) {
	type C = context.Context
	name := "renamed"
	add, remove := []string{"a", "b", "c"}, []string{"old"}
	in := model.SecurityRule{Direction: model.Inbound, IPVersion: 4}
	for _, test := range []struct {
		name  string
		call  func(C, whole) error
		calls int
		depth int
	}{
		{"Zones", func(ctx C, c whole) error { _, err := c.Zones(ctx); return err }, 1, 1},
		{"AttachVolume", func(ctx C, c whole) error {
			_, err := c.AttachVolume(ctx, serverID, model.MachineVolume{VolumeID: "v-1"})
			return err
		}, 1, 1},
		{"DetachVolume", func(ctx C, c whole) error { return c.DetachVolume(ctx, serverID, "v-1") }, 1, 1},
		{"AttachNetwork", func(ctx C, c whole) error {
			_, err := c.AttachNetwork(ctx, serverID, model.MachineNetwork{NetworkID: "n-1"})
			return err
		}, 3, 3}, // the list of networks is remembered
		{"AttachNetwork with an address", func(ctx C, c whole) error {
			_, err := c.AttachNetwork(ctx, serverID, model.MachineNetwork{NetworkID: "n-1", FixedIP: "10.0.0.9"})
			return err
		}, 4, 3},
		{"AttachNetwork with a port", func(ctx C, c whole) error {
			_, err := c.AttachNetwork(ctx, serverID, model.MachineNetwork{PortID: "p-1"})
			return err
		}, 2, 2},
		{"DetachPort", func(ctx C, c whole) error { return c.DetachPort(ctx, serverID, "p-1") }, 2, 2},
		{"ResizeMachine", func(ctx C, c whole) error { return c.ResizeMachine(ctx, serverID, "2") }, 1, 1},
		{"ConfirmResize", func(ctx C, c whole) error { return c.ConfirmResize(ctx, serverID) }, 1, 1},
		{"RebuildMachine", func(ctx C, c whole) error { return c.RebuildMachine(ctx, serverID, "i-1") }, 1, 1},
		{"TagMachine", func(ctx C, c whole) error { return c.TagMachine(ctx, serverID, add, []string{"t"}) }, 5, 2},
		{"TagMachine, nothing new", func(ctx C, c whole) error { return c.TagMachine(ctx, serverID, []string{"t"}, add) }, 1, 1},

		{"CreateVolume", func(ctx C, c whole) error {
			_, err := c.CreateVolume(ctx, model.VolumeCreate{SizeGiB: 1})
			return err
		}, 1, 1},
		{"UpdateVolume name", func(ctx C, c whole) error {
			_, err := c.UpdateVolume(ctx, "v-1", model.VolumeUpdate{Name: &name})
			return err
		}, 2, 2},
		{"UpdateVolume all", func(ctx C, c whole) error {
			_, err := c.UpdateVolume(ctx, "v-1", model.VolumeUpdate{Name: &name, Metadata: map[string]string{"a": "1", "b": "2", "c": "", "d": ""}})
			return err
		}, 5, 4},
		{"ExtendVolume", func(ctx C, c whole) error { return c.ExtendVolume(ctx, "v-1", 2) }, 1, 1},
		{"DeleteVolume", func(ctx C, c whole) error { return c.DeleteVolume(ctx, "v-1") }, 1, 1},
		{"VolumeReason", func(ctx C, c whole) error { _, err := c.VolumeReason(ctx, "v-1"); return err }, 2, 1},
		{"SaveVolume", func(ctx C, c whole) error { _, err := c.SaveVolume(ctx, "v-1", "n"); return err }, 1, 1},
		{"VolumeTypes", func(ctx C, c whole) error { _, err := c.VolumeTypes(ctx); return err }, 1, 1},
		{"Snapshots", func(ctx C, c whole) error { _, err := c.Snapshots(ctx); return err }, 1, 1},
		{"Snapshot", func(ctx C, c whole) error { _, err := c.Snapshot(ctx, "s-1"); return err }, 1, 1},
		{"CreateSnapshot", func(ctx C, c whole) error {
			_, err := c.CreateSnapshot(ctx, model.SnapshotCreate{VolumeID: "v-1", Name: "n"})
			return err
		}, 1, 1},
		{"UpdateSnapshot", func(ctx C, c whole) error {
			_, err := c.UpdateSnapshot(ctx, "s-1", model.SnapshotUpdate{Name: &name})
			return err
		}, 2, 2},
		{"DeleteSnapshot", func(ctx C, c whole) error { return c.DeleteSnapshot(ctx, "s-1") }, 1, 1},
		{"RevertVolume", func(ctx C, c whole) error { return c.RevertVolume(ctx, "v-1", "s-1") }, 3, 2},
		{"ImportImage", func(ctx C, c whole) error {
			_, err := c.ImportImage(ctx, model.ImageImport{Name: "n", URL: "https://x.example/", Format: "raw"})
			return err
		}, 3, 3},
		{"MachineEvents", func(ctx C, c whole) error { _, err := c.MachineEvents(ctx, serverID); return err }, 1, 1},
		{"MachineEvent", func(ctx C, c whole) error { _, err := c.MachineEvent(ctx, serverID, "req-1"); return err }, 1, 1},
		{"BackUpVolume", func(ctx C, c whole) error { _, err := c.BackUpVolume(ctx, "v-1", "n"); return err }, 2, 2},

		{"CreateNetwork", func(ctx C, c whole) error {
			_, err := c.CreateNetwork(ctx, model.NetworkCreate{Name: "n"})
			return err
		}, 1, 1},
		{"CreateNetwork with a subnet and tags", func(ctx C, c whole) error {
			_, err := c.CreateNetwork(ctx, model.NetworkCreate{Name: "n", Tags: add, Subnets: []model.SubnetCreate{{CIDR: "10.0.0.0/24"}}})
			return err
		}, 3, 3},
		{"UpdateNetwork name", func(ctx C, c whole) error {
			_, err := c.UpdateNetwork(ctx, "n-1", model.NetworkUpdate{Name: &name})
			return err
		}, 2, 2},
		{"UpdateNetwork all", func(ctx C, c whole) error {
			_, err := c.UpdateNetwork(ctx, "n-1", model.NetworkUpdate{Name: &name, AddTags: add, RemoveTags: remove})
			return err
		}, 6, 6},
		{"UpdateSubnet", func(ctx C, c whole) error {
			_, err := c.UpdateSubnet(ctx, "s-1", model.SubnetUpdate{DHCP: new(bool)})
			return err
		}, 1, 1},
		{"Subnet", func(ctx C, c whole) error { _, err := c.Subnet(ctx, "s-1"); return err }, 1, 1},
		{"CreateSubnet", func(ctx C, c whole) error {
			_, err := c.CreateSubnet(ctx, "n-1", model.SubnetCreate{CIDR: "10.0.0.0/24"})
			return err
		}, 1, 1},
		{"DeleteSubnet", func(ctx C, c whole) error { return c.DeleteSubnet(ctx, "s-1") }, 1, 1},
		{"DeleteNetwork", func(ctx C, c whole) error { return c.DeleteNetwork(ctx, "n-1") }, 1, 1},
		{"UpdatePort", func(ctx C, c whole) error {
			_, err := c.UpdatePort(ctx, "p-1", model.PortUpdate{Name: &name, AddTags: add})
			return err
		}, 5, 5},

		{"Ports", func(ctx C, c whole) error { _, err := c.Ports(ctx); return err }, 1, 1},
		{"CreatePort", func(ctx C, c whole) error {
			_, err := c.CreatePort(ctx, model.PortCreate{NetworkID: "n-1"})
			return err
		}, 1, 1},
		{"DeletePort", func(ctx C, c whole) error { return c.DeletePort(ctx, "p-2") }, 2, 2},

		{"Routers", func(ctx C, c whole) error { _, err := c.Routers(ctx); return err }, 2, 1},
		{"Router", func(ctx C, c whole) error { _, err := c.Router(ctx, "r-1"); return err }, 2, 1},
		{"CreateRouter", func(ctx C, c whole) error {
			_, err := c.CreateRouter(ctx, model.RouterCreate{ExternalNetworkID: "n-2", SubnetIDs: []string{"s-1", "s-2"}})
			return err
		}, 3, 3},
		{"UpdateRouter", func(ctx C, c whole) error {
			_, err := c.UpdateRouter(ctx, "r-1", model.RouterUpdate{Name: &name})
			return err
		}, 3, 2},
		{"AddRouterInterface", func(ctx C, c whole) error { return c.AddRouterInterface(ctx, "r-1", "s-1") }, 1, 1},
		{"RemoveRouterInterface", func(ctx C, c whole) error { return c.RemoveRouterInterface(ctx, "r-1", "s-1") }, 1, 1},
		{"DeleteRouter", func(ctx C, c whole) error { return c.DeleteRouter(ctx, "r-1") }, 4, 3},

		{"FloatingIPs", func(ctx C, c whole) error { _, err := c.FloatingIPs(ctx); return err }, 1, 1},
		{"FloatingIP", func(ctx C, c whole) error { _, err := c.FloatingIP(ctx, "f-1"); return err }, 1, 1},
		{"CreateFloatingIP", func(ctx C, c whole) error {
			_, err := c.CreateFloatingIP(ctx, model.FloatingIPCreate{NetworkID: "n-2"})
			return err
		}, 1, 1},
		{"PointFloatingIP", func(ctx C, c whole) error { _, err := c.PointFloatingIP(ctx, "f-1", "p-1"); return err }, 2, 2},
		{"UpdateFloatingIP", func(ctx C, c whole) error {
			_, err := c.UpdateFloatingIP(ctx, "f-1", model.FloatingIPUpdate{Description: &name, AddTags: add})
			return err
		}, 5, 5},
		{"DeleteFloatingIP", func(ctx C, c whole) error { return c.DeleteFloatingIP(ctx, "f-1") }, 1, 1},

		{"SecurityGroups", func(ctx C, c whole) error { _, err := c.SecurityGroups(ctx); return err }, 1, 1},
		{"SecurityGroup", func(ctx C, c whole) error { _, err := c.SecurityGroup(ctx, "g-1"); return err }, 1, 1},
		{"CreateSecurityGroup", func(ctx C, c whole) error {
			_, err := c.CreateSecurityGroup(ctx, model.SecurityGroup{Name: "g", Rules: []model.SecurityRule{in, {Direction: model.Outbound, IPVersion: 4}}, Tags: add})
			return err
		}, 3, 3},
		{"UpdateSecurityGroup all", func(ctx C, c whole) error {
			_, err := c.UpdateSecurityGroup(ctx, "g-1", model.SecurityGroupUpdate{Name: &name, Rules: []model.SecurityRule{in}, AddTags: add})
			return err
		}, 9, 9},
		{"DeleteSecurityGroup", func(ctx C, c whole) error { return c.DeleteSecurityGroup(ctx, "g-1") }, 1, 1},
		{"AddSecurityGroup", func(ctx C, c whole) error { return c.AddSecurityGroup(ctx, serverID, "g-1") }, 2, 2},
		{"RemoveSecurityGroup", func(ctx C, c whole) error { return c.RemoveSecurityGroup(ctx, serverID, "g-0") }, 2, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake().withParts()
			c := partsCloud(t, f)
			f.latency = time.Second // in the bubble's time: calls that can overlap do
			synctest.Test(t, func(t *testing.T) {
				if err := test.call(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			})
			depth := 0
			made := f.made()
			for _, call := range made {
				depth = max(depth, call.depth)
			}
			if len(made) != test.calls || depth != test.depth {
				t.Errorf("%d calls, %d deep; want %d, %d: %q", len(made), depth, test.calls, test.depth, whats(made))
			}
		})
	}
}
