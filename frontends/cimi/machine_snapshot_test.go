package cimi_test

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
	translate "github.com/occimi/occimi/translate/cimi"
)

// album is a cloud in which the machine m-2 has snapshots made and put back, all
// within a second. Their ids fall.
type album struct {
	*fake
	made   int
	looked int // at the images
	blind  error
}

func newAlbum() *album {
	a := &album{fake: newFake()}
	a.images = a.images[:1]
	return a
}

func (a *album) Login(context.Context, model.Credentials) (model.Cloud, error) { return a, nil }

func (a *album) Images(ctx context.Context) ([]model.Image, error) {
	a.looked++
	if a.blind != nil {
		return nil, a.blind
	}
	return a.fake.Images(ctx)
}

func (a *album) SaveMachine(_ context.Context, id string, r model.MachineSave) (string, error) {
	a.made++
	image := model.Image{ID: fmt.Sprintf("s-%d", 10-a.made), Name: r.Name, State: model.ImageAvailable, Owned: true, MachineID: id, Created: born, Properties: r.Properties}
	a.images = slices.Insert(a.images, 1, image)
	return image.ID, nil
}

func (a *album) UpdateMachine(_ context.Context, id string, u model.MachineUpdate) (model.Machine, error) {
	m := a.at(id)
	metadata := maps.Clone(m.Metadata)
	if metadata == nil {
		metadata = map[string]string{}
	}
	maps.Copy(metadata, u.Metadata)
	maps.DeleteFunc(metadata, func(_, value string) bool { return value == "" })
	m.Metadata = metadata
	return *m, nil
}

func (a *album) RebuildMachine(context.Context, string, string) error { return a.refuse }

func (a *album) DeleteImage(_ context.Context, id string) error {
	a.images = slices.DeleteFunc(a.images, func(i model.Image) bool { return i.ID == id })
	return nil
}

// href gives the last part of where a member leads.
func href(resource map[string]any, name string) string {
	to, ok := resource[name].(map[string]any)
	if !ok {
		return ""
	}
	return path.Base(to["href"].(string))
}

// TestLatestSnapshot walks through the life of a machine: what its latest snapshot
// is, and what each snapshot relates to, after each step.
func TestLatestSnapshot(t *testing.T) {
	a, now := newAlbum(), born
	h := surface(t, a, memory(t, &now), &now)
	for i, step := range []struct{ do, latest, related string }{
		{"", "", ""},
		{"snapshot", "s-9", "s-9:"},
		{"snapshot", "s-8", "s-9: s-8:s-9"},
		{"restore s-9", "s-9", "s-9: s-8:s-9"},
		{"snapshot", "s-7", "s-9: s-8:s-9 s-7:s-9"},
		{"restore s-9", "s-9", "s-9: s-8:s-9 s-7:s-9"},
		{"restore i-1", "s-9", "s-9: s-8:s-9 s-7:s-9"}, // which is no snapshot
		{"snapshot", "s-6", "s-9: s-8:s-9 s-7:s-9 s-6:s-9"},
		{"snapshot", "s-5", "s-9: s-8:s-9 s-7:s-9 s-6:s-9 s-5:s-6"},
		{"delete s-6", "s-5", "s-9: s-8:s-9 s-7:s-9 s-5:s-9"},
		{"delete s-5", "s-9", "s-9: s-8:s-9 s-7:s-9"},
		{"delete s-9", "s-7", "s-8: s-7:s-8"},
		{"refused s-8", "s-7", "s-8: s-7:s-8"},
		{"fails s-7", "s-8", "s-8: s-7:s-8"},
	} {
		now = now.Add(time.Millisecond)
		kind, id, _ := strings.Cut(step.do, " ")
		switch kind {
		case "snapshot":
			made, _ := do(t, h, 201, "POST /cimi/2/machines/m-2/snapshot", `{"name":"n"}`)
			if _, want, _ := strings.Cut(step.related[strings.LastIndex(step.related, " ")+1:], ":"); href(made, "relatedImage") != want {
				t.Errorf("step %d: the new one relates to %q", i, href(made, "relatedImage"))
			}
		case "restore":
			do(t, h, 202, "POST /cimi/1/machines/m-2/restore", `{"action":"`+ns1+`/action/restore","image":{"href":"machineImages/`+id+`"}}`)
		case "refused":
			a.refuse = model.Errorf(model.Conflict, "busy")
			do(t, h, 409, "POST /cimi/1/machines/m-2/restore", `{"action":"`+ns1+`/action/restore","image":{"href":"machineImages/`+id+`"}}`)
		case "delete":
			do(t, h, 200, "DELETE /cimi/1/machineImages/"+id, "")
		case "fails":
			for j := range a.images {
				if a.images[j].ID == id {
					a.images[j].State = model.ImageFailed
				}
			}
		}
		for _, v := range []string{"1", "2"} {
			machine, _ := do(t, h, 200, "GET /cimi/"+v+"/machines/m-2", "")
			if got := href(machine, "latestSnapshot"); got != step.latest {
				t.Errorf("step %d, %s, version %s: the latest is %q, want %q", i, step.do, v, got, step.latest)
			}
			images, _ := do(t, h, 200, "GET /cimi/"+v+"/machineImages?$filter=type='SNAPSHOT'", "")
			var related []string
			list, _ := images["machineImages"].([]any)
			for _, item := range list {
				image := item.(map[string]any)
				related = append(related, path.Base(image["id"].(string))+":"+href(image, "relatedImage"))
			}
			slices.Sort(related)
			slices.Reverse(related)
			if diff := cmp.Diff(step.related, strings.Join(related, " ")); diff != "" {
				t.Errorf("step %d, %s, version %s: %s", i, step.do, v, diff)
			}
		}
	}
	images, _ := do(t, h, 200, "GET /cimi/2/machines/m-2/snapshots", "")
	if first := images["machineImages"].([]any)[0].(map[string]any); path.Base(first["id"].(string)) != "s-8" {
		t.Errorf("the first snapshot is %v", first["id"])
	}
}

// TestLatestSnapshotIsAskedFor checks what the latest snapshot costs: a look at the
// images if the answer depends on it, none else.
func TestLatestSnapshotIsAskedFor(t *testing.T) {
	const uri = "http://cloud.example.org/cimi/2/machineImages/s-9"
	for _, test := range []struct {
		line, body string
		has        string
		looked     int
	}{
		{"GET /cimi/2/machines", "", `"latestSnapshot":{"href":"` + uri + `"}`, 1},
		{"GET /cimi/2/machines?$select=name", "", `"name":"db"`, 0},
		{"GET /cimi/2/machines?$select=count", "", `"count":2`, 0},
		{"GET /cimi/2/machines?$select=machines/latestSnapshot", "", uri, 1},
		{"GET /cimi/2/machines?$select=machines/*", "", uri, 1},
		{"GET /cimi/2/machines?$select=name&$filter=latestSnapshot='" + uri + "'", "", `"count":1`, 1},
		{"GET /cimi/2/machines?$select=name&$filter=state='STOPPED'%20and%20(cpu=1%20or%20latestSnapshot!='x')", "", `"count":1`, 1},
		{"GET /cimi/2/machines?$expand=latestSnapshot", "", `"latestSnapshot":{"href":"` + uri + `","id":`, 2}, // and what it relates to
		{"GET /cimi/2/machines?$expand=latestSnapshot&$select=name", "", `"name":"db"`, 0},
		{"GET /cimi/2/machines/m-2", "", uri, 1},
		{"GET /cimi/2/machines/m-2?$select=state", "", `"state":"STOPPED"`, 0},
		{"GET /cimi/1/machines/m-2?$select=latestSnapshot", "", "s-9", 1},
		{"GET /cimi/2/cloudEntryPoint?$expand=machines", "", uri, 1},
		{"GET /cimi/2/machines/m-2/disks", "", "root", 0},
		{"PUT /cimi/2/machines/m-2?$select=name", `{"name":"x"}`, "", 0},
		{"PUT /cimi/2/machines/m-2", `{"name":"x"}`, uri, 1},
		{"PUT /cimi/2/machines/m-2", `{"name":"x","cpu":2,"memory":2097152}`, uri, 1},
	} {
		t.Run(test.line, func(t *testing.T) {
			a := newAlbum()
			h := serve(a, translate.Options{})
			text(t, request(t, h, "POST /cimi/2/machines/m-2/snapshot", `{"name":"n"}`))
			a.looked = 0
			r := request(t, h, test.line, test.body)
			if got := text(t, r); r.StatusCode >= 300 || !strings.Contains(got, test.has) {
				t.Errorf("%s: %s", r.Status, got)
			}
			if a.looked != test.looked {
				t.Errorf("the images were listed %d times, want %d", a.looked, test.looked)
			}
		})
	}
	a := newAlbum()
	a.absent = map[model.Service]bool{model.ImageService: true}
	if got := text(t, request(t, serve(a, translate.Options{}), "GET /cimi/2/machines", "")); strings.Contains(got, "latestSnapshot") || a.looked > 0 {
		t.Errorf("without an image service: %s", got)
	}
}

// TestStateIsWhole checks that a tag of the whole machine holds for a change of a
// part.
func TestStateIsWhole(t *testing.T) {
	h := serve(newFake(), translate.Options{})
	r := request(t, h, "GET /cimi/2/machines/m-2", "")
	text(t, r)
	r = request(t, h, "PUT /cimi/2/machines/m-2?$select=name", `{"name":"x"}`, "If-Match: "+r.Header.Get("ETag"))
	if got := text(t, r); r.StatusCode != 200 {
		t.Errorf("%s: %s", r.Status, got)
	}
}

// TestMachinesWithoutImages: machines are shown while the image service cannot
// answer, without what it would tell.
func TestMachinesWithoutImages(t *testing.T) {
	a := newAlbum()
	h := serve(a, translate.Options{})
	do(t, h, 201, "POST /cimi/2/machines/m-2/snapshot", `{}`)
	for _, line := range []string{"GET /cimi/1/machines/m-2", "GET /cimi/2/machines?$filter=name='db'", "GET /cimi/2/machines?$expand=disks"} {
		a.blind = nil
		with := text(t, request(t, h, line, ""))
		a.blind = model.Errorf(model.Unavailable, "the image service cannot be reached")
		r := request(t, h, line, "")
		without := text(t, r)
		if r.StatusCode != 200 || !strings.Contains(with, `"latestSnapshot":`) || strings.Contains(without, `"latestSnapshot":`) || !strings.Contains(without, `"state":`) {
			t.Errorf("%s: %s: %s", line, r.Status, without)
		}
	}
	do(t, h, 503, "GET /cimi/2/machines/m-2/snapshots", "")
}
