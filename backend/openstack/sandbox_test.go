package openstack_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/occimi/occimi/backend/openstack"
	"github.com/occimi/occimi/backend/sandbox"
	"github.com/occimi/occimi/model"
)

// sandboxed gives a sandbox over real HTTP, and demo's view of it.
func sandboxed(t testing.TB, opts sandbox.Options, change func(*openstack.Config)) (*sandbox.Cloud, model.Cloud, *httptest.Server) {
	t.Helper()
	box := sandbox.New(opts)
	server := httptest.NewServer(box.Handler())
	t.Cleanup(server.Close)
	config := openstack.Config{AuthURL: server.URL + "/identity"}
	if change != nil {
		change(&config)
	}
	c, err := newProvider(t, config).Login(context.Background(), demo)
	if err != nil {
		t.Fatal(err)
	}
	return box, c, server
}

// tiny is a machine of what every sandbox has.
func tiny(t testing.TB, c model.Cloud, name string) model.MachineCreate {
	t.Helper()
	images, err := c.Images(t.Context())
	if err != nil || len(images) == 0 {
		t.Fatal(images, err)
	}
	return model.MachineCreate{Name: name, FlavorID: "1", ImageID: images[0].ID}
}

// TestFaults: what goes wrong on a real connection.
func TestFaults(t *testing.T) {
	read := func(ctx context.Context, c model.Cloud) error { _, err := c.MachineRefs(ctx); return err }
	write := func(ctx context.Context, c model.Cloud) error {
		_, err := c.CreateKeyPair(ctx, "k", sandboxKey)
		return err
	}
	for name, test := range map[string]struct {
		fault sandbox.Fault
		call  func(context.Context, model.Cloud) error
		want  model.Code
	}{
		"a dropped read is repeated":  {sandbox.Fault{Service: "nova", Path: "/servers", Drop: true, Times: 2}, read, ""},
		"but not for ever":            {sandbox.Fault{Service: "nova", Path: "/servers", Drop: true}, read, model.Unavailable},
		"a dropped write is not":      {sandbox.Fault{Service: "nova", Path: "/os-keypairs", Drop: true, Times: 1}, write, model.Unavailable},
		"a slow answer":               {sandbox.Fault{Service: "nova", Path: "/servers", Delay: time.Hour}, read, model.Timeout},
		"a balancer's page once":      {sandbox.Fault{Service: "nova", Path: "/servers", Status: 502, Body: "<html>", Times: 1}, read, ""},
		"a rate limit":                {sandbox.Fault{Service: "nova", Path: "/servers", Status: 429, Header: http.Header{"Retry-After": {"9"}}}, read, model.RateLimited},
		"a redirect is not followed":  {sandbox.Fault{Service: "nova", Path: "/servers", Status: 302, Header: http.Header{"Location": {"/identity/v3"}}}, read, model.Unavailable},
		"an answer that goes on long": {sandbox.Fault{Service: "nova", Path: "/servers", Status: 200, Body: `{"servers": [{"id": "` + strings.Repeat("x", 65<<20) + `"}]}`}, read, model.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box, c, _ := sandboxed(t, sandbox.Options{}, func(c *openstack.Config) {
				c.CallTimeout = 5 * time.Minute // more than a busy machine takes
			})
			if _, err := c.KeyPairs(t.Context()); err != nil { // reads the version
				t.Fatal(err)
			}
			clear := box.Fault(test.fault)
			t.Cleanup(clear)
			ctx := t.Context()
			if test.want == model.Timeout {
				limited, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
				defer cancel()
				ctx = limited
			}
			err := test.call(ctx, c)
			if test.want == "" && err != nil || test.want != "" && !model.IsCode(err, test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if test.want == model.RateLimited && model.AsError(err).RetryAfter != 9*time.Second {
				t.Errorf("come back after %v", model.AsError(err).RetryAfter)
			}
		})
	}
}

const sandboxKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0eZ4cV3Zk7vX1mGQ9fS3tE5j8d8kq3mO0B3y4H6b2R a@b"

// TestUnreachable: a cloud that is not there.
func TestUnreachable(t *testing.T) {
	_, c, server := sandboxed(t, sandbox.Options{}, nil)
	server.Close()
	_, err := c.MachineRefs(t.Context())
	if !model.IsCode(err, model.Unavailable) || strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("got %v", err)
	}
	_, err = newProvider(t, openstack.Config{AuthURL: server.URL}).Login(t.Context(), demo)
	if !model.IsCode(err, model.Unavailable) || strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("got %v", err)
	}
}

// TestLostAnswer: the machine was made, the answer is lost, and the user is told.
func TestLostAnswer(t *testing.T) {
	box, c, _ := sandboxed(t, sandbox.Options{}, nil)
	r := tiny(t, c, "lost")
	box.Fault(sandbox.Fault{Service: "nova", Method: http.MethodPost, Path: "/servers", Drop: true, Late: true, Times: 1})
	_, err := c.CreateMachine(t.Context(), r)
	if !model.IsCode(err, model.Unavailable) || !strings.Contains(err.Error(), `"lost" may have been made`) {
		t.Errorf("got %v", err)
	}
	refs, err := c.MachineRefs(t.Context())
	if err != nil || len(refs) != 1 {
		t.Errorf("machines: %v, %v", refs, err)
	}
}

// TestLostImages: an image that nobody was told of does not stay.
func TestLostImages(t *testing.T) {
	const race = `{"computeFault": {"code": 500, "message": "Unexpected API Error. Please report this.\n<class 'nova.exception.UnexpectedTaskStateError'>"}}`
	lost := sandbox.Fault{Service: "nova", Method: http.MethodPost, Path: "/servers/*/action", Late: true, Times: 1}
	broken, raced, mute, gone := lost, lost, lost, lost
	broken.Drop = true
	raced.Status, raced.Body = 500, race
	mute.Status, mute.Body = 202, `{}`
	gone.Drop = true
	for name, test := range map[string]struct {
		faults []sandbox.Fault
		want   model.Code
		doubt  bool // whether one may be left
	}{
		"the answer is lost":              {[]sandbox.Fault{broken}, model.Unavailable, false},
		"another was faster":              {[]sandbox.Fault{raced}, model.Conflict, false},
		"the answer does not tell the id": {[]sandbox.Fault{mute}, model.Unavailable, false},
		"the image cannot be looked for":  {[]sandbox.Fault{gone, {Service: "glance", Method: http.MethodGet, Status: 500}}, model.Unavailable, true},
		"nothing was made":                {[]sandbox.Fault{{Service: "nova", Method: http.MethodPost, Path: "/servers/*/action", Status: 500}}, model.Unavailable, true},
	} {
		t.Run(name, func(t *testing.T) {
			box, c, _ := sandboxed(t, sandbox.Options{}, func(c *openstack.Config) {
				c.Pause = func(context.Context, time.Duration) error { return nil }
			})
			m, err := c.CreateMachine(t.Context(), tiny(t, c, "m"))
			if err != nil {
				t.Fatal(err)
			}
			before, err := c.Images(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range test.faults {
				defer box.Fault(f)()
			}
			_, err = c.SaveMachine(t.Context(), m.ID, model.MachineSave{Name: "s"})
			if !model.IsCode(err, test.want) || strings.Contains(err.Error(), "may have been made") != test.doubt {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if test.doubt {
				return
			}
			if after, err := c.Images(t.Context()); err != nil || len(after) != len(before) {
				t.Errorf("%d images before, %d after; %v", len(before), len(after), err)
			}
		})
	}
}

func TestFailedBuild(t *testing.T) {
	box, c, _ := sandboxed(t, sandbox.Options{}, nil)
	box.FailBuild("No valid host was found.")
	m, err := c.CreateMachine(t.Context(), tiny(t, c, "unlucky"))
	if err != nil {
		t.Fatal(err)
	}
	if m, err = c.Machine(t.Context(), m.ID); err != nil || m.State != model.MachineFailed || m.StateDetail != "No valid host was found." {
		t.Errorf("got %s, %q, %v", m.State, m.StateDetail, err)
	}
	if err := c.DeleteMachine(t.Context(), m.ID); err != nil {
		t.Error(err)
	}
}

// TestLocked: a locked machine says so, and refuses changes.
func TestLocked(t *testing.T) {
	_, c, server := sandboxed(t, sandbox.Options{}, nil)
	m, err := c.CreateMachine(t.Context(), tiny(t, c, "locked"))
	if err != nil {
		t.Fatal(err)
	}
	k := keystone{url: server.URL + "/identity/v3", client: server.Client()}
	token := k.token(t, true)
	k.url = server.URL + "/compute/v2.1"
	k.send(t, http.MethodPost, "/servers/"+m.ID+"/action", token, object{"lock": nil}, nil)
	if m, err = c.Machine(t.Context(), m.ID); err != nil || !m.Locked || m.Can(model.StopMachine) {
		t.Errorf("locked %v, %v", m.Locked, err)
	}
	name := "renamed"
	for what, call := range map[string]func() error{
		"delete": func() error { return c.DeleteMachine(t.Context(), m.ID) },
		"stop":   func() error { return c.ActOnMachine(t.Context(), m.ID, model.StopMachine) },
		"update": func() error {
			_, err := c.UpdateMachine(t.Context(), m.ID, model.MachineUpdate{Name: &name, Metadata: map[string]string{"a": "b"}})
			return err
		},
	} {
		if err := call(); !model.IsCode(err, model.Conflict) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if m, err = c.Machine(t.Context(), m.ID); err != nil || m.Name != "locked" {
		t.Errorf("a refused update left the name %q, %v", m.Name, err)
	}
}

// TestManyMachines: more than a page has, in order, in both listings.
func TestManyMachines(t *testing.T) {
	const n = 2500
	box, c, _ := sandboxed(t, sandbox.Options{}, nil)
	if err := box.AddServers("demo", n); err != nil {
		t.Fatal(err)
	}
	refs, err := c.MachineRefs(t.Context())
	if err != nil || len(refs) != n {
		t.Fatalf("%d machines, %v", len(refs), err)
	}
	machines, err := c.Machines(t.Context())
	if err != nil || len(machines) != n {
		t.Fatalf("%d machines, %v", len(machines), err)
	}
	for i, m := range machines {
		if m.ID != refs[i].ID {
			t.Fatalf("the listings are in different orders from machine %d on", i)
		}
	}
}

// TestManyAtOnce: one tenant's requests in parallel, on one Cloud.
func TestManyAtOnce(t *testing.T) {
	_, c, _ := sandboxed(t, sandbox.Options{}, func(c *openstack.Config) { c.ListCacheFor = time.Minute })
	r := tiny(t, c, "")
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			r := r
			r.Name = fmt.Sprintf("machine-%d", i)
			r.PublicKey = sandboxKey
			m, err := c.CreateMachine(t.Context(), r)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := c.Machines(t.Context()); err != nil {
				t.Error(err)
			}
			if i%2 == 0 {
				if err := c.DeleteMachine(t.Context(), m.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	refs, err := c.MachineRefs(t.Context())
	if err != nil || len(refs) != 10 {
		t.Errorf("%d machines are left, %v", len(refs), err)
	}
	if keys, err := c.KeyPairs(t.Context()); err != nil || len(keys) > 0 {
		t.Errorf("key pairs are left: %v, %v", keys, err)
	}
}

// TestTextsOfFailures: a service that fails has not failed for a text that every
// database takes; and where it did, the client learns which text it was.
func TestTextsOfFailures(t *testing.T) {
	for text, want := range map[string]model.Code{"Grüße, 世界": model.Unavailable, "smile \U0001F600": model.Invalid, "\U00010348": model.Invalid} {
		box, c, _ := sandboxed(t, sandbox.Options{}, nil)
		box.Fault(sandbox.Fault{Service: "neutron", Method: http.MethodPost, Path: "/networks", Status: 500, Body: `{"NeutronError": {"message": "x"}}`})
		_, err := c.CreateNetwork(t.Context(), model.NetworkCreate{Name: text})
		if !model.IsCode(err, want) || strings.Contains(err.Error(), text) != (want == model.Invalid) || strings.Contains(err.Error(), "may have been made") == (want == model.Invalid) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
