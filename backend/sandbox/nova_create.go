package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

const hostnamePattern = `^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$`

var serverCreateSchema = schema{
	{name: "name", required: true, check: text(1, 255)},
	{name: "flavorRef", required: true, check: flavorRef},
	{name: "imageRef", check: imageRef},
	{name: "networks", check: anything}, // see requestedNetworks
	{name: "adminPass", check: text(0, 0)},
	{name: "metadata", check: anything}, // see metadata
	{name: "key_name", check: text(1, 255)},
	{name: "user_data", check: text(0, 65535)},
	{name: "availability_zone", check: text(1, 255)},
	{name: "security_groups", check: list},
	{name: "block_device_mapping", check: list},
	{name: "block_device_mapping_v2", check: list},
	{name: "config_drive", check: boolean},
	{name: "min_count", check: integer(1)},
	{name: "max_count", check: integer(1)},
	{name: "return_reservation_id", check: boolean},
	{name: "OS-DCF:diskConfig", check: oneOf("AUTO", "MANUAL")},
	{name: "accessIPv4", check: address(4)},
	{name: "accessIPv6", check: address(6)},
	{name: "personality", until: 57, check: list},
	{name: "description", since: 19, check: description},
	{name: "tags", since: 52, check: list},
	{name: "trusted_image_certificates", since: 63, check: anything},
	{name: "host", since: 74, check: text(1, 255)},
	{name: "hypervisor_hostname", since: 74, check: text(1, 255)},
	{name: "hostname", since: 90, check: matching(hostnamePattern, 255)},
}

// flavorRef takes ids, which clients may write as numbers.
func flavorRef(v any) string {
	if s, ok := v.(string); ok && s != "" {
		return ""
	}
	if _, ok := v.(json.Number); ok {
		return ""
	}
	return "is not of type 'string', 'integer'"
}

func refText(v any) string {
	if n, ok := v.(json.Number); ok {
		return n.String()
	}
	s, _ := v.(string)
	return s
}

func imageRef(v any) string {
	if s, ok := v.(string); ok && (s == "" || isUUID(s)) {
		return ""
	}
	return "is not valid under any of the given schemas"
}

// nic is a wish for a port: an existing one, or a new one on a network.
type nic struct {
	port    *port
	network *network
	fixedIP string
}

// createServer is POST /servers. Nothing is made unless all is in order.
func createServer(c *call) error {
	want, err := c.member("server")
	if err != nil {
		return err
	}
	if err := serverCreateSchema.check("server", want, c.minor); err != nil {
		return err
	}
	draft := &server{user: c.token.user, project: c.project(), vmState: "building", taskState: "scheduling", tags: []string{}}
	if draft.name, err = c.serverName(textAt(want, "name")); err != nil {
		return err
	}
	for _, step := range []func(*server, map[string]any) error{c.draftText, c.draftFlavor, c.draftGroups} {
		if err := step(draft, want); err != nil {
			return err
		}
	}
	nics, err := c.requestedNetworks(want)
	if err != nil {
		return err
	}
	disks, err := c.requestedDisks(want["block_device_mapping_v2"])
	if err != nil {
		return err
	}
	if err := c.draftImage(draft, want, disks); err != nil {
		return err
	}
	n, err := c.requestedCount(want)
	if err != nil {
		return err
	}
	if err := c.computeQuota(c.computeUse(c.project()), n, n*draft.flavor.vcpus, n*draft.flavor.ramMiB); err != nil {
		return err
	}
	if c.over("port", c.portsOf(c.project()), n*newPorts(nics)) {
		return refuse(http.StatusForbidden, "Maximum number of ports exceeded")
	}
	var first *server
	for i := range n {
		s := *draft
		s.metadata = cloneStrings(draft.metadata)
		if n > 1 {
			s.name += "-" + strconv.Itoa(i+1)
		}
		if s.hostname == "" {
			s.hostname = hostnameOf(s.name)
		}
		c.build(&s, nics, disks)
		if first == nil {
			first = &s
		}
	}
	c.header.Set("Location", c.url("/v2.1/servers/"+first.id))
	return c.object(http.StatusAccepted, "server", func() {
		c.out.str("id", first.id)
		c.writeServerLinks(first)
		c.out.str("OS-DCF:diskConfig", "MANUAL")
		c.out.array("security_groups", func() {
			for _, g := range first.groups {
				c.out.object("", func() { c.out.str("name", c.groups.byID[g].name) })
			}
		})
		pass := textAt(want, "adminPass")
		if pass == "" {
			pass = c.password()
		}
		c.out.str("adminPass", pass)
	})
}

func (c *call) draftText(s *server, want map[string]any) (err error) {
	s.description, s.hostname, s.userData = textAt(want, "description"), textAt(want, "hostname"), textAt(want, "user_data")
	s.accessIPv4, s.accessIPv6 = textAt(want, "accessIPv4"), textAt(want, "accessIPv6")
	s.configDrive, _ = truth(want["config_drive"])
	if s.metadata, err = c.metadata(want["metadata"]); err != nil {
		return err
	}
	if v, given := want["tags"]; given {
		if s.tags, err = checkTags(v); err != nil {
			return err
		}
	}
	if z := textAt(want, "availability_zone"); z != "" && z != zone {
		return refuse(http.StatusBadRequest, "The requested availability zone is not available")
	}
	if s.keyName = textAt(want, "key_name"); s.keyName != "" && c.keyPair(s.user, s.keyName) == nil {
		return refuse(http.StatusBadRequest, "Invalid key_name provided.")
	}
	return nil
}

func (c *call) draftFlavor(s *server, want map[string]any) error {
	if s.flavor = c.flavor(refText(want["flavorRef"])); s.flavor == nil {
		return refuse(http.StatusBadRequest, "Flavor "+refText(want["flavorRef"])+" could not be found.")
	}
	return nil
}

func (c *call) draftGroups(s *server, want map[string]any) error {
	groups, _ := want["security_groups"].([]any)
	for _, g := range groups {
		name := textAt(g, "name")
		found := c.groupNamed(c.project(), name)
		if found == nil {
			return refuse(http.StatusBadRequest, "Unable to find security_group with name or id '"+name+"'")
		}
		s.groups = append(s.groups, found.id)
	}
	if s.groups == nil {
		s.groups = []string{c.defaultGroup(c.project()).id}
	}
	return nil
}

func (c *call) draftImage(s *server, want map[string]any, disks []disk) error {
	ref := textAt(want, "imageRef")
	if ref == "" {
		if len(disks) == 0 {
			return refuse(http.StatusBadRequest, "Missing imageRef attribute")
		}
		for _, d := range disks {
			if v := d.origin(); d.boot && v != nil && !v.bootable {
				return refuse(http.StatusBadRequest, "Block Device "+v.id+" is not bootable.")
			}
		}
		return nil
	}
	img := c.images.byID[ref]
	switch {
	case img == nil || !img.usableBy(c.project()):
		return refuse(http.StatusBadRequest, "Can not find requested image")
	case img.status != "active":
		return refuse(http.StatusBadRequest, "Image "+ref+" is not active.")
	case img.minRAMMiB > s.flavor.ramMiB:
		return refuse(http.StatusBadRequest, "Flavor's memory is too small for requested image.")
	case img.minDiskGiB > s.flavor.diskGiB && s.flavor.diskGiB > 0:
		return refuse(http.StatusBadRequest, fmt.Sprintf("Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk is %d bytes, minimum size is %d bytes.", s.flavor.diskGiB<<30, img.minDiskGiB<<30))
	}
	s.image, s.imageProperties = ref, maps.Clone(img.properties)
	return nil
}

// requestedCount gives how many servers are asked for.
func (c *call) requestedCount(want map[string]any) (int, error) {
	least, most := 1, 1
	if v, given := want["min_count"]; given {
		least, _ = wholeNumber(v)
		most = least
	}
	if v, given := want["max_count"]; given {
		most, _ = wholeNumber(v)
	}
	if least > most {
		return 0, refuse(http.StatusBadRequest, "min_count must be <= max_count")
	}
	return most, nil
}

const noSchema = "is not valid under any of the given schemas"

// requestedNetworks reads what a server shall be plugged into.
func (c *call) requestedNetworks(want map[string]any) ([]nic, error) {
	v, given := want["networks"]
	if !given {
		if c.minor >= 37 {
			return nil, refuse(http.StatusBadRequest, "Invalid input for field/attribute server. Value: "+python(want)+". 'networks' is a required property")
		}
		return c.onlyNetwork(false)
	}
	if word, ok := v.(string); ok {
		switch {
		case c.minor >= 37 && word == "auto":
			return c.onlyNetwork(true)
		case c.minor >= 37 && word == "none":
			return nil, nil
		}
		return nil, invalidField("networks", v, noSchema)
	}
	wishes, ok := v.([]any)
	if !ok {
		return nil, invalidField("networks", v, noSchema)
	}
	if len(wishes) == 0 {
		return c.onlyNetwork(false)
	}
	var nics []nic
	for _, w := range wishes {
		one, err := c.requestedNIC(v, w)
		if err != nil {
			return nil, err
		}
		nics = append(nics, one)
	}
	return nics, nil
}

func (c *call) requestedNIC(all, wish any) (nic, error) {
	portID, netID, ip := textAt(wish, "port"), textAt(wish, "uuid"), textAt(wish, "fixed_ip")
	if _, ok := wish.(map[string]any); !ok || portID != "" && !isUUID(portID) || netID != "" && !isUUID(netID) {
		return nic{}, invalidField("networks", all, noSchema)
	}
	if _, err := netip.ParseAddr(ip); ip != "" && err != nil {
		return nic{}, invalidField("networks", all, noSchema)
	}
	if portID != "" {
		p := c.ports.byID[portID]
		switch {
		case p == nil || p.project != c.project():
			return nic{}, refuse(http.StatusBadRequest, "Port id "+portID+" could not be found.")
		case p.deviceID != "":
			return nic{}, refuse(http.StatusConflict, "Port "+portID+" is still in use.")
		}
		return nic{port: p, network: p.network}, nil
	}
	if netID == "" {
		return nic{}, refuse(http.StatusBadRequest, "Bad network format: missing 'uuid'")
	}
	n := c.networks.byID[netID]
	if n == nil || !n.visibleTo(c.project()) {
		return nic{}, refuse(http.StatusBadRequest, "Network "+netID+" could not be found.")
	}
	if len(n.subnets) == 0 {
		return nic{}, refuse(http.StatusBadRequest, "Network "+netID+" requires a subnet in order to boot instances on.")
	}
	if ip != "" && n.taken(ip) {
		return nic{}, refuse(http.StatusBadRequest, "Fixed IP address "+ip+" is already in use on instance .")
	}
	return nic{network: n, fixedIP: ip}, nil
}

// onlyNetwork is what Nova plugs a server into that asks for nothing: the
// project's only network, or none if there is none.
func (c *call) onlyNetwork(must bool) ([]nic, error) {
	usable := c.networks.where(func(n *network) bool {
		return !n.external && (n.project == c.project() || n.shared) && len(n.subnets) > 0
	})
	switch {
	case len(usable) > 1:
		return nil, refuse(http.StatusConflict, "Multiple possible networks found, use a Network ID to be more specific.")
	case len(usable) == 1:
		return []nic{{network: usable[0]}}, nil
	case must:
		return nil, refuse(http.StatusBadRequest, "Unable to automatically allocate a network for project "+c.project())
	}
	return nil, nil
}

func newPorts(nics []nic) int {
	n := 0
	for _, one := range nics {
		if one.port == nil {
			n++
		}
	}
	return n
}

// build adds a server that is being built, and what it will be.
func (c *call) build(s *server, nics []nic, disks []disk) {
	s.id, s.created, s.updated = c.id(), c.now(), c.now()
	c.servers.add(s.id, s)
	done := c.log(s, "create")
	problem := ""
	if len(c.failing) > 0 {
		problem, c.failing = c.failing[0], c.failing[1:]
	}
	for _, n := range nics {
		if problem == "" {
			problem = n.problem(s)
		}
	}
	cloud := c.Cloud
	if problem == "" {
		for _, n := range nics {
			cloud.plug(s, n)
		}
		for _, d := range disks {
			cloud.attach(s, d.volume(c, s), d.device(s), d.deleteWithServer)
		}
	}
	s.taskState = "scheduling"
	c.step(s, c.opts.Delay, func() {
		s.taskState, done.end = "", s.updated
		if problem != "" {
			s.vmState, s.fault, s.faultTime = "error", problem, s.updated // the log does not tell
			return
		}
		s.vmState, s.powerState, s.hosted, s.launched = "active", powerRunning, true, s.updated
	})
}

// problem is why a build with this wish fails on its host; empty if it does not.
func (n nic) problem(s *server) string {
	switch {
	case n.network.external && !s.user.Admin:
		return "Build of instance " + s.id + " aborted: It is not allowed to create an interface on external network " + n.network.id
	case n.fixedIP != "" && n.network.subnetOf(n.fixedIP) == nil:
		return fmt.Sprintf("Build of instance %s aborted: Invalid input received: Fixed IP %s is not a valid ip address for network %s.", s.id, n.fixedIP, n.network.id)
	case n.port == nil && n.fixedIP == "" && n.network.full():
		return fmt.Sprintf("Build of instance %s aborted: Failed to allocate the network(s), not rescheduling.", s.id)
	}
	return ""
}

// hostnameOf makes a host name of a server's name, as Nova does.
func hostnameOf(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r == ' ' || r == '_':
			b.WriteByte('-')
		case r == '-' || r == '.' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		}
	}
	host := strings.Trim(strings.ReplaceAll(b.String(), ".", "-"), "-.")
	return host[:min(len(host), 63)]
}

func cloneStrings(m map[string]string) map[string]string {
	clone := make(map[string]string, len(m))
	for k, v := range m {
		clone[k] = v
	}
	return clone
}

// computeUse is what a project uses of its quota.
type computeUse struct{ instances, cores, ram int }

func (c *Cloud) computeUse(project string) computeUse {
	var use computeUse
	for _, s := range c.servers.order {
		if s.project == project {
			use.instances++
			use.cores += s.flavor.vcpus
			use.ram += s.flavor.ramMiB
		}
	}
	return use
}

// computeQuota refuses more than the quota leaves, naming all that is exceeded.
func (c *Cloud) computeQuota(use computeUse, instances, cores, ram int) error {
	type need struct {
		name       string
		used, more int
	}
	over := slices.DeleteFunc([]need{{"cores", use.cores, cores}, {"instances", use.instances, instances}, {"ram", use.ram, ram}},
		func(n need) bool { return n.more == 0 || !c.over(n.name, n.used, n.more) })
	if len(over) == 0 {
		return nil
	}
	var names, wanted, used, limits []string
	for _, n := range over {
		names = append(names, n.name)
		wanted = append(wanted, strconv.Itoa(n.more))
		used = append(used, strconv.Itoa(n.used))
		limits = append(limits, strconv.Itoa(c.quota(n.name)))
	}
	join := func(s []string) string { return strings.Join(s, ", ") }
	return refuse(http.StatusForbidden, fmt.Sprintf("Quota exceeded for %s: Requested %s, but already used %s of %s %s", join(names), join(wanted), join(used), join(limits), join(names)))
}

// AddServers puts n running servers of the flavor m1.tiny into a project, at
// once. If the project has a network, each has a port there; the network gets
// another subnet if its own is too small.
func (c *Cloud) AddServers(projectName string, n int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var owner *user
	p := c.projectNamed(projectName)
	for _, u := range c.users {
		if p != nil && u.in(p) && owner == nil {
			owner = u
		}
	}
	if owner == nil {
		return fmt.Errorf("no project %q with a user", projectName)
	}
	now := c.now()
	own := c.networks.where(func(n *network) bool { return n.project == p.id && len(n.subnets) > 0 })
	group := c.defaultGroup(p.id).id
	for i := range n {
		s := &server{
			id: c.id(), name: fmt.Sprintf("server-%05d", i+1), user: owner, project: p.id, flavor: c.flavors[0],
			image: c.images.order[0].id, groups: []string{group}, tags: []string{}, created: now, updated: now, launched: now,
			vmState: "active", powerState: powerRunning, hosted: true,
		}
		s.hostname = s.name
		if len(own) > 0 {
			if own[0].full() {
				c.widen(own[0])
			}
			port := c.plug(s, nic{network: own[0]})
			port.activeAt = now
		}
		c.servers.add(s.id, s)
	}
	return nil
}
