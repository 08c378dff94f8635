package cimi_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
)

// MachineAndAttachments implements model.Machines.
func (f *fake) MachineAndAttachments(ctx context.Context, id string) (model.Machine, []model.Attachment, error) {
	m, err := f.Machine(ctx, id)
	if err != nil {
		return m, nil, err
	}
	list, err := f.MachineAttachments(ctx, id)
	return m, list, err
}

// offered gives the operations that are listed as possible, and those that are
// listed as not.
func offered(operations any) string {
	var can, cannot []string
	list, _ := operations.([]any)
	for _, o := range list {
		o := o.(map[string]any)
		if o["available"] == false {
			cannot = append(cannot, o["rel"].(string))
		} else {
			can = append(can, o["rel"].(string))
		}
	}
	return strings.Join(can, " ") + " / " + strings.Join(cannot, " ")
}

// TestClosedMachines: in some states of a machine nothing is put on it or taken
// off it, which the collections below it and what is in them say.
func TestClosedMachines(t *testing.T) {
	for _, test := range []struct {
		machine             model.Machine
		volumes, interfaces bool
	}{
		{model.Machine{State: model.MachineRunning}, true, true},
		{model.Machine{State: model.MachineStopped}, true, true},
		{model.Machine{State: model.MachinePaused}, true, true},
		{model.Machine{State: model.MachineShelved}, true, false},
		{model.Machine{State: model.MachineCreating}, true, false}, // the request waits for it
		{model.Machine{State: model.MachineSuspended}, false, false},
		{model.Machine{State: model.MachineRebuilding}, false, false},
		{model.Machine{State: model.MachineFailed}, false, false},
		{model.Machine{State: model.MachineRunning, Locked: true}, false, false},
	} {
		t.Run(fmt.Sprint(test.machine.State, test.machine.Locked), func(t *testing.T) {
			b := newStorage()
			test.machine.ID, test.machine.VolumeIDs = "m-1", []string{"v-1"}
			b.machines[0] = test.machine
			h := keeping(t, b)
			for _, sub := range []struct {
				uri, items string
				open       bool
				add, item  string // when it is open
			}{
				{"/cimi/1/machines/m-1/volumes", "machineVolumes", test.volumes, "add", "delete"},
				{"/cimi/2/machines/m-1/volumes", "", test.volumes, "insert remove", ""},
				{"/cimi/1/machines/m-1/networkInterfaces", "machineNetworkInterfaces", test.interfaces, "add", "edit delete"},
				{"/cimi/2/machines/m-1/interfaces", "", test.interfaces, "add insert remove", ""},
			} {
				want := []string{sub.add + " / ", sub.item + " / "}
				switch {
				case sub.open:
				case sub.uri[6] == '1': // what cannot be is not listed
					want = []string{" / ", strings.TrimSuffix(strings.TrimSuffix(sub.item, "delete"), " ") + " / "}
				default:
					want[0] = " / " + sub.add
				}
				attribute := sub.uri[strings.LastIndexByte(sub.uri, '/')+1:]
				collection, _ := do(t, h, 200, "GET "+sub.uri, "")
				alone, _ := do(t, h, 200, "GET "+strings.TrimSuffix(sub.uri, "/"+attribute)+"?$expand="+attribute, "")
				several, _ := do(t, h, 200, "GET "+sub.uri[:16]+"?$expand="+attribute, "")
				for how, got := range map[string]any{"itself": collection, "of one": alone[attribute], "of several": several["machines"].([]any)[0].(map[string]any)[attribute]} {
					got := got.(map[string]any)
					if diff := cmp.Diff(want[0], offered(got["operations"])); diff != "" {
						t.Errorf("%s, %s (-want +got):\n%s", sub.uri, how, diff)
					}
					if sub.items == "" {
						continue
					}
					item := got[sub.items].([]any)[0].(map[string]any)
					if diff := cmp.Diff(want[1], offered(item["operations"])); diff != "" {
						t.Errorf("an item of %s, %s (-want +got):\n%s", sub.uri, how, diff)
					}
					if how == "itself" {
						item, _ = do(t, h, 200, "GET "+strings.TrimPrefix(item["id"].(string), "http://cloud.example.org"), "")
						if diff := cmp.Diff(want[1], offered(item["operations"])); diff != "" {
							t.Errorf("an item of %s, alone (-want +got):\n%s", sub.uri, diff)
						}
					}
				}
			}
			// Another machine is as it is.
			if other, _ := do(t, h, 200, "GET /cimi/2/machines?$expand=volumes,interfaces", ""); true {
				second := other["machines"].([]any)[1].(map[string]any)
				for _, attribute := range []string{"volumes", "interfaces"} {
					if got := offered(second[attribute].(map[string]any)["operations"]); strings.HasPrefix(got, " ") {
						t.Errorf("a stopped machine's %s offer %q", attribute, got)
					}
				}
			}
		})
	}
}

// TestLocatedVolumes are volumes, with their place on the machine.
func TestLocatedVolumes(t *testing.T) {
	b := newStorage()
	b.volumes[0].Attachments = b.attachments
	h := keeping(t, b)
	do(t, h, 200, "PUT /cimi/2/volumes/v-1?$select=properties", `{"properties":{"ünlike":"any"}}`)
	for query, want := range map[string]string{
		"$select=name,capacity,state,initialLocation":         `[map[capacity:1.0737418e+07 initialLocation:/dev/vdb name:data & "one" state:AVAILABLE]]`,
		"$select=id&$filter=capacity>1 and state='AVAILABLE'": "<nil>", // id is the collection's
		"$filter=initialLocation='/dev/vdb'&$select=bootable": `[map[bootable:true]]`,
		"$filter=capacity<5&$select=name":                     "<nil>",
		"$filter=property['ünlike']='any'&$select=name":       `[map[name:data & "one"]]`,
	} {
		list, _ := do(t, h, 200, "GET /cimi/2/machines/m-1/volumes?"+strings.NewReplacer(" ", "%20", "'", "%27", ">", "%3E", "<", "%3C", "ü", "%C3%BC").Replace(query), "")
		var got any
		if items, ok := list["locatedVolumes"].([]any); ok {
			for _, item := range items {
				delete(item.(map[string]any), "resourceURI")
			}
			got = items
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%s: %v, want %s", query, got, want)
		}
	}
	list, _ := do(t, h, 200, "GET /cimi/2/machines/m-1/volumes?$expand=images", "")
	item := list["locatedVolumes"].([]any)[0].(map[string]any)
	if images := item["images"].(map[string]any); images["count"] != 2.0 || images["href"] != "http://cloud.example.org/cimi/2/volumes/v-1/images" {
		t.Errorf("its images are %v", images)
	}
	// Several machines are listed with the places, too.
	all, _ := do(t, h, 200, "GET /cimi/1/machines?$expand=volumes", "")
	volumes := all["machines"].([]any)[0].(map[string]any)["volumes"].(map[string]any)
	if got := volumes["machineVolumes"].([]any)[0].(map[string]any)["initialLocation"]; got != "/dev/vdb" {
		t.Errorf("the volume is at %v", got)
	}
}
