package openstack_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/occimi/occimi/model"
)

// TestBudgets: what each method may cost, in calls and in calls that wait for
// one another, when nothing is remembered but the login and the services'
// versions, and when the lists are remembered too.
func TestBudgets(t *testing.T) {
	name := "n"
	r := small
	r.PublicKey = "ssh-rsa AAAA"
	alone := small
	alone.Networks = nil
	for _, test := range []struct {
		name        string
		call        func(context.Context, model.Cloud) error
		calls       int
		depth       int
		warm        int // calls when lists are remembered
		changesList bool
	}{
		{"MachineRefs", func(ctx context.Context, c model.Cloud) error { _, err := c.MachineRefs(ctx); return err }, 1, 1, 1, false},
		{"Machines", func(ctx context.Context, c model.Cloud) error { _, err := c.Machines(ctx); return err }, 2, 1, 1, false},
		{"Machine", func(ctx context.Context, c model.Cloud) error { _, err := c.Machine(ctx, "x"); return err }, 2, 1, 1, false},
		{"CreateMachine", func(ctx context.Context, c model.Cloud) error { _, err := c.CreateMachine(ctx, small); return err }, 3, 2, 2, false},
		{"CreateMachine, default network", func(ctx context.Context, c model.Cloud) error { _, err := c.CreateMachine(ctx, alone); return err }, 4, 3, 2, false},
		{"CreateMachine, public key", func(ctx context.Context, c model.Cloud) error { _, err := c.CreateMachine(ctx, r); return err }, 5, 3, 4, false},
		{"UpdateMachine name", func(ctx context.Context, c model.Cloud) error {
			_, err := c.UpdateMachine(ctx, "x", model.MachineUpdate{Name: &name})
			return err
		}, 2, 1, 1, false},
		{"UpdateMachine all", func(ctx context.Context, c model.Cloud) error {
			_, err := c.UpdateMachine(ctx, "x", model.MachineUpdate{Name: &name, Metadata: map[string]string{"a": "1", "b": "2", "c": "", "d": ""}})
			return err
		}, 5, 3, 4, false},
		{"DeleteMachine", func(ctx context.Context, c model.Cloud) error { return c.DeleteMachine(ctx, "y") }, 1, 1, 1, false},
		{"ActOnMachine", func(ctx context.Context, c model.Cloud) error { return c.ActOnMachine(ctx, "x", model.StopMachine) }, 1, 1, 1, false},
		{"SaveMachine", func(ctx context.Context, c model.Cloud) error {
			_, err := c.SaveMachine(ctx, "x", model.MachineSave{Name: "n"})
			return err
		}, 1, 1, 1, false},
		{"MachineAttachments", func(ctx context.Context, c model.Cloud) error { _, err := c.MachineAttachments(ctx, "x"); return err }, 1, 1, 1, false},
		{"Flavors", func(ctx context.Context, c model.Cloud) error { _, err := c.Flavors(ctx); return err }, 1, 1, 0, false},
		{"Flavor", func(ctx context.Context, c model.Cloud) error { _, err := c.Flavor(ctx, "1"); return err }, 1, 1, 0, false},
		{"Images", func(ctx context.Context, c model.Cloud) error { _, err := c.Images(ctx); return err }, 1, 1, 0, false},
		{"Image", func(ctx context.Context, c model.Cloud) error { _, err := c.Image(ctx, "i-1"); return err }, 1, 1, 1, false},
		{"UpdateImage", func(ctx context.Context, c model.Cloud) error {
			_, err := c.UpdateImage(ctx, "i-1", model.ImageUpdate{Name: &name})
			return err
		}, 1, 1, 1, false},
		{"UpdateImage that removes", func(ctx context.Context, c model.Cloud) error {
			_, err := c.UpdateImage(ctx, "i-1", model.ImageUpdate{Properties: map[string]string{"k": "", "l": ""}})
			return err
		}, 2, 2, 2, false},
		{"DeleteImage", func(ctx context.Context, c model.Cloud) error { return c.DeleteImage(ctx, "i-1") }, 1, 1, 1, false},
		{"KeyPairs", func(ctx context.Context, c model.Cloud) error { _, err := c.KeyPairs(ctx); return err }, 1, 1, 1, false},
		{"KeyPair", func(ctx context.Context, c model.Cloud) error { _, err := c.KeyPair(ctx, "k"); return err }, 1, 1, 1, false},
		{"CreateKeyPair", func(ctx context.Context, c model.Cloud) error { _, err := c.CreateKeyPair(ctx, "k", "x"); return err }, 1, 1, 1, false},
		{"DeleteKeyPair", func(ctx context.Context, c model.Cloud) error { return c.DeleteKeyPair(ctx, "k") }, 1, 1, 1, false},
		{"Networks", func(ctx context.Context, c model.Cloud) error { _, err := c.Networks(ctx); return err }, 1, 1, 0, false},
		{"Network", func(ctx context.Context, c model.Cloud) error { _, err := c.Network(ctx, "n-1"); return err }, 1, 1, 1, false},
		{"Subnets", func(ctx context.Context, c model.Cloud) error { _, err := c.Subnets(ctx); return err }, 1, 1, 0, false},
		{"MachinePorts", func(ctx context.Context, c model.Cloud) error { _, err := c.MachinePorts(ctx, ""); return err }, 1, 1, 1, false},
		{"Port", func(ctx context.Context, c model.Cloud) error { _, err := c.Port(ctx, "p-1"); return err }, 1, 1, 1, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake()
			c := f.cloud(t, f.config())
			if _, err := c.KeyPairs(t.Context()); err != nil { // reads Nova's versions
				t.Fatal(err)
			}
			f.made()
			f.latency = time.Second // in the bubble's time: calls that can overlap do
			measure := func() (calls, depth int) {
				synctest.Test(t, func(t *testing.T) {
					if err := test.call(t.Context(), c); err != nil && !(test.changesList && model.IsCode(err, model.NotFound)) {
						t.Fatal(err)
					}
				})
				made := f.made()
				for _, call := range made {
					depth = max(depth, call.depth)
				}
				return len(made), depth
			}
			if calls, depth := measure(); calls != test.calls || depth != test.depth {
				t.Errorf("%d calls, %d deep; want %d, %d", calls, depth, test.calls, test.depth)
			}
			if calls, _ := measure(); calls != test.warm {
				t.Errorf("%d calls when lists are remembered, want %d", calls, test.warm)
			}
		})
	}
}

// machinePages answers a listing of n machines in pages of 1000.
func machinePages(f *fake, path string, n int, item func(id string) string) {
	const size = 1000
	var pages []string
	for first := 0; first == 0 || first < n; first += size {
		var items []string
		for i := first; i < min(first+size, n); i++ {
			items = append(items, item(fmt.Sprintf("%08d-2222-4333-8444-555555555555", i)))
		}
		next := ""
		if first+size < n {
			next = fmt.Sprintf(`, "servers_links": [{"rel": "next", "href": "http://cloud.test/x?marker=%d"}]`, len(pages)+1)
		}
		pages = append(pages, `{"servers": [`+strings.Join(items, ",")+`]`+next+`}`)
	}
	f.on("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		page := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("marker"), &page)
		respond(w, 200, pages[page])
	})
}

// TestListBudgets: a listing costs one call per 1000 machines, and nothing per
// machine.
func TestListBudgets(t *testing.T) {
	for n, want := range map[int]int{0: 1, 1: 1, 1000: 1, 1001: 2, 2500: 3} {
		f := newFake()
		machinePages(f, "/compute/v2.1/servers", n, func(id string) string { return `{"id": "` + id + `", "name": "m"}` })
		machinePages(f, "/compute/v2.1/servers/detail", n, func(id string) string { return serverObject(id, "ACTIVE", "", 1) })
		c := f.cloud(t, f.config())
		if _, err := c.Flavors(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.made()
		refs, err := c.MachineRefs(t.Context())
		if calls := len(f.made()); err != nil || len(refs) != n || calls != want {
			t.Errorf("MachineRefs: %d of %d machines in %d calls, want %d (%v)", len(refs), n, calls, want, err)
		}
		machines, err := c.Machines(t.Context())
		if calls := len(f.made()); err != nil || len(machines) != n || calls != want {
			t.Errorf("Machines: %d of %d machines in %d calls, want %d (%v)", len(machines), n, calls, want, err)
		}
	}
}

func BenchmarkMachines1000(b *testing.B) {
	f := newFake()
	machinePages(f, "/compute/v2.1/servers/detail", 1000, func(id string) string { return serverObject(id, "ACTIVE", "", 1) })
	benchmarkList(b, f, func(ctx context.Context, c model.Cloud) (int, error) {
		all, err := c.Machines(ctx)
		return len(all), err
	})
}

func BenchmarkMachineRefs1000(b *testing.B) {
	f := newFake()
	machinePages(f, "/compute/v2.1/servers", 1000, func(id string) string { return `{"id": "` + id + `", "name": "machine", "links": []}` })
	benchmarkList(b, f, func(ctx context.Context, c model.Cloud) (int, error) {
		all, err := c.MachineRefs(ctx)
		return len(all), err
	})
}

func benchmarkList(b *testing.B, f *fake, list func(context.Context, model.Cloud) (int, error)) {
	c := f.cloud(b, f.config())
	b.ReportAllocs()
	for b.Loop() {
		if n, err := list(b.Context(), c); err != nil || n != 1000 {
			b.Fatal(n, err)
		}
		f.made()
	}
}

func BenchmarkLoginRemembered(b *testing.B) {
	f := newFake()
	p := newProvider(b, f.config())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Login(b.Context(), demo); err != nil {
			b.Fatal(err)
		}
	}
}
