package occi_test

import (
	"fmt"
	"slices"
)

// Entities: read, created, changed and deleted.

var entityCases = []Case{
	that("entity.kind", Must, "OCCI 1.2 Text 5.1", "an entity names its kind first, once", get("${machine}", status(200), kindIs(infra+"compute"))),
	that("entity.id", Must, "OCCI 1.2 Core 4.2; rOCCI, ooi's clients", "the id is there, and the end of its URL", get("${machine}", attr("occi.core.id", "${machine.id}"))),
	that("entity.title", Must, "OCCI 1.2 Core 4.2", "title and summary are as given", get("${machine}", attr("occi.core.title", "${run} shared"), attr("occi.core.summary", "made by ${run}"))),
	that("entity.state", Must, "OCCI 1.2 Infrastructure 3.1", "the state is one of the standard's", get("${machine}", attrLike("occi.compute.state", `^"(active|inactive|suspended|error)"$`))),
	that("entity.numbers", Must, "OCCI 1.2 Text 4.3", "numbers are not quoted, memory is a fraction", get("${machine}", attrLike("occi.compute.cores", `^[1-9][0-9]*$`), attrLike("occi.compute.memory", `^[0-9]+\.[0-9]+$`))),
	that("entity.architecture", Must, "OCCI 1.2 Infrastructure 3.1", "the architecture is one of the standard's, or left out", get("${machine}", saysNot(`occi\.compute\.architecture="(?:[^x"]|x[^68])`))),
	that("entity.hostname", Should, "OCCI 1.2 Infrastructure 3.1", "the host name is told", get("${machine}", attrLike("occi.compute.hostname", `^".+"$`))),
	that("entity.templates", Must, "OCCI 1.2 Infrastructure 3.5", "the templates that it was made of are there", get("${machine}", has("${os.id}"), has("${flavor.id}"))),
	that("entity.links", Must, "OCCI 1.2 Text 5.1.1", "a machine's links are there", get("${machine}", linksTo(infra+"networkinterface", "${net}"))),
	that("entity.links.rel", Must, "OCCI 1.2 Text 4.2", "a link's rel is the kind of its target", get("${machine}", everyLink("kind of the target in rel", func(l link) bool {
		return l.rel == infra+"network" || l.rel == infra+"storage" || l.rel != ""
	}))),
	that("entity.links.self", Must, "OCCI 1.2 Text 4.2", "a link says where it is", get("${machine}", everyLink("self", func(l link) bool { return l.self != "" }))),
	that("entity.links.attributes", DeFacto, "jOCCI", "a link has at least its id, source and target among its attributes", get("${machine}", everyLink("attributes", func(l link) bool {
		return l.attributes["occi.core.id"] != "" && l.attributes["occi.core.source"] != "" && l.attributes["occi.core.target"] != ""
	}))),
	that("entity.links.address", DeFacto, "IM", "a link to a network tells the address", get("${machine}", says(`occi\.networkinterface\.address="[0-9a-f.:]+"`), says(`occi\.networkinterface\.mac="`), says(`networkinterface#ipnetworkinterface`))),
	that("entity.actions", Should, "OCCI 1.1 HTTP, action links", "what can be done now is offered, and nothing else", get("${machine}", offers("stop"), offers("restart"), offers("suspend"), offersNot("start"))),
	that("entity.actions.self", Must, "OCCI 1.2 Text 4.2", "an action's link is the entity with ?action=", get("${machine}", says(`Link: <[^>]*${machine.id}\?action=stop>; ?rel="http://schemas\.ogf\.org/occi/infrastructure/compute/action#stop"`))),
	that("entity.order", Must, "OCCI 1.2 Text 5.1", "categories come before links, links before attributes", get("${machine}", saysNot(`(?s)X-OCCI-Attribute:.*\n(Category|Link):`), saysNot(`(?s)\nLink:.*\nCategory:`))),
	that("entity.empty", Must, "OCCI 1.1 HTTP, attributes", "what has no value is left out", get("${machine}", saysNot(`X-OCCI-Attribute: [^=]+=(""|$)`))),
	that("entity.header", Must, "OCCI 1.2 Text 7", "text/occi says the same", get("${machine}", kindIs(infra+"compute"), attr("occi.core.id", "${machine.id}"), has("${os.id}"), linksTo(infra+"networkinterface", "${net}"), offers("stop")).accept("text/occi")),
	that("entity.header.one", Should, "OCCI 1.2 Text 7; rOCCI 4, jOCCI", "each structure of text/occi is one field", get("${machine}", oneField("Category"), oneField("Link"), oneField("X-OCCI-Attribute")).accept("text/occi")),
	that("entity.json", Must, "OCCI 1.2 JSON 3.1.1", "JSON says the same, without a wrapper", get("${machine}", kindIs(infra+"compute"), member("${machine.id}", "id"), member("${run} shared", "title"), has("${os.id}"), linksTo(infra+"networkinterface", "${net}"), offers("stop")).accept("application/occi+json")),
	that("entity.json.core", DeFacto, "rOCCI; curl recipes", "JSON has the core attributes among the attributes too", get("${machine}", member("${machine.id}", "attributes", "occi.core.id"), member("${run} shared", "attributes", "occi.core.title")).accept("application/occi+json")),
	that("entity.json.numbers", Must, "OCCI 1.2 JSON 3.5", "numbers are numbers", get("${machine}", says(`"occi\.compute\.cores":\s*[1-9]`), says(`"occi\.compute\.memory":\s*[0-9]`)).accept("application/occi+json")),
	that("entity.json.empty", DeFacto, "rOCCI 5", "empty lists are left out", get("${net}", saysNot(`"(links|actions|mixins)":\s*\[\]`), says(`"attributes":\s*\{`)).accept("application/occi+json")),
	that("entity.network", Must, "OCCI 1.2 Infrastructure 3.2", "a network has a state and its addresses", get("${net}", kindIs(infra+"network"), attrLike("occi.network.state", `^"(active|inactive|error)"$`),
		has("http://schemas.ogf.org/occi/infrastructure/network#ipnetwork"), attrLike("occi.network.address", `^"[0-9a-f.:]+/[0-9]+"$`), attrLike("occi.network.allocation", `^"(dynamic|static)"$`))),
	that("entity.network.links", Must, "OCCI 1.2 Core 4.5", "a network does not list the links that lead to it", get("${net}", status(200), linksNotTo(infra+"networkinterface", "${net}"))),
	that("entity.nic", Must, "OCCI 1.2 Text 5.1.2", "a link is an entity of its own, with its ends",
		get("${machine}").find("nic", `self="([^"]*)"`), get("${nic}", status(200), kindIs(infra+"networkinterface"), says(`occi\.core\.source="[^"]*${machine.id}"`), says(`occi\.core\.target="[^"]*${net.id}"`),
			attrLike("occi.networkinterface.state", `^"(active|inactive|error)"$`), saysNot(`(?m)^Link: <[^>]*>; ?rel="[^"]*"; ?self`))),
	that("entity.nic.json", Must, "OCCI 1.2 JSON 3.1.2", "a link in JSON has its ends as objects",
		get("${machine}").find("nic", `self="([^"]*)"`), get("${nic}", kindIs(infra+"networkinterface"), says(`"source":\s*\{\s*"location":\s*"[^"]*${machine.id}"`), says(`"target":\s*\{\s*"location":\s*"[^"]*${net.id}"`)).accept("application/occi+json")),
	that("entity.storage", Must, "OCCI 1.2 Infrastructure 3.3", "storage has a size and a state", get("${volume}", kindIs(infra+"storage"), attr("occi.storage.size", "1"), attrLike("occi.storage.size", `^1(\.0)?$`), attr("occi.storage.state", "online"), attr("occi.core.title", "${run} shared volume"))),
	that("entity.tenant", Must, "OCCI 1.2 HTTP 12", "another tenant's entity is not there", get("${machine}", status(404)).by(other), get("${machine}", status(404)).by(other).accept("application/occi+json")),
	that("entity.message", DeFacto, "OCCI 1.2 Infrastructure 3.1", "a state.message never stands without a state", get("${machine}", attrLike("occi.compute.state", `.`), saysNot(`state\.message=""`))),
}

// oneField wants a header field once.
func oneField(name string) Check {
	return func(x *exchange) error {
		if n := len(x.answer.header.Values(name)); n != 1 {
			return fmt.Errorf("%s is there %d times", name, n)
		}
		return nil
	}
}

// refused makes a case of a creation that must not happen.
func refused(id string, level Level, clause, what, body string, codes ...int) Case {
	return that("create.refuse."+id, level, clause, what, post("${compute}", body+title("${run} "+id), status(codes...)),
		get("${compute}", status(200), count(0)).accept("text/uri-list").with(`X-OCCI-Attribute: occi.core.title="${run} `+id+`"`))
}

const (
	sshKey   = "\nCategory: ssh_key; scheme=\"http://schemas.ogf.org/occi/infrastructure/credentials#\"; class=\"mixin\"\nX-OCCI-Attribute: occi.credentials.ssh.publickey=\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDDy5MPLfhc7qcMtpP+sgEOardidA41SNwnvX31cnHZk me@host\""
	userData = "\nCategory: user_data; scheme=\"http://schemas.ogf.org/occi/infrastructure/compute#\"; class=\"mixin\"\nX-OCCI-Attribute: occi.compute.userdata=\"I2Nsb3VkLWNvbmZpZwpob3N0bmFtZTogeAo=\""
	ooiData  = "\nCategory: user_data; scheme=\"http://schemas.openstack.org/compute/instance#\"; class=\"mixin\"\nX-OCCI-Attribute: org.openstack.compute.user_data=\"I2Nsb3VkLWNvbmZpZwpob3N0bmFtZTogeAo=\""
	jsonNIC  = `{"kind":"http://schemas.ogf.org/occi/infrastructure#networkinterface","target":{"location":"${net}","kind":"http://schemas.ogf.org/occi/infrastructure#network"}}`
)

// jsonMachine is a machine in JSON, with further members.
func jsonMachine(more string) string {
	return `{"kind":"http://schemas.ogf.org/occi/infrastructure#compute","mixins":["${os.id}","${flavor.id}"],"links":[` + jsonNIC + `]` + more + `}`
}

var createCases = slices.Concat([]Case{
	that("create.plain", Must, "OCCI 1.2 HTTP 11.3.1", "a machine is created in text/plain, and 201 says where",
		post("${compute}", machineBody+title("${run} plain"), status(201), header("Location", `^https?://`)).made("vm"),
		get("${vm}", status(200), kindIs(infra+"compute"), attr("occi.core.title", "${run} plain"))),
	that("create.place", DeFacto, "rOCCI 4; IM", "the body of 201 is the location and nothing else, below the kind's",
		post("${compute}", machineBody+title("${run} place"), status(201), says(`^X-OCCI-Location: ${compute}[^\s/]+$`)).made("vm")),
	that("create.header", Must, "OCCI 1.2 Text 7", "a machine is created in text/occi",
		Step{Do: "POST ${compute}", Type: "text/occi", Accept: "text/occi", Made: "vm", Want: []Check{status(201), header("X-OCCI-Location", `^https?://|^/`), header("Location", `^https?://`)}}.
			with(kindCompute, "Category: ${os}", "Category: ${flavor}", nic, `X-OCCI-Attribute: occi.core.title="${run} header"`),
		get("${vm}", attr("occi.core.title", "${run} header"))),
	that("create.header.list", Must, "OCCI 1.2 Text 7", "comma lists in fields are several structures",
		Step{Do: "POST ${compute}", Type: "text/occi", Made: "vm", Want: []Check{status(201)}}.
			with(kindCompute+", ${os}, ${flavor}", nic, `X-OCCI-Attribute: occi.core.title="${run}, list", occi.core.summary="a, b"`),
		get("${vm}", attr("occi.core.title", "${run}, list"), attr("occi.core.summary", "a, b"))),
	that("create.json", Must, "OCCI 1.2 JSON 3.1", "a machine is created in JSON, and is the answer",
		post("${compute}", jsonMachine(`,"title":"${run} json","summary":"s"`), status(201), kindIs(infra+"compute"), member("${run} json", "title")).typed("application/occi+json").accept("application/occi+json").made("vm"),
		get("${vm}", attr("occi.core.title", "${run} json"), attr("occi.core.summary", "s"), linksTo(infra+"networkinterface", "${net}")).until()),
	that("create.json.core", DeFacto, "rOCCI", "core attributes are understood among the attributes",
		post("${compute}", jsonMachine(`,"attributes":{"occi.core.title":"${run} json core"}`), status(201)).typed("application/json").made("vm"),
		get("${vm}", attr("occi.core.title", "${run} json core"))),
	that("create.json.wrapped", DeFacto, "rOCCI 4", "a single resource may be wrapped in its collection",
		post("${compute}", `{"resources":[`+jsonMachine(`,"title":"${run} wrapped"`)+`]}`, status(201)).typed("application/occi+json").made("vm"),
		get("${vm}", attr("occi.core.title", "${run} wrapped"))),
	that("create.uris", DeFacto, "OCCI 1.2 Text 8", "the answer as text/uri-list is the URL",
		post("${compute}", machineBody+title("${run} uris"), status(201), says(`^${compute}[^\s/]+(\r?\n)?$`)).accept("text/uri-list")),
	that("create.root", DeFacto, "OGF's test script", "a machine may be created at the root", post("/", machineBody+title("${run} root"), status(201)).made("vm"), get("${vm}", kindIs(infra+"compute"))),
	that("create.listed", Must, "OCCI 1.2 HTTP 11.1", "what was created is in its collections at once", post("${compute}", machineBody+title("${run} listed"), status(201)).made("vm"),
		get("${compute}", lists("${vm}")), get("${os.location}", lists("${vm}")), get("/", lists("${vm}"))),
	that("create.inline", Must, "OCCI 1.2 HTTP 11.3.1", "links are created with the machine", post("${compute}", machineBody+title("${run} inline"), status(201)).made("vm"),
		get("${vm}", linksTo(infra+"networkinterface", "${net}")).until()),
	that("create.id", DeFacto, "rOCCI 4; IM", "an id of the client's own is ignored", post("${compute}", machineBody+"\nX-OCCI-Attribute: occi.core.id=\"my-own\"", status(201), saysNot("my-own")).made("vm"),
		get("${vm}", attr("occi.core.id", "${vm.id}"))),
	that("create.state", DeFacto, "IM", "a state that the client wishes is ignored", post("${compute}", machineBody+"\nX-OCCI-Attribute: occi.compute.state=\"suspended\"", status(201)).made("vm"),
		get("${vm}", attr("occi.compute.state", "active")).until()),
	that("create.size", Should, "OCCI 1.2 Infrastructure 3.1", "cores and memory choose a size that has as much", post("${compute}", kindCompute+"\nCategory: ${os}\n"+nic+"\nX-OCCI-Attribute: occi.compute.cores=1\nX-OCCI-Attribute: occi.compute.memory=0.1", status(201)).made("vm"),
		get("${vm}", attrLike("occi.compute.cores", `^[1-9]`), attrLike("occi.compute.memory", `^[0-9]+\.`))),
	that("create.template-wins", Must, "OCCI 1.2 Infrastructure 3.5.2", "a resource template wins over sizes given with it", post("${compute}", machineBody+"\nX-OCCI-Attribute: occi.compute.cores=16", status(201)).made("vm"),
		get("${vm}", has("${flavor.id}"), saysNot(`cores=16`))),
	that("create.unused", Must, "OCCI 1.1 and 1.2 Infrastructure 3.1", "share and speed are accepted", post("${compute}", machineBody+"\nX-OCCI-Attribute: occi.compute.share=1\nX-OCCI-Attribute: occi.compute.speed=2.4", status(201))),
	that("create.twins", DeFacto, "OCCI 1.2 Core 4.2", "titles need not be unique", post("${compute}", machineBody+title("${run} twin"), status(201)).made("one"),
		post("${compute}", machineBody+title("${run} twin"), status(201)).made("two"),
		get("${compute}", count(2), lists("${one}"), lists("${two}")).with(`X-OCCI-Attribute: occi.core.title="${run} twin"`)),
	that("create.context", Should, "OCCI 1.2 Infrastructure 3.6, 3.7", "key and user data are taken, and not shown", post("${compute}", machineBody+sshKey+userData, status(201)).made("vm"),
		get("${vm}", status(200), saysNot("ssh-ed25519"), saysNot("I2Nsb3Vk"))).needs("http://schemas.ogf.org/occi/infrastructure/credentials#ssh_key"),
	that("create.context.ooi", DeFacto, "rOCCI 4; ooi's clients", "OpenStack's names of them do as well", post("${compute}", machineBody+ooiData, status(201))).needs("http://schemas.openstack.org/compute/instance#user_data"),
	that("create.bulk", Should, "OCCI 1.2 HTTP 11.3.1", "several are created by one request, and 201 names all",
		post("/", `{"resources":[`+jsonMachine(`,"title":"${run} bulk"`)+`,`+jsonMachine(`,"title":"${run} bulk"`)+`]}`, status(201)).typed("application/occi+json").accept("application/occi+json"),
		get("${compute}", count(2)).accept("text/uri-list").with(`X-OCCI-Attribute: occi.core.title="${run} bulk"`)),
	that("create.bulk.atomic", Must, "OCCI 1.1 HTTP, batch operations", "of several, all or none are created",
		post("/", `{"resources":[`+jsonMachine(`,"title":"${run} atomic"`)+`,{"kind":"http://schemas.ogf.org/occi/infrastructure#compute","mixins":["http://example.org/nix#nix"]}]}`, status(404, 400)).typed("application/occi+json"),
		get("${compute}", count(0)).accept("text/uri-list").with(`X-OCCI-Attribute: occi.core.title="${run} atomic"`)),
	that("create.put", Must, "OCCI 1.2 HTTP 10.2.1; OCCI 1.1 HTTP", "PUT creates at the client's place, or is refused with 400", put("${compute}${run}-mine", machineBody, status(200, 201, 400))),
	that("create.place.other", Must, "OCCI 1.1 HTTP, kind and path", "a kind is created at its own location only", post("${network}", machineBody, status(400))),
	that("create.zone", DeFacto, "OCCI-OS; ooi", "an availability zone can be chosen",
		get("/-/", zoned).find("zone", `Category: ([^;]*; ?scheme="[^"]*availability_zone#"; ?class="mixin")`),
		post("${compute}", machineBody+"\nCategory: ${zone}", status(201)).made("vm"), get("${vm}", status(200), says(`availability_zone`)).until()),
}, []Case{
	refused("two-kinds", Must, "OCCI 1.2 Core 4.2", "an entity has one kind", machineBody+"\n"+kindNetwork, 400),
	refused("no-kind", Must, "OCCI 1.1 HTTP, create", "an entity has a kind", "Category: ${os}\nCategory: ${flavor}", 400),
	refused("unknown-kind", Must, "OCCI 1.1 HTTP, return codes", "an unknown kind is 404", `Category: car; scheme="http://example.org/x#"; class="kind"`, 404, 400),
	refused("unknown-mixin", Must, "OCCI 1.1 HTTP, return codes", "an unknown mixin is 404", machineBody+"\nCategory: nix; scheme=\"http://example.org/x#\"; class=\"mixin\"", 404),
	refused("unknown-image", Must, "OCCI 1.1 HTTP, return codes", "an image that is not there is 404", kindCompute+"\nCategory: "+nothing+`; scheme="http://schemas.openstack.org/template/os#"; class="mixin"`, 404),
	refused("unknown-attribute", Must, "OCCI 1.1 HTTP, return codes", "an attribute that the kind does not have is refused", machineBody+"\nX-OCCI-Attribute: occi.compute.wheels=4", 400, 404),
	refused("type", Must, "OCCI 1.2 Core 4.3", "a value of another type is refused", machineBody+"\nX-OCCI-Attribute: occi.compute.cores=\"many\"", 400),
	refused("fraction", Must, "OCCI 1.2 Core 4.3", "a fraction is no number of cores", machineBody+"\nX-OCCI-Attribute: occi.compute.cores=2.5", 400),
	refused("negative", Must, "OCCI 1.2 Infrastructure 3.1", "a negative number is no number of cores", kindCompute+"\nCategory: ${os}\n"+nic+"\nX-OCCI-Attribute: occi.compute.cores=-1", 400),
	refused("architecture", Must, "OCCI 1.2 Infrastructure 3.1", "an architecture that the standard does not have is refused", machineBody+"\nX-OCCI-Attribute: occi.compute.architecture=\"vax\"", 400),
	refused("huge", Should, "OCCI 1.2 HTTP 5.4", "a size that no template has is refused", kindCompute+"\nCategory: ${os}\n"+nic+"\nX-OCCI-Attribute: occi.compute.cores=100000", 409, 400),
	refused("two-sizes", Must, "OCCI 1.2 Infrastructure 3.5.2", "two resource templates are refused", machineBody+"\nCategory: ${flavor2}", 409, 400),
	refused("two-families", DeFacto, "ooi", "user data in two ways is refused", machineBody+userData+ooiData, 409, 400),
	refused("applies", Must, "OCCI 1.1 HTTP, return codes", "a mixin of networks is refused on a machine", machineBody+"\n"+mixinIP, 403, 400),
	refused("class", Must, "OCCI 1.2 Text 4.1", "a class that contradicts the category is refused", `Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="mixin"`, 400),
	refused("link-target", Must, "OCCI 1.1 HTTP, return codes", "a link to what is not there is 404", kindCompute+"\nCategory: ${os}\nCategory: ${flavor}\n"+`Link: </network/`+nothing+`>; rel="http://schemas.ogf.org/occi/infrastructure#network"; category="http://schemas.ogf.org/occi/infrastructure#networkinterface"`, 404),
	refused("link-category", DeFacto, "OCCI 1.2 Text 4.2", "a link without a kind is refused", kindCompute+"\nCategory: ${os}\nCategory: ${flavor}\n"+`Link: <${net}>; rel="http://schemas.ogf.org/occi/infrastructure#network"`, 400),
	refused("link-kind", Must, "OCCI 1.2 Infrastructure 3.4", "a storage link does not lead to a network", kindCompute+"\nCategory: ${os}\nCategory: ${flavor}\n"+`Link: <${net}>; rel="http://schemas.ogf.org/occi/infrastructure#network"; category="http://schemas.ogf.org/occi/infrastructure#storagelink"`, 400, 404),
	refused("link-external", DeFacto, "OCCI 1.1 Core, Link", "an interface leads to no network of elsewhere", kindCompute+"\nCategory: ${os}\nCategory: ${flavor}\n"+`Link: <http://other.example.org/network/1>; rel="http://schemas.ogf.org/occi/infrastructure#network"; category="http://schemas.ogf.org/occi/infrastructure#networkinterface"`, 400, 404),
	refused("malformed", Must, "OCCI 1.1 HTTP, return codes", "a malformed category is refused", machineBody+"\nCategory: x; scheme=\"http", 400),
	refused("required", Must, "OCCI 1.2 Core 4.3", "a required attribute of a mixin is required", machineBody+"\nCategory: ssh_key; scheme=\"http://schemas.ogf.org/occi/infrastructure/credentials#\"; class=\"mixin\"", 400),
	refused("static", DeFacto, "OCCI 1.2 Infrastructure 3.4.1", "an address that is none is refused", kindCompute+"\nCategory: ${os}\nCategory: ${flavor}\n"+`Link: <${net}>; rel="http://schemas.ogf.org/occi/infrastructure#network"; category="http://schemas.ogf.org/occi/infrastructure#networkinterface http://schemas.ogf.org/occi/infrastructure/networkinterface#ipnetworkinterface"; occi.networkinterface.address="300.1.1.1"`, 400, 409),
})

// zoned skips a case of availability zones on a cloud without.
func zoned(x *exchange) error {
	if err := says(`availability_zone#`)(x); err != nil {
		return notOfferedError{"availability zones"}
	}
	return nil
}

var updateCases = []Case{
	that("update.partial", Must, "OCCI 1.2 HTTP 10.3.1", "POST changes what it names, leaves the rest, and answers with the whole", then(newMachine("partial"),
		post("${vm}", `X-OCCI-Attribute: occi.core.summary="changed"`, status(200), kindIs(infra+"compute"), attr("occi.core.summary", "changed"), attr("occi.core.title", "${run} partial"), has("${os.id}")),
		post("${vm}", title("${run} renamed")[1:], status(200), attr("occi.core.title", "${run} renamed"), attr("occi.core.summary", "changed")),
		get("${vm}", attr("occi.core.title", "${run} renamed"), attr("occi.core.summary", "changed"), linksTo(infra+"networkinterface", "${net}")))...),
	that("update.full", Must, "OCCI 1.2 HTTP 10.2.2", "PUT keeps what the machine cannot be without, its links, and removes what is not named", then(newMachine("full"),
		post("${vm}", `X-OCCI-Attribute: occi.core.summary="goes"`, status(200)),
		put("${vm}", kindCompute+"\nCategory: ${os}\nCategory: ${flavor}"+title("${run} full too"), status(200), kindIs(infra+"compute"), attr("occi.core.title", "${run} full too")),
		get("${vm}", attr("occi.core.title", "${run} full too"), noAttr("occi.core.summary"), linksTo(infra+"networkinterface", "${net}"), has("${flavor.id}")))...),
	that("update.full.echo", DeFacto, "OCCI 1.2 HTTP 10.2.2", "what GET gave in JSON can be PUT back", then(newMachine("echo"),
		get("${vm}", status(200)).accept("application/occi+json").keep("entity"),
		put("${vm}", "${entity}", status(200), attr("occi.core.title", "${run} echo")).typed("application/occi+json").accept("application/occi+json"))...),
	that("update.header", Must, "OCCI 1.2 Text 7", "an update in text/occi is answered in text/occi", Step{Do: "POST ${machine}", Type: "text/occi", Accept: "text/occi", Want: append([]Check{media("text/occi")}, isSame...)}.with(same)),
	that("update.json", Must, "OCCI 1.2 JSON 3", "an update in JSON is answered in JSON", post("${machine}", `{"summary":"made by ${run}"}`, isSame...).typed("application/occi+json").accept("application/occi+json")),
	that("update.kind.same", Must, "OCCI 1.2 Core 4.2", "the kind may be repeated", post("${machine}", kindCompute+"\n"+same, isSame...)),
	that("update.kind", Must, "OCCI 1.2 Core 4.2", "the kind cannot be changed", post("${machine}", kindNetwork+"\n"+same, status(400)), put("${machine}", kindNetwork+title("x"), status(400)), get("${machine}", isSame...)),
	that("update.id", Must, "OCCI 1.1 HTTP, return codes", "the id cannot be changed", post("${machine}", `X-OCCI-Attribute: occi.core.id="other"`, status(403, 400))),
	that("update.id.json", Must, "OCCI 1.2 JSON 3.1", "a body is not for another entity", post("${machine}", `{"id":"`+nothing+`","summary":"x"}`, status(400, 403)).typed("application/occi+json"), get("${machine}", isSame...)),
	that("update.state", Must, "OCCI 1.1 HTTP, return codes", "the state is not changed by an update", post("${machine}", `X-OCCI-Attribute: occi.compute.state="inactive"`, status(403, 400)), get("${machine}", attr("occi.compute.state", "active"))),
	that("update.state.same", DeFacto, "clients that send back what they got", "the state as it is may be repeated", post("${machine}", same+"\nX-OCCI-Attribute: occi.compute.state=\"active\"", isSame...)),
	that("update.empty", Must, "OCCI 1.1 HTTP, update", "an update of nothing is refused", post("${machine}", "", status(400))),
	that("update.attribute", Must, "OCCI 1.1 HTTP, return codes", "an attribute that the kind does not have is refused, and nothing is changed", post("${machine}", "X-OCCI-Attribute: occi.core.summary=\"no\"\nX-OCCI-Attribute: occi.compute.wheels=4", status(400, 404)), get("${machine}", isSame...)),
	that("update.mixin", Must, "OCCI 1.1 HTTP, return codes", "an unknown mixin is 404, and nothing is changed", post("${machine}", "Category: nix; scheme=\"http://example.org/x#\"; class=\"mixin\"\nX-OCCI-Attribute: occi.core.summary=\"no\"", status(404)), get("${machine}", isSame...)),
	that("update.unknown", Must, "OCCI 1.2 HTTP 5.4", "what is not there is not changed", post("${compute}"+nothing, same, status(404)), put("${compute}"+nothing, machineBody, status(400, 404))),
	that("update.put.link", Must, "OCCI 1.1 HTTP, update", "a full update has no links", put("${machine}", machineBody+title("${run} shared"), status(400))),
	that("update.link.link", Must, "OCCI 1.1 HTTP, update", "a link has no links", get("${machine}").find("nic", `self="([^"]*)"`), post("${nic}", nic, status(400))),
	that("update.link.ends", Must, "OCCI 1.2 Core 4.6", "the ends of a link cannot be changed", get("${machine}").find("nic", `self="([^"]*)"`), post("${nic}", `X-OCCI-Attribute: occi.core.target="${machine}"`, status(403, 400))),
	that("update.network.address", Must, "OCCI 1.1 HTTP, return codes", "a network's addresses stay as they are", post("${net}", `X-OCCI-Attribute: occi.network.address="192.0.2.0/24"`, status(403, 400, 409, 501))),
	that("update.context", DeFacto, "OCCI 1.2 Core 4.4", "keys and user data are for creation only", post("${machine}", userData[1:], status(409, 400, 403)), get("${machine}", isSame...)),
	that("update.resize", Must, "OCCI 1.2 Infrastructure 3.5.2", "another resource template resizes the machine and takes the first one's place", then(newMachine("resize"),
		post("${vm}", "Category: ${flavor2}", status(200, 201)),
		get("${vm}", has("${flavor2.id}"), lacks("${flavor.id}"), attr("occi.compute.state", "active"), offers("stop")).until())...),
	that("update.size", Should, "OCCI 1.2 Infrastructure 3.1", "more memory resizes the machine", then(newMachine("memory"),
		post("${vm}", "X-OCCI-Attribute: occi.compute.memory=2.0", status(200, 201)),
		get("${vm}", attrLike("occi.compute.memory", `^([2-9]|[1-9][0-9]+)\.`), offers("stop")).until())...),
	that("update.image", Should, "OCCI 1.2 Infrastructure 3.5.1", "the same image again rebuilds the machine, or is refused", then(newMachine("rebuild"),
		post("${vm}", "Category: ${os}", status(200, 201, 403, 409, 501)), get("${vm}", has("${os.id}"), attr("occi.compute.state", "active"), offers("stop")).until())...),
	that("update.tenant", Must, "OCCI 1.2 HTTP 12", "another tenant's machine is not changed", post("${machine}", `X-OCCI-Attribute: occi.core.summary="mine"`, status(404)).by(other), get("${machine}", isSame...)),
}

var deleteCases = []Case{
	that("delete.entity", Must, "OCCI 1.2 HTTP 10.4", "what is deleted is gone, with its links, from every collection", then(newMachine("delete"),
		get("${vm}").find("nic", `self="([^"]*)"`),
		del("${vm}", status(200, 204)),
		get("${vm}", status(404)), get("${compute}", listsNot("${vm}")), get("/", listsNot("${vm}")), get("${os.location}", listsNot("${vm}")),
		del("${vm}", status(404)), get("${nic}", status(404)).until())...),
	that("delete.status", DeFacto, "curl recipes that want 200; Fogbow; rOCCI", "a deletion is answered 200 and OK", post("${compute}", machineBody, status(201)).made("vm"), del("${vm}", status(200), body("OK"), media("text/plain"))),
	that("delete.json", DeFacto, "OCCI 1.2 JSON 3", "a deletion in JSON is answered with JSON", post("${compute}", machineBody, status(201)).made("vm"), del("${vm}", status(200), media("application/occi+json"), says(`^\{\s*\}$`)).accept("application/occi+json")),
	that("delete.header", Must, "OCCI 1.2 Text 7", "a deletion in text/occi is answered OK", post("${compute}", machineBody, status(201)).made("vm"), del("${vm}", status(200), media("text/occi"), body("OK")).accept("text/occi")),
	that("delete.unknown", Must, "OCCI 1.2 HTTP 5.4", "what is not there cannot be deleted", del("${compute}"+nothing, status(404)), del("${network}"+nothing, status(404)), del("${storage}"+nothing, status(404))),
	that("delete.tenant", Must, "OCCI 1.2 HTTP 12", "another tenant's machine is not deleted", del("${machine}", status(404)).by(other), get("${machine}", isSame...)),
	that("delete.subset", Should, "OCCI 1.1 HTTP, verbs", "of a collection, those that are named are deleted", then(newMachine("subset"),
		Step{Do: "DELETE ${compute}", Type: "text/plain", Body: "X-OCCI-Location: ${vm}", Want: []Check{status(200, 204)}}, get("${vm}", status(404)), get("${machine}", status(200)))...).wipes(),
	that("delete.subset.unknown", DeFacto, "OCCI 1.1 HTTP, batch operations", "if one of them is not there, none is deleted", then(newMachine("all or none"),
		Step{Do: "DELETE ${compute}", Type: "text/plain", Body: "X-OCCI-Location: ${vm}\nX-OCCI-Location: ${compute}" + nothing, Want: []Check{status(404)}}, get("${vm}", status(200)))...).wipes(),
	that("delete.filter", DeFacto, "safety", "a deletion with a filter is refused, never of all", Step{Do: "DELETE ${compute}", Want: []Check{status(400)}}.with("Category: ${flavor2}"),
		Step{Do: "DELETE ${compute}", Want: []Check{status(400)}}.with(`X-OCCI-Attribute: occi.core.title="nothing like it"`), get("${machine}", status(200))).wipes(),
	that("delete.query-string", DeFacto, "safety", "a deletion with a filter in the query is refused, never of all", del("${compute}?category=x", status(400, 404)), del("${compute}?page=1&number=1", status(400)), get("${machine}", status(200))).wipes(),
	that("delete.root", DeFacto, "safety", "the root cannot be deleted", del("/", status(403, 405)), get("${machine}", status(200))).wipes(),
	that("delete.template", DeFacto, "safety", "deleting a template's collection deletes no machine", del("${os.location}", status(403)), get("${machine}", status(200), has("${os.id}"))).wipes(),
	that("delete.unbound", DeFacto, "safety", "a path above collections cannot be deleted", get("/-/").find("above", `location="([^"]*/)os_tpl/"`), del("${above}", status(403, 404, 405)), get("${machine}", status(200))).wipes(),
	that("delete.collection", Must, "OCCI 1.2 HTTP 11.4.1", "deleting a kind's collection deletes all of it", then(newMachine("all one"),
		post("${compute}", machineBody, status(201)).made("two"),
		del("${compute}", status(200, 204)), get("${compute}", status(200), count(0)).accept("text/uri-list"), get("${vm}", status(404)), get("${two}", status(404)), get("${net}", status(200)))...).wipes(),
}
