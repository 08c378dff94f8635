package sandbox

import (
	"fmt"
	"net/http"
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
