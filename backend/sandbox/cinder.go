package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
)

const cinderLatest = 70

// cinder is the block storage service, version 3. The project stands in its
// paths.
func cinder() *service {
	const root = "/v3/{project}"
	return &service{
		name: "cinder", typ: "volumev3", mount: "/volume", catalogPath: "/v3/%s", computeID: true,
		before: cinderBefore, render: cinderRender, wide: wideInCinder,
		routes: []route{
			{method: "GET", path: "/", handle: cinderVersions(http.StatusMultipleChoices), open: true},
			{method: "GET", path: "/v3", handle: cinderVersions(http.StatusOK)},
			{method: "GET", path: root + "/volumes", handle: listVolumes(false)},
			{method: "GET", path: root + "/volumes/detail", handle: listVolumes(true)},
			{method: "POST", path: root + "/volumes", handle: createVolume},
			{method: "GET", path: root + "/volumes/{id}", handle: showVolume},
			{method: "PUT", path: root + "/volumes/{id}", handle: updateVolume},
			{method: "DELETE", path: root + "/volumes/{id}", handle: deleteVolume},
			{method: "POST", path: root + "/volumes/{id}/action", handle: volumeAction},
			{method: "GET", path: root + "/volumes/{id}/metadata", handle: showVolumeMetadata},
			{method: "POST", path: root + "/volumes/{id}/metadata", handle: setVolumeMetadata(false)},
			{method: "PUT", path: root + "/volumes/{id}/metadata", handle: setVolumeMetadata(true)},
			{method: "DELETE", path: root + "/volumes/{id}/metadata/{key}", handle: deleteVolumeMetadatum},
			{method: "GET", path: root + "/snapshots", handle: listSnapshots(false)},
			{method: "GET", path: root + "/snapshots/detail", handle: listSnapshots(true)},
			{method: "POST", path: root + "/snapshots", handle: createSnapshot},
			{method: "GET", path: root + "/snapshots/{id}", handle: showSnapshot},
			{method: "PUT", path: root + "/snapshots/{id}", handle: updateSnapshot},
			{method: "DELETE", path: root + "/snapshots/{id}", handle: deleteSnapshot},
			{method: "GET", path: root + "/snapshots/{id}/metadata", handle: showSnapshotMetadata},
			{method: "POST", path: root + "/snapshots/{id}/metadata", handle: setSnapshotMetadata(false)},
			{method: "PUT", path: root + "/snapshots/{id}/metadata", handle: setSnapshotMetadata(true)},
			{method: "DELETE", path: root + "/snapshots/{id}/metadata/{key}", handle: deleteSnapshotMetadatum},
			{method: "GET", path: root + "/messages", handle: listMessages, since: messagesSince},
			{method: "GET", path: root + "/messages/{id}", handle: showMessage, since: messagesSince},
			{method: "GET", path: root + "/backups", handle: listBackups(false)},
			{method: "GET", path: root + "/backups/detail", handle: listBackups(true)},
			{method: "POST", path: root + "/backups", handle: createBackup},
			{method: "GET", path: root + "/backups/{id}", handle: showBackup},
			{method: "DELETE", path: root + "/backups/{id}", handle: deleteBackup},
			{method: "GET", path: root + "/types", handle: listVolumeTypes},
			{method: "GET", path: root + "/types/{id}", handle: showVolumeType},
			{method: "GET", path: root + "/limits", handle: showVolumeLimits},
			{method: "GET", path: root + "/os-availability-zone", handle: listVolumeZones},
		},
	}
}

func cinderBefore(c *call) error {
	if c.route == nil || !c.route.open {
		if err := c.authenticate(); err != nil {
			return err
		}
	}
	if c.route == nil {
		return refuseAs(http.StatusNotFound, plainError, "The resource could not be found.")
	}
	minor, err := microversion(c.req.Header, "volume", 3, 0, cinderLatest)
	if err == nil || err.status == http.StatusNotAcceptable {
		version := "3." + strconv.Itoa(minor)
		if err != nil {
			version, _ = askedVersion(c.req.Header, "volume")
		}
		c.header.Set("Openstack-Api-Version", "volume "+version)
		c.header.Set("Vary", "OpenStack-API-Version")
	}
	if err != nil {
		return err
	}
	c.minor = minor
	if c.minor < c.route.since {
		return refuse(http.StatusNotFound, "The resource could not be found.")
	}
	if len(c.params) > 0 {
		if c.params[0] != c.project() {
			return refuse(http.StatusBadRequest, "Malformed request url")
		}
		c.params = c.params[1:]
	}
	return nil
}

// cinderRender writes Cinder's errors. Those from below it lack its request id.
func cinderRender(c *call, f *failure) {
	c.bare = f.status == http.StatusUnauthorized || f.kind == plainError
	renderFault(c, f)
}

func cinderVersions(status int) func(*call) error {
	return func(c *call) error {
		c.out.object("", func() {
			c.out.array("versions", func() {
				c.out.object("", func() {
					c.out.str("id", "v3.0")
					c.out.str("status", "CURRENT")
					c.out.str("version", fmt.Sprintf("3.%d", cinderLatest))
					c.out.str("min_version", "3.0")
					c.out.str("updated", "2022-08-31T00:00:00Z")
					c.out.array("links", func() {
						c.out.object("", func() {
							c.out.str("rel", "describedby")
							c.out.str("type", "text/html")
							c.out.str("href", "https://docs.openstack.org/")
						})
						c.out.link("self", c.url("/v3/"))
					})
					c.out.array("media-types", func() {
						c.out.object("", func() {
							c.out.str("base", "application/json")
							c.out.str("type", "application/vnd.openstack.volume+json;version=3")
						})
					})
				})
			})
		})
		return c.answer(status)
	}
}

func listVolumeZones(c *call) error {
	c.out.object("", func() {
		c.out.array("availabilityZoneInfo", func() {
			c.out.object("", func() {
				c.out.str("zoneName", zone)
				c.out.object("zoneState", func() { c.out.bool("available", true) })
			})
		})
	})
	return c.answer(http.StatusOK)
}

// volumeUse is what a project uses of its quota.
type volumeUse struct{ volumes, snapshots, gigabytes int }

func (c *Cloud) volumeUse(project string) volumeUse {
	var use volumeUse
	for _, v := range c.volumes.order {
		if v.project == project {
			use.volumes++
			use.gigabytes += v.sizeGiB
		}
	}
	for _, s := range c.snapshots.order {
		if s.project == project {
			use.snapshots++
			use.gigabytes += s.sizeGiB
		}
	}
	return use
}

func showVolumeLimits(c *call) error {
	use := c.volumeUse(c.project())
	return c.object(http.StatusOK, "limits", func() {
		c.out.any("rate", []string{})
		c.out.object("absolute", func() {
			c.out.num("maxTotalVolumes", c.quota("volumes"))
			c.out.num("maxTotalSnapshots", c.quota("snapshots"))
			c.out.num("maxTotalVolumeGigabytes", c.quota("gigabytes"))
			c.out.num("maxTotalBackups", maxBackups)
			c.out.num("maxTotalBackupGigabytes", 1000)
			c.out.num("totalVolumesUsed", use.volumes)
			c.out.num("totalGigabytesUsed", use.gigabytes)
			c.out.num("totalSnapshotsUsed", use.snapshots)
			c.out.num("totalBackupsUsed", c.backups.count(func(b *backup) bool { return b.project == c.project() }))
			c.out.num("totalBackupGigabytesUsed", 0)
		})
	})
}

// overLimit is how Cinder refuses what is beyond a quota.
func overLimit(message string) error {
	return &failure{status: http.StatusRequestEntityTooLarge, message: message, header: http.Header{"Retry-After": {"0"}}}
}

// spaceFor refuses more gigabytes than the quota leaves.
func (c *call) spaceFor(gigabytes int) error {
	if use := c.volumeUse(c.project()); c.over("gigabytes", use.gigabytes, gigabytes) {
		return overLimit(fmt.Sprintf("VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested %dG, quota is %dG and %dG has been consumed.", gigabytes, c.quota("gigabytes"), use.gigabytes))
	}
	return nil
}

// cinderPage writes one page of a list of Cinder's.
func cinderPage[T any](c *call, key, path string, list []*T, id func(*T) string, missing string, item func(*T)) error {
	limit := -1
	if text := c.query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return refuse(http.StatusBadRequest, "limit param must be an integer")
		}
		if n < 0 {
			return refuse(http.StatusBadRequest, "limit param must be positive")
		}
		limit = n
	}
	marker := c.query.Get("marker")
	items, more, ok := page(list, id, marker, limit, c.pageSize())
	if !ok {
		return refuse(http.StatusNotFound, missing+" "+marker+" could not be found.")
	}
	c.out.object("", func() {
		c.out.array(key, func() {
			for _, v := range items {
				item(v)
			}
		})
		if more {
			c.out.array(key+"_links", func() {
				c.out.link("next", c.url("/v3/"+c.project()+path)+"?"+nextQuery(c.req.URL.RawQuery, id(items[len(items)-1])))
			})
		}
	})
	return c.answer(http.StatusOK)
}
