package occi

import (
	"fmt"
	"slices"

	. "github.com/occimi/occimi/conformance/suite"
)

// Entities: read, created, changed and deleted.

func entityCases() []Case {
	return []Case{
		That("entity.kind", Must, "OCCI 1.2 Text 5.1", "an entity names its kind first, once", Get("${machine}", Status(200), kindIs(infra+"compute"))),
		That("entity.id", Must, "OCCI 1.2 Core 4.2; rOCCI, ooi's clients", "the id is there, and the end of its URL", Get("${machine}", attr("occi.core.id", "${machine.id}"))),
		That("entity.title", Must, "OCCI 1.2 Core 4.2", "title and summary are as given", Get("${machine}", attr("occi.core.title", "${run} shared"), attr("occi.core.summary", "made by ${run}"))),
		That("entity.state", Must, "OCCI 1.2 Infrastructure 3.1", "the state is one of the standard's", Get("${machine}", attrLike("occi.compute.state", `^"(active|inactive|suspended|error)"$`))),
		That("entity.numbers", Must, "OCCI 1.2 Text 4.3", "numbers are not quoted, memory is a fraction", Get("${machine}", attrLike("occi.compute.cores", `^[1-9][0-9]*$`), attrLike("occi.compute.memory", `^[0-9]+\.[0-9]+$`))),
		That("entity.architecture", Must, "OCCI 1.2 Infrastructure 3.1", "the architecture is one of the standard's, or left out", Get("${machine}", SaysNot(`occi\.compute\.architecture="(?:[^x"]|x[^68])`))),
		That("entity.hostname", Should, "OCCI 1.2 Infrastructure 3.1", "the host name is told", Get("${machine}", attrLike("occi.compute.hostname", `^".+"$`))),
		That("entity.templates", Must, "OCCI 1.2 Infrastructure 3.5", "the templates that it was made of are there", Get("${machine}", has("${os.id}"), has("${flavor.id}"))),
		That("entity.links", Must, "OCCI 1.2 Text 5.1.1", "a machine's links are there", Get("${machine}", linksTo(infra+"networkinterface", "${net}"))),
		That("entity.links.rel", Must, "OCCI 1.2 Text 4.2", "a link's rel is the kind of its target", Get("${machine}", everyLink("kind of the target in rel", func(l link) bool {
			return l.rel == infra+"network" || l.rel == infra+"storage" || l.rel != ""
		}))),
		That("entity.links.self", Must, "OCCI 1.2 Text 4.2", "a link says where it is", Get("${machine}", everyLink("self", func(l link) bool { return l.self != "" }))),
		That("entity.links.attributes", DeFacto, "jOCCI", "a link has at least its id, source and target among its attributes", Get("${machine}", everyLink("attributes", func(l link) bool {
			return l.attributes["occi.core.id"] != "" && l.attributes["occi.core.source"] != "" && l.attributes["occi.core.target"] != ""
		}))),
		That("entity.links.address", DeFacto, "IM", "a link to a network tells the address", Get("${machine}", Says(`occi\.networkinterface\.address="[0-9a-f.:]+"`), Says(`occi\.networkinterface\.mac="`), Says(`networkinterface#ipnetworkinterface`))),
		That("entity.actions", Should, "OCCI 1.1 HTTP, action links", "what can be done now is offered, and nothing else", Get("${machine}", offers("stop"), offers("restart"), offers("suspend"), offersNot("start"))),
		That("entity.actions.self", Must, "OCCI 1.2 Text 4.2", "an action's link is the entity with ?action=", Get("${machine}", Says(`Link: <[^>]*${machine.id}\?action=stop>; ?rel="http://schemas\.ogf\.org/occi/infrastructure/compute/action#stop"`))),
		That("entity.order", Must, "OCCI 1.2 Text 5.1", "categories come before links, links before attributes", Get("${machine}", SaysNot(`(?s)X-OCCI-Attribute:.*\n(Category|Link):`), SaysNot(`(?s)\nLink:.*\nCategory:`))),
		That("entity.empty", Must, "OCCI 1.1 HTTP, attributes", "what has no value is left out", Get("${machine}", SaysNot(`X-OCCI-Attribute: [^=]+=(""|$)`))),
		That("entity.header", Must, "OCCI 1.2 Text 7", "text/occi says the same", Get("${machine}", kindIs(infra+"compute"), attr("occi.core.id", "${machine.id}"), has("${os.id}"), linksTo(infra+"networkinterface", "${net}"), offers("stop")).Accepting("text/occi")),
		That("entity.header.one", Should, "OCCI 1.2 Text 7; rOCCI 4, jOCCI", "each structure of text/occi is one field", Get("${machine}", oneField("Category"), oneField("Link"), oneField("X-OCCI-Attribute")).Accepting("text/occi")),
		That("entity.json", Must, "OCCI 1.2 JSON 3.1.1", "JSON says the same, without a wrapper", Get("${machine}", kindIs(infra+"compute"), member("${machine.id}", "id"), member("${run} shared", "title"), has("${os.id}"), linksTo(infra+"networkinterface", "${net}"), offers("stop")).Accepting("application/occi+json")),
		That("entity.json.core", DeFacto, "rOCCI; curl recipes", "JSON has the core attributes among the attributes too", Get("${machine}", member("${machine.id}", "attributes", "occi.core.id"), member("${run} shared", "attributes", "occi.core.title")).Accepting("application/occi+json")),
		That("entity.json.numbers", Must, "OCCI 1.2 JSON 3.5", "numbers are numbers", Get("${machine}", Says(`"occi\.compute\.cores":\s*[1-9]`), Says(`"occi\.compute\.memory":\s*[0-9]`)).Accepting("application/occi+json")),
		That("entity.json.empty", DeFacto, "rOCCI 5", "empty lists are left out", Get("${net}", SaysNot(`"(links|actions|mixins)":\s*\[\]`), Says(`"attributes":\s*\{`)).Accepting("application/occi+json")),
		That("entity.network", Must, "OCCI 1.2 Infrastructure 3.2", "a network has a state and its addresses", Get("${net}", kindIs(infra+"network"), attrLike("occi.network.state", `^"(active|inactive|error)"$`),
			has("http://schemas.ogf.org/occi/infrastructure/network#ipnetwork"), attrLike("occi.network.address", `^"[0-9a-f.:]+/[0-9]+"$`), attrLike("occi.network.allocation", `^"(dynamic|static)"$`))),
		That("entity.network.links", Must, "OCCI 1.2 Core 4.5", "a network does not list the links that lead to it", Get("${net}", Status(200), linksNotTo(infra+"networkinterface", "${net}"))),
		That("entity.nic", Must, "OCCI 1.2 Text 5.1.2", "a link is an entity of its own, with its ends",
			Get("${machine}").Finding("nic", `self="([^"]*)"`), Get("${nic}", Status(200), kindIs(infra+"networkinterface"), Says(`occi\.core\.source="[^"]*${machine.id}"`), Says(`occi\.core\.target="[^"]*${net.id}"`),
				attrLike("occi.networkinterface.state", `^"(active|inactive|error)"$`), SaysNot(`(?m)^Link: <[^>]*>; ?rel="[^"]*"; ?self`))),
		That("entity.nic.json", Must, "OCCI 1.2 JSON 3.1.2", "a link in JSON has its ends as objects",
			Get("${machine}").Finding("nic", `self="([^"]*)"`), Get("${nic}", kindIs(infra+"networkinterface"), Says(`"source":\s*\{\s*"location":\s*"[^"]*${machine.id}"`), Says(`"target":\s*\{\s*"location":\s*"[^"]*${net.id}"`)).Accepting("application/occi+json")),
		That("entity.storage", Must, "OCCI 1.2 Infrastructure 3.3", "storage has a size and a state", Get("${volume}", kindIs(infra+"storage"), attr("occi.storage.size", "1"), attrLike("occi.storage.size", `^1(\.0)?$`), attr("occi.storage.state", "online"), attr("occi.core.title", "${run} shared volume"))),
		That("entity.tenant", Must, "OCCI 1.2 HTTP 12", "another tenant's entity is not there", Get("${machine}", Status(404)).By(Other), Get("${machine}", Status(404)).By(Other).Accepting("application/occi+json")),
		That("entity.message", DeFacto, "OCCI 1.2 Infrastructure 3.1", "a state.message never stands without a state", Get("${machine}", attrLike("occi.compute.state", `.`), SaysNot(`state\.message=""`))),
	}
}

// oneField wants a header field once.
func oneField(name string) Check {
	return Check{Expect: name + " once", Holds: func(x *Exchange) error {
		if n := len(x.Header.Values(name)); n != 1 {
			return fmt.Errorf("%s is there %d times", name, n)
		}
		return nil
	}}
}

// refused makes a case of a creation that must not happen.
func refused(id string, level Level, clause, what, body string, codes ...int) Case {
	return That("create.refuse."+id, level, clause, what, post("${compute}", body+title("${run} "+id), Status(codes...)),
		Get("${compute}", Status(200), count(0)).Accepting("text/uri-list").With(`X-OCCI-Attribute: occi.core.title="${run} `+id+`"`))
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

func createCases() []Case {
	return slices.Concat([]Case{
		That("create.plain", Must, "OCCI 1.2 HTTP 11.3.1", "a machine is created in text/plain, and 201 says where",
			post("${compute}", machineBody+title("${run} plain"), Status(201), Header("Location", `^https?://`)).Making("vm"),
			Get("${vm}", Status(200), kindIs(infra+"compute"), attr("occi.core.title", "${run} plain"))),
		That("create.place", DeFacto, "rOCCI 4; IM", "the body of 201 is the location and nothing else, below the kind's",
			post("${compute}", machineBody+title("${run} place"), Status(201), Says(`^X-OCCI-Location: ${compute}[^\s/]+$`)).Making("vm")),
		That("create.header", Must, "OCCI 1.2 Text 7", "a machine is created in text/occi",
			Step{Do: "POST ${compute}", Type: "text/occi", Accept: "text/occi", Made: "vm", Want: []Check{Status(201), Header("X-OCCI-Location", `^https?://|^/`), Header("Location", `^https?://`)}}.
				With(kindCompute, "Category: ${os}", "Category: ${flavor}", nic, `X-OCCI-Attribute: occi.core.title="${run} header"`),
			Get("${vm}", attr("occi.core.title", "${run} header"))),
		That("create.header.list", Must, "OCCI 1.2 Text 7", "comma lists in fields are several structures",
			Step{Do: "POST ${compute}", Type: "text/occi", Made: "vm", Want: []Check{Status(201)}}.
				With(kindCompute+", ${os}, ${flavor}", nic, `X-OCCI-Attribute: occi.core.title="${run}, list", occi.core.summary="a, b"`),
			Get("${vm}", attr("occi.core.title", "${run}, list"), attr("occi.core.summary", "a, b"))),
		That("create.json", Must, "OCCI 1.2 JSON 3.1", "a machine is created in JSON, and is the answer",
			post("${compute}", jsonMachine(`,"title":"${run} json","summary":"s"`), Status(201), kindIs(infra+"compute"), member("${run} json", "title")).Typed("application/occi+json").Accepting("application/occi+json").Making("vm"),
			Get("${vm}", attr("occi.core.title", "${run} json"), attr("occi.core.summary", "s"), linksTo(infra+"networkinterface", "${net}")).Eventually()),
		That("create.json.core", DeFacto, "rOCCI", "core attributes are understood among the attributes",
			post("${compute}", jsonMachine(`,"attributes":{"occi.core.title":"${run} json core"}`), Status(201)).Typed("application/json").Making("vm"),
			Get("${vm}", attr("occi.core.title", "${run} json core"))),
		That("create.json.wrapped", DeFacto, "rOCCI 4", "a single resource may be wrapped in its collection",
			post("${compute}", `{"resources":[`+jsonMachine(`,"title":"${run} wrapped"`)+`]}`, Status(201)).Typed("application/occi+json").Making("vm"),
			Get("${vm}", attr("occi.core.title", "${run} wrapped"))),
		That("create.uris", DeFacto, "OCCI 1.2 Text 8", "the answer as text/uri-list is the URL",
			post("${compute}", machineBody+title("${run} uris"), Status(201), Says(`^${compute}[^\s/]+(\r?\n)?$`)).Accepting("text/uri-list")),
		That("create.root", DeFacto, "OGF's test script", "a machine may be created at the root", post("/", machineBody+title("${run} root"), Status(201)).Making("vm"), Get("${vm}", kindIs(infra+"compute"))),
		That("create.listed", Must, "OCCI 1.2 HTTP 11.1", "what was created is in its collections at once", post("${compute}", machineBody+title("${run} listed"), Status(201)).Making("vm"),
			Get("${compute}", lists("${vm}")), Get("${os.location}", lists("${vm}")), Get("/", lists("${vm}"))),
		That("create.inline", Must, "OCCI 1.2 HTTP 11.3.1", "links are created with the machine", post("${compute}", machineBody+title("${run} inline"), Status(201)).Making("vm"),
			Get("${vm}", linksTo(infra+"networkinterface", "${net}")).Eventually()),
		That("create.id", DeFacto, "rOCCI 4; IM", "an id of the client's own is ignored", post("${compute}", machineBody+"\nX-OCCI-Attribute: occi.core.id=\"my-own\"", Status(201), SaysNot("my-own")).Making("vm"),
			Get("${vm}", attr("occi.core.id", "${vm.id}"))),
		That("create.state", DeFacto, "IM", "a state that the client wishes is ignored", post("${compute}", machineBody+"\nX-OCCI-Attribute: occi.compute.state=\"suspended\"", Status(201)).Making("vm"),
			Get("${vm}", attr("occi.compute.state", "active")).Eventually()),
		That("create.size", Should, "OCCI 1.2 Infrastructure 3.1", "cores and memory choose a size that has as much", post("${compute}", kindCompute+"\nCategory: ${os}\n"+nic+"\nX-OCCI-Attribute: occi.compute.cores=1\nX-OCCI-Attribute: occi.compute.memory=0.1", Status(201)).Making("vm"),
			Get("${vm}", attrLike("occi.compute.cores", `^[1-9]`), attrLike("occi.compute.memory", `^[0-9]+\.`))),
		That("create.template-wins", Must, "OCCI 1.2 Infrastructure 3.5.2", "a resource template wins over sizes given with it", post("${compute}", machineBody+"\nX-OCCI-Attribute: occi.compute.cores=16", Status(201)).Making("vm"),
			Get("${vm}", has("${flavor.id}"), SaysNot(`cores=16`))),
		That("create.unused", Must, "OCCI 1.1 and 1.2 Infrastructure 3.1", "share and speed are accepted", post("${compute}", machineBody+"\nX-OCCI-Attribute: occi.compute.share=1\nX-OCCI-Attribute: occi.compute.speed=2.4", Status(201))),
		That("create.twins", DeFacto, "OCCI 1.2 Core 4.2", "titles need not be unique", post("${compute}", machineBody+title("${run} twin"), Status(201)).Making("one"),
			post("${compute}", machineBody+title("${run} twin"), Status(201)).Making("two"),
			Get("${compute}", count(2), lists("${one}"), lists("${two}")).With(`X-OCCI-Attribute: occi.core.title="${run} twin"`)),
		That("create.context", Should, "OCCI 1.2 Infrastructure 3.6, 3.7", "key and user data are taken, and not shown", post("${compute}", machineBody+sshKey+userData, Status(201)).Making("vm"),
			Get("${vm}", Status(200), SaysNot("ssh-ed25519"), SaysNot("I2Nsb3Vk"))).Needing("http://schemas.ogf.org/occi/infrastructure/credentials#ssh_key"),
		That("create.context.ooi", DeFacto, "rOCCI 4; ooi's clients", "OpenStack's names of them do as well", post("${compute}", machineBody+ooiData, Status(201))).Needing("http://schemas.openstack.org/compute/instance#user_data"),
		That("create.bulk", Should, "OCCI 1.2 HTTP 11.3.1", "several are created by one request, and 201 names all",
			post("/", `{"resources":[`+jsonMachine(`,"title":"${run} bulk"`)+`,`+jsonMachine(`,"title":"${run} bulk"`)+`]}`, Status(201)).Typed("application/occi+json").Accepting("application/occi+json"),
			Get("${compute}", count(2)).Accepting("text/uri-list").With(`X-OCCI-Attribute: occi.core.title="${run} bulk"`)),
		That("create.bulk.atomic", Must, "OCCI 1.1 HTTP, batch operations", "of several, all or none are created",
			post("/", `{"resources":[`+jsonMachine(`,"title":"${run} atomic"`)+`,{"kind":"http://schemas.ogf.org/occi/infrastructure#compute","mixins":["http://example.org/nix#nix"]}]}`, Status(404, 400)).Typed("application/occi+json"),
			Get("${compute}", count(0)).Accepting("text/uri-list").With(`X-OCCI-Attribute: occi.core.title="${run} atomic"`)),
		That("create.put", Must, "OCCI 1.2 HTTP 10.2.1; OCCI 1.1 HTTP", "PUT creates at the client's place, or is refused with 400", put("${compute}${run}-mine", machineBody, Status(200, 201, 400))),
		That("create.place.other", Must, "OCCI 1.1 HTTP, kind and path", "a kind is created at its own location only", post("${network}", machineBody, Status(400))),
		That("create.zone", DeFacto, "OCCI-OS; ooi", "an availability zone can be chosen",
			Get("/-/", zoned).Finding("zone", `Category: ([^;]*; ?scheme="[^"]*availability_zone#"; ?class="mixin")`),
			post("${compute}", machineBody+"\nCategory: ${zone}", Status(201)).Making("vm"), Get("${vm}", Status(200), Says(`availability_zone`)).Eventually()),
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
}

// zoned skips a case of availability zones on a cloud without.
var zoned = Check{Expect: "availability zones, if there are any", Holds: func(x *Exchange) error {
	if err := Says(`availability_zone#`).Holds(x); err != nil {
		return NotOfferedError{What: "availability zones"}
	}
	return nil
}}

func updateCases() []Case {
	return []Case{
		That("update.partial", Must, "OCCI 1.2 HTTP 10.3.1", "POST changes what it names, leaves the rest, and answers with the whole", then(newMachine("partial"),
			post("${vm}", `X-OCCI-Attribute: occi.core.summary="changed"`, Status(200), kindIs(infra+"compute"), attr("occi.core.summary", "changed"), attr("occi.core.title", "${run} partial"), has("${os.id}")),
			post("${vm}", title("${run} renamed")[1:], Status(200), attr("occi.core.title", "${run} renamed"), attr("occi.core.summary", "changed")),
			Get("${vm}", attr("occi.core.title", "${run} renamed"), attr("occi.core.summary", "changed"), linksTo(infra+"networkinterface", "${net}")))...),
		That("update.full", Must, "OCCI 1.2 HTTP 10.2.2", "PUT keeps what the machine cannot be without, its links, and removes what is not named", then(newMachine("full"),
			post("${vm}", `X-OCCI-Attribute: occi.core.summary="goes"`, Status(200)),
			put("${vm}", kindCompute+"\nCategory: ${os}\nCategory: ${flavor}"+title("${run} full too"), Status(200), kindIs(infra+"compute"), attr("occi.core.title", "${run} full too")),
			Get("${vm}", attr("occi.core.title", "${run} full too"), noAttr("occi.core.summary"), linksTo(infra+"networkinterface", "${net}"), has("${flavor.id}")))...),
		That("update.full.echo", DeFacto, "OCCI 1.2 HTTP 10.2.2", "what GET gave in JSON can be PUT back", then(newMachine("echo"),
			Get("${vm}", Status(200)).Accepting("application/occi+json").Keeping("entity"),
			put("${vm}", "${entity}", Status(200), attr("occi.core.title", "${run} echo")).Typed("application/occi+json").Accepting("application/occi+json"))...),
		That("update.header", Must, "OCCI 1.2 Text 7", "an update in text/occi is answered in text/occi", Step{Do: "POST ${machine}", Type: "text/occi", Accept: "text/occi", Want: append([]Check{Media("text/occi")}, isSame...)}.With(same)),
		That("update.json", Must, "OCCI 1.2 JSON 3", "an update in JSON is answered in JSON", post("${machine}", `{"summary":"made by ${run}"}`, isSame...).Typed("application/occi+json").Accepting("application/occi+json")),
		That("update.kind.same", Must, "OCCI 1.2 Core 4.2", "the kind may be repeated", post("${machine}", kindCompute+"\n"+same, isSame...)),
		That("update.kind", Must, "OCCI 1.2 Core 4.2", "the kind cannot be changed", post("${machine}", kindNetwork+"\n"+same, Status(400)), put("${machine}", kindNetwork+title("x"), Status(400)), Get("${machine}", isSame...)),
		That("update.id", Must, "OCCI 1.1 HTTP, return codes", "the id cannot be changed", post("${machine}", `X-OCCI-Attribute: occi.core.id="other"`, Status(403, 400))),
		That("update.id.json", Must, "OCCI 1.2 JSON 3.1", "a body is not for another entity", post("${machine}", `{"id":"`+nothing+`","summary":"x"}`, Status(400, 403)).Typed("application/occi+json"), Get("${machine}", isSame...)),
		That("update.state", Must, "OCCI 1.1 HTTP, return codes", "the state is not changed by an update", post("${machine}", `X-OCCI-Attribute: occi.compute.state="inactive"`, Status(403, 400)), Get("${machine}", attr("occi.compute.state", "active"))),
		That("update.state.same", DeFacto, "clients that send back what they got", "the state as it is may be repeated", post("${machine}", same+"\nX-OCCI-Attribute: occi.compute.state=\"active\"", isSame...)),
		That("update.empty", Must, "OCCI 1.1 HTTP, update", "an update of nothing is refused", post("${machine}", "", Status(400))),
		That("update.attribute", Must, "OCCI 1.1 HTTP, return codes", "an attribute that the kind does not have is refused, and nothing is changed", post("${machine}", "X-OCCI-Attribute: occi.core.summary=\"no\"\nX-OCCI-Attribute: occi.compute.wheels=4", Status(400, 404)), Get("${machine}", isSame...)),
		That("update.mixin", Must, "OCCI 1.1 HTTP, return codes", "an unknown mixin is 404, and nothing is changed", post("${machine}", "Category: nix; scheme=\"http://example.org/x#\"; class=\"mixin\"\nX-OCCI-Attribute: occi.core.summary=\"no\"", Status(404)), Get("${machine}", isSame...)),
		That("update.unknown", Must, "OCCI 1.2 HTTP 5.4", "what is not there is not changed", post("${compute}"+nothing, same, Status(404)), put("${compute}"+nothing, machineBody, Status(400, 404))),
		That("update.put.link", Must, "OCCI 1.1 HTTP, update", "a full update has no links", put("${machine}", machineBody+title("${run} shared"), Status(400))),
		That("update.link.link", Must, "OCCI 1.1 HTTP, update", "a link has no links", Get("${machine}").Finding("nic", `self="([^"]*)"`), post("${nic}", nic, Status(400))),
		That("update.link.ends", Must, "OCCI 1.2 Core 4.6", "the ends of a link cannot be changed", Get("${machine}").Finding("nic", `self="([^"]*)"`), post("${nic}", `X-OCCI-Attribute: occi.core.target="${machine}"`, Status(403, 400))),
		That("update.several", DeFacto, "safety", "a request about two entities does not change the one in the URL", post("${machine}", `{"resources":[{"summary":"no"},{"summary":"nor this"}]}`, Status(400)).Typed("application/occi+json"), Get("${machine}", isSame...)),
		That("update.links.unknown", DeFacto, "OCCI's JSON draft of 2012", "a link that is named by its location is there", post("${machine}", `{"summary":"no","links":["${networkinterface}`+nothing+`"]}`, Status(400, 404)).Typed("application/occi+json"), Get("${machine}", isSame...)),
		That("update.links.changed", DeFacto, "safety", "a link that is repeated in an update is not changed in passing, nor is that forgotten", Get("${machine}").Finding("nic", `self="[^"]*/([^"/]+)"; ?category="http://schemas\.ogf\.org/occi/infrastructure#networkinterface`),
			post("${machine}", `{"summary":"no","links":[{"id":"${nic}","kind":"http://schemas.ogf.org/occi/infrastructure#networkinterface","target":{"location":"${network}`+nothing+`"}}]}`, Status(400, 403, 404, 409)).Typed("application/occi+json"), Get("${machine}", isSame...)),
		That("update.network.address", Must, "OCCI 1.1 HTTP, return codes", "a network's addresses stay as they are", post("${net}", `X-OCCI-Attribute: occi.network.address="192.0.2.0/24"`, Status(403, 400, 409, 501))),
		That("update.context", DeFacto, "OCCI 1.2 Core 4.4", "keys and user data are for creation only", post("${machine}", userData[1:], Status(409, 400, 403)), Get("${machine}", isSame...)),
		That("update.resize", Must, "OCCI 1.2 Infrastructure 3.5.2", "another resource template resizes the machine and takes the first one's place", then(newMachine("resize"),
			post("${vm}", "Category: ${flavor2}", Status(200, 201)),
			Get("${vm}", has("${flavor2.id}"), lacks("${flavor.id}"), attr("occi.compute.state", "active"), offers("stop")).Eventually())...),
		That("update.size", Should, "OCCI 1.2 Infrastructure 3.1", "more memory resizes the machine", then(newMachine("memory"),
			post("${vm}", "X-OCCI-Attribute: occi.compute.memory=2.0", Status(200, 201)),
			Get("${vm}", attrLike("occi.compute.memory", `^([2-9]|[1-9][0-9]+)\.`), offers("stop")).Eventually())...),
		That("update.image", Should, "OCCI 1.2 Infrastructure 3.5.1", "the same image again rebuilds the machine, or is refused", then(newMachine("rebuild"),
			post("${vm}", "Category: ${os}", Status(200, 201, 403, 409, 501)), Get("${vm}", has("${os.id}"), attr("occi.compute.state", "active"), offers("stop")).Eventually())...),
		That("update.tenant", Must, "OCCI 1.2 HTTP 12", "another tenant's machine is not changed", post("${machine}", `X-OCCI-Attribute: occi.core.summary="mine"`, Status(404)).By(Other), Get("${machine}", isSame...)),
	}
}

func deleteCases() []Case {
	return []Case{
		That("delete.entity", Must, "OCCI 1.2 HTTP 10.4", "what is deleted is gone, with its links, from every collection", then(newMachine("delete"),
			Get("${vm}").Finding("nic", `self="([^"]*)"`),
			Del("${vm}", Status(200, 204)),
			Get("${vm}", Status(404)), Get("${compute}", listsNot("${vm}")), Get("/", listsNot("${vm}")), Get("${os.location}", listsNot("${vm}")),
			Del("${vm}", Status(404)), Get("${nic}", Status(404)).Eventually())...),
		That("delete.status", DeFacto, "curl recipes that want 200; Fogbow; rOCCI", "a deletion is answered 200 and OK", post("${compute}", machineBody, Status(201)).Making("vm"), Del("${vm}", Status(200), Body("OK"), Media("text/plain"))),
		That("delete.json", DeFacto, "OCCI 1.2 JSON 3", "a deletion in JSON is answered with JSON", post("${compute}", machineBody, Status(201)).Making("vm"), Del("${vm}", Status(200), Media("application/occi+json"), Says(`^\{\s*\}$`)).Accepting("application/occi+json")),
		That("delete.header", Must, "OCCI 1.2 Text 7", "a deletion in text/occi is answered OK", post("${compute}", machineBody, Status(201)).Making("vm"), Del("${vm}", Status(200), Media("text/occi"), Body("OK")).Accepting("text/occi")),
		That("delete.unknown", Must, "OCCI 1.2 HTTP 5.4", "what is not there cannot be deleted", Del("${compute}"+nothing, Status(404)), Del("${network}"+nothing, Status(404)), Del("${storage}"+nothing, Status(404))),
		That("delete.tenant", Must, "OCCI 1.2 HTTP 12", "another tenant's machine is not deleted", Del("${machine}", Status(404)).By(Other), Get("${machine}", isSame...)),
		That("delete.subset", Should, "OCCI 1.1 HTTP, verbs", "of a collection, those that are named are deleted", then(newMachine("subset"),
			Step{Do: "DELETE ${compute}", Type: "text/plain", Body: "X-OCCI-Location: ${vm}", Want: []Check{Status(200, 204)}}, Get("${vm}", Status(404)), Get("${machine}", Status(200)))...).Alone(),
		That("delete.subset.unknown", DeFacto, "OCCI 1.1 HTTP, batch operations", "if one of them is not there, none is deleted", then(newMachine("all or none"),
			Step{Do: "DELETE ${compute}", Type: "text/plain", Body: "X-OCCI-Location: ${vm}\nX-OCCI-Location: ${compute}" + nothing, Want: []Check{Status(404)}}, Get("${vm}", Status(200)))...).Alone(),
		That("delete.filter", DeFacto, "safety", "a deletion with a filter is refused, never of all", Step{Do: "DELETE ${compute}", Want: []Check{Status(400)}}.With("Category: ${flavor2}"),
			Step{Do: "DELETE ${compute}", Want: []Check{Status(400)}}.With(`X-OCCI-Attribute: occi.core.title="nothing like it"`), Get("${machine}", Status(200))).Alone(),
		That("delete.query-string", DeFacto, "safety", "a deletion with a filter in the query is refused, never of all", Del("${compute}?category=x", Status(400, 404)), Del("${compute}?page=1&number=1", Status(400)), Get("${machine}", Status(200))).Alone(),
		That("delete.root", DeFacto, "safety", "the root cannot be deleted", Del("/", Status(403, 405)), Get("${machine}", Status(200))).Alone(),
		That("delete.template", DeFacto, "safety", "deleting a template's collection deletes no machine", Del("${os.location}", Status(403)), Get("${machine}", Status(200), has("${os.id}"))).Alone(),
		That("delete.unbound", DeFacto, "safety", "a path above collections cannot be deleted", Get("/-/").Finding("above", `location="([^"]*/)os_tpl/"`), Del("${above}", Status(403, 404, 405)), Get("${machine}", Status(200))).Alone(),
		That("delete.collection", Must, "OCCI 1.2 HTTP 11.4.1", "deleting a kind's collection deletes all of it", then(newMachine("all one"),
			post("${compute}", machineBody, Status(201)).Making("two"),
			Del("${compute}", Status(200, 204)), Get("${compute}", Status(200), count(0)).Accepting("text/uri-list"), Get("${vm}", Status(404)), Get("${two}", Status(404)), Get("${net}", Status(200)))...).Alone(),
	}
}
