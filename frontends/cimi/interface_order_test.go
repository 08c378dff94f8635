package cimi_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
	translate "github.com/occimi/occimi/translate/cimi"
)

// TestInterfaceOrder checks that a machine's interfaces come in the order in which
// it has them, however they are listed, and those that it does not tell of yet last.
func TestInterfaceOrder(t *testing.T) {
	f := newFake()
	for _, n := range []string{"3", "4", "5"} {
		f.ports = append(f.ports, model.Port{ID: "p-" + n, NetworkID: "n-1", MachineID: "m-1", MACAddress: "fa:16:3e:00:00:0" + n, Created: born})
	}
	f.machines[0].MACAddresses = []string{"fa:16:3e:00:00:05", "fa:16:3e:00:00:01", "fa:16:3e:00:00:03"}
	h := serve(f, translate.Options{})
	item := regexp.MustCompile(`"id":"[^"]*nterfaces/(p-[0-9])"`)
	for _, uri := range []string{
		"/cimi/1/machines/m-1/networkInterfaces", "/cimi/1/machines/m-1?$expand=networkInterfaces", "/cimi/1/machines?$expand=networkInterfaces",
		"/cimi/2/machines/m-1/interfaces", "/cimi/2/machines/m-1?$expand=interfaces", "/cimi/2/machines?$expand=interfaces",
		"/cimi/2/interfaces/p-1?$expand=parent&$select=parent",
	} {
		var got []string
		for _, m := range item.FindAllStringSubmatch(text(t, request(t, h, "GET "+uri, "")), -1) {
			got = append(got, m[1])
		}
		if diff := cmp.Diff("p-5 p-1 p-3 p-4", strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", uri, diff)
		}
	}
}
