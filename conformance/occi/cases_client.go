package occi

import (
	"slices"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// Who may, what must not hurt, and what clients in use send, byte for byte.

var unauthorized = []Check{Status(401), Header("Server", `OCCI/1\.`), Header("Content-Type", `^text/plain`)}

func authCases() []Case {
	return []Case{
		That("auth.none", Must, "OCCI 1.2 HTTP 12; RFC 9110 15.5.2", "without credentials there is nothing", Get("/-/", unauthorized...).By(Nobody), Get("${compute}", unauthorized...).By(Nobody), Get("${machine}", unauthorized...).By(Nobody), Get("/", Status(401)).By(Nobody).Accepting("text/plain")),
		That("auth.challenge", DeFacto, "rOCCI 4; jOCCI; IM", "the challenge is Keystone uri='...' and nothing else", Get("/-/", Status(401), Header("WWW-Authenticate", `^Keystone uri='https?://[^']+'$`)).By(Nobody)),
		That("auth.head", DeFacto, "jOCCI; IM", "HEAD is challenged too", Head("/-/", Status(401), Header("WWW-Authenticate", `^Keystone uri='`)).By(Nobody)),
		That("auth.unknown-path", Should, "OCCI 1.2 HTTP 12", "what is there is not told without credentials", Get("/nowhere/${run}/", Status(401)).By(Nobody)),
		That("auth.password", Must, "OCCI 1.2 HTTP 12", "a wrong password is refused", Get("/-/", unauthorized...).By(Nobody).With("Authorization: Basic ZGVtbzp3cm9uZw==")),
		That("auth.user", Must, "OCCI 1.2 HTTP 12", "an unknown user is refused", Get("/-/", unauthorized...).By(Nobody).With("Authorization: Basic bm9ib2R5OnNlY3JldA==")),
		That("auth.malformed", Must, "RFC 7617", "malformed credentials are refused", Get("/-/", Status(401, 400)).By(Nobody).With("Authorization: Basic %%%"), Get("/-/", Status(401, 400)).By(Nobody).With("Authorization: Basic"), Get("/-/", Status(401, 400)).By(Nobody).With("Authorization: Nothing x")),
		That("auth.token.bad", Must, "OCCI 1.2 HTTP 12", "a token that is none is refused", Get("/-/", unauthorized...).By(Nobody).With("X-Auth-Token: "+nothing), Get("/-/", unauthorized...).By(Nobody).With("Auth-Token: $AUTH")),
		That("auth.token", DeFacto, "rOCCI 4", "a token of Keystone is understood", Get("/-/", Status(200), has(infra+"compute")).By(Nobody).With("X-Auth-Token: ${token}"), Get("${machine}", Status(200)).By(Nobody).With("X-Auth-Token: ${token}")),
		That("auth.token.old", DeFacto, "snf-occi's users", "Auth-Token is a name of X-Auth-Token", Get("/-/", Status(200)).By(Nobody).With("Auth-Token: ${token}")),
		That("auth.token.unscoped", DeFacto, "rOCCI 4", "a token of no project stands for the only one", Get("${machine}", Status(200)).By(Nobody).With("X-Auth-Token: ${token.unscoped}")),
		That("auth.project", DeFacto, "OCCI-OS", "the project can be chosen by id", Get("${machine}", Status(200)).By(Nobody).With("X-Auth-Token: ${token.unscoped}", "X-Auth-Project-Id: ${token.project}")),
		That("auth.project.name", DeFacto, "OCCI-OS; snf-occi", "the project can be chosen by name", Get("${machine}", Status(200)).By(Nobody).With("X-Auth-Token: ${token.unscoped}", "X-Project-Id: ${token.project_name}")),
		That("auth.project.other", Must, "OCCI 1.2 HTTP 12", "a project that is not one's own is refused", Get("${compute}", Status(401, 403, 404)).By(Nobody).With("X-Auth-Token: ${token.unscoped}", "X-Auth-Project-Id: "+nothing)),
		That("auth.write", Must, "OCCI 1.2 HTTP 12", "without credentials nothing is done", post("${compute}", machineBody+title("${run} thief"), Status(401)).By(Nobody), post("${machine}?action=stop", stopAction, Status(401)).By(Nobody), Del("${machine}", Status(401)).By(Nobody), post("/-/", mixinBody("thief", "/${run}/thief/"), Status(401)).By(Nobody),
			Get("${machine}", attr("occi.compute.state", "active")), Get("${compute}", count(0)).With(`X-OCCI-Attribute: occi.core.title="${run} thief"`)),
		That("auth.json", DeFacto, "OCCI 1.2 HTTP 5.4", "a client of JSON is challenged in the same way", Get("/-/", Status(401), Header("WWW-Authenticate", `^Keystone uri='`)).By(Nobody).Accepting("application/occi+json")),
		That("auth.tenants", Must, "OCCI 1.2 HTTP 12", "tenants see their own alone", Get("${compute}", lists("${machine}")), Get("${compute}", listsNot("${machine}")).By(Other), Get("${networkinterface}", SaysNot("${machine.id}")).By(Other), Get("${machine}", Status(404)).By(Other).Accepting("text/occi")),
	}
}

// survived is that the machine is as it was after something hostile.
func survived(id, what string, step Step) Case {
	return That("hostile."+id, Must, "OCCI 1.2 HTTP 5.4, 12", what, step, Get("${machine}", untouched...))
}

// evil is what would be a header field of its own if it got into one.
const evil = `a\r\nX-Evil: yes\r\n\r\n`

func hostileCases() []Case {
	return []Case{
		survived("path.parent", "a path that climbs is not followed", Get("${compute}../../etc/passwd", Status(400, 404))),
		survived("path.encoded", "a path that climbs in disguise is not followed", Get("${compute}..%2f..%2fservers", Status(400, 404))),
		survived("path.double", "a path that climbs in two disguises is not followed", Get("${compute}%252e%252e%252fservers", Status(400, 404))),
		survived("path.null", "a zero in a path is no end", Get("${compute}${machine.id}%00", Status(400, 404))),
		survived("path.line", "a line break in a path breaks nothing", Get("${compute}x%0d%0aX-Evil:%20yes", Status(400, 404))),
		survived("path.question", "a question mark in disguise is no query", Get("${compute}${machine.id}%3faction=stop", Status(400, 404))),
		survived("path.long", "a long path is not found", Get("${compute}"+strings.Repeat("a", 5000), Status(400, 404))),
		survived("path.slashes", "many slashes are one", Get("${compute}"+strings.Repeat("/", 500), Status(200, 404, 400))),
		survived("path.bytes", "bytes that are no letters are not found", Get("${compute}%ff%fe", Status(400, 404))),
		survived("path.quote", "quotes in a path are letters", Get("${compute}'%20OR%20'1'='1", Status(400, 404))),
		survived("path.sub", "what is behind is not reached by a name", Get("${compute}${machine.id}/os-volume_attachments", Status(400, 404))),
		survived("delete.sub", "what is below an entity is not deleted", Del("${compute}${machine.id}%2fmetadata", Status(400, 404))),
		survived("query.long", "a long query is no failure", Get("${compute}?x="+strings.Repeat("a", 20000), Status(200, 400))),
		survived("query.encoding", "a malformed query is refused, or ignored", Get("${compute}?page=%zz&number=1", Status(200, 400))),
		That("hostile.title.header", Must, "RFC 9110 5.5", "a title is no header field", post("${compute}", jsonMachine(`,"title":"`+evil+`"`), Status(201, 400), orRefused).Typed("application/occi+json").Making("vm"),
			Get("${vm}", Status(200), NoHeader("X-Evil", `.`)).Accepting("text/occi"), Get("${vm}", Status(200), SaysNot(`(?m)^X-Evil`)), Get("${compute}", Status(200)).Accepting("text/occi"), Get("/", Status(200)).Accepting("text/occi")),
		That("hostile.title.zero", Must, "RFC 8259", "a zero in a title is refused, or survived", post("${compute}", jsonMachine(`,"title":"a\u0000b"`), Status(201, 400)).Typed("application/occi+json")),
		That("hostile.title.markup", DeFacto, "browsers", "markup in a title is text in a page", post("${compute}", jsonMachine(`,"title":"<script>alert(1)</script>"`), Status(201)).Typed("application/occi+json").Making("vm"),
			Get("${vm}", offeredHTML, Status(200), SaysNot(`<script>alert`)).Accepting("text/html"), Get("${compute}", Status(200), SaysNot(`<script>alert`)).Accepting("text/html")),
		That("hostile.title.long", Must, "OCCI 1.2 HTTP 5.4", "a title that is too long is refused", post("${compute}", machineBody+title(strings.Repeat("x", 10000)), Status(400))),
		survived("body.utf8", "what is not UTF-8 is refused", post("${machine}", "X-OCCI-Attribute: occi.core.summary=\"\xff\xfe\"", Status(400))),
		That("hostile.body.zero", Must, "OCCI 1.2 Text 4", "a zero in a text is refused, or survived", post("${compute}", machineBody+title("${run} a\x00b"), Status(201, 400))),
		survived("body.deep", "a deep body is refused", post("${machine}", `{"attributes":`+strings.Repeat(`{"a":`, 5000)+"1"+strings.Repeat("}", 5001), Status(400)).Typed("application/occi+json")),
		survived("body.arrays", "deep arrays are refused", post("${machine}", strings.Repeat("[", 100000), Status(400, 413)).Typed("application/occi+json")),
		survived("body.many", "a thousand categories are refused, or are one", post("${machine}", strings.Repeat("Category: nix; scheme=\"http://example.org/x#\"; class=\"mixin\"\n", 1000), Status(404, 400))),
		survived("body.large", "a body that is too large is 413", post("${machine}", strings.Repeat("X-OCCI-Attribute: occi.core.summary=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n", 100000), Status(413))),
		survived("body.quote", "an attribute that never ends is refused", post("${machine}", `X-OCCI-Attribute: occi.core.summary="`+strings.Repeat(`\"`, 50000), Status(400))),
		survived("body.semicolons", "a category of nothing but semicolons is refused", post("${machine}", "Category: "+strings.Repeat(";", 50000), Status(400))),
		survived("body.number", "a number that is too large is refused", post("${machine}", "X-OCCI-Attribute: occi.compute.cores="+strings.Repeat("9", 400), Status(400, 409))),
		survived("body.exponent", "a number that is too large is refused in JSON", post("${machine}", `{"attributes":{"occi.compute.memory":1e400}}`, Status(400, 409)).Typed("application/occi+json")),
		survived("body.nan", "what is no number is refused", post("${machine}", "X-OCCI-Attribute: occi.compute.memory=NaN", Status(400))),
		survived("header.many", "many filters are no failure", Get("${compute}", Status(200)).With(slices.Repeat([]string{kindCompute}, 200)...)),
		survived("header.quote", "a filter that never ends is refused", Get("${compute}", Status(400)).With(`Category: compute; scheme="`+strings.Repeat("a", 10000))),
		survived("header.bytes", "a filter of bytes that are no letters is no failure", Get("${compute}", Status(200, 400)).With("X-OCCI-Attribute: occi.core.title=\"\xff\xfe\"")),
		survived("header.host", "a Host that is none is no failure", Get("${compute}", Status(200, 400)).With(`Host: "><script>`)),
		survived("header.forwarded", "who is not trusted does not say what the endpoint is called", Get("${compute}", Status(200), SaysNot(`evil\.example\.org`)).With("X-Forwarded-Host: evil.example.org", "Forwarded: host=evil.example.org")),
		survived("header.override", "a method is not overridden by a field", Get("${machine}", Status(200)).With("X-HTTP-Method-Override: DELETE")),
		survived("mixin.markup", "a location of a mixin is a path", post("/-/", `Category: evil; scheme="http://example.org/${run}#"; class="mixin"; location="/../../${run}/evil/"`, Status(400, 409))),
		That("hostile.link.userinfo", Must, "OCCI 1.2 HTTP 12", "a URL of elsewhere that looks like the endpoint's is not the endpoint's", post("${networkinterface}", nicBody("http://other.example.org@evil.example.org${compute.path}${machine.id}", "${net}"), Status(400, 404))),
		That("hostile.filter.injection", Must, "OCCI 1.1 HTTP, filtering", "a filter is no query of what is behind", Get("${compute}", Status(200), count(0)).With(`X-OCCI-Attribute: occi.core.title="x&all_tenants=1"`)),
		That("hostile.tag.injection", Must, "OCCI 1.2 HTTP 12", "all_tenants is not passed on", Get("${compute}?all_tenants=1", Status(200, 400), SaysNot("${machine.id}")).By(Other)),
	}
}

// What rOCCI 4's command line sends with every request.
var rocci = []string{"Accept: text/plain,text/occi", "User-Agent: rOCCI-core/4.3.6 rOCCI-api/4.3.14 OCCI/1.1 ruby-x86_64-linux-gnu/3.1.2p20"}

// rocciBody is its Content-Type: no valid one, but sent.
const rocciBody = "text/plain,text/occi"

// imHeaders are IM's.
var imHeaders = []string{"Accept: text/plain", "Connection: close", "User-Agent: IM/1.5 OCCI/1.1"}

func clientCases() []Case {
	return []Case{
		That("clients.rocci4", DeFacto, "rOCCI 4 command line", "the life of a machine",
			Get("/-/", Status(401), Header("WWW-Authenticate", `^Keystone uri='(.+)'$`)).By(Nobody).With(rocci...),
			Get("/-/", Status(200), Media("text/plain")).With(rocci...),
			post("${compute}", `Category: compute;scheme="http://schemas.ogf.org/occi/infrastructure#";class="kind"
Category: ${os.term};scheme="${os.scheme}";class="mixin";title="x";rel="http://schemas.ogf.org/occi/infrastructure#os_tpl";location="/mixin/os_tpl/x/"
Category: ${flavor.term};scheme="${flavor.scheme}";class="mixin"
X-OCCI-Attribute: occi.core.id="c4c2a6bb-b56d-45a8-a4aa-5ed27bc9fce3"
X-OCCI-Attribute: occi.core.title="${run} rocci"
X-OCCI-Attribute: occi.compute.hostname="${run} rocci"
Link: <${network.path}${net.id}>;rel="http://schemas.ogf.org/occi/infrastructure#network";self="/networkinterface/a1b2";category="http://schemas.ogf.org/occi/infrastructure#networkinterface";occi.core.id="a1b2";occi.core.title="nic";occi.core.target="${network.path}${net.id}";occi.core.source="/compute/c4c2a6bb-b56d-45a8-a4aa-5ed27bc9fce3"`,
				Status(201), Says(`^X-OCCI-Location: \S+$`)).Typed(rocciBody).With(rocci...).Making("vm"),
			Get("${compute}", Status(200), lists("${vm}")).With(rocci[1]).Accepting("text/uri-list"),
			Get("${vm}", attr("occi.compute.state", "active"), attr("occi.core.title", "${run} rocci"), linksTo(infra+"networkinterface", "${net}"), offers("stop")).With(rocci...).Eventually(),
			post("${vm}?action=stop", `Category: stop;scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#";class="action";title="Stop";attributes="method"`, Status(200)).Typed(rocciBody).With(rocci...),
			Get("${vm}", attr("occi.compute.state", "inactive"), offers("start")).With(rocci...).Eventually(),
			Del("${vm}", Status(200)).With(rocci...), Get("${vm}", Status(404)).With(rocci...)),
		That("clients.rocci4.root", DeFacto, "rOCCI 4 library", "the endpoint itself says which renderings there are, and JSON is none of them for that client", Get("/", Status(200), Header("Accept", `text/plain`), NoHeader("Accept", `json`)).With(rocci[1]).Accepting("text/plain,text/occi;q=0.2")),
		That("clients.rocci4.link", DeFacto, "rOCCI 4 command line", "a volume is linked by a POST to the link's location", slices.Concat(newVolume("rocci"), newMachine("rocci link"), []Step{
			post("${storagelink}", `Category: storagelink;scheme="http://schemas.ogf.org/occi/infrastructure#";class="kind";location="/storagelink/";title="storagelink link"
X-OCCI-Attribute: occi.core.id="5b5c7e8f-0c93-4f05-9f5a-4a7d1b0c7c11"
X-OCCI-Attribute: occi.core.target="${storage.path}${vol.id}"
X-OCCI-Attribute: occi.core.source="${compute.path}${vm.id}"`, Status(201)).Typed(rocciBody).With(rocci...).Making("disk"), Get("${disk}", attr("occi.storagelink.state", "active")).With(rocci...).Eventually()}, detached())...),
		That("clients.rocci5", DeFacto, "rOCCI 5", "JSON by its older name, in the newer fields", Get("/-/", Status(200), Media("application/json")).Accepting("application/json").With("User-Agent: rOCCI-core/5.0 OCCI/1.2"), Get("${compute}", Status(200), lists("${machine}")).Accepting("application/json"),
			Get("${machine}", Status(200), member("${machine.id}", "attributes", "occi.core.id")).Accepting("application/json")),
		That("clients.rocci5.names", DeFacto, "rOCCI 5", "X-OCCI-Category in a request", Step{Do: "POST ${machine}", Type: "text/occi", Want: isSame}.With(strings.Replace(kindCompute, "Category", "X-OCCI-Category", 1), same)),
		That("clients.jocci", DeFacto, "jOCCI", "HEAD, the model in text, a creation in text, the location", Head("/-/", Status(200), Header("Content-Type", `.`)), Get("/-/", Says(`^Category: [^\n]*class="kind"`)).Accepting("text/plain"),
			post("${compute}", machineBody+title("${run} jocci"), Status(201, 200), Header("Content-Type", `^text/plain`), Header("Location", `^https?://`)).Accepting("text/plain").Making("vm"), Del("${vm}", Status(200, 204), Header("Content-Type", `.`)).Accepting("text/plain")),
		That("clients.jocci.header", DeFacto, "jOCCI", "a creation in text/occi has Location", Step{Do: "POST ${compute}", Type: "text/occi", Accept: "text/occi", Made: "vm", Want: []Check{Status(201, 200), Header("Location", `^https?://`)}}.With(kindCompute, "Category: ${os}", "Category: ${flavor}", nic)),
		That("clients.im", DeFacto, "IM", "a machine with a key, as IM makes it", Head("/-/", Status(200)).With(imHeaders...), post("${compute}", `Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"
Category: ${os.term}; scheme="${os.scheme}"; class="mixin"
Category: ${flavor.term}; scheme="${flavor.scheme}"; class="mixin"
Category: user_data; scheme="http://schemas.openstack.org/compute/instance#"; class="mixin"
X-OCCI-Attribute: org.openstack.compute.user_data="I2Nsb3VkLWNvbmZpZwpob3N0bmFtZTogeAo="
X-OCCI-Attribute: occi.core.id="im-1234"
X-OCCI-Attribute: occi.core.title="${run} im"
X-OCCI-Attribute: occi.compute.hostname="im-vm"
Link: <${network.path}${net.id}>; rel="http://schemas.ogf.org/occi/infrastructure#network"; category="http://schemas.ogf.org/occi/infrastructure#networkinterface"
`, Status(201), Says(`^X-OCCI-Location: \S+$`)).Typed("text/plain,text/occi").With(imHeaders...).Making("vm"),
			Get("${vm}", attr("occi.compute.state", "active"), Says(`(?m)^X-OCCI-Attribute: occi\.compute\.state="active"$`), Says(`(?m)^X-OCCI-Attribute: occi\.compute\.memory=[0-9.]+$`), Says(`occi\.networkinterface\.address="`)).With(imHeaders...).Eventually(),
			Del("${vm}", Status(200)).With(imHeaders...)),
		That("clients.im.volume", DeFacto, "IM", "a volume as IM makes it", post("${storage}", `Category: storage; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"
X-OCCI-Attribute: occi.core.title="${run} imv"
X-OCCI-Attribute: occi.storage.size=1
`, Status(201), Says(`^X-OCCI-Location: ${storage}[^\s/]+$`)).Typed("text/plain,text/occi").With(imHeaders...).Making("vol"), Get("${vol}", Says(`(?m)^X-OCCI-Attribute: occi\.storage\.state="online"$`)).With(imHeaders...).Eventually()),
		That("clients.im.float", DeFacto, "IM", "a floating address as IM asks for it", slices.Concat([]Step{Get("/-/").Finding("pool", `Category: ([^;]*; ?scheme="http://schemas\.openstack\.org/network/floatingippool#"; ?class="mixin")`)}, newMachine("im float"), []Step{
			post("${networkinterface}", kindNIC+"\nCategory: ${pool}\nX-OCCI-Attribute: occi.core.id=\"imlink\"\nX-OCCI-Attribute: occi.core.target=\"${network.path}PUBLIC\"\nX-OCCI-Attribute: occi.core.source=\"${compute.path}${vm.id}\"", Status(201)).Typed("text/plain,text/occi").With(imHeaders...).Making("float"),
			Get("${float}", attrLike("occi.networkinterface.address", `[0-9]`)).Eventually(), Get("${vm}", Says(`${float.id}`)).Eventually(), Del("${float}", Status(200)), Get("${float}", Status(404)).Eventually()})...),
		That("clients.snf", DeFacto, "snf-occi's users", "image and size in the scheme of the infrastructure, without class, by name, in fields, with Content-Type text/plain", Step{Do: "POST ${compute.bare}", Type: "text/plain", Made: "vm", Want: []Check{Status(201)}}.With(
			"Category: compute; scheme=http://schemas.ogf.org/occi/infrastructure#;  class=\"kind\";", "Category: ${flavor.name}; scheme=http://schemas.ogf.org/occi/infrastructure#; ", "Category: ${os.name}; scheme=http://schemas.ogf.org/occi/infrastructure#;", "X-OCCI-Attribute: occi.core.title = ${run}snf", nic),
			Get("${vm}", has("${os.id}"), has("${flavor.id}"), attr("occi.core.title", "${run}snf"))),
		That("clients.snf.schemes", DeFacto, "snf-occi's documentation", "the older schemes of templates", post("${compute}", kindCompute+"\nCategory: ${os.term}; scheme=\"http://schemas.ogf.org/occi/os_tpl#\"\nCategory: ${flavor.term}; scheme=\"http://schemas.ogf.org/occi/resource_tpl#\"\n"+nic, Status(201)).Making("vm"), Get("${vm}", has("${os.id}"), has("${flavor.id}"))),
		That("clients.occi-os.bare", DeFacto, "OCCI-OS's recipes", "GET of collections without slash, in fields", Get("${compute.bare}", Status(200)).Accepting("text/occi").Typed("text/occi"), Get("${network.bare}", Status(200)).Accepting("text/occi").Typed("text/occi")),
		That("clients.fogbow", DeFacto, "Fogbow", "user data without quotes, with equals signs at the end", post("${compute}", machineBody+"\nCategory: user_data; scheme=\"http://schemas.openstack.org/compute/instance#\"; class=\"mixin\"\nX-OCCI-Attribute: org.openstack.compute.user_data=IyEvYmluL3NoCg==", Status(201)).Making("vm"), Del("${vm}", Status(200))),
		That("clients.ooi.target", DeFacto, "ooi's clients", "the target in an attribute wins over what is between the brackets", post("${compute}", kindCompute+"\nCategory: ${os}\nCategory: ${flavor}\n"+`Link: </bar>; rel="http://schemas.ogf.org/occi/infrastructure#network"; category="http://schemas.ogf.org/occi/infrastructure#networkinterface"; occi.core.target="${net}"`, Status(201)).Making("vm"), Get("${vm}", linksTo(infra+"networkinterface", "${net}")).Eventually()),
		That("clients.egi", DeFacto, "EGI's probes; cloud-info-provider", "templates and their titles are read from the query interface", Get("/-/", Says(`(?m)^Category: [^;]+; ?scheme="[^"]+"; ?class="mixin"; ?title="[^"]+"; ?rel="http://schemas\.ogf\.org/occi/infrastructure#os_tpl"`), Says(`rel="http://schemas\.ogf\.org/occi/infrastructure#resource_tpl"`)).Accepting("text/plain")),
		That("clients.villazon", DeFacto, "curl recipes", "HEAD of the root, JSON's core attributes, a deletion that is 200", Head("/", Status(200)), Get("${machine}", member("${machine.id}", "attributes", "occi.core.id")).Accepting("application/json"), post("${compute}", machineBody, Status(201)).Making("vm"), Del("${vm}", Status(200))),
		That("clients.pocci", DeFacto, "OGF's test script", "a machine at the root, in comma lists, with filters on a title with blanks", Step{Do: "POST /", Type: "text/occi", Made: "vm", Want: []Check{Status(200, 201), Header("Location", `^https?://`)}}.With(
			`Category: compute;scheme="http://schemas.ogf.org/occi/infrastructure#", ${os}, ${flavor}`, `X-OCCI-Attribute: occi.core.title="${run} My Dummy VM", occi.compute.hostname="dummy"`, nic),
			Get("${compute}", count(1), lists("${vm}")).With(`X-OCCI-Attribute: occi.core.title="${run} My Dummy VM"`).Typed("text/occi").Accepting("text/occi"), Del("${vm}", Status(200))),
	}
}
