package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// backup is a copy of a volume that nobody makes: like many clouds, the sandbox
// has no backup service. Cinder takes the request all the same.
type backup struct {
	id, name, description, project string
	volume                         string
	sizeGiB                        int
	created                        time.Time
}

const maxBackups = 10

func (c *call) writeBackup(key string, b *backup) {
	o := &c.out
	o.object(key, func() {
		o.str("id", b.id)
		o.str("status", "error")
		o.num("size", b.sizeGiB)
		o.num("object_count", 0)
		o.null("availability_zone")
		o.null("container")
		o.time("created_at", b.created, microseconds)
		o.time("updated_at", b.created, microseconds)
		o.str("name", b.name)
		o.strOrNull("description", b.description)
		o.str("fail_reason", "Service not found for creating backup.")
		o.str("volume_id", b.volume)
		c.writeBackupLinks(b)
		o.bool("is_incremental", false)
		o.bool("has_dependent_backups", false)
		o.null("snapshot_id")
		o.time("data_timestamp", b.created, microseconds)
		o.object("metadata", func() {})
	})
}

func (c *call) writeBackupLinks(b *backup) {
	c.out.links(c.url("/v3/"+b.project+"/backups/"+b.id), c.url("/"+b.project+"/backups/"+b.id))
}

// backup gives the backup that the path names.
func (c *call) backup() (*backup, error) {
	if b := c.backups.byID[c.param(0)]; b != nil && b.project == c.project() {
		return b, nil
	}
	return nil, refuse(http.StatusNotFound, "Backup "+c.param(0)+" could not be found.")
}

func listBackups(detail bool) func(*call) error {
	return func(c *call) error {
		found := c.backups.where(func(b *backup) bool { return b.project == c.project() })
		slices.Reverse(found) // newest first
		path := "/backups"
		if detail {
			path += "/detail"
		}
		return cinderPage(c, "backups", path, found, func(b *backup) string { return b.id }, "Backup", func(b *backup) {
			if detail {
				c.writeBackup("", b)
				return
			}
			c.out.object("", func() {
				c.out.str("id", b.id)
				c.out.str("name", b.name)
				c.writeBackupLinks(b)
			})
		})
	}
}

func showBackup(c *call) error {
	b, err := c.backup()
	if err != nil {
		return err
	}
	c.out.object("", func() { c.writeBackup("backup", b) })
	return c.answer(http.StatusOK)
}

func createBackup(c *call) error {
	want, err := c.volumeMember("backup")
	if err != nil {
		return err
	}
	fields := schema{{name: "volume_id", required: true, check: uuid}, {name: "name", check: anyText}, {name: "description", check: anyText},
		{name: "container", check: anyText}, {name: "incremental", check: boolean}, {name: "force", check: boolean}, {name: "snapshot_id", check: uuidOrNull},
		{name: "metadata", since: 43, check: anything}, {name: "availability_zone", since: 51, check: anyText}}
	if err := fields.check("backup", want, c.minor); err != nil {
		return err
	}
	if err := tooLong(want); err != nil {
		return err
	}
	id := textAt(want, "volume_id")
	v := c.volumes.byID[id]
	force, _ := truth(want["force"])
	switch {
	case v == nil || v.project != c.project():
		return noVolume(id)
	case v.status == "in-use" && !force:
		return refuse(http.StatusBadRequest, "Invalid volume: Backing up an in-use volume must use the force flag.")
	case v.status != "available" && v.status != "in-use":
		return refuse(http.StatusBadRequest, fmt.Sprintf("Invalid volume: The volume to be backed up must be available or in-use, but the current status is \"%s\".", v.status))
	case c.backups.count(func(b *backup) bool { return b.project == c.project() }) >= maxBackups:
		return overLimit(fmt.Sprintf("BackupLimitExceeded: Maximum number of backups allowed (%d) exceeded", maxBackups))
	}
	b := &backup{id: c.id(), name: textAt(want, "name"), description: textAt(want, "description"), project: c.project(), volume: id, sizeGiB: v.sizeGiB, created: c.now()}
	c.backups.add(b.id, b)
	c.out.object("", func() {
		c.out.object("backup", func() {
			c.out.str("id", b.id)
			c.out.str("name", b.name)
			c.writeBackupLinks(b)
		})
	})
	return c.answer(http.StatusAccepted)
}

func deleteBackup(c *call) error {
	if _, err := c.backup(); err != nil {
		return err
	}
	return refuse(http.StatusNotFound, "Service cinder-backup could not be found.")
}
