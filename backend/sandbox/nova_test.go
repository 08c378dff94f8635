package sandbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/backend/sandbox"
)

// TestStates walks a server through its life: what is seen meanwhile, and what
// at the end.
func TestStates(t *testing.T) {
	now := newClock()
	_, auth := start(t, sandbox.Options{Now: now.Now, NewID: counter(), Delay: 10 * time.Second})
	s := login(t, auth, "demo")
	id := s.create("m", nil)
	if got := s.states(id); got != "BUILD building scheduling 0" {
		t.Errorf("after create: %s", got)
	}
	now.Advance(9 * time.Second)
	if got := s.states(id); got != "BUILD building scheduling 0" {
		t.Errorf("9 s after create: %s", got)
	}
	now.Advance(time.Second)
	if got := s.states(id); got != "ACTIVE active - 1" {
		t.Errorf("10 s after create: %s", got)
	}
	for _, c := range []struct {
		do            string
		during, after string
	}{
		{`{"os-stop":null}`, "ACTIVE active powering-off 1", "SHUTOFF stopped - 4"},
		{`{"reboot":{"type":"HARD"}}`, "SHUTOFF stopped rebooting_hard 4", "ACTIVE active - 1"},
		{`{"reboot":{"type":"SOFT"}}`, "REBOOT active rebooting 1", "ACTIVE active - 1"},
		{`{"pause":null}`, "ACTIVE active pausing 1", "PAUSED paused - 3"},
		{`{"unpause":null}`, "PAUSED paused unpausing 3", "ACTIVE active - 1"},
		{`{"suspend":null}`, "ACTIVE active suspending 1", "SUSPENDED suspended - 7"},
		{`{"resume":null}`, "SUSPENDED suspended resuming 7", "ACTIVE active - 1"},
		{`{"os-stop":null}`, "ACTIVE active powering-off 1", "SHUTOFF stopped - 4"},
		{`{"os-start":null}`, "SHUTOFF stopped powering-on 4", "ACTIVE active - 1"},
		{`{"createImage":{"name":"i"}}`, "ACTIVE active image_snapshot_pending 1", "ACTIVE active - 1"},
		{`{"resize":{"flavorRef":"2"}}`, "RESIZE active resize_prep 1", "VERIFY_RESIZE resized - 1"},
		{`{"revertResize":null}`, "REVERT_RESIZE resized resize_reverting 1", "ACTIVE active - 1"},
		{`{"shelve":null}`, "ACTIVE active shelving 1", "SHELVED_OFFLOADED shelved_offloaded - 4"},
		{`{"unshelve":null}`, "SHELVED_OFFLOADED shelved_offloaded unshelving 4", "ACTIVE active - 1"},
	} {
		if a := s.do("nova", "POST", "/servers/"+id+"/action", c.do); a.status != 202 {
			t.Fatalf("%s: %d %s", c.do, a.status, a.text)
		}
		if got := s.states(id); got != c.during {
			t.Errorf("%s: meanwhile %s, want %s", c.do, got, c.during)
		}
		busy := s.do("nova", "POST", "/servers/"+id+"/action", `{"os-stop":null}`)
		if busy.status != 409 {
			t.Errorf("%s: another action meanwhile: %d, want 409", c.do, busy.status)
		}
		now.Advance(10 * time.Second)
		if got := s.states(id); got != c.after {
			t.Errorf("%s: in the end %s, want %s", c.do, got, c.after)
		}
	}
	s.want(204, s.do("nova", "DELETE", "/servers/"+id, nil))
	if got := s.states(id); got != "ACTIVE active deleting 1" {
		t.Errorf("after delete: %s", got)
	}
	now.Advance(10 * time.Second)
	if got := s.states(id); got != "404" {
		t.Errorf("10 s after delete: %s, want 404", got)
	}
}

func TestDeleteCallsOffABuild(t *testing.T) {
	now := newClock()
	_, auth := start(t, sandbox.Options{Now: now.Now, Delay: 10 * time.Second})
	s := login(t, auth, "demo")
	id := s.create("m", object{"networks": []object{{"uuid": s.network("private")}}})
	now.Advance(5 * time.Second)
	s.want(204, s.do("nova", "DELETE", "/servers/"+id, nil))
	now.Advance(5 * time.Second)
	if got := s.states(id); got != "BUILD building deleting 0" {
		t.Errorf("when the build would have ended: %s", got)
	}
	now.Advance(5 * time.Second)
	if got := len(s.do("neutron", "GET", "/ports?device_id="+id, nil).list("ports")); got != 0 || s.states(id) != "404" {
		t.Errorf("in the end: %s and %d ports, want none", s.states(id), got)
	}
}

func TestPortOfAServer(t *testing.T) {
	now := newClock()
	_, auth := start(t, sandbox.Options{Now: now.Now, Delay: time.Second})
	s := login(t, auth, "demo")
	id := s.create("m", object{"networks": []object{{"uuid": s.network("private")}}})
	for _, want := range []string{"DOWN", "ACTIVE"} {
		p := s.do("neutron", "GET", "/ports?device_owner=compute:nova&device_id="+id, nil)
		if got := p.str("ports", 0, "status"); got != want {
			t.Errorf("port is %q, want %q", got, want)
		}
		now.Advance(time.Second)
	}
	port := s.do("neutron", "GET", "/ports?device_id="+id, nil)
	server := s.do("nova", "GET", "/servers/"+id, nil)
	if a, b := port.str("ports", 0, "fixed_ips", 0, "ip_address"), server.str("server", "addresses", "private", 0, "addr"); a == "" || a != b {
		t.Errorf("Neutron says %q, Nova says %q", a, b)
	}
}

func TestFailedBuild(t *testing.T) {
	cloud, auth := start(t, sandbox.Options{})
	s := login(t, auth, "demo")
	cloud.FailBuild("No valid host was found.")
	bad, good := s.create("bad", nil), s.create("good", nil)
	a := s.do("nova", "GET", "/servers/"+bad, nil)
	if a.str("server", "status") != "ERROR" || a.str("server", "fault", "message") != "No valid host was found." {
		t.Errorf("failed build: %s", a.text)
	}
	if got := s.states(good); got != "ACTIVE active - 1" {
		t.Errorf("the next build: %s", got)
	}
	s.want(204, s.do("nova", "DELETE", "/servers/"+bad, nil))
	if got := s.states(bad); got != "404" {
		t.Errorf("deleted: %s", got)
	}
}

func TestPagesOfServers(t *testing.T) {
	const n = 7
	cloud, auth := start(t, sandbox.Options{NewID: counter(), PageSize: 5})
	if err := cloud.AddServers("demo", n); err != nil {
		t.Fatal(err)
	}
	s := login(t, auth, "demo")
	var all []string
	for url := s.urls["nova"] + "/servers"; url != ""; {
		a := s.want(200, s.send("GET", url, nil))
		for _, one := range a.list("servers") {
			all = append(all, dig(one, "id").(string))
		}
		url = a.str("servers_links", 0, "href")
	}
	if len(all) != n {
		t.Fatalf("pages hold %d servers, want %d", len(all), n)
	}
	for offset := -1; offset < n; offset++ {
		for limit := range n + 2 {
			query := fmt.Sprintf("?limit=%d", limit)
			if offset >= 0 {
				query += "&marker=" + all[offset]
			}
			a := s.want(200, s.do("nova", "GET", "/servers"+query, nil))
			got := []string{}
			for _, one := range a.list("servers") {
				got = append(got, dig(one, "id").(string))
			}
			want := all[offset+1:]
			want = append([]string{}, want[:min(len(want), limit, 5)]...)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", query, diff)
			}
			full := limit > 0 && len(got) == min(limit, 5)
			if has := a.str("servers_links", 0, "href") != ""; has != full {
				t.Errorf("%s: link to the next page: %v, want %v", query, has, full)
			}
		}
	}
}

func TestTenantsAreApart(t *testing.T) {
	_, auth := start(t, sandbox.Options{})
	demo, alt := login(t, auth, "demo"), login(t, auth, "alt")
	id := demo.create("secret", nil)
	volume := demo.want(202, demo.do("cinder", "POST", "/volumes", object{"volume": object{"size": 1}})).str("volume", "id")
	image := demo.want(201, demo.do("glance", "POST", "/images", object{"name": "mine", "visibility": "private"})).str("id")
	net := demo.network("private")
	subnet := demo.do("neutron", "GET", "/subnets", nil).str("subnets", 0, "id")
	demo.want(201, demo.do("nova", "POST", "/os-keypairs", object{"keypair": object{"name": "k", "public_key": publicKey}}))
	for _, c := range []struct{ service, method, path, body string }{
		{"nova", "GET", "/servers/" + id, ""}, {"nova", "PUT", "/servers/" + id, `{"server":{"name":"x"}}`}, {"nova", "DELETE", "/servers/" + id, ""},
		{"nova", "POST", "/servers/" + id + "/action", `{"os-stop":null}`}, {"nova", "GET", "/servers/" + id + "/metadata", ""}, {"nova", "GET", "/servers/" + id + "/os-instance-actions", ""},
		{"nova", "POST", "/servers/" + id + "/os-volume_attachments", `{"volumeAttachment":{"volumeId":"` + volume + `"}}`},
		{"nova", "GET", "/os-keypairs/k", ""}, {"cinder", "GET", "/volumes/" + volume, ""}, {"cinder", "DELETE", "/volumes/" + volume, ""},
		{"glance", "GET", "/images/" + image, ""}, {"glance", "DELETE", "/images/" + image, ""},
		{"neutron", "GET", "/networks/" + net, ""}, {"neutron", "DELETE", "/networks/" + net, ""}, {"neutron", "GET", "/subnets/" + subnet, ""},
		{"neutron", "POST", "/ports", `{"port":{"network_id":"` + net + `"}}`},
	} {
		var body any
		if c.body != "" {
			body = c.body
		}
		if a := alt.do(c.service, c.method, c.path, body); a.status != 404 {
			t.Errorf("%s %s %s: %d, want 404: %s", c.service, c.method, c.path, a.status, a.text)
		}
	}
	for _, c := range []struct{ service, path, key string }{
		{"nova", "/servers", "servers"}, {"nova", "/servers/detail", "servers"}, {"nova", "/os-keypairs", "keypairs"}, {"cinder", "/volumes", "volumes"},
		{"glance", "/images?name=mine", "images"}, {"neutron", "/networks?name=private", "networks"}, {"neutron", "/subnets", "subnets"}, {"neutron", "/ports", "ports"}, {"neutron", "/routers", "routers"},
	} {
		a := alt.want(200, alt.do(c.service, "GET", c.path, nil))
		if n := len(a.list(c.key)); n != 0 {
			t.Errorf("%s %s shows alt %d of demo's", c.service, c.path, n)
		}
	}
	if got := demo.states(id); got != "ACTIVE active - 1" {
		t.Errorf("after all that: %s", got)
	}
}

func TestQuotas(t *testing.T) {
	_, auth := start(t, sandbox.Options{Quotas: map[string]int{"instances": 1, "key_pairs": 0, "network": 1, "volumes": 1, "gigabytes": 2}})
	s := login(t, auth, "demo")
	s.create("one", nil)
	for _, c := range []struct {
		service, path string
		body          object
		status        int
		words         string
	}{
		{"nova", "/servers", object{"server": object{"name": "two", "imageRef": s.image(), "flavorRef": "1", "networks": "none"}}, 403, "Quota exceeded for instances: Requested 1, but already used 1 of 1 instances"},
		{"nova", "/os-keypairs", object{"keypair": object{"name": "k", "public_key": publicKey}}, 403, "Quota exceeded, too many key pairs."},
		{"neutron", "/networks", object{"network": object{"name": "n"}}, 409, "Quota exceeded for resources: ['network']."},
		{"cinder", "/volumes", object{"volume": object{"size": 3}}, 413, "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested 3G, quota is 2G and 0G has been consumed."},
	} {
		a := s.do(c.service, "POST", c.path, c.body)
		if a.status != c.status || !strings.Contains(a.text, c.words) {
			t.Errorf("%s %s: %d %s, want %d %s", c.service, c.path, a.status, a.text, c.status, c.words)
		}
	}
	s.want(202, s.do("cinder", "POST", "/volumes", object{"volume": object{"size": 1}}))
	a := s.want(413, s.do("cinder", "POST", "/volumes", object{"volume": object{"size": 1}}))
	if a.header.Get("Retry-After") != "0" || !strings.Contains(a.text, "VolumeLimitExceeded") {
		t.Errorf("volumes: %v %s", a.header, a.text)
	}
}

func TestServerGoesWithWhatWasMadeForIt(t *testing.T) {
	_, auth := start(t, sandbox.Options{})
	s := login(t, auth, "demo")
	net := s.network("private")
	own := s.want(201, s.do("neutron", "POST", "/ports", object{"port": object{"network_id": net}})).str("port", "id")
	kept := s.want(202, s.do("cinder", "POST", "/volumes", object{"volume": object{"size": 1}})).str("volume", "id")
	blank := object{"server": object{"name": "n", "flavorRef": "1", "networks": "none", "block_device_mapping_v2": []object{{"boot_index": 0, "uuid": kept, "source_type": "volume", "destination_type": "volume"}}}}
	if got := s.want(400, s.do("nova", "POST", "/servers", blank)); got.str("badRequest", "message") != "Block Device "+kept+" is not bootable." {
		t.Errorf("booting from an empty volume: %s", got.text)
	}
	id := s.create("m", object{
		"imageRef": "", "networks": []object{{"uuid": net}, {"port": own}},
		"block_device_mapping_v2": []object{{"boot_index": 0, "uuid": s.image(), "source_type": "image", "destination_type": "volume", "volume_size": 1, "delete_on_termination": true}},
	})
	s.want(200, s.do("nova", "POST", "/servers/"+id+"/os-volume_attachments", object{"volumeAttachment": object{"volumeId": kept}}))
	boot := s.do("nova", "GET", "/servers/"+id, nil).str("server", "os-extended-volumes:volumes_attached", 0, "id")
	if got := s.do("cinder", "GET", "/volumes/"+boot, nil); got.str("volume", "status") != "in-use" || got.str("volume", "attachments", 0, "server_id") != id || got.str("volume", "bootable") != "true" {
		t.Errorf("boot volume: %s", got.text)
	}
	s.want(409, s.do("nova", "POST", "/servers", object{"server": object{"name": "n", "imageRef": s.image(), "flavorRef": "1", "networks": []object{{"port": own}}}}))
	s.want(204, s.do("nova", "DELETE", "/servers/"+id, nil))
	if got := s.states(id); got != "404" {
		t.Fatalf("deleted: %s", got)
	}
	s.want(404, s.do("cinder", "GET", "/volumes/"+boot, nil))
	if got := s.do("cinder", "GET", "/volumes/"+kept, nil).str("volume", "status"); got != "available" {
		t.Errorf("the other volume is %s, want available", got)
	}
	ports := s.do("neutron", "GET", "/ports?network_id="+net+"&device_id=", nil).list("ports")
	if len(ports) != 1 || dig(ports[0], "id") != own {
		t.Errorf("free ports: %v, want only %s", ports, own)
	}
}

// TestRunsAreAlike holds the promise of injected clocks and ids.
func TestRunsAreAlike(t *testing.T) {
	run := func() string {
		now := newClock()
		_, auth := start(t, sandbox.Options{Now: now.Now, NewID: counter(), Delay: time.Second})
		s := login(t, auth, "demo")
		id := s.create("m", object{"networks": []object{{"uuid": s.network("private")}}})
		now.Advance(time.Second)
		a := s.want(200, s.do("nova", "GET", "/servers/"+id, nil))
		return stable(a.text) + a.header.Get("X-Openstack-Request-Id") + id
	}
	if diff := cmp.Diff(run(), run()); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
}

func TestManyServers(t *testing.T) {
	const n = 10_000
	cloud, auth := start(t, sandbox.Options{Quotas: map[string]int{"port": -1}})
	if err := cloud.AddServers("demo", n); err != nil {
		t.Fatal(err)
	}
	if err := cloud.AddServers("nobody", 1); err == nil {
		t.Error("servers were put into a project that is none")
	}
	s := login(t, auth, "demo")
	addresses := map[string]bool{}
	pages := 0
	for url := s.urls["nova"] + "/servers/detail"; url != ""; pages++ {
		a := s.want(200, s.send("GET", url, nil))
		for _, one := range a.list("servers") {
			addresses[dig(one, "addresses", "private", 0, "addr").(string)] = true
		}
		url = a.str("servers_links", 0, "href")
	}
	if len(addresses) != n || pages != n/1000+1 {
		t.Errorf("%d addresses on %d pages, want %d on %d", len(addresses), pages, n, n/1000+1)
	}
}

// TestInterfaceWishes: what is no wish is refused; no wish at all is for the only
// network.
func TestInterfaceWishes(t *testing.T) {
	_, auth := start(t, sandbox.Options{})
	s := login(t, auth, "demo")
	path := "/servers/" + s.create("m", nil) + "/os-interface"
	net := s.network("private")
	for _, test := range []struct {
		body   object
		status int
	}{
		{object{}, 200},
		{object{"interfaceAttachment": object{}}, 200},
		{object{"interfaceAttachment": object{"net_id": net, "fixed_ips": []object{{"ip_address": "10.0.0.99"}}}}, 200},
		{object{"interfaceAttachment": "junk"}, 400},
		{object{"interfaceAttachment": object{"net_id": "junk"}}, 400},
		{object{"interfaceAttachment": object{"bogus": 1}}, 400},
		{object{"interfaceAttachment": object{"net_id": net, "fixed_ips": []object{}}}, 400},
		{object{"interfaceAttachment": object{"net_id": net, "fixed_ips": []object{{"ip_address": "junk"}}}}, 400},
		{object{"interfaceAttachment": object{"fixed_ips": []object{{"ip_address": "10.0.0.98"}}}}, 400},
	} {
		if a := s.do("nova", "POST", path, test.body); a.status != test.status {
			t.Errorf("%v: status %d, want %d: %s", test.body, a.status, test.status, a.text)
		}
	}
}
