package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// glance is the image service, version 2.
func glance() *service {
	return &service{
		name: "glance", typ: "image", mount: "/image",
		before: glanceBefore, render: glanceRender, wide: wideInGlance,
		routes: []route{
			{method: "GET", path: "/", handle: glanceVersions(http.StatusMultipleChoices), open: true},
			{method: "GET", path: "/versions", handle: glanceVersions(http.StatusOK), open: true},
			{method: "GET", path: "/v2/info/import", handle: showImportInfo},
			{method: "GET", path: "/v2/images", handle: listImages},
			{method: "POST", path: "/v2/images", handle: createImageRecord},
			{method: "GET", path: "/v2/images/{id}", handle: showImage},
			{method: "PATCH", path: "/v2/images/{id}", handle: patchImage},
			{method: "DELETE", path: "/v2/images/{id}", handle: deleteImage},
			{method: "PUT", path: "/v2/images/{id}/file", handle: uploadImage, upload: true},
			{method: "POST", path: "/v2/images/{id}/import", handle: importImage},
			{method: "POST", path: "/v2/images/{id}/actions/deactivate", handle: switchImage("deactivated")},
			{method: "POST", path: "/v2/images/{id}/actions/reactivate", handle: switchImage("active")},
			{method: "PUT", path: "/v2/images/{id}/tags/{tag}", handle: addImageTag},
			{method: "DELETE", path: "/v2/images/{id}/tags/{tag}", handle: deleteImageTag},
			{method: "GET", path: "/v2/images/{id}/members", handle: listMembers},
			{method: "POST", path: "/v2/images/{id}/members", handle: addMember},
			{method: "GET", path: "/v2/images/{id}/members/{member}", handle: showMember},
			{method: "PUT", path: "/v2/images/{id}/members/{member}", handle: setMember},
			{method: "DELETE", path: "/v2/images/{id}/members/{member}", handle: deleteMember},
		},
	}
}

func glanceBefore(c *call) error {
	if c.route == nil || !c.route.open {
		if err := c.authenticate(); err != nil {
			return err
		}
	}
	if c.route == nil {
		return refuse(http.StatusNotFound, "The resource could not be found.")
	}
	return nil
}

func glanceRender(c *call, f *failure) {
	if f.status == http.StatusUnauthorized {
		c.challenge()
		c.reqID = "" // the middleware before Glance knows none yet
		f = &failure{status: f.status, message: "This server could not verify that you are authorized to access the document you requested. Either you supplied the wrong credentials (e.g., bad password), or your browser does not understand how to supply the credentials required."}
	}
	renderPlain(c, f)
}

func glanceVersions(status int) func(*call) error {
	return func(c *call) error {
		c.out.object("", func() {
			c.out.array("versions", func() {
				for i, minor := range []int{15, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0} {
					c.out.object("", func() {
						c.out.str("id", "v2."+strconv.Itoa(minor))
						c.out.str("status", map[bool]string{true: "CURRENT", false: "SUPPORTED"}[i == 0])
						c.out.array("links", func() { c.out.link("self", c.url("/v2/")) })
					})
				}
			})
		})
		return c.answer(status)
	}
}

// imageQueries are the query parameters of listings that are no properties.
var imageQueries = []string{"limit", "marker", "sort", "sort_key", "sort_dir", "member_status", "visibility", "size_min", "size_max", "tag", "os_hidden", "changes-since"}

// defaultImagePage is how many images Glance lists to whoever sets no limit.
const defaultImagePage = 25

func badImageQuery(message string) error { return refuse(http.StatusBadRequest, message) }

func listImages(c *call) error {
	keep, err := c.imageFilters()
	if err != nil {
		return err
	}
	found := c.images.where(keep)
	slices.Reverse(found) // newest first
	if err := c.sortImages(found); err != nil {
		return err
	}
	limit := defaultImagePage
	if text := c.query.Get("limit"); c.query.Has("limit") {
		if limit, err = strconv.Atoi(text); err != nil {
			return badImageQuery("limit param must be an integer")
		}
		if limit < 0 {
			return badImageQuery("limit param must be positive")
		}
	}
	marker := c.query.Get("marker")
	items, more, ok := page(found, func(i *image) string { return i.id }, marker, limit, c.pageSize())
	if !ok {
		return badImageQuery("No image found with ID " + marker)
	}
	c.out.object("", func() {
		c.out.array("images", func() {
			for _, i := range items {
				c.writeImage(i)
			}
		})
		query := orderedQuery(c.req.URL.RawQuery)
		c.out.str("first", joinQuery("/v2/images", query...))
		c.out.str("schema", "/v2/schemas/images")
		if more {
			c.out.str("next", joinQuery("/v2/images", append(query, queryPair("marker", items[len(items)-1].id))...))
		}
	})
	return c.answer(http.StatusOK)
}

// orderedQuery gives a query's pairs, but for the marker, escaped anew.
func orderedQuery(raw string) []string {
	var pairs []string
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name == "" || name == "marker" {
			continue
		}
		pairs = append(pairs, queryPair(unescape(name), unescape(value)))
	}
	return pairs
}

func joinQuery(path string, pairs ...string) string {
	if len(pairs) == 0 {
		return path
	}
	return path + "?" + strings.Join(pairs, "&")
}

// imageFilters gives what a listing shows: what the project may see, as far as
// the query does not say otherwise.
func (c *call) imageFilters() (func(*image) bool, error) {
	status := c.query.Get("member_status")
	if status == "" {
		status = "accepted"
	}
	if !slices.Contains([]string{"accepted", "pending", "rejected", "all"}, status) {
		return nil, badImageQuery("Invalid status: " + status)
	}
	visibility := c.query.Get("visibility")
	if visibility != "" && !slices.Contains([]string{"public", "private", "shared", "community", "all"}, visibility) {
		return nil, badImageQuery("Invalid visibility value: " + visibility)
	}
	least, most := int64(0), int64(-1)
	for name, place := range map[string]*int64{"size_min": &least, "size_max": &most} {
		if text := c.query.Get(name); text != "" {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return nil, badImageQuery("Unable to filter on a range with a non-numeric value.")
			}
			*place = n
		}
	}
	own := c.project()
	return func(i *image) bool {
		switch {
		case i.owner == own:
		case i.visibility == "public":
		case i.visibility == "community" && (visibility == "community" || visibility == "all"):
		case i.visibility == "shared" && i.members[own] != nil && (status == "all" || i.members[own].status == status):
		case c.admin() && c.query.Has("owner"):
		default:
			return false
		}
		if visibility != "" && visibility != "all" && i.visibility != visibility || i.size < least || most >= 0 && i.size > most {
			return false
		}
		for _, tag := range c.query["tag"] {
			if !slices.Contains(i.tags, tag) {
				return false
			}
		}
		for name, values := range c.query {
			if slices.Contains(imageQueries, name) {
				continue
			}
			have := i.attribute(name)
			if list, ok := strings.CutPrefix(values[0], "in:"); ok {
				if !slices.Contains(strings.Split(list, ","), have) {
					return false
				}
			} else if have != values[0] {
				return false
			}
		}
		return true
	}, nil
}

var imageOrders = map[string]func(a, b *image) int{
	"name":             func(a, b *image) int { return strings.Compare(a.name, b.name) },
	"status":           func(a, b *image) int { return strings.Compare(a.status, b.status) },
	"container_format": func(a, b *image) int { return strings.Compare(a.containerFormat, b.containerFormat) },
	"disk_format":      func(a, b *image) int { return strings.Compare(a.diskFormat, b.diskFormat) },
	"size":             func(a, b *image) int { return int(a.size - b.size) },
	"id":               func(a, b *image) int { return strings.Compare(a.id, b.id) },
	"created_at":       func(a, b *image) int { return a.created.Compare(b.created) },
	"updated_at":       func(a, b *image) int { return a.updated.Compare(b.updated) },
}

// sortImages sorts by "sort=key:dir,..." or the older sort_key and sort_dir.
func (c *call) sortImages(list []*image) error {
	var keys []string
	if s := c.query.Get("sort"); s != "" {
		keys = strings.Split(s, ",")
	}
	for i, key := range c.query["sort_key"] {
		if dirs := c.query["sort_dir"]; i < len(dirs) {
			key += ":" + dirs[i]
		}
		keys = append(keys, key)
	}
	for _, key := range slices.Backward(keys) {
		name, dir, _ := strings.Cut(key, ":")
		order, ok := imageOrders[name]
		if !ok {
			return badImageQuery(fmt.Sprintf("Invalid sort key: %s. It must be one of the following: name, status, container_format, disk_format, size, id, created_at, updated_at.", name))
		}
		sign := -1
		if dir == "asc" {
			sign = 1
		}
		slices.SortStableFunc(list, func(a, b *image) int { return sign * order(a, b) })
	}
	return nil
}
