package occi_test

import (
	"slices"
	"strings"
)

// Who may, what must not hurt, and what clients in use send, byte for byte.

var unauthorized = []Check{status(401), header("Server", `OCCI/1\.`), header("Content-Type", `^text/plain`)}

var authCases = []Case{
	that("auth.none", Must, "OCCI 1.2 HTTP 12; RFC 9110 15.5.2", "without credentials there is nothing", get("/-/", unauthorized...).by(nobody), get("${compute}", unauthorized...).by(nobody), get("${machine}", unauthorized...).by(nobody), get("/", status(401)).by(nobody).accept("text/plain")),
	that("auth.challenge", DeFacto, "rOCCI 4; jOCCI; IM", "the challenge is Keystone uri='...' and nothing else", get("/-/", status(401), header("WWW-Authenticate", `^Keystone uri='https?://[^']+'$`)).by(nobody)),
	that("auth.head", DeFacto, "jOCCI; IM", "HEAD is challenged too", head("/-/", status(401), header("WWW-Authenticate", `^Keystone uri='`)).by(nobody)),
	that("auth.unknown-path", Should, "OCCI 1.2 HTTP 12", "what is there is not told without credentials", get("/nowhere/${run}/", status(401)).by(nobody)),
	that("auth.password", Must, "OCCI 1.2 HTTP 12", "a wrong password is refused", get("/-/", unauthorized...).by(nobody).with("Authorization: Basic ZGVtbzp3cm9uZw==")),
	that("auth.user", Must, "OCCI 1.2 HTTP 12", "an unknown user is refused", get("/-/", unauthorized...).by(nobody).with("Authorization: Basic bm9ib2R5OnNlY3JldA==")),
	that("auth.malformed", Must, "RFC 7617", "malformed credentials are refused", get("/-/", status(401, 400)).by(nobody).with("Authorization: Basic %%%"), get("/-/", status(401, 400)).by(nobody).with("Authorization: Basic"), get("/-/", status(401, 400)).by(nobody).with("Authorization: Nothing x")),
	that("auth.token.bad", Must, "OCCI 1.2 HTTP 12", "a token that is none is refused", get("/-/", unauthorized...).by(nobody).with("X-Auth-Token: "+nothing), get("/-/", unauthorized...).by(nobody).with("Auth-Token: $AUTH")),
	that("auth.token", DeFacto, "rOCCI 4", "a token of Keystone is understood", get("/-/", status(200), has(infra+"compute")).by(nobody).with("X-Auth-Token: ${token}"), get("${machine}", status(200)).by(nobody).with("X-Auth-Token: ${token}")),
	that("auth.token.old", DeFacto, "snf-occi's users", "Auth-Token is a name of X-Auth-Token", get("/-/", status(200)).by(nobody).with("Auth-Token: ${token}")),
	that("auth.token.unscoped", DeFacto, "rOCCI 4", "a token of no project stands for the only one", get("${machine}", status(200)).by(nobody).with("X-Auth-Token: ${token.unscoped}")),
	that("auth.project", DeFacto, "OCCI-OS", "the project can be chosen by id", get("${machine}", status(200)).by(nobody).with("X-Auth-Token: ${token.unscoped}", "X-Auth-Project-Id: ${token.project}")),
	that("auth.project.name", DeFacto, "OCCI-OS; snf-occi", "the project can be chosen by name", get("${machine}", status(200)).by(nobody).with("X-Auth-Token: ${token.unscoped}", "X-Project-Id: ${token.project_name}")),
	that("auth.project.other", Must, "OCCI 1.2 HTTP 12", "a project that is not one's own is refused", get("${compute}", status(401, 403, 404)).by(nobody).with("X-Auth-Token: ${token.unscoped}", "X-Auth-Project-Id: "+nothing)),
	that("auth.write", Must, "OCCI 1.2 HTTP 12", "without credentials nothing is done", post("${compute}", machineBody+title("${run} thief"), status(401)).by(nobody), post("${machine}?action=stop", stopAction, status(401)).by(nobody), del("${machine}", status(401)).by(nobody), post("/-/", mixinBody("thief", "/${run}/thief/"), status(401)).by(nobody),
		get("${machine}", attr("occi.compute.state", "active")), get("${compute}", count(0)).with(`X-OCCI-Attribute: occi.core.title="${run} thief"`)),
	that("auth.json", DeFacto, "OCCI 1.2 HTTP 5.4", "a client of JSON is challenged in the same way", get("/-/", status(401), header("WWW-Authenticate", `^Keystone uri='`)).by(nobody).accept("application/occi+json")),
	that("auth.tenants", Must, "OCCI 1.2 HTTP 12", "tenants see their own alone", get("${compute}", lists("${machine}")), get("${compute}", listsNot("${machine}")).by(other), get("${networkinterface}", saysNot("${machine.id}")).by(other), get("${machine}", status(404)).by(other).accept("text/occi")),
}

// survived is that the machine is as it was after something hostile.
func survived(id, what string, step Step) Case {
	return that("hostile."+id, Must, "OCCI 1.2 HTTP 5.4, 12", what, step, get("${machine}", untouched...))
}

// evil is what would be a header field of its own if it got into one.
const evil = `a\r\nX-Evil: yes\r\n\r\n`

var hostileCases = []Case{
	survived("path.parent", "a path that climbs is not followed", get("${compute}../../etc/passwd", status(400, 404))),
	survived("path.encoded", "a path that climbs in disguise is not followed", get("${compute}..%2f..%2fservers", status(400, 404))),
	survived("path.double", "a path that climbs in two disguises is not followed", get("${compute}%252e%252e%252fservers", status(400, 404))),
	survived("path.null", "a zero in a path is no end", get("${compute}${machine.id}%00", status(400, 404))),
	survived("path.line", "a line break in a path breaks nothing", get("${compute}x%0d%0aX-Evil:%20yes", status(400, 404))),
	survived("path.question", "a question mark in disguise is no query", get("${compute}${machine.id}%3faction=stop", status(400, 404))),
	survived("path.long", "a long path is not found", get("${compute}"+strings.Repeat("a", 5000), status(400, 404))),
	survived("path.slashes", "many slashes are one", get("${compute}"+strings.Repeat("/", 500), status(200, 404, 400))),
	survived("path.bytes", "bytes that are no letters are not found", get("${compute}%ff%fe", status(400, 404))),
	survived("path.quote", "quotes in a path are letters", get("${compute}'%20OR%20'1'='1", status(400, 404))),
	survived("path.sub", "what is behind is not reached by a name", get("${compute}${machine.id}/os-volume_attachments", status(400, 404))),
	survived("delete.sub", "what is below an entity is not deleted", del("${compute}${machine.id}%2fmetadata", status(400, 404))),
	survived("query.long", "a long query is no failure", get("${compute}?x="+strings.Repeat("a", 20000), status(200, 400))),
	survived("query.encoding", "a malformed query is refused, or ignored", get("${compute}?page=%zz&number=1", status(200, 400))),
	that("hostile.title.header", Must, "RFC 9110 5.5", "a title is no header field", post("${compute}", jsonMachine(`,"title":"`+evil+`"`), status(201, 400), orRefused).typed("application/occi+json").made("vm"),
		get("${vm}", status(200), noHeader("X-Evil", `.`)).accept("text/occi"), get("${vm}", status(200), saysNot(`(?m)^X-Evil`)), get("${compute}", status(200)).accept("text/occi"), get("/", status(200)).accept("text/occi")),
	that("hostile.title.zero", Must, "RFC 8259", "a zero in a title is refused, or survived", post("${compute}", jsonMachine(`,"title":"a\u0000b"`), status(201, 400)).typed("application/occi+json")),
	that("hostile.title.markup", DeFacto, "browsers", "markup in a title is text in a page", post("${compute}", jsonMachine(`,"title":"<script>alert(1)</script>"`), status(201)).typed("application/occi+json").made("vm"),
		get("${vm}", offeredHTML, status(200), saysNot(`<script>alert`)).accept("text/html"), get("${compute}", status(200), saysNot(`<script>alert`)).accept("text/html")),
	that("hostile.title.long", Must, "OCCI 1.2 HTTP 5.4", "a title that is too long is refused", post("${compute}", machineBody+title(strings.Repeat("x", 10000)), status(400))),
	survived("body.utf8", "what is not UTF-8 is refused", post("${machine}", "X-OCCI-Attribute: occi.core.summary=\"\xff\xfe\"", status(400))),
	that("hostile.body.zero", Must, "OCCI 1.2 Text 4", "a zero in a text is refused, or survived", post("${compute}", machineBody+title("${run} a\x00b"), status(201, 400))),
	survived("body.deep", "a deep body is refused", post("${machine}", `{"attributes":`+strings.Repeat(`{"a":`, 5000)+"1"+strings.Repeat("}", 5001), status(400)).typed("application/occi+json")),
	survived("body.arrays", "deep arrays are refused", post("${machine}", strings.Repeat("[", 100000), status(400, 413)).typed("application/occi+json")),
	survived("body.many", "a thousand categories are refused, or are one", post("${machine}", strings.Repeat("Category: nix; scheme=\"http://example.org/x#\"; class=\"mixin\"\n", 1000), status(404, 400))),
	survived("body.large", "a body that is too large is 413", post("${machine}", strings.Repeat("X-OCCI-Attribute: occi.core.summary=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n", 100000), status(413))),
	survived("body.quote", "an attribute that never ends is refused", post("${machine}", `X-OCCI-Attribute: occi.core.summary="`+strings.Repeat(`\"`, 50000), status(400))),
	survived("body.semicolons", "a category of nothing but semicolons is refused", post("${machine}", "Category: "+strings.Repeat(";", 50000), status(400))),
	survived("body.number", "a number that is too large is refused", post("${machine}", "X-OCCI-Attribute: occi.compute.cores="+strings.Repeat("9", 400), status(400, 409))),
	survived("body.exponent", "a number that is too large is refused in JSON", post("${machine}", `{"attributes":{"occi.compute.memory":1e400}}`, status(400, 409)).typed("application/occi+json")),
	survived("body.nan", "what is no number is refused", post("${machine}", "X-OCCI-Attribute: occi.compute.memory=NaN", status(400))),
	survived("header.many", "many filters are no failure", get("${compute}", status(200)).with(slices.Repeat([]string{kindCompute}, 200)...)),
	survived("header.quote", "a filter that never ends is refused", get("${compute}", status(400)).with(`Category: compute; scheme="`+strings.Repeat("a", 10000))),
	survived("header.bytes", "a filter of bytes that are no letters is no failure", get("${compute}", status(200, 400)).with("X-OCCI-Attribute: occi.core.title=\"\xff\xfe\"")),
	survived("header.host", "a Host that is none is no failure", get("${compute}", status(200, 400)).with(`Host: "><script>`)),
	survived("header.forwarded", "who is not trusted does not say what the endpoint is called", get("${compute}", status(200), saysNot(`evil\.example\.org`)).with("X-Forwarded-Host: evil.example.org", "Forwarded: host=evil.example.org")),
	survived("header.override", "a method is not overridden by a field", get("${machine}", status(200)).with("X-HTTP-Method-Override: DELETE")),
	survived("mixin.markup", "a location of a mixin is a path", post("/-/", `Category: evil; scheme="http://example.org/${run}#"; class="mixin"; location="/../../${run}/evil/"`, status(400, 409))),
	that("hostile.link.userinfo", Must, "OCCI 1.2 HTTP 12", "a URL of elsewhere that looks like the endpoint's is not the endpoint's", post("${networkinterface}", nicBody("http://other.example.org@evil.example.org${compute.path}${machine.id}", "${net}"), status(400, 404))),
	that("hostile.filter.injection", Must, "OCCI 1.1 HTTP, filtering", "a filter is no query of what is behind", get("${compute}", status(200), count(0)).with(`X-OCCI-Attribute: occi.core.title="x&all_tenants=1"`)),
	that("hostile.tag.injection", Must, "OCCI 1.2 HTTP 12", "all_tenants is not passed on", get("${compute}?all_tenants=1", status(200, 400), saysNot("${machine.id}")).by(other)),
}

// What rOCCI 4's command line sends with every request.
var rocci = []string{"Accept: text/plain,text/occi", "User-Agent: rOCCI-core/4.3.6 rOCCI-api/4.3.14 OCCI/1.1 ruby-x86_64-linux-gnu/3.1.2p20"}

func (s Step) asROCCI() Step {
	if s.Type != "" {
		s.Type = "text/plain,text/occi"
	}
	return s.with(rocci...)
}

// imHeaders are IM's.
var imHeaders = []string{"Accept: text/plain", "Connection: close", "User-Agent: IM/1.5 OCCI/1.1"}

var clientCases = []Case{
	that("clients.rocci4", DeFacto, "rOCCI 4 command line", "the life of a machine",
		get("/-/", status(401), header("WWW-Authenticate", `^Keystone uri='(.+)'$`)).by(nobody).asROCCI(),
		get("/-/", status(200), media("text/plain")).asROCCI(),
		post("${compute}", `Category: compute;scheme="http://schemas.ogf.org/occi/infrastructure#";class="kind"
Category: ${os.term};scheme="${os.scheme}";class="mixin";title="x";rel="http://schemas.ogf.org/occi/infrastructure#os_tpl";location="/mixin/os_tpl/x/"
Category: ${flavor.term};scheme="${flavor.scheme}";class="mixin"
X-OCCI-Attribute: occi.core.id="c4c2a6bb-b56d-45a8-a4aa-5ed27bc9fce3"
X-OCCI-Attribute: occi.core.title="${run} rocci"
X-OCCI-Attribute: occi.compute.hostname="${run} rocci"
Link: <${network.path}${net.id}>;rel="http://schemas.ogf.org/occi/infrastructure#network";self="/networkinterface/a1b2";category="http://schemas.ogf.org/occi/infrastructure#networkinterface";occi.core.id="a1b2";occi.core.title="nic";occi.core.target="${network.path}${net.id}";occi.core.source="/compute/c4c2a6bb-b56d-45a8-a4aa-5ed27bc9fce3"`,
			status(201), says(`^X-OCCI-Location: \S+$`)).asROCCI().made("vm"),
		get("${compute}", status(200), lists("${vm}")).with(rocci[1]).accept("text/uri-list"),
		get("${vm}", attr("occi.compute.state", "active"), attr("occi.core.title", "${run} rocci"), linksTo(infra+"networkinterface", "${net}"), offers("stop")).asROCCI().until(),
		post("${vm}?action=stop", `Category: stop;scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#";class="action";title="Stop";attributes="method"`, status(200)).asROCCI(),
		get("${vm}", attr("occi.compute.state", "inactive"), offers("start")).asROCCI().until(),
		del("${vm}", status(200)).asROCCI(), get("${vm}", status(404)).asROCCI()),
	that("clients.rocci4.root", DeFacto, "rOCCI 4 library", "the endpoint itself says which renderings there are, and JSON is none of them for that client", get("/", status(200), header("Accept", `text/plain`), noHeader("Accept", `json`)).with(rocci[1]).accept("text/plain,text/occi;q=0.2")),
	that("clients.rocci4.link", DeFacto, "rOCCI 4 command line", "a volume is linked by a POST to the link's location", slices.Concat(newVolume("rocci"), newMachine("rocci link"), []Step{
		post("${storagelink}", `Category: storagelink;scheme="http://schemas.ogf.org/occi/infrastructure#";class="kind";location="/storagelink/";title="storagelink link"
X-OCCI-Attribute: occi.core.id="5b5c7e8f-0c93-4f05-9f5a-4a7d1b0c7c11"
X-OCCI-Attribute: occi.core.target="${storage.path}${vol.id}"
X-OCCI-Attribute: occi.core.source="${compute.path}${vm.id}"`, status(201)).asROCCI().made("disk"), get("${disk}", attr("occi.storagelink.state", "active")).asROCCI().until()}, detached())...),
	that("clients.rocci5", DeFacto, "rOCCI 5", "JSON by its older name, in the newer fields", get("/-/", status(200), media("application/json")).accept("application/json").with("User-Agent: rOCCI-core/5.0 OCCI/1.2"), get("${compute}", status(200), lists("${machine}")).accept("application/json"),
		get("${machine}", status(200), member("${machine.id}", "attributes", "occi.core.id")).accept("application/json")),
	that("clients.rocci5.names", DeFacto, "rOCCI 5", "X-OCCI-Category in a request", Step{Do: "POST ${machine}", Type: "text/occi", Want: isSame}.with(strings.Replace(kindCompute, "Category", "X-OCCI-Category", 1), same)),
	that("clients.jocci", DeFacto, "jOCCI", "HEAD, the model in text, a creation in text, the location", head("/-/", status(200), header("Content-Type", `.`)), get("/-/", says(`^Category: [^\n]*class="kind"`)).accept("text/plain"),
		post("${compute}", machineBody+title("${run} jocci"), status(201, 200), header("Content-Type", `^text/plain`), header("Location", `^https?://`)).accept("text/plain").made("vm"), del("${vm}", status(200, 204), header("Content-Type", `.`)).accept("text/plain")),
	that("clients.jocci.header", DeFacto, "jOCCI", "a creation in text/occi has Location", Step{Do: "POST ${compute}", Type: "text/occi", Accept: "text/occi", Made: "vm", Want: []Check{status(201, 200), header("Location", `^https?://`)}}.with(kindCompute, "Category: ${os}", "Category: ${flavor}", nic)),
	that("clients.im", DeFacto, "IM", "a machine with a key, as IM makes it", head("/-/", status(200)).with(imHeaders...), post("${compute}", `Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"
Category: ${os.term}; scheme="${os.scheme}"; class="mixin"
Category: ${flavor.term}; scheme="${flavor.scheme}"; class="mixin"
Category: user_data; scheme="http://schemas.openstack.org/compute/instance#"; class="mixin"
X-OCCI-Attribute: org.openstack.compute.user_data="I2Nsb3VkLWNvbmZpZwpob3N0bmFtZTogeAo="
X-OCCI-Attribute: occi.core.id="im-1234"
X-OCCI-Attribute: occi.core.title="${run} im"
X-OCCI-Attribute: occi.compute.hostname="im-vm"
Link: <${network.path}${net.id}>; rel="http://schemas.ogf.org/occi/infrastructure#network"; category="http://schemas.ogf.org/occi/infrastructure#networkinterface"
`, status(201), says(`^X-OCCI-Location: \S+$`)).typed("text/plain,text/occi").with(imHeaders...).made("vm"),
		get("${vm}", attr("occi.compute.state", "active"), says(`(?m)^X-OCCI-Attribute: occi\.compute\.state="active"$`), says(`(?m)^X-OCCI-Attribute: occi\.compute\.memory=[0-9.]+$`), says(`occi\.networkinterface\.address="`)).with(imHeaders...).until(),
		del("${vm}", status(200)).with(imHeaders...)),
	that("clients.im.volume", DeFacto, "IM", "a volume as IM makes it", post("${storage}", `Category: storage; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"
X-OCCI-Attribute: occi.core.title="${run} imv"
X-OCCI-Attribute: occi.storage.size=1
`, status(201), says(`^X-OCCI-Location: ${storage}[^\s/]+$`)).typed("text/plain,text/occi").with(imHeaders...).made("vol"), get("${vol}", says(`(?m)^X-OCCI-Attribute: occi\.storage\.state="online"$`)).with(imHeaders...).until()),
	that("clients.im.float", DeFacto, "IM", "a floating address as IM asks for it", slices.Concat([]Step{get("/-/").find("pool", `Category: ([^;]*; ?scheme="http://schemas\.openstack\.org/network/floatingippool#"; ?class="mixin")`)}, newMachine("im float"), []Step{
		post("${networkinterface}", kindNIC+"\nCategory: ${pool}\nX-OCCI-Attribute: occi.core.id=\"imlink\"\nX-OCCI-Attribute: occi.core.target=\"${network.path}PUBLIC\"\nX-OCCI-Attribute: occi.core.source=\"${compute.path}${vm.id}\"", status(201)).typed("text/plain,text/occi").with(imHeaders...).made("float"),
		get("${float}", attrLike("occi.networkinterface.address", `[0-9]`)).until(), get("${vm}", says(`${float.id}`)).until(), del("${float}", status(200)), get("${float}", status(404)).until()})...),
	that("clients.snf", DeFacto, "snf-occi's users", "image and size in the scheme of the infrastructure, without class, by name, in fields, with Content-Type text/plain", Step{Do: "POST ${compute.bare}", Type: "text/plain", Made: "vm", Want: []Check{status(201)}}.with(
		"Category: compute; scheme=http://schemas.ogf.org/occi/infrastructure#;  class=\"kind\";", "Category: ${flavor.name}; scheme=http://schemas.ogf.org/occi/infrastructure#; ", "Category: ${os.name}; scheme=http://schemas.ogf.org/occi/infrastructure#;", "X-OCCI-Attribute: occi.core.title = ${run}snf", nic),
		get("${vm}", has("${os.id}"), has("${flavor.id}"), attr("occi.core.title", "${run}snf"))),
	that("clients.snf.schemes", DeFacto, "snf-occi's documentation", "the older schemes of templates", post("${compute}", kindCompute+"\nCategory: ${os.term}; scheme=\"http://schemas.ogf.org/occi/os_tpl#\"\nCategory: ${flavor.term}; scheme=\"http://schemas.ogf.org/occi/resource_tpl#\"\n"+nic, status(201)).made("vm"), get("${vm}", has("${os.id}"), has("${flavor.id}"))),
	that("clients.occi-os.bare", DeFacto, "OCCI-OS's recipes", "GET of collections without slash, in fields", get("${compute.bare}", status(200)).accept("text/occi").typed("text/occi"), get("${network.bare}", status(200)).accept("text/occi").typed("text/occi")),
	that("clients.fogbow", DeFacto, "Fogbow", "user data without quotes, with equals signs at the end", post("${compute}", machineBody+"\nCategory: user_data; scheme=\"http://schemas.openstack.org/compute/instance#\"; class=\"mixin\"\nX-OCCI-Attribute: org.openstack.compute.user_data=IyEvYmluL3NoCg==", status(201)).made("vm"), del("${vm}", status(200))),
	that("clients.ooi.target", DeFacto, "ooi's clients", "the target in an attribute wins over what is between the brackets", post("${compute}", kindCompute+"\nCategory: ${os}\nCategory: ${flavor}\n"+`Link: </bar>; rel="http://schemas.ogf.org/occi/infrastructure#network"; category="http://schemas.ogf.org/occi/infrastructure#networkinterface"; occi.core.target="${net}"`, status(201)).made("vm"), get("${vm}", linksTo(infra+"networkinterface", "${net}")).until()),
	that("clients.egi", DeFacto, "EGI's probes; cloud-info-provider", "templates and their titles are read from the query interface", get("/-/", says(`(?m)^Category: [^;]+; ?scheme="[^"]+"; ?class="mixin"; ?title="[^"]+"; ?rel="http://schemas\.ogf\.org/occi/infrastructure#os_tpl"`), says(`rel="http://schemas\.ogf\.org/occi/infrastructure#resource_tpl"`)).accept("text/plain")),
	that("clients.villazon", DeFacto, "curl recipes", "HEAD of the root, JSON's core attributes, a deletion that is 200", head("/", status(200)), get("${machine}", member("${machine.id}", "attributes", "occi.core.id")).accept("application/json"), post("${compute}", machineBody, status(201)).made("vm"), del("${vm}", status(200))),
	that("clients.pocci", DeFacto, "OGF's test script", "a machine at the root, in comma lists, with filters on a title with blanks", Step{Do: "POST /", Type: "text/occi", Made: "vm", Want: []Check{status(200, 201), header("Location", `^https?://`)}}.with(
		`Category: compute;scheme="http://schemas.ogf.org/occi/infrastructure#", ${os}, ${flavor}`, `X-OCCI-Attribute: occi.core.title="${run} My Dummy VM", occi.compute.hostname="dummy"`, nic),
		get("${compute}", count(1), lists("${vm}")).with(`X-OCCI-Attribute: occi.core.title="${run} My Dummy VM"`).typed("text/occi").accept("text/occi"), del("${vm}", status(200))),
}
