package openstack

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// AttachVolume implements model.Machines.
func (c *cloud) AttachVolume(ctx context.Context, id string, v model.MachineVolume) (model.Attachment, error) {
	path, err := c.machinePath(id)
	if err != nil {
		return model.Attachment{}, err
	}
	switch {
	case v.Boot:
		return model.Attachment{}, model.Errorf(model.Invalid, "a machine that exists cannot be made to boot from another volume")
	case v.New != nil:
		return model.Attachment{}, model.Errorf(model.Invalid, "a volume that is put on a machine that exists must exist, too")
	}
	if !isID(v.VolumeID) || c.hidden(v.VolumeID) {
		return model.Attachment{}, model.Errorf(model.Invalid, "there is no volume %q", bounded(v.VolumeID, 64))
	}
	if err := c.ownBoth(ctx, path, id, func(ctx context.Context) error { return c.ownVolume(ctx, v.VolumeID) }); err != nil {
		return model.Attachment{}, err
	}
	attach := making[model.Attachment]{
		noun: "attachment",
		begin: func(ctx context.Context) (model.Attachment, error) {
			body := map[string]string{"volumeId": v.VolumeID}
			if v.Device != "" {
				body["device"] = v.Device
			}
			var answer struct {
				Attachment struct {
					VolumeID string `json:"volumeId"`
					Device   string `json:"device"`
				} `json:"volumeAttachment"`
			}
			defer c.forgetAttachments(id)
			err := c.call(ctx, model.ComputeService, request{
				name: "attachment_create", method: http.MethodPost, path: path + "/os-volume_attachments",
				body: map[string]any{"volumeAttachment": body}, answer: &answer,
			})
			return model.Attachment{MachineID: id, VolumeID: v.VolumeID, Device: answer.Attachment.Device}, notFoundIn(err, v.VolumeID)
		},
		id:   func(a model.Attachment) string { return a.VolumeID },
		undo: func(ctx context.Context, volume string) error { return c.DetachVolume(ctx, id, volume) },
	}
	var a model.Attachment
	err = c.whenReady(ctx, id, v.VolumeID, beforeFree, func() (err error) {
		a, err = attach.make(ctx, c)
		return err
	})
	return a, err
}

// DetachVolume implements model.Machines.
func (c *cloud) DetachVolume(ctx context.Context, id, volumeID string) error {
	path, err := c.machinePath(id)
	if err != nil {
		return err
	}
	volume, err := segment("volume", volumeID)
	if err != nil {
		return err
	}
	if err := c.own(ctx, path, id); err != nil {
		return err
	}
	defer c.forgetAttachments(id)
	return c.whenReady(ctx, id, volumeID, beforeDetach, func() error {
		return c.call(ctx, model.ComputeService, request{name: "attachment_delete", method: http.MethodDelete, path: path + "/os-volume_attachments/" + volume})
	})
}

// ownBoth is own for a machine and, at the same time, for something that it is
// to have. That what it is to have is not there, is an invalid request.
func (c *cloud) ownBoth(ctx context.Context, path, id string, other func(context.Context) error) error {
	if !c.login.admin {
		return nil
	}
	g, ctx := fanout.WithContext(ctx)
	g.Go(func() error { return c.own(ctx, path, id) })
	g.Go(func() error { return invalidIfMissing(other(ctx)) })
	return g.Wait()
}

// invalidIfMissing makes the error that what a request refers to is not there
// one of the request.
func invalidIfMissing(err error) error {
	if e := model.AsError(err); err != nil && e.Code == model.NotFound {
		invalid := *e
		invalid.Code = model.Invalid
		return &invalid
	}
	return err
}

// notFoundIn is invalidIfMissing for an error that names one of the things
// referred to; what else is not there is the thing addressed.
func notFoundIn(err error, refs ...string) error {
	for _, ref := range refs {
		if err != nil && ref != "" && strings.Contains(model.AsError(err).Message, ref) {
			return invalidIfMissing(err)
		}
	}
	return err
}

// checkInterface refuses what is neither a port nor an address on a network.
func checkInterface(n model.MachineNetwork) error {
	switch {
	case n.PortID == "" && n.NetworkID == "":
		return model.Errorf(model.Invalid, "an interface of the machine names no network")
	case n.PortID != "" && (n.NetworkID != "" || n.FixedIP != ""):
		return model.Errorf(model.Invalid, "an interface with the port %q takes neither a network nor an address", bounded(n.PortID, 64))
	}
	return nil
}

// AttachNetwork implements model.Machines.
func (c *cloud) AttachNetwork(ctx context.Context, id string, n model.MachineNetwork) (model.Port, error) {
	path, err := c.machinePath(id)
	if err != nil {
		return model.Port{}, err
	}
	if err := checkInterface(n); err != nil {
		return model.Port{}, err
	}
	if err := c.ownBoth(ctx, path, id, func(ctx context.Context) error { return c.ownPort(ctx, n.PortID) }); err != nil {
		return model.Port{}, err
	}
	if err := c.attachable(ctx, n); err != nil {
		return model.Port{}, err
	}
	return making[model.Port]{
		noun:  "interface",
		begin: func(ctx context.Context) (model.Port, error) { return c.postInterface(ctx, path, id, n) },
		finish: func(ctx context.Context, p *model.Port) error {
			// It is there, whether or not more can be told of it.
			if whole, err := c.Port(ctx, p.ID); err == nil {
				*p = whole
			}
			return nil
		},
		id:   func(p model.Port) string { return p.ID },
		undo: func(ctx context.Context, port string) error { return c.DetachPort(ctx, id, port) },
	}.make(ctx, c)
}

// attachable refuses a network that is not there, and an address that is not on
// it: Nova answers either with a failure of its own (500). A network may be
// younger than the list that is remembered.
func (c *cloud) attachable(ctx context.Context, n model.MachineNetwork) error {
	if n.NetworkID == "" {
		return nil
	}
	addr, err := netip.ParseAddr(n.FixedIP)
	if n.FixedIP != "" && err != nil {
		return model.Errorf(model.Invalid, "%q is not an IP address", bounded(n.FixedIP, 64))
	}
	var networks []model.Network
	var subnets []model.Subnet
	g, gctx := fanout.WithContext(ctx)
	g.Go(func() (err error) {
		networks, err = c.networkList(gctx)
		return err
	})
	if n.FixedIP != "" {
		g.Go(func() (err error) {
			subnets, err = c.Subnets(gctx)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if !slices.ContainsFunc(networks, func(m model.Network) bool { return m.ID == n.NetworkID }) {
		if _, err := c.Network(ctx, n.NetworkID); err != nil {
			return invalidIfMissing(err)
		}
	}
	if n.FixedIP == "" {
		return nil
	}
	for _, s := range subnets {
		if prefix, err := netip.ParsePrefix(s.CIDR); err == nil && s.NetworkID == n.NetworkID && prefix.Contains(addr) {
			return nil
		}
	}
	return model.Errorf(model.Invalid, "the address %s is not on the network %q", addr, bounded(n.NetworkID, 64))
}

// postInterface has Nova plug a machine into a network.
func (c *cloud) postInterface(ctx context.Context, path, id string, n model.MachineNetwork) (model.Port, error) {
	body := map[string]any{}
	switch {
	case n.PortID != "":
		body["port_id"] = n.PortID
	default:
		body["net_id"] = n.NetworkID
		if n.FixedIP != "" {
			body["fixed_ips"] = []fixedIPRef{{Address: n.FixedIP}}
		}
	}
	var answer struct {
		Interface struct {
			PortID   string       `json:"port_id"`
			NetID    string       `json:"net_id"`
			MAC      string       `json:"mac_addr"`
			State    string       `json:"port_state"`
			FixedIPs []fixedIPRef `json:"fixed_ips"`
		} `json:"interfaceAttachment"`
	}
	err := c.call(ctx, model.ComputeService, request{
		name: "interface_create", method: http.MethodPost, path: path + "/os-interface",
		body: map[string]any{"interfaceAttachment": body}, answer: &answer,
	})
	if err != nil {
		return model.Port{}, notFoundIn(err, n.PortID, n.NetworkID)
	}
	made := answer.Interface
	p := model.Port{ID: made.PortID, NetworkID: made.NetID, MachineID: id, State: linkState(made.State, true), AdminUp: true, MACAddress: made.MAC}
	for _, ip := range made.FixedIPs {
		p.FixedIPs = append(p.FixedIPs, model.FixedIP{SubnetID: ip.SubnetID, Address: ip.Address})
	}
	return p, nil
}

// DetachPort implements model.Machines. Nova accepts any port here, whether the
// machine has it or not.
func (c *cloud) DetachPort(ctx context.Context, id, portID string) error {
	path, err := c.machinePath(id)
	if err != nil {
		return err
	}
	p, err := c.Port(ctx, portID)
	if err != nil {
		return err
	}
	if p.MachineID != id {
		return model.Errorf(model.NotFound, "the machine %q has no port %q", bounded(id, 64), p.ID)
	}
	if err := c.own(ctx, path, id); err != nil {
		return err
	}
	return c.call(ctx, model.ComputeService, request{name: "interface_delete", method: http.MethodDelete, path: path + "/os-interface/" + p.ID})
}
