package sandbox

import (
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"time"
)

// attachment joins a server of Nova's and a volume of Cinder's.
type attachment struct {
	id, bdmID        string
	server           *server
	volume           *volume
	device           string
	tag              string
	deleteWithServer bool
	at               time.Time
}

// attach joins the two: the volume is reserved, and in use after a delay.
func (c *Cloud) attach(s *server, v *volume, device string, deleteWithServer bool) *attachment {
	a := &attachment{id: c.id(), bdmID: c.id(), server: s, volume: v, device: device, deleteWithServer: deleteWithServer, at: c.now()}
	s.attachments = append(s.attachments, a)
	v.attachment = a
	v.status = "attaching"
	c.after(c.opts.Delay, func() {
		if v.attachment == a && v.status == "attaching" {
			v.become("in-use", c.now())
		}
	})
	return a
}

// detach parts them at once.
func (c *Cloud) detach(a *attachment) {
	a.server.attachments = slices.DeleteFunc(a.server.attachments, func(x *attachment) bool { return x == a })
	if a.volume.attachment == a {
		a.volume.attachment = nil
		a.volume.become("available", c.now())
	}
}

// nextDevice gives the server's first free device name.
func (s *server) nextDevice() string {
	first := 'a'
	if s.image != "" {
		first = 'b' // the root disk is no volume
	}
	for letter := first; letter <= 'z'; letter++ {
		device := "/dev/vd" + string(letter)
		if !slices.ContainsFunc(s.attachments, func(a *attachment) bool { return a.device == device }) {
			return device
		}
	}
	return ""
}

func (c *call) writeAttachment(key string, a *attachment) {
	c.out.object(key, func() {
		if c.minor < 89 {
			c.out.str("id", a.volume.id)
		}
		c.out.str("volumeId", a.volume.id)
		c.out.str("serverId", a.server.id)
		c.out.str("device", a.device)
		if c.minor >= 70 {
			c.out.strOrNull("tag", a.tag)
		}
		if c.minor >= 79 {
			c.out.bool("delete_on_termination", a.deleteWithServer)
		}
		if c.minor >= 89 {
			c.out.str("attachment_id", a.id)
			c.out.str("bdm_uuid", a.bdmID)
		}
	})
}

func listAttachments(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	limit, _, err := c.pageQuery()
	if err != nil {
		return err
	}
	items, _, _ := page(s.attachments, func(a *attachment) string { return a.id }, "", limit, c.pageSize())
	c.out.object("", func() {
		c.out.array("volumeAttachments", func() {
			for _, a := range items {
				c.writeAttachment("", a)
			}
		})
	})
	return c.answer(http.StatusOK)
}

// attachment gives the attachment that the path names.
func (c *call) attachment() (*attachment, error) {
	s, err := c.server()
	if err != nil {
		return nil, err
	}
	for _, a := range s.attachments {
		if a.volume.id == c.param(1) {
			return a, nil
		}
	}
	return nil, refuse(http.StatusNotFound, "Instance "+s.id+" is not attached to volume "+c.param(1))
}

func showAttachment(c *call) error {
	a, err := c.attachment()
	if err != nil {
		return err
	}
	c.out.object("", func() { c.writeAttachment("volumeAttachment", a) })
	return c.answer(http.StatusOK)
}

var attachSchema = schema{
	{name: "volumeId", required: true, check: uuid},
	{name: "device", check: deviceName},
	{name: "tag", since: 49, check: text(1, 60)},
	{name: "delete_on_termination", since: 79, check: boolean},
}

var devicePattern = regexp.MustCompile(`^/dev/x?[a-z]?d?[a-z]+[0-9]*$`)

func deviceName(v any) string {
	if name, ok := v.(string); ok && !devicePattern.MatchString(name) {
		return "does not match '(^/dev/x{0,1}[a-z]{0,1}d{0,1})([a-z]+)[0-9]*$'"
	}
	return textOrNull(0, 255)(v)
}

func attachVolume(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	want, err := c.member("volumeAttachment")
	if err != nil {
		return err
	}
	if err := attachSchema.check("volumeAttachment", want, c.minor); err != nil {
		return err
	}
	id := textAt(want, "volumeId")
	v := c.volumes.byID[id]
	switch {
	case s.locked && !c.admin():
		return locked(s)
	case v == nil || v.project != c.project():
		return refuse(http.StatusNotFound, "Volume "+id+" could not be found.")
	case v.attachment != nil:
		return refuse(http.StatusBadRequest, "Invalid volume: volume "+id+" is already attached to instances: "+v.attachment.server.id)
	case v.status != "available":
		return refuse(http.StatusBadRequest, fmt.Sprintf("Invalid input received: Invalid volume: Volume %s status must be available or downloading to reserve, but the current status is %s. (HTTP 400)", id, v.status))
	}
	if err := (transition{name: "attach_volume", from: []string{"active", "stopped", "paused", "shelved", "shelved_offloaded", "resized"}, duringTask: true}).allowed(s); err != nil {
		return err
	}
	device := textAt(want, "device")
	if device == "" || device == "auto" {
		device = s.nextDevice()
	}
	drop, _ := truth(want["delete_on_termination"])
	a := c.attach(s, v, device, drop)
	a.tag = textAt(want, "tag")
	c.log(s, "attach_volume").end = c.now()
	return c.object(http.StatusOK, "volumeAttachment", func() {
		c.out.str("id", v.id)
		c.out.str("serverId", s.id)
		c.out.str("volumeId", v.id)
		c.out.str("device", a.device)
		if c.minor >= 70 {
			c.out.strOrNull("tag", a.tag)
		}
		if c.minor >= 79 {
			c.out.bool("delete_on_termination", a.deleteWithServer)
		}
	})
}

func detachVolume(c *call) error {
	a, err := c.attachment()
	if err != nil {
		return err
	}
	switch {
	case a.server.locked && !c.admin():
		return locked(a.server)
	case a.server.image == "" && a.device == "/dev/vda":
		return refuse(http.StatusBadRequest, "Cannot detach a root device volume")
	case a.volume.status != "in-use":
		return refuse(http.StatusBadRequest, "Invalid volume: Invalid input received: Invalid volume: Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach. (HTTP 400)")
	}
	a.volume.become("detaching", c.now())
	c.log(a.server, "detach_volume").end = c.now()
	cloud := c.Cloud
	c.after(c.opts.Delay, func() {
		if a.volume.attachment == a {
			cloud.detach(a)
		}
	})
	return c.answer(http.StatusAccepted)
}

// disk is a wish of block_device_mapping_v2 for a volume.
type disk struct {
	existing         *volume
	image            *image
	from             *snapshot
	kind             *volumeType // nil: the default
	sizeGiB          int
	boot             bool
	deleteWithServer bool
}

// requestedDisks reads block_device_mapping_v2. Disks on the host (destination
// "local") are no volumes, and need nothing of the sandbox.
func (c *call) requestedDisks(v any) ([]disk, error) {
	wishes, _ := v.([]any)
	var disks []disk
	for _, w := range wishes {
		fields, ok := w.(map[string]any)
		if !ok {
			return nil, invalidField("block_device_mapping_v2", v, noSchema)
		}
		source, target, id := textAt(w, "source_type"), textAt(w, "destination_type"), textAt(w, "uuid")
		if target == "" && (source == "volume" || source == "snapshot") {
			target = "volume"
		}
		d := disk{}
		d.deleteWithServer, _ = truth(fields["delete_on_termination"])
		d.sizeGiB, _ = wholeNumber(fields["volume_size"])
		if index, ok := wholeNumber(fields["boot_index"]); ok && index == 0 {
			d.boot = true
		}
		if target != "volume" {
			continue
		}
		if name := textAt(w, "volume_type"); name != "" && c.minor >= 67 {
			if d.kind = c.volumeType(name); d.kind == nil {
				return nil, refuse(http.StatusBadRequest, "Volume type "+name+" could not be found.")
			}
		}
		if _, given := fields["volume_size"]; given && d.sizeGiB < 1 {
			return nil, invalidField("volume_size", fields["volume_size"], "is less than the minimum of 1")
		}
		switch source {
		case "volume":
			d.existing = c.volumes.byID[id]
			if d.existing == nil || d.existing.project != c.project() || d.existing.status != "available" {
				return nil, refuse(http.StatusBadRequest, "Block Device Mapping is Invalid: failed to get volume "+id+".")
			}
		case "image":
			d.image = c.images.byID[id]
			if d.image == nil || !d.image.usableBy(c.project()) {
				return nil, refuse(http.StatusBadRequest, "Block Device Mapping is Invalid: failed to get image "+id+".")
			}
			if d.sizeGiB == 0 {
				return nil, refuse(http.StatusBadRequest, "Images with destination_type 'volume' need to have a non-zero size specified")
			}
		case "snapshot":
			d.from = c.snapshots.byID[id]
			if d.from == nil || d.from.project != c.project() {
				return nil, refuse(http.StatusBadRequest, "Block Device Mapping is Invalid: failed to get snapshot "+id+".")
			}
			d.sizeGiB = max(d.sizeGiB, d.from.sizeGiB)
		case "blank":
			if d.sizeGiB == 0 {
				return nil, refuse(http.StatusBadRequest, "Blank volumes (source: 'blank', dest: 'volume') need to have non-zero size")
			}
		default:
			return nil, invalidField("source_type", source, "is not one of ['volume', 'image', 'snapshot', 'blank']")
		}
		disks = append(disks, d)
	}
	return disks, nil
}

// volume gives the disk's volume, which may have to be made.
func (d disk) volume(c *call, s *server) *volume {
	if d.existing != nil {
		return d.existing
	}
	v := c.newVolume(c.project(), c.token.user, d.sizeGiB)
	if d.from == nil && d.image == nil {
		v.name = s.id + "-blank-vol"
	}
	switch {
	case d.kind != nil:
		v.kind = d.kind
	case d.from != nil:
		v.kind = d.from.volume.kind
	}
	v.source, v.image = d.from, d.image
	v.bootable = d.image != nil || d.from != nil && d.from.volume.bootable
	return v
}

// origin gives the volume that is there, or that the disk is to be a copy of; nil:
// there is none.
func (d disk) origin() *volume {
	if d.from != nil {
		return d.from.volume
	}
	return d.existing
}

func (d disk) device(s *server) string {
	if d.boot && s.image == "" {
		return "/dev/vda"
	}
	if s.image == "" && len(s.attachments) == 0 {
		return "/dev/vdb"
	}
	return s.nextDevice()
}

func (c *call) writeInterface(key string, p *port) {
	c.out.object(key, func() {
		c.out.str("net_id", p.network.id)
		c.out.str("port_id", p.id)
		c.out.str("mac_addr", p.mac)
		c.out.str("port_state", p.status(c.now()))
		c.out.any("fixed_ips", p.fixedIPs)
		if c.minor >= 70 {
			c.out.null("tag")
		}
	})
}

func listInterfaces(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	c.out.object("", func() {
		c.out.array("interfaceAttachments", func() {
			for _, p := range s.ports {
				c.writeInterface("", p)
			}
		})
	})
	return c.answer(http.StatusOK)
}

func showInterface(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	for _, p := range s.ports {
		if p.id == c.param(1) {
			c.out.object("", func() { c.writeInterface("interfaceAttachment", p) })
			return c.answer(http.StatusOK)
		}
	}
	return refuse(http.StatusNotFound, fmt.Sprintf("Instance %s does not have a port with id %s", s.id, c.param(1)))
}

var (
	interfaceSchema = schema{
		{name: "net_id", check: uuid}, {name: "port_id", check: uuid}, {name: "tag", since: 49, check: text(1, 60)},
		{name: "fixed_ips", check: func(v any) string {
			switch ips, ok := v.([]any); {
			case !ok:
				return "is not of type 'array'"
			case len(ips) == 0:
				return "is too short"
			case len(ips) > 1:
				return "is too long"
			}
			return ""
		}},
	}
	interfaceIPSchema = schema{{name: "ip_address", required: true, check: func(v any) string {
		s, _ := v.(string)
		if _, err := netip.ParseAddr(s); err != nil {
			return "is not valid under any of the given schemas"
		}
		return ""
	}}}
)

// wishedInterface reads what interface a server shall have, and its address.
func (c *call) wishedInterface() (wish map[string]any, ip string, err error) {
	wish, err = c.member("interfaceAttachment")
	if err == nil {
		err = interfaceSchema.check("interfaceAttachment", wish, c.minor)
	}
	ips, given := wish["fixed_ips"].([]any)
	if err != nil || !given {
		return wish, "", err
	}
	one, ok := ips[0].(map[string]any)
	if !ok {
		return nil, "", invalidField("0", ips[0], "is not of type 'object'")
	}
	if err := interfaceIPSchema.check("0", one, c.minor); err != nil {
		return nil, "", err
	}
	if wish["net_id"] == nil {
		return nil, "", refuse(http.StatusBadRequest, "Must input network_id when request IP address")
	}
	return wish, textAt(one, "ip_address"), nil
}

func attachInterface(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	wish, ip, err := c.wishedInterface()
	if err != nil {
		return err
	}
	if s.locked && !c.admin() {
		return locked(s)
	}
	if err := (transition{name: "attach_interface", from: []string{"active", "paused", "stopped"}}).allowed(s); err != nil {
		return err
	}
	portID, netID := textAt(wish, "port_id"), textAt(wish, "net_id")
	var nics []nic
	if portID == "" && netID == "" {
		nics, err = c.onlyNetwork(true)
	} else {
		var one nic
		one, err = c.interfaceNIC(wish, portID, netID, ip)
		nics = []nic{one}
	}
	if err != nil {
		return err
	}
	if c.over("port", c.portsOf(c.project()), newPorts(nics)) {
		return refuse(http.StatusForbidden, "Maximum number of ports exceeded")
	}
	if n := nics[0]; n.port == nil && n.network.external && !c.admin() {
		return refuse(http.StatusForbidden, "It is not allowed to create an interface on external network "+n.network.id)
	}
	if nics[0].problem(s) != "" {
		return remoteFailure("nova.exception_Remote.InvalidInput_Remote")
	}
	p := c.plug(s, nics[0])
	p.activeAt = c.now()
	c.log(s, "attach_interface").end = c.now()
	c.out.object("", func() { c.writeInterface("interfaceAttachment", p) })
	return c.answer(http.StatusOK)
}

// interfaceNIC is requestedNIC for a server that exists: what is wrong with the
// wish, Nova finds where the server is, and has no words for all of it.
func (c *call) interfaceNIC(wish any, portID, netID, ip string) (nic, error) {
	n := c.networks.byID[netID]
	switch {
	case portID != "" && (c.ports.byID[portID] == nil || c.ports.byID[portID].project != c.project()):
		return nic{}, refuse(http.StatusNotFound, "Port id "+portID+" could not be found.")
	case portID == "" && (n == nil || !n.visibleTo(c.project())):
		return nic{}, remoteFailure("oslo_messaging.rpc.client.RemoteError")
	case portID == "" && ip != "" && n.taken(ip):
		return nic{}, refuse(http.StatusConflict, "Fixed IP "+ip+" is already in use.")
	}
	return c.requestedNIC(wish, map[string]any{"port": portID, "uuid": netID, "fixed_ip": ip})
}

// remoteFailure is what Nova says of an error that it did not expect.
func remoteFailure(class string) error {
	return refuse(http.StatusInternalServerError, "Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova API log if possible.\n<class '"+class+"'>")
}

func detachInterface(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	if s.locked && !c.admin() {
		return locked(s)
	}
	if err := (transition{name: "detach_interface", from: []string{"active", "paused", "stopped"}}).allowed(s); err != nil {
		return err
	}
	cloud := c.Cloud
	for _, p := range s.ports {
		if p.id == c.param(1) {
			c.log(s, "detach_interface").end = c.now()
			c.after(c.opts.Delay, func() { cloud.unplug(p) })
		}
	}
	return c.answer(http.StatusAccepted) // whether there is such a port, is seen later
}
