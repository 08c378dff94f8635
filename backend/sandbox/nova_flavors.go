package sandbox

import (
	"net/http"
	"strconv"
)

type flavor struct {
	id, name      string
	vcpus, ramMiB int
	diskGiB       int
	extraSpecs    map[string]string
}

func (c *Cloud) seedFlavors() {
	for _, f := range []flavor{
		{id: "1", name: "m1.tiny", vcpus: 1, ramMiB: 512, diskGiB: 1},
		{id: "2", name: "m1.small", vcpus: 1, ramMiB: 2048, diskGiB: 20},
		{id: "3", name: "m1.medium", vcpus: 2, ramMiB: 4096, diskGiB: 40},
		{id: "4", name: "m1.large", vcpus: 4, ramMiB: 8192, diskGiB: 80},
		{id: "5", name: "m1.xlarge", vcpus: 8, ramMiB: 16384, diskGiB: 160},
	} {
		f.extraSpecs = map[string]string{}
		c.flavors = append(c.flavors, &f)
	}
}

func (c *Cloud) flavor(id string) *flavor {
	for _, f := range c.flavors {
		if f.id == id {
			return f
		}
	}
	return nil
}

func listFlavors(detail bool) func(*call) error {
	return func(c *call) error {
		minRAM, err1 := c.sizeFilter("minRam")
		minDisk, err2 := c.sizeFilter("minDisk")
		if err1 != nil || err2 != nil {
			return refuse(http.StatusBadRequest, "Invalid minRam or minDisk filter")
		}
		var list []*flavor
		for _, f := range c.flavors {
			if f.ramMiB >= minRAM && f.diskGiB >= minDisk {
				list = append(list, f)
			}
		}
		path := "/v2.1/flavors"
		if detail {
			path += "/detail"
		}
		return novaPage(c, "flavors", path, list, func(f *flavor) string { return f.id }, func(f *flavor) { c.writeFlavor("", f, detail) })
	}
}

func (c *call) sizeFilter(name string) (int, error) {
	if !c.query.Has(name) {
		return 0, nil
	}
	return strconv.Atoi(c.query.Get(name))
}

func showFlavor(c *call) error {
	f := c.flavor(c.param(0))
	if f == nil {
		return refuse(http.StatusNotFound, "Flavor "+c.param(0)+" could not be found.")
	}
	c.out.object("", func() { c.writeFlavor("flavor", f, true) })
	return c.answer(http.StatusOK)
}

func showExtraSpecs(c *call) error {
	f := c.flavor(c.param(0))
	if f == nil {
		return refuse(http.StatusNotFound, "Flavor "+c.param(0)+" could not be found.")
	}
	c.out.object("", func() { c.out.any("extra_specs", f.extraSpecs) })
	return c.answer(http.StatusOK)
}

func (c *call) writeFlavor(key string, f *flavor, detail bool) {
	c.out.object(key, func() {
		c.out.str("id", f.id)
		c.out.str("name", f.name)
		if detail {
			c.out.num("ram", f.ramMiB)
			c.out.num("disk", f.diskGiB)
			if c.minor >= 75 {
				c.out.num("swap", 0)
			} else {
				c.out.str("swap", "")
			}
			c.out.num("OS-FLV-EXT-DATA:ephemeral", 0)
			c.out.bool("OS-FLV-DISABLED:disabled", false)
			c.out.num("vcpus", f.vcpus)
			c.out.bool("os-flavor-access:is_public", true)
			c.out.any("rxtx_factor", 1.0)
		}
		c.out.links(c.url("/v2.1/flavors/"+f.id), c.url("/flavors/"+f.id))
		if c.minor >= 55 {
			c.out.null("description")
		}
		if detail && c.minor >= 61 {
			c.out.any("extra_specs", f.extraSpecs)
		}
	})
}
