package sandbox

import (
	"fmt"
	"maps"
	"net/http"
)

// capacityGiB is what the storage holds: no volume can be larger.
const capacityGiB = 1 << 20

// volumeSource reads what a new volume shall hold, and how large that makes it.
func (c *call) volumeSource(want map[string]any, kind *volumeType) (draft volume, size int, err error) {
	size, sized := wholeNumber(want["size"])
	if id := textAt(want, "snapshot_id"); id != "" {
		s := c.snapshots.byID[id]
		switch {
		case s == nil || s.project != c.project():
			return draft, 0, noSnapshot(id)
		case s.status != "available":
			return draft, 0, refuse(http.StatusBadRequest, "Invalid snapshot: Originating snapshot status must be one of 'available' values")
		case sized && size < s.sizeGiB:
			return draft, 0, refuse(http.StatusBadRequest, fmt.Sprintf("Invalid input received: Volume size '%d'GB cannot be smaller than the snapshot size %dGB. They must be >= original snapshot size.", size, s.sizeGiB))
		case textAt(want, "volume_type") != "" && kind != s.volume.kind:
			return draft, 0, refuse(http.StatusBadRequest, "Invalid input received: Invalid volume_type provided: "+kind.id+" (requested type is not compatible; recommend omitting the type argument).")
		}
		draft.source, draft.bootable, draft.kind = s, s.volume.bootable, s.volume.kind
		size, sized = max(size, s.sizeGiB), true
	}
	if id := textAt(want, "source_volid"); id != "" {
		old := c.volumes.byID[id]
		if old == nil || old.project != c.project() {
			return draft, 0, noVolume(id)
		}
		draft.sourceVolume, draft.bootable = id, old.bootable
		size, sized = max(size, old.sizeGiB), true
	}
	if id := textAt(want, "imageRef"); id != "" {
		if draft.image = c.images.byID[id]; draft.image == nil || !draft.image.usableBy(c.project()) || draft.image.status != "active" {
			return draft, 0, refuse(http.StatusBadRequest, "Invalid image identifier or unable to access requested image.")
		}
		if sized && size < draft.image.minDiskGiB {
			return draft, 0, refuse(http.StatusBadRequest, fmt.Sprintf("Invalid input received: Volume size %dGB cannot be smaller than the image minDisk size %dGB.", size, draft.image.minDiskGiB))
		}
		draft.bootable = true
	}
	if !sized {
		return draft, 0, refuse(http.StatusBadRequest, "The server could not comply with the request since it is either malformed or otherwise incorrect.")
	}
	return draft, size, nil
}

// overflow has a volume fail that the storage cannot hold, and tells why in a
// message.
func (c *call) overflow(v *volume) {
	if v.sizeGiB <= capacityGiB {
		return
	}
	cloud, due, request := c.Cloud, c.now().Add(c.opts.Delay), c.reqID
	c.after(c.opts.Delay, func() {
		v.become("error", due)
		m := &message{id: cloud.id(), event: "VOLUME_VOLUME_001_003", text: "schedule allocate volume:Could not find any available weighted backend.",
			resource: v.id, project: v.project, request: request, at: due}
		cloud.messages.add(m.id, m)
	})
}

// revertVolume puts a volume back to its newest snapshot. Like Cinder's, it
// leaves the volume reverting if it finds that the snapshot is not available.
func revertVolume(c *call, v *volume, args any) error {
	id := textAt(args, "snapshot_id")
	if id == "" {
		id = "None"
	}
	var newest *snapshot
	for _, s := range c.snapshots.order {
		if s.volume == v {
			newest = s
		}
	}
	cannot := func(s *snapshot) string {
		return "Can't revert volume " + v.id + " to its latest snapshot " + s.id + ". "
	}
	switch {
	case c.minor < 40:
		return refuse(http.StatusNotFound, "The resource could not be found.")
	case newest == nil:
		return refuse(http.StatusBadRequest, "Volume "+v.id+" doesn't have any snapshots.")
	case newest.id != id:
		return refuse(http.StatusBadRequest, "Specified snapshot "+id+" is None or not the latest one of volume "+v.id+".")
	case newest.sizeGiB != v.sizeGiB:
		return refuse(http.StatusBadRequest, cannot(newest)+"The volume size must be equal to the snapshot size.")
	case v.status != "available":
		return refuse(http.StatusConflict, "Invalid volume: "+cannot(newest)+"Volume's status must be 'available'.")
	}
	v.become("reverting", c.now())
	if newest.status != "available" {
		return refuse(http.StatusConflict, "Invalid snapshot: "+cannot(newest)+"Snapshot's status must be 'available'.")
	}
	newest.status = "restoring"
	due := c.now().Add(c.opts.Delay)
	c.after(c.opts.Delay, func() {
		v.become("available", due)
		newest.status, newest.updated = "available", due
	})
	return nil
}

var uploadSchema = schema{
	{name: "image_name", required: true, check: text(1, 255)},
	{name: "force", check: boolean},
	{name: "disk_format", check: oneOf("raw", "vmdk", "vdi", "qcow2", "vhd", "vhdx", "ploop")},
	{name: "container_format", check: text(0, 255)},
	{name: "visibility", since: 1, check: oneOf("community", "public", "private", "shared")},
	{name: "protected", since: 1, check: boolean},
}

// saveVolume makes an image of a volume, which inherits the properties of the image
// that the volume was made of.
func saveVolume(c *call, v *volume, args any) error {
	want, err := c.arguments("os-volume_upload_image", args, uploadSchema)
	if err != nil {
		return err
	}
	if v.status != "available" {
		return refuse(http.StatusBadRequest, "Invalid volume: Volume "+v.id+" status must be available")
	}
	i := c.newImage(c.project(), textAt(want, "image_name"))
	i.visibility, i.diskFormat, i.containerFormat = "private", "raw", "bare"
	if v.image != nil {
		maps.Copy(i.properties, v.image.properties)
	}
	for name, place := range map[string]*string{"visibility": &i.visibility, "disk_format": &i.diskFormat, "container_format": &i.containerFormat} {
		if value := textAt(want, name); value != "" {
			*place = value
		}
	}
	i.protected, _ = truth(want["protected"])
	updated := v.updated
	v.become("uploading", c.now())
	due := c.now().Add(c.opts.Delay)
	c.after(c.opts.Delay, func() {
		v.become("available", due)
		if i.become("active") {
			i.fill(65536)
		}
	})
	return c.object(http.StatusAccepted, "os-volume_upload_image", func() {
		o := &c.out
		o.str("id", v.id)
		o.time("updated_at", updated, microseconds)
		o.str("status", v.status)
		o.strOrNull("display_description", v.description)
		o.num("size", v.sizeGiB)
		o.object("volume_type", func() {
			o.str("id", v.kind.id)
			o.str("name", v.kind.name)
			o.strOrNull("description", v.kind.description)
			o.bool("is_public", true)
			o.object("extra_specs", func() {})
			o.null("qos_specs_id")
			o.time("created_at", v.created, microseconds)
			o.null("updated_at")
			o.null("deleted_at")
			o.bool("deleted", false)
		})
		o.str("image_id", i.id)
		o.str("container_format", i.containerFormat)
		o.str("disk_format", i.diskFormat)
		o.str("image_name", i.name)
		o.bool("protected", i.protected)
		o.str("visibility", i.visibility)
	})
}
