package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	zone        = "nova"
	hostID      = "eaf3840d8e8c86e729be56ae07cbd4f38083ddfe24ae21c1a716f342"
	maxMetadata = 128
)

// server is a machine of Nova's.
type server struct {
	id, name, description, hostname string
	user                            *user
	project                         string
	flavor                          *flavor
	image                           string // empty: boots from a volume
	imageProperties                 map[string]string
	keyName, userData               string
	accessIPv4, accessIPv6          string
	configDrive                     bool
	groups                          []string
	metadata                        map[string]string
	tags                            []string
	created, updated, launched      time.Time
	vmState, taskState              string
	powerState                      int
	hosted                          bool // on a host: not while building, nor shelved
	locked                          bool
	lockedReason                    string
	fault                           string
	faultTime                       time.Time
	ports                           []*port
	attachments                     []*attachment
	actions                         []*instanceAction // oldest first
	resized                         resizing
	shelvedImage                    string
	// turn counts transitions: a newer one calls off what an older one had in
	// mind.
	turn int
}

// resizing is what a resize can be reverted to.
type resizing struct {
	flavor  *flavor
	vmState string
	ending  bool // confirmed already
}

// statuses gives a server's status by its vm_state and, where it matters, its
// task_state.
var statuses = map[string]map[string]string{
	"active": {
		"": "ACTIVE", "rebooting": "REBOOT", "rebooting_hard": "HARD_REBOOT", "updating_password": "PASSWORD",
		"rebuilding": "REBUILD", "resize_prep": "RESIZE", "resize_migrated": "RESIZE",
	},
	"building":          {"": "BUILD"},
	"stopped":           {"": "SHUTOFF", "resize_prep": "RESIZE", "resize_migrated": "RESIZE", "rebuilding": "REBUILD"},
	"resized":           {"": "VERIFY_RESIZE", "resize_reverting": "REVERT_RESIZE"},
	"paused":            {"": "PAUSED"},
	"suspended":         {"": "SUSPENDED"},
	"rescued":           {"": "RESCUE"},
	"error":             {"": "ERROR", "rebuilding": "REBUILD"},
	"shelved":           {"": "SHELVED"},
	"shelved_offloaded": {"": "SHELVED_OFFLOADED"},
}

// withProgress are the statuses that come with a progress.
var withProgress = []string{"ACTIVE", "BUILD", "REBUILD", "RESIZE", "VERIFY_RESIZE"}

func (s *server) status() string {
	byTask := statuses[s.vmState]
	if v, ok := byTask[s.taskState]; ok {
		return v
	}
	return byTask[""]
}

// visible tells whether the call's project may see the server.
func (c *call) visible(s *server) bool { return s.project == c.project() || c.admin() }

// server gives the server that the path names.
func (c *call) server() (*server, error) {
	if s := c.servers.byID[c.param(0)]; s != nil && c.visible(s) {
		return s, nil
	}
	return nil, refuse(http.StatusNotFound, "Instance "+c.param(0)+" could not be found.")
}

func showServer(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	c.out.object("", func() { c.writeServer("server", s, true) })
	return c.answer(http.StatusOK)
}

func listServers(detail bool) func(*call) error {
	return func(c *call) error {
		filters, err := c.serverFilters()
		if err != nil {
			return err
		}
		everybody := false
		if v, ok := truth(c.query.Get("all_tenants")); c.query.Has("all_tenants") && (v || !ok) {
			if !c.admin() {
				return refuse(http.StatusForbidden, "Policy doesn't allow os_compute_api:servers:"+map[bool]string{false: "index", true: "detail"}[detail]+":get_all_tenants to be performed.")
			}
			everybody = true
		}
		own := c.project()
		// Newest first.
		found := make([]*server, 0, len(c.servers.order))
		for _, s := range slices.Backward(c.servers.order) {
			if (everybody || s.project == own) && !slices.ContainsFunc(filters, func(match func(*server) bool) bool { return !match(s) }) {
				found = append(found, s)
			}
		}
		if err := c.sortServers(found); err != nil {
			return err
		}
		path, size := "/v2.1/servers", 350
		if detail {
			path, size = path+"/detail", 1700
		}
		c.out.b = make([]byte, 0, min(len(found), c.pageSize())*size+256)
		return novaPage(c, "servers", path, found, func(s *server) string { return s.id }, func(s *server) {
			if detail {
				c.writeServer("", s, false)
				return
			}
			c.out.object("", func() {
				c.out.str("id", s.id)
				c.out.str("name", s.name)
				c.writeServerLinks(s)
			})
		})
	}
}

// addresses are the server's addresses of one IP version.
func (s *server) addresses(version int) []string {
	var list []string
	for _, p := range s.ports {
		for _, ip := range p.fixedIPs {
			if ipVersion(ip.Address) == version {
				list = append(list, ip.Address)
			}
		}
		for _, f := range p.floating {
			if ipVersion(f.address) == version {
				list = append(list, f.address)
			}
		}
	}
	return list
}

func ipVersion(address string) int {
	if strings.Contains(address, ":") {
		return 6
	}
	return 4
}

func (c *call) writeServerLinks(s *server) {
	c.out.links(c.base+"/compute/v2.1/servers/"+s.id, c.base+"/compute/servers/"+s.id)
}

// writeServer writes a server as the call's microversion shapes it. One alone
// has its server groups; listings do not.
func (c *call) writeServer(key string, s *server, alone bool) {
	o := &c.out
	status := s.status()
	o.object(key, func() {
		o.str("id", s.id)
		o.str("name", s.name)
		o.str("status", status)
		o.str("tenant_id", s.project)
		o.str("user_id", s.user.id)
		o.object("metadata", func() { writeStrings(o, s.metadata) })
		if s.hosted {
			o.str("hostId", hostID)
		} else {
			o.str("hostId", "")
		}
		if s.image == "" {
			o.str("image", "")
		} else {
			o.object("image", func() {
				o.str("id", s.image)
				o.array("links", func() { o.link("bookmark", c.url("/images/"+s.image)) })
			})
		}
		o.object("flavor", func() {
			if c.minor < 47 {
				o.str("id", s.flavor.id)
				o.array("links", func() { o.link("bookmark", c.url("/flavors/"+s.flavor.id)) })
				return
			}
			o.num("vcpus", s.flavor.vcpus)
			o.num("ram", s.flavor.ramMiB)
			o.num("disk", s.flavor.diskGiB)
			o.num("ephemeral", 0)
			o.num("swap", 0)
			o.str("original_name", s.flavor.name)
			o.object("extra_specs", func() { writeStrings(o, s.flavor.extraSpecs) })
		})
		o.time("created", s.created, seconds)
		o.time("updated", s.updated, seconds)
		o.object("addresses", func() { c.writeAddresses(s, true) })
		o.str("accessIPv4", s.accessIPv4)
		o.str("accessIPv6", s.accessIPv6)
		c.writeServerLinks(s)
		o.str("OS-DCF:diskConfig", "MANUAL")
		if slices.Contains(withProgress, status) {
			o.num("progress", 0)
		}
		if status == "ERROR" && s.fault != "" {
			o.object("fault", func() {
				o.num("code", http.StatusInternalServerError)
				o.time("created", s.faultTime, seconds)
				o.str("message", s.fault)
			})
		}
		if s.hosted {
			o.str("OS-EXT-AZ:availability_zone", zone)
		} else {
			o.str("OS-EXT-AZ:availability_zone", "")
		}
		o.str("config_drive", map[bool]string{true: "True"}[s.configDrive])
		o.strOrNull("key_name", s.keyName)
		o.time("OS-SRV-USG:launched_at", s.launched, microseconds)
		o.null("OS-SRV-USG:terminated_at")
		if len(s.ports) > 0 {
			o.array("security_groups", func() {
				for _, p := range s.ports {
					for _, id := range p.groups {
						if g := c.groups.byID[id]; g != nil {
							o.object("", func() { o.str("name", g.name) })
						}
					}
				}
			})
		}
		o.strOrNull("OS-EXT-STS:task_state", s.taskState)
		o.str("OS-EXT-STS:vm_state", s.vmState)
		o.num("OS-EXT-STS:power_state", s.powerState)
		o.array("os-extended-volumes:volumes_attached", func() {
			for _, a := range s.attachments {
				o.object("", func() {
					o.str("id", a.volume.id)
					if c.minor >= 3 {
						o.bool("delete_on_termination", a.deleteWithServer)
					}
				})
			}
		})
		if c.minor >= 9 {
			o.bool("locked", s.locked)
		}
		if c.minor >= 73 {
			o.strOrNull("locked_reason", s.lockedReason)
		}
		if c.minor >= 19 {
			o.strOrNull("description", s.description)
		}
		if c.minor >= 26 {
			o.any("tags", s.tags)
		}
		if c.minor >= 63 {
			o.null("trusted_image_certificates")
		}
		if c.minor >= 90 {
			o.str("OS-EXT-SRV-ATTR:hostname", s.hostname)
		}
		if c.minor >= 71 && alone {
			o.any("server_groups", []string{})
		}
	})
}

// writeStrings writes the members of an object whose keys are a client's.
func writeStrings(o *doc, m map[string]string) {
	if len(m) == 0 {
		return
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		o.comma()
		o.quote(k)
		o.b = append(o.b, ':')
		o.quote(m[k])
	}
}

// writeAddresses writes addresses by network.
func (c *call) writeAddresses(s *server, extended bool) {
	o := &c.out
	write := func(address, kind, mac string) {
		o.object("", func() {
			o.num("version", ipVersion(address))
			o.str("addr", address)
			if extended {
				o.str("OS-EXT-IPS:type", kind)
				o.str("OS-EXT-IPS-MAC:mac_addr", mac)
			}
		})
	}
	for i, p := range s.ports {
		if slices.ContainsFunc(s.ports[:i], func(q *port) bool { return q.network == p.network }) {
			continue // written with the first port on its network
		}
		o.comma()
		o.quote(p.network.name)
		o.b = append(o.b, ':', '[')
		for _, q := range s.ports[i:] {
			if q.network != p.network {
				continue
			}
			for _, ip := range q.fixedIPs {
				write(ip.Address, "fixed", q.mac)
			}
			for _, f := range q.floating {
				write(f.address, "floating", q.mac)
			}
		}
		o.b = append(o.b, ']')
	}
}

func listAddresses(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	return c.object(http.StatusOK, "addresses", func() { c.writeAddresses(s, false) })
}

var serverUpdateSchema = schema{
	{name: "name", check: text(1, 255)},
	{name: "OS-DCF:diskConfig", check: oneOf("AUTO", "MANUAL")},
	{name: "accessIPv4", check: address(4)},
	{name: "accessIPv6", check: address(6)},
	{name: "description", since: 19, check: description},
	{name: "hostname", since: 90, check: matching(hostnamePattern, 255)},
}

func updateServer(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	want, err := c.member("server")
	if err != nil {
		return err
	}
	if err := serverUpdateSchema.check("server", want, c.minor); err != nil {
		return err
	}
	if name, ok := want["name"].(string); ok {
		if name, err = c.serverName(name); err != nil {
			return err
		}
		s.name = name
	}
	for field, place := range map[string]*string{"description": &s.description, "hostname": &s.hostname, "accessIPv4": &s.accessIPv4, "accessIPv6": &s.accessIPv6} {
		if v, given := want[field]; given {
			*place, _ = v.(string)
		}
	}
	s.updated = c.now()
	c.out.object("", func() { c.writeServer("server", s, true) })
	return c.answer(http.StatusOK)
}

// deleteServer begins a deletion. It may be repeated while it lasts.
func deleteServer(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	if s.locked && !c.admin() {
		return locked(s)
	}
	if s.taskState != "deleting" {
		c.log(s, "delete")
		c.start(s, "deleting", func() { c.Cloud.removeServer(s) })
		if !s.hosted && s.vmState == "error" {
			c.Cloud.removeServer(s) // there is nothing to wait for
		}
	}
	return c.answer(http.StatusNoContent)
}

// removeServer ends a server with all that was made for it.
func (c *Cloud) removeServer(s *server) {
	c.servers.remove(s.id)
	for _, p := range slices.Clone(s.ports) {
		if p.ownedByServer {
			c.removePort(p)
		} else {
			p.unbind()
		}
	}
	for _, a := range slices.Clone(s.attachments) {
		c.detach(a)
		if a.deleteWithServer {
			c.volumes.remove(a.volume.id)
		}
	}
}

func locked(s *server) error {
	return refuse(http.StatusConflict, "Instance "+s.id+" is locked")
}
