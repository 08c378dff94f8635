package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// importMethods are the ways in which images can be filled.
var importMethods = []string{"glance-direct", "web-download", "copy-image"}

func showImportInfo(c *call) error {
	return c.object(http.StatusOK, "import-methods", func() {
		c.out.str("description", "Import methods available.")
		c.out.str("type", "array")
		c.out.any("value", importMethods)
	})
}

// importImage has an image be filled. Nothing is fetched: what a host of the
// domain example holds is an image, and what a path with "missing" names is not
// there.
func importImage(c *call) error {
	body, ok := c.body()
	method, given := body["method"].(map[string]any)
	if !ok {
		return refuse(http.StatusBadRequest, "Unexpected body type. Expected list/dict.")
	}
	if !given {
		return refuse(http.StatusBadRequest, "Import request requires a 'method' field.")
	}
	name := textAt(method, "name")
	if !slices.Contains(importMethods, name) {
		return refuse(http.StatusBadRequest, "Unknown import method name '"+name+"'.")
	}
	i, err := c.image() // whose it is, is looked at late
	if err != nil {
		return err
	}
	switch at := textAt(method, "uri"); {
	case i.status != "queued":
		return refuse(http.StatusConflict, "Image with status "+i.status+" cannot be target for import")
	case i.containerFormat == "":
		return refuse(http.StatusConflict, "'container_format' needs to be set before import")
	case i.diskFormat == "":
		return refuse(http.StatusConflict, "'disk_format' needs to be set before import")
	case name != "web-download":
		return refuse(http.StatusBadRequest, "Import method '"+name+"' has nothing to import.")
	case !fetchable(at):
		if _, given := method["uri"]; !given {
			at = "None"
		}
		return refuse(http.StatusBadRequest, "URI for web-download does not pass filtering: "+at)
	case i.owner != c.project() && !c.admin():
		return refuse(http.StatusForbidden, "You do not own this image")
	default:
		const lock = "os_glance_import_task"
		i.status, i.properties[lock] = "importing", c.id()
		c.after(c.opts.Delay, func() {
			delete(i.properties, lock)
			switch {
			case i.status != "importing":
			case strings.Contains(at, "missing"):
				i.status = "queued"
			default:
				i.status = "active"
				i.fill(65536)
			}
		})
	}
	c.header.Set("Content-Type", "text/html; charset=UTF-8")
	return c.answer(http.StatusAccepted)
}

// fetchable tells whether Glance, as it comes, would try to fetch from an
// address: of http or https, on their usual ports, from a host that is known,
// which those of the domain example are.
func fetchable(at string) bool {
	u, err := url.Parse(at)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	return strings.HasSuffix(u.Hostname(), ".example") && (u.Port() == "" || u.Port() == "80" || u.Port() == "443")
}
