package openstack_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/occimi/occimi/backend/openstack"
	"github.com/occimi/occimi/backend/sandbox"
	"github.com/occimi/occimi/model"
)

// tape keeps the answers that a cloud gave, and gives them again.
type tape struct {
	mu      sync.Mutex
	record  http.RoundTripper // nil: answers come from the tape
	answers map[string]taped  // "GET http://.../servers?limit=1"
}

type taped struct {
	status int
	header http.Header
	body   string
}

// locked changes the tape: loads that the provider shares go on after the call that
// began them.
func (p *tape) locked(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// all gives what is on the tape.
func (p *tape) all() (answers map[string]taped) {
	p.locked(func() { answers = maps.Clone(p.answers) })
	return answers
}

// RoundTrip implements http.RoundTripper.
func (p *tape) RoundTrip(r *http.Request) (*http.Response, error) {
	key := r.Method + " " + r.URL.String()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.record != nil {
		response, err := p.record.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return nil, err
		}
		if _, ok := p.answers[key]; !ok || r.Method != http.MethodGet { // what is read again is read as it was
			p.answers[key] = taped{response.StatusCode, response.Header, string(body)}
		}
		return &http.Response{StatusCode: response.StatusCode, Header: response.Header, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
	}
	a, ok := p.answers[key]
	if !ok {
		a = taped{status: 404, body: `{"itemNotFound": {"message": "not on the tape"}}`}
	}
	return &http.Response{StatusCode: a.status, Header: a.header.Clone(), Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

// everything is what a cloud with all services offers.
type everything interface {
	model.Cloud
	model.Volumes
	model.VolumeTypes
	model.Snapshots
	model.ImageImports
	model.FloatingIPs
	model.Routers
	model.SecurityGroups
	model.MachineEvents
}

// things are ids of one of each noun of a tenant, and of others that are spare.
type things struct {
	machine, image, key, volume, spareVolume, snapshot, network, external, spareNetwork, subnet, spareSubnet, routedSubnet, port, sparePort, floatingIP, spareFloatingIP, group, spareGroup, router, event string
}

// uses are all methods of the interfaces, each used such that it works.
var uses = map[string]func(ctx context.Context, c everything, is things) error{
	"MachineRefs": func(ctx context.Context, c everything, _ things) error { return second(c.MachineRefs(ctx)) },
	"Machines":    func(ctx context.Context, c everything, _ things) error { return second(c.Machines(ctx)) },
	"Machine":     func(ctx context.Context, c everything, is things) error { return second(c.Machine(ctx, is.machine)) },
	"CreateMachine": func(ctx context.Context, c everything, is things) error {
		return second(c.CreateMachine(ctx, model.MachineCreate{Name: "new", FlavorID: "1", ImageID: is.image, PublicKey: sandboxKey, Networks: []model.MachineNetwork{{NetworkID: is.network}}}))
	},
	"UpdateMachine": func(ctx context.Context, c everything, is things) error {
		return second(c.UpdateMachine(ctx, is.machine, model.MachineUpdate{Name: new("other"), Metadata: map[string]string{"a": "b", "gone": ""}}))
	},
	"ActOnMachine": func(ctx context.Context, c everything, is things) error {
		return c.ActOnMachine(ctx, is.machine, model.ResetMachine)
	},
	"SaveMachine": func(ctx context.Context, c everything, is things) error {
		return second(c.SaveMachine(ctx, is.machine, model.MachineSave{Name: "saved"}))
	},
	"MachineAttachments": func(ctx context.Context, c everything, is things) error {
		return second(c.MachineAttachments(ctx, is.machine))
	},
	"AttachVolume": func(ctx context.Context, c everything, is things) error {
		return second(c.AttachVolume(ctx, is.machine, model.MachineVolume{VolumeID: is.spareVolume}))
	},
	"DetachVolume": func(ctx context.Context, c everything, is things) error {
		return c.DetachVolume(ctx, is.machine, is.volume)
	},
	"AttachNetwork": func(ctx context.Context, c everything, is things) error {
		return second(c.AttachNetwork(ctx, is.machine, model.MachineNetwork{NetworkID: is.network, FixedIP: "10.0.0.77"}))
	},
	"DetachPort": func(ctx context.Context, c everything, is things) error {
		return c.DetachPort(ctx, is.machine, is.port)
	},
	"ResizeMachine": func(ctx context.Context, c everything, is things) error { return c.ResizeMachine(ctx, is.machine, "2") },
	"RebuildMachine": func(ctx context.Context, c everything, is things) error {
		return c.RebuildMachine(ctx, is.machine, is.image)
	},
	"TagMachine": func(ctx context.Context, c everything, is things) error {
		return c.TagMachine(ctx, is.machine, []string{"a"}, []string{"t"})
	},
	"MachineEvents": func(ctx context.Context, c everything, is things) error {
		return second(c.MachineEvents(ctx, is.machine))
	},
	"MachineEvent": func(ctx context.Context, c everything, is things) error {
		return second(c.MachineEvent(ctx, is.machine, is.event))
	},
	"DeleteMachine": func(ctx context.Context, c everything, is things) error { return c.DeleteMachine(ctx, is.machine) },
	"Flavors":       func(ctx context.Context, c everything, _ things) error { return second(c.Flavors(ctx)) },
	"Flavor":        func(ctx context.Context, c everything, _ things) error { return second(c.Flavor(ctx, "1")) },
	"Images":        func(ctx context.Context, c everything, _ things) error { return second(c.Images(ctx)) },
	"Image":         func(ctx context.Context, c everything, is things) error { return second(c.Image(ctx, is.image)) },
	"ImportsImages": func(ctx context.Context, c everything, _ things) error { return second(c.ImportsImages(ctx)) },
	"ImportImage": func(ctx context.Context, c everything, _ things) error {
		return second(c.ImportImage(ctx, model.ImageImport{Name: "i", URL: "https://images.example/i", Format: "raw"}))
	},
	"KeyPairs": func(ctx context.Context, c everything, _ things) error { return second(c.KeyPairs(ctx)) },
	"KeyPair":  func(ctx context.Context, c everything, is things) error { return second(c.KeyPair(ctx, is.key)) },
	"CreateKeyPair": func(ctx context.Context, c everything, _ things) error {
		return second(c.CreateKeyPair(ctx, "new", sandboxKey))
	},
	"DeleteKeyPair": func(ctx context.Context, c everything, is things) error { return c.DeleteKeyPair(ctx, is.key) },
	"Zones":         func(ctx context.Context, c everything, _ things) error { return second(c.Zones(ctx)) },
	"Networks":      func(ctx context.Context, c everything, _ things) error { return second(c.Networks(ctx)) },
	"Network":       func(ctx context.Context, c everything, is things) error { return second(c.Network(ctx, is.network)) },
	"CreateNetwork": func(ctx context.Context, c everything, _ things) error {
		return second(c.CreateNetwork(ctx, model.NetworkCreate{Name: "n", Tags: []string{"t"}, Subnets: []model.SubnetCreate{{CIDR: "10.7.0.0/24"}}}))
	},
	"UpdateNetwork": func(ctx context.Context, c everything, is things) error {
		return second(c.UpdateNetwork(ctx, is.spareNetwork, model.NetworkUpdate{Name: new("other"), AddTags: []string{"a"}}))
	},
	"DeleteNetwork": func(ctx context.Context, c everything, is things) error { return c.DeleteNetwork(ctx, is.spareNetwork) },
	"Subnets":       func(ctx context.Context, c everything, _ things) error { return second(c.Subnets(ctx)) },
	"Subnet":        func(ctx context.Context, c everything, is things) error { return second(c.Subnet(ctx, is.subnet)) },
	"CreateSubnet": func(ctx context.Context, c everything, is things) error {
		return second(c.CreateSubnet(ctx, is.spareNetwork, model.SubnetCreate{CIDR: "10.10.0.0/24"}))
	},
	"UpdateSubnet": func(ctx context.Context, c everything, is things) error {
		return second(c.UpdateSubnet(ctx, is.spareSubnet, model.SubnetUpdate{Name: new("other")}))
	},
	"DeleteSubnet": func(ctx context.Context, c everything, is things) error { return c.DeleteSubnet(ctx, is.spareSubnet) },
	"Ports":        func(ctx context.Context, c everything, _ things) error { return second(c.Ports(ctx)) },
	"MachinePorts": func(ctx context.Context, c everything, is things) error {
		return second(c.MachinePorts(ctx, is.machine))
	},
	"Port": func(ctx context.Context, c everything, is things) error { return second(c.Port(ctx, is.port)) },
	"CreatePort": func(ctx context.Context, c everything, is things) error {
		return second(c.CreatePort(ctx, model.PortCreate{NetworkID: is.network, Tags: []string{"t"}}))
	},
	"UpdatePort": func(ctx context.Context, c everything, is things) error {
		return second(c.UpdatePort(ctx, is.sparePort, model.PortUpdate{Name: new("other"), FixedIPs: []model.FixedIP{{}}}))
	},
	"DeletePort":  func(ctx context.Context, c everything, is things) error { return c.DeletePort(ctx, is.sparePort) },
	"FloatingIPs": func(ctx context.Context, c everything, _ things) error { return second(c.FloatingIPs(ctx)) },
	"FloatingIP": func(ctx context.Context, c everything, is things) error {
		return second(c.FloatingIP(ctx, is.floatingIP))
	},
	"CreateFloatingIP": func(ctx context.Context, c everything, is things) error {
		return second(c.CreateFloatingIP(ctx, model.FloatingIPCreate{NetworkID: is.external, PortID: is.port}))
	},
	"PointFloatingIP": func(ctx context.Context, c everything, is things) error {
		return second(c.PointFloatingIP(ctx, is.spareFloatingIP, is.port))
	},
	"UpdateFloatingIP": func(ctx context.Context, c everything, is things) error {
		return second(c.UpdateFloatingIP(ctx, is.floatingIP, model.FloatingIPUpdate{Description: new("other")}))
	},
	"DeleteFloatingIP": func(ctx context.Context, c everything, is things) error {
		return c.DeleteFloatingIP(ctx, is.spareFloatingIP)
	},
	"Routers": func(ctx context.Context, c everything, _ things) error { return second(c.Routers(ctx)) },
	"Router":  func(ctx context.Context, c everything, is things) error { return second(c.Router(ctx, is.router)) },
	"CreateRouter": func(ctx context.Context, c everything, is things) error {
		return second(c.CreateRouter(ctx, model.RouterCreate{Name: "r", SubnetIDs: []string{is.spareSubnet}}))
	},
	"UpdateRouter": func(ctx context.Context, c everything, is things) error {
		return second(c.UpdateRouter(ctx, is.router, model.RouterUpdate{Name: new("other")}))
	},
	"RemoveRouterInterface": func(ctx context.Context, c everything, is things) error {
		return c.RemoveRouterInterface(ctx, is.router, is.routedSubnet)
	},
	"DeleteRouter":   func(ctx context.Context, c everything, is things) error { return c.DeleteRouter(ctx, is.router) },
	"SecurityGroups": func(ctx context.Context, c everything, _ things) error { return second(c.SecurityGroups(ctx)) },
	"SecurityGroup": func(ctx context.Context, c everything, is things) error {
		return second(c.SecurityGroup(ctx, is.group))
	},
	"CreateSecurityGroup": func(ctx context.Context, c everything, _ things) error {
		return second(c.CreateSecurityGroup(ctx, model.SecurityGroup{Name: "g", Rules: []model.SecurityRule{{Direction: model.Inbound, IPVersion: 4, Protocol: "tcp", PortMin: 22, PortMax: 22}}}))
	},
	"UpdateSecurityGroup": func(ctx context.Context, c everything, is things) error {
		return second(c.UpdateSecurityGroup(ctx, is.spareGroup, model.SecurityGroupUpdate{Name: new("other"), Rules: []model.SecurityRule{{Direction: model.Inbound, IPVersion: 4}}}))
	},
	"DeleteSecurityGroup": func(ctx context.Context, c everything, is things) error {
		return c.DeleteSecurityGroup(ctx, is.spareGroup)
	},
	"AddSecurityGroup": func(ctx context.Context, c everything, is things) error {
		return c.AddSecurityGroup(ctx, is.machine, is.spareGroup)
	},
	"RemoveSecurityGroup": func(ctx context.Context, c everything, is things) error {
		return c.RemoveSecurityGroup(ctx, is.machine, is.group)
	},
	"VolumeRefs": func(ctx context.Context, c everything, _ things) error { return second(c.VolumeRefs(ctx)) },
	"Volumes":    func(ctx context.Context, c everything, _ things) error { return second(c.Volumes(ctx)) },
	"Volume":     func(ctx context.Context, c everything, is things) error { return second(c.Volume(ctx, is.volume)) },
	"VolumeReason": func(ctx context.Context, c everything, is things) error {
		return second(c.VolumeReason(ctx, is.volume))
	},
	"CreateVolume": func(ctx context.Context, c everything, _ things) error {
		return second(c.CreateVolume(ctx, model.VolumeCreate{Name: "v", SizeGiB: 1}))
	},
	"UpdateVolume": func(ctx context.Context, c everything, is things) error {
		return second(c.UpdateVolume(ctx, is.volume, model.VolumeUpdate{Name: new("other"), Metadata: map[string]string{"a": "b"}}))
	},
	"ExtendVolume": func(ctx context.Context, c everything, is things) error {
		return c.ExtendVolume(ctx, is.spareVolume, 5)
	},
	"SaveVolume": func(ctx context.Context, c everything, is things) error {
		return second(c.SaveVolume(ctx, is.spareVolume, "saved"))
	},
	"DeleteVolume": func(ctx context.Context, c everything, is things) error { return c.DeleteVolume(ctx, is.spareVolume) },
	"VolumeTypes":  func(ctx context.Context, c everything, _ things) error { return second(c.VolumeTypes(ctx)) },
	"Snapshots":    func(ctx context.Context, c everything, _ things) error { return second(c.Snapshots(ctx)) },
	"Snapshot":     func(ctx context.Context, c everything, is things) error { return second(c.Snapshot(ctx, is.snapshot)) },
	"CreateSnapshot": func(ctx context.Context, c everything, is things) error {
		return second(c.CreateSnapshot(ctx, model.SnapshotCreate{VolumeID: is.volume, Name: "s"}))
	},
	"UpdateSnapshot": func(ctx context.Context, c everything, is things) error {
		return second(c.UpdateSnapshot(ctx, is.snapshot, model.SnapshotUpdate{Name: new("other")}))
	},
	"DeleteSnapshot": func(ctx context.Context, c everything, is things) error { return c.DeleteSnapshot(ctx, is.snapshot) },
}

func second[T any](_ T, err error) error { return err }

// provide makes one of each.
func provide(t *testing.T, c everything) (is things) {
	t.Helper()
	fatal := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	images, err := c.Images(ctx)
	fatal(err)
	is.image = images[0].ID
	key, err := c.CreateKeyPair(ctx, "key", sandboxKey)
	fatal(err)
	is.key = key.Name
	networks, err := c.Networks(ctx)
	fatal(err)
	for _, n := range networks {
		if n.External {
			is.external = n.ID
		} else {
			is.network, is.subnet = n.ID, n.SubnetIDs[0]
		}
	}
	spare, err := c.CreateNetwork(ctx, model.NetworkCreate{Name: "spare", Subnets: []model.SubnetCreate{{CIDR: "10.8.0.0/24"}}})
	fatal(err)
	is.spareNetwork, is.spareSubnet = spare.ID, spare.SubnetIDs[0]
	routed, err := c.CreateNetwork(ctx, model.NetworkCreate{Name: "routed", Subnets: []model.SubnetCreate{{CIDR: "10.9.0.0/24"}}})
	fatal(err)
	is.routedSubnet = routed.SubnetIDs[0]
	for i, id := range []*string{&is.group, &is.spareGroup} {
		g, err := c.CreateSecurityGroup(ctx, model.SecurityGroup{Name: fmt.Sprint("group", i)})
		fatal(err)
		*id = g.ID
	}
	m, err := c.CreateMachine(ctx, model.MachineCreate{
		Name: "m", FlavorID: "1", ImageID: is.image, KeyName: is.key, Networks: []model.MachineNetwork{{NetworkID: is.network}}, Metadata: map[string]string{"gone": "x"}, Tags: []string{"t"}, SecurityGroups: []string{is.group},
	})
	fatal(err)
	is.machine = m.ID
	for _, id := range []*string{&is.volume, &is.spareVolume} {
		v, err := c.CreateVolume(ctx, model.VolumeCreate{Name: "v", SizeGiB: 1, Metadata: map[string]string{"a": "b"}})
		fatal(err)
		*id = v.ID
	}
	_, err = c.AttachVolume(ctx, is.machine, model.MachineVolume{VolumeID: is.volume})
	fatal(err)
	s, err := c.CreateSnapshot(ctx, model.SnapshotCreate{VolumeID: is.volume, Name: "s"})
	fatal(err)
	is.snapshot = s.ID
	ports, err := c.MachinePorts(ctx, is.machine)
	fatal(err)
	is.port = ports[0].ID
	p, err := c.CreatePort(ctx, model.PortCreate{NetworkID: is.network})
	fatal(err)
	is.sparePort = p.ID
	r, err := c.CreateRouter(ctx, model.RouterCreate{Name: "r", ExternalNetworkID: is.external, SubnetIDs: []string{is.routedSubnet}})
	fatal(err)
	is.router = r.ID
	for _, id := range []*string{&is.floatingIP, &is.spareFloatingIP} {
		f, err := c.CreateFloatingIP(ctx, model.FloatingIPCreate{NetworkID: is.external})
		fatal(err)
		*id = f.ID
	}
	events, err := c.MachineEvents(ctx, is.machine)
	fatal(err)
	is.event = events[0].RequestID
	return is
}

// mangling is a document that differs from what a service would say.
type mangling struct {
	what, document string
	// empty documents do not have what was asked for.
	empty bool
}

// mangled gives every document that differs from a JSON document in one place:
// something is missing there, null, or of another type. Of lists the first item
// stands for all.
func mangled(t *testing.T, document string) []mangling {
	t.Helper()
	var whole any
	if err := json.Unmarshal([]byte(document), &whole); err != nil {
		t.Fatal(err)
	}
	all := []mangling{
		{"cut off", document[:len(document)/2], true}, {"a page", "<html><body>It works!</body></html>", true}, {"no bytes", "", true},
		{"null", "null", true}, {"an empty object", "{}", true}, {"an empty list", "[]", true}, {"an empty text", `""`, true},
		{"of something else", `{"status": "ok", "links": []}`, true},
	}
	note := func(what string, empty bool) {
		raw, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, mangling{what, string(raw), empty})
	}
	var walk func(at string, depth int, v any, set func(any))
	walk = func(at string, depth int, v any, set func(any)) {
		for _, other := range []any{nil, "x", 7.5, []any{nil}, map[string]any{}} {
			set(other)
			note(fmt.Sprintf("%s is %v", at, other), false)
		}
		set(v)
		switch v := v.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				was := v[key]
				delete(v, key)
				note(at+"."+key+" is missing", depth == 0 && len(v) == 0)
				v[key] = was
				walk(at+"."+key, depth+1, was, func(n any) { v[key] = n })
			}
		case []any:
			if len(v) > 0 {
				walk(at+"[0]", depth+1, v[0], func(n any) { v[0] = n })
			}
		}
	}
	walk("", 0, whole, func(n any) { whole = n })
	return all
}

// unread are answers of which only the status matters, or that only add to what is
// known.
var unread = regexp.MustCompile(`/metadata |/tags[/ ]|_router_interface |PUT \S*/(ports|security-groups|volumes|snapshots)/\S* |/action [AR]\w*Machine$` +
	`|GET \S*/(servers/\S+|flavors/detail) CreateMachine|GET \S*/floatingips/\S* CreateF|GET \S*/ports/\S* AttachN`)

// remembered are answers that a provider asks for once.
var remembered = regexp.MustCompile(`/$|/info/import$`)

// TestMangledAnswers: whatever a service, or what stands before it, answers with
// a status of success, nothing panics, nothing is said not to be there that is, and
// every error is one of the cloud's.
func TestMangledAnswers(t *testing.T) {
	now := func() time.Time { return start2029 }
	open := func(t *testing.T, p *tape) everything {
		t.Helper()
		c, err := newProvider(t, openstack.Config{
			AuthURL: "http://cloud.test/identity", Transport: p, Now: now, NewID: func() string { return serverID },
			Pause: func(context.Context, time.Duration) error { return nil },
		}).Login(t.Context(), demo)
		if err != nil {
			t.Fatal(err)
		}
		return c.(everything)
	}
	for name, use := range uses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &tape{answers: map[string]taped{}, record: inProcess{sandbox.New(sandbox.Options{Now: now}).Handler()}}
			is := provide(t, open(t, p))
			p.locked(func() { p.answers = map[string]taped{} })
			c := open(t, p)
			login := p.all()
			if err := use(t.Context(), c, is); err != nil {
				t.Fatal(err)
			}
			p.locked(func() { p.record = nil })
			c = open(t, p)
			for key, a := range p.all() {
				if _, ok := login[key]; ok || a.body == "" {
					continue
				}
				for _, m := range mangled(t, a.body) {
					p.locked(func() { p.answers[key] = taped{a.status, a.header, m.document} })
					if remembered.MatchString(key) {
						c = open(t, p)
					}
					err := use(t.Context(), c, is)
					switch e := model.AsError(err); {
					case err == nil && m.empty && !unread.MatchString(key+" "+name):
						t.Errorf("%s: %s passes", key, m.what)
					case err != nil && (m.empty && e.Code != model.Unavailable || e.Code == model.Internal):
						t.Errorf("%s: %s: %v", key, m.what, err)
					}
				}
				p.locked(func() { p.answers[key] = a })
			}
		})
	}
}

// inProcess is a transport to a handler, without a network.
type inProcess struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	return w.Result(), nil
}
