package cimi_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
	translate "github.com/occimi/occimi/translate/cimi"
)

// TestVolumes holds volumes, and what refers to them, to golden files.
func TestVolumes(t *testing.T) {
	h := serve(newStorage(), translate.Options{CPUArch: "x86_64"})
	for name, path := range map[string]string{
		"list": "volumes", "one": "volumes/v-1", "failed": "volumes/v-2", "missing": "volumes/none", "filtered": "volumes?$filter=capacity>5000000&$select=name,state",
		"entry": "cloudEntryPoint", "metadata": "resourceMetadata/volume", "attached": "machines/m-1/volumes", "machine": "machines/m-2",
		"expanded": "volumes?$expand=images", "images": "volumes/v-1/images", "image": "volumeImages/s-1", "allimages": "volumeImages",
		"config": "volumeConfigs/t-1", "configs": "volumeConfigs", "imagemetadata": "resourceMetadata/volumeImage",
	} {
		for _, version := range []int{1, 2} {
			for _, format := range []string{"json", "xml"} {
				r := request(t, h, "GET /cimi/"+strconv.Itoa(version)+"/"+path, "", "Accept: application/"+format)
				golden(t, "volume-"+name+".v"+strconv.Itoa(version)+"."+format, text(t, r))
			}
		}
	}
	r := request(t, h, "GET /cimi/1/volumes/v-1/images/s-1", "", "Accept: application/xml")
	golden(t, "volume-link.v1.xml", text(t, r))
}

// TestVolumeWrites: what each request has done in the cloud, or why it was
// refused.
func TestVolumeWrites(t *testing.T) {
	const ns1, ns2 = "http://schemas.dmtf.org/cimi/1", "http://schemas.dmtf.org/cimi/2"
	act := func(name, members string) string {
		return `{"resourceURI":"` + ns2 + `/Action","action":"` + ns2 + `/action/` + name + `"` + members + `}`
	}
	for _, test := range []struct {
		name, line, body string
		status           int
		says             string // in the body
		done             []string
	}{
		{"volume", "POST /cimi/2/volumes", `{"name":"n","description":"d","properties":{"k":"v"},"volumeTemplate":{"volumeConfig":{"capacity":1073742}}}`,
			201, `"state":"CREATING"`, []string{`create volume "n" "d" 2 GiB type "" of "" map[cimi_p_k:v]`}},
		{"volume of a size", "POST /cimi/1/volumes", `{"resourceURI":"` + ns1 + `/VolumeCreate","volumeTemplate":{"volumeConfig":{"type":"` + ns1 + `/mapped","capacity":1073741}}}`,
			201, `"capacity":1073741`, []string{`create volume "" "" 1 GiB type "" of "" map[]`}},
		{"volume of a kind", "POST /cimi/2/volumes", `{"volumeTemplate":{"volumeConfig":{"href":"volumeConfigs/t-1","capacity":5000000}}}`,
			201, "", []string{`create volume "" "" 5 GiB type "fast" of "" map[]`}},
		{"volume of an image", "POST /cimi/2/volumes", `{"volumeTemplate":{"volumeImage":{"href":"volumeImages/s-1"}}}`,
			201, "", []string{`create volume "" "" 0 GiB type "" of "s-1" map[]`}},
		{"volume without size", "POST /cimi/2/volumes", `{"volumeTemplate":{"volumeConfig":{"href":"volumeConfigs/t-1"}}}`, 400, "volumeTemplate: volumeConfig: a volume without image needs a capacity", nil},
		{"volume without template", "POST /cimi/2/volumes", `{"name":"n"}`, 400, "volumeTemplate is missing", nil},
		{"volume of no size", "POST /cimi/2/volumes", `{"volumeTemplate":{"volumeConfig":{"capacity":-1}}}`, 400, "-1 kilobytes", nil},
		{"volume beyond numbers", "POST /cimi/2/volumes", `{"volumeTemplate":{"volumeConfig":{"capacity":9223372036854775807}}}`, 400, "kilobytes", nil},
		{"volume of another type", "POST /cimi/2/volumes", `{"volumeTemplate":{"volumeConfig":{"type":"x","capacity":1}}}`, 400, `type: \"x\" is not offered`, nil},
		{"volume with a file system", "POST /cimi/2/volumes", `{"volumeTemplate":{"volumeConfig":{"format":"ext4","capacity":1}}}`, 400, "format is not supported", nil},
		{"volume of an unknown kind", "POST /cimi/2/volumes", `{"volumeTemplate":{"volumeConfig":{"href":"volumeConfigs/none"}}}`, 400, "volumeConfig", nil},
		{"volume of an image by value", "POST /cimi/2/volumes", `{"volumeTemplate":{"volumeImage":{"imageLocation":"volumes/v-1"}}}`, 400, "by value is not supported", nil},
		{"volume with meters", "POST /cimi/2/volumes", `{"volumeTemplate":{"meterTemplates":[]}}`, 400, "there are no meters", nil},

		{"edit", "PUT /cimi/2/volumes/v-3?$select=name,properties", `{"name":"x","properties":{"a":"b"}}`, 200, "", []string{`update volume v-3: "x" - map[cimi_p_a:b]`}},
		{"edit all", "PUT /cimi/1/volumes/v-1", `{"description":"new"}`, 200, "", []string{`update volume v-1: "v-1" "new" map[cimi_p_env:]`}},
		{"as it is", "PUT /cimi/2/volumes/v-3", `{"name":"free","capacity":2147483,"state":"ERROR"}`, 200, "", []string{`update volume v-3: "free" "" map[]`}},
		{"enlarge", "PUT /cimi/2/volumes/v-3?$select=capacity", `{"capacity":2147484}`, 202, "", []string{"extend v-3 to 3"}},
		{"enlarge and rename", "PUT /cimi/2/volumes/v-3?$select=name,capacity", `{"name":"x","capacity":2147484}`, 202, "", []string{`update volume v-3: "x" - map[]`, "extend v-3 to 3"}},
		{"shrink and rename", "PUT /cimi/2/volumes/v-3?$select=name,capacity", `{"name":"x","capacity":1}`, 400, "cannot be made smaller", nil},
		{"shrink", "PUT /cimi/2/volumes/v-3?$select=capacity", `{"capacity":1}`, 400, "cannot be made smaller", nil},
		{"delete", "DELETE /cimi/2/volumes/v-3", "", 200, "", []string{"delete volume v-3"}},

		{"image", "POST /cimi/1/volumeImages", `{"name":"n","description":"d","properties":{"k":"v"},"imageLocation":"http://cloud.example.org/cimi/2/volumes/v-1"}`,
			201, `"bootable":true`, []string{`snapshot of v-1: "n" "d" map[cimi_p_k:v]`}},
		{"image of nothing", "POST /cimi/1/volumeImages", `{}`, 400, "imageLocation is missing", nil},
		{"image of no volume", "POST /cimi/1/volumeImages", `{"imageLocation":"volumes/none"}`, 400, "none", nil},
		{"image of a machine", "POST /cimi/1/volumeImages", `{"imageLocation":"machines/m-1"}`, 400, "volumes only", nil},
		{"image is edited", "PUT /cimi/2/volumeImages/s-1", `{"name":"x"}`, 200, "", []string{`update snapshot s-1: "x" "" map[cimi_p_keep:]`}},
		{"image is deleted", "DELETE /cimi/2/volumeImages/s-1", "", 200, "", []string{"delete snapshot s-1"}},
		{"snapshot", "POST /cimi/2/volumes/v-1/snapshot", `{"resourceURI":"` + ns2 + `/VolumeImage","name":"n","imageLocation":"volumes/v-1"}`, 201, "volumeImages/s-4", []string{`snapshot of v-1: "n" "" map[]`}},
		{"snapshot by action", "POST /cimi/2/volumes/v-1/snapshot", act("snapshot", ""), 201, "volumeImages/s-4", []string{`snapshot of v-1: "" "" map[]`}},
		{"snapshot of another", "POST /cimi/2/volumes/v-1/snapshot", `{"imageLocation":"volumes/v-3"}`, 400, "another resource", nil},
		{"snapshot, 1.x", "POST /cimi/1/volumes/v-1/snapshot", `{}`, 404, "", nil},
		{"restore", "POST /cimi/2/volumes/v-3/restore", act("restore", `,"image":{"href":"volumeImages/s-3"}`), 202, "", []string{"revert v-3 to s-3"}},
		{"restore of nothing", "POST /cimi/2/volumes/v-3/restore", act("restore", ""), 400, "image is missing", nil},
		{"restore of a machine's", "POST /cimi/2/volumes/v-3/restore", act("restore", `,"image":{"href":"machineImages/i-1"}`), 400, "VolumeImage", nil},

		{"connect", "POST /cimi/1/machines/m-2/volumes", `{"initialLocation":"/dev/vdx","volume":{"href":"volumes/v-3"}}`, 201, `"initialLocation":"/dev/vdc"`, []string{`attach v-3 to m-2 at "/dev/vdx"`}},
		{"connect nothing", "POST /cimi/1/machines/m-2/volumes", `{}`, 400, "volume is missing", nil},
		{"disconnect", "DELETE /cimi/1/machines/m-1/volumes/v-1", "", 200, "", []string{"detach v-1 from m-1"}},
		{"insert", "POST /cimi/2/machines/m-2/volumes/insert", act("insert", `,"initialLocation":"/dev/vdx","volume":{"href":"volumes/v-3"}`), 202, "", []string{`attach v-3 to m-2 at "/dev/vdx"`}},
		{"insert nothing", "POST /cimi/2/machines/m-2/volumes/insert", act("insert", ""), 400, "volume is missing", nil},
		{"remove", "POST /cimi/2/machines/m-1/volumes/remove", act("remove", `,"volume":{"href":"volumes/v-1"}`), 202, "", []string{"detach v-1 from m-1"}},
		{"remove by insert", "POST /cimi/2/machines/m-1/volumes/insert", act("remove", `,"volume":{"href":"volumes/v-1"}`), 400, "at the URI of", nil},
		{"connectvolume", "POST /cimi/2/machines/m-2/connectvolume", act("connectvolume", `,"volume":{"href":"volumes/v-3"}`), 202, "", []string{`attach v-3 to m-2 at ""`}},
		{"connectvolume with credentials", "POST /cimi/2/machines/m-2/connectvolume", act("connectvolume", `,"volume":{"href":"volumes/v-3"},"credentials":{"href":"credentials/joe"}`), 400, "volumes have no credentials", nil},
		{"connectvolume, 1.x", "POST /cimi/1/machines/m-2/connectvolume", `{}`, 404, "", nil},
		{"insert, 1.x", "POST /cimi/1/machines/m-2/volumes/insert", `{}`, 405, "", nil},

		{"machine of an image", "POST /cimi/2/machines/m-2/restore", act("restore", `,"image":{"href":"machineImages/i-1"}`), 202, "", []string{"rebuild m-2 of i-1"}},
		{"running machine of an image", "POST /cimi/1/machines/m-1/restore", `{"image":{"href":"machineImages/i-1"}}`, 202, "", []string{"rebuild m-1 of i-1"}},
		{"machine of a snapshot", "POST /cimi/1/machines/m-2/restore", `{"image":{"href":"machineImages/i-2"}}`, 202, "", []string{"rebuild m-2 of i-2"}},
		{"running machine of a snapshot", "POST /cimi/1/machines/m-1/restore", `{"image":{"href":"machineImages/i-2"}}`, 409, "stop it first", nil},
		{"machine of nothing", "POST /cimi/1/machines/m-1/restore", `{}`, 400, "image is missing", nil},
		{"machine of no image", "POST /cimi/1/machines/m-1/restore", `{"image":{"href":"machineImages/none"}}`, 400, "none", nil},
		{"no machine of an image", "POST /cimi/1/machines/none/restore", `{"image":{"href":"machineImages/i-1"}}`, 404, "none", nil},
		{"machine's snapshot", "POST /cimi/1/machines/m-2/snapshot", `{"name":"n"}`, 201, `"type":"SNAPSHOT"`, nil},
		{"running machine's snapshot", "POST /cimi/1/machines/m-1/snapshot", `{"name":"n"}`, 409, "STOPPED", nil},
		{"machine's snapshot of a type", "POST /cimi/1/machines/m-2/snapshot", `{"type":"IMAGE"}`, 400, "SNAPSHOT", nil},

		{"machine image of a volume", "POST /cimi/1/machineImages", `{"name":"n","imageLocation":"volumes/v-3"}`, 201, `"type":"IMAGE"`, []string{`save v-3 as "n"`}},
		{"machine image of a volume, described", "POST /cimi/1/machineImages", `{"description":"d","imageLocation":"volumes/v-3"}`, 400, "only when it is AVAILABLE", nil},
		{"snapshot of a volume", "POST /cimi/1/machineImages", `{"type":"SNAPSHOT","imageLocation":"volumes/v-3"}`, 400, "made of machines only", nil},
		{"machine image from elsewhere", "POST /cimi/2/machineImages", `{"name":"n","description":"d","imageLocation":"https://images.example/a.QCOW2?x=1"}`,
			201, `"imageLocation":"https://images.example/a.QCOW2?x=1"`, []string{`import "n" "d" of https://images.example/a.QCOW2?x=1 as qcow2 map[cimi_type:IMAGE]`}},
		{"machine image of no format", "POST /cimi/2/machineImages", `{"imageLocation":"https://images.example/a"}`, 400, ".qcow2", nil},
		{"machine image of a file", "POST /cimi/2/machineImages", `{"imageLocation":"file:///etc/passwd.raw"}`, 400, "neither a machine nor a volume", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newStorage()
			r := request(t, serve(b, translate.Options{}), test.line, test.body)
			body := text(t, r)
			if r.StatusCode != test.status || !strings.Contains(body, test.says) {
				t.Errorf("status %d, want %d with %q: %s", r.StatusCode, test.status, test.says, body)
			}
			if diff := cmp.Diff(test.done, b.done); diff != "" {
				t.Errorf("what was done (-want +got):\n%s", diff)
			}
		})
	}
}

// TestVolumeCalls: what reads cost, whatever the length of the lists.
func TestVolumeCalls(t *testing.T) {
	for line, calls := range map[string]int64{
		"GET /cimi/2/volumes": 1, "GET /cimi/2/volumes/v-1": 1, "GET /cimi/2/volumes?$expand=*": 2, "GET /cimi/2/volumes/v-1?$expand=*": 2,
		"GET /cimi/1/volumes/v-1/images": 2, "GET /cimi/1/volumes/v-1/images?$expand=volumeImage": 4, "GET /cimi/1/volumes/v-1/images/s-1": 2,
		"GET /cimi/2/volumeImages": 2, "GET /cimi/2/volumeImages/s-1": 2, "GET /cimi/2/volumeConfigs": 1, "GET /cimi/2/volumeConfigs/t-1": 1,
		"GET /cimi/2/machines?$expand=*": 8, "DELETE /cimi/2/volumes/v-3": 1, "DELETE /cimi/1/machines/m-1/volumes/v-1": 1,
	} {
		b := newStorage()
		if r := request(t, serve(b, translate.Options{}), line, ""); r.StatusCode != 200 || b.calls.Load() != calls {
			t.Errorf("%s: %s after %d calls, want %d", line, r.Status, b.calls.Load(), calls)
		}
	}
}

// TestNewVolume can be deleted from the moment on in which it is asked for.
func TestNewVolume(t *testing.T) {
	b := newStorage()
	b.volumes[2].State = model.VolumeCreating
	h := serve(b, translate.Options{})
	for _, version := range []string{"1", "2"} {
		v, _ := do(t, h, 200, "GET /cimi/"+version+"/volumes/"+b.volumes[2].ID, "")
		if can := offered(v["operations"]); v["state"] != "CREATING" || !strings.HasPrefix(can, "edit delete /") {
			t.Errorf("version %s: %v offers %s", version, v["state"], can)
		}
	}
}

// TestVolumeTypes are in the namespace of the version that shows them, whichever
// they were given in.
func TestVolumeTypes(t *testing.T) {
	const ns2 = "http://schemas.dmtf.org/cimi/2"
	h := keeping(t, newStorage())
	do(t, h, 201, "POST /cimi/1/volumeConfigs", `{"name":"mine","type":"`+ns1+`/mapped"}`)
	do(t, h, 201, "POST /cimi/2/volumeTemplates", `{"volumeConfig":{"type":"`+ns2+`/mapped","capacity":1}}`)
	for version, namespace := range map[string]string{"1": ns1, "2": ns2} {
		mapped := namespace + "/mapped"
		list, _ := do(t, h, 200, "GET /cimi/"+version+"/volumeConfigs?$filter=name='mine'%20and%20type='"+mapped+"'", "")
		if found := asList(list["volumeConfigurations"]); len(found) != 1 || found[0].(map[string]any)["type"] != mapped {
			t.Errorf("version %s finds %v", version, list)
		}
		templates, _ := do(t, h, 200, "GET /cimi/"+version+"/volumeTemplates", "")
		for _, template := range asList(templates["volumeTemplates"]) {
			if diff := cmp.Diff(map[string]any{"type": mapped, "capacity": 1.0}, template.(map[string]any)["volumeConfig"]); diff != "" {
				t.Errorf("version %s (-want +got):\n%s", version, diff)
			}
		}
		refusal, _ := do(t, h, 400, "POST /cimi/"+version+"/volumeConfigs", `{"type":"`+mapped+`/not"}`)
		if want := `type: "` + mapped + `/not" is not offered, only ` + mapped; refusal["statusMessage"] != want {
			t.Errorf("version %s refuses: %s, want %s", version, refusal["statusMessage"], want)
		}
	}
}

// TestVolumeTemplates are stored, and used with overrides.
func TestVolumeTemplates(t *testing.T) {
	b := newStorage()
	h := keeping(t, b)
	do(t, h, 400, "POST /cimi/1/volumeTemplates", `{"volumeConfig":{"type":"x"}}`)
	do(t, h, 400, "POST /cimi/1/volumeConfigs", `{"capacity":-1}`)
	do(t, h, 201, "POST /cimi/1/volumeConfigs", `{"name":"mine","capacity":3000000}`)
	do(t, h, 201, "POST /cimi/2/volumeTemplates", `{"name":"t","volumeConfig":{"href":"volumeConfigs/id-3"},"volumeImage":{"href":"volumeImages/s-3"}}`)
	list, _ := do(t, h, 200, "GET /cimi/1/volumeConfigs", "")
	if list["count"] != 3.0 {
		t.Errorf("the configurations are %v", list)
	}
	do(t, h, 403, "DELETE /cimi/1/volumeConfigs/t-1", "")
	for template, want := range map[string]string{
		`{"href":"volumeTemplates/id-5"}`:                                             `create volume "v" "" 3 GiB type "" of "s-3" map[]`,
		`{"href":"volumeTemplates/id-5","volumeImage":null}`:                          `create volume "v" "" 3 GiB type "" of "" map[]`,
		`{"href":"volumeTemplates/id-5","volumeConfig":{"href":"volumeConfigs/t-2"}}`: `create volume "v" "" 0 GiB type "slow" of "s-3" map[]`,
		`{"href":"volumeTemplates/id-5","volumeConfig":{"capacity":9000000}}`:         `create volume "v" "" 9 GiB type "" of "s-3" map[]`,
	} {
		b.done = nil
		do(t, h, 201, "POST /cimi/1/volumes", `{"name":"v","volumeTemplate":`+template+`}`)
		if diff := cmp.Diff([]string{want}, b.done); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", template, diff)
		}
	}
}

// TestMachineVolumeTemplates: volumes are made with machines, of templates in
// the form of either version.
func TestMachineVolumeTemplates(t *testing.T) {
	b := newStorage()
	h := keeping(t, b)
	do(t, h, 201, "POST /cimi/1/volumeTemplates", `{"volumeConfig":{"capacity":1000000},"volumeImage":{"href":"volumeImages/s-3"}}`)
	const members = `"machineConfig":{"href":"machineConfigs/1"},"machineImage":{"href":"machineImages/i-1"},"volumeTemplates":`
	for _, test := range []struct {
		version, templates string
		want               []model.MachineVolume
	}{
		{"1", `[{"initialLocation":"/dev/vdx","href":"volumeTemplates/id-1"}]`, []model.MachineVolume{{Device: "/dev/vdx", New: &model.NewVolume{SizeGiB: 1, SnapshotID: "s-3"}}}},
		{"1", `[{"href":"volumeTemplates/id-1","volumeConfig":{"capacity":2000000}}]`, []model.MachineVolume{{New: &model.NewVolume{SizeGiB: 2, SnapshotID: "s-3"}}}},
		{"1", `[{"volumeConfig":{"href":"volumeConfigs/t-1","capacity":1}},{"volumeImage":{"href":"volumeImages/s-1"}}]`,
			[]model.MachineVolume{{New: &model.NewVolume{SizeGiB: 1, Type: "fast"}}, {New: &model.NewVolume{SnapshotID: "s-1"}}}},
		{"2", `[{"volumeTemplate":{"href":"volumeTemplates/id-1"}}]`, []model.MachineVolume{{New: &model.NewVolume{SizeGiB: 1, SnapshotID: "s-3"}}}},
		{"2", `[{"initialLocation":"/dev/vdx","volumeTemplate":{"href":"volumeTemplates/id-1","volumeImage":null}}]`, []model.MachineVolume{{Device: "/dev/vdx", New: &model.NewVolume{SizeGiB: 1}}}},
	} {
		b.created = nil
		do(t, h, 201, "POST /cimi/"+test.version+"/machines", `{"machineTemplate":{`+members+test.templates+`}}`)
		if diff := cmp.Diff(test.want, b.created[0].Volumes); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", test.templates, diff)
		}
		// A template of machines is used as it is given, through either version.
		made, _ := do(t, h, 201, "POST /cimi/"+test.version+"/machineTemplates", `{`+members+test.templates+`}`)
		for _, version := range []string{"1", "2"} {
			b.created = nil
			do(t, h, 201, "POST /cimi/"+version+"/machines", `{"machineTemplate":{"href":"`+made["id"].(string)+`"}}`)
			if diff := cmp.Diff(test.want, b.created[0].Volumes); diff != "" {
				t.Errorf("stored, version %s: %s: (-want +got):\n%s", version, test.templates, diff)
			}
		}
	}
	for _, bad := range []string{`[{}]`, `[{"volumeTemplate":{"volumeConfig":{}}}]`, `[{"volumeTemplate":{"href":"volumeTemplates/none"}}]`} {
		failed, _ := do(t, h, 400, "POST /cimi/2/machines", `{"machineTemplate":{`+members+bad+`}}`)
		if message := failed["statusMessage"].(string); !strings.HasPrefix(message, "machineTemplate.volumeTemplates") {
			t.Errorf("%s: the message is %q", bad, message)
		}
	}
	made, _ := do(t, h, 201, "POST /cimi/1/machineTemplates", `{`+members+`[{"initialLocation":"/dev/vdx","href":"volumeTemplates/id-1"},{"volumeConfig":{"capacity":1}}],"volumes":[{"initialLocation":"/dev/vdb","href":"volumes/v-3"}]}`)
	_, path, _ := strings.Cut(made["id"].(string), "/cimi/1/")
	for _, version := range []string{"1", "2"} {
		for _, format := range []string{"json", "xml"} {
			r := request(t, h, "GET /cimi/"+version+"/"+path, "", "Accept: application/"+format)
			golden(t, "volume-machinetemplate.v"+version+"."+format, text(t, r))
		}
	}
}

// TestVolumeJobs tell how volumes come out, and why not.
func TestVolumeJobs(t *testing.T) {
	b := newStorage()
	h := keeping(t, b)
	_, headers := do(t, h, 201, "POST /cimi/2/volumes", `{"volumeTemplate":{"volumeConfig":{"capacity":1}}}`)
	job := strings.TrimPrefix(headers.Get("CIMI-Job-URI"), "http://cloud.example.org")
	if got, _ := do(t, h, 200, "GET "+job, ""); got["state"] != "RUNNING" {
		t.Errorf("the job is %v", got)
	}
	b.volumes[len(b.volumes)-1].State = model.VolumeFailed
	if got, _ := do(t, h, 200, "GET "+job, ""); got["state"] != "FAILED" || !strings.Contains(got["statusMessage"].(string), "no room for v-4") {
		t.Errorf("the job is %v", got)
	}
	_, headers = do(t, h, 202, "POST /cimi/2/volumes/v-3/restore", `{"image":{"href":"volumeImages/s-3"}}`)
	job = strings.TrimPrefix(headers.Get("CIMI-Job-URI"), "http://cloud.example.org")
	b.volumes[2].State = model.VolumeRestoring
	if got, _ := do(t, h, 200, "GET "+job, ""); got["state"] != "RUNNING" {
		t.Errorf("the job is %v", got)
	}
	b.volumes[2].State = model.VolumeAvailable
	if got, _ := do(t, h, 200, "GET "+job, ""); got["state"] != "SUCCESS" {
		t.Errorf("the job is %v", got)
	}
}

// fullStorage is a cloud that cannot enlarge volumes.
type fullStorage struct{ *blockStorage }

func (b fullStorage) Login(context.Context, model.Credentials) (model.Cloud, error) { return b, nil }

func (b fullStorage) ExtendVolume(context.Context, string, int) error {
	return model.Errorf(model.Quota, "no room")
}

// TestEnlargementIsWhole checks that what is changed with the capacity is as it was
// when that is refused.
func TestEnlargementIsWhole(t *testing.T) {
	b := newStorage()
	do(t, serve(fullStorage{b}, translate.Options{}), 403, "PUT /cimi/2/volumes/v-1", `{"name":"x","properties":{"k":"v"},"capacity":20000000}`)
	want := []string{`update volume v-1: "x" "" map[cimi_p_env: cimi_p_k:v]`, `update volume v-1: "data & \"one\"" "mine" map[cimi_p_env:prod cimi_p_k:]`}
	if diff := cmp.Diff(want, b.done); diff != "" {
		t.Errorf("what was done (-want +got):\n%s", diff)
	}
}
