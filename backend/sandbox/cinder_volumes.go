package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

type volumeType struct{ id, name, description string }

type volume struct {
	id, name, description, project string
	user                           *user
	sizeGiB                        int
	status                         string
	kind                           *volumeType
	source                         *snapshot
	sourceVolume                   string
	image                          *image
	bootable                       bool
	metadata                       map[string]string
	attachment                     *attachment
	created, updated               time.Time
}

func (v *volume) become(status string, now time.Time) {
	v.status, v.updated = status, now
}

func (c *Cloud) seedVolumeTypes() {
	c.volumeTypes = []*volumeType{
		{c.id(), "lab", ""},
		{c.id(), "__DEFAULT__", "Default Volume Type"},
	}
}

// newVolume makes a volume that is being created.
func (c *Cloud) newVolume(project string, u *user, sizeGiB int) *volume {
	v := &volume{id: c.id(), project: project, user: u, sizeGiB: sizeGiB, status: "creating", kind: c.volumeTypes[0],
		metadata: map[string]string{}, created: c.now()}
	c.volumes.add(v.id, v)
	due := c.now().Add(c.opts.Delay)
	c.after(c.opts.Delay, func() {
		if v.status == "creating" {
			v.become("available", due)
		}
	})
	return v
}

// volume gives the volume that the path names.
func (c *call) volume() (*volume, error) {
	if v := c.volumes.byID[c.param(0)]; v != nil && v.project == c.project() {
		return v, nil
	}
	return nil, noVolume(c.param(0))
}

func noVolume(id string) error {
	return refuse(http.StatusNotFound, "Volume "+id+" could not be found.")
}

var volumeQueries = []string{"limit", "offset", "marker", "sort", "sort_key", "sort_dir", "all_tenants", "name", "status", "metadata", "bootable", "migration_status", "availability_zone", "group_id", "size", "created_at", "updated_at", "volume_type", "project_id", "with_count", "display_name", "id"}

// listQueries are the query parameters of every listing of Cinder's: a cloud
// without rules of its own lets nothing else be asked of newer listings.
var listQueries = []string{"limit", "offset", "marker", "sort", "sort_key", "sort_dir", "all_tenants", "with_count"}

// onlyQueries refuses query parameters other than these.
func (c *call) onlyQueries(known []string) error {
	for name := range c.query {
		if !slices.Contains(known, name) {
			return refuse(http.StatusBadRequest, "Invalid filters "+name+" are found in query options.")
		}
	}
	return nil
}

func listVolumes(detail bool) func(*call) error {
	return func(c *call) error {
		if err := c.onlyQueries(volumeQueries); err != nil {
			return err
		}
		found := c.volumes.where(func(v *volume) bool {
			have := map[string]string{"name": v.name, "display_name": v.name, "status": v.status, "id": v.id, "size": fmt.Sprint(v.sizeGiB), "bootable": fmt.Sprint(v.bootable), "availability_zone": zone, "volume_type": v.kind.name}
			for name, values := range c.query {
				if value, ok := have[name]; ok && !slices.Contains(values, value) {
					return false
				}
			}
			return v.project == c.project()
		})
		slices.Reverse(found) // newest first
		path := "/volumes"
		if detail {
			path += "/detail"
		}
		return cinderPage(c, "volumes", path, found, func(v *volume) string { return v.id }, "Volume", func(v *volume) {
			if detail {
				c.writeVolume("", v, true)
				return
			}
			c.out.object("", func() {
				c.out.str("id", v.id)
				c.out.str("name", v.name)
				c.writeVolumeLinks(v)
			})
		})
	}
}

func showVolume(c *call) error {
	v, err := c.volume()
	if err != nil {
		return err
	}
	c.out.object("", func() { c.writeVolume("volume", v, true) })
	return c.answer(http.StatusOK)
}

func (c *call) writeVolumeLinks(v *volume) {
	c.out.links(c.url("/v3/"+v.project+"/volumes/"+v.id), c.url("/"+v.project+"/volumes/"+v.id))
}

// writeVolume writes a volume as the call's microversion shapes it. The answer
// to a creation lacks what is stored only later.
func (c *call) writeVolume(key string, v *volume, stored bool) {
	o := &c.out
	o.object(key, func() {
		o.str("id", v.id)
		o.str("status", v.status)
		o.num("size", v.sizeGiB)
		o.str("availability_zone", zone)
		o.time("created_at", v.created, microseconds)
		o.time("updated_at", v.updated, microseconds)
		o.str("name", v.name)
		o.str("description", v.description)
		o.str("volume_type", v.kind.name)
		if v.source != nil {
			o.str("snapshot_id", v.source.id)
		} else {
			o.null("snapshot_id")
		}
		o.strOrNull("source_volid", v.sourceVolume)
		o.object("metadata", func() { writeStrings(o, v.metadata) })
		c.writeVolumeLinks(v)
		o.str("user_id", v.user.id)
		o.str("bootable", fmt.Sprint(v.bootable))
		o.bool("encrypted", false)
		o.null("replication_status")
		o.null("consistencygroup_id")
		o.bool("multiattach", false)
		o.array("attachments", func() {
			if a := v.attachment; a != nil && v.status != "attaching" {
				o.object("", func() {
					o.str("id", v.id)
					o.str("attachment_id", a.id)
					o.str("volume_id", v.id)
					o.str("server_id", a.server.id)
					o.null("host_name")
					o.str("device", a.device)
					o.time("attached_at", a.at, microseconds)
				})
			}
		})
		if c.minor >= 13 {
			o.null("group_id")
		}
		if c.minor >= 48 {
			o.bool("shared_targets", true)
			o.null("service_uuid")
		}
		if c.minor >= 63 {
			o.str("volume_type_id", v.kind.id)
		}
		if c.minor >= 65 {
			o.bool("consumes_quota", true)
		}
		if stored {
			o.str("os-vol-tenant-attr:tenant_id", v.project)
			if i := v.image; i != nil {
				o.object("volume_image_metadata", func() {
					writeStrings(o, i.properties)
					o.str("image_id", i.id)
					o.str("image_name", i.name)
					o.str("checksum", i.checksum)
					o.str("container_format", i.containerFormat)
					o.str("disk_format", i.diskFormat)
					o.str("min_disk", fmt.Sprint(i.minDiskGiB))
					o.str("min_ram", fmt.Sprint(i.minRAMMiB))
					o.str("size", fmt.Sprint(i.size))
				})
			}
		}
	})
}

var volumeSchema = schema{
	{name: "size", check: sizeOrNull}, {name: "name", check: anyText}, {name: "display_name", check: anyText}, {name: "description", check: anyText},
	{name: "display_description", check: anyText}, {name: "volume_type", check: textOrNull(0, 255)}, {name: "metadata", check: anything},
	{name: "snapshot_id", check: uuidOrNull}, {name: "source_volid", check: uuidOrNull}, {name: "imageRef", check: anyText}, {name: "image_id", check: anyText},
	{name: "availability_zone", check: textOrNull(1, 255)}, {name: "multiattach", check: anything}, {name: "consistencygroup_id", check: uuidOrNull},
	{name: "scheduler_hints", check: anything}, {name: "group_id", since: 13, check: uuidOrNull}, {name: "backup_id", since: 47, check: uuidOrNull},
}

// anyText leaves the length to Cinder's own words.
func anyText(v any) string { return textOrNull(0, 0)(v) }

func sizeOrNull(v any) string {
	if v == nil {
		return ""
	}
	return integer(1)(v)
}

func uuidOrNull(v any) string {
	if v == nil {
		return ""
	}
	if uuid(v) != "" {
		return noSchema
	}
	return ""
}

// tooLong refuses names and descriptions of more than 255 characters.
func tooLong(want map[string]any) error {
	for _, name := range []string{"name", "description"} {
		if n := len([]rune(textAt(want, name))); n > 255 {
			return refuse(http.StatusBadRequest, fmt.Sprintf("Invalid input received: %s has %d characters, more than 255.", name, n))
		}
	}
	return nil
}

func createVolume(c *call) error {
	want, err := c.volumeMember("volume")
	if err != nil {
		return err
	}
	if err := volumeSchema.check("volume", want, c.minor); err != nil {
		return err
	}
	if err := tooLong(want); err != nil {
		return err
	}
	kind := c.volumeTypes[0]
	if name := textAt(want, "volume_type"); name != "" {
		if kind = c.volumeType(name); kind == nil {
			return refuse(http.StatusNotFound, "Volume type with name "+name+" could not be found.")
		}
	}
	draft, size, err := c.volumeSource(want, kind)
	if err != nil {
		return err
	}
	if draft.kind != nil {
		kind = draft.kind
	}
	if z := textAt(want, "availability_zone"); z != "" && z != zone {
		return refuse(http.StatusBadRequest, "Availability zone '"+z+"' is invalid.")
	}
	metadata, err := c.metadata(want["metadata"])
	if err != nil {
		return err
	}
	if use := c.volumeUse(c.project()); c.over("volumes", use.volumes, 1) {
		return overLimit(fmt.Sprintf("VolumeLimitExceeded: Maximum number of volumes allowed (%d) exceeded for quota 'volumes'.", c.quota("volumes")))
	}
	if err := c.spaceFor(size); err != nil {
		return err
	}
	v := c.newVolume(c.project(), c.token.user, size)
	v.name, v.description, v.metadata, v.kind = textAt(want, "name"), textAt(want, "description"), metadata, kind
	v.source, v.sourceVolume, v.image, v.bootable = draft.source, draft.sourceVolume, draft.image, draft.bootable
	c.overflow(v)
	c.out.object("", func() { c.writeVolume("volume", v, false) })
	return c.answer(http.StatusAccepted)
}

// volumeMember is member, with Cinder's answer to bodies that are no JSON.
func (c *call) volumeMember(key string) (map[string]any, error) {
	if !strings.HasPrefix(c.req.Header.Get("Content-Type"), "application/json") {
		return nil, refuse(http.StatusUnsupportedMediaType, "Unsupported Content-Type")
	}
	return c.member(key)
}

func updateVolume(c *call) error {
	v, err := c.volume()
	if err != nil {
		return err
	}
	want, err := c.volumeMember("volume")
	if err != nil {
		return err
	}
	if len(want) == 0 {
		return refuse(http.StatusBadRequest, "Invalid input for field/attribute volume. Value: {}. {} is not valid under any of the given schemas")
	}
	fields := schema{{name: "name", check: anyText}, {name: "display_name", check: anyText}, {name: "description", check: anyText}, {name: "display_description", check: anyText}, {name: "metadata", check: anything}}
	if err := fields.check("volume", want, c.minor); err != nil {
		return err
	}
	if err := tooLong(want); err != nil {
		return err
	}
	if m, given := want["metadata"]; given {
		metadata, err := c.metadata(m)
		if err != nil {
			return err
		}
		v.metadata = metadata
	}
	setText(want, "name", &v.name)
	setText(want, "description", &v.description)
	v.updated = c.now()
	c.out.object("", func() { c.writeVolume("volume", v, false) })
	return c.answer(http.StatusOK)
}

const notDeletable = "Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer."

func deleteVolume(c *call) error {
	v, err := c.volume()
	if err != nil {
		return err
	}
	c.bare = true
	snapped := c.snapshots.count(func(s *snapshot) bool { return s.volume == v }) > 0
	if v.status != "available" && v.status != "error" || v.attachment != nil || snapped {
		c.bare = false
		return refuse(http.StatusBadRequest, notDeletable)
	}
	v.become("deleting", c.now())
	cloud := c.Cloud
	c.after(c.opts.Delay, func() { cloud.volumes.remove(v.id) })
	return c.answer(http.StatusAccepted)
}

// volumeActions are the actions on volumes, by the member that asks for them.
var volumeActions = map[string]func(c *call, v *volume, args any) error{
	"os-extend": extendVolume,
	"os-detach": func(*call, *volume, any) error { return nil },
	"os-set_bootable": func(_ *call, v *volume, args any) error {
		v.bootable, _ = truth(at(args, "bootable"))
		return nil
	},
	"os-update_readonly_flag": func(*call, *volume, any) error { return nil },
	"os-volume_upload_image":  saveVolume,
	"revert":                  revertVolume,
}

func volumeAction(c *call) error {
	v, err := c.volume()
	if err != nil {
		return err
	}
	body, ok := c.body()
	if !ok || len(body) != 1 {
		return refuse(http.StatusBadRequest, "Malformed request body")
	}
	for name, args := range body {
		do, known := volumeActions[name]
		if !known {
			return refuse(http.StatusBadRequest, "There is no such action: "+name+". Verify the request body and Content-Type header and try again.")
		}
		if err := do(c, v, args); err != nil {
			return err
		}
	}
	return c.answer(http.StatusAccepted) // with what the action says, if it says anything
}

// extendVolume grows a volume: since 3.42 also one in use.
func extendVolume(c *call, v *volume, args any) error {
	size, ok := wholeNumber(at(args, "new_size"))
	if !ok {
		return refuse(http.StatusBadRequest, "Invalid input for field/attribute os-extend. Value: "+python(args)+". 'new_size' is a required property")
	}
	before := v.status
	if before != "available" && (before != "in-use" || c.minor < 42) {
		return refuse(http.StatusBadRequest, fmt.Sprintf("Invalid volume: Volume %s status must be '{'status': 'available'}' to extend, currently %s.", v.id, v.status))
	}
	if size <= v.sizeGiB {
		return refuse(http.StatusBadRequest, fmt.Sprintf("Invalid input received: New size for extend must be greater than current size. (current: %d, extended: %d).", v.sizeGiB, size))
	}
	if err := c.spaceFor(size - v.sizeGiB); err != nil {
		return err
	}
	v.become("extending", c.now())
	due := c.now().Add(c.opts.Delay)
	c.after(c.opts.Delay, func() {
		v.sizeGiB = size
		v.become(before, due)
	})
	return nil
}

func showVolumeMetadata(c *call) error {
	v, err := c.volume()
	if err != nil {
		return err
	}
	return c.object(http.StatusOK, "metadata", func() { writeStrings(&c.out, v.metadata) })
}

func setVolumeMetadata(replace bool) func(*call) error {
	return func(c *call) error {
		v, err := c.volume()
		if err != nil {
			return err
		}
		body, err := c.volumeMember("metadata")
		if err != nil {
			return err
		}
		more, err := c.metadata(body)
		if err != nil {
			return err
		}
		if replace {
			v.metadata = more
		}
		for k, value := range more {
			v.metadata[k] = value
		}
		return showVolumeMetadata(c)
	}
}

func deleteVolumeMetadatum(c *call) error {
	v, err := c.volume()
	if err != nil {
		return err
	}
	if _, ok := v.metadata[c.param(1)]; !ok {
		return refuse(http.StatusNotFound, "Volume "+v.id+" has no metadata with key "+c.param(1)+".")
	}
	delete(v.metadata, c.param(1))
	c.bare = true
	return c.answer(http.StatusOK)
}

func (c *Cloud) volumeType(nameOrID string) *volumeType {
	for _, t := range c.volumeTypes {
		if t.name == nameOrID || t.id == nameOrID {
			return t
		}
	}
	return nil
}

func (c *call) writeVolumeType(key string, t *volumeType) {
	c.out.object(key, func() {
		c.out.str("id", t.id)
		c.out.str("name", t.name)
		c.out.bool("is_public", true)
		c.out.strOrNull("description", t.description)
		c.out.object("extra_specs", func() {})
		c.out.bool("os-volume-type-access:is_public", true)
	})
}

func listVolumeTypes(c *call) error {
	return cinderPage(c, "volume_types", "/types", c.volumeTypes, func(t *volumeType) string { return t.id }, "Volume type", func(t *volumeType) {
		c.writeVolumeType("", t)
	})
}

func showVolumeType(c *call) error {
	t := c.volumeType(c.param(0))
	if c.param(0) == "default" {
		t = c.volumeTypes[0]
	}
	if t == nil {
		return refuse(http.StatusNotFound, "Volume type "+c.param(0)+" could not be found.")
	}
	c.out.object("", func() { c.writeVolumeType("volume_type", t) })
	return c.answer(http.StatusOK)
}
