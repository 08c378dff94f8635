package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"
)

type snapshot struct {
	id, name, description, project string
	user                           *user
	volume                         *volume
	sizeGiB                        int
	status                         string
	metadata                       map[string]string
	created, updated               time.Time
}

func noSnapshot(id string) error {
	return refuse(http.StatusNotFound, "Snapshot "+id+" could not be found.")
}

// snapshot gives the snapshot that the path names.
func (c *call) snapshot() (*snapshot, error) {
	if s := c.snapshots.byID[c.param(0)]; s != nil && s.project == c.project() {
		return s, nil
	}
	return nil, noSnapshot(c.param(0))
}

func (c *call) writeSnapshot(key string, s *snapshot, detail bool) {
	o := &c.out
	o.object(key, func() {
		o.str("id", s.id)
		o.time("created_at", s.created, microseconds)
		o.time("updated_at", s.updated, microseconds)
		o.str("name", s.name)
		o.strOrNull("description", s.description)
		o.str("volume_id", s.volume.id)
		o.str("status", s.status)
		o.num("size", s.sizeGiB)
		o.object("metadata", func() { writeStrings(o, s.metadata) })
		if c.minor >= 14 {
			o.null("group_snapshot_id")
		}
		if c.minor >= 41 {
			o.str("user_id", s.user.id)
		}
		if c.minor >= 65 {
			o.bool("consumes_quota", true)
		}
		if detail {
			o.str("os-extended-snapshot-attributes:project_id", s.project)
			o.str("os-extended-snapshot-attributes:progress", map[bool]string{true: "100%", false: "0%"}[s.status == "available"])
		}
	})
}

func listSnapshots(detail bool) func(*call) error {
	return func(c *call) error {
		if err := c.onlyQueries(listQueries); err != nil {
			return err
		}
		found := c.snapshots.where(func(s *snapshot) bool { return s.project == c.project() })
		slices.Reverse(found) // newest first
		path := "/snapshots"
		if detail {
			path += "/detail"
		}
		return cinderPage(c, "snapshots", path, found, func(s *snapshot) string { return s.id }, "Snapshot", func(s *snapshot) {
			c.writeSnapshot("", s, detail)
		})
	}
}

func showSnapshot(c *call) error {
	s, err := c.snapshot()
	if err != nil {
		return err
	}
	c.out.object("", func() { c.writeSnapshot("snapshot", s, true) })
	return c.answer(http.StatusOK)
}

func createSnapshot(c *call) error {
	want, err := c.volumeMember("snapshot")
	if err != nil {
		return err
	}
	fields := schema{{name: "volume_id", required: true, check: uuid}, {name: "name", check: anyText}, {name: "description", check: anyText},
		{name: "force", check: boolean}, {name: "metadata", check: anything}}
	if err := fields.check("snapshot", want, c.minor); err != nil {
		return err
	}
	if err := tooLong(want); err != nil {
		return err
	}
	id := textAt(want, "volume_id")
	v := c.volumes.byID[id]
	if v == nil || v.project != c.project() {
		return noVolume(id)
	}
	// From 3.66 on a volume in use needs no force.
	force, _ := truth(want["force"])
	if v.status != "available" && (v.status != "in-use" || !force && c.minor < 66) {
		return refuse(http.StatusBadRequest, fmt.Sprintf("Invalid volume: Volume %s status must be available, but current status is: %s.", v.id, v.status))
	}
	metadata, err := c.metadata(want["metadata"])
	if err != nil {
		return err
	}
	if use := c.volumeUse(c.project()); c.over("snapshots", use.snapshots, 1) {
		return overLimit(fmt.Sprintf("SnapshotLimitExceeded: Maximum number of snapshots allowed (%d) exceeded", c.quota("snapshots")))
	}
	if err := c.spaceFor(v.sizeGiB); err != nil {
		return err
	}
	s := &snapshot{id: c.id(), name: textAt(want, "name"), description: textAt(want, "description"), project: c.project(), user: c.token.user,
		volume: v, sizeGiB: v.sizeGiB, status: "creating", metadata: metadata, created: c.now()}
	c.snapshots.add(s.id, s)
	due := c.now().Add(c.opts.Delay)
	c.after(c.opts.Delay, func() {
		if s.status == "creating" {
			s.status, s.updated = "available", due
		}
	})
	c.out.object("", func() { c.writeSnapshot("snapshot", s, false) })
	return c.answer(http.StatusAccepted)
}

func updateSnapshot(c *call) error {
	s, err := c.snapshot()
	if err != nil {
		return err
	}
	want, err := c.volumeMember("snapshot")
	if err != nil {
		return err
	}
	if err := (schema{{name: "name", check: anyText}, {name: "description", check: anyText}}).check("snapshot", want, c.minor); err != nil {
		return err
	}
	if err := tooLong(want); err != nil {
		return err
	}
	if len(want) == 0 {
		return refuse(http.StatusBadRequest, "Invalid input for field/attribute snapshot. Value: {}. {} is not valid under any of the given schemas")
	}
	setText(want, "name", &s.name)
	setText(want, "description", &s.description)
	s.updated = c.now()
	c.out.object("", func() { c.writeSnapshot("snapshot", s, false) })
	return c.answer(http.StatusOK)
}

func deleteSnapshot(c *call) error {
	s, err := c.snapshot()
	if err != nil {
		return err
	}
	if s.status != "available" && s.status != "error" && s.status != "deleting" {
		return refuse(http.StatusBadRequest, "Invalid snapshot: Snapshot status must be available or error, but current status is: "+s.status+".")
	}
	s.status, c.bare = "deleting", true
	cloud := c.Cloud
	c.after(c.opts.Delay, func() { cloud.snapshots.remove(s.id) })
	c.header.Set("Content-Type", "text/html; charset=UTF-8")
	return c.answer(http.StatusAccepted)
}

func showSnapshotMetadata(c *call) error {
	s, err := c.snapshot()
	if err != nil {
		return err
	}
	return c.object(http.StatusOK, "metadata", func() { writeStrings(&c.out, s.metadata) })
}

func setSnapshotMetadata(replace bool) func(*call) error {
	return func(c *call) error {
		s, err := c.snapshot()
		if err != nil {
			return err
		}
		body, err := c.volumeMember("metadata")
		if err != nil {
			return err
		}
		for key, value := range body { // of snapshots, Cinder says it otherwise than of volumes
			if text, ok := value.(string); ok && utf8.RuneCountInString(text) > 255 {
				return refuse(http.StatusRequestEntityTooLarge, "Invalid metadata size: Metadata property key "+key+" value greater than 255 characters.")
			}
		}
		more, err := c.metadata(body)
		if err != nil {
			return err
		}
		if replace {
			s.metadata = more
		}
		for k, value := range more {
			s.metadata[k] = value
		}
		return showSnapshotMetadata(c)
	}
}

func deleteSnapshotMetadatum(c *call) error {
	s, err := c.snapshot()
	if err != nil {
		return err
	}
	if _, ok := s.metadata[c.param(1)]; !ok {
		return refuse(http.StatusNotFound, "Snapshot "+s.id+" has no metadata with key "+c.param(1)+".")
	}
	delete(s.metadata, c.param(1))
	c.bare = true
	return c.answer(http.StatusOK)
}
