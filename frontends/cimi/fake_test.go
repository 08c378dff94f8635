package cimi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/occimi/occimi/frontends/cimi"
	"github.com/occimi/occimi/frontends/server"
	"github.com/occimi/occimi/model"
	translate "github.com/occimi/occimi/translate/cimi"
)

// fake is a cloud with a few of everything. What it does not have panics.
type fake struct {
	model.Cloud
	machines    []model.Machine
	images      []model.Image
	attachments []model.Attachment
	wires
	fail   error // what every call gives, if set
	refuse error // what a resize gives, if set

	calls   atomic.Int64
	acted   []model.MachineAction
	created []model.MachineCreate
	saved   []model.MachineSave
	updated []model.MachineUpdate
	keys    []model.KeyPair
	events  []model.MachineEvent
	flavors []model.Flavor // besides tiny and small
	resized []string       // to which flavors, or why not
	user    string
	absent  map[model.Service]bool
}

var born = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var (
	tiny  = model.Flavor{ID: "1", Name: "m1.tiny", VCPUs: 1, MemoryMiB: 512, DiskGiB: 1}
	small = model.Flavor{ID: "2", Name: "m1.small", Description: "the usual", VCPUs: 2, MemoryMiB: 2048, DiskGiB: 20, EphemeralGiB: 10, SwapMiB: 512}
)

func newFake() *fake {
	return &fake{
		machines: []model.Machine{
			{
				ID: "m-1", Name: "web", Description: `front & "back"`, State: model.MachineRunning, Running: true,
				Created: born, Flavor: small, ImageID: "i-1", KeyName: "joe",
				Metadata:  map[string]string{"cimi_p_env": "prod", "cimi_p_a b": "<1>", "foreign": "x"},
				VolumeIDs: []string{"v-1"},
			},
			{ID: "m-2", Name: "db", State: model.MachineStopped, Created: born.Add(time.Hour), Flavor: tiny, ImageID: "i-1"},
		},
		images: []model.Image{
			{ID: "i-1", Name: "cirros", State: model.ImageAvailable, Created: born, Public: true},
			{ID: "i-2", Name: "db yesterday", State: model.ImageAvailable, Created: born, Owned: true, MachineID: "m-2",
				Properties: map[string]string{"cimi_type": "SNAPSHOT", "cimi_p_keep": "1"}},
		},
		attachments: []model.Attachment{{MachineID: "m-1", VolumeID: "v-1", Device: "/dev/vdb"}},
		wires:       newWires(),
		keys:        []model.KeyPair{{Name: "joe", PublicKey: "ssh-ed25519 AAAAC3Nz joe@example.org"}},
	}
}

func (f *fake) call() error { f.calls.Add(1); return f.fail }

func (f *fake) Identity() model.Identity    { return model.Identity{ProjectID: "demo", UserID: f.user} }
func (f *fake) Offers(s model.Service) bool { return !f.absent[s] }

func (f *fake) Machines(context.Context) ([]model.Machine, error) { return f.machines, f.call() }

func (f *fake) Machine(_ context.Context, id string) (model.Machine, error) {
	if err := f.call(); err != nil {
		return model.Machine{}, err
	}
	for _, m := range f.machines {
		if m.ID == id {
			return m, nil
		}
	}
	return model.Machine{}, model.Errorf(model.NotFound, "there is no machine %s", id)
}

func (f *fake) CreateMachine(_ context.Context, r model.MachineCreate) (model.Machine, error) {
	f.created = append(f.created, r)
	m := model.Machine{ID: "m-3", Name: r.Name, Description: r.Description, State: model.MachineCreating, Created: born,
		Flavor: tiny, ImageID: r.ImageID, Metadata: r.Metadata}
	return m, f.call()
}

func (f *fake) UpdateMachine(ctx context.Context, id string, u model.MachineUpdate) (model.Machine, error) {
	f.updated = append(f.updated, u)
	m, err := f.Machine(ctx, id)
	if u.Name != nil {
		m.Name = *u.Name
	}
	if u.Description != nil {
		m.Description = *u.Description
	}
	return m, err
}

// at is the place of a machine.
func (f *fake) at(id string) *model.Machine {
	for i := range f.machines {
		if f.machines[i].ID == id {
			return &f.machines[i]
		}
	}
	return &model.Machine{}
}

func (f *fake) TagMachine(_ context.Context, id string, add, remove []string) error {
	m := f.at(id)
	m.Tags = append(slices.DeleteFunc(slices.Clone(m.Tags), func(tag string) bool { return slices.Contains(remove, tag) }), add...)
	return f.call()
}

func (f *fake) ResizeMachine(_ context.Context, id, flavorID string) error {
	if f.refuse != nil {
		return f.refuse
	}
	f.resized = append(f.resized, flavorID)
	f.at(id).State = model.MachineResizing
	return f.call()
}

func (f *fake) ConfirmResize(_ context.Context, id string) error {
	f.resized = append(f.resized, "confirmed")
	f.at(id).State = model.MachineResizing
	return f.call()
}

func (f *fake) DeleteMachine(ctx context.Context, id string) error {
	_, err := f.Machine(ctx, id)
	return err
}

func (f *fake) ActOnMachine(_ context.Context, _ string, a model.MachineAction) error {
	f.acted = append(f.acted, a)
	return f.call()
}

func (f *fake) SaveMachine(_ context.Context, id string, r model.MachineSave) (string, error) {
	f.saved = append(f.saved, r)
	f.images = append(f.images, model.Image{ID: "i-3", Name: r.Name, State: model.ImageCreating, Owned: true, MachineID: id,
		Created: born, Properties: r.Properties, Description: r.Properties["description"]})
	return "i-3", f.call()
}

func (f *fake) MachineEvents(context.Context, string) ([]model.MachineEvent, error) {
	return f.events, f.call()
}

func (f *fake) MachineEvent(_ context.Context, _, id string) (model.MachineEvent, error) {
	for _, e := range f.events {
		if e.RequestID == id {
			e.Reason = "the hypervisor refused"
			return e, f.call()
		}
	}
	return model.MachineEvent{}, model.Errorf(model.NotFound, "there is no event %s", id)
}

func (f *fake) MachineAttachments(ctx context.Context, id string) ([]model.Attachment, error) {
	if _, err := f.Machine(ctx, id); err != nil {
		return nil, err
	}
	if id != "m-1" {
		return nil, nil
	}
	return f.attachments, nil
}

func (f *fake) Flavors(context.Context) ([]model.Flavor, error) {
	return append([]model.Flavor{tiny, small}, f.flavors...), f.call()
}

func (f *fake) Flavor(_ context.Context, id string) (model.Flavor, error) {
	for _, fl := range []model.Flavor{tiny, small} {
		if fl.ID == id {
			return fl, f.call()
		}
	}
	return model.Flavor{}, model.Errorf(model.NotFound, "there is no flavor %s", id)
}

func (f *fake) Images(context.Context) ([]model.Image, error) { return f.images, f.call() }

func (f *fake) Image(_ context.Context, id string) (model.Image, error) {
	for _, i := range f.images {
		if i.ID == id {
			return i, f.call()
		}
	}
	return model.Image{}, model.Errorf(model.NotFound, "there is no image %s", id)
}

func (f *fake) UpdateImage(ctx context.Context, id string, u model.ImageUpdate) (model.Image, error) {
	i, err := f.Image(ctx, id)
	if u.Name != nil {
		i.Name = *u.Name
	}
	return i, err
}

func (f *fake) DeleteImage(ctx context.Context, id string) error {
	_, err := f.Image(ctx, id)
	return err
}

func (f *fake) KeyPairs(context.Context) ([]model.KeyPair, error) { return f.keys, f.call() }

func (f *fake) KeyPair(_ context.Context, name string) (model.KeyPair, error) {
	for _, k := range f.keys {
		if k.Name == name {
			return k, f.call()
		}
	}
	return model.KeyPair{}, model.Errorf(model.NotFound, "there is no key pair %s", name)
}

func (f *fake) CreateKeyPair(_ context.Context, name, key string) (model.KeyPair, error) {
	f.keys = append(f.keys, model.KeyPair{Name: name, PublicKey: key, Created: born})
	return f.keys[len(f.keys)-1], f.call()
}

func (f *fake) DeleteKeyPair(ctx context.Context, name string) error {
	_, err := f.KeyPair(ctx, name)
	return err
}

// Login lets in whoever has the token or the password "secret".
func (f *fake) Finish(context.Context) {}

func (f *fake) Login(_ context.Context, c model.Credentials) (model.Cloud, error) {
	if c.Token != "secret" && c.Password != "secret" {
		return nil, model.Errorf(model.Unauthorized, "the credentials are not good")
	}
	return f, nil
}

// panicking is a cloud with a defect: its machines panic.
type panicking struct{ *fake }

func (panicking) Machines(context.Context) ([]model.Machine, error) { panic("a defect") }

func (p panicking) Login(context.Context, model.Credentials) (model.Cloud, error) { return p, nil }

// serve makes the whole surface over a cloud.
func serve(f model.Provider, options translate.Options) http.Handler {
	frontend := cimi.New(cimi.Config{Options: options, Now: func() time.Time { return born }})
	o := server.Options{MaxBodyBytes: 1 << 20, NewID: func() string { return "00000000-0000-4000-8000-000000000000" }}
	return server.New(o, f, server.Mount{Name: "cimi", Path: "/cimi/", Frontend: frontend}).Handler()
}

// request is what a client sends: "GET /cimi/1/machines", with a good token
// unless the headers ("Name: value"; "Name:" for none) say otherwise.
func request(t testing.TB, h http.Handler, line, body string, headers ...string) *http.Response {
	t.Helper()
	method, uri, _ := strings.Cut(line, " ")
	r := httptest.NewRequest(method, "http://cloud.example.org"+uri, strings.NewReader(body))
	r.Header.Set("X-Auth-Token", "secret")
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ":")
		if r.Header.Del(name); value != "" {
			r.Header.Set(name, strings.TrimSpace(value))
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}
