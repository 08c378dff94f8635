package occi_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/frontends/occi"
	"github.com/occimi/occimi/model"
)

// TestInterfaceOrder checks that interfaces are called what the guest calls them,
// though the cloud lists them in another order, and that the machine is read for it
// once at most, and not if it has one interface.
func TestInterfaceOrder(t *testing.T) {
	const port, mac, json = "3d3d0000-0000-4000-8000-00000000000", "fa:16:3e:00:00:0", "\nAccept: application/occi+json"
	shown := regexp.MustCompile(`occi\.networkinterface\.(?:interface|mac)"?[=:]"([a-z0-9:]+)`)
	other := "eth0 " + mac + "1" // another machine's
	all := "eth0 " + mac + "2 eth1 " + mac + "3 eth2 " + mac + "1"
	tests := []struct {
		name    string
		told    []string // by the machine
		request string
		want    string
		reads   string // of machines
	}{
		{"of the compute", []string{mac + "2", mac + "3", mac + "1"}, "GET /compute/" + stoppedID, all, "MachineAndAttachments"},
		{"of all computes", []string{mac + "2", mac + "3", mac + "1"}, "GET /compute/" + json, other + " " + all, "Machines"},
		{"one of three", []string{mac + "2", mac + "3", mac + "1"}, "GET /networkinterface/" + port + "2", "eth0 " + mac + "2", "MachineAndAttachments"},
		{"all", []string{mac + "2", mac + "3", mac + "1"}, "GET /networkinterface/" + json, other + " " + all, "Machines"},
		{"URLs alone", nil, "GET /networkinterface/", "", ""},
		{"one is not told yet", []string{mac + "3", mac + "2"}, "GET /compute/" + stoppedID, "eth0 " + mac + "3 eth1 " + mac + "2 eth2 " + mac + "1", "MachineAndAttachments"},
		{"none is told yet", nil, "GET /networkinterface/" + port + "2", "eth1 " + mac + "2", "MachineAndAttachments"},
		{"of a machine with one", nil, "GET /networkinterface/" + portID, other, ""},
		{"gets a title", []string{mac + "2", mac + "3", mac + "1"}, plain("POST /networkinterface/"+port+"3"+json, `X-OCCI-Attribute: occi.core.title="t"`), "eth1 " + mac + "3", "MachineAndAttachments"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newService(t, occi.Config{})
			machine := slices.IndexFunc(s.cloud.machines, func(m model.Machine) bool { return m.ID == stoppedID })
			s.cloud.machines[machine].MACAddresses = test.told
			for _, n := range []string{"1", "2", "3"} {
				s.cloud.ports = append(s.cloud.ports, model.Port{ID: port + n, MachineID: stoppedID, NetworkID: networkID, MACAddress: mac + n})
			}
			body := s.expect(test.request, 200)
			var got []string
			for _, m := range shown.FindAllStringSubmatch(body, -1) {
				got = append(got, m[1])
			}
			if diff := gocmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("-want +got:\n%s\n%s", diff, body)
			}
			reads := slices.DeleteFunc(slices.Clone(s.cloud.calls), func(call string) bool {
				return call != "Machines" && call != "Machine" && call != "MachineAndAttachments"
			})
			if diff := gocmp.Diff(test.reads, strings.Join(reads, " ")); diff != "" {
				t.Errorf("reads of machines, -want +got:\n%s", diff)
			}
		})
	}
}
