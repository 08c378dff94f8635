package openstack

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// Bodies of Nova's POST /servers.
type (
	serverCreate struct {
		Name        string            `json:"name"`
		Description string            `json:"description,omitempty"`
		Hostname    string            `json:"hostname,omitempty"` // 2.90
		FlavorRef   string            `json:"flavorRef"`
		ImageRef    string            `json:"imageRef,omitempty"`
		KeyName     string            `json:"key_name,omitempty"`
		AdminPass   string            `json:"adminPass,omitempty"`
		UserData    string            `json:"user_data,omitempty"` // Base64
		Zone        string            `json:"availability_zone,omitempty"`
		Metadata    map[string]string `json:"metadata,omitempty"`
		Tags        []string          `json:"tags,omitempty"` // 2.52
		Networks    any               `json:"networks"`       // []serverNetwork or "none"
		Groups      []groupRef        `json:"security_groups,omitempty"`
		Devices     []blockDevice     `json:"block_device_mapping_v2,omitempty"`
	}
	serverNetwork struct {
		UUID    string `json:"uuid,omitempty"`
		FixedIP string `json:"fixed_ip,omitempty"`
		Port    string `json:"port,omitempty"`
	}
	groupRef struct {
		Name string `json:"name"` // or id
	}
	blockDevice struct {
		UUID                string `json:"uuid,omitempty"` // of the source
		SourceType          string `json:"source_type"`
		DestinationType     string `json:"destination_type"`
		BootIndex           int    `json:"boot_index"` // -1: not booted from
		DeviceName          string `json:"device_name,omitempty"`
		Size                int    `json:"volume_size,omitempty"` // GiB
		Type                string `json:"volume_type,omitempty"` // 2.67
		DeleteOnTermination bool   `json:"delete_on_termination"`
	}
)

const (
	maxName     = 255   // characters
	maxUserData = 65535 // bytes of Base64
)

// CreateMachine implements model.Machines.
func (c *cloud) CreateMachine(ctx context.Context, r model.MachineCreate) (model.Machine, error) {
	if err := checkCreate(r); err != nil {
		return model.Machine{}, err
	}
	_, version, err := c.service(ctx, model.ComputeService)
	if err != nil {
		return model.Machine{}, err
	}
	if r.Hostname != "" && version.less(computeHostname) {
		return model.Machine{}, model.Errorf(model.Unsupported, "this cloud derives host names from names: it cannot give a machine the host name %q", r.Hostname)
	}
	typed := slices.ContainsFunc(r.Volumes, func(v model.MachineVolume) bool { return v.New != nil && v.New.Type != "" })
	if typed && version.less(computeVolumeType) {
		return model.Machine{}, model.Errorf(model.Unsupported, "this cloud cannot choose the type of a volume that is made with a machine")
	}
	// A client that goes away must not tear a call in two: then nobody would
	// know whether the machine was made. The deadline still holds.
	steady, cancel := uncancelled(ctx)
	defer cancel()

	body := serverBody(r)
	var temporary string
	g, gctx := fanout.WithContext(steady)
	g.Go(func() (err error) {
		body.Networks, err = c.interfaces(gctx, r.Networks)
		return err
	})
	if r.PublicKey != "" {
		temporary = "occimi-" + c.p.config.NewID()
		body.KeyName = temporary
		g.Go(func() error {
			_, err := c.CreateKeyPair(steady, temporary, r.PublicKey)
			return err
		})
	}
	err = g.Wait()
	var id string
	if err == nil && ctx.Err() == nil {
		id, err = c.postServer(steady, body)
	}
	if temporary != "" { // Nova keeps a copy of the key with the server
		patient, cancel := context.WithTimeout(steady, keyWait)
		defer cancel()
		defer c.p.meanwhile(patient, func(ctx context.Context) { c.removeTemporaryKey(ctx, temporary) })()
	}
	switch {
	case err != nil:
		if len(r.Networks) == 0 && model.IsCode(err, model.Invalid) {
			c.p.networks.forget(ofProject(c.tenant.project)) // the chosen one may be gone
		}
		return model.Machine{}, createError(err, r)
	case ctx.Err() != nil:
		return model.Machine{}, c.undoCreate(ctx, id, r.Name)
	}
	m, err := c.Machine(steady, id)
	if err != nil { // it exists all the same
		now := c.p.config.Now().UTC()
		return model.Machine{
			ID: id, Name: r.Name, Description: r.Description, State: model.MachineCreating,
			Created: now, Updated: now, Flavor: model.Flavor{ID: r.FlavorID}, ImageID: r.ImageID,
			KeyName: r.KeyName, Hostname: r.Hostname, Zone: r.Zone, Metadata: r.Metadata, Tags: r.Tags,
		}, nil
	}
	return m, nil
}

// checkCreate refuses what can never work, and what would be ambiguous.
func checkCreate(r model.MachineCreate) error {
	boots := 0
	for _, v := range r.Volumes {
		switch {
		case v.New == nil && v.VolumeID == "":
			return model.Errorf(model.Invalid, "a volume of the machine has no id")
		case v.New != nil && v.VolumeID != "":
			return model.Errorf(model.Invalid, "the volume %q of the machine cannot be a new one, too", bounded(v.VolumeID, 64))
		case v.New != nil:
			if err := checkSource(v.New.SizeGiB, v.New.SnapshotID, v.New.ImageID); err != nil {
				return err
			}
		}
		if v.Boot {
			boots++
		}
	}
	for _, n := range r.Networks {
		if err := checkInterface(n); err != nil {
			return err
		}
	}
	switch {
	case r.Name == "":
		return model.Errorf(model.Invalid, "a machine needs a name")
	case r.FlavorID == "":
		return model.Errorf(model.Invalid, "a machine needs a flavor")
	case boots > 1:
		return model.Errorf(model.Invalid, "a machine boots from one volume, not from %d", boots)
	case (r.ImageID == "") == (boots == 0):
		return model.Errorf(model.Invalid, "a machine needs either an image or a volume to boot from")
	case r.KeyName != "" && r.PublicKey != "":
		return model.Errorf(model.Invalid, "give either the name of a key pair or a public key")
	case base64.StdEncoding.EncodedLen(len(r.UserData)) > maxUserData:
		return model.Errorf(model.Invalid, "the user data have %d bytes in Base64; at most %d are possible", base64.StdEncoding.EncodedLen(len(r.UserData)), maxUserData)
	}
	return checkName("machine", r.Name)
}

// checkName refuses names that are too long, with a better text than the
// services have.
func checkName(noun, name string) error {
	if n := utf8.RuneCountInString(name); n > maxName {
		return model.Errorf(model.Invalid, "the name of the %s has %d characters; at most %d are possible", noun, n, maxName)
	}
	return nil
}

func serverBody(r model.MachineCreate) serverCreate {
	body := serverCreate{
		Name: r.Name, Description: r.Description, Hostname: r.Hostname, FlavorRef: r.FlavorID, ImageRef: r.ImageID,
		KeyName: r.KeyName, AdminPass: r.Password, UserData: base64.StdEncoding.EncodeToString(r.UserData), Zone: r.Zone, Metadata: r.Metadata, Tags: r.Tags,
	}
	if len(r.Volumes) > 0 && r.ImageID != "" {
		// With any device given, Nova wants to be told of the image's too.
		body.Devices = append(body.Devices, blockDevice{
			UUID: r.ImageID, SourceType: "image", DestinationType: "local", DeleteOnTermination: true,
		})
	}
	for _, g := range r.SecurityGroups {
		body.Groups = append(body.Groups, groupRef{g})
	}
	for _, v := range r.Volumes {
		d := blockDevice{UUID: v.VolumeID, SourceType: "volume"}
		if v.New != nil {
			d = newDevice(*v.New)
		}
		d.DestinationType, d.BootIndex, d.DeviceName = "volume", -1, v.Device
		if v.Boot {
			d.BootIndex = 0
		}
		body.Devices = append(body.Devices, d)
	}
	return body
}

// newDevice is a volume that Nova has made.
func newDevice(n model.NewVolume) blockDevice {
	d := blockDevice{SourceType: "blank", Size: n.SizeGiB, Type: n.Type}
	switch {
	case n.SnapshotID != "":
		d.SourceType, d.UUID = "snapshot", n.SnapshotID
	case n.ImageID != "":
		d.SourceType, d.UUID = "image", n.ImageID
	}
	return d
}

// interfaces gives what to ask Nova for: the wanted networks, or else the
// tenant's only one, or none.
func (c *cloud) interfaces(ctx context.Context, wanted []model.MachineNetwork) (any, error) {
	if len(wanted) > 0 {
		nets := make([]serverNetwork, 0, len(wanted))
		for _, n := range wanted {
			nets = append(nets, serverNetwork{UUID: n.NetworkID, FixedIP: n.FixedIP, Port: n.PortID})
		}
		return nets, nil
	}
	all, err := c.networkList(ctx)
	if err != nil {
		return nil, err
	}
	own := slices.DeleteFunc(slices.Clone(all), func(n model.Network) bool { return n.External })
	switch len(own) {
	case 0:
		return "none", nil
	case 1:
		return []serverNetwork{{UUID: own[0].ID}}, nil
	}
	var names []string
	for _, n := range own {
		names = append(names, fmt.Sprintf("%s (%s)", n.Name, n.ID))
	}
	return nil, model.Errorf(model.Conflict, "there are several networks; choose one of: %s", bounded(oneLine(strings.Join(names, ", ")), maxChoices))
}

// postServer has a server made and gives its id.
func (c *cloud) postServer(ctx context.Context, body serverCreate) (string, error) {
	var answer struct {
		Server struct {
			ID string `json:"id"`
		} `json:"server"`
	}
	err := c.call(ctx, model.ComputeService, request{
		name: "server_create", method: http.MethodPost, path: "servers",
		body: map[string]any{"server": body}, answer: &answer,
	})
	return answer.Server.ID, err
}

// createError says which of the things referred to does not exist: Nova does not
// always.
func createError(err error, r model.MachineCreate) error {
	e := *model.AsError(err)
	if f, ok := errors.AsType[failure](err); ok && f.label.request == "server_create" && f.maybeDone {
		e.Message += fmt.Sprintf("; a machine %q may have been made nevertheless: look for it before trying again", bounded(r.Name, 64))
	}
	if e.Code == model.NotFound {
		e.Code = model.Invalid
	}
	if e.Code != model.Invalid {
		return &e
	}
	for _, ref := range []struct{ says, noun, id string }{
		{"image", "image", r.ImageID},
		{"key_name", "key pair", r.KeyName},
		{"availability zone", "availability zone", r.Zone},
	} {
		if ref.id != "" && strings.Contains(e.Message, ref.says) && !strings.Contains(e.Message, ref.id) {
			e.Message = fmt.Sprintf("%s %q: %s", ref.noun, bounded(ref.id, 64), e.Message)
		}
	}
	return &e
}

// undoCreate deletes a machine whose client is gone before it was told.
func (c *cloud) undoCreate(ctx context.Context, id, name string) error {
	ended := interrupted(ctx.Err())
	if id == "" {
		return ended
	}
	problem := c.undo(ctx, "machine "+id, func(ctx context.Context) error { return c.DeleteMachine(ctx, id) })
	return notUndone(ended, problem, fmt.Sprintf("the machine %q (%s)", bounded(name, 64), id))
}

// keyWait is how long the answer waits for the removal of a temporary key pair: in
// the listings here none is shown, but other clients should not see it either.
const keyWait = 2 * time.Second

// removeTemporaryKey removes a key pair, in ctx's time.
func (c *cloud) removeTemporaryKey(ctx context.Context, name string) {
	_ = c.takeBack(ctx, "key pair "+name, func(ctx context.Context) error { return c.DeleteKeyPair(ctx, name) }) // it is logged
}

// uncancelled gives a context with ctx's values and deadline that does not end
// when ctx is cancelled.
func uncancelled(ctx context.Context) (context.Context, context.CancelFunc) {
	steady := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(steady, deadline)
	}
	return context.WithCancel(steady)
}
