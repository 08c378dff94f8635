package cimi_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
)

// TestBootVolumes: a machine without image boots from the first of its volumes
// that is bootable.
func TestBootVolumes(t *testing.T) {
	for _, test := range []struct {
		name, version, members string
		status                 int
		says                   string
		want                   []model.MachineVolume
	}{
		{"a volume", "1", `"volumes":[{"initialLocation":"/dev/vda","href":"volumes/v-1"}]`, 201, "", []model.MachineVolume{{VolumeID: "v-1", Device: "/dev/vda", Boot: true}}},
		{"a volume, 2.0", "2", `"machineImage":null,"volumes":[{"volume":{"href":"volumes/v-1"}}]`, 201, "", []model.MachineVolume{{VolumeID: "v-1", Boot: true}}},
		{"the second", "2", `"volumes":[{"volume":{"href":"volumes/v-3"}},{"volume":{"href":"volumes/v-1"}}]`, 201, "", []model.MachineVolume{{VolumeID: "v-3"}, {VolumeID: "v-1", Boot: true}}},
		{"a new one", "2", `"volumeTemplates":[{"volumeTemplate":{"volumeConfig":{"capacity":1}}},{"volumeTemplate":{"volumeImage":{"href":"volumeImages/s-1"}}}]`, 201, "",
			[]model.MachineVolume{{New: &model.NewVolume{SizeGiB: 1}}, {New: &model.NewVolume{SnapshotID: "s-1"}, Boot: true}}},
		{"one that is there before a new one", "1", `"volumeTemplates":[{"volumeImage":{"href":"volumeImages/s-1"}}],"volumes":[{"href":"volumes/v-1"}]`, 201, "",
			[]model.MachineVolume{{VolumeID: "v-1", Boot: true}, {New: &model.NewVolume{SnapshotID: "s-1"}}}},
		{"an image", "2", `"machineImage":{"href":"machineImages/i-1"},"volumes":[{"volume":{"href":"volumes/v-1"}}]`, 201, "", []model.MachineVolume{{VolumeID: "v-1"}}},
		{"none that is bootable", "2", `"volumes":[{"volume":{"href":"volumes/v-3"}}],"volumeTemplates":[{"volumeTemplate":{"volumeImage":{"href":"volumeImages/s-3"}}}]`, 400, "none of the machine's volumes is bootable", nil},
		{"none that is there", "1", `"volumes":[{"href":"volumes/none"}]`, 400, "none of the machine's volumes is bootable", nil},
		{"nothing", "1", `"volumes":[]`, 400, "machineTemplate.machineImage is missing", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newStorage()
			h := keeping(t, b)
			template := `{"machineConfig":{"href":"machineConfigs/1"},` + test.members + `}`
			bodies := []string{template}
			if test.status == 201 { // a stored template does not need an image either
				made, _ := do(t, h, 201, "POST /cimi/"+test.version+"/machineTemplates", template)
				bodies = append(bodies, `{"href":"`+made["id"].(string)+`"}`)
			}
			for _, body := range bodies {
				b.created = nil
				failed, _ := do(t, h, test.status, "POST /cimi/"+test.version+"/machines", `{"machineTemplate":`+body+`}`)
				if message, _ := failed["statusMessage"].(string); !strings.Contains(message, test.says) {
					t.Errorf("the message is %q", message)
				}
				var got []model.MachineVolume
				for _, r := range b.created {
					got = r.Volumes
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", body, diff)
				}
			}
		})
	}
}
