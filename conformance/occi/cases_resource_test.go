package occi_test

import (
	"slices"
	"strings"
)

// Links, storage and networks on their own.

func diskBody(source, target string) string {
	return kindDisk + "\nX-OCCI-Attribute: occi.core.source=\"" + source + "\"\nX-OCCI-Attribute: occi.core.target=\"" + target + `"`
}

func nicBody(source, target string) string {
	return kindNIC + "\nX-OCCI-Attribute: occi.core.source=\"" + source + "\"\nX-OCCI-Attribute: occi.core.target=\"" + target + `"`
}

// attached is a machine and a volume of the case's own, linked.
func attached(name string) []Step {
	return slices.Concat(newVolume(name), newMachine(name), []Step{
		post("${storagelink}", diskBody("${vm}", "${vol}"), status(201)).made("disk"),
		get("${disk}", attr("occi.storagelink.state", "active")).until(),
	})
}

// detached takes the link off again, so that both can be deleted.
func detached() []Step {
	return []Step{del("${disk}", status(200, 204)), get("${disk}", status(404)).until()}
}

var linkCases = []Case{
	that("links.disk", Must, "OCCI 1.2 Infrastructure 3.4.2", "a volume is linked to a machine, and no longer", slices.Concat(attached("disk"), []Step{
		get("${disk}", kindIs(infra+"storagelink"), says(`occi\.core\.source="[^"]*${vm.id}"`), says(`occi\.core\.target="[^"]*${vol.id}"`)),
		get("${vm}", linksTo(infra+"storagelink", "${vol}")).until(), get("${storagelink}", lists("${disk}")), get("/", lists("${disk}"))}, detached(), []Step{get("${vm}", linksNotTo(infra+"storagelink", "${vol}")).until(), del("${disk}", status(404))})...),
	that("links.disk.twice", Must, "OCCI 1.1 HTTP, return codes", "a volume is linked to a machine once", slices.Concat(attached("disk twice"), []Step{post("${storagelink}", diskBody("${vm}", "${vol}"), status(409))}, detached())...),
	that("links.disk.in-use", Must, "OCCI 1.2 HTTP 5.4", "a volume in use is not deleted", slices.Concat(attached("in use"), []Step{del("${vol}", status(409)), get("${vol}", status(200))}, detached())...),
	that("links.disk.immutable", Must, "OCCI 1.2 Core 4.6", "a storage link keeps its ends", slices.Concat(attached("ends"), []Step{post("${disk}", `X-OCCI-Attribute: occi.core.source="${machine}"`, status(403, 400))}, detached())...),
	that("links.disk.json", Must, "OCCI 1.2 JSON 3.1.2", "a storage link is created in JSON", slices.Concat(newVolume("disk json"), newMachine("disk json"), []Step{
		post("${storagelink}", `{"kind":"http://schemas.ogf.org/occi/infrastructure#storagelink","source":{"location":"${vm}"},"target":{"location":"${vol}"}}`, status(201), kindIs(infra+"storagelink")).typed("application/occi+json").accept("application/occi+json").made("disk"),
		get("${disk}", attr("occi.storagelink.state", "active")).until()}, detached())...),
	that("links.disk.paths", DeFacto, "ooi's clients", "ends may be paths", slices.Concat(newVolume("disk paths"), newMachine("disk paths"), []Step{
		post("${storagelink}", diskBody("${compute.path}${vm.id}", "${storage.path}${vol.id}"), status(201)).made("disk"), get("${disk}", attr("occi.storagelink.state", "active")).until()}, detached())...),
	that("links.disk.inline", Must, "OCCI 1.2 HTTP 11.3.1", "a volume is linked at creation", slices.Concat(newVolume("inline"), []Step{
		post("${compute}", machineBody+"\n"+`Link: <${vol}>; rel="http://schemas.ogf.org/occi/infrastructure#storage"; category="http://schemas.ogf.org/occi/infrastructure#storagelink"`, status(201)).made("vm"),
		get("${vm}", attr("occi.compute.state", "active"), linksTo(infra+"storagelink", "${vol}")).until()})...),
	that("links.disk.update", Must, "OCCI 1.2 HTTP 10.3.1", "an update of a machine adds a link", slices.Concat(newVolume("added"), newMachine("added"), []Step{
		post("${vm}", `Link: <${vol}>; rel="http://schemas.ogf.org/occi/infrastructure#storage"; category="http://schemas.ogf.org/occi/infrastructure#storagelink"`, status(200, 201)),
		get("${vm}", linksTo(infra+"storagelink", "${vol}")).until(),
		get("${storagelink}", status(200), count(1)).with(`X-OCCI-Attribute: occi.core.target="${vol}"`).find("disk", `X-OCCI-Location: (\S+)`).until()}, detached())...),
	that("links.disk.unknown", Must, "OCCI 1.1 HTTP, return codes", "both ends must be there", post("${storagelink}", diskBody("${machine}", "${storage}"+nothing), status(404)), post("${storagelink}", diskBody("${compute}"+nothing, "${volume}"), status(404))),
	that("links.disk.kinds", Must, "OCCI 1.2 Infrastructure 3.4.2", "a storage link leads from a machine to storage", post("${storagelink}", diskBody("${machine}", "${net}"), status(400, 404)), post("${storagelink}", diskBody("${volume}", "${machine}"), status(400, 404))),
	that("links.disk.required", Must, "OCCI 1.2 Core 4.6", "a link has two ends", post("${storagelink}", kindDisk+"\nX-OCCI-Attribute: occi.core.source=\"${machine}\"", status(400)), post("${storagelink}", kindDisk+"\nX-OCCI-Attribute: occi.core.target=\"${volume}\"", status(400))),
	that("links.disk.external", DeFacto, "OCCI 1.1 Core, Link", "storage of elsewhere is not linked", post("${storagelink}", diskBody("${machine}", "http://other.example.org/cdmi/x"), status(400, 404, 501))),
	that("links.nic", Must, "OCCI 1.2 Infrastructure 3.4.1", "an interface is added to a machine, and removed", slices.Concat(newMachine("nic"), []Step{
		post("${networkinterface}", nicBody("${vm}", "${net}"), status(201)).made("nic"),
		get("${nic}", kindIs(infra+"networkinterface"), says(`occi\.core\.source="[^"]*${vm.id}"`), says(`occi\.core\.target="[^"]*${net.id}"`), attrLike("occi.networkinterface.mac", `^"[0-9a-f:]{17}"$`)).until(),
		get("${vm}", says(`self="[^"]*${nic.id}"`)).until(), del("${nic}", status(200, 204)), get("${nic}", status(404)).until(), get("${vm}", saysNot(`${nic.id}`), linksTo(infra+"networkinterface", "${net}")).until(), del("${nic}", status(404))})...),
	that("links.nic.json", Must, "OCCI 1.2 JSON 3.1.2", "an interface is added in JSON", slices.Concat(newMachine("nic json"), []Step{
		post("${networkinterface}", `{"kind":"http://schemas.ogf.org/occi/infrastructure#networkinterface","source":{"location":"${compute.path}${vm.id}","kind":"http://schemas.ogf.org/occi/infrastructure#compute"},"target":{"location":"${network.path}${net.id}","kind":"http://schemas.ogf.org/occi/infrastructure#network"}}`, status(201)).typed("application/occi+json").made("nic"),
		get("${nic}", status(200)).until(), del("${nic}", status(200))})...),
	that("links.nic.unknown", Must, "OCCI 1.1 HTTP, return codes", "both ends must be there", post("${networkinterface}", nicBody("${machine}", "${network}"+nothing), status(404)), post("${networkinterface}", nicBody("${compute}"+nothing, "${net}"), status(404))),
	that("links.nic.kinds", Must, "OCCI 1.2 Infrastructure 3.4.1", "an interface leads from a machine to a network", post("${networkinterface}", nicBody("${net}", "${machine}"), status(400, 404)), post("${networkinterface}", nicBody("${machine}", "${machine}"), status(400, 404))),
	that("links.nic.link", Must, "OCCI 1.1 HTTP, create", "a link has no links", post("${networkinterface}", nicBody("${machine}", "${net}")+"\n"+nic, status(400))),
	that("links.nic.external", DeFacto, "OCCI 1.1 Core, Link", "a network of elsewhere is not linked", post("${networkinterface}", nicBody("${machine}", "http://other.example.org/network/1"), status(400, 404))),
	that("links.tenant", Must, "OCCI 1.2 HTTP 12", "another tenant's machine is not there to be linked", post("${networkinterface}", nicBody("${machine}", "${net}"), status(404)).by(other), post("${storagelink}", diskBody("${machine}", "${volume}"), status(404)).by(other)),
	that("links.none", Must, "OCCI 1.2 Core 4.6", "a link without a kind of its own is refused", post("/", `Category: link; scheme="http://schemas.ogf.org/occi/core#"; class="kind"`+"\nX-OCCI-Attribute: occi.core.source=\"${machine}\"\nX-OCCI-Attribute: occi.core.target=\"${net}\"", status(400, 403, 404, 405))),
}

// storageAction is an action on the case's own volume.
func storageAction(term, attributes string, want ...Check) Step {
	return post("${vol}?action="+term, `Category: `+term+`; scheme="http://schemas.ogf.org/occi/infrastructure/storage/action#"; class="action"`+attributes, want...)
}

// refusedStorage makes a case of storage that is not created.
func refusedStorage(id, what, attributes string, codes ...int) Case {
	return that("storage.refuse."+id, Must, "OCCI 1.2 Infrastructure 3.3", what, post("${storage}", kindStorage+title("${run} "+id)+attributes, status(codes...)),
		get("${storage}", count(0)).with(`X-OCCI-Attribute: occi.core.title="${run} `+id+`"`))
}

var storageCases = []Case{
	that("storage.create", Must, "OCCI 1.2 Infrastructure 3.3", "storage is created, read and deleted", slices.Concat(newVolume("storage"), []Step{
		get("${vol}", kindIs(infra+"storage"), attr("occi.storage.size", "1"), attr("occi.core.title", "${run} storage")), get("${storage}", lists("${vol}")),
		del("${vol}", status(200, 204)), get("${vol}", status(404)).until(), get("${storage}", listsNot("${vol}")), del("${vol}", status(404))})...),
	that("storage.json", Must, "OCCI 1.2 JSON 3.1.1", "storage is created in JSON", post("${storage}", `{"kind":"http://schemas.ogf.org/occi/infrastructure#storage","title":"${run} js","attributes":{"occi.storage.size":1}}`, status(201), kindIs(infra+"storage")).typed("application/occi+json").accept("application/occi+json").made("vol"),
		get("${vol}", attr("occi.storage.state", "online")).until()),
	that("storage.header", Must, "OCCI 1.2 Text 7", "storage is created in text/occi", Step{Do: "POST ${storage}", Type: "text/occi", Made: "vol", Want: []Check{status(201)}}.with(kindStorage, `X-OCCI-Attribute: occi.storage.size=1.0, occi.core.title="${run} hdr"`), get("${vol}", attr("occi.core.title", "${run} hdr"))),
	that("storage.body", DeFacto, "IM", "the body of 201 ends with the id", post("${storage}", volumeBody("${run} body"), status(201), says(`/[A-Za-z0-9._~-]+$`)).made("vol")),
	that("storage.fraction", DeFacto, "OCCI 1.2 Infrastructure 3.3", "a fraction of a GiB is rounded up, and the real size is told", post("${storage}", kindStorage+"\nX-OCCI-Attribute: occi.storage.size=0.5"+title("${run} half"), status(201)).made("vol"), get("${vol}", attr("occi.storage.size", "1"))),
	that("storage.update", Must, "OCCI 1.2 HTTP 10.3.1", "title and summary of storage change", slices.Concat(newVolume("update"), []Step{post("${vol}", title("${run} other")[1:]+"\nX-OCCI-Attribute: occi.core.summary=\"s\"", status(200), attr("occi.core.title", "${run} other")), get("${vol}", attr("occi.core.title", "${run} other"), attr("occi.core.summary", "s"), attr("occi.storage.size", "1"))})...),
	that("storage.grow", Must, "OCCI 1.2 Infrastructure 3.3", "storage grows by an update", slices.Concat(newVolume("grow"), []Step{post("${vol}", "X-OCCI-Attribute: occi.storage.size=2", status(200)), get("${vol}", attr("occi.storage.size", "2"), attr("occi.storage.state", "online")).until()})...),
	that("storage.shrink", DeFacto, "OCCI 1.2 HTTP 5.4", "storage does not shrink", post("${storage}", kindStorage+"\nX-OCCI-Attribute: occi.storage.size=2"+title("${run} shrink"), status(201)).made("vol"), get("${vol}", attr("occi.storage.state", "online")).until(), post("${vol}", "X-OCCI-Attribute: occi.storage.size=1", status(409, 400)), get("${vol}", attr("occi.storage.size", "2"))),
	that("storage.offline", Must, "OCCI 1.2 Infrastructure 3.3", "storage goes offline and online", slices.Concat(newVolume("offline"), []Step{storageAction("offline", "", status(200)), get("${vol}", attr("occi.storage.state", "offline"), offers("online"), offersNot("offline")).until(),
		storageAction("online", "", status(200)), get("${vol}", attr("occi.storage.state", "online"), offers("offline")).until()})...),
	that("storage.offline.link", DeFacto, "OCCI 1.2 Infrastructure 3.3", "storage that is offline is not linked", slices.Concat(newVolume("no link"), []Step{storageAction("offline", "", status(200)), get("${vol}", attr("occi.storage.state", "offline")).until(), post("${storagelink}", diskBody("${machine}", "${vol}"), status(409, 400))})...),
	that("storage.resize", Must, "OCCI 1.1 Infrastructure 3.3", "storage is resized by an action", slices.Concat(newVolume("resize"), []Step{storageAction("resize", "\nX-OCCI-Attribute: size=2.0", status(200)), get("${vol}", attr("occi.storage.size", "2")).until()})...).needs("http://schemas.ogf.org/occi/infrastructure/storage/action#resize"),
	that("storage.resize.size", Must, "OCCI 1.1 Infrastructure 3.3", "a resize needs a size", slices.Concat(newVolume("no size"), []Step{storageAction("resize", "", status(400)), storageAction("resize", "\nX-OCCI-Attribute: size=\"big\"", status(400))})...).needs("http://schemas.ogf.org/occi/infrastructure/storage/action#resize"),
	that("storage.snapshot", Must, "OCCI 1.1 Infrastructure 3.3", "a snapshot of storage is taken", slices.Concat(newVolume("snap"), []Step{storageAction("snapshot", "", status(200))})...).needs("http://schemas.ogf.org/occi/infrastructure/storage/action#snapshot").wipes().leaves(),
	that("storage.backup", Must, "OCCI 1.1 Infrastructure 3.3", "a backup of storage is made, or the cloud has no such service", slices.Concat(newVolume("backup"), []Step{storageAction("backup", "", status(200, 501))})...).needs("http://schemas.ogf.org/occi/infrastructure/storage/action#backup").wipes().leaves(),
	that("storage.action.other", Must, "OCCI 1.1 HTTP, actions", "storage is not stopped", slices.Concat(newVolume("stop"), []Step{post("${vol}?action=stop", stopAction, status(400, 404))})...),
	that("storage.tenant", Must, "OCCI 1.2 HTTP 12", "another tenant's storage is not there", get("${volume}", status(404)).by(other), del("${volume}", status(404)).by(other), get("${storage}", listsNot("${volume}")).by(other), get("${volume}", status(200))),
	refusedStorage("size", "storage needs a size", "", 400),
	refusedStorage("type", "a size is a number", "\nX-OCCI-Attribute: occi.storage.size=\"large\"", 400),
	refusedStorage("zero", "storage of nothing is refused", "\nX-OCCI-Attribute: occi.storage.size=0", 400),
	refusedStorage("negative", "a size is not negative", "\nX-OCCI-Attribute: occi.storage.size=-1", 400),
	refusedStorage("mixin", "a template of machines does not apply to storage", "\nX-OCCI-Attribute: occi.storage.size=1\nCategory: ${flavor}", 403, 400),
	refusedStorage("attribute", "an attribute of machines is refused", "\nX-OCCI-Attribute: occi.storage.size=1\nX-OCCI-Attribute: occi.compute.cores=1", 400, 404),
}

func networkAction(term string, want ...Check) Step {
	return post("${n}?action="+term, `Category: `+term+`; scheme="http://schemas.ogf.org/occi/infrastructure/network/action#"; class="action"`, want...)
}

// refusedNetwork makes a case of a network that is not created, nor half of it.
func refusedNetwork(id, what, attributes string, codes ...int) Case {
	return that("network.refuse."+id, Must, "OCCI 1.2 Infrastructure 3.2.1", what, post("${network}", kindNetwork+title("${run} "+id)+"\n"+mixinIP+attributes, status(codes...)),
		get("${network}", count(0)).with(`X-OCCI-Attribute: occi.core.title="${run} `+id+`"`))
}

var networkCases = []Case{
	that("network.create", Must, "OCCI 1.2 Infrastructure 3.2", "a network is created, read and deleted", post("${network}", networkBody("${run} net", "192.0.2.0/25")+"\nX-OCCI-Attribute: occi.network.allocation=\"dynamic\"", status(201)).made("n"),
		get("${n}", kindIs(infra+"network"), attr("occi.network.address", "192.0.2.0/25"), has("http://schemas.ogf.org/occi/infrastructure/network#ipnetwork"), attr("occi.network.allocation", "dynamic"), attr("occi.network.state", "active")).until(),
		get("${network}", lists("${n}")), del("${n}", status(200, 204)), get("${n}", status(404)), get("${network}", listsNot("${n}")), del("${n}", status(404))),
	that("network.gateway", Must, "OCCI 1.2 Infrastructure 3.2.1", "the gateway is as given", post("${network}", networkBody("${run} gw", "198.51.100.0/24")+"\nX-OCCI-Attribute: occi.network.gateway=\"198.51.100.254\"\nX-OCCI-Attribute: occi.network.allocation=\"static\"", status(201)).made("n"),
		get("${n}", attr("occi.network.gateway", "198.51.100.254"), attr("occi.network.allocation", "static"))),
	that("network.ipv6", Should, "OCCI 1.2 Infrastructure 3.2.1", "addresses may be of IPv6", post("${network}", networkBody("${run} six", "2001:db8:1::/64"), status(201)).made("n"), get("${n}", attr("occi.network.address", "2001:db8:1::/64"))),
	that("network.bare", Must, "OCCI 1.2 Infrastructure 3.2", "a network needs no addresses", post("${network}", kindNetwork+title("${run} bare"), status(201)).made("n"), get("${n}", status(200), noAttr("occi.network.address"), attr("occi.core.title", "${run} bare"))),
	that("network.json", Must, "OCCI 1.2 JSON 3.1.1", "a network is created in JSON", post("${network}", `{"kind":"http://schemas.ogf.org/occi/infrastructure#network","mixins":["http://schemas.ogf.org/occi/infrastructure/network#ipnetwork"],"title":"${run} jn","attributes":{"occi.network.address":"203.0.113.128/26"}}`, status(201), member("203.0.113.128/26", "attributes", "occi.network.address")).typed("application/occi+json").accept("application/occi+json").made("n"),
		get("${n}", attr("occi.core.title", "${run} jn"))),
	that("network.update", Must, "OCCI 1.2 HTTP 10.3.1", "title and summary of a network change", post("${network}", kindNetwork+title("${run} before"), status(201)).made("n"), post("${n}", title("${run} after")[1:]+"\nX-OCCI-Attribute: occi.core.summary=\"s\"", status(200), attr("occi.core.title", "${run} after")),
		get("${n}", attr("occi.core.title", "${run} after"), attr("occi.core.summary", "s"))),
	that("network.address", Must, "OCCI 1.1 HTTP, return codes", "a network's addresses are not changed", post("${network}", networkBody("${run} fixed", "192.0.2.128/25"), status(201)).made("n"), post("${n}", "X-OCCI-Attribute: occi.network.address=\"192.0.2.0/25\"", status(403, 409, 400)), get("${n}", attr("occi.network.address", "192.0.2.128/25"))),
	that("network.down-up", Must, "OCCI 1.2 Infrastructure 3.2", "a network goes down and up", post("${network}", kindNetwork+title("${run} updown"), status(201)).made("n"), get("${n}", attr("occi.network.state", "active"), offers("down"), offersNot("up")).until(),
		networkAction("down", status(200)), get("${n}", attr("occi.network.state", "inactive"), offers("up"), offersNot("down")).until(),
		networkAction("up", status(200)), get("${n}", attr("occi.network.state", "active"), offers("down")).until(), networkAction("up", status(409))),
	that("network.in-use", Must, "OCCI 1.2 HTTP 5.4", "a network in use is not deleted, and its machines keep it", post("${network}", networkBody("${run} used", "192.0.2.64/26"), status(201)).made("n"),
		post("${compute}", kindCompute+"\nCategory: ${os}\nCategory: ${flavor}\n"+strings.Replace(nic, "${net}", "${n}", 1)+title("${run} user"), status(201)).made("vm"),
		get("${vm}", attr("occi.compute.state", "active"), linksTo(infra+"networkinterface", "${n}")).until(), del("${n}", status(409)), get("${n}", status(200)), get("${vm}", linksTo(infra+"networkinterface", "${n}")), del("${vm}", status(200))),
	that("network.external", Must, "OCCI 1.1 HTTP, return codes", "a network of the provider is not deleted", get("${network}", status(200)).accept("application/occi+json").find("public", `"attributes":\{"occi\.core\.id":"([^"]+)","occi\.core\.title":"public"`), del("${network}${public}", status(403, 409)), get("${network}${public}", status(200))).wipes(),
	that("network.address-wish", Should, "OCCI 1.2 Infrastructure 3.4.1", "an address can be chosen at creation", post("${network}", networkBody("${run} wish", "192.0.2.32/27"), status(201)).made("n"),
		post("${compute}", kindCompute+"\nCategory: ${os}\nCategory: ${flavor}\n"+`Link: <${n}>; rel="http://schemas.ogf.org/occi/infrastructure#network"; category="http://schemas.ogf.org/occi/infrastructure#networkinterface http://schemas.ogf.org/occi/infrastructure/networkinterface#ipnetworkinterface"; occi.networkinterface.address="192.0.2.45"`, status(201)).made("vm"),
		get("${vm}", says(`occi\.networkinterface\.address="192\.0\.2\.45"`)).until(), del("${vm}", status(200))),
	that("network.tenant", Must, "OCCI 1.2 HTTP 12", "another tenant's network is not there", get("${net}", status(404)).by(other), del("${net}", status(404)).by(other), get("${net}", status(200))),
	that("network.reservation", DeFacto, "ooi; rOCCI 5", "an address is reserved from a pool, and released", get("/-/").find("pool", `Category: ([^;]*; ?scheme="http://schemas\.openstack\.org/network/floatingippool#"; ?class="mixin")`),
		post("${ipreservation}", `Category: ipreservation; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`+"\nCategory: ${pool}", status(201)).made("ip"),
		get("${ip}", attrLike("occi.ipreservation.address", `^"[0-9a-f.:]+"$`), attrLike("occi.ipreservation.used", `^"?false"?$`)), get("${ipreservation}", lists("${ip}")), del("${ip}", status(200)), get("${ip}", status(404))),
	that("network.group", DeFacto, "ooi; rOCCI 5", "a security group is made and deleted", post("${securitygroup}", `Category: securitygroup; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`+"\nX-OCCI-Attribute: occi.securitygroup.rules=\"[{\\\"type\\\":\\\"inbound\\\",\\\"protocol\\\":\\\"tcp\\\",\\\"port\\\":\\\"22\\\",\\\"range\\\":\\\"192.0.2.0/24\\\"}]\""+title("${run} group"), status(201)).made("group"),
		get("${group}", attr("occi.core.title", "${run} group"), attrLike("occi.securitygroup.rules", `192\.0\.2\.0/24`)), get("${securitygroup}", lists("${group}")), del("${group}", status(200)), get("${group}", status(404))),
	that("network.group.link", DeFacto, "ooi; rOCCI 5", "a machine is put into a security group and taken out", slices.Concat(newMachine("grouped"), []Step{
		post("${securitygroup}", `Category: securitygroup; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`+"\nX-OCCI-Attribute: occi.securitygroup.rules=\"[]\""+title("${run} linked"), status(201)).made("group"),
		post("${securitygrouplink}", `Category: securitygrouplink; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`+"\nX-OCCI-Attribute: occi.core.source=\"${vm}\"\nX-OCCI-Attribute: occi.core.target=\"${group}\"", status(201)).made("member"),
		get("${member}", status(200)).until(), get("${vm}", linksTo(infra+"securitygrouplink", "${group}")).until(), del("${member}", status(200)), get("${vm}", linksNotTo(infra+"securitygrouplink", "${group}")).until()})...),
	refusedNetwork("address", "an address range is one", "\nX-OCCI-Attribute: occi.network.address=\"192.0.2.0/99\"", 400),
	refusedNetwork("words", "an address range is of digits", "\nX-OCCI-Attribute: occi.network.address=\"everything\"", 400),
	refusedNetwork("gateway", "a gateway is an address", "\nX-OCCI-Attribute: occi.network.address=\"192.0.2.0/24\"\nX-OCCI-Attribute: occi.network.gateway=\"door\"", 400),
	refusedNetwork("allocation", "an allocation is dynamic or static", "\nX-OCCI-Attribute: occi.network.address=\"192.0.2.0/24\"\nX-OCCI-Attribute: occi.network.allocation=\"random\"", 400),
	refusedNetwork("vlan", "a VLAN has a number up to 4095", "\nX-OCCI-Attribute: occi.network.vlan=5000", 400, 403),
}
