package cimi_test

import (
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	translate "github.com/occimi/occimi/translate/cimi"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares a body with a file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

func text(t testing.TB, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// renderings are the resources that have golden files, in both versions.
var renderings = []struct {
	name string
	path [3]string // by version; empty: not in that version
}{
	{"cloudEntryPoint", both("cloudEntryPoint")},
	{"machines", both("machines")},
	{"machine", both("machines/m-1")},
	{"machine-stopped", both("machines/m-2")},
	{"machine-expanded", both("machines/m-1?$expand=*")},
	{"machine-selected", both("machines/m-1?$select=name,state,operations")},
	{"machines-expanded", both("machines?$expand=disks,volumes,snapshots")},
	{"machines-selected", both("machines?$select=name,state")},
	{"machines-none", both("machines?$filter=name='nobody'")},
	{"disks", both("machines/m-1/disks")},
	{"disk", both("machines/m-1/disks/root")},
	{"volumes", both("machines/m-1/volumes")},
	{"volume", both("machines/m-1/volumes/v-1")},
	{"interfaces", [3]string{"", "machines/m-1/networkInterfaces", "machines/m-1/interfaces"}},
	{"interface", [3]string{"", "machines/m-1/networkInterfaces/p-1?$expand=addresses", "interfaces/p-1?$expand=endpoints"}},
	{"addresses", [3]string{"", "machines/m-1/networkInterfaces/p-1/addresses?$expand=address", "interfaces/p-1/endpoints"}},
	{"address", [3]string{"", "machines/m-1/networkInterfaces/p-1/addresses/10.0.0.5", "endpoints/p-1.fd00::5"}},
	{"networks", both("networks")},
	{"network", both("networks/n-1?$expand=*")},
	{"networkPorts", [3]string{"", "networkPorts", ""}},
	{"networkPort", [3]string{"", "networkPorts/p-2", ""}},
	{"networkConfigs", [3]string{"", "networkConfigs", ""}},
	{"networkPortConfigs", [3]string{"", "networkPortConfigs", ""}},
	{"all-addresses", [3]string{"", "addresses", ""}},
	{"forwardingGroups", [3]string{"", "forwardingGroups", ""}},
	{"forwardingGroup", [3]string{"", "forwardingGroups/r-1", ""}},
	{"forwardingGroup-networks", [3]string{"", "forwardingGroups/r-1/networks", ""}},
	{"segments", [3]string{"", "", "segments"}},
	{"segment", [3]string{"", "", "segments/s-2?$expand=endpoints"}},
	{"endpoints", [3]string{"", "", "endpoints"}},
	{"all-interfaces", [3]string{"", "", "interfaces"}},
	{"networkMetadata", both("resourceMetadata/network")},
	{"interfaceMetadata", [3]string{"", "resourceMetadata/machineNetworkInterface", "resourceMetadata/networkInterface"}},
	{"snapshots", both("machines/m-2/snapshots")},
	{"snapshot", [3]string{"", "machines/m-2/snapshots/i-2?$expand=snapshot", ""}},
	{"machineConfigs", both("machineConfigs")},
	{"machineConfig", both("machineConfigs/2")},
	{"machineImages", both("machineImages")},
	{"machineImage", both("machineImages/i-2")},
	{"credentials", both("credentials")},
	{"credential", both("credentials/joe")},
	{"resourceMetadatas", both("resourceMetadata")},
	{"resourceMetadata", both("resourceMetadata/credential")},
	{"job", both("machines/nothing")},
}

func both(path string) [3]string { return [3]string{"", path, path} }

func TestRenderings(t *testing.T) {
	h := serve(newFake(), translate.Options{CPUArch: "x86_64"})
	for _, c := range renderings {
		for version, path := range c.path {
			for _, format := range []string{"json", "xml"} {
				if path == "" {
					continue
				}
				name := c.name + ".v" + string(rune('0'+version)) + "." + format
				t.Run(name, func(t *testing.T) {
					uri := "/cimi/" + string(rune('0'+version)) + "/" + strings.ReplaceAll(path, "'", "%27")
					r := request(t, h, "GET "+uri, "", "Accept: application/"+format)
					if got, want := r.Header.Get("Content-Type"), "application/"+format+"; charset=utf-8"; got != want {
						t.Errorf("Content-Type is %q, want %q", got, want)
					}
					golden(t, name, text(t, r))
				})
			}
		}
	}
}
