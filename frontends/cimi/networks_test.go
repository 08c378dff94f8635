package cimi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNetworkWrites is what writes on networks ask of the cloud, and why some
// are refused before they ask for anything.
func TestNetworkWrites(t *testing.T) {
	const (
		act   = `{"action":"http://schemas.dmtf.org/cimi/2/action/`
		four  = `{"protocol":"IPv4","parameters":{"subnetAddress":"10.7.0.9","netmask":"255.255.255.0"}}`
		inNet = `"network":{"href":"networks/n-1"}`
	)
	for _, test := range []struct {
		name, line, body string
		status           int
		says             string   // in the answer
		deeds            []string // asked of the cloud
	}{
		{"a network of 1.x has a free range", "POST /cimi/1/networks", `{"name":"n","networkTemplate":{}}`, 201, `"networkType":"PRIVATE"`,
			[]string{"create network {Name:n Description: Down:false MTU:0 Subnets:[{Name: Description: CIDR:10.0.1.0/24 Gateway: DHCP:true DNSNameservers:[]}] Tags:[]}"}},
		{"a network of 2.0 has what it is given", "POST /cimi/2/networks", `{"networkTemplate":{"initialState":"STOPPED","segmentTemplates":[{"protocol":"Ethernet","parameters":{"mtu":1400}},` + four + `]}}`, 201, "",
			[]string{"create network {Name: Description: Down:true MTU:1400 Subnets:[{Name: Description: CIDR:10.7.0.0/24 Gateway: DHCP:true DNSNameservers:[]}] Tags:[]}"}},
		{"a network in a group", "POST /cimi/1/networks", `{"networkTemplate":{"networkConfig":{"href":"networkConfigs/default","mtu":1300},"forwardingGroup":{"href":"forwardingGroups/r-1"}}}`, 201, "forwardingGroup",
			[]string{"create network {Name: Description: Down:false MTU:1300 Subnets:[{Name: Description: CIDR:10.0.1.0/24 Gateway: DHCP:true DNSNameservers:[]}] Tags:[]}", "plug s-90 into r-1"}},
		{"a public network", "POST /cimi/1/networks", `{"networkTemplate":{"networkConfig":{"networkType":"PUBLIC"}}}`, 400, "networkType", nil},
		{"a class of service", "POST /cimi/1/networkConfigs", `{"classOfService":"GOLD"}`, 400, "classOfService", nil},
		{"services", "POST /cimi/2/networks", `{"networkTemplate":{"serviceTemplates":[]}}`, 400, "networkTemplate.serviceTemplates is not supported", nil},
		{"a state that is not", "POST /cimi/2/networks", `{"networkTemplate":{"initialState":"PAUSED"}}`, 400, "only STARTED and STOPPED", nil},
		{"another network's segment", "POST /cimi/2/networks", `{"networkTemplate":{"segmentTemplates":[{"protocol":"IPv4",` + inNet + `}]}}`, 400, "segmentTemplates", nil},
		{"a change", "PUT /cimi/2/networks/n-1", `{"name":"new"}`, 200, "", []string{"update network n-1: new  -"}},
		{"a stop", "POST /cimi/1/networks/n-1/stop", `{"action":"http://schemas.dmtf.org/cimi/1/action/stop"}`, 202, "", []string{"update network n-1: - - false"}},
		{"a deletion", "DELETE /cimi/1/networks/n-1", "", 200, "", []string{"delete network n-1"}},

		{"a segment", "POST /cimi/2/networks/n-1/segments", `{"name":"s","protocolSegmentTemplate":{"protocol":"IPv6","parameters":{"subnetAddress":"fd01::","prefixLength":64,"dhcp":"false","gateway":"fd01::1","nameservers":"fd01::2, fd01::3"}}}`, 201, `"prefixLength":"64"`,
			[]string{"create subnet on n-1 {Name:s Description: CIDR:fd01::/64 Gateway:fd01::1 DHCP:false DNSNameservers:[fd01::2 fd01::3]}"}},
		{"a segment of a named network", "POST /cimi/2/segments", `{"protocolSegmentTemplate":{` + inNet + `,` + four[1:] + `}`, 201, "",
			[]string{"create subnet on n-1 {Name: Description: CIDR:10.7.0.0/24 Gateway: DHCP:true DNSNameservers:[]}"}},
		{"a segment with endpoints", "POST /cimi/2/networks/n-1/segments", `{"protocolSegmentTemplate":{"protocol":"IPv4","parameters":{"subnetAddress":"10.7.0.0","netmask":"255.255.255.0"},"endpointTemplates":[{"origin":"STATIC","address":"10.7.0.7"},{"interface":{"href":"interfaces/p-2"}}]}}`, 201, `"IPv4"`,
			[]string{"create subnet on n-1 {Name: Description: CIDR:10.7.0.0/24 Gateway: DHCP:true DNSNameservers:[]}",
				"create port {NetworkID:n-1 Name: Description: Down:false FixedIPs:[{SubnetID:s-9 Address:10.7.0.7}] Tags:[]}",
				"update port p-2: - - - [{s-1 10.0.0.6} {s-9 }]"}},
		{"a segment with endpoints that are wrong", "POST /cimi/2/networks/n-1/segments", `{"protocolSegmentTemplate":{"protocol":"IPv4","parameters":{"subnetAddress":"10.7.0.0","netmask":"255.255.255.0"},"endpointTemplates":[{"origin":"STATIC"}]}}`, 400, "endpointTemplates: address is missing", nil},
		{"a segment with endpoints without end", "POST /cimi/2/networks/n-1/segments", `{"protocolSegmentTemplate":{"protocol":"IPv4","parameters":{"subnetAddress":"10.7.0.0","netmask":"255.255.255.0"},"endpointTemplates":[` + strings.Repeat(`{},`, 50) + `{}]}}`, 400, "at most 50", nil},
		{"a network with endpoints", "POST /cimi/2/networks", `{"networkTemplate":{"segmentTemplates":[{"protocol":"Ethernet","endpointTemplates":[{}]},` + four[:len(four)-1] + `,"endpointTemplates":[{}]}]}}`, 201, "",
			[]string{"create network {Name: Description: Down:false MTU:0 Subnets:[{Name: Description: CIDR:10.7.0.0/24 Gateway: DHCP:true DNSNameservers:[]}] Tags:[]}",
				"create port {NetworkID:n-9 Name: Description: Down:false FixedIPs:[] Tags:[]}",
				"create port {NetworkID:n-9 Name: Description: Down:false FixedIPs:[{SubnetID:s-90 Address:}] Tags:[]}"}},
		{"an Ethernet segment with an address", "POST /cimi/2/networks", `{"networkTemplate":{"segmentTemplates":[{"protocol":"Ethernet","endpointTemplates":[{"address":"10.0.0.1"}]}]}}`, 400, "that the cloud chooses", nil},
		{"a segment of no network", "POST /cimi/2/segments", `{"protocolSegmentTemplate":` + four + `}`, 400, "network: the href", nil},
		{"a segment of two networks", "POST /cimi/2/networks/n-2/segments", `{"protocolSegmentTemplate":{` + inNet + `,` + four[1:] + `}`, 400, "another one", nil},
		{"a second Ethernet segment", "POST /cimi/2/networks/n-1/segments", `{"protocolSegmentTemplate":{"protocol":"Ethernet"}}`, 400, "one Ethernet segment", nil},
		{"no range", "POST /cimi/2/networks/n-1/segments", `{"protocolSegmentTemplate":{"protocol":"IPv4","parameters":{"subnetAddress":"10.7.0.0"}}}`, 400, "needs subnetAddress and netmask", nil},
		{"no mask", "POST /cimi/2/networks/n-1/segments", `{"protocolSegmentTemplate":{"protocol":"IPv4","parameters":{"subnetAddress":"10.7.0.0","netmask":"255.0.255.0"}}}`, 400, "netmask", nil},
		{"another protocol's range", "POST /cimi/2/networks/n-1/segments", `{"protocolSegmentTemplate":{"protocol":"IPv4","parameters":{"subnetAddress":"fd01::","netmask":"255.255.255.0"}}}`, 400, "subnetAddress", nil},
		{"an unknown parameter", "POST /cimi/2/networks/n-1/segments", `{"protocolSegmentTemplate":{"protocol":"IPv4","parameters":{"subnetAddress":"10.7.0.0","netmask":"255.255.255.0","speed":"1"}}}`, 400, `\"speed\"`, nil},
		{"parameters", "PUT /cimi/2/segments/s-1?$select=parameters", `{"parameters":{"gateway":"10.0.0.254","dhcp":"false","nameservers":"","netmask":"255.255.255.0"}}`, 200, "",
			[]string{"update subnet s-1: - - 10.0.0.254 false []"}},
		{"a fixed parameter", "PUT /cimi/2/segments/s-1?$select=parameters", `{"parameters":{"netmask":"255.0.0.0"}}`, 400, "netmask cannot be changed", nil},
		{"an Ethernet segment's stop", "POST /cimi/2/segments/net-n-1/stop", act + `stop"}`, 202, "", []string{"update network n-1: - - false"}},
		{"a subnet's stop", "POST /cimi/2/segments/s-1/stop", act + `stop"}`, 409, "with its network", nil},
		{"an Ethernet segment's end", "DELETE /cimi/2/segments/net-n-1", "", 409, "goes with it", nil},
		{"no segment", "GET /cimi/2/segments/pool-n-1", "", 404, "no segment", nil},

		{"an endpoint", "POST /cimi/2/segments/s-1/endpoints", `{"protocolEndpointTemplate":{"origin":"STATIC","address":"10.0.0.77"}}`, 201, "endpoints/p-9.10.0.0.77",
			[]string{"create port {NetworkID:n-1 Name: Description: Down:false FixedIPs:[{SubnetID:s-1 Address:10.0.0.77}] Tags:[]}"}},
		{"one more of an interface", "POST /cimi/2/segments/s-1/endpoints", `{"protocolEndpointTemplate":{"interface":{"href":"interfaces/p-2"}}}`, 201, "endpoints/p-2.10.0.0.99",
			[]string{"update port p-2: - - - [{s-1 10.0.0.6} {s-1 }]"}},
		{"an Ethernet endpoint", "POST /cimi/2/segments/net-n-1/endpoints", `{"protocolEndpointTemplate":{}}`, 201, "endpoints/p-9.mac",
			[]string{"create port {NetworkID:n-1 Name: Description: Down:false FixedIPs:[] Tags:[]}"}},
		{"a floating IP", "POST /cimi/2/segments/pool-n-3/endpoints", `{"protocolEndpointTemplate":{"interface":{"href":"interfaces/p-2"}}}`, 201, "endpoints/fip-f-9",
			[]string{"take {NetworkID:n-3 Address: PortID:p-2 Description:}"}},
		{"a static endpoint without an address", "POST /cimi/2/segments/s-1/endpoints", `{"protocolEndpointTemplate":{"origin":"STATIC"}}`, 400, "address is missing", nil},
		{"a dynamic endpoint with an address", "POST /cimi/2/segments/s-1/endpoints", `{"protocolEndpointTemplate":{"origin":"DYNAMIC","address":"10.0.0.7"}}`, 400, "DYNAMIC", nil},
		{"a floating IP is pointed", "PUT /cimi/2/endpoints/fip-f-1?$select=interface", `{"interface":{"href":"interfaces/p-2"}}`, 200, "interfaces/p-2", []string{`point f-1 at ""`, `point f-1 at "p-2"`}},
		{"a floating IP is inserted", "POST /cimi/2/interfaces/p-2/endpoints/insert", act + `insert","protocolEndpoint":{"href":"endpoints/fip-f-2"}}`, 202, "", []string{`point f-2 at "p-2"`}},
		{"a floating IP is removed", "POST /cimi/2/interfaces/p-1/endpoints/remove", act + `remove","protocolEndpoint":{"href":"endpoints/fip-f-1"}}`, 202, "", []string{`point f-1 at ""`}},
		{"another interface's is removed", "POST /cimi/2/interfaces/p-2/endpoints/remove", act + `remove","protocolEndpoint":{"href":"endpoints/fip-f-1"}}`, 409, "not one of the interface", nil},
		{"a port's own is inserted", "POST /cimi/2/interfaces/p-2/endpoints/insert", act + `insert","protocolEndpoint":{"href":"endpoints/p-1.10.0.0.5"}}`, 409, "for life", nil},
		{"an address of several ends", "DELETE /cimi/2/endpoints/p-1.fd00::5", "", 200, "", []string{"update port p-1: - - - [{s-1 10.0.0.5}]"}},
		{"a free port's address ends", "DELETE /cimi/1/addresses/p-2.10.0.0.6", "", 200, "", []string{"delete port p-2"}},
		{"a floating IP ends", "DELETE /cimi/1/addresses/fip-f-2", "", 200, "", []string{"give back f-2"}},
		{"a machine's Ethernet endpoint ends", "DELETE /cimi/2/endpoints/p-1.mac", "", 409, "m-1", nil},
		{"no endpoint", "GET /cimi/2/endpoints/p-1.10.0.0.77", "", 404, "no address", nil},

		{"an interface", "POST /cimi/2/interfaces", `{"name":"i","networkInterfaceTemplate":{"initialState":"DISABLED",` + inNet + `}}`, 201, `"state":"DISABLED"`,
			[]string{"create port {NetworkID:n-1 Name:i Description: Down:true FixedIPs:[] Tags:[]}"}},
		{"an interface of nothing", "POST /cimi/2/interfaces", `{"networkInterfaceTemplate":{}}`, 400, "endpoints are missing", nil},
		{"an interface of another's endpoint", "POST /cimi/2/interfaces", `{"networkInterfaceTemplate":{"endpoints":[{"href":"endpoints/p-2.mac"}]}}`, 409, "interfaces/p-2", nil},
		{"a machine's interface", "POST /cimi/2/machines/m-1/interfaces", `{"networkInterfaceTemplate":{"endpoints":[{"href":"endpoints/p-2.10.0.0.6"}]}}`, 201, "",
			[]string{"attach {NetworkID: FixedIP: PortID:p-2} to m-1"}},
		{"a machine's interface that is named", "POST /cimi/2/machines/m-1/interfaces", `{"name":"i","networkInterfaceTemplate":{"initialState":"DISABLED",` + inNet + `}}`, 201, "",
			[]string{"attach {NetworkID:n-1 FixedIP: PortID:} to m-1", "update port p-9: i - false []"}},
		{"an interface is inserted", "POST /cimi/2/machines/m-1/interfaces/insert", act + `insert","networkInterface":{"href":"interfaces/p-2"}}`, 202, "", []string{"attach {NetworkID: FixedIP: PortID:p-2} to m-1"}},
		{"an interface is removed", "POST /cimi/2/machines/m-1/interfaces/remove", act + `remove","networkInterface":{"href":"/cimi/2/interfaces/p-1"}}`, 202, "", []string{"detach p-1 from m-1"}},
		{"another operation", "POST /cimi/2/machines/m-1/interfaces/insert", act + `remove"}`, 400, "asks for", nil},
		{"an interface's end", "DELETE /cimi/2/interfaces/p-1", "", 200, "", []string{"delete port p-1"}},
		{"an interface is disabled", "POST /cimi/2/interfaces/p-1/disable", act + `disable"}`, 202, "", []string{"update port p-1: - - false []"}},

		{"a port", "POST /cimi/1/networkPorts", `{"name":"p","networkPortTemplate":{` + inNet + `,"networkPortConfig":{"href":"networkPortConfigs/default"}}}`, 201, `"portType":"ACCESS"`,
			[]string{"create port {NetworkID:n-1 Name:p Description: Down:false FixedIPs:[] Tags:[]}"}},
		{"a trunk", "POST /cimi/1/networkPorts", `{"networkPortTemplate":{` + inNet + `,"networkPortConfig":{"portType":"TRUNK"}}}`, 400, "TRUNK", nil},
		{"a machine's port", "DELETE /cimi/1/networkPorts/p-1", "", 409, "m-1", nil},
		{"a free port", "DELETE /cimi/1/networkPorts/p-2", "", 200, "", []string{"delete port p-2"}},

		{"an address", "POST /cimi/1/addresses", `{"addressTemplate":{"protocol":"IPv6",` + inNet + `}}`, 201, "addresses/p-9.10.0.0.99",
			[]string{"create port {NetworkID:n-1 Name: Description: Down:false FixedIPs:[{SubnetID:s-2 Address:}] Tags:[]}"}},
		{"a pool's address", "POST /cimi/1/addresses", `{"addressTemplate":{"network":{"href":"networks/n-3"}}}`, 201, "addresses/fip-f-9",
			[]string{"take {NetworkID:n-3 Address: PortID: Description:}"}},
		{"an address that is none", "POST /cimi/1/addressTemplates", `{"ip":"10.0.0.300"}`, 400, "10.0.0.300", nil},
		{"an address with a mask", "POST /cimi/1/addressTemplates", `{"mask":"255.0.0.0"}`, 400, "mask is not supported", nil},
		{"an address without a network", "POST /cimi/1/addresses", `{"addressTemplate":{}}`, 400, "network: the href", nil},
		{"an address without a range", "POST /cimi/1/addresses", `{"addressTemplate":{"network":{"href":"networks/n-2"}}}`, 400, "no such addresses", nil},

		{"a group", "POST /cimi/1/forwardingGroups", `{"name":"g","forwardingGroupTemplate":{"networks":[{"href":"networks/n-1"},{"href":"networks/n-3"}]}}`, 201, "networks/n-3",
			[]string{"create router {Name:g Description: Down:false ExternalNetworkID:n-3 SubnetIDs:[s-1 s-2]}"}},
		{"a group of a network without addresses", "POST /cimi/1/forwardingGroups", `{"forwardingGroupTemplate":{"networks":[{"href":"networks/n-2"}]}}`, 400, "no addresses", nil},
		{"a group changes", "PUT /cimi/1/forwardingGroups/r-1", `{"name":"new","networks":[{"href":"networks/n-1"}]}`, 200, "",
			[]string{`update router r-1: - - `, `update router r-1: new  -`}},
		{"a group loses a network", "DELETE /cimi/1/forwardingGroups/r-1/networks/n-1", "", 200, "", []string{"unplug s-1 from r-1"}},
		{"a group has a network already", "POST /cimi/1/forwardingGroups/r-1/networks", `{"network":{"href":"networks/n-1"}}`, 409, "already", nil},
		{"a group never had a network", "DELETE /cimi/1/forwardingGroups/r-1/networks/n-2", "", 404, "no network", nil},
		{"a group ends", "DELETE /cimi/1/forwardingGroups/r-1", "", 200, "", []string{"delete router r-1"}},

		{"an interface of 1.x", "POST /cimi/1/machines/m-1/networkInterfaces", `{"network":{"href":"networks/n-1"},"state":"DISABLED"}`, 201, "",
			[]string{"attach {NetworkID:n-1 FixedIP: PortID:} to m-1", "update port p-9: - - false []"}},
		{"an interface of 1.x on a port", "POST /cimi/1/machines/m-1/networkInterfaces", `{"network":{"href":"networks/n-1"},"networkPort":{"href":"networkPorts/p-2"}}`, 201, "",
			[]string{"attach {NetworkID: FixedIP: PortID:p-2} to m-1"}},
		{"an interface of 1.x on another network's port", "POST /cimi/1/machines/m-1/networkInterfaces", `{"network":{"href":"networks/n-2"},"networkPort":{"href":"networkPorts/p-2"}}`, 400, "another network", nil},
		{"an interface of 1.x that is passive", "POST /cimi/1/machines/m-1/networkInterfaces", `{"network":{"href":"networks/n-1"},"state":"PASSIVE"}`, 400, "PASSIVE", nil},
		{"an interface of 1.x changes", "PUT /cimi/1/machines/m-1/networkInterfaces/p-1?$select=state", `{"state":"DISABLED"}`, 200, "", []string{"update port p-1: - - false []"}},
		{"an interface of 1.x ends", "DELETE /cimi/1/machines/m-1/networkInterfaces/p-1", "", 200, "", []string{"detach p-1 from m-1"}},
		{"a floating IP for an interface of 1.x", "POST /cimi/1/machines/m-1/networkInterfaces/p-1/addresses", `{"address":{"href":"addresses/fip-f-2"}}`, 201, "addresses/203.0.113.10", []string{`point f-2 at "p-1"`}},
		{"an address for an interface of 1.x", "POST /cimi/1/machines/m-1/networkInterfaces/p-1/addresses", `{"address":{"protocol":"IPv4"}}`, 201, "addresses/10.0.0.99",
			[]string{"update port p-1: - - - [{s-1 10.0.0.5} {s-2 fd00::5} {s-1 }]"}},
		{"another port's address", "POST /cimi/1/machines/m-1/networkInterfaces/p-1/addresses", `{"address":{"href":"addresses/p-2.10.0.0.6"}}`, 409, "for life", nil},
		{"a floating IP off an interface of 1.x", "DELETE /cimi/1/machines/m-1/networkInterfaces/p-1/addresses/203.0.113.9", "", 200, "", []string{`point f-1 at ""`}},
		{"an address off an interface of 1.x", "DELETE /cimi/1/machines/m-1/networkInterfaces/p-1/addresses/fd00::5", "", 200, "", []string{"update port p-1: - - - [{s-1 10.0.0.5}]"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake()
			r := request(t, keeping(t, f), test.line, test.body)
			body := text(t, r)
			if r.StatusCode != test.status || !strings.Contains(body, test.says) {
				t.Errorf("%s: want %d with %s: %s", r.Status, test.status, test.says, body)
			}
			if diff := cmp.Diff(test.deeds, f.deeds); diff != "" {
				t.Errorf("asked of the cloud (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUndoneNetworks: what cannot be finished is taken back.
func TestUndoneNetworks(t *testing.T) {
	for _, test := range []struct {
		name, line, body, refused string
		deeds                     []string
	}{
		{"a network that cannot be routed", "POST /cimi/1/networks", `{"networkTemplate":{"forwardingGroup":{"href":"forwardingGroups/r-1"}}}`, "plug s-90 into r-1",
			[]string{"create network", "plug s-90 into r-1", "delete network n-9"}},
		{"a segment whose last endpoint cannot be", "POST /cimi/2/networks/n-1/segments", `{"protocolSegmentTemplate":{"protocol":"IPv4","parameters":{"subnetAddress":"10.7.0.0","netmask":"255.255.255.0"},"endpointTemplates":[{"address":"10.0.0.77"},{"address":"10.0.0.78"}]}}`,
			"create port {NetworkID:n-1 Name: Description: Down:false FixedIPs:[{SubnetID:s-9 Address:10.0.0.78}] Tags:[]}",
			[]string{"create subnet on n-1 {Name: Description: CIDR:10.7.0.0/24 Gateway: DHCP:true DNSNameservers:[]}",
				"create port {NetworkID:n-1 Name: Description: Down:false FixedIPs:[{SubnetID:s-9 Address:10.0.0.77}] Tags:[]}",
				"create port {NetworkID:n-1 Name: Description: Down:false FixedIPs:[{SubnetID:s-9 Address:10.0.0.78}] Tags:[]}",
				"delete port p-9", "delete subnet s-9"}},
		{"a network whose endpoint cannot be", "POST /cimi/2/networks", `{"networkTemplate":{"segmentTemplates":[{"protocol":"Ethernet","endpointTemplates":[{}]}]}}`, "create port {NetworkID:n-9 Name: Description: Down:false FixedIPs:[] Tags:[]}",
			[]string{"create network", "create port {NetworkID:n-9 Name: Description: Down:false FixedIPs:[] Tags:[]}", "delete network n-9"}},
		{"a group that cannot have a name", "PUT /cimi/1/forwardingGroups/r-1", `{"name":"new","networks":[]}`, "update router r-1: new  -",
			[]string{"unplug s-1 from r-1", "update router r-1: - - ", "update router r-1: new  -", "update router r-1: - - n-3", "plug s-1 into r-1"}},
		{"an interface that cannot be disabled", "POST /cimi/1/machines/m-1/networkInterfaces", `{"network":{"href":"networks/n-1"},"state":"DISABLED"}`, "update port p-9: - - false []",
			[]string{"attach {NetworkID:n-1 FixedIP: PortID:} to m-1", "update port p-9: - - false []", "detach p-9 from m-1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake()
			f.wires.refused = test.refused
			do(t, keeping(t, f), 409, test.line, test.body)
			for i, deed := range f.deeds {
				if strings.HasPrefix(deed, "create network") {
					f.deeds[i] = "create network"
				}
			}
			if diff := cmp.Diff(test.deeds, f.deeds); diff != "" {
				t.Errorf("asked of the cloud (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNetworkExtras: what consumers say of networks is kept beside them, and
// shown wherever they are.
func TestNetworkExtras(t *testing.T) {
	h := keeping(t, newFake())
	do(t, h, 200, "PUT /cimi/2/segments/s-1?$select=properties", `{"properties":{"a":"b"}}`)
	do(t, h, 200, "PUT /cimi/2/endpoints/p-1.mac?$select=name", `{"name":"first"}`)
	do(t, h, 200, "PUT /cimi/1/addresses/p-1.10.0.0.5", `{"name":"mine","properties":{"c":"d"}}`)
	for line, says := range map[string]string{
		"GET /cimi/2/segments/s-1":                      `"properties":{"a":"b"}`,
		"GET /cimi/2/segments":                          `"properties":{"a":"b"}`,
		"GET /cimi/2/networks/n-1/segments":             `"properties":{"a":"b"}`,
		"GET /cimi/2/networks?$expand=segments":         `"properties":{"a":"b"}`,
		"GET /cimi/2/interfaces/p-1/endpoints":          `"name":"first"`,
		"GET /cimi/2/segments/net-n-1?$expand=*":        `"name":"first"`,
		"GET /cimi/1/addresses?$filter=name=%27mine%27": `"properties":{"c":"d"}`,
	} {
		if body := text(t, request(t, h, line, "")); !strings.Contains(body, says) {
			t.Errorf("%s does not say %s: %s", line, says, body)
		}
	}
}

// TestMachineOnNetworks is what templates say of a new machine's networks.
func TestMachineOnNetworks(t *testing.T) {
	for template, want := range map[string]string{
		`"networkInterfaces":[{"network":{"href":"networks/n-1"},"state":"ACTIVE"}]`:                                                              "[{NetworkID:n-1 FixedIP: PortID:}]",
		`"networkInterfaces":[{"network":{"href":"networks/n-1"},"addresses":[{"ip":"10.0.0.9"}]}]`:                                               "[{NetworkID:n-1 FixedIP:10.0.0.9 PortID:}]",
		`"networkInterfaces":[{"network":{"href":"networks/n-1"},"networkPort":{"href":"networkPorts/p-2"}},{"network":{"href":"networks/n-2"}}]`: "[{NetworkID: FixedIP: PortID:p-2} {NetworkID:n-2 FixedIP: PortID:}]",
		`"networkInterfaces":[{"network":{"href":"networks/n-1"},"addresses":[{"href":"addresses/p-2.10.0.0.6"}]}]`:                               "[{NetworkID: FixedIP: PortID:p-2}]",
		`"networkInterfaces":[{"network":{"href":"networks/n-1"},"addresses":[{"href":"addresses/fip-f-2"}]}]`:                                    "floating IP",
		`"networkInterfaces":[{"network":{"href":"networks/n-1"},"state":"DISABLED"}]`:                                                            "DISABLED",
		`"networkInterfaces":[{}]`:                                                                         "an interface needs",
		`"interfaceTemplates":[{"network":{"href":"networks/n-1"}}]`:                                       "[{NetworkID:n-1 FixedIP: PortID:}]",
		`"interfaceTemplates":[{"endpoints":[{"href":"endpoints/p-2.10.0.0.6"}]}]`:                         "[{NetworkID: FixedIP: PortID:p-2}]",
		`"interfaceTemplates":[{"network":{"href":"networks/n-1"},"initialState":"DISABLED"}]`:             "only ENABLED",
		`"interfaceTemplates":[{"endpoints":[{"href":"endpoints/p-2.mac"},{"href":"endpoints/p-1.mac"}]}]`: "not of one interface",
	} {
		f := newFake()
		version := "2"
		if strings.HasPrefix(template, `"networkInterfaces"`) {
			version = "1"
		}
		r := request(t, keeping(t, f), "POST /cimi/"+version+"/machines", `{"machineTemplate":{`+ref+`,`+template+`}}`)
		got := text(t, r)
		if len(f.created) > 0 {
			got = fmt.Sprintf("%+v", f.created[0].Networks)
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", template, got, want)
		}
	}
}

// TestNetworkTemplates keeps one of each template and configuration of networks.
func TestNetworkTemplates(t *testing.T) {
	h := keeping(t, newFake())
	for version, bodies := range map[string]map[string]string{
		"1": {
			"networkTemplates":         `{"name":"n","initialState":"STOPPED","networkConfig":{"href":"networkConfigs/default"},"forwardingGroup":{"href":"forwardingGroups/r-1"}}`,
			"networkConfigs":           `{"name":"c","networkType":"PRIVATE","mtu":1300}`,
			"networkPortTemplates":     `{"name":"p","network":{"href":"networks/n-1"},"networkPortConfig":{"portType":"ACCESS"}}`,
			"networkPortConfigs":       `{"name":"pc","portType":"ACCESS"}`,
			"addressTemplates":         `{"name":"a","ip":"10.0.0.8","allocation":"static","protocol":"IPv4","network":{"href":"networks/n-1"}}`,
			"forwardingGroupTemplates": `{"name":"g","networks":[{"href":"networks/n-1"},{"href":"networks/n-3"}]}`,
			"machineTemplates":         `{"name":"m","networkInterfaces":[{"networkPort":{"href":"networkPorts/p-2"}},{"network":{"href":"networks/n-1"},"addresses":[{"ip":"10.0.0.8"}]}]}`,
		},
		"2": {
			"networkTemplates":   `{"name":"n","segmentTemplates":[{"protocol":"Ethernet","parameters":{"mtu":1400}},{"href":"segmentTemplates/any"}]}`,
			"segmentTemplates":   `{"name":"s","network":{"href":"networks/n-1"},"initialState":"STARTED","protocol":"IPv6","parameters":{"subnetAddress":"fd01::","prefixLength":64}}`,
			"endpointTemplates":  `{"name":"e","initialState":"ENABLED","address":"10.0.0.8","origin":"STATIC","interface":{"href":"interfaces/p-2"}}`,
			"interfaceTemplates": `{"name":"i","initialState":"DISABLED","endpoints":[{"href":"endpoints/p-2.10.0.0.6"}],"network":{"href":"networks/n-1"}}`,
			"machineTemplates":   `{"name":"m","interfaceTemplates":[{"network":{"href":"networks/n-1"}}]}`,
		},
	} {
		for collection, body := range bodies {
			_, headers := do(t, h, 201, "POST /cimi/"+version+"/"+collection, body)
			uri := strings.TrimPrefix(headers.Get("Location"), "http://cloud.example.org")
			for _, format := range []string{"json", "xml"} {
				shown := text(t, request(t, h, "GET "+uri, "", "Accept: application/"+format))
				shown = strings.ReplaceAll(shown, uri[strings.LastIndexByte(uri, '/'):], "/made")
				golden(t, "new-"+strings.TrimSuffix(collection, "s")+".v"+version+"."+format, shown)
			}
		}
	}
	for uri, body := range map[string]string{
		"/cimi/1/networkTemplates":   `{"initialState":"PAUSED"}`,
		"/cimi/2/segmentTemplates":   `{"protocol":"IPX"}`,
		"/cimi/2/endpointTemplates":  `{"origin":"STATIC"}`,
		"/cimi/2/interfaceTemplates": `{"initialState":"STARTED"}`,
		"/cimi/1/machineTemplates":   `{"networkInterfaces":[{}]}`,
	} {
		if r := request(t, h, "POST "+uri, body); r.StatusCode != 400 {
			t.Errorf("%s keeps %s: %s", uri, body, r.Status)
		}
	}
}
