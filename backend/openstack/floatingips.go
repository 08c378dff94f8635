package openstack

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

var _ model.FloatingIPs = (*cloud)(nil)

// floatingIPAnswer is a floating IP as Neutron shows it. The port's details need
// an extension (fip-port-details) that is as old as Rocky.
type floatingIPAnswer struct {
	ID          string    `json:"id"`
	ProjectID   string    `json:"project_id"`
	Address     string    `json:"floating_ip_address"`
	NetworkID   string    `json:"floating_network_id"`
	Description string    `json:"description"`
	PortID      string    `json:"port_id"`
	FixedIP     string    `json:"fixed_ip_address"`
	Created     time.Time `json:"created_at"`
	Tags        []string  `json:"tags"`
	Revision    int       `json:"revision_number"`
	Port        struct {
		DeviceID    string `json:"device_id"`
		DeviceOwner string `json:"device_owner"`
	} `json:"port_details"`
}

// floatingIPBody is {"floatingip": {...}}.
type floatingIPBody struct {
	FloatingIP floatingIPAnswer `json:"floatingip"`
}

func (a floatingIPAnswer) model() model.FloatingIP {
	f := model.FloatingIP{
		ID: a.ID, Address: a.Address, NetworkID: a.NetworkID, Description: a.Description, State: model.LinkDown,
		PortID: a.PortID, FixedIP: a.FixedIP, Created: a.Created.UTC(), Tags: a.Tags,
	}
	if a.PortID != "" {
		f.State = model.LinkUp
	}
	if strings.HasPrefix(a.Port.DeviceOwner, "compute:") {
		f.MachineID = a.Port.DeviceID
	}
	return f
}

func noFloatingIP(id string) error {
	return model.Errorf(model.NotFound, "there is no floating IP %q", bounded(id, 64))
}

// FloatingIPs implements model.FloatingIPs.
func (c *cloud) FloatingIPs(ctx context.Context) ([]model.FloatingIP, error) {
	if c.p.noFloatingIPs.has(c.tenant) {
		return nil, nil
	}
	remember := c.p.noFloatingIPs.reading()
	var all []model.FloatingIP
	query := url.Values{"project_id": {c.tenant.project}}
	err := c.list(ctx, model.NetworkService, request{name: "floatingip_list", path: "floatingips", query: query}, func() (any, func() string) {
		var page struct {
			FloatingIPs []floatingIPAnswer `json:"floatingips"`
			Links       links              `json:"floatingips_links"`
		}
		return &page, func() string {
			for _, f := range page.FloatingIPs {
				all = append(all, f.model())
			}
			return page.Links.next()
		}
	})
	slices.SortFunc(all, func(a, b model.FloatingIP) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	if err == nil && len(all) == 0 {
		remember(c.tenant, struct{}{}, min(noneFor, c.p.config.ListCacheFor))
	}
	return all, err
}

// noneFor is how long it is remembered that a tenant has no floating IP at all,
// as most tenants do: it spares every read of a machine a call.
const noneFor = 5 * time.Second

// FloatingIP implements model.FloatingIPs.
func (c *cloud) FloatingIP(ctx context.Context, id string) (model.FloatingIP, error) {
	f, err := c.floatingIP(ctx, id)
	return f.model(), err
}

// floatingIP reads one of the tenant's.
func (c *cloud) floatingIP(ctx context.Context, id string) (floatingIPAnswer, error) {
	path, err := segment("floating IP", id)
	if err != nil {
		return floatingIPAnswer{}, err
	}
	var answer floatingIPBody
	if err := c.get(ctx, model.NetworkService, "floatingip_show", "floatingips/"+path, &answer); err != nil {
		return floatingIPAnswer{}, err
	}
	if answer.FloatingIP.ProjectID != c.tenant.project {
		return floatingIPAnswer{}, noFloatingIP(id)
	}
	return answer.FloatingIP, nil
}

// floatingIPCreate is the body of Neutron's POST /floatingips.
type floatingIPCreate struct {
	NetworkID   string `json:"floating_network_id"`
	Address     string `json:"floating_ip_address,omitempty"`
	PortID      string `json:"port_id,omitempty"`
	Description string `json:"description,omitempty"`
}

// CreateFloatingIP implements model.FloatingIPs.
func (c *cloud) CreateFloatingIP(ctx context.Context, r model.FloatingIPCreate) (model.FloatingIP, error) {
	if err := checkText("floating IP", "", r.Description); err != nil {
		return model.FloatingIP{}, err
	}
	if err := checkTags(r.Tags); err != nil {
		return model.FloatingIP{}, err
	}
	if r.NetworkID == "" {
		return model.FloatingIP{}, model.Errorf(model.Invalid, "a floating IP needs an external network to come from")
	}
	if err := invalidIfMissing(c.ownPort(ctx, r.PortID)); err != nil {
		return model.FloatingIP{}, err
	}
	defer c.p.noFloatingIPs.forget(ofProject(c.tenant.project))
	return making[model.FloatingIP]{
		noun: "floating IP",
		begin: func(ctx context.Context) (model.FloatingIP, error) {
			var answer floatingIPBody
			err := c.call(ctx, model.NetworkService, request{
				name: "floatingip_create", method: http.MethodPost, path: "floatingips", answer: &answer,
				body: map[string]any{"floatingip": floatingIPCreate{r.NetworkID, r.Address, r.PortID, r.Description}},
			})
			return answer.FloatingIP.model(), invalidIfMissing(err)
		},
		finish: func(ctx context.Context, f *model.FloatingIP) error {
			if f.PortID != "" {
				// The answer does not tell whose the port is. The address is there,
				// whether or not that can be told.
				if whole, err := c.FloatingIP(ctx, f.ID); err == nil {
					*f = whole
				}
			}
			f.Tags = tagged(nil, r.Tags, nil)
			return c.setTags(ctx, "floatingip", "floatingips/"+f.ID, r.Tags)
		},
		id:   func(f model.FloatingIP) string { return f.ID },
		undo: c.DeleteFloatingIP,
	}.make(ctx, c)
}

// PointFloatingIP implements model.FloatingIPs. Neutron would move an address
// from one port to another without a word.
func (c *cloud) PointFloatingIP(ctx context.Context, id, portID string) (model.FloatingIP, error) {
	var f floatingIPAnswer
	g, gctx := fanout.WithContext(ctx)
	g.Go(func() (err error) {
		f, err = c.floatingIP(gctx, id)
		return err
	})
	g.Go(func() error { return invalidIfMissing(c.ownPort(gctx, portID)) })
	if err := g.Wait(); err != nil {
		return model.FloatingIP{}, err
	}
	switch {
	case f.PortID == portID:
		return f.model(), nil
	case f.PortID != "" && portID != "":
		return model.FloatingIP{}, model.Errorf(model.Conflict, "the floating IP %s points at the port %q already", f.Address, f.PortID)
	}
	var port any
	if portID != "" {
		port = portID
	}
	var answer floatingIPBody
	err := c.call(ctx, model.NetworkService, request{
		name: "floatingip_update", method: http.MethodPut, path: "floatingips/" + f.ID, answer: &answer,
		body:   map[string]any{"floatingip": map[string]any{"port_id": port}},
		header: unchangedSince(f.Revision),
	})
	if err != nil {
		return model.FloatingIP{}, notFoundIn(err, portID)
	}
	return answer.FloatingIP.model(), nil
}

// unchangedSince has Neutron refuse a change (412) of what somebody else has
// changed since it was read.
func unchangedSince(revision int) map[string]string {
	return map[string]string{"If-Match": "revision_number=" + strconv.Itoa(revision)}
}

// UpdateFloatingIP implements model.FloatingIPs.
func (c *cloud) UpdateFloatingIP(ctx context.Context, id string, u model.FloatingIPUpdate) (model.FloatingIP, error) {
	if err := checkUpdate("floating IP", nil, u.Description, u.AddTags, u.RemoveTags); err != nil {
		return model.FloatingIP{}, err
	}
	f, err := c.floatingIP(ctx, id)
	if err != nil {
		return model.FloatingIP{}, err
	}
	r := revision{noun: "floatingip", path: "floatingips/" + f.ID}
	r.steps = c.tagSteps(model.NetworkService, r.noun, r.path, f.Tags, u.AddTags, u.RemoveTags)
	revise(&r, "description", u.Description, f.Description)
	var answer floatingIPBody
	if err := r.make(ctx, c, &answer); err != nil {
		return model.FloatingIP{}, err
	}
	tags := tagged(f.Tags, u.AddTags, u.RemoveTags)
	if len(r.now) > 0 {
		f = answer.FloatingIP
	}
	f.Tags = tags
	return f.model(), nil
}

// DeleteFloatingIP implements model.FloatingIPs.
func (c *cloud) DeleteFloatingIP(ctx context.Context, id string) error {
	path, err := segment("floating IP", id)
	if err != nil {
		return err
	}
	if c.login.admin {
		if _, err := c.floatingIP(ctx, id); err != nil {
			return err
		}
	}
	return c.call(ctx, model.NetworkService, request{name: "floatingip_delete", method: http.MethodDelete, path: "floatingips/" + path})
}
