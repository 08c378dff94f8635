package openstack

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// portGroups is what of a port concerns security groups.
type portGroups struct {
	ID          string   `json:"id"`
	DeviceID    string   `json:"device_id"`
	DeviceOwner string   `json:"device_owner"`
	Groups      []string `json:"security_groups"`
	Secure      *bool    `json:"port_security_enabled"` // null without the extension: it is
	Revision    int      `json:"revision_number"`
}

// machinePortGroups lists the ports of one machine, or with "" those of all the
// tenant's machines.
func (c *cloud) machinePortGroups(ctx context.Context, machineID string) ([]portGroups, error) {
	query := url.Values{
		"project_id": {c.tenant.project},
		"fields":     {"id", "device_id", "device_owner", "security_groups", "port_security_enabled", "revision_number"},
	}
	if machineID != "" {
		if !isID(machineID) {
			return nil, nil
		}
		query.Set("device_id", machineID)
	}
	var all []portGroups
	err := c.list(ctx, model.NetworkService, request{name: "port_list", path: "ports", query: query}, func() (any, func() string) {
		var page struct {
			Ports []portGroups `json:"ports"`
			Links links        `json:"ports_links"`
		}
		return &page, func() string {
			for _, p := range page.Ports {
				if p.DeviceID != "" && strings.HasPrefix(p.DeviceOwner, "compute:") {
					all = append(all, p)
				}
			}
			return page.Links.next()
		}
	})
	return all, err
}

// setGroups gives the step that gives a port other groups, unless somebody else
// has changed the port meanwhile.
func (c *cloud) setGroups(p portGroups, groups []string) step {
	put := func(groups []string, header map[string]string) func(context.Context) error {
		return func(ctx context.Context) error {
			return c.call(ctx, model.NetworkService, request{
				name: "port_update", method: http.MethodPut, path: "ports/" + url.PathEscape(p.ID), header: header,
				body: map[string]any{"port": map[string]any{"security_groups": groups}},
			})
		}
	}
	return step{"port " + p.ID, put(groups, unchangedSince(p.Revision)), put(p.Groups, nil)}
}

// AddSecurityGroup implements model.SecurityGroups. It changes the ports: Nova
// would stop at the first one that has the group already.
func (c *cloud) AddSecurityGroup(ctx context.Context, machineID, groupID string) error {
	path, err := c.machinePath(machineID)
	if err != nil {
		return err
	}
	if !isID(groupID) {
		return model.Errorf(model.Invalid, "there is no security group %q", bounded(groupID, 64))
	}
	var ports []portGroups
	g, gctx := fanout.WithContext(ctx)
	g.Go(func() (err error) {
		ports, err = c.machinePortGroups(gctx, machineID)
		return err
	})
	if c.login.admin { // to whom Neutron would give any project's group
		g.Go(func() error {
			_, err := c.SecurityGroup(gctx, groupID)
			return invalidIfMissing(err)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	var steps []step
	has := false
	for _, p := range ports {
		switch {
		case slices.Contains(p.Groups, groupID):
			has = true
		case p.Secure == nil || *p.Secure:
			steps = append(steps, c.setGroups(p, append(slices.Clone(p.Groups), groupID)))
		}
	}
	if len(steps) == 0 && !has {
		if _, err := c.server(ctx, path, machineID); err != nil {
			return err
		}
		return model.Errorf(model.Conflict, "the machine %q has no interface that a security group could be given to", machineID)
	}
	return notFoundIn(c.together(ctx, atOnce, steps), groupID)
}

// RemoveSecurityGroup implements model.SecurityGroups.
func (c *cloud) RemoveSecurityGroup(ctx context.Context, machineID, groupID string) error {
	if _, err := c.machinePath(machineID); err != nil {
		return err
	}
	ports, err := c.machinePortGroups(ctx, machineID)
	if err != nil {
		return err
	}
	var steps []step
	for _, p := range ports {
		if slices.Contains(p.Groups, groupID) {
			rest := slices.DeleteFunc(slices.Clone(p.Groups), func(id string) bool { return id == groupID })
			steps = append(steps, c.setGroups(p, rest))
		}
	}
	if len(steps) == 0 {
		return model.Errorf(model.NotFound, "the machine %q does not have the security group %q", bounded(machineID, 64), bounded(groupID, 64))
	}
	return c.together(ctx, atOnce, steps)
}
