package sandbox

import (
	"bytes"
	"crypto/md5"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

type image struct {
	id, name, owner             string
	status, visibility          string
	diskFormat, containerFormat string
	checksum, hash              string
	size                        int64
	filled                      bool // its size and sums are known
	minDiskGiB, minRAMMiB       int
	protected, hidden           bool
	tags                        []string
	properties                  map[string]string
	members                     map[string]*member
	created, updated            time.Time
}

type member struct {
	project, status  string
	created, updated time.Time
}

func (c *Cloud) newImage(owner, name string) *image {
	i := &image{id: c.id(), name: name, owner: owner, status: "queued", visibility: "shared", tags: []string{},
		properties: map[string]string{}, members: map[string]*member{}, created: c.now(), updated: c.now()}
	c.images.add(i.id, i)
	return i
}

// become changes the status of an image that is being made, and tells whether
// it is.
func (i *image) become(status string) bool {
	if i.status != "queued" && i.status != "saving" {
		return false
	}
	i.status = status
	return true
}

// fill gives an image the sums of that many zeros.
func (i *image) fill(size int) {
	i.sums(bytes.NewReader(make([]byte, size)))
}

// sums counts and sums data.
func (i *image) sums(data io.Reader) {
	short, long := md5.New(), sha512.New()
	n, _ := io.Copy(io.MultiWriter(short, long), data) // hashes take all
	i.size, i.filled = n, true
	i.checksum, i.hash = hex.EncodeToString(short.Sum(nil)), hex.EncodeToString(long.Sum(nil))
}

// usableBy tells whether a project may see the image by its id.
func (i *image) usableBy(project string) bool {
	return i.owner == project || i.visibility == "public" || i.visibility == "community" || i.visibility == "shared" && i.members[project] != nil
}

func (c *Cloud) seedImages() {
	owner := ""
	if p := c.projectNamed("admin"); p != nil {
		owner = p.id
	}
	i := c.newImage(owner, "cirros")
	i.status, i.visibility, i.diskFormat, i.containerFormat, i.minDiskGiB = "active", "public", "raw", "bare", 1
	i.fill(4 << 20)
}

// attribute gives an attribute or a property for filters.
func (i *image) attribute(name string) string {
	switch name {
	case "id":
		return i.id
	case "name":
		return i.name
	case "owner":
		return i.owner
	case "status":
		return i.status
	case "disk_format":
		return i.diskFormat
	case "container_format":
		return i.containerFormat
	case "checksum":
		return i.checksum
	case "protected":
		return strconv.FormatBool(i.protected)
	case "min_disk":
		return strconv.Itoa(i.minDiskGiB)
	case "min_ram":
		return strconv.Itoa(i.minRAMMiB)
	}
	return i.properties[name]
}

func (c *call) writeImage(i *image) {
	o := &c.out
	self := "/v2/images/" + i.id
	o.object("", func() {
		writeStrings(o, i.properties)
		o.strOrNull("name", i.name)
		o.strOrNull("disk_format", i.diskFormat)
		o.strOrNull("container_format", i.containerFormat)
		o.str("visibility", i.visibility)
		if i.filled {
			o.any("size", i.size)
			o.any("virtual_size", i.size)
		} else {
			o.null("size")
			o.null("virtual_size")
		}
		o.str("status", i.status)
		o.strOrNull("checksum", i.checksum)
		o.bool("protected", i.protected)
		o.num("min_ram", i.minRAMMiB)
		o.num("min_disk", i.minDiskGiB)
		o.str("owner", i.owner)
		o.bool("os_hidden", i.hidden)
		if i.filled {
			o.str("os_hash_algo", "sha512")
		} else {
			o.null("os_hash_algo")
		}
		o.strOrNull("os_hash_value", i.hash)
		o.str("id", i.id)
		o.time("created_at", i.created, seconds)
		o.time("updated_at", i.updated, seconds)
		o.any("tags", i.tags)
		o.str("self", self)
		o.str("file", self+"/file")
		o.str("schema", "/v2/schemas/image")
		if i.filled {
			o.str("stores", "files")
		}
	})
}

// image gives the image that the path names.
func (c *call) image() (*image, error) {
	if i := c.images.byID[c.param(0)]; i != nil && (i.usableBy(c.project()) || c.admin()) {
		return i, nil
	}
	return nil, refuse(http.StatusNotFound, "No image found with ID "+c.param(0))
}

// ownImage is image for whoever wants to change it.
func (c *call) ownImage() (*image, error) {
	i, err := c.image()
	if err == nil && i.owner != c.project() && !c.admin() {
		return nil, refuse(http.StatusForbidden, "You do not own this image")
	}
	return i, err
}

func showImage(c *call) error {
	i, err := c.image()
	if err != nil {
		return err
	}
	c.writeImage(i)
	return c.answer(http.StatusOK)
}

// setters are the attributes that requests may set; what is not among them and
// not read-only is a property.
var setters = map[string]struct {
	kind string // as JSON Schema calls it
	set  func(*image, any)
}{
	"name":             {"string", func(i *image, v any) { i.name, _ = v.(string) }},
	"visibility":       {"string", func(i *image, v any) { i.visibility, _ = v.(string) }},
	"disk_format":      {"string", func(i *image, v any) { i.diskFormat, _ = v.(string) }},
	"container_format": {"string", func(i *image, v any) { i.containerFormat, _ = v.(string) }},
	"min_disk":         {"integer", func(i *image, v any) { i.minDiskGiB, _ = wholeNumber(v) }},
	"min_ram":          {"integer", func(i *image, v any) { i.minRAMMiB, _ = wholeNumber(v) }},
	"protected":        {"boolean", func(i *image, v any) { i.protected, _ = v.(bool) }},
	"os_hidden":        {"boolean", func(i *image, v any) { i.hidden, _ = v.(bool) }},
	"tags":             {"array", func(i *image, v any) { i.tags = texts(v) }},
}

var readOnly = []string{"id", "status", "created_at", "updated_at", "checksum", "os_hash_algo", "os_hash_value", "size", "virtual_size", "self", "file", "schema", "owner", "direct_url", "locations", "stores"}

// set gives an image an attribute or a property.
func (c *call) setImage(i *image, name string, v any) error {
	if slices.Contains(readOnly, name) {
		return refuse(http.StatusForbidden, "Attribute '"+name+"' is read-only.")
	}
	if strings.HasPrefix(name, "os_glance_") {
		return &failure{status: http.StatusForbidden, message: "Access was denied to this resource.", detail: "Attribute '" + name + "' is reserved."}
	}
	setter, known := setters[name]
	kind := setter.kind
	if !known {
		kind = "string"
	}
	right := false
	switch v := v.(type) {
	case string:
		right = kind == "string"
		if right && len([]rune(v)) > 255 {
			return badSchema(name, v, "is too long")
		}
	case bool:
		right = kind == "boolean"
	case json.Number:
		right = kind == "integer"
	case []any:
		right = kind == "array"
	}
	if !right {
		return badSchema(name, v, "is not of type '"+kind+"'")
	}
	if known := map[string][]string{
		"disk_format":      {"ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"},
		"container_format": {"ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"},
	}[name]; known != nil && !slices.Contains(known, v.(string)) {
		list := pythonText(known[0])
		for _, one := range known[1:] {
			list += ", " + pythonText(one)
		}
		return badSchema(name, v, "is not one of [None, "+list+"]")
	}
	if name == "visibility" {
		if !slices.Contains([]string{"public", "private", "shared", "community"}, v.(string)) {
			return badSchema(name, v, "is not one of ['community', 'public', 'private', 'shared']")
		}
		if v == "public" && !c.admin() {
			return refuse(http.StatusForbidden, "You are not authorized to complete publicize_image action.")
		}
	}
	if known {
		setter.set(i, v)
	} else {
		i.properties[name] = v.(string)
	}
	return nil
}

func badSchema(name string, v any, problem string) error {
	return refuse(http.StatusBadRequest, fmt.Sprintf("Provided object does not match schema 'image': %s %s\n\nOn instance['%s']:\n    %s", python(v), problem, name, python(v)))
}

func createImageRecord(c *call) error {
	body, ok := c.body()
	if !ok {
		return refuse(http.StatusBadRequest, "Malformed JSON in request body.")
	}
	draft := &image{properties: map[string]string{}, visibility: "shared", tags: []string{}}
	id := c.id()
	if wanted, given := body["id"]; given {
		if s, ok := wanted.(string); !ok || !isUUID(s) {
			return badSchema("id", wanted, "does not match '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$'")
		}
		id = wanted.(string)
		if c.images.byID[id] != nil {
			return refuse(http.StatusConflict, "Image ID "+id+" already exists!")
		}
		delete(body, "id")
	}
	for name, v := range body {
		if err := c.setImage(draft, name, v); err != nil {
			return err
		}
	}
	draft.id, draft.owner, draft.status, draft.members = id, c.project(), "queued", map[string]*member{}
	draft.created, draft.updated = c.now(), c.now()
	c.images.add(draft.id, draft)
	c.header.Set("Location", c.url("/v2/images/"+draft.id))
	c.header.Set("Openstack-Image-Import-Methods", strings.Join(importMethods, ","))
	c.writeImage(draft)
	return c.answer(http.StatusCreated)
}

// digest reads all of an upload and gives what is kept of it: size and sums.
func digest(data io.Reader) string {
	var i image
	i.sums(data)
	return fmt.Sprint(i.size, " ", i.checksum, " ", i.hash)
}

func uploadImage(c *call) error {
	i, err := c.ownImage()
	if err != nil {
		return err
	}
	if i.status != "queued" {
		return refuse(http.StatusConflict, "Image status transition from "+i.status+" to saving is not allowed")
	}
	if i.diskFormat == "" || i.containerFormat == "" {
		return refuse(http.StatusBadRequest, "Properties disk_format, container_format must be set prior to saving data.")
	}
	if _, err := fmt.Sscan(string(c.data), &i.size, &i.checksum, &i.hash); err != nil {
		return err
	}
	i.filled, i.status, i.updated = true, "active", c.now()
	c.header.Set("Content-Type", "text/html; charset=UTF-8")
	return c.answer(http.StatusNoContent)
}

const (
	patchType    = "application/openstack-images-v2.1-json-patch"
	oldPatchType = "application/openstack-images-v2.0-json-patch"
)

// patchImage is all or nothing: a copy is changed, and takes the image's place.
func patchImage(c *call) error {
	mediaType := c.req.Header.Get("Content-Type")
	if mediaType != patchType && mediaType != oldPatchType {
		c.header.Set("Accept-Patch", oldPatchType+", "+patchType)
		return refuse(http.StatusUnsupportedMediaType, "The request media type "+mediaType+" is not supported by this server.\n")
	}
	var steps []map[string]any
	d := json.NewDecoder(bytes.NewReader(c.data))
	d.UseNumber()
	if d.Decode(&steps) != nil {
		return refuse(http.StatusBadRequest, "Malformed JSON in request body.")
	}
	i, err := c.ownImage()
	if err != nil {
		return err
	}
	draft := *i
	draft.properties = cloneStrings(i.properties)
	for _, step := range steps {
		if err := c.patch(&draft, step); err != nil {
			return err
		}
	}
	*i = draft
	i.updated = c.now()
	c.writeImage(i)
	return c.answer(http.StatusOK)
}

func (c *call) patch(i *image, step map[string]any) error {
	op, path := textAt(step, "op"), textAt(step, "path")
	name, ok := strings.CutPrefix(path, "/")
	if !ok || name == "" || strings.Contains(name, "/") {
		return refuse(http.StatusBadRequest, "Pointer `"+path+"` does not start with \"/\".")
	}
	name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
	_, known := setters[name]
	_, has := i.properties[name]
	value, given := step["value"]
	switch {
	case op != "add" && op != "replace" && op != "remove":
		return refuse(http.StatusBadRequest, "Operations must be JSON objects.")
	case op != "remove" && !given:
		return refuse(http.StatusBadRequest, "Operation \""+op+"\" requires a member named \"value\".")
	case slices.Contains(readOnly, name):
		return refuse(http.StatusForbidden, "Attribute '"+name+"' is read-only.")
	case op != "add" && !known && !has:
		return &failure{status: http.StatusConflict, message: "There was a conflict when trying to complete your request.", detail: "Property " + name + " does not exist."}
	case op == "remove" && known:
		return refuse(http.StatusForbidden, "Property '"+name+"' is reserved.")
	case op == "remove":
		delete(i.properties, name)
		return nil
	}
	return c.setImage(i, name, value)
}

func deleteImage(c *call) error {
	i := c.images.byID[c.param(0)]
	if i == nil || !i.usableBy(c.project()) && !c.admin() {
		return refuse(http.StatusNotFound, "Failed to find image "+c.param(0)+" to delete")
	}
	if _, err := c.ownImage(); err != nil {
		return err
	}
	if i.protected {
		return refuse(http.StatusForbidden, "Image "+i.id+" is protected and cannot be deleted.")
	}
	c.images.remove(i.id)
	i.status = "deleted" // what is still saving it, stops
	c.header.Set("Content-Type", "text/html; charset=UTF-8")
	return c.answer(http.StatusNoContent)
}

func switchImage(status string) func(*call) error {
	return func(c *call) error {
		i, err := c.ownImage()
		if err != nil {
			return err
		}
		if i.status != "active" && i.status != "deactivated" {
			return refuse(http.StatusForbidden, "Not allowed to "+map[string]string{"active": "reactivate", "deactivated": "deactivate"}[status]+" image in status '"+i.status+"'")
		}
		i.status = status
		return c.answer(http.StatusNoContent)
	}
}

func addImageTag(c *call) error {
	i, err := c.ownImage()
	if err != nil {
		return err
	}
	if !slices.Contains(i.tags, c.param(1)) {
		i.tags = append(slices.Clone(i.tags), c.param(1))
	}
	c.header.Set("Content-Type", "text/html; charset=UTF-8")
	return c.answer(http.StatusNoContent)
}

func deleteImageTag(c *call) error {
	i, err := c.ownImage()
	if err != nil {
		return err
	}
	at := slices.Index(i.tags, c.param(1))
	if at < 0 {
		return refuse(http.StatusNotFound, "The resource could not be found.")
	}
	i.tags = slices.Delete(slices.Clone(i.tags), at, at+1)
	c.header.Set("Content-Type", "text/html; charset=UTF-8")
	return c.answer(http.StatusNoContent)
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}
