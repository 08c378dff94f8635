package openstack_test

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/occimi/occimi/model"
	"github.com/rs/zerolog"
)

// changes gives the calls that changed something.
func changes(calls []*call) []string {
	var found []string
	for _, c := range calls {
		if !strings.HasPrefix(c.what, "GET ") {
			found = append(found, strings.NewReplacer("/network/v2.0", "", "/compute/v2.1", "", "/volume/v3/"+fakeProject, "").Replace(c.what))
		}
	}
	return found
}

// refused answers with an error in the words of Neutron.
func (f *fake) refused(pattern string, status int) {
	f.json(pattern, status, `{"NeutronError": {"type": "X", "message": "no", "detail": ""}}`)
}

// TestUndone: what fails midway leaves nothing behind.
func TestUndone(t *testing.T) {
	type C = context.Context
	name := "renamed"
	in := model.SecurityRule{Direction: model.Inbound, IPVersion: 4}
	for _, test := range []struct {
		name   string
		broken string // this route is refused
		call   func(C, whole) error
		code   model.Code
		want   []string
	}{
		{"network without its subnet", "POST /network/v2.0/subnets", func(ctx C, c whole) error {
			_, err := c.CreateNetwork(ctx, model.NetworkCreate{Name: "n", Subnets: []model.SubnetCreate{{CIDR: "10.0.0.0/24"}}})
			return err
		}, model.Conflict, []string{"POST /networks", "POST /subnets", "DELETE /networks/n-1"}},
		{"port without its tags", "PUT /network/v2.0/ports/{id}/tags", func(ctx C, c whole) error {
			_, err := c.CreatePort(ctx, model.PortCreate{NetworkID: "n-1", Tags: []string{"a"}})
			return err
		}, model.Conflict, []string{"POST /ports", "PUT /ports/p-2/tags", "DELETE /ports/p-2"}},
		{"router without an interface", "PUT /network/v2.0/routers/{id}/add_router_interface", func(ctx C, c whole) error {
			_, err := c.CreateRouter(ctx, model.RouterCreate{SubnetIDs: []string{"s-1"}})
			return err
		}, model.Conflict, []string{"POST /routers", "PUT /routers/r-1/add_router_interface", "PUT /routers/r-1/remove_router_interface", "DELETE /routers/r-1"}},
		{"end of a router", "DELETE /network/v2.0/routers/{id}", func(ctx C, c whole) error { return c.DeleteRouter(ctx, "r-1") }, model.Conflict, []string{
			"PUT /routers/r-1/remove_router_interface", "DELETE /routers/r-1", "PUT /routers/r-1/add_router_interface",
		}},
		{"network without its tags", "PUT /network/v2.0/networks/{id}/tags", func(ctx C, c whole) error {
			_, err := c.CreateNetwork(ctx, model.NetworkCreate{Name: "n", Tags: []string{"a"}})
			return err
		}, model.Conflict, []string{"POST /networks", "PUT /networks/n-1/tags", "DELETE /networks/n-1"}},
		{"update of a network", "PUT /network/v2.0/networks/{id}/tags/b", func(ctx C, c whole) error {
			_, err := c.UpdateNetwork(ctx, "n-1", model.NetworkUpdate{Name: &name, AddTags: []string{"a", "b", "c"}, RemoveTags: []string{"old"}})
			return err
		}, model.Conflict, []string{
			"PUT /networks/n-1", "PUT /networks/n-1/tags/a", "PUT /networks/n-1/tags/b",
			"DELETE /networks/n-1/tags/a", "PUT /networks/n-1",
		}},
		{"group without its rules", "POST /network/v2.0/security-group-rules", func(ctx C, c whole) error {
			_, err := c.CreateSecurityGroup(ctx, model.SecurityGroup{Name: "g", Rules: []model.SecurityRule{in}})
			return err
		}, model.Conflict, []string{"POST /security-groups", "POST /security-group-rules", "DELETE /security-groups/g-1"}},
		{"rules of a group", "DELETE /network/v2.0/security-group-rules/r-2", func(ctx C, c whole) error {
			_, err := c.UpdateSecurityGroup(ctx, "g-1", model.SecurityGroupUpdate{Name: &name, Rules: []model.SecurityRule{in}})
			return err
		}, model.Conflict, []string{
			"PUT /security-groups/g-1", "POST /security-group-rules",
			"DELETE /security-group-rules/r-1", "DELETE /security-group-rules/r-2", "POST /security-group-rules",
			"DELETE /security-group-rules/r-3", "PUT /security-groups/g-1",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake().withParts()
			c := partsCloud(t, f)
			status := http.StatusConflict
			f.refused(test.broken, status)
			err := test.call(t.Context(), c)
			if !model.IsCode(err, test.code) {
				t.Errorf("got %v, want %s", err, test.code)
			}
			if diff := cmp.Diff(test.want, changes(f.made())); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUndoneInParallel: of the steps at the same time, those that were taken are
// taken back.
func TestUndoneInParallel(t *testing.T) {
	f := newFake().withParts()
	c := partsCloud(t, f)
	f.json("PUT /compute/v2.1/servers/{id}/tags/c", 400, `{"badRequest": {"code": 400, "message": "The number of tags exceeded the per-server limit 50"}}`)
	if err := c.TagMachine(t.Context(), serverID, []string{"a", "b", "c"}, []string{"t"}); !model.IsCode(err, model.Conflict) {
		t.Errorf("got %v, want a conflict", err)
	}
	made := changes(f.made())
	for _, what := range made {
		method, path, _ := strings.Cut(what, " ")
		tag := path[strings.LastIndex(path, "/")+1:]
		opposite := map[string]string{"PUT": "DELETE", "DELETE": "PUT"}[method]
		if tag != "c" && !slices.Contains(made, opposite+" "+path) {
			t.Errorf("%s has not been taken back: %q", what, made)
		}
	}
}

// TestSlowUndo: the answer comes in time, and says what is not yet undone; the
// undoing goes on.
func TestSlowUndo(t *testing.T) {
	const remove = "DELETE /network/v2.0/networks/{id}"
	slow := func(d time.Duration) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(d):
				respond(w, 204, ``)
			case <-r.Context().Done():
			}
		}
	}
	failing := func(times int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if times--; times >= 0 {
				respond(w, 503, `<html>`)
				return
			}
			respond(w, 204, ``)
		}
	}
	for name, test := range map[string]struct {
		remove   http.HandlerFunc
		deadline time.Duration
		says     string
		within   time.Duration
		tries    int
		gone     bool
	}{
		"at once":               {slow(0), time.Minute, "", 0, 1, true},
		"not at the first try":  {failing(2), time.Minute, "", 2 * time.Second, 3, true},
		"in a while":            {slow(20 * time.Second), time.Minute, "the network n-1 was made nevertheless, and is being removed", 10 * time.Second, 1, true},
		"after the request":     {slow(20 * time.Second), 2 * time.Second, "the network n-1 was made nevertheless, and is being removed", 5 * time.Second, 1, true},
		"never":                 {failing(1000), time.Minute, "the network n-1 was made nevertheless, and is being removed", 10 * time.Second, 9, false},
		"refused":               {func(w http.ResponseWriter, _ *http.Request) { respond(w, 403, `{}`) }, time.Minute, "the network n-1 was made nevertheless", 0, 1, false},
		"the service is silent": {slow(time.Hour), time.Minute, "the network n-1 was made nevertheless, and is being removed", 10 * time.Second, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			f := newFake().withParts()
			f.refused("POST /network/v2.0/subnets", http.StatusConflict)
			config := f.config()
			config.Log = zerolog.New(zerolog.SyncWriter(&log)).Level(zerolog.WarnLevel)
			c := f.cloud(t, config).(whole)
			synctest.Test(t, func(t *testing.T) {
				f.on(remove, test.remove)
				begun := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
				defer cancel()
				_, err := c.CreateNetwork(ctx, model.NetworkCreate{Name: "n", Subnets: []model.SubnetCreate{{CIDR: "10.0.0.0/24"}}})
				if !model.IsCode(err, model.Conflict) || test.says == "" && strings.Contains(err.Error(), "nevertheless") || !strings.Contains(err.Error(), test.says) {
					t.Errorf("got %v", err)
				}
				if took := time.Since(begun); took > test.within {
					t.Errorf("answered after %v", took)
				}
				time.Sleep(2 * time.Minute) // in the bubble's time
				synctest.Wait()
				tries := 0
				for _, made := range changes(f.made()) {
					if strings.HasPrefix(made, "DELETE") {
						tries++
					}
				}
				if tries != test.tries {
					t.Errorf("%d tries, want %d", tries, test.tries)
				}
				if told := strings.Contains(log.String(), "could not be undone"); told == test.gone {
					t.Errorf("logged %q", log.String())
				}
			})
		})
	}
}

// TestFinish: the end waits for what is being undone, for as long as it may; what is
// given up is logged.
func TestFinish(t *testing.T) {
	for name, test := range map[string]struct {
		remove, grace, takes time.Duration
		log                  string
	}{
		"nothing goes on": {0, time.Minute, 0, ""},
		"in time":         {20 * time.Second, 25 * time.Second, 10 * time.Second, ""}, // the answer came after ten
		"not in time":     {50 * time.Second, 25 * time.Second, 25 * time.Second, `"what":"network n-1"`},
		"no time left":    {50 * time.Second, 0, 0, `"what":"network n-1"`},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			f := newFake().withParts()
			f.refused("POST /network/v2.0/subnets", http.StatusConflict)
			config := f.config()
			config.Log = zerolog.New(&log).Level(zerolog.WarnLevel)
			p := newProvider(t, config)
			c, err := p.Login(t.Context(), demo)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				f.on("DELETE /network/v2.0/networks/{id}", func(w http.ResponseWriter, r *http.Request) {
					select {
					case <-time.After(test.remove):
						respond(w, 204, ``)
					case <-r.Context().Done():
					}
				})
				if _, err := c.(whole).CreateNetwork(t.Context(), model.NetworkCreate{Name: "n", Subnets: []model.SubnetCreate{{CIDR: "10.0.0.0/24"}}}); err == nil {
					t.Error("the network was made")
				}
				begun := time.Now()
				grace, cancel := context.WithTimeout(t.Context(), test.grace)
				defer cancel()
				p.Finish(grace)
				if took := time.Since(begun); took != test.takes {
					t.Errorf("took %v, want %v", took, test.takes)
				}
				if got := log.String(); !strings.Contains(got, test.log) || test.log == "" && got != "" {
					t.Errorf("logged %q", got)
				}
			})
		})
	}
}

// TestClientGone: what was made for a client that is gone is removed again.
func TestClientGone(t *testing.T) {
	type C = context.Context
	volumes := "/volume/v3/" + fakeProject
	for _, test := range []struct {
		name, during, answer string
		call                 func(C, whole) error
		undone               string
	}{
		{"CreateVolume", "POST " + volumes + "/volumes", `{"volume": {"id": "v-1", "status": "creating"}}`, func(ctx C, c whole) error {
			_, err := c.CreateVolume(ctx, model.VolumeCreate{SizeGiB: 1})
			return err
		}, "DELETE /volumes/v-1"},
		{"AttachVolume", "POST /compute/v2.1/servers/{id}/os-volume_attachments", `{"volumeAttachment": {"volumeId": "v-1", "device": "/dev/vdb"}}`, func(ctx C, c whole) error {
			_, err := c.AttachVolume(ctx, serverID, model.MachineVolume{VolumeID: "v-1"})
			return err
		}, "DELETE /servers/" + serverID + "/os-volume_attachments/v-1"},
		{"AttachNetwork", "POST /compute/v2.1/servers/{id}/os-interface", `{"interfaceAttachment": {"port_id": "p-1"}}`, func(ctx C, c whole) error {
			_, err := c.AttachNetwork(ctx, serverID, model.MachineNetwork{PortID: "p-1"})
			return err
		}, "DELETE /servers/" + serverID + "/os-interface/p-1"},
		{"CreateSubnet", "POST /network/v2.0/subnets", `{"subnets": [{"id": "s-1"}]}`, func(ctx C, c whole) error {
			_, err := c.CreateSubnet(ctx, "n-1", model.SubnetCreate{CIDR: "10.0.0.0/24"})
			return err
		}, "DELETE /subnets/s-1"},
		{"CreatePort", "POST /network/v2.0/ports", `{"port": {"id": "p-2"}}`, func(ctx C, c whole) error {
			_, err := c.CreatePort(ctx, model.PortCreate{NetworkID: "n-1"})
			return err
		}, "DELETE /ports/p-2"},
		{"CreateFloatingIP", "POST /network/v2.0/floatingips", `{"floatingip": {"id": "f-1"}}`, func(ctx C, c whole) error {
			_, err := c.CreateFloatingIP(ctx, model.FloatingIPCreate{NetworkID: "n-2"})
			return err
		}, "DELETE /floatingips/f-1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake().withParts()
			c := partsCloud(t, f)
			ctx, cancel := context.WithCancel(t.Context())
			f.on(test.during, func(w http.ResponseWriter, _ *http.Request) {
				cancel()
				respond(w, 201, test.answer)
			})
			if err := test.call(ctx, c); !model.IsCode(err, model.Timeout) {
				t.Errorf("got %v, want a timeout", err)
			}
			if made := changes(f.made()); len(made) != 2 || made[1] != test.undone {
				t.Errorf("calls %q, want the second to be %q", made, test.undone)
			}
		})
	}
}

// TestLostAnswerOfVolume: if it is not known whether something was made, the error says
// so.
func TestLostAnswerOfVolume(t *testing.T) {
	f := newFake().withParts()
	c := partsCloud(t, f)
	f.json("POST /volume/v3/"+fakeProject+"/volumes", 500, `{}`)
	_, err := c.CreateVolume(t.Context(), model.VolumeCreate{SizeGiB: 1})
	if e := model.AsError(err); e.Code != model.Unavailable || !strings.Contains(e.Message, "may have been made") {
		t.Errorf("got %v", err)
	}
}

// TestStrangersParts: an administrator is shown what belongs to others, and may
// change it in OpenStack, but not here.
func TestStrangersParts(t *testing.T) {
	type C = context.Context
	f := newFake().withParts()
	f.on("POST /identity/v3/auth/tokens", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Subject-Token", fakeToken)
		respond(w, 201, tokenOf(fakeProject, "user-admin", "admin", map[string]string{
			"compute": "/compute/v2.1", "image": "/image", "network": "/network", "volumev3": "/volume/v3/" + fakeProject,
		}))
	})
	c := f.cloud(t, f.config()).(whole)
	f.json("GET /volume/v3/"+fakeProject+"/volumes/{id}", 200, `{"volume": {"id": "v-1", "os-vol-tenant-attr:tenant_id": "other"}}`)
	f.json("GET /network/v2.0/networks/{id}", 200, `{"network": {"id": "n-1", "project_id": "other"}}`)
	f.json("GET /network/v2.0/networks", 200, `{"networks": [{"id": "n-1", "project_id": "other"}]}`)
	f.json("GET /network/v2.0/subnets/{id}", 200, `{"subnet": {"id": "s-1", "network_id": "n-1", "project_id": "other"}}`)
	f.json("GET /network/v2.0/routers/{id}", 200, `{"router": {"id": "r-1", "project_id": "other"}}`)
	f.json("GET /network/v2.0/ports/{id}", 200, `{"port": {"id": "p-1", "project_id": "other", "device_id": "`+serverID+`", "device_owner": "compute:nova"}}`)
	f.json("GET /network/v2.0/floatingips/{id}", 200, `{"floatingip": {"id": "f-1", "project_id": "other"}}`)
	f.json("GET /network/v2.0/security-groups/{id}", 200, `{"security_group": {"id": "g-1", "project_id": "other"}}`)
	name := "stolen"
	for _, test := range []struct {
		name string
		call func(C) error
		code model.Code
	}{
		{"UpdateVolume", func(ctx C) error {
			_, err := c.UpdateVolume(ctx, "v-1", model.VolumeUpdate{Name: &name})
			return err
		}, model.NotFound},
		{"ExtendVolume", func(ctx C) error { return c.ExtendVolume(ctx, "v-1", 2) }, model.NotFound},
		{"DeleteVolume", func(ctx C) error { return c.DeleteVolume(ctx, "v-1") }, model.NotFound},
		{"CreateSnapshot", func(ctx C) error {
			_, err := c.CreateSnapshot(ctx, model.SnapshotCreate{VolumeID: "v-1", Name: "s"})
			return err
		}, model.NotFound},
		{"BackUpVolume", func(ctx C) error { _, err := c.BackUpVolume(ctx, "v-1", "b"); return err }, model.NotFound},
		{"AttachVolume", func(ctx C) error {
			_, err := c.AttachVolume(ctx, serverID, model.MachineVolume{VolumeID: "v-1"})
			return err
		}, model.Invalid},
		{"AttachNetwork", func(ctx C) error {
			_, err := c.AttachNetwork(ctx, serverID, model.MachineNetwork{NetworkID: "n-1"})
			return err
		}, model.Invalid},
		{"AttachNetwork port", func(ctx C) error {
			_, err := c.AttachNetwork(ctx, serverID, model.MachineNetwork{PortID: "p-1"})
			return err
		}, model.Invalid},
		{"UpdateNetwork", func(ctx C) error {
			_, err := c.UpdateNetwork(ctx, "n-1", model.NetworkUpdate{Name: &name})
			return err
		}, model.NotFound},
		{"DeleteNetwork", func(ctx C) error { return c.DeleteNetwork(ctx, "n-1") }, model.NotFound},
		{"UpdateSubnet", func(ctx C) error {
			_, err := c.UpdateSubnet(ctx, "s-1", model.SubnetUpdate{DHCP: new(bool)})
			return err
		}, model.NotFound},
		{"CreateSubnet", func(ctx C) error {
			_, err := c.CreateSubnet(ctx, "n-1", model.SubnetCreate{CIDR: "10.0.0.0/24"})
			return err
		}, model.Invalid},
		{"DeleteSubnet", func(ctx C) error { return c.DeleteSubnet(ctx, "s-1") }, model.NotFound},
		{"CreatePort", func(ctx C) error {
			_, err := c.CreatePort(ctx, model.PortCreate{NetworkID: "n-1"})
			return err
		}, model.Invalid},
		{"DeletePort", func(ctx C) error { return c.DeletePort(ctx, "p-1") }, model.NotFound},
		{"UpdateRouter", func(ctx C) error {
			_, err := c.UpdateRouter(ctx, "r-1", model.RouterUpdate{Name: &name})
			return err
		}, model.NotFound},
		{"AddRouterInterface", func(ctx C) error { return c.AddRouterInterface(ctx, "r-1", "s-1") }, model.NotFound},
		{"RemoveRouterInterface", func(ctx C) error { return c.RemoveRouterInterface(ctx, "r-1", "s-1") }, model.NotFound},
		{"DeleteRouter", func(ctx C) error { return c.DeleteRouter(ctx, "r-1") }, model.NotFound},
		{"UpdatePort", func(ctx C) error { _, err := c.UpdatePort(ctx, "p-1", model.PortUpdate{Name: &name}); return err }, model.NotFound},
		{"DetachPort", func(ctx C) error { return c.DetachPort(ctx, serverID, "p-1") }, model.NotFound},
		{"CreateFloatingIP", func(ctx C) error {
			_, err := c.CreateFloatingIP(ctx, model.FloatingIPCreate{NetworkID: "n-2", PortID: "p-1"})
			return err
		}, model.Invalid},
		{"PointFloatingIP", func(ctx C) error { _, err := c.PointFloatingIP(ctx, "f-1", ""); return err }, model.NotFound},
		{"DeleteFloatingIP", func(ctx C) error { return c.DeleteFloatingIP(ctx, "f-1") }, model.NotFound},
		{"UpdateSecurityGroup", func(ctx C) error {
			_, err := c.UpdateSecurityGroup(ctx, "g-1", model.SecurityGroupUpdate{Name: &name})
			return err
		}, model.NotFound},
		{"DeleteSecurityGroup", func(ctx C) error { return c.DeleteSecurityGroup(ctx, "g-1") }, model.NotFound},
		{"AddSecurityGroup", func(ctx C) error { return c.AddSecurityGroup(ctx, serverID, "g-1") }, model.Invalid},
	} {
		t.Run(test.name, func(t *testing.T) {
			f.made()
			if err := test.call(t.Context()); !model.IsCode(err, test.code) {
				t.Errorf("got %v, want %s", err, test.code)
			}
			if made := changes(f.made()); len(made) > 0 {
				t.Errorf("calls that change something: %q", made)
			}
		})
	}
}
