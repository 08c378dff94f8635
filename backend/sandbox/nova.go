package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Nova's microversions, as the release Zed has them.
const novaLatest = 93

// nova is the compute service, version 2.1.
func nova() *service {
	return &service{
		name: "nova", typ: "compute", mount: "/compute", catalogPath: "/v2.1", computeID: true,
		before: novaBefore, render: novaRender, wide: wideInNova,
		routes: []route{
			{method: "GET", path: "/", handle: novaVersions, open: true},
			{method: "GET", path: "/v2.1", handle: novaVersion, open: true},
			{method: "GET", path: "/v2.1/flavors", handle: listFlavors(false)},
			{method: "GET", path: "/v2.1/flavors/detail", handle: listFlavors(true)},
			{method: "GET", path: "/v2.1/flavors/{id}", handle: showFlavor},
			{method: "GET", path: "/v2.1/flavors/{id}/os-extra_specs", handle: showExtraSpecs},
			{method: "GET", path: "/v2.1/os-keypairs", handle: listKeyPairs},
			{method: "POST", path: "/v2.1/os-keypairs", handle: createKeyPair},
			{method: "GET", path: "/v2.1/os-keypairs/{name}", handle: showKeyPair},
			{method: "DELETE", path: "/v2.1/os-keypairs/{name}", handle: deleteKeyPair},
			{method: "GET", path: "/v2.1/os-availability-zone", handle: listZones},
			{method: "GET", path: "/v2.1/limits", handle: showLimits},
			{method: "GET", path: "/v2.1/servers", handle: listServers(false)},
			{method: "GET", path: "/v2.1/servers/detail", handle: listServers(true)},
			{method: "POST", path: "/v2.1/servers", handle: createServer},
			{method: "GET", path: "/v2.1/servers/{id}", handle: showServer},
			{method: "PUT", path: "/v2.1/servers/{id}", handle: updateServer},
			{method: "DELETE", path: "/v2.1/servers/{id}", handle: deleteServer},
			{method: "POST", path: "/v2.1/servers/{id}/action", handle: serverAction},
			{method: "GET", path: "/v2.1/servers/{id}/metadata", handle: listMetadata},
			{method: "POST", path: "/v2.1/servers/{id}/metadata", handle: setMetadata(false)},
			{method: "PUT", path: "/v2.1/servers/{id}/metadata", handle: setMetadata(true)},
			{method: "GET", path: "/v2.1/servers/{id}/metadata/{key}", handle: showMetadatum},
			{method: "PUT", path: "/v2.1/servers/{id}/metadata/{key}", handle: setMetadatum},
			{method: "DELETE", path: "/v2.1/servers/{id}/metadata/{key}", handle: deleteMetadatum},
			{method: "GET", path: "/v2.1/servers/{id}/tags", handle: listTags, since: 26},
			{method: "PUT", path: "/v2.1/servers/{id}/tags", handle: replaceTags, since: 26},
			{method: "DELETE", path: "/v2.1/servers/{id}/tags", handle: deleteTags, since: 26},
			{method: "GET", path: "/v2.1/servers/{id}/tags/{tag}", handle: checkTag, since: 26},
			{method: "PUT", path: "/v2.1/servers/{id}/tags/{tag}", handle: addTag, since: 26},
			{method: "DELETE", path: "/v2.1/servers/{id}/tags/{tag}", handle: deleteTag, since: 26},
			{method: "GET", path: "/v2.1/servers/{id}/ips", handle: listAddresses},
			{method: "GET", path: "/v2.1/servers/{id}/os-instance-actions", handle: listInstanceActions},
			{method: "GET", path: "/v2.1/servers/{id}/os-instance-actions/{request}", handle: showInstanceAction},
			{method: "GET", path: "/v2.1/servers/{id}/os-interface", handle: listInterfaces},
			{method: "POST", path: "/v2.1/servers/{id}/os-interface", handle: attachInterface},
			{method: "GET", path: "/v2.1/servers/{id}/os-interface/{port}", handle: showInterface},
			{method: "DELETE", path: "/v2.1/servers/{id}/os-interface/{port}", handle: detachInterface},
			{method: "GET", path: "/v2.1/servers/{id}/os-volume_attachments", handle: listAttachments},
			{method: "POST", path: "/v2.1/servers/{id}/os-volume_attachments", handle: attachVolume},
			{method: "GET", path: "/v2.1/servers/{id}/os-volume_attachments/{volume}", handle: showAttachment},
			{method: "DELETE", path: "/v2.1/servers/{id}/os-volume_attachments/{volume}", handle: detachVolume},
		},
	}
}

func novaBefore(c *call) error {
	root := c.route != nil && c.route.path == "/"
	if c.route == nil || !c.route.open {
		if err := c.authenticate(); err != nil {
			return err
		}
	}
	if c.route == nil {
		return refuseAs(http.StatusNotFound, plainError, "The resource could not be found.")
	}
	if root {
		return nil // the list of versions is older than microversions
	}
	minor, err := microversion(c.req.Header, "compute", 2, 1, novaLatest)
	if asked, found := askedVersion(c.req.Header, "compute"); err == nil || found && err.status == http.StatusNotAcceptable {
		version := "2." + strconv.Itoa(minor)
		if err != nil {
			version = asked
		}
		c.header.Set("Openstack-Api-Version", "compute "+version)
		c.header.Set("X-Openstack-Nova-Api-Version", version)
		c.header["Vary"] = []string{"OpenStack-API-Version", "X-OpenStack-Nova-API-Version"}
	}
	if err != nil {
		return err
	}
	c.minor = minor
	if c.minor < c.route.since {
		return refuse(http.StatusNotFound, "The resource could not be found.")
	}
	return nil
}

// askedVersion gives the version that a request asks a service for, in the
// common header or in Nova's own older one.
func askedVersion(h http.Header, service string) (string, bool) {
	for _, v := range h.Values("Openstack-Api-Version") {
		for one := range strings.SplitSeq(v, ",") {
			if name, version, ok := strings.Cut(strings.TrimSpace(one), " "); ok && strings.EqualFold(name, service) {
				return strings.TrimSpace(version), true
			}
		}
	}
	if v := h.Get("X-Openstack-Nova-Api-Version"); service == "compute" && v != "" {
		return v, true
	}
	return "", false
}

// microversion gives the minor version that a request asks for: the oldest if
// it asks for none.
func microversion(h http.Header, service string, major, oldest, latest int) (int, *failure) {
	asked, ok := askedVersion(h, service)
	if !ok {
		return oldest, nil
	}
	if asked == "latest" {
		return latest, nil
	}
	majorText, minorText, ok := strings.Cut(asked, ".")
	m, err1 := strconv.Atoi(majorText)
	n, err2 := strconv.Atoi(minorText)
	if !ok || err1 != nil || err2 != nil {
		return 0, &failure{status: http.StatusBadRequest, message: "API Version String " + asked + " is of invalid format. Must be of format MajorNum.MinorNum."}
	}
	if m != major || n < oldest || n > latest {
		return 0, &failure{status: http.StatusNotAcceptable, message: fmt.Sprintf("Version %s is not supported by the API. Minimum is %d.%d and maximum is %d.%d.", asked, major, oldest, major, latest)}
	}
	return n, nil
}

// plainError marks refusals that come from the web framework below a service.
const plainError = "plain"

// faultNames are the members in which Nova and Cinder wrap errors.
var faultNames = map[int]string{
	400: "badRequest", 401: "unauthorized", 403: "forbidden", 404: "itemNotFound", 405: "badMethod",
	409: "conflictingRequest", 413: "overLimit", 415: "badMediaType", 429: "overLimit", 501: "notImplemented",
	503: "serviceUnavailable",
}

func novaRender(c *call, f *failure) {
	if f.status != http.StatusUnauthorized && f.kind != plainError {
		c.header.Set("Content-Type", "application/json; charset=UTF-8")
	}
	renderFault(c, f)
}

// renderFault writes errors as Nova and Cinder do.
func renderFault(c *call, f *failure) {
	if f.status == http.StatusUnauthorized {
		renderUnauthorized(c)
		return
	}
	if f.kind == plainError {
		renderPlain(c, f)
		return
	}
	name := faultNames[f.status]
	if name == "" {
		name = "computeFault"
	}
	c.out.object("", func() {
		c.out.object(name, func() {
			c.out.num("code", f.status)
			c.out.str("message", f.message)
			if retry := c.header.Get("Retry-After"); retry != "" {
				c.out.str("retryAfter", retry)
			}
		})
	})
}

// renderUnauthorized is what the token middleware before Nova, Neutron and
// Cinder answers.
func renderUnauthorized(c *call) {
	c.challenge()
	c.out.object("", func() {
		c.out.object("error", func() {
			c.out.num("code", http.StatusUnauthorized)
			c.out.str("title", "Unauthorized")
			c.out.str("message", authenticationRequired)
		})
	})
}

func (c *call) challenge() {
	c.header.Set("Www-Authenticate", fmt.Sprintf("Keystone uri=%q", c.base+"/identity"))
}

// renderPlain is what the web framework below the services answers.
func renderPlain(c *call, f *failure) {
	title := http.StatusText(f.status)
	end := f.detail + "\n\n"
	if f.status == http.StatusUnsupportedMediaType {
		end = "" // this one has a template of its own
	}
	c.out.object("", func() {
		c.out.str("message", f.message+"<br /><br />\n"+end)
		c.out.str("code", strconv.Itoa(f.status)+" "+title)
		c.out.str("title", title)
	})
}

func novaVersions(c *call) error {
	c.out.object("", func() {
		c.out.array("versions", func() {
			for _, v := range []struct{ id, status, version, oldest, updated, path string }{
				{"v2.0", "SUPPORTED", "", "", "2011-01-21T11:33:21Z", "/v2/"},
				{"v2.1", "CURRENT", fmt.Sprintf("2.%d", novaLatest), "2.1", "2013-07-23T11:33:21Z", "/v2.1/"},
			} {
				c.out.object("", func() {
					c.out.str("id", v.id)
					c.out.str("status", v.status)
					c.out.str("version", v.version)
					c.out.str("min_version", v.oldest)
					c.out.str("updated", v.updated)
					c.out.array("links", func() { c.out.link("self", c.url(v.path)) })
				})
			}
		})
	})
	return c.answer(http.StatusOK)
}

func novaVersion(c *call) error {
	return c.object(http.StatusOK, "version", func() {
		c.out.str("id", "v2.1")
		c.out.str("status", "CURRENT")
		c.out.str("version", fmt.Sprintf("2.%d", novaLatest))
		c.out.str("min_version", "2.1")
		c.out.str("updated", "2013-07-23T11:33:21Z")
		c.out.array("links", func() {
			c.out.link("self", c.url("/v2.1/"))
			c.out.object("", func() {
				c.out.str("rel", "describedby")
				c.out.str("type", "text/html")
				c.out.str("href", "http://docs.openstack.org/")
			})
		})
		c.out.array("media-types", func() {
			c.out.object("", func() {
				c.out.str("base", "application/json")
				c.out.str("type", "application/vnd.openstack.compute+json;version=2.1")
			})
		})
	})
}

func listZones(c *call) error {
	c.out.object("", func() {
		c.out.array("availabilityZoneInfo", func() {
			c.out.object("", func() {
				c.out.str("zoneName", zone)
				c.out.object("zoneState", func() { c.out.bool("available", true) })
				c.out.null("hosts")
			})
		})
	})
	return c.answer(http.StatusOK)
}

// showLimits gives the project's limits and what is used of them.
func showLimits(c *call) error {
	use := c.computeUse(c.project())
	return c.object(http.StatusOK, "limits", func() {
		c.out.any("rate", []string{})
		c.out.object("absolute", func() {
			for _, l := range []struct {
				name  string
				value int
				until int // the first minor version without it; 0: none
			}{
				{"maxTotalInstances", c.quota("instances"), 0},
				{"maxTotalCores", c.quota("cores"), 0},
				{"maxTotalRAMSize", c.quota("ram"), 0},
				{"maxServerMeta", maxMetadata, 0},
				{"maxImageMeta", maxMetadata, 39},
				{"maxPersonality", 5, 57},
				{"maxPersonalitySize", 10240, 57},
				{"maxTotalKeypairs", c.quota("key_pairs"), 0},
				{"maxServerGroups", 1000, 0},
				{"maxServerGroupMembers", 10, 0},
				{"maxTotalFloatingIps", -1, 36},
				{"maxSecurityGroups", -1, 36},
				{"maxSecurityGroupRules", -1, 36},
				{"totalRAMUsed", use.ram, 0},
				{"totalCoresUsed", use.cores, 0},
				{"totalInstancesUsed", use.instances, 0},
				{"totalFloatingIpsUsed", 0, 36},
				{"totalSecurityGroupsUsed", 0, 36},
				{"totalServerGroupsUsed", 0, 0},
			} {
				if l.until == 0 || c.minor < l.until {
					c.out.num(l.name, l.value)
				}
			}
		})
	})
}

// pageQuery reads limit and marker as Nova does.
func (c *call) pageQuery() (limit int, marker string, err error) {
	limit = -1
	if v := c.query.Get("limit"); v != "" {
		if strings.Trim(v, "0123456789") != "" {
			return 0, "", refuse(http.StatusBadRequest, fmt.Sprintf("Invalid input for query parameters limit. Value: %s. %s does not match '^[0-9]*$'", v, pythonText(v)))
		}
		if limit, err = strconv.Atoi(v); err != nil {
			limit = -1 // more digits than any list has items
		}
	}
	return limit, c.query.Get("marker"), nil
}

// novaPage writes one page of a list of Nova's with the link to the next.
func novaPage[T any](c *call, key, path string, list []*T, id func(*T) string, item func(*T)) error {
	limit, marker, err := c.pageQuery()
	if err != nil {
		return err
	}
	items, more, ok := page(list, id, marker, limit, c.pageSize())
	if !ok {
		return refuse(http.StatusBadRequest, "marker ["+marker+"] not found")
	}
	c.out.object("", func() {
		c.out.array(key, func() {
			for _, v := range items {
				item(v)
			}
		})
		if more {
			c.out.array(key+"_links", func() {
				c.out.link("next", c.url(path)+"?"+nextQuery(c.req.URL.RawQuery, id(items[len(items)-1])))
			})
		}
	})
	return c.answer(http.StatusOK)
}
