package openstack

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

var _ model.Routers = (*cloud)(nil)

// routerAnswer is a router as Neutron shows it: without its interfaces, which
// are ports.
type routerAnswer struct {
	ID           string    `json:"id"`
	Name         string    `json:"name"`
	Description  string    `json:"description"`
	ProjectID    string    `json:"project_id"`
	Status       string    `json:"status"`
	AdminStateUp bool      `json:"admin_state_up"`
	Created      time.Time `json:"created_at"`
	Updated      time.Time `json:"updated_at"`
	Gateway      struct {
		NetworkID string `json:"network_id"`
	} `json:"external_gateway_info"`
}

// routerBody is {"router": {...}}.
type routerBody struct {
	Router routerAnswer `json:"router"`
}

func (a routerAnswer) model(subnetIDs []string) model.Router {
	slices.Sort(subnetIDs)
	return model.Router{
		ID: a.ID, Name: a.Name, Description: a.Description,
		State: linkState(a.Status, a.AdminStateUp), AdminUp: a.AdminStateUp,
		Created: a.Created.UTC(), Updated: a.Updated.UTC(),
		ExternalNetworkID: a.Gateway.NetworkID, SubnetIDs: slices.Compact(subnetIDs),
	}
}

// interfaceOwners are the device owners of the ports that are a router's
// interfaces on the tenant's subnets: of a plain, a distributed, and a highly
// available one.
var interfaceOwners = []string{"network:router_interface", "network:router_interface_distributed", "network:ha_router_replicated_interface"}

// routerSubnets gives the subnets that routers have interfaces on, by router:
// those of one, or with "" of all the tenant's.
func (c *cloud) routerSubnets(ctx context.Context, id string) (map[string][]string, error) {
	filter := url.Values{"device_owner": interfaceOwners}
	if id != "" {
		filter.Set("device_id", id)
	}
	subnets := map[string][]string{}
	err := c.eachPort(ctx, filter, func(p portAnswer) {
		for _, ip := range p.FixedIPs {
			subnets[p.DeviceID] = append(subnets[p.DeviceID], ip.SubnetID)
		}
	})
	return subnets, err
}

// Routers implements model.Routers.
func (c *cloud) Routers(ctx context.Context) ([]model.Router, error) {
	var answers []routerAnswer
	var subnets map[string][]string
	g, gctx := fanout.WithContext(ctx)
	g.Go(func() error {
		query := url.Values{"project_id": {c.tenant.project}}
		return c.list(gctx, model.NetworkService, request{name: "router_list", path: "routers", query: query}, func() (any, func() string) {
			var page struct {
				Routers []routerAnswer `json:"routers"`
				Links   links          `json:"routers_links"`
			}
			return &page, func() string {
				answers = append(answers, page.Routers...)
				return page.Links.next()
			}
		})
	})
	g.Go(func() (err error) {
		subnets, err = c.routerSubnets(gctx, "")
		return err
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	all := make([]model.Router, len(answers))
	for i, a := range answers {
		all[i] = a.model(subnets[a.ID])
	}
	slices.SortFunc(all, func(a, b model.Router) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// Router implements model.Routers.
func (c *cloud) Router(ctx context.Context, id string) (model.Router, error) {
	path, err := c.routerPath(id)
	if err != nil {
		return model.Router{}, err
	}
	var answer routerBody
	var subnets map[string][]string
	g, gctx := fanout.WithContext(ctx)
	g.Go(func() error { return c.get(gctx, model.NetworkService, "router_show", path, &answer) })
	g.Go(func() (err error) {
		subnets, err = c.routerSubnets(gctx, id)
		return err
	})
	if err := g.Wait(); err != nil {
		return model.Router{}, err
	}
	if answer.Router.ProjectID != c.tenant.project {
		return model.Router{}, noRouter(id)
	}
	return answer.Router.model(subnets[answer.Router.ID]), nil
}

func noRouter(id string) error {
	return model.Errorf(model.NotFound, "there is no router %q", bounded(id, 64))
}

func (c *cloud) routerPath(id string) (string, error) {
	path, err := segment("router", id)
	return "routers/" + path, err
}

// gateway is external_gateway_info: the external network of a router, or none.
func gateway(networkID string) any {
	if networkID == "" {
		return nil
	}
	return map[string]string{"network_id": networkID}
}

// CreateRouter implements model.Routers.
func (c *cloud) CreateRouter(ctx context.Context, r model.RouterCreate) (model.Router, error) {
	if err := checkText("router", r.Name, r.Description); err != nil {
		return model.Router{}, err
	}
	return making[model.Router]{
		noun: "router",
		begin: func(ctx context.Context) (model.Router, error) {
			body := map[string]any{"name": r.Name, "description": r.Description, "admin_state_up": !r.Down}
			if r.ExternalNetworkID != "" {
				body["external_gateway_info"] = gateway(r.ExternalNetworkID)
			}
			var answer routerBody
			err := c.call(ctx, model.NetworkService, request{
				name: "router_create", method: http.MethodPost, path: "routers", body: map[string]any{"router": body}, answer: &answer,
			})
			return answer.Router.model(nil), invalidIfMissing(err)
		},
		finish: func(ctx context.Context, made *model.Router) error {
			for _, subnetID := range r.SubnetIDs {
				if err := c.AddRouterInterface(ctx, made.ID, subnetID); err != nil {
					return err
				}
			}
			made.SubnetIDs = slices.Sorted(slices.Values(r.SubnetIDs))
			return nil
		},
		id:   func(made model.Router) string { return made.ID },
		undo: c.DeleteRouter,
	}.make(ctx, c)
}

// UpdateRouter implements model.Routers.
func (c *cloud) UpdateRouter(ctx context.Context, id string, u model.RouterUpdate) (model.Router, error) {
	if err := checkUpdate("router", u.Name, u.Description, nil, nil); err != nil {
		return model.Router{}, err
	}
	is, err := c.Router(ctx, id)
	if err != nil {
		return model.Router{}, err
	}
	r := revision{noun: "router", path: "routers/" + is.ID}
	revise(&r, "name", u.Name, is.Name)
	revise(&r, "description", u.Description, is.Description)
	revise(&r, "admin_state_up", u.AdminUp, is.AdminUp)
	revise(&r, "external_gateway_info", u.ExternalNetworkID, is.ExternalNetworkID)
	if len(r.now) == 0 {
		return is, nil
	}
	for _, attributes := range []map[string]any{r.now, r.was} {
		if network, ok := attributes["external_gateway_info"].(string); ok {
			attributes["external_gateway_info"] = gateway(network)
		}
	}
	var answer routerBody
	if err := r.make(ctx, c, &answer); err != nil {
		if u.ExternalNetworkID != nil {
			err = notFoundIn(err, *u.ExternalNetworkID)
		}
		return model.Router{}, err
	}
	return answer.Router.model(is.SubnetIDs), nil
}

// routerInterface adds or removes a router's interface on a subnet.
func (c *cloud) routerInterface(ctx context.Context, what, id, subnetID string) error {
	path, err := c.routerPath(id)
	if err != nil {
		return err
	}
	return c.call(ctx, model.NetworkService, request{
		name: "router_interface_" + what, method: http.MethodPut, path: path + "/" + what + "_router_interface",
		body: map[string]any{"subnet_id": subnetID},
	})
}

// AddRouterInterface implements model.Routers.
func (c *cloud) AddRouterInterface(ctx context.Context, id, subnetID string) error {
	if _, err := segment("subnet", subnetID); err != nil {
		return invalidIfMissing(err)
	}
	if err := c.ownRouter(ctx, id); err != nil {
		return err
	}
	if c.login.admin {
		if _, err := c.Subnet(ctx, subnetID); err != nil {
			return invalidIfMissing(err)
		}
	}
	return notFoundIn(c.routerInterface(ctx, "add", id, subnetID), subnetID)
}

// ownRouter keeps an administrator from routers that are not the tenant's.
func (c *cloud) ownRouter(ctx context.Context, id string) error {
	if !c.login.admin {
		return nil
	}
	_, err := c.Router(ctx, id)
	return err
}

// RemoveRouterInterface implements model.Routers.
func (c *cloud) RemoveRouterInterface(ctx context.Context, id, subnetID string) error {
	if _, err := segment("subnet", subnetID); err != nil {
		return err
	}
	if err := c.ownRouter(ctx, id); err != nil {
		return err
	}
	return c.routerInterface(ctx, "remove", id, subnetID)
}

// DeleteRouter implements model.Routers. Neutron deletes none that has
// interfaces.
func (c *cloud) DeleteRouter(ctx context.Context, id string) error {
	r, err := c.Router(ctx, id)
	if err != nil {
		return err
	}
	var steps []step
	for _, subnetID := range r.SubnetIDs {
		set := func(what string) func(context.Context) error {
			return func(ctx context.Context) error { return c.routerInterface(ctx, what, r.ID, subnetID) }
		}
		steps = append(steps, step{"the interface on the subnet " + subnetID, set("remove"), set("add")})
	}
	steps = append(steps, step{what: "the router", do: func(ctx context.Context) error {
		return c.call(ctx, model.NetworkService, request{name: "router_delete", method: http.MethodDelete, path: "routers/" + r.ID})
	}})
	return c.together(ctx, oneByOne, steps)
}
