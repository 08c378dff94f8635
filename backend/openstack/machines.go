package openstack

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// serverAnswer is a server as Nova shows it from 2.60 on. A server of a cell
// that is down (2.69) has little but an id and the status UNKNOWN.
type serverAnswer struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description"`
	TenantID    string            `json:"tenant_id"`
	Status      string            `json:"status"`
	TaskState   string            `json:"OS-EXT-STS:task_state"`
	PowerState  int               `json:"OS-EXT-STS:power_state"`
	Fault       serverFault       `json:"fault"`
	Locked      bool              `json:"locked"`
	Created     time.Time         `json:"created"`
	Updated     time.Time         `json:"updated"`
	Flavor      flavorAnswer      `json:"flavor"`
	Image       serverImage       `json:"image"`
	KeyName     string            `json:"key_name"`
	Hostname    string            `json:"OS-EXT-SRV-ATTR:hostname"`
	Zone        string            `json:"OS-EXT-AZ:availability_zone"`
	Metadata    map[string]string `json:"metadata"`
	Tags        []string          `json:"tags"`
	Addresses   interfaceOrder    `json:"addresses"`
	Volumes     []struct {
		ID string `json:"id"`
	} `json:"os-extended-volumes:volumes_attached"`
	SecurityGroups []struct {
		Name string `json:"name"`
	} `json:"security_groups"`
}

type serverFault struct {
	Message string `json:"message"`
}

// serverImage is {"id": ...}, or "" for a server that boots from a volume.
type serverImage string

// UnmarshalJSON implements json.Unmarshaler.
func (i *serverImage) UnmarshalJSON(b []byte) error {
	var image struct {
		ID string `json:"id"`
	}
	if len(b) > 0 && b[0] == '{' {
		if err := json.Unmarshal(b, &image); err != nil {
			return err
		}
	}
	*i = serverImage(image.ID)
	return nil
}

// interfaceOrder are the MAC addresses of a server's interfaces in the order of its
// devices. Nova shows addresses by the names of their networks, these in the order
// of the devices, and those of one network in that order, too.
type interfaceOrder []string

// UnmarshalJSON implements json.Unmarshaler. Most servers have one address, and so
// no order: theirs is not read.
func (o *interfaceOrder) UnmarshalJSON(b []byte) error {
	const mac = "OS-EXT-IPS-MAC:mac_addr"
	if bytes.Count(b, []byte(mac)) < 2 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	if _, err := dec.Token(); err != nil { // {
		return err
	}
	for dec.More() {
		if _, err := dec.Token(); err != nil { // the network's name
			return err
		}
		var addresses []struct {
			MAC string `json:"OS-EXT-IPS-MAC:mac_addr"`
		}
		if err := dec.Decode(&addresses); err != nil {
			return err
		}
		for _, a := range addresses {
			if !slices.Contains(*o, a.MAC) {
				*o = append(*o, a.MAC)
			}
		}
	}
	return nil
}

// temporaryKey is the name of a key pair that exists only while a machine is
// being made.
var temporaryKey = regexp.MustCompile(`^occimi-[0-9a-f-]{8,36}$`)

// machine translates a server. flavors may be nil: then it tells no flavor id.
func (s *serverAnswer) machine(flavors []model.Flavor) model.Machine {
	state, detail := machineState(s.Status, s.TaskState)
	if state == model.MachineFailed {
		detail = readable(s.Fault.Message)
	}
	m := model.Machine{
		ID:          s.ID,
		Name:        s.Name,
		Description: s.Description,
		State:       state,
		StateDetail: detail,
		Running:     s.PowerState == powerRunning,
		Locked:      s.Locked,
		Created:     s.Created.UTC(),
		Updated:     s.Updated.UTC(),
		Flavor:      identify(s.Flavor.model(), flavors),
		ImageID:     string(s.Image),
		Hostname:    s.Hostname,
		Zone:        s.Zone,
		Metadata:    s.Metadata,
		Tags:        s.Tags,

		MACAddresses: s.Addresses,
	}
	if !temporaryKey.MatchString(s.KeyName) {
		m.KeyName = s.KeyName
	}
	for _, v := range s.Volumes {
		m.VolumeIDs = append(m.VolumeIDs, v.ID)
	}
	for _, g := range s.SecurityGroups { // one entry per port
		if !slices.Contains(m.SecurityGroups, g.Name) {
			m.SecurityGroups = append(m.SecurityGroups, g.Name)
		}
	}
	return m
}

// deletion is a machine, a volume or a snapshot that a tenant has had deleted.
type deletion struct{ project, id string }

// deletionFor is how long a deletion is remembered. It need only last until
// Nova's cheap listing no longer shows the machine; should the deletion fail,
// the machine comes back after it.
const deletionFor = 30 * time.Second

// deleted remembers a deletion that the cloud has begun.
func (c *cloud) deleted(id string) {
	c.p.deletions.put(deletion{c.tenant.project, id}, struct{}{}, deletionFor)
}

// hidden tells whether something is not to be seen, since it has just been
// deleted.
func (c *cloud) hidden(id string) bool {
	return c.hides && c.p.deletions.has(deletion{c.tenant.project, id})
}

// machinePath gives the path of a machine, or NotFound for what cannot be one or
// is hidden.
func (c *cloud) machinePath(id string) (string, error) {
	path, err := segment("machine", id)
	if err == nil && c.hidden(id) {
		err = noMachine(id)
	}
	return "servers/" + path, err
}

func noMachine(id string) error {
	return model.Errorf(model.NotFound, "there is no machine %q", id)
}

// inOrder asks for servers by time of creation. Nova sorts so by default, but
// backwards.
var inOrder = url.Values{"sort_key": {"created_at", "uuid"}, "sort_dir": {"asc", "asc"}}

// MachineRefs implements model.Machines.
func (c *cloud) MachineRefs(ctx context.Context) ([]model.MachineRef, error) {
	var refs []model.MachineRef
	err := c.list(ctx, model.ComputeService, request{name: "server_list", path: "servers", query: inOrder}, func() (any, func() string) {
		var page struct {
			Servers []struct {
				ID   string `json:"id"`
				Name string `json:"name"`
			} `json:"servers"`
			Links links `json:"servers_links"`
		}
		return &page, func() string {
			refs = slices.Grow(refs, len(page.Servers))
			for _, s := range page.Servers {
				if !c.hidden(s.ID) {
					refs = append(refs, model.MachineRef{ID: s.ID, Name: s.Name})
				}
			}
			return page.Links.next()
		}
	})
	return refs, err
}

// Machines implements model.Machines.
func (c *cloud) Machines(ctx context.Context) ([]model.Machine, error) {
	var pages [][]serverAnswer // as they come: servers are too large to be copied for nothing
	count := 0
	flavors, err := c.withFlavors(ctx, func(ctx context.Context) error {
		return c.list(ctx, model.ComputeService, request{name: "server_list_detail", path: "servers/detail", query: inOrder}, func() (any, func() string) {
			var page struct {
				Servers []serverAnswer `json:"servers"`
				Links   links          `json:"servers_links"`
			}
			return &page, func() string {
				pages = append(pages, page.Servers)
				count += len(page.Servers)
				return page.Links.next()
			}
		})
	})
	if err != nil {
		return nil, err
	}
	machines := make([]model.Machine, 0, count)
	for _, servers := range pages {
		for i := range servers {
			if c.shows(&servers[i]) {
				machines = append(machines, servers[i].machine(flavors))
			}
		}
	}
	slices.SortFunc(machines, func(a, b model.Machine) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return machines, nil
}

// Machine implements model.Machines.
func (c *cloud) Machine(ctx context.Context, id string) (model.Machine, error) {
	path, err := c.machinePath(id)
	if err != nil {
		return model.Machine{}, err
	}
	var server serverAnswer
	flavors, err := c.withFlavors(ctx, func(ctx context.Context) (err error) {
		server, err = c.server(ctx, path, id)
		return err
	})
	if err != nil {
		return model.Machine{}, err
	}
	return server.machine(flavors), nil
}

// withFlavors reads servers and, at the same time, the flavors that they are
// made of, unless those are remembered.
func (c *cloud) withFlavors(ctx context.Context, servers func(context.Context) error) (flavors []model.Flavor, err error) {
	g, ctx := fanout.WithContext(ctx)
	g.Go(func() error { return servers(ctx) })
	g.Go(func() (err error) {
		flavors, err = c.flavorList(ctx)
		return err
	})
	return flavors, g.Wait()
}

// server reads one server of the tenant.
func (c *cloud) server(ctx context.Context, path, id string) (serverAnswer, error) {
	var answer struct {
		Server serverAnswer `json:"server"`
	}
	if err := c.get(ctx, model.ComputeService, "server_show", path, &answer); err != nil {
		return serverAnswer{}, err
	}
	return answer.Server, c.present(answer.Server, id)
}

// present is NotFound for a server that is not there, or is not the tenant's: an
// administrator is shown the servers of every project.
func (c *cloud) present(s serverAnswer, id string) error {
	if !c.shows(&s) || s.TenantID != c.tenant.project {
		return noMachine(id)
	}
	return nil
}

// shows tells whether a server is there: one that Nova only keeps, so that it can be
// restored, is not, and one that is being deleted may be hidden. That is one with
// status DELETED, too, as long as Nova shows it: it takes another deletion.
func (c *cloud) shows(s *serverAnswer) bool {
	state, _ := machineState(s.Status, s.TaskState)
	switch {
	case state != model.MachineDeleting:
		return !c.hidden(s.ID)
	case s.Status == "SOFT_DELETED":
		return false
	}
	return !c.hides
}

// own makes sure that what is about to be changed is the tenant's: for an
// administrator, OpenStack would not. Others need no call for it.
func (c *cloud) own(ctx context.Context, path, id string) error {
	if !c.login.admin {
		return nil
	}
	_, err := c.server(ctx, path, id)
	return err
}
