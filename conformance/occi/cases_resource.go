package occi

import (
	"slices"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// Links, storage and networks on their own.

func diskBody(source, target string) string {
	return kindDisk + "\nX-OCCI-Attribute: occi.core.source=\"" + source + "\"\nX-OCCI-Attribute: occi.core.target=\"" + target + `"`
}

// jsonDisk is the links of a machine that has the case's own volume.
const jsonDisk = `"links":[{"kind":"http://schemas.ogf.org/occi/infrastructure#storagelink","target":{"location":"${vol}","kind":"http://schemas.ogf.org/occi/infrastructure#storage"}}]`

func nicBody(source, target string) string {
	return kindNIC + "\nX-OCCI-Attribute: occi.core.source=\"" + source + "\"\nX-OCCI-Attribute: occi.core.target=\"" + target + `"`
}

// attached is a machine and a volume of the case's own, linked.
func attached(name string) []Step {
	return slices.Concat(newVolume(name), newMachine(name), []Step{
		post("${storagelink}", diskBody("${vm}", "${vol}"), Status(201)).Making("disk"),
		Get("${disk}", attr("occi.storagelink.state", "active")).Eventually(),
	})
}

// detached takes the link off again, so that both can be deleted.
func detached() []Step {
	return []Step{Del("${disk}", Status(200, 204)), Get("${disk}", Status(404)).Eventually()}
}

func linkCases() []Case {
	return []Case{
		That("links.disk", Must, "OCCI 1.2 Infrastructure 3.4.2", "a volume is linked to a machine, and no longer", slices.Concat(attached("disk"), []Step{
			Get("${disk}", kindIs(infra+"storagelink"), Says(`occi\.core\.source="[^"]*${vm.id}"`), Says(`occi\.core\.target="[^"]*${vol.id}"`)),
			Get("${vm}", linksTo(infra+"storagelink", "${vol}")).Eventually(), Get("${storagelink}", lists("${disk}")), Get("/", lists("${disk}"))}, detached(), []Step{Get("${vm}", linksNotTo(infra+"storagelink", "${vol}")).Eventually(), Del("${disk}", Status(404))})...),
		That("links.disk.quick", DeFacto, "safety", "a volume that is unlinked as soon as it is linked is free again", slices.Concat(newVolume("disk quick"), newMachine("disk quick"), []Step{
			post("${storagelink}", diskBody("${vm}", "${vol}"), Status(201)).Making("disk"), Del("${disk}", Status(200)).Eventually(),
			Get("${vm}", linksNotTo(infra+"storagelink", "${vol}")).Eventually(), Get("${vol}", attr("occi.storage.state", "online")).Eventually()})...),
		That("links.disk.twice", Must, "OCCI 1.1 HTTP, return codes", "a volume is linked to a machine once", slices.Concat(attached("disk twice"), []Step{post("${storagelink}", diskBody("${vm}", "${vol}"), Status(409))}, detached())...),
		That("links.disk.in-use", Must, "OCCI 1.2 HTTP 5.4", "a volume in use is not deleted", slices.Concat(attached("in use"), []Step{Del("${vol}", Status(409)), Get("${vol}", Status(200))}, detached())...),
		That("links.disk.immutable", Must, "OCCI 1.2 Core 4.6", "a storage link keeps its ends", slices.Concat(attached("ends"), []Step{post("${disk}", `X-OCCI-Attribute: occi.core.source="${machine}"`, Status(403, 400))}, detached())...),
		That("links.disk.json", Must, "OCCI 1.2 JSON 3.1.2", "a storage link is created in JSON", slices.Concat(newVolume("disk json"), newMachine("disk json"), []Step{
			post("${storagelink}", `{"kind":"http://schemas.ogf.org/occi/infrastructure#storagelink","source":{"location":"${vm}"},"target":{"location":"${vol}"}}`, Status(201), kindIs(infra+"storagelink")).Typed("application/occi+json").Accepting("application/occi+json").Making("disk"),
			Get("${disk}", attr("occi.storagelink.state", "active")).Eventually()}, detached())...),
		That("links.disk.paths", DeFacto, "ooi's clients", "ends may be paths", slices.Concat(newVolume("disk paths"), newMachine("disk paths"), []Step{
			post("${storagelink}", diskBody("${compute.path}${vm.id}", "${storage.path}${vol.id}"), Status(201)).Making("disk"), Get("${disk}", attr("occi.storagelink.state", "active")).Eventually()}, detached())...),
		That("links.disk.inline", Must, "OCCI 1.2 HTTP 11.3.1", "a volume is linked at creation", slices.Concat(newVolume("inline"), []Step{
			post("${compute}", machineBody+"\n"+`Link: <${vol}>; rel="http://schemas.ogf.org/occi/infrastructure#storage"; category="http://schemas.ogf.org/occi/infrastructure#storagelink"`, Status(201)).Making("vm"),
			Get("${vm}", attr("occi.compute.state", "active"), linksTo(infra+"storagelink", "${vol}")).Eventually()})...),
		That("links.disk.update", Must, "OCCI 1.2 HTTP 10.3.1", "an update of a machine adds a link", slices.Concat(newVolume("added"), newMachine("added"), []Step{
			post("${vm}", `Link: <${vol}>; rel="http://schemas.ogf.org/occi/infrastructure#storage"; category="http://schemas.ogf.org/occi/infrastructure#storagelink"`, Status(200, 201)),
			Get("${vm}", linksTo(infra+"storagelink", "${vol}")).Eventually(),
			Get("${storagelink}", Status(200), count(1)).With(`X-OCCI-Attribute: occi.core.target="${vol}"`).Finding("disk", `X-OCCI-Location: (\S+)`).Eventually()}, detached())...),
		That("links.disk.update.json", Must, "OCCI 1.2 JSON 3.1.1", "an update in JSON adds a link", slices.Concat(newVolume("added js"), newMachine("added js"), []Step{
			post("${vm}", `{"kind":"http://schemas.ogf.org/occi/infrastructure#compute",`+jsonDisk+`}`, Status(200, 201)).Typed("application/occi+json"), Get("${vm}", linksTo(infra+"storagelink", "${vol}")).Finding("disk", `self="([^"]*/storagelink/[^"]*)"`).Eventually()}, detached())...),
		That("links.disk.update.alone", DeFacto, "OCCI 1.2 HTTP 10.3.1", "an update in JSON may say nothing but links", slices.Concat(newVolume("alone js"), newMachine("alone js"), []Step{
			post("${vm}", `{`+jsonDisk+`}`, Status(200, 201)).Typed("application/occi+json"), Get("${vm}", linksTo(infra+"storagelink", "${vol}")).Finding("disk", `self="([^"]*/storagelink/[^"]*)"`).Eventually()}, detached())...),
		That("links.disk.unknown", Must, "OCCI 1.1 HTTP, return codes", "both ends must be there", post("${storagelink}", diskBody("${machine}", "${storage}"+nothing), Status(404)), post("${storagelink}", diskBody("${compute}"+nothing, "${volume}"), Status(404))),
		That("links.disk.kinds", Must, "OCCI 1.2 Infrastructure 3.4.2", "a storage link leads from a machine to storage", post("${storagelink}", diskBody("${machine}", "${net}"), Status(400, 404)), post("${storagelink}", diskBody("${volume}", "${machine}"), Status(400, 404))),
		That("links.disk.required", Must, "OCCI 1.2 Core 4.6", "a link has two ends", post("${storagelink}", kindDisk+"\nX-OCCI-Attribute: occi.core.source=\"${machine}\"", Status(400)), post("${storagelink}", kindDisk+"\nX-OCCI-Attribute: occi.core.target=\"${volume}\"", Status(400))),
		That("links.disk.external", DeFacto, "OCCI 1.1 Core, Link", "storage of elsewhere is not linked", post("${storagelink}", diskBody("${machine}", "http://other.example.org/cdmi/x"), Status(400, 404, 501))),
		That("links.nic", Must, "OCCI 1.2 Infrastructure 3.4.1", "an interface is added to a machine, and removed", slices.Concat(newMachine("nic"), []Step{
			post("${networkinterface}", nicBody("${vm}", "${net}"), Status(201)).Making("nic"),
			Get("${nic}", kindIs(infra+"networkinterface"), Says(`occi\.core\.source="[^"]*${vm.id}"`), Says(`occi\.core\.target="[^"]*${net.id}"`), attrLike("occi.networkinterface.mac", `^"[0-9a-f:]{17}"$`)).Eventually(),
			Get("${vm}", Says(`self="[^"]*${nic.id}"`)).Eventually(), Del("${nic}", Status(200, 204)), Get("${nic}", Status(404)).Eventually(), Get("${vm}", SaysNot(`${nic.id}`), linksTo(infra+"networkinterface", "${net}")).Eventually(), Del("${nic}", Status(404))})...),
		That("links.nic.json", Must, "OCCI 1.2 JSON 3.1.2", "an interface is added in JSON", slices.Concat(newMachine("nic json"), []Step{
			post("${networkinterface}", `{"kind":"http://schemas.ogf.org/occi/infrastructure#networkinterface","source":{"location":"${compute.path}${vm.id}","kind":"http://schemas.ogf.org/occi/infrastructure#compute"},"target":{"location":"${network.path}${net.id}","kind":"http://schemas.ogf.org/occi/infrastructure#network"}}`, Status(201)).Typed("application/occi+json").Making("nic"),
			Get("${nic}", Status(200)).Eventually(), Del("${nic}", Status(200))})...),
		That("links.nic.title", Should, "OCCI 1.2 Core 4.5", "an interface has the title that it is given", slices.Concat(newMachine("nic title"), []Step{
			post("${networkinterface}", nicBody("${vm}", "${net}")+title("${run} front"), Status(201)).Making("nic"), Get("${nic}", attr("occi.core.title", "${run} front")).Eventually(), Del("${nic}", Status(200, 204))})...),
		That("links.nic.unknown", Must, "OCCI 1.1 HTTP, return codes", "both ends must be there", post("${networkinterface}", nicBody("${machine}", "${network}"+nothing), Status(404)), post("${networkinterface}", nicBody("${compute}"+nothing, "${net}"), Status(404))),
		That("links.nic.kinds", Must, "OCCI 1.2 Infrastructure 3.4.1", "an interface leads from a machine to a network", post("${networkinterface}", nicBody("${net}", "${machine}"), Status(400, 404)), post("${networkinterface}", nicBody("${machine}", "${machine}"), Status(400, 404))),
		That("links.nic.link", Must, "OCCI 1.1 HTTP, create", "a link has no links", post("${networkinterface}", nicBody("${machine}", "${net}")+"\n"+nic, Status(400))),
		That("links.nic.external", DeFacto, "OCCI 1.1 Core, Link", "a network of elsewhere is not linked", post("${networkinterface}", nicBody("${machine}", "http://other.example.org/network/1"), Status(400, 404))),
		That("links.tenant", Must, "OCCI 1.2 HTTP 12", "another tenant's machine is not there to be linked", post("${networkinterface}", nicBody("${machine}", "${net}"), Status(404)).By(Other), post("${storagelink}", diskBody("${machine}", "${volume}"), Status(404)).By(Other)),
		That("links.none", Must, "OCCI 1.2 Core 4.6", "a link without a kind of its own is refused", post("/", `Category: link; scheme="http://schemas.ogf.org/occi/core#"; class="kind"`+"\nX-OCCI-Attribute: occi.core.source=\"${machine}\"\nX-OCCI-Attribute: occi.core.target=\"${net}\"", Status(400, 403, 404, 405))),
	}
}

// storageAction is an action on the case's own volume.
func storageAction(term, attributes string, want ...Check) Step {
	return post("${vol}?action="+term, `Category: `+term+`; scheme="http://schemas.ogf.org/occi/infrastructure/storage/action#"; class="action"`+attributes, want...)
}

// refusedStorage makes a case of storage that is not created.
func refusedStorage(id, what, attributes string, codes ...int) Case {
	return That("storage.refuse."+id, Must, "OCCI 1.2 Infrastructure 3.3", what, post("${storage}", kindStorage+title("${run} "+id)+attributes, Status(codes...)),
		Get("${storage}", count(0)).With(`X-OCCI-Attribute: occi.core.title="${run} `+id+`"`))
}

func storageCases() []Case {
	return []Case{
		That("storage.create", Must, "OCCI 1.2 Infrastructure 3.3", "storage is created, read and deleted", slices.Concat(newVolume("storage"), []Step{
			Get("${vol}", kindIs(infra+"storage"), attr("occi.storage.size", "1"), attr("occi.core.title", "${run} storage")), Get("${storage}", lists("${vol}")),
			Del("${vol}", Status(200, 204)), Get("${vol}", Status(404)).Eventually(), Get("${storage}", listsNot("${vol}")), Del("${vol}", Status(404))})...),
		That("storage.json", Must, "OCCI 1.2 JSON 3.1.1", "storage is created in JSON", post("${storage}", `{"kind":"http://schemas.ogf.org/occi/infrastructure#storage","title":"${run} js","attributes":{"occi.storage.size":1}}`, Status(201), kindIs(infra+"storage")).Typed("application/occi+json").Accepting("application/occi+json").Making("vol"),
			Get("${vol}", attr("occi.storage.state", "online")).Eventually()),
		That("storage.header", Must, "OCCI 1.2 Text 7", "storage is created in text/occi", Step{Do: "POST ${storage}", Type: "text/occi", Made: "vol", Want: []Check{Status(201)}}.With(kindStorage, `X-OCCI-Attribute: occi.storage.size=1.0, occi.core.title="${run} hdr"`), Get("${vol}", attr("occi.core.title", "${run} hdr"))),
		That("storage.body", DeFacto, "IM", "the body of 201 ends with the id", post("${storage}", volumeBody("${run} body"), Status(201), Says(`/[A-Za-z0-9._~-]+$`)).Making("vol")),
		That("storage.fraction", DeFacto, "OCCI 1.2 Infrastructure 3.3", "a fraction of a GiB is rounded up, and the real size is told", post("${storage}", kindStorage+"\nX-OCCI-Attribute: occi.storage.size=0.5"+title("${run} half"), Status(201)).Making("vol"), Get("${vol}", attr("occi.storage.size", "1"))),
		That("storage.update", Must, "OCCI 1.2 HTTP 10.3.1", "title and summary of storage change", slices.Concat(newVolume("update"), []Step{post("${vol}", title("${run} other")[1:]+"\nX-OCCI-Attribute: occi.core.summary=\"s\"", Status(200), attr("occi.core.title", "${run} other")), Get("${vol}", attr("occi.core.title", "${run} other"), attr("occi.core.summary", "s"), attr("occi.storage.size", "1"))})...),
		That("storage.grow", Must, "OCCI 1.2 Infrastructure 3.3", "storage grows by an update", slices.Concat(newVolume("grow"), []Step{post("${vol}", "X-OCCI-Attribute: occi.storage.size=2", Status(200)), Get("${vol}", attr("occi.storage.size", "2"), attr("occi.storage.state", "online")).Eventually()})...),
		That("storage.shrink", DeFacto, "OCCI 1.2 HTTP 5.4", "storage does not shrink", post("${storage}", kindStorage+"\nX-OCCI-Attribute: occi.storage.size=2"+title("${run} shrink"), Status(201)).Making("vol"), Get("${vol}", attr("occi.storage.state", "online")).Eventually(), post("${vol}", "X-OCCI-Attribute: occi.storage.size=1", Status(409, 400)), Get("${vol}", attr("occi.storage.size", "2"))),
		That("storage.offline", Must, "OCCI 1.2 Infrastructure 3.3", "storage goes offline and online", slices.Concat(newVolume("offline"), []Step{storageAction("offline", "", Status(200)), Get("${vol}", attr("occi.storage.state", "offline"), offers("online"), offersNot("offline")).Eventually(),
			storageAction("online", "", Status(200)), Get("${vol}", attr("occi.storage.state", "online"), offers("offline")).Eventually()})...),
		That("storage.offline.link", DeFacto, "OCCI 1.2 Infrastructure 3.3", "storage that is offline is not linked", slices.Concat(newVolume("no link"), []Step{storageAction("offline", "", Status(200)), Get("${vol}", attr("occi.storage.state", "offline")).Eventually(), post("${storagelink}", diskBody("${machine}", "${vol}"), Status(409, 400))})...),
		That("storage.resize", Must, "OCCI 1.1 Infrastructure 3.3", "storage is resized by an action", slices.Concat(newVolume("resize"), []Step{storageAction("resize", "\nX-OCCI-Attribute: size=2.0", Status(200)), Get("${vol}", attr("occi.storage.size", "2")).Eventually()})...).Needing("http://schemas.ogf.org/occi/infrastructure/storage/action#resize"),
		That("storage.resize.size", Must, "OCCI 1.1 Infrastructure 3.3", "a resize needs a size", slices.Concat(newVolume("no size"), []Step{storageAction("resize", "", Status(400)), storageAction("resize", "\nX-OCCI-Attribute: size=\"big\"", Status(400))})...).Needing("http://schemas.ogf.org/occi/infrastructure/storage/action#resize"),
		That("storage.snapshot", Must, "OCCI 1.1 Infrastructure 3.3", "a snapshot of storage is taken", slices.Concat(newVolume("snap"), []Step{storageAction("snapshot", "", Status(200))})...).Needing("http://schemas.ogf.org/occi/infrastructure/storage/action#snapshot").Alone().Leaving(),
		That("storage.backup", Must, "OCCI 1.1 Infrastructure 3.3", "a backup of storage is made, or the cloud has no such service", slices.Concat(newVolume("backup"), []Step{storageAction("backup", "", Status(200, 501))})...).Needing("http://schemas.ogf.org/occi/infrastructure/storage/action#backup").Alone().Leaving(),
		That("storage.action.other", Must, "OCCI 1.1 HTTP, actions", "storage is not stopped", slices.Concat(newVolume("stop"), []Step{post("${vol}?action=stop", stopAction, Status(400, 404))})...),
		That("storage.tenant", Must, "OCCI 1.2 HTTP 12", "another tenant's storage is not there", Get("${volume}", Status(404)).By(Other), Del("${volume}", Status(404)).By(Other), Get("${storage}", listsNot("${volume}")).By(Other), Get("${volume}", Status(200))),
		refusedStorage("size", "storage needs a size", "", 400),
		refusedStorage("type", "a size is a number", "\nX-OCCI-Attribute: occi.storage.size=\"large\"", 400),
		refusedStorage("zero", "storage of nothing is refused", "\nX-OCCI-Attribute: occi.storage.size=0", 400),
		refusedStorage("negative", "a size is not negative", "\nX-OCCI-Attribute: occi.storage.size=-1", 400),
		refusedStorage("mixin", "a template of machines does not apply to storage", "\nX-OCCI-Attribute: occi.storage.size=1\nCategory: ${flavor}", 403, 400),
		refusedStorage("link", "an interface is a machine's, and not forgotten either", "\nX-OCCI-Attribute: occi.storage.size=1\n"+nic, 400, 403, 404, 409),
		refusedStorage("attribute", "an attribute of machines is refused", "\nX-OCCI-Attribute: occi.storage.size=1\nX-OCCI-Attribute: occi.compute.cores=1", 400, 404),
	}
}

func networkAction(term string, want ...Check) Step {
	return post("${n}?action="+term, `Category: `+term+`; scheme="http://schemas.ogf.org/occi/infrastructure/network/action#"; class="action"`, want...)
}

// refusedNetwork makes a case of a network that is not created, nor half of it.
func refusedNetwork(id, what, attributes string, codes ...int) Case {
	return That("network.refuse."+id, Must, "OCCI 1.2 Infrastructure 3.2.1", what, post("${network}", kindNetwork+title("${run} "+id)+"\n"+mixinIP+attributes, Status(codes...)),
		Get("${network}", count(0)).With(`X-OCCI-Attribute: occi.core.title="${run} `+id+`"`))
}

func networkCases() []Case {
	return []Case{
		That("network.create", Must, "OCCI 1.2 Infrastructure 3.2", "a network is created, read and deleted", post("${network}", networkBody("${run} net", "192.0.2.0/25")+"\nX-OCCI-Attribute: occi.network.allocation=\"dynamic\"", Status(201)).Making("n"),
			Get("${n}", kindIs(infra+"network"), attr("occi.network.address", "192.0.2.0/25"), has("http://schemas.ogf.org/occi/infrastructure/network#ipnetwork"), attr("occi.network.allocation", "dynamic"), attr("occi.network.state", "active")).Eventually(),
			Get("${network}", lists("${n}")), Del("${n}", Status(200, 204)), Get("${n}", Status(404)), Get("${network}", listsNot("${n}")), Del("${n}", Status(404))),
		That("network.gateway", Must, "OCCI 1.2 Infrastructure 3.2.1", "the gateway is as given", post("${network}", networkBody("${run} gw", "198.51.100.0/24")+"\nX-OCCI-Attribute: occi.network.gateway=\"198.51.100.254\"\nX-OCCI-Attribute: occi.network.allocation=\"static\"", Status(201)).Making("n"),
			Get("${n}", attr("occi.network.gateway", "198.51.100.254"), attr("occi.network.allocation", "static"))),
		That("network.ipv6", Should, "OCCI 1.2 Infrastructure 3.2.1", "addresses may be of IPv6", post("${network}", networkBody("${run} six", "2001:db8:1::/64"), Status(201)).Making("n"), Get("${n}", attr("occi.network.address", "2001:db8:1::/64"))),
		That("network.bare", Must, "OCCI 1.2 Infrastructure 3.2", "a network needs no addresses", post("${network}", kindNetwork+title("${run} bare"), Status(201)).Making("n"), Get("${n}", Status(200), noAttr("occi.network.address"), attr("occi.core.title", "${run} bare"))),
		That("network.json", Must, "OCCI 1.2 JSON 3.1.1", "a network is created in JSON", post("${network}", `{"kind":"http://schemas.ogf.org/occi/infrastructure#network","mixins":["http://schemas.ogf.org/occi/infrastructure/network#ipnetwork"],"title":"${run} jn","attributes":{"occi.network.address":"203.0.113.128/26"}}`, Status(201), member("203.0.113.128/26", "attributes", "occi.network.address")).Typed("application/occi+json").Accepting("application/occi+json").Making("n"),
			Get("${n}", attr("occi.core.title", "${run} jn"))),
		That("network.update", Must, "OCCI 1.2 HTTP 10.3.1", "title and summary of a network change", post("${network}", kindNetwork+title("${run} before"), Status(201)).Making("n"), post("${n}", title("${run} after")[1:]+"\nX-OCCI-Attribute: occi.core.summary=\"s\"", Status(200), attr("occi.core.title", "${run} after")),
			Get("${n}", attr("occi.core.title", "${run} after"), attr("occi.core.summary", "s"))),
		That("network.address", Must, "OCCI 1.1 HTTP, return codes", "a network's addresses are not changed", post("${network}", networkBody("${run} fixed", "192.0.2.128/25"), Status(201)).Making("n"), post("${n}", "X-OCCI-Attribute: occi.network.address=\"192.0.2.0/25\"", Status(403, 409, 400)), Get("${n}", attr("occi.network.address", "192.0.2.128/25"))),
		That("network.down-up", Must, "OCCI 1.2 Infrastructure 3.2", "a network goes down and up", post("${network}", kindNetwork+title("${run} updown"), Status(201)).Making("n"), Get("${n}", attr("occi.network.state", "active"), offers("down"), offersNot("up")).Eventually(),
			networkAction("down", Status(200)), Get("${n}", attr("occi.network.state", "inactive"), offers("up"), offersNot("down")).Eventually(),
			networkAction("up", Status(200)), Get("${n}", attr("occi.network.state", "active"), offers("down")).Eventually(), networkAction("up", Status(409))),
		That("network.in-use", Must, "OCCI 1.2 HTTP 5.4", "a network in use is not deleted, and its machines keep it", post("${network}", networkBody("${run} used", "192.0.2.64/26"), Status(201)).Making("n"),
			post("${compute}", kindCompute+"\nCategory: ${os}\nCategory: ${flavor}\n"+strings.Replace(nic, "${net}", "${n}", 1)+title("${run} user"), Status(201)).Making("vm"),
			Get("${vm}", attr("occi.compute.state", "active"), linksTo(infra+"networkinterface", "${n}")).Eventually(), Del("${n}", Status(409)), Get("${n}", Status(200)), Get("${vm}", linksTo(infra+"networkinterface", "${n}")), Del("${vm}", Status(200))),
		That("network.external", Must, "OCCI 1.1 HTTP, return codes", "a network of the provider is not deleted", Get("${network}", Status(200)).Accepting("application/occi+json").Finding("public", `"attributes":\{"occi\.core\.id":"([^"]+)","occi\.core\.title":"public"`), Del("${network}${public}", Status(403, 409)), Get("${network}${public}", Status(200))).Alone(),
		That("network.address-wish", Should, "OCCI 1.2 Infrastructure 3.4.1", "an address can be chosen at creation", post("${network}", networkBody("${run} wish", "192.0.2.32/27"), Status(201)).Making("n"),
			post("${compute}", kindCompute+"\nCategory: ${os}\nCategory: ${flavor}\n"+`Link: <${n}>; rel="http://schemas.ogf.org/occi/infrastructure#network"; category="http://schemas.ogf.org/occi/infrastructure#networkinterface http://schemas.ogf.org/occi/infrastructure/networkinterface#ipnetworkinterface"; occi.networkinterface.address="192.0.2.45"`, Status(201)).Making("vm"),
			Get("${vm}", Says(`occi\.networkinterface\.address="192\.0\.2\.45"`)).Eventually(), Del("${vm}", Status(200))),
		That("network.tenant", Must, "OCCI 1.2 HTTP 12", "another tenant's network is not there", Get("${net}", Status(404)).By(Other), Del("${net}", Status(404)).By(Other), Get("${net}", Status(200))),
		That("network.reservation", DeFacto, "ooi; rOCCI 5", "an address is reserved from a pool, and released", Get("/-/").Finding("pool", `Category: ([^;]*; ?scheme="http://schemas\.openstack\.org/network/floatingippool#"; ?class="mixin")`),
			post("${ipreservation}", `Category: ipreservation; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`+"\nCategory: ${pool}", Status(201)).Making("ip"),
			Get("${ip}", attrLike("occi.ipreservation.address", `^"[0-9a-f.:]+"$`), attrLike("occi.ipreservation.used", `^"?false"?$`)), Get("${ipreservation}", lists("${ip}")), Del("${ip}", Status(200)), Get("${ip}", Status(404))),
		That("network.group", DeFacto, "ooi; rOCCI 5", "a security group is made and deleted", post("${securitygroup}", `Category: securitygroup; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`+"\nX-OCCI-Attribute: occi.securitygroup.rules=\"[{\\\"type\\\":\\\"inbound\\\",\\\"protocol\\\":\\\"tcp\\\",\\\"port\\\":\\\"22\\\",\\\"range\\\":\\\"192.0.2.0/24\\\"}]\""+title("${run} group"), Status(201)).Making("group"),
			Get("${group}", attr("occi.core.title", "${run} group"), attrLike("occi.securitygroup.rules", `192\.0\.2\.0/24`)), Get("${securitygroup}", lists("${group}")), Del("${group}", Status(200)), Get("${group}", Status(404))),
		That("network.group.link", DeFacto, "ooi; rOCCI 5", "a machine is put into a security group and taken out", slices.Concat(newMachine("grouped"), []Step{
			post("${securitygroup}", `Category: securitygroup; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`+"\nX-OCCI-Attribute: occi.securitygroup.rules=\"[]\""+title("${run} linked"), Status(201)).Making("group"),
			post("${securitygrouplink}", `Category: securitygrouplink; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`+"\nX-OCCI-Attribute: occi.core.source=\"${vm}\"\nX-OCCI-Attribute: occi.core.target=\"${group}\"", Status(201)).Making("member"),
			Get("${member}", Status(200)).Eventually(), Get("${vm}", linksTo(infra+"securitygrouplink", "${group}")).Eventually(), Del("${member}", Status(200)), Get("${vm}", linksNotTo(infra+"securitygrouplink", "${group}")).Eventually()})...),
		refusedNetwork("address", "an address range is one", "\nX-OCCI-Attribute: occi.network.address=\"192.0.2.0/99\"", 400),
		refusedNetwork("words", "an address range is of digits", "\nX-OCCI-Attribute: occi.network.address=\"everything\"", 400),
		refusedNetwork("gateway", "a gateway is an address", "\nX-OCCI-Attribute: occi.network.address=\"192.0.2.0/24\"\nX-OCCI-Attribute: occi.network.gateway=\"door\"", 400),
		refusedNetwork("allocation", "an allocation is dynamic or static", "\nX-OCCI-Attribute: occi.network.address=\"192.0.2.0/24\"\nX-OCCI-Attribute: occi.network.allocation=\"random\"", 400),
		refusedNetwork("vlan", "a VLAN has a number up to 4095", "\nX-OCCI-Attribute: occi.network.vlan=5000", 400, 403),
	}
}
