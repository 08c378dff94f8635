package cimi_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/cimi"
)

// cloud has machines and images, and keeps what is asked of it.
type cloud struct {
	model.Cloud
	machines []model.Machine
	created  []model.MachineCreate
}

var born = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func (c *cloud) Offers(model.Service) bool                         { return true }
func (c *cloud) Machines(context.Context) ([]model.Machine, error) { return c.machines, nil }
func (c *cloud) Images(context.Context) ([]model.Image, error)     { return nil, nil }

func (c *cloud) CreateMachine(_ context.Context, r model.MachineCreate) (model.Machine, error) {
	c.created = append(c.created, r)
	return model.Machine{ID: "new", Name: r.Name, State: model.MachineCreating}, nil
}

func (c *cloud) Flavor(ctx context.Context, id string) (model.Flavor, error) {
	flavors, err := c.Flavors(ctx)
	for _, f := range flavors {
		if f.ID == id {
			return f, err
		}
	}
	return model.Flavor{}, model.Errorf(model.NotFound, "there is no flavor %q", id)
}

func (c *cloud) Flavors(context.Context) ([]model.Flavor, error) {
	return []model.Flavor{
		{ID: "big", VCPUs: 2, MemoryMiB: 4096, DiskGiB: 40},
		{ID: "small", VCPUs: 2, MemoryMiB: 4096, DiskGiB: 20},
		{ID: "tiny", VCPUs: 1, MemoryMiB: 512, DiskGiB: 1, SwapMiB: 512},
	}, nil
}

func session(v cimi.Version, c model.Cloud) *cimi.Session {
	s := cimi.NewSession(v, "http://h/cimi/", cimi.Options{}, func() time.Time { return born })
	s.Cloud = c
	return s
}

// manyMachines are n machines, all different.
func manyMachines(n int) []model.Machine {
	states := []model.MachineState{model.MachineRunning, model.MachineStopped, model.MachinePaused}
	machines := make([]model.Machine, n)
	for i := range machines {
		machines[i] = model.Machine{
			ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Name: fmt.Sprintf("machine %d", i),
			State: states[i%len(states)], Created: born.Add(time.Duration(i) * time.Minute), ImageID: "image",
			Flavor:   model.Flavor{ID: "1", VCPUs: 1 + i%4, MemoryMiB: 512 << (i % 4), DiskGiB: 10},
			Metadata: map[string]string{"cimi_p_env": "prod", "other": "x"},
		}
	}
	return machines
}

// list gives the collection of machines that a query asks for.
func list(t testing.TB, s *cimi.Session, query string) (cimi.Document, error) {
	t.Helper()
	target, err := cimi.Find(s.Version, "machines")
	if err != nil {
		t.Fatal(err)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	q, err := cimi.ParseQuery(values)
	if err != nil {
		return cimi.Document{}, err
	}
	return s.Read(t.Context(), target, q)
}

func BenchmarkMachines1000(b *testing.B) {
	c := &cloud{machines: manyMachines(1000)}
	for _, v := range []cimi.Version{cimi.V1, cimi.V2} {
		for _, f := range []cimi.Format{cimi.JSON, cimi.XML, cimi.HTML} {
			b.Run("version "+v.String()+" "+f.String(), func(b *testing.B) {
				b.ReportAllocs()
				var buf []byte
				for b.Loop() {
					d, err := list(b, session(v, c), "")
					if err != nil {
						b.Fatal(err)
					}
					buf = d.Append(buf[:0], f)
				}
				b.SetBytes(int64(len(buf)))
			})
		}
	}
}

func BenchmarkFilter1000(b *testing.B) {
	c := &cloud{machines: manyMachines(1000)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := list(b, session(cimi.V2, c), "$filter=state%3D'STARTED'+and+(cpu%3E%3D2+or+property['env']%3D'x')&$orderby=name:desc&$last=10"); err != nil {
			b.Fatal(err)
		}
	}
}
