package occi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/frontends/occi"
	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/resize"
)

// kindOf is the Category line of an infrastructure kind.
func kindOf(term string) string {
	return `Category: ` + term + `; scheme="` + infra + `"; class="kind"`
}

// act is a request for an action of an infrastructure kind.
func act(path, kind, term string, more ...string) string {
	return plain("POST "+path+"?action="+term, append([]string{`Category: ` + term + `; scheme="http://schemas.ogf.org/occi/infrastructure/` + kind + `/action#"; class="action"`}, more...)...)
}

// ends are the attributes that every link of its own needs.
func ends(source, target string) string {
	return `X-OCCI-Attribute: occi.core.source="` + source + `", occi.core.target="` + target + `"`
}

const (
	ipNetworkLine  = `Category: ipnetwork; scheme="http://schemas.ogf.org/occi/infrastructure/network#"; class="mixin"`
	poolLine       = `Category: Public_net; scheme="http://schemas.openstack.org/network/floatingippool#"; class="mixin"`
	freePortID     = "4d0f0000-4444-4000-8000-000000000002"
	machinePath    = "/compute/" + runningID
	createdAddress = "take {NetworkID:" + publicID + " Address: PortID:"
)

// TestWrites holds what is made, changed and deleted to what reaches the cloud,
// to its status, and to a word that the answer must have.
func TestWrites(t *testing.T) {
	inline := func(kind, target, more string) string {
		return `Link: <` + target + `>; rel="` + infra + `x"; category="` + infra + kind + `"` + more
	}
	conflict := model.Errorf(model.Conflict, "it is in use by port 1")
	tests := []struct {
		name, request string
		fail          map[string]error
		status        int
		says          string
		did           []string
	}{
		{"storage", plain("POST /storage/", kindOf("storage"), `X-OCCI-Attribute: occi.core.title="d"`, `X-OCCI-Attribute: occi.storage.size=1.5`), nil, 201, "/storage/v-made",
			[]string{"create volume {Name:d Description: SizeGiB:2 Type: Zone: SnapshotID: ImageID: Metadata:map[]}"}},
		{"storage of no size", plain("POST /storage/", kindOf("storage"), `X-OCCI-Attribute: occi.storage.size=0`), nil, 400, "more than 0", nil},
		{"storage without size", plain("POST /storage/", kindOf("storage")), nil, 400, "occi.storage.size is required", nil},
		{"storage is renamed and grows", plain("POST /storage/"+freeVolumeID, `X-OCCI-Attribute: occi.core.title="new", occi.storage.size=3`), nil, 200, `occi.core.title="new"`,
			[]string{`update volume ` + freeVolumeID + `: "new" - map[]`, "extend " + freeVolumeID + " to 3"}},
		{"storage cannot grow, and is named as before", plain("POST /storage/"+freeVolumeID, `X-OCCI-Attribute: occi.core.title="new", occi.storage.size=3`), map[string]error{"ExtendVolume": model.Errorf(model.Quota, "gigabytes")}, 409, "gigabytes",
			[]string{`update volume ` + freeVolumeID + `: "new" - map[]`, `update volume ` + freeVolumeID + `: "free" - map[]`}},
		{"storage shrinks", plain("POST /storage/"+volumeID, `X-OCCI-Attribute: occi.storage.size=3`), nil, 409, "10 GiB", nil},
		{"storage as it is", plain("PUT /storage/"+freeVolumeID, kindOf("storage"), `X-OCCI-Attribute: occi.core.title="free", occi.storage.size=2.0`), nil, 200, "size=2.0", nil},
		{"storage in use is deleted", "DELETE /storage/" + volumeID, map[string]error{"DeleteVolume": conflict}, 409, "in use by port 1", nil},
		{"storage is deleted", "DELETE /storage/" + freeVolumeID, nil, 200, "OK", []string{"delete volume " + freeVolumeID}},
		{"storage offline", act("/storage/"+freeVolumeID, "storage", "offline"), nil, 200, "OK", []string{"update volume " + freeVolumeID + ": - - map[occi_offline:true]"}},
		{"storage in use offline", act("/storage/"+volumeID, "storage", "offline"), nil, 409, "offline", nil},
		{"storage online", act("/storage/v-off", "storage", "online"), nil, 200, "OK", []string{"update volume v-off: - - map[occi_offline:]"}},
		{"storage online again, 1.1", strings.Replace(act("/storage/"+freeVolumeID, "storage", "online"), "\n", "\nUser-Agent: OCCI/1.1\n", 1), nil, 400, "online", nil},
		{"snapshot", act("/storage/"+volumeID, "storage", "snapshot"), nil, 200, "OK", []string{"snapshot " + volumeID}},
		{"backup", act("/storage/"+volumeID, "storage", "backup"), nil, 200, "OK", []string{"back up " + volumeID}},
		{"backup without the service", act("/storage/"+volumeID, "storage", "backup"), map[string]error{"BackUpVolume": model.Errorf(model.Unsupported, "no backups")}, 501, "no backups", nil},
		{"resize", act("/storage/"+volumeID, "storage", "resize", `X-OCCI-Attribute: size=10.5`), nil, 200, "OK", []string{"extend " + volumeID + " to 11"}},
		{"resize without size", act("/storage/"+volumeID, "storage", "resize"), nil, 400, "size", nil},
		{"resize to less", act("/storage/"+volumeID, "storage", "resize", `X-OCCI-Attribute: size="5"`), nil, 409, "grow", nil},
		{"resize to the same", act("/storage/"+volumeID, "storage", "resize", `X-OCCI-Attribute: size=10`), nil, 409, "already", nil},

		{"storagelink", plain("POST /storagelink/", kindOf("storagelink"), ends(machinePath, "/storage/"+freeVolumeID)), nil, 201, "/storagelink/" + runningID + "_" + freeVolumeID,
			[]string{"attach {VolumeID:" + freeVolumeID + " Device: Boot:false} to " + runningID}},
		{"storagelink at an alias, ids only", plain("POST /link/storagelink/", kindOf("storagelink"), ends(runningID, "urn:uuid:"+freeVolumeID), `X-OCCI-Attribute: occi.storagelink.deviceid="/dev/vdx"`), nil, 201, "/storagelink/",
			[]string{"attach {VolumeID:" + freeVolumeID + " Device:/dev/vdx Boot:false} to " + runningID}},
		{"storagelink twice", plain("POST /storagelink/", kindOf("storagelink"), ends(machinePath, "/storage/"+volumeID)), map[string]error{"AttachVolume": model.Errorf(model.Conflict, "attached already")}, 409, "already", nil},
		{"storagelink to what is offline", plain("POST /storagelink/", kindOf("storagelink"), ends(machinePath, "/storage/v-off")), nil, 409, "offline", nil},
		{"storagelink to nothing", plain("POST /storagelink/", kindOf("storagelink"), ends(machinePath, "/storage/none")), nil, 404, "none", nil},
		{"storagelink of nothing", plain("POST /storagelink/", kindOf("storagelink"), ends("/compute/none", "/storage/"+freeVolumeID)), map[string]error{"AttachVolume": model.Errorf(model.NotFound, "no machine none")}, 404, "none", nil},
		{"storagelink to a network", plain("POST /storagelink/", kindOf("storagelink"), ends(machinePath, "/network/"+networkID)), nil, 400, "storage", nil},
		{"storagelink from a network", plain("POST /storagelink/", kindOf("storagelink"), ends("/network/"+networkID, "/storage/"+freeVolumeID)), nil, 400, "compute", nil},
		{"storagelink in JSON", jsonBody("POST /storagelink/", `{"kind":"`+infra+`storagelink","source":{"location":"`+machinePath+`"},"target":{"location":"/storage/`+freeVolumeID+`"}}`), nil, 201, "/storagelink/",
			[]string{"attach {VolumeID:" + freeVolumeID + " Device: Boot:false} to " + runningID}},
		{"compute gets a link, alone in JSON", jsonBody("POST "+machinePath, `{"links":[{"kind":"`+infra+`storagelink","target":{"location":"/storage/`+freeVolumeID+`"}}]}`), nil, 200, "Category: compute",
			[]string{"attach {VolumeID:" + freeVolumeID + " Device: Boot:false} to " + runningID}},
		{"compute gets a link that leads nowhere", jsonBody("POST "+machinePath, `{"links":[{"kind":"`+infra+`storagelink"}]}`), nil, 400, "target", nil},
		{"compute repeats its link by location", jsonBody("POST "+machinePath, `{"links":["/storagelink/`+runningID+"_"+volumeID+`"]}`), nil, 400, "says nothing", nil},
		{"compute repeats its link by location, and more", jsonBody("PUT "+machinePath, `{"title":"web","links":["/storagelink/`+runningID+"_"+volumeID+`"]}`), nil, 200, "Category: compute", nil},
		{"compute repeats its link as it is", jsonBody("PUT "+machinePath, `{"title":"web","links":[{"id":"`+portID+`","kind":"`+infra+`networkinterface","source":"/compute/x","target":"/network/`+networkID+`","attributes":{"occi.networkinterface.address":"10.0.0.5","occi.networkinterface.state":"inactive"}}]}`), nil, 200, "Category: compute", nil},
		{"compute changes its link in passing", jsonBody("POST "+machinePath, `{"summary":"new","links":[{"id":"`+portID+`","kind":"`+infra+`networkinterface","target":"/network/`+networkID+`","attributes":{"occi.networkinterface.address":"10.0.0.6"}}]}`), nil, 400, "only at /networkinterface/" + portID, nil},
		{"compute moves its link in passing", plain("POST "+machinePath, `Link: </network/`+publicID+`>; rel="`+infra+`network"; self="/networkinterface/`+portID+`"; category="`+infra+`networkinterface"; occi.core.target="/network/`+publicID+`"`), nil, 400, "occi.core.target of the link", nil},
		{"compute names a link that it has not", jsonBody("POST "+machinePath, `{"summary":"new","links":["/storagelink/none"]}`), nil, 400, `there is no link "/storagelink/none"`, nil},
		{"compute with a link that is there", jsonBody("POST /compute/", `{"kind":"`+infra+`compute","mixins":["http://schemas.openstack.org/template/os#`+imageID+`"],"links":["/networkinterface/`+portID+`"]}`), nil, 400, `there is no link "/networkinterface/`, nil},
		{"compute, and another", jsonBody("POST "+machinePath, `{"resources":[{"summary":"new"},{"summary":"newer"}]}`), nil, 400, "2 entities", nil},
		{"two actions", jsonBody("POST "+machinePath+"?action=stop", `{"resources":[{"action":"http://schemas.ogf.org/occi/infrastructure/compute/action#stop"},{"kind":"x#y"}]}`), nil, 400, "nothing else", nil},
		{"storagelink moved", plain("POST /storagelink/"+runningID+"_"+volumeID, `X-OCCI-Attribute: occi.core.target="/storage/v-new"`), nil, 403, "occi.core.target", nil},
		{"storagelink as it is", plain("POST /storagelink/"+runningID+"_"+volumeID, `X-OCCI-Attribute: occi.storagelink.deviceid="/dev/vdb"`), nil, 200, "/dev/vdb", nil},
		{"storagelink deleted", "DELETE /storagelink/" + runningID + "_" + volumeID, nil, 200, "OK", []string{"detach " + volumeID + " from " + runningID}},
		{"storagelink of no form deleted", "DELETE /storagelink/x", nil, 404, "x", nil},

		{"network", plain("POST /network/", kindOf("network"), ipNetworkLine, `X-OCCI-Attribute: occi.core.title="n", occi.network.address="10.9.0.0/24", occi.network.gateway="10.9.0.1", occi.network.allocation="static", occi.network.label="red"`), nil, 201, "/network/n-made",
			[]string{`create network "n" "" down false subnets [{Name: Description: CIDR:10.9.0.0/24 Gateway:10.9.0.1 DHCP:false DNSNameservers:[]}] tags [occi-label-red]`}},
		{"network without a range", plain("POST /network/", kindOf("network")), nil, 201, "/network/n-made", []string{`create network "" "" down false subnets [] tags []`}},
		{"network in JSON", jsonBody("POST /network/\nAccept: application/json", `{"kind":"`+infra+`network","mixins":["http://schemas.ogf.org/occi/infrastructure/network#ipnetwork"],"attributes":{"occi.network.address":"10.9.0.0/24"}}`), nil, 201, `"occi.network.gateway":"10.9.0.1"`,
			[]string{`create network "" "" down false subnets [{Name: Description: CIDR:10.9.0.0/24 Gateway: DHCP:true DNSNameservers:[]}] tags []`}},
		{"network with a gateway to nothing", plain("POST /network/", kindOf("network"), ipNetworkLine, `X-OCCI-Attribute: occi.network.gateway="10.9.0.1"`), nil, 400, "occi.network.address", nil},
		{"network with a bad range", plain("POST /network/", kindOf("network"), ipNetworkLine, `X-OCCI-Attribute: occi.network.address="10.9.0.0"`), nil, 400, "address range", nil},
		{"network with a VLAN", plain("POST /network/", kindOf("network"), `X-OCCI-Attribute: occi.network.vlan=5`), nil, 403, "vlan", nil},
		{"network with a bad label", plain("POST /network/", kindOf("network"), `X-OCCI-Attribute: occi.network.label="a/b"`), nil, 400, "label", nil},
		{"network gets a gateway out of reach", plain("POST /network/"+networkID, `X-OCCI-Attribute: occi.network.gateway="10.99.0.1"`), nil, 400, "10.99.0.1", nil},
		{"network is changed", plain("POST /network/"+networkID, `X-OCCI-Attribute: occi.core.title="new", occi.network.gateway="10.0.0.254", occi.network.allocation="static", occi.network.label="red"`), nil, 200, "Category: network",
			[]string{`update subnet s4: "10.0.0.254" false`, `update network ` + networkID + `: "new" - - +[occi-label-red] -[occi-label-blue]`}},
		{"network's change fails, and is undone", plain("POST /network/"+networkID, `X-OCCI-Attribute: occi.core.title="new", occi.network.gateway="10.0.0.254"`), map[string]error{"UpdateNetwork": conflict}, 409, "port 1",
			[]string{`update subnet s4: "10.0.0.254" -`, `update subnet s4: "10.0.0.1" true`}},
		{"network's range", plain("POST /network/"+networkID, `X-OCCI-Attribute: occi.network.address="10.0.1.0/24"`), nil, 403, "occi.network.address", nil},
		{"network's range repeated", plain("POST /network/"+networkID, `X-OCCI-Attribute: occi.network.address="10.0.0.0/24"`), nil, 200, "10.0.0.0/24", nil},
		{"somebody else's network is changed", plain("POST /network/"+publicID, `X-OCCI-Attribute: occi.core.title="mine"`), nil, 403, "somebody else", nil},
		{"network down", act("/network/"+networkID, "network", "down"), nil, 200, "OK", []string{"update network " + networkID + ": - - false +[] -[]"}},
		{"network up again", act("/network/"+networkID, "network", "up"), nil, 409, "active", nil},
		{"somebody else's network down", act("/network/"+publicID, "network", "down"), nil, 403, "somebody else", nil},
		{"network in use is deleted", "DELETE /network/" + networkID, map[string]error{"DeleteNetwork": conflict}, 409, "in use by port 1", nil},
		{"network is deleted", "DELETE /network/" + networkID, nil, 200, "OK", []string{"delete network " + networkID}},
		{"all networks are deleted, but one is not ours", "DELETE /network/", nil, 403, "somebody else", nil},

		{"the public network", "GET /network/PUBLIC", nil, 200, publicID, nil},
		{"the tenant's network", "GET /network/admin", nil, 200, networkID, nil},

		{"interface", plain("POST /networkinterface/", kindOf("networkinterface"), ends(machinePath, "/network/"+networkID), `X-OCCI-Attribute: occi.networkinterface.address="10.0.0.9"`), nil, 201, "/networkinterface/port-made",
			[]string{"plug " + runningID + " into {NetworkID:" + networkID + " FixedIP:10.0.0.9 PortID:}"}},
		{"interface with a title", plain("POST /networkinterface/", kindOf("networkinterface"), ends(machinePath, "/network/"+networkID), `X-OCCI-Attribute: occi.core.title="front"`), nil, 201, "/networkinterface/port-made",
			[]string{"plug " + runningID + " into {NetworkID:" + networkID + " FixedIP: PortID:}", `update port port-made: "front" - []`}},
		{"interface whose title is refused", plain("POST /networkinterface/", kindOf("networkinterface"), ends(machinePath, "/network/"+networkID), `X-OCCI-Attribute: occi.core.title="front"`), map[string]error{"UpdatePort": conflict}, 409, "port 1",
			[]string{"plug " + runningID + " into {NetworkID:" + networkID + " FixedIP: PortID:}", "unplug port-made of " + runningID}},
		{"interface in JSON is numbered", jsonBody("POST /networkinterface/\nAccept: application/json", `{"kind":"`+infra+`networkinterface","source":"`+machinePath+`","target":"/network/`+networkID+`"}`), nil, 201, `"eth2"`,
			[]string{"plug " + runningID + " into {NetworkID:" + networkID + " FixedIP: PortID:}"}},
		{"interface to the tenant's network, as OCCI-OS calls it", plain("POST /networkinterface/", kindOf("networkinterface"), ends(machinePath, "/network/admin")), nil, 201, "/networkinterface/port-made",
			[]string{"plug " + runningID + " into {NetworkID:" + networkID + " FixedIP: PortID:}"}},
		{"interface with a MAC address", plain("POST /networkinterface/", kindOf("networkinterface"), ends(machinePath, "/network/"+networkID), `X-OCCI-Attribute: occi.networkinterface.mac="fa:16:3e:00:00:02"`), nil, 403, "mac", nil},
		{"interface, static and nowhere", plain("POST /networkinterface/", kindOf("networkinterface"), ends(machinePath, "/network/"+networkID), `X-OCCI-Attribute: occi.networkinterface.allocation="static"`), nil, 400, "address", nil},
		{"address from the public network", plain("POST /networkinterface/", kindOf("networkinterface"), ends(machinePath, "/network/PUBLIC")), nil, 201, "/networkinterface/fip_fip-made",
			[]string{createdAddress + freePortID + " Description:" + madeByLink + " Tags:[]}"}},
		{"address from a pool", plain("POST /networkinterface/", kindOf("networkinterface"), poolLine, ends(machinePath, "/network/whatever")), nil, 201, "/networkinterface/fip_fip-made",
			[]string{createdAddress + freePortID + " Description:" + madeByLink + " Tags:[]}"}},
		{"address from a network", plain("POST /networkinterface/", kindOf("networkinterface"), ends(machinePath, "/network/"+publicID)), nil, 201, "/networkinterface/fip_fip-made",
			[]string{createdAddress + freePortID + " Description:" + madeByLink + " Tags:[]}"}},
		{"address from an empty pool", plain("POST /networkinterface/", kindOf("networkinterface"), ends(machinePath, "/network/public")), map[string]error{"CreateFloatingIP": model.Errorf(model.Conflict, "no more addresses")}, 409, "no more addresses", nil},
		{"address for a machine without interfaces", plain("POST /networkinterface/", kindOf("networkinterface"), ends("/compute/"+stoppedID, "/network/public")), nil, 409, "no network interface", nil},
		{"address for no machine", plain("POST /networkinterface/", kindOf("networkinterface"), ends("/compute/none", "/network/public")), nil, 404, "none", nil},
		{"address that is reserved", plain("POST /networkinterface/", kindOf("networkinterface"), ends(machinePath, "/ipreservation/"+freeIPID)), nil, 201, "/networkinterface/fip_" + freeIPID,
			[]string{`point ` + freeIPID + ` at "` + freePortID + `"`}},
		{"address that is used", plain("POST /networkinterface/", kindOf("networkinterface"), ends(machinePath, "/ipreservation/"+usedIPID)), nil, 409, "used already", nil},
		{"interface gets another address and title", plain("POST /networkinterface/"+portID, `X-OCCI-Attribute: occi.core.title="t", occi.networkinterface.address="10.0.0.9"`), nil, 200, "eth0",
			[]string{`update port ` + portID + `: "t" - [{ 10.0.0.9}]`}},
		{"interface gets another MAC address", plain("POST /networkinterface/"+portID, `X-OCCI-Attribute: occi.networkinterface.mac="fa:16:3e:00:00:02"`), nil, 403, "mac", nil},
		{"interface goes elsewhere", plain("POST /networkinterface/"+portID, `X-OCCI-Attribute: occi.core.target="/network/`+publicID+`"`), nil, 403, "target", nil},
		{"floating interface gets another address", plain("POST /networkinterface/fip_"+usedIPID, `X-OCCI-Attribute: occi.networkinterface.address="192.0.2.1"`), nil, 403, "address", nil},
		{"interface down", act("/networkinterface/"+portID, "networkinterface", "down"), nil, 200, "OK", []string{"update port " + portID + ": - false []"}},
		{"interface deleted, with the address that was taken for a link", "DELETE /networkinterface/" + portID, nil, 200, "OK", []string{"unplug " + portID + " of " + runningID, "release " + linkedIPID}},
		{"interface deleted, and its address stays", "DELETE /networkinterface/" + portID, map[string]error{"DeleteFloatingIP": conflict}, 409, "the interface is deleted, but its address 192.0.2.9", []string{"unplug " + portID + " of " + runningID}},
		{"floating interface deleted, the reservation stays", "DELETE /networkinterface/fip_" + usedIPID, nil, 200, "OK", []string{`point ` + usedIPID + ` at ""`}},
		{"floating interface deleted, with what it took", "DELETE /networkinterface/fip_" + linkedIPID, nil, 200, "OK", []string{"release " + linkedIPID}},
		{"floating interface that is none", "DELETE /networkinterface/fip_" + freeIPID, nil, 404, "fip_", nil},
		{"storage with a link", plain("POST /storage/", kindOf("storage"), `X-OCCI-Attribute: occi.storage.size=1`, inline("networkinterface", "/network/"+networkID, "")), nil, 400, "no link begins at a storage", nil},
		{"storage gets a link", plain("POST /storage/"+freeVolumeID, inline("networkinterface", "/network/"+networkID, "")), nil, 400, "no link begins at a storage", nil},
		{"network gets a link in JSON", jsonBody("POST /network/"+networkID, `{"summary":"new","links":[{"kind":"`+infra+`storagelink","target":"/storage/`+freeVolumeID+`"}]}`), nil, 400, "no link begins at a network", nil},
		{"link to a link", plain("POST /networkinterface/", kindOf("networkinterface"), ends(machinePath, "/network/"+networkID), inline("storagelink", "/storage/"+freeVolumeID, "")), nil, 400, "link", nil},

		{"reservation", plain("POST /ipreservation/", kindOf("ipreservation"), poolLine, `X-OCCI-Attribute: occi.core.summary="s", occi.ipreservation.address="192.0.2.50"`), nil, 201, "/ipreservation/fip-made",
			[]string{"take {NetworkID:" + publicID + " Address:192.0.2.50 PortID: Description:s Tags:[]}"}},
		{"reservation from the only pool", plain("POST /ipreservation/", kindOf("ipreservation")), nil, 201, "/ipreservation/fip-made", []string{createdAddress + " Description: Tags:[]}"}},
		{"reservation from no pool", plain("POST /ipreservation/", kindOf("ipreservation"), strings.Replace(poolLine, "Public_net", "none", 1)), nil, 404, "none", nil},
		{"reservation with a VLAN", plain("POST /ipreservation/", kindOf("ipreservation"), `X-OCCI-Attribute: occi.network.vlan=5`), nil, 409, "VLAN", nil},
		{"reservation is described", plain("POST /ipreservation/"+freeIPID, `X-OCCI-Attribute: occi.core.summary="new"`), nil, 200, freeIPID, []string{`update address ` + freeIPID + `: "new"`}},
		{"reservation's address", plain("POST /ipreservation/"+freeIPID, `X-OCCI-Attribute: occi.ipreservation.address="192.0.2.1"`), nil, 403, "address", nil},
		{"reservation is released", "DELETE /ipreservation/" + freeIPID, nil, 200, "OK", []string{"release " + freeIPID}},

		{"group", plain("POST /securitygroup/", kindOf("securitygroup"), `X-OCCI-Attribute: occi.core.title="g", occi.securitygroup.rules="[{\"type\":\"inbound\",\"protocol\":\"tcp\",\"port\":\"80-81\",\"range\":\"10.0.0.0/8\"}]"`), nil, 201, "/securitygroup/g-made",
			[]string{"create group {ID: Name:g Description: Rules:[{ID: Direction:inbound IPVersion:4 Protocol:tcp PortMin:80 PortMax:81 Range:10.0.0.0/8 RemoteGroupID:}] Tags:[]}"}},
		{"group in JSON", jsonBody("POST /securitygroup/\nAccept: application/json", `{"kind":"`+infra+`securitygroup","title":"g","attributes":{"occi.securitygroup.rules":[{"type":"outbound","protocol":"any","ipversion":"IPv6"}]}}`), nil, 201, `"outbound"`,
			[]string{"create group {ID: Name:g Description: Rules:[{ID: Direction:outbound IPVersion:6 Protocol: PortMin:0 PortMax:0 Range: RemoteGroupID:}] Tags:[]}"}},
		{"group without rules", plain("POST /securitygroup/", kindOf("securitygroup")), nil, 400, "rules is required", nil},
		{"group with a rule that goes nowhere", plain("POST /securitygroup/", kindOf("securitygroup"), `X-OCCI-Attribute: occi.securitygroup.rules="[{\"type\":\"sideways\"}]"`), nil, 400, "rule 1: type", nil},
		{"group with a port of nothing", plain("POST /securitygroup/", kindOf("securitygroup"), `X-OCCI-Attribute: occi.securitygroup.rules="[{\"type\":\"inbound\",\"port\":\"80\"}]"`), nil, 400, "protocol", nil},
		{"group with a port of ICMP", plain("POST /securitygroup/", kindOf("securitygroup"), `X-OCCI-Attribute: occi.securitygroup.rules="[{\"type\":\"inbound\",\"protocol\":\"icmp\",\"port\":\"8\"}]"`), nil, 400, "ICMP", nil},
		{"group without its title", plain("POST /securitygroup/"+groupID, `X-OCCI-Attribute: occi.core.title=""`), nil, 400, "occi.core.title", nil},
		{"group with port 0", plain("POST /securitygroup/", kindOf("securitygroup"), `X-OCCI-Attribute: occi.securitygroup.rules="[{\"type\":\"inbound\",\"protocol\":\"tcp\",\"port\":\"0\"}]"`), nil, 400, "port", nil},
		{"group with a bad port", plain("POST /securitygroup/", kindOf("securitygroup"), `X-OCCI-Attribute: occi.securitygroup.rules="[{\"type\":\"inbound\",\"protocol\":\"tcp\",\"port\":\"80-70000\"}]"`), nil, 400, "port", nil},
		{"group with a bad range", plain("POST /securitygroup/", kindOf("securitygroup"), `X-OCCI-Attribute: occi.securitygroup.rules="[{\"type\":\"inbound\",\"range\":\"10.0.0.0/8\",\"ipversion\":\"IPv6\"}]"`), nil, 400, "IPv6", nil},
		{"group with an unknown member", plain("POST /securitygroup/", kindOf("securitygroup"), `X-OCCI-Attribute: occi.securitygroup.rules="[{\"type\":\"inbound\",\"ports\":\"80\"}]"`), nil, 400, "list of objects", nil},
		{"group with a rule that says two things", plain("POST /securitygroup/", kindOf("securitygroup"), `X-OCCI-Attribute: occi.securitygroup.rules="[{\"type\":\"inbound\",\"type\":\"outbound\"}]"`), nil, 400, "twice", nil},
		{"group gets other rules", plain("POST /securitygroup/"+groupID, `X-OCCI-Attribute: occi.securitygroup.rules="[]"`), nil, 200, "Category: securitygroup", []string{"update group " + groupID + ": - - []"}},
		{"group in use is deleted", "DELETE /securitygroup/" + groupID, map[string]error{"DeleteSecurityGroup": conflict}, 409, "in use", nil},
		{"group link", plain("POST /securitygrouplink/", kindOf("securitygrouplink"), ends(machinePath, "/securitygroup/"+otherGroupID)), nil, 201, "/securitygrouplink/" + runningID + "_" + otherGroupID,
			[]string{"give " + otherGroupID + " to " + runningID}},
		{"group link to nothing", plain("POST /securitygrouplink/", kindOf("securitygrouplink"), ends(machinePath, "/securitygroup/none")), nil, 404, "none", nil},
		{"group link deleted", "DELETE /securitygrouplink/" + runningID + "_" + groupID, nil, 200, "OK", []string{"take " + groupID + " from " + runningID}},

		{"another size", plain("POST "+machinePath, strings.Replace(smallLine, "Category: 2", "Category: 1", 1)), nil, 200, "Category: compute", []string{"resize " + runningID + " to 1"}},
		{"more cores", plain("POST "+machinePath, `X-OCCI-Attribute: occi.compute.cores=2`), nil, 200, "Category: compute", []string{"resize " + runningID + " to C2R2048D20"}},
		{"more cores than there are", plain("POST "+machinePath, `X-OCCI-Attribute: occi.compute.cores=200`), nil, 409, "200 cores", nil},
		{"another size and name, and no quota", plain("POST "+machinePath, `X-OCCI-Attribute: occi.compute.cores=2, occi.core.summary="s"`), map[string]error{"ResizeMachine": model.Errorf(model.Quota, "cores")}, 409, "cores", nil},
		{"what the image depends on", plain("POST "+machinePath, `Category: os_tpl; scheme="`+infra+`"; class="mixin"`), nil, 200, "Category: compute", nil},
		{"another image", plain("POST "+machinePath, strings.Replace(imageLine, imageID, "second", 1)), nil, 200, "Category: compute", []string{"rebuild " + runningID + " from second"}},
		{"another image and size", plain("POST "+machinePath, strings.Replace(imageLine, imageID, "second", 1), `X-OCCI-Attribute: occi.compute.cores=2`), nil, 409, "one after the other", nil},
		{"another zone", plain("POST "+machinePath, `Category: nova; scheme="http://schemas.openstack.org/availability_zone#"; class="mixin"`), nil, 409, "created", nil},
		{"links are added", plain("POST "+machinePath, inline("storagelink", "/storage/"+freeVolumeID, ""), inline("networkinterface", "/network/"+networkID, "")), nil, 200, "port-made",
			[]string{"attach {VolumeID:" + freeVolumeID + " Device: Boot:false} to " + runningID, "plug " + runningID + " into {NetworkID:" + networkID + " FixedIP: PortID:}"}},
		{"links are added, and one fails", plain("POST "+machinePath, inline("storagelink", "/storage/"+freeVolumeID, ""), inline("networkinterface", "/network/"+networkID, "")), map[string]error{"AttachNetwork": conflict}, 409, "port 1",
			[]string{"attach {VolumeID:" + freeVolumeID + " Device: Boot:false} to " + runningID, "detach " + freeVolumeID + " from " + runningID}},
		{"links are added, one fails, and the other cannot be undone", plain("POST "+machinePath, inline("storagelink", "/storage/"+freeVolumeID, ""), inline("networkinterface", "/network/"+networkID, "")),
			map[string]error{"AttachNetwork": conflict, "DetachVolume": conflict}, 409, "could not be undone: a new link to " + freeVolumeID,
			[]string{"attach {VolumeID:" + freeVolumeID + " Device: Boot:false} to " + runningID}},
		{"a compute with its address is deleted", "DELETE " + machinePath, nil, 200, "OK", []string{"delete " + runningID, "release " + linkedIPID}},
		{"a compute is deleted, and its address stays", "DELETE " + machinePath, map[string]error{"DeleteFloatingIP": conflict}, 409, "192.0.2.9", []string{"delete " + runningID}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newService(t, occi.Config{})
			s.cloud.images = append(s.cloud.images, model.Image{ID: "second", Name: "second", State: model.ImageAvailable})
			s.cloud.fail = test.fail
			s.cloud.ports = append(s.cloud.ports, model.Port{ID: freePortID, MachineID: runningID, NetworkID: networkID, FixedIPs: []model.FixedIP{{SubnetID: "s4", Address: "10.0.0.7"}}})
			res := s.do(test.request)
			if body := bodyOf(t, res); res.StatusCode != test.status || !strings.Contains(body, test.says) {
				t.Errorf("%d, want %d; says %q? %s", res.StatusCode, test.status, test.says, body)
			}
			if diff := cmp.Diff(test.did, s.cloud.did); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestCreateWithEverything checks that all links go along with the one call, and
// what comes after it for addresses.
func TestCreateWithEverything(t *testing.T) {
	link := func(kind, target string) string {
		return `Link: <` + target + `>; rel="` + infra + `x"; category="` + infra + kind + `"`
	}
	request := plain("POST /compute/", kindLine, imageLine, smallLine, `X-OCCI-Attribute: occi.core.title="t"`,
		`Category: nova; scheme="http://schemas.openstack.org/availability_zone#"; class="mixin"`,
		link("networkinterface", "/network/"+networkID), link("storagelink", "/storage/"+freeVolumeID),
		link("securitygrouplink", "/securitygroup/"+groupID), link("networkinterface", "/network/PUBLIC"), link("networkinterface", "/ipreservation/"+freeIPID))
	const madeID = "3f5a0c4e-00ff-4000-8000-0000000000ff"
	taken := createdAddress + " Description:" + madeByLink + " Tags:[]}"
	tests := []struct {
		name   string
		fail   map[string]error
		state  model.MachineState
		status int
		says   string
		did    []string
	}{
		{"all is well", nil, model.MachineCreating, 201, madeID, []string{taken, `point fip-made at "port-new"`, `point ` + freeIPID + ` at "port-new"`}},
		{"no address left", map[string]error{"CreateFloatingIP": model.Errorf(model.Conflict, "pool")}, model.MachineCreating, 409, "pool", nil},
		{"no room", map[string]error{"CreateMachine": model.Errorf(model.Quota, "cores")}, model.MachineCreating, 409, "cores", []string{taken, "release fip-made"}},
		{"the address cannot be given", map[string]error{"PointFloatingIP": model.Errorf(model.Invalid, "no router")}, model.MachineCreating, 400, "no router", []string{taken, "delete " + madeID, "release fip-made"}},
		{"and not be undone", map[string]error{"PointFloatingIP": model.Errorf(model.Invalid, "no router"), "DeleteMachine": model.Errorf(model.Unavailable, "down")}, model.MachineCreating, 400, "could not be undone: the compute", []string{taken, "release fip-made"}},
		{"the machine fails", nil, model.MachineFailed, 409, "could not be made", []string{taken, "delete " + madeID, "release fip-made"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newService(t, occi.Config{})
				s.cloud.fail = test.fail
				made := model.Machine{ID: madeID, State: test.state, StateDetail: "no host"}
				s.cloud.machines = append(s.cloud.machines, made)
				if test.state == model.MachineCreating {
					s.cloud.portsLater = []model.Port{{ID: "port-new", MachineID: madeID, FixedIPs: []model.FixedIP{{SubnetID: "s4", Address: "10.0.0.7"}}}}
				}
				res := s.do(request)
				if body := bodyOf(t, res); res.StatusCode != test.status || !strings.Contains(body, test.says) {
					t.Errorf("%d, want %d; says %q? %s", res.StatusCode, test.status, test.says, body)
				}
				if diff := cmp.Diff(test.did, s.cloud.did); diff != "" {
					t.Error(diff)
				}
				if test.status != 201 {
					return
				}
				want := model.MachineCreate{
					Name: "t", FlavorID: "2", ImageID: imageID, Zone: "nova", SecurityGroups: []string{groupID},
					Networks: []model.MachineNetwork{{NetworkID: networkID}}, Volumes: []model.MachineVolume{{VolumeID: freeVolumeID}},
				}
				if diff := cmp.Diff(want, s.cloud.created); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// TestAddressOfTheSecond checks that the address of a new machine points at the
// first of all its interfaces that can be reached, though that may be made last.
func TestAddressOfTheSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const madeID = "3f5a0c4e-00ff-4000-8000-0000000000ff"
		s := newService(t, occi.Config{})
		s.cloud.machines = append(s.cloud.machines, model.Machine{ID: madeID, State: model.MachineCreating})
		port := func(id, address string) model.Port {
			return model.Port{ID: id, MachineID: madeID, FixedIPs: []model.FixedIP{{Address: address}}}
		}
		s.cloud.ports = append(s.cloud.ports, port("first", "10.1.0.7"))
		s.cloud.portsLater = []model.Port{port("second", "10.0.0.7")}
		s.cloud.unreachable = "first"
		link := func(target string) string {
			return `Link: <` + target + `>; rel="` + infra + `network"; category="` + infra + `networkinterface"`
		}
		res := s.do(plain("POST /compute/", kindLine, imageLine, link("/network/"+networkID), link("/network/"+networkID), link("/network/PUBLIC")))
		if body := bodyOf(t, res); res.StatusCode != http.StatusCreated {
			t.Fatal(res.StatusCode, body)
		}
		if !slices.Contains(s.cloud.did, `point fip-made at "second"`) {
			t.Error(s.cloud.did)
		}
	})
}

// TestSeveralNetworks checks that a request that leaves the network open is
// answered with what there is to choose from.
func TestSeveralNetworks(t *testing.T) {
	s := newService(t, occi.Config{})
	s.cloud.networks = append(s.cloud.networks, model.Network{ID: "second", Name: "second, one"})
	res := s.do(plain("POST /compute/", kindLine, imageLine, smallLine))
	body := bodyOf(t, res)
	for _, want := range []string{"https://cloud.example.org/network/" + networkID + ` ("private")`, `https://cloud.example.org/network/second ("second, one")`} {
		if res.StatusCode != 409 || !strings.Contains(body, want) {
			t.Errorf("%d does not name %s: %s", res.StatusCode, want, body)
		}
	}
	if s.cloud.created.Name != "" {
		t.Error("a machine was made")
	}
}

// TestNewSubnet checks that a network is not shown with an older list of
// subnets than itself.
func TestNewSubnet(t *testing.T) {
	s := newService(t, occi.Config{})
	request := "GET /network/" + networkID
	want := bodyOf(t, s.do(request))
	if !strings.Contains(want, "occi.network.address") {
		t.Fatalf("no range of addresses in %s", want)
	}
	s.cloud.oldSubnets = true
	if diff := cmp.Diff(want, bodyOf(t, s.do(request))); diff != "" {
		t.Errorf("with an old list (-want +got):\n%s", diff)
	}
}

// TestResizeIsConfirmed checks that who sees that a resize is done, confirms it,
// if it was begun here.
func TestResizeIsConfirmed(t *testing.T) {
	for _, request := range []string{"GET " + machinePath, "GET /compute/\nAccept: application/occi+json"} {
		for _, ours := range []bool{true, false} {
			s := newService(t, occi.Config{})
			m := &s.cloud.machines[0]
			m.Tags = []string{"other"}
			if ours {
				if err := resize.Begin(t.Context(), s.cloud, m.ID, m.Flavor.ID); err != nil || len(m.Tags) != 2 {
					t.Fatalf("tags %v, %v", m.Tags, err)
				}
			}
			m.Running = true
			for _, step := range []struct {
				state model.MachineState
				did   []string
				tags  int
			}{
				{model.MachineResizing, nil, 2},
				{model.MachineResized, []string{"confirm " + runningID}, 2},
				{model.MachineRunning, nil, 1},
			} {
				m.State, s.cloud.did = step.state, nil
				if !ours {
					step.did, step.tags = nil, 1
				}
				if res := s.do(request); res.StatusCode != 200 {
					t.Error(res.StatusCode, bodyOf(t, res))
				}
				if diff := cmp.Diff(step.did, s.cloud.did); diff != "" {
					t.Errorf("%s: %s", step.state, diff)
				}
				if len(m.Tags) != step.tags {
					t.Errorf("%s: tags %v", step.state, m.Tags)
				}
			}
		}
	}
}

// TestAddressOfTwo checks that an interface that gets another address keeps those
// that OCCI does not show.
func TestAddressOfTwo(t *testing.T) {
	s := newService(t, occi.Config{})
	p := &s.cloud.ports[slices.IndexFunc(s.cloud.ports, func(p model.Port) bool { return p.ID == portID })]
	p.FixedIPs = append(p.FixedIPs, model.FixedIP{SubnetID: "s6", Address: "fd00::5"})
	res := s.do(plain("POST /networkinterface/"+portID, `X-OCCI-Attribute: occi.networkinterface.address="10.0.0.9"`))
	if body := bodyOf(t, res); res.StatusCode != http.StatusOK {
		t.Fatal(res.StatusCode, body)
	}
	if diff := cmp.Diff([]string{"update port " + portID + ": - - [{ 10.0.0.9} {s6 fd00::5}]"}, s.cloud.did); diff != "" {
		t.Error(diff)
	}
}
