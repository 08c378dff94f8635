package sandbox

import (
	"fmt"
	"net/http"
	"net/netip"
)

// What Nova knows of a server's interfaces, which are ports of Neutron.

func (c *call) writeInterface(key string, p *port) {
	c.out.object(key, func() {
		c.out.str("net_id", p.network.id)
		c.out.str("port_id", p.id)
		c.out.str("mac_addr", p.mac)
		c.out.str("port_state", p.status(c.now()))
		c.out.any("fixed_ips", p.fixedIPs)
		if c.minor >= 70 {
			c.out.null("tag")
		}
	})
}

func listInterfaces(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	c.out.object("", func() {
		c.out.array("interfaceAttachments", func() {
			for _, p := range s.ports {
				c.writeInterface("", p)
			}
		})
	})
	return c.answer(http.StatusOK)
}

func showInterface(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	for _, p := range s.ports {
		if p.id == c.param(1) {
			c.out.object("", func() { c.writeInterface("interfaceAttachment", p) })
			return c.answer(http.StatusOK)
		}
	}
	return refuse(http.StatusNotFound, fmt.Sprintf("Instance %s does not have a port with id %s", s.id, c.param(1)))
}

var (
	interfaceSchema = schema{
		{name: "net_id", check: uuid}, {name: "port_id", check: uuid}, {name: "tag", since: 49, check: text(1, 60)},
		{name: "fixed_ips", check: func(v any) string {
			switch ips, ok := v.([]any); {
			case !ok:
				return "is not of type 'array'"
			case len(ips) == 0:
				return "is too short"
			case len(ips) > 1:
				return "is too long"
			}
			return ""
		}},
	}
	interfaceIPSchema = schema{{name: "ip_address", required: true, check: func(v any) string {
		s, _ := v.(string)
		if _, err := netip.ParseAddr(s); err != nil {
			return "is not valid under any of the given schemas"
		}
		return ""
	}}}
)

// wishedInterface reads what interface a server shall have, if the body says so, and
// its address.
func (c *call) wishedInterface() (wish map[string]any, ip string, err error) {
	if body, ok := c.body(); ok && len(body) == 0 {
		return nil, "", nil // Nova chooses
	}
	wish, err = c.member("interfaceAttachment")
	if err == nil {
		err = interfaceSchema.check("interfaceAttachment", wish, c.minor)
	}
	ips, given := wish["fixed_ips"].([]any)
	if err != nil || !given {
		return wish, "", err
	}
	one, ok := ips[0].(map[string]any)
	if !ok {
		return nil, "", invalidField("0", ips[0], "is not of type 'object'")
	}
	if err := interfaceIPSchema.check("0", one, c.minor); err != nil {
		return nil, "", err
	}
	if wish["net_id"] == nil {
		return nil, "", refuse(http.StatusBadRequest, "Must input network_id when request IP address")
	}
	return wish, textAt(one, "ip_address"), nil
}

func attachInterface(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	wish, ip, err := c.wishedInterface()
	if err != nil {
		return err
	}
	if s.locked && !c.admin() {
		return locked(s)
	}
	if err := (transition{name: "attach_interface", from: []string{"active", "paused", "stopped"}}).allowed(s); err != nil {
		return err
	}
	portID, netID := textAt(wish, "port_id"), textAt(wish, "net_id")
	var nics []nic
	if portID == "" && netID == "" {
		nics, err = c.onlyNetwork(true)
	} else {
		var one nic
		one, err = c.interfaceNIC(wish, portID, netID, ip)
		nics = []nic{one}
	}
	if err != nil {
		return err
	}
	if c.over("port", c.portsOf(c.project()), newPorts(nics)) {
		return refuse(http.StatusForbidden, "Maximum number of ports exceeded")
	}
	if n := nics[0]; n.port == nil && n.network.external && !c.admin() {
		return refuse(http.StatusForbidden, "It is not allowed to create an interface on external network "+n.network.id)
	}
	if nics[0].problem(s) != "" {
		return remoteFailure("nova.exception_Remote.InvalidInput_Remote")
	}
	p := c.plug(s, nics[0])
	p.activeAt = c.now()
	c.log(s, "attach_interface").end = c.now()
	c.out.object("", func() { c.writeInterface("interfaceAttachment", p) })
	return c.answer(http.StatusOK)
}

// interfaceNIC is requestedNIC for a server that exists: what is wrong with the
// wish, Nova finds where the server is, and has no words for all of it.
func (c *call) interfaceNIC(wish any, portID, netID, ip string) (nic, error) {
	n := c.networks.byID[netID]
	switch {
	case portID != "" && (c.ports.byID[portID] == nil || c.ports.byID[portID].project != c.project()):
		return nic{}, refuse(http.StatusNotFound, "Port id "+portID+" could not be found.")
	case portID == "" && (n == nil || !n.visibleTo(c.project())):
		return nic{}, remoteFailure("oslo_messaging.rpc.client.RemoteError")
	case portID == "" && ip != "" && n.taken(ip):
		return nic{}, refuse(http.StatusConflict, "Fixed IP "+ip+" is already in use.")
	}
	return c.requestedNIC(wish, map[string]any{"port": portID, "uuid": netID, "fixed_ip": ip})
}

// remoteFailure is what Nova says of an error that it did not expect.
func remoteFailure(class string) error {
	return refuse(http.StatusInternalServerError, "Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova API log if possible.\n<class '"+class+"'>")
}

func detachInterface(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	if s.locked && !c.admin() {
		return locked(s)
	}
	if err := (transition{name: "detach_interface", from: []string{"active", "paused", "stopped"}}).allowed(s); err != nil {
		return err
	}
	cloud := c.Cloud
	for _, p := range s.ports {
		if p.id == c.param(1) {
			c.log(s, "detach_interface").end = c.now()
			c.after(c.opts.Delay, func() { cloud.unplug(p) })
		}
	}
	return c.answer(http.StatusAccepted) // whether there is such a port, is seen later
}
