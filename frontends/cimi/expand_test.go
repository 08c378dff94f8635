package cimi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/occimi/occimi/model"
	translate "github.com/occimi/occimi/translate/cimi"
)

// TestExpandedParent: the owner of a resource is filled in: the Cloud Entry
// Point, a collection, or of several items each its own.
func TestExpandedParent(t *testing.T) {
	f := newFake()
	f.ports[1].MachineID = "m-2"
	f.ports = append(f.ports, model.Port{ID: "p-3", NetworkID: "n-1"}) // nobody has it
	h := serve(f, translate.Options{})
	owner := func(item any) map[string]any {
		parent, _ := item.(map[string]any)["parent"].(map[string]any)
		return parent
	}

	network, _ := do(t, h, 200, "GET /cimi/2/networks/n-1?$expand=parent", "")
	if p := owner(network); p["baseURI"] != "http://cloud.example.org/cimi/2/" || p["id"] != p["href"] {
		t.Errorf("the parent of a network is %v", p)
	}
	disk, _ := do(t, h, 200, "GET /cimi/2/machines/m-2/disks/root?$expand=parent", "")
	if p := owner(disk); p["id"] != "http://cloud.example.org/cimi/2/machines/m-2/disks" || p["count"] != 1.0 || len(p["disks"].([]any)) != 1 {
		t.Errorf("the parent of a disk is %v", p)
	}
	disks, _ := do(t, h, 200, "GET /cimi/2/machines/m-2/disks?$expand=*", "")
	if p := owner(disks["disks"].([]any)[0]); p["count"] != 1.0 || len(disks["parent"].(map[string]any)) != 1 {
		t.Errorf("the parent of a disk in the list of disks is %v, and that of the list %v", p, disks["parent"])
	}
	segments, _ := do(t, h, 200, "GET /cimi/2/segments?$expand=parent", "")
	for _, item := range segments["protocolSegments"].([]any) {
		id, p := item.(map[string]any)["id"], owner(item)
		if !strings.HasSuffix(fmt.Sprint(p["href"]), "/segments") || p["id"] != p["href"] || !slices.ContainsFunc(asList(p["protocolSegments"]), func(of any) bool { return of.(map[string]any)["id"] == id }) {
			t.Errorf("the parent of %v is %v", id, p)
		}
	}
	interfaces, _ := do(t, h, 200, "GET /cimi/2/interfaces?$expand=parent", "")
	for _, item := range interfaces["networkInterfaces"].([]any) {
		id, p := item.(map[string]any)["id"], owner(item)
		own, _ := p["networkInterfaces"].([]any)
		if p["baseURI"] == nil && (p["id"] != p["href"] || len(own) != 1 || own[0].(map[string]any)["id"] != id) {
			t.Errorf("the parent of %v is %v", id, p)
		}
	}
	machines := map[string]bool{}
	for _, p := range f.ports {
		machines[p.MachineID] = true
	}
	if len(machines) < 3 {
		t.Errorf("the cloud has interfaces of %v only", machines)
	}
	for i := range f.machines {
		f.machines[i].Locked = f.machines[i].ID == "m-2"
	}
	interfaces, _ = do(t, h, 200, "GET /cimi/2/interfaces?$expand=parent", "")
	for _, item := range interfaces["networkInterfaces"].([]any) {
		p := owner(item)
		_, says := operationOf(p, "insert")["available"]
		if locked := strings.Contains(fmt.Sprint(p["href"]), "/m-2/"); p["baseURI"] == nil && says != locked {
			t.Errorf("the operations of %v are %v", p["href"], p["operations"])
		}
	}

	f.machines = []model.Machine{} // gone meanwhile
	do(t, h, 200, "GET /cimi/2/interfaces?$expand=parent", "")
	if got, _ := do(t, h, 200, "GET /cimi/2/interfaces/p-1?$expand=parent", ""); owner(got)["count"] == nil && len(owner(got)) != 1 {
		t.Errorf("the parent of what is gone is %v", owner(got))
	}
}

// operationOf gives the operation of a resource with the rel; nil: there is none.
func operationOf(resource map[string]any, rel string) map[string]any {
	for _, operation := range asList(resource["operations"]) {
		if o := operation.(map[string]any); o["rel"] == rel {
			return o
		}
	}
	return nil
}
