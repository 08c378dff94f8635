package occi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/frontends/occi"
	"github.com/occimi/occimi/model"
)

// TestBudgets holds operations to the calls that they may cost.
func TestBudgets(t *testing.T) {
	cached := []string{"Flavors", "Images", "Subnets", "Zones"}
	around := append([]string{"MachinePorts", "FloatingIPs"}, cached...)
	tests := []struct {
		name    string
		request string
		want    []string
	}{
		{"list as text", "GET /compute/", []string{"MachineRefs"}},
		{"list as URIs", "GET /compute/\nAccept: text/uri-list", []string{"MachineRefs"}},
		{"list by its own kind", "GET /compute/\n" + kindLine, []string{"MachineRefs"}},
		{"list as JSON", "GET /compute/\nAccept: application/occi+json", append([]string{"Machines", "Volumes"}, around...)},
		{"list by attribute", "GET /compute/\nX-OCCI-Attribute: occi.compute.cores=1", append([]string{"Machines", "Volumes"}, around...)},
		{"get", "GET /compute/" + runningID, append([]string{"MachineAndAttachments"}, around...)},
		{"act", plain("POST /compute/"+runningID+"?action=stop", "Category: stop"+actionLine), []string{"Machine", "ActOnMachine"}},
		{"delete", "DELETE /compute/" + stoppedID, []string{"FloatingIPs", "DeleteMachine"}},
		{"create", plain("POST /compute/", kindLine, `X-OCCI-Attribute: occi.compute.userdata="x"`,
			`Link: </storage/`+freeVolumeID+`>; rel="`+infra+`storage"; category="`+infra+`storagelink"`), []string{"Flavors", "Images", "Networks", "Zones", "Volumes", "CreateMachine"}},
		{"query", "GET /-/", []string{"Flavors", "Images", "Networks", "Zones"}},
		{"storage", "GET /storage/" + volumeID, []string{"Volume"}},
		{"storage link", "GET /storagelink/" + runningID + "_" + volumeID, []string{"Volume"}},
		{"IP reservation", "GET /ipreservation/" + usedIPID, []string{"FloatingIP", "Networks"}},
		{"floating IP", "GET /networkinterface/fip_" + usedIPID, []string{"FloatingIP"}},
		{"security group", "GET /securitygroup/" + groupID, []string{"SecurityGroup"}},
		{"security group link", "GET /securitygrouplink/" + runningID + "_" + groupID, []string{"MachinePorts"}},
		{"network", "GET /network/" + networkID, []string{"Network", "Subnets"}},
		{"query for one", "GET /-/\n" + kindLine, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newService(t, occi.Config{})
			if res := s.do(test.request); res.StatusCode >= 300 {
				t.Fatal(res.StatusCode, bodyOf(t, res))
			}
			slices.Sort(s.cloud.calls)
			slices.Sort(test.want)
			if diff := cmp.Diff(test.want, s.cloud.calls); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestBudgetsDoNotGrow checks that a listing costs the same calls however long
// it is.
func TestBudgetsDoNotGrow(t *testing.T) {
	for _, n := range []int{0, 1, 1000, 2500} {
		s := newService(t, occi.Config{})
		s.cloud.machines = slices.Repeat(s.cloud.machines[:1], n)
		for i := range s.cloud.machines {
			s.cloud.machines[i].ID = fmt.Sprintf("machine-%d", i)
		}
		for request, want := range map[string]int{
			"GET /compute/": 1,
			"GET /compute/\nAccept: application/occi+json":           8,
			"GET /\nAccept: application/occi+json":                   10,
			"GET /storagelink/":                                      1,
			"GET /networkinterface/":                                 2,
			"GET /networkinterface/\nAccept: application/occi+json":  3,
			"GET /storage/":                                          1,
			"GET /storage/\nAccept: application/occi+json":           1,
			"GET /storagelink/\nAccept: application/occi+json":       1,
			"GET /ipreservation/":                                    1,
			"GET /ipreservation/\nAccept: application/occi+json":     2,
			"GET /securitygroup/\nAccept: application/occi+json":     1,
			"GET /securitygrouplink/\nAccept: application/occi+json": 1,
		} {
			if res := s.do(request); res.StatusCode != http.StatusOK || len(s.cloud.calls) != want {
				t.Errorf("%s of %d: %d, calls %v", request, n, res.StatusCode, s.cloud.calls)
			}
		}
	}
}

// TestParallel checks that calls that do not need each other are under way at
// the same time: each waits for the others, so that one after the other would
// wait for ever.
func TestParallel(t *testing.T) {
	for request, methods := range map[string][]string{
		"GET /compute/" + runningID:                    {"MachineAndAttachments", "MachinePorts", "FloatingIPs", "Images", "Flavors", "Subnets", "Zones"},
		"GET /compute/\nAccept: application/occi+json": {"Machines", "MachinePorts", "Volumes", "FloatingIPs", "Images", "Flavors", "Subnets", "Zones"},
		"GET /-/":                   {"Images", "Flavors", "Networks", "Zones"},
		"GET /":                     {"MachineRefs", "Networks", "MachinePorts", "VolumeRefs", "Volumes", "FloatingIPs", "SecurityGroups"},
		"GET /network/" + networkID: {"Network", "Subnets"},
		plain("POST /compute/", kindLine, imageLine, `Link: </network/`+networkID+`>; rel="`+infra+`network"; category="`+infra+`networkinterface"`): {"Images", "Flavors", "Networks"},
	} {
		t.Run(request, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newService(t, occi.Config{})
				s.cloud.meet = make(map[string]bool)
				for _, m := range methods {
					s.cloud.meet[m] = true
				}
				s.cloud.met.Add(len(methods))
				if res := s.do(request); res.StatusCode >= 300 {
					t.Error(res.StatusCode, bodyOf(t, res))
				}
			})
		})
	}
}

// TestCreate checks what reaches the cloud, from everything that clients of
// record write.
func TestCreate(t *testing.T) {
	network := `; rel="` + infra + `network"; category="` + infra + `networkinterface"`
	tests := []struct {
		name    string
		request string
		want    model.MachineCreate
	}{
		{"as rOCCI writes it", "POST /compute/\nAccept: text/plain,text/occi\nContent-Type: text/plain,text/occi\n\n" + strings.Join([]string{
			`Category: compute;scheme="` + infra + `";class="kind"`,
			`Category: ` + imageID + `;scheme="http://schemas.openstack.org/template/os#";class="mixin"`,
			`Category: m1-small;scheme="http://schemas.openstack.org/template/resource#";class="mixin"`,
			`Category: public_key;scheme="http://schemas.openstack.org/instance/credentials#";class="mixin"`,
			`Category: user_data;scheme="http://schemas.openstack.org/compute/instance#";class="mixin"`,
			`X-OCCI-Attribute: occi.core.id="c4c2a6bb-b56d-45a8-a4aa-5ed27bc9fce3"`,
			`X-OCCI-Attribute: occi.core.title="My VM"`,
			`X-OCCI-Attribute: occi.compute.hostname="My VM"`,
			`X-OCCI-Attribute: org.openstack.credentials.publickey.data="ssh-rsa AAAAB3Nza== me@host"`,
			`X-OCCI-Attribute: org.openstack.compute.user_data="I2Nsb3VkLWNvbmZpZwpob3N0bmFtZTogIngiCg=="`,
			`Link: </network/` + networkID + `>;rel="` + infra + `network";self="/network/interface/410c";category="` + infra + `networkinterface";occi.core.id="410c";occi.core.target="/network/` + networkID + `";occi.core.source="/compute/88cf"`,
			`Link: </storage/` + freeVolumeID + `>;rel="` + infra + `storage";self="/storage/link/0bc3";category="` + infra + `storagelink";occi.core.id="0bc3";occi.core.target="/storage/` + freeVolumeID + `";occi.core.source="/compute/88cf"`,
		}, "\n"), model.MachineCreate{
			Name: "My VM", Hostname: "My-VM", FlavorID: "2", ImageID: imageID, PublicKey: "ssh-rsa AAAAB3Nza== me@host",
			UserData: []byte("#cloud-config\nhostname: \"x\"\n"),
			Networks: []model.MachineNetwork{{NetworkID: networkID}}, Volumes: []model.MachineVolume{{VolumeID: freeVolumeID}},
		}},
		{"as of 2011, in header fields", "POST /compute/\n" + strings.Join([]string{
			`Category: compute; scheme=http://schemas.ogf.org/occi/infrastructure#;  class="kind";`,
			`Category: C2R2048D20; scheme=http://schemas.ogf.org/occi/infrastructure#; `,
			`Category: ` + strings.ToUpper(imageID) + `; scheme=http://schemas.ogf.org/occi/os_tpl#;`,
			`X-OCCI-Attribute: occi.core.title = newVM`,
			`X-OCCI-Attribute: occi.compute.cores="2", occi.compute.hostname=foobar`,
		}, "\n"), model.MachineCreate{Name: "newVM", Hostname: "foobar", FlavorID: "C2R2048D20", ImageID: imageID}},
		{"header fields under a body's type", "POST /compute/\nContent-Type: text/plain\n" + kindLine + "\n" + imageLine + "\nX-OCCI-Attribute: occi.core.title=\"t\"",
			model.MachineCreate{Name: "t", FlavorID: "1", ImageID: imageID}},
		{"a body wins over header fields", "POST /compute/\nCategory: nonsense\n\n" + kindLine + "\n" + imageLine + "\nX-OCCI-Attribute: occi.core.title=\"t\"",
			model.MachineCreate{Name: "t", FlavorID: "1", ImageID: imageID}},
		{"a host name with dots", plain("POST /compute/", kindLine, imageLine, `X-OCCI-Attribute: occi.compute.hostname="www.example.org"`),
			model.MachineCreate{Name: "www.example.org", Hostname: "www-example-org", FlavorID: "1", ImageID: imageID}},
		{"size by attributes, at the root", plain("POST /", kindLine, imageLine, `X-OCCI-Attribute: occi.compute.memory=1.5`, `X-OCCI-Attribute: occi.core.title="t"`),
			model.MachineCreate{Name: "t", FlavorID: "2", ImageID: imageID}},
		{"the smallest, and named after the request", plain("POST /compute/", kindLine, imageLine),
			model.MachineCreate{Name: "occi-11111111-2222-4333-8444-555555555555", FlavorID: "1", ImageID: imageID}},
		{"template wins over attributes", plain("POST /compute/", kindLine, imageLine, smallLine, `X-OCCI-Attribute: occi.compute.cores=64`, `X-OCCI-Attribute: occi.core.title="t"`),
			model.MachineCreate{Name: "t", FlavorID: "2", ImageID: imageID}},
		{"boot from storage, existing key", plain("POST /compute/", kindLine, `X-OCCI-Attribute: occi.core.title="t"`, `X-OCCI-Attribute: occi.core.summary="s"`,
			`X-OCCI-Attribute: org.openstack.credentials.publickey.name="mine"`,
			`Link: <https://cloud.example.org/storage/`+freeVolumeID+`>; rel="`+infra+`storage"; category="`+infra+`storagelink"; occi.storagelink.deviceid="/dev/vda"`),
			model.MachineCreate{Name: "t", Description: "s", FlavorID: "1", KeyName: "mine", Volumes: []model.MachineVolume{{VolumeID: freeVolumeID, Device: "/dev/vda", Boot: true}}}},
		{"target in an attribute, address asked for", plain("POST /compute/", kindLine, imageLine, `X-OCCI-Attribute: occi.core.title="t"`,
			`Link: </bar>`+network+`; occi.core.target="https://cloud.example.org/network/`+networkID+`"; occi.networkinterface.address="10.0.0.9"; occi.networkinterface.interface="eth0"`),
			model.MachineCreate{Name: "t", FlavorID: "1", ImageID: imageID, Networks: []model.MachineNetwork{{NetworkID: networkID, FixedIP: "10.0.0.9"}}}},
		{"architecture by another name", plain("POST /compute/", kindLine, imageLine, `X-OCCI-Attribute: occi.core.title="t"`, `X-OCCI-Attribute: occi.compute.architecture="x86_64"`),
			model.MachineCreate{Name: "t", FlavorID: "1", ImageID: imageID}},
		{"target by id", plain("POST /compute/", kindLine, imageLine, `X-OCCI-Attribute: occi.core.title="t"`, `Link: <urn:uuid:`+networkID+`>`+network),
			model.MachineCreate{Name: "t", FlavorID: "1", ImageID: imageID, Networks: []model.MachineNetwork{{NetworkID: networkID}}}},
		{"JSON of 1.2", jsonBody("POST /compute/", `{"kind":"`+infra+`compute","title":"j","summary":"s",
			"mixins":["http://schemas.openstack.org/template/os#`+imageID+`"],
			"attributes":{"occi.compute.cores":4,"occi.compute.memory":8,"occi.credentials.ssh.publickey":"k","occi.compute.userdata":"raw text!"},
			"links":[{"kind":"`+infra+`networkinterface","target":{"location":"/network/`+networkID+`","kind":"`+infra+`network"}}]}`),
			model.MachineCreate{Name: "j", Description: "s", FlavorID: "C2R2048D20", ImageID: imageID, PublicKey: "k", UserData: []byte("raw text!"),
				Networks: []model.MachineNetwork{{NetworkID: networkID}}}},
		{"JSON of 2012", jsonBody("POST /compute/", `{"resources":[{"kind":"`+infra+`compute","mixins":["http://schemas.openstack.org/template/os#`+imageID+`"],
			"attributes":{"occi":{"core":{"id":"x","title":"old"},"compute":{"cores":1}}},"id":"x"}],
			"links":[{"kind":"`+infra+`networkinterface","rel":"`+infra+`network","source":"/compute/x","target":"/network/`+networkID+`"}]}`),
			model.MachineCreate{Name: "old", FlavorID: "1", ImageID: imageID, Networks: []model.MachineNetwork{{NetworkID: networkID}}}},
		{"as a form, as curl does", "POST /compute/\nContent-Type: application/x-www-form-urlencoded\n\n" + kindLine + "\n" + imageLine + "\nX-OCCI-Attribute: occi.core.title=\"t\"",
			model.MachineCreate{Name: "t", FlavorID: "1", ImageID: imageID}},
		{"unquoted Base64 with too much padding", plain("POST /compute/", kindLine, imageLine, `X-OCCI-Attribute: occi.core.title="t"`, `X-OCCI-Attribute: org.openstack.compute.user_data=IyEvYmluL3No==`),
			model.MachineCreate{Name: "t", FlavorID: "1", ImageID: imageID, UserData: []byte("#!/bin/sh")}},
		{"a comma and a quote in the title", plain("POST /compute/", kindLine, imageLine, `X-OCCI-Attribute: occi.core.title="How's your quotes escaping? \", occi.compute.memory=1.0", occi.compute.memory=3.6`),
			model.MachineCreate{Name: `How's your quotes escaping? ", occi.compute.memory=1.0`, FlavorID: "C2R2048D20", ImageID: imageID}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newService(t, occi.Config{})
			res := s.do(test.request)
			if res.StatusCode != http.StatusCreated || !strings.HasPrefix(res.Header.Get("Location"), "https://cloud.example.org/compute/") {
				t.Fatal(res.StatusCode, res.Header, bodyOf(t, res))
			}
			if diff := cmp.Diff(test.want, s.cloud.created); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUpdate(t *testing.T) {
	path := "/compute/" + runningID
	tests := []struct {
		name, request  string
		title, summary string
		hostname       string
		calls          int
	}{
		{"one attribute", plain("POST "+path, `X-OCCI-Attribute: occi.core.title="new"`), "new", "ünïcode\\", "web", 1},
		{"three", plain("POST "+path, kindLine, `X-OCCI-Attribute: occi.core.title="a", occi.core.summary="b", occi.compute.hostname="c d"`), "a", "b", "c-d", 1},
		{"cleared", plain("POST "+path, `X-OCCI-Attribute: occi.core.summary=""`), "web, \"one\"\r\nX-Evil: 1", "", "web", 1},
		{"nothing new", plain("POST "+path, `X-OCCI-Attribute: occi.compute.hostname="web"`), "web, \"one\"\r\nX-Evil: 1", "ünïcode\\", "web", 0},
		{"ignored wishes", plain("POST "+path, `X-OCCI-Attribute: occi.compute.share=5`), "web, \"one\"\r\nX-Evil: 1", "ünïcode\\", "web", 0},
		{"as a whole", plain("PUT "+path, kindLine, `X-OCCI-Attribute: occi.core.title="new"`), "new", "", "web", 1},
		{"JSON", jsonBody("POST "+path, `{"title":"new"}`), "new", "ünïcode\\", "web", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newService(t, occi.Config{})
			res := s.do(test.request)
			if body := bodyOf(t, res); res.StatusCode != http.StatusOK || !strings.HasPrefix(body, "Category: compute; ") || !strings.Contains(body, "Link: </network/") {
				t.Fatal(res.StatusCode, body)
			}
			calls := 0
			for _, c := range s.cloud.calls {
				if c == "UpdateMachine" {
					calls++
				}
			}
			m := s.cloud.machines[0]
			if diff := cmp.Diff([]any{test.title, test.summary, test.hostname, test.calls}, []any{m.Name, m.Description, m.Hostname, calls}); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("what was got can be sent back", func(t *testing.T) {
		s := newService(t, occi.Config{})
		s.cloud.machines[0].Name = "plain name" // control characters do not survive text
		for _, media := range []string{"text/plain", "text/occi+plain", "text/occi", "application/occi+json"} {
			got := s.do("GET " + path + "\nAccept: " + media)
			back := path + "\nContent-Type: " + media
			if media == "text/occi" {
				for _, name := range []string{"Category", "Link", "X-OCCI-Attribute"} {
					back += "\n" + name + ": " + got.Header[name][0]
				}
			} else {
				back += "\n\n" + bodyOf(t, got)
			}
			for _, method := range []string{"POST ", "PUT "} {
				res := s.do(method + back)
				if body := bodyOf(t, res); res.StatusCode != http.StatusOK || slices.Contains(s.cloud.calls, "UpdateMachine") || len(s.cloud.did) > 0 {
					t.Errorf("%s%s: %d %s, calls %v, did %v", method, media, res.StatusCode, body, s.cloud.calls, s.cloud.did)
				}
			}
		}
	})
	t.Run("OCCI 1.1 has no links in a full update", func(t *testing.T) {
		s := newService(t, occi.Config{})
		doc := bodyOf(t, s.do("GET "+path))
		if res := s.do("PUT " + path + "\nUser-Agent: OCCI/1.1\nContent-Type: text/plain\n\n" + doc); res.StatusCode != http.StatusBadRequest {
			t.Error(res.StatusCode, bodyOf(t, res))
		}
	})
}

func TestActions(t *testing.T) {
	one := func(id, term string, more ...string) string {
		return plain("POST /compute/"+id+"?action="+term, append([]string{"Category: " + term + actionLine}, more...)...)
	}
	tests := []struct {
		name, request string
		prepare       func(*fakeCloud)
		want          []string
	}{
		{"stop", one(runningID, "stop", `X-OCCI-Attribute: method="acpioff"`), nil, []string{"stop " + runningID}},
		{"start", one(stoppedID, "start"), nil, []string{"start " + stoppedID}},
		{"start a suspended one", one(stoppedID, "start"), func(f *fakeCloud) { f.machines[1].State = model.MachineSuspended }, []string{"resume " + stoppedID}},
		{"start a paused one", one(stoppedID, "start"), func(f *fakeCloud) { f.machines[1].State = model.MachinePaused }, []string{"unpause " + stoppedID}},
		{"start a shelved one", one(stoppedID, "start"), func(f *fakeCloud) { f.machines[1].State = model.MachineShelved }, []string{"unshelve " + stoppedID}},
		{"restart", one(runningID, "restart"), nil, []string{"reboot " + runningID}},
		{"restart cold", one(runningID, "restart", `X-OCCI-Attribute: method=COLD`), nil, []string{"reset " + runningID}},
		{"restart a failed one", one(failedID, "restart"), nil, []string{"reset " + failedID}},
		{"suspend", one(runningID, "suspend", `X-OCCI-Attribute: method="hibernate"`), nil, []string{"suspend " + runningID}},
		{"without class, in the header, no content type", "POST /compute/" + runningID + "?action=stop\nCategory: stop;scheme=http://schemas.ogf.org/occi/infrastructure/compute/action#;", nil, []string{"stop " + runningID}},
		{"JSON", jsonBody("POST /compute/"+runningID+"?action=stop", `{"action":"http://schemas.ogf.org/occi/infrastructure/compute/action#stop","attributes":{"method":"graceful"}}`), nil, []string{"stop " + runningID}},
		{"all, without those that are there", plain("POST /compute/?action=start", "Category: start"+actionLine), func(f *fakeCloud) { f.machines = f.machines[:2] }, []string{"start " + stoppedID}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newService(t, occi.Config{})
			if test.prepare != nil {
				test.prepare(s.cloud)
			}
			res := s.do(test.request)
			if body := bodyOf(t, res); res.StatusCode != http.StatusOK || body != "OK" {
				t.Fatal(res.StatusCode, body)
			}
			if diff := cmp.Diff(test.want, s.cloud.did); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("save", func(t *testing.T) {
		s := newService(t, occi.Config{})
		res := s.do(one(stoppedID, "save"))
		if body := bodyOf(t, res); res.StatusCode != http.StatusOK || !strings.HasPrefix(body, "Category: 9d1c7a10-1111-4000-8000-0000000000aa; ") {
			t.Error(res.StatusCode, body)
		}
		if diff := cmp.Diff(model.MachineSave{Name: "db"}, s.cloud.saved); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDeleteAll(t *testing.T) {
	tests := []struct {
		name, request string
		prepare       func(*fakeCloud)
		status        int
		want          []string
		says          string
	}{
		{"all", "DELETE /compute/", nil, 200, []string{"delete " + runningID, "delete " + stoppedID, "delete " + failedID, "release " + linkedIPID}, "OK"},
		{"some, in the header", "DELETE /compute/\nX-OCCI-Location: /compute/" + stoppedID + ", https://cloud.example.org/compute/" + failedID, nil, 200,
			[]string{"delete " + stoppedID, "delete " + failedID}, "OK"},
		{"one, in the body, twice", plain("DELETE /compute/", "X-OCCI-Location: /compute/"+stoppedID, "X-OCCI-Location: /compute/"+stoppedID), nil, 200, []string{"delete " + stoppedID}, "OK"},
		{"as URIs", "DELETE /compute/\nContent-Type: text/uri-list\n\n# mine\r\n/compute/" + stoppedID + "\r\n", nil, 200, []string{"delete " + stoppedID}, "OK"},
		{"as JSON", jsonBody("DELETE /compute/", `["/compute/`+stoppedID+`"]`), nil, 200, []string{"delete " + stoppedID}, "OK"},
		{"one is locked", "DELETE /compute/", func(f *fakeCloud) { f.machines[1].Locked = true }, 409, nil, "nothing was deleted"},
		{"the cloud fails", "DELETE /compute/", func(f *fakeCloud) {
			f.fail = map[string]error{"DeleteMachine": model.Errorf(model.Conflict, "busy")}
		}, 409, nil, "done for 0 of 3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newService(t, occi.Config{})
			if test.prepare != nil {
				test.prepare(s.cloud)
			}
			res := s.do(test.request)
			if body := bodyOf(t, res); res.StatusCode != test.status || !strings.Contains(body, test.says) {
				t.Fatal(res.StatusCode, body)
			}
			slices.Sort(s.cloud.did)
			if diff := cmp.Diff(test.want, s.cloud.did); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFilters(t *testing.T) {
	tests := []struct {
		name, request string
		want          []string
	}{
		{"hostname", "GET /compute/\nContent-Type: text/occi\nX-OCCI-Attribute: occi.compute.hostname=\"db\"", []string{stoppedID}},
		{"number, however written", "GET /compute/\nX-OCCI-Attribute: occi.compute.cores=1.0", []string{runningID, stoppedID}},
		{"number in quotes", "GET /compute/\nX-OCCI-Attribute: occi.compute.cores=\"3\"", []string{failedID}},
		{"no number", "GET /compute/\nX-OCCI-Attribute: occi.compute.cores=\"three\"", nil},
		{"two attributes", "GET /compute/\nX-OCCI-Attribute: occi.compute.cores=1, occi.compute.state=active", []string{runningID}},
		{"error", "GET /compute/\nX-OCCI-Attribute: occi.compute.state=error", []string{failedID}},
		{"error to 1.1 is inactive", "GET /compute/\nUser-Agent: OCCI/1.1\nX-OCCI-Attribute: occi.compute.state=\"inactive\"", []string{stoppedID, failedID}},
		{"template", "GET /compute/\nCategory: 1; scheme=\"http://schemas.openstack.org/template/resource#\"; class=\"mixin\"", []string{stoppedID}},
		{"template by query", "GET /compute/?category=http%3A%2F%2Fschemas.openstack.org%2Ftemplate%2Fresource%231", []string{stoppedID}},
		{"attribute by query", "GET /compute/?attribute=occi.core.title%3Ddb", []string{stoppedID}},
		{"attribute nobody has", "GET /compute/\nX-OCCI-Attribute: occi.compute.colour=\"red\"", nil},
		{"in the body", plain("GET /compute/", "X-OCCI-Attribute: occi.core.title=\"db\""), []string{stoppedID}},
		{"kind at the root", "GET /\n" + kindLine, []string{runningID, stoppedID, failedID}},
		{"links by their source", "GET /networkinterface/\nX-OCCI-Attribute: occi.core.source=\"https://cloud.example.org/compute/" + runningID + "\"", []string{portID, "fip_" + usedIPID, "fip_" + linkedIPID}},
		{"a collection of a template", "GET /mixin/resource_tpl/1/", []string{stoppedID}},
		{"a collection of all templates", "GET /mixin/resource_tpl/", []string{runningID, stoppedID}},
		{"another kind than the collection's", "GET /compute/\nCategory: network; scheme=\"" + infra + "\"", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			head, body, hasBody := strings.Cut(test.request, "\n\n")
			request := head + "\nAccept: text/uri-list"
			if hasBody {
				request += "\n\n" + body
			}
			res := newService(t, occi.Config{}).do(request)
			var got []string
			for uri := range strings.FieldsSeq(bodyOf(t, res)) {
				got = append(got, uri[strings.LastIndexByte(uri, '/')+1:])
			}
			if diff := cmp.Diff(test.want, got); res.StatusCode != http.StatusOK || diff != "" {
				t.Errorf("%d %s", res.StatusCode, diff)
			}
		})
	}
}

// TestPaging checks every page of every size.
func TestPaging(t *testing.T) {
	s := newService(t, occi.Config{})
	all := strings.Fields(bodyOf(t, s.do("GET /compute/\nAccept: text/uri-list")))
	for size := 1; size <= len(all)+1; size++ {
		for page := 1; page <= len(all)+1; page++ {
			for _, sep := range []string{"&", ";"} {
				res := s.do(fmt.Sprintf("GET /compute/?page=%d%snumber=%d\nAccept: text/uri-list", page, sep, size))
				from := min((page-1)*size, len(all))
				want := all[from:min(from+size, len(all))]
				if got := strings.Fields(bodyOf(t, res)); res.StatusCode != http.StatusOK || !slices.Equal(got, want) {
					t.Errorf("page %d of %d: %d %v, want %v", page, size, res.StatusCode, got, want)
				}
			}
		}
	}
	if body := bodyOf(t, s.do("GET /compute/?page=2&number=2\nAccept: application/occi+json")); strings.Count(body, `"kind":"`+infra+`compute","attributes"`) != 1 {
		t.Errorf("JSON page: %s", body)
	}
}

// TestAbsentServices checks that what the tenant's cloud does not have is not
// there.
func TestAbsentServices(t *testing.T) {
	s := newService(t, occi.Config{})
	s.cloud.without = map[model.Service]bool{model.NetworkService: true, model.BlockStorageService: true}
	if body := bodyOf(t, s.do("GET /-/")); strings.Contains(body, "network") || strings.Contains(body, "storagelink") {
		t.Error(body)
	}
	for _, path := range []string{"/network/", "/network/" + networkID, "/networkinterface/", "/storagelink/", "/mixin/ipnetwork/"} {
		if res := s.do("GET " + path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	body := bodyOf(t, s.do("GET /compute/"+runningID))
	if strings.Contains(body, "networkinterface") || strings.Contains(body, "storagelink") || slices.Contains(s.cloud.calls, "MachinePorts") || slices.Contains(s.cloud.calls, "MachineAndAttachments") {
		t.Error(s.cloud.calls, body)
	}
}
