package occi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/occimi/occimi/conformance/occi"
	"github.com/occimi/occimi/conformance/suite"
	. "github.com/occimi/occimi/conformance/suitetest"
)

const (
	machine    = `^(GET|HEAD) /compute/[^/?]+$`
	collection = `^GET /compute/(\?|$)`
	model      = `^GET /-/`
)

// reversed gives the lines of a body the other way round.
func reversed(a *Answer) {
	lines := strings.Split(a.Body, "\n")
	slices.Reverse(lines)
	a.Body = strings.Join(lines, "\n")
}

// mutations are ways in which servers of OCCI go wrong.
var mutations = []Mutation{
	// Header fields.
	{Name: "Server is left out", Break: Left("Server"), Cases: "query.core", Caught: "every.server"},
	{Name: "Server has no version", Break: Says("Server", "Apache"), Cases: "query.core", Caught: "every.server"},
	{Name: "Content-Type is left out", On: collection, Break: Left("Content-Type"), Cases: "negotiation.default", Caught: "every.type"},
	{Name: "Content-Type is of another rendering", On: collection, Break: Says("Content-Type", "text/html"), Cases: "negotiation.plain", Caught: "negotiation.plain"},
	{Name: "JSON is called text", On: machine, Break: Typed("application/occi+json", Says("Content-Type", "text/plain")), Cases: "entity.json", Caught: "every.grammar"},
	{Name: "text is called JSON", On: machine, Break: Typed("text/plain", Says("Content-Type", "application/occi+json")), Cases: "entity.kind", Caught: "every.grammar"},
	{Name: "Accept is left out", Break: Left("Accept"), Cases: "negotiation.default", Caught: "every.accept"},
	{Name: "Location is left out", Break: Left("Location"), Cases: "create.plain", Caught: "every.created"},
	{Name: "Location is elsewhere", Break: On(201, Says("Location", "http://127.0.0.1:9/compute/1")), Cases: "create.plain create.place", Caught: "create.plain"},
	{Name: "Allow is left out", Break: Left("Allow"), Cases: "url.method.*", Caught: "every.allow"},
	{Name: "the challenge is left out", Break: Left("Www-Authenticate"), Cases: "auth.none", Caught: "every.challenge"},
	{Name: "there are two challenges", Break: On(401, func(a *Answer) { a.Header.Add("WWW-Authenticate", `Basic realm="x"`) }), Cases: "auth.none", Caught: "every.challenge-once"},
	{Name: "the challenge is another", Break: On(401, Says("WWW-Authenticate", `Basic realm="x"`)), Cases: "auth.challenge", Caught: "auth.challenge"},
	{Name: "Link leads to a next page", On: collection, Break: Says("Link", `</compute/?page=2>; rel="next"`), Cases: "negotiation.default", Caught: "every.link-header"},
	{Name: "attributes are no header fields in text/occi", On: machine, Break: Left("X-Occi-Attribute"), Cases: "entity.header", Caught: "entity.header"},
	{Name: "a title becomes a header field", Break: Says("X-Evil", "1"), Cases: "query.core", Caught: "every.evil"},
	{Name: "X-OCCI-Error is left out", Break: Left("X-Occi-Error"), Cases: "negotiation.error.*", Caught: "every.reason-header"},

	// Status codes.
	{Name: "what is created is 200", Break: Code(201, 200), Cases: "create.plain", Caught: "create.plain"},
	{Name: "what is not there is 200", Break: Code(404, 200), Cases: "url.unknown.*", Caught: "url.unknown.entity"},
	{Name: "what is not there is a failure", Break: Code(404, 500), Cases: "url.unknown.*", Caught: "every.fault"},
	{Name: "who is unknown is forbidden", Break: Code(401, 403), Cases: "auth.none", Caught: "auth.none"},
	{Name: "what is not acceptable is 415", Break: Code(406, 415), Cases: "negotiation.none", Caught: "every.code"},
	{Name: "what is malformed is taken", Break: Code(400, 200), Cases: "create.refuse.*", Caught: "create.refuse.type"},
	{Name: "HEAD is not allowed", On: "^HEAD ", Break: func(a *Answer) { a.Status = 405; a.Header.Set("Allow", "GET") }, Cases: "url.head.*", Caught: "url.head.collection"},
	{Name: "a slash is redirected", On: `^GET /compute$`, Break: func(a *Answer) { a.Status = 302; a.Header.Set("Location", "/compute/") }, Cases: "url.slash.*", Caught: "url.slash.collection"},

	// Bodies.
	{Name: "the model is half", On: model, Break: Half, Cases: "query.*", Caught: "entry"},
	{Name: "the connection breaks", On: model, Break: Torn, Cases: "query.*", Caught: "entry"},
	{Name: "an entity is torn", On: machine, Break: Torn, Cases: "entity.kind entity.id", Caught: "entity.id"},
	{Name: "JSON is half", On: machine, Break: Typed("application/occi+json", Half), Cases: "entity.json", Caught: "entity.json"},
	{Name: "JSON is something else", On: machine, Break: Typed("application/occi+json", Whole(`[[[{"kind":{}}, 1e999]]]`)), Cases: "entity.json", Caught: "entity.json"},
	{Name: "JSON is wrapped", On: machine, Break: Typed("application/occi+json", Swap(`(?s)^(.*)$`, `{"resources":[$1]}`)), Cases: "entity.json", Caught: "entity.json"},
	{Name: "JSON has no kind", On: machine, Break: Typed("application/occi+json", Swap(`"kind":"[^"]*",`, ``)), Cases: "entity.json", Caught: "entity.json"},
	{Name: "JSON has numbers in quotes", On: machine, Break: Typed("application/occi+json", Swap(`("occi.compute.cores":)(\d+)`, `$1"$2"`)), Cases: "entity.json.numbers", Caught: "entity.json.numbers"},
	{Name: "the body of text/occi is not OK", Break: Typed("text/occi", On(200, Whole("ok"))), Cases: "negotiation.header", Caught: "every.ok"},
	{Name: "there is a control character", On: model, Break: Swap(`Compute Resource`, "Compute\x01Resource"), Cases: "query.core", Caught: "every.utf8"},
	{Name: "there are bytes that are no letters", On: collection, Break: Swap(`$`, "\xff\xfe"), Cases: "negotiation.default", Caught: "every.utf8"},
	{Name: "there is an empty line at the end", On: machine, Break: Typed("text/plain", Swap(`$`, "\n")), Cases: "entity.kind", Caught: "every.newline"},
	{Name: "lines end with CR and LF", Break: Typed("text/plain", Swap("\n", "\r\n")), Cases: "text.lf", Caught: "text.lf"},
	{Name: "there is a line of HTML", On: machine, Break: Typed("text/plain", Swap(`^`, "<html>\n")), Cases: "entity.kind", Caught: "every.grammar"},
	{Name: "lines are the other way round", On: machine, Break: Typed("text/plain", reversed), Cases: "entity.*", Caught: "entity.order"},
	{Name: "the kind is not first", On: machine, Break: Typed("text/plain", Swap(`(?s)^(Category: compute[^\n]*\n)(Category: [^\n]*\n)`, "$2$1")), Cases: "entity.kind", Caught: "every.kind-first"},
	{Name: "a location has no blank", Break: Typed("text/plain", Swap(`X-OCCI-Location: `, "X-OCCI-Location:")), Cases: "text.prefix", Caught: "text.prefix"},
	{Name: "URIs are not one a line", Break: Typed("text/uri-list", Swap("$", " # all")), Cases: "text.uris.lines", Caught: "text.uris.lines"},

	// What entities say.
	{Name: "the id is left out", On: machine, Break: Swap(`X-OCCI-Attribute: occi.core.id=[^\n]*\n`, ""), Cases: "entity.id", Caught: "entity.id"},
	{Name: "the state is left out", On: machine, Break: Swap(`X-OCCI-Attribute: occi.compute.state=[^\n]*(\n|$)`, ""), Cases: "entity.state", Caught: "entity.state"},
	{Name: "the state is none of the standard's", On: machine, Break: Swap(`(occi.compute.state=)"active"`, `$1"running"`), Cases: "entity.state", Caught: "entity.state"},
	{Name: "numbers are quoted", On: machine, Break: Swap(`(occi.compute.cores=)(\d+)`, `$1"$2"`), Cases: "entity.numbers", Caught: "entity.numbers"},
	{Name: "memory is in MiB", On: machine, Break: Swap(`occi.compute.memory=[\d.]+`, `occi.compute.memory=512`), Cases: "create.size entity.* create.template-wins", Caught: "entity.numbers"},
	{Name: "links are left out", On: machine, Break: Swap(`(?m)^Link: .*network.*\n`, ""), Cases: "entity.links*", Caught: "entity.links"},
	{Name: "actions that are not possible are offered", On: machine, Break: Swap(`\?action=stop`, `?action=start`), Cases: "entity.actions*", Caught: "entity.actions.self"},
	{Name: "what was created is not listed", On: `^GET /compute/(\?|$)`, Break: Whole(""), Cases: "create.listed", Caught: "create.listed"},

	// What the query interface says.
	{Name: "a scheme is another", On: model, Break: Swap(`http://schemas.ogf.org/occi/infrastructure#`, "http://example.org/infrastructure#"), Cases: "query.*", Caught: "query.kinds"},
	{Name: "a kind is left out", On: model, Break: Swap(`(?m)^Category: storage;.*\n`, ""), Cases: "query.*", Caught: "query.storage"},
	{Name: "an attribute is left out", On: model, Break: Swap(` occi.compute.hostname`, ""), Cases: "query.*", Caught: "query.attributes.compute"},
	{Name: "an action is not described", On: model, Break: Swap(`(?m)^Category: stop;.*\n`, ""), Cases: "query.*", Caught: "query.actions.described"},
	{Name: "a category is there twice", On: model, Break: Swap(`(?m)^(Category: compute;.*\n)`, "$1$1"), Cases: "query.*", Caught: "query.unique"},
	{Name: "a scheme has no quotes", On: model, Break: Swap(`scheme="(http://schemas.ogf.org/occi/core#)"`, "scheme=$1"), Cases: "query.*", Caught: "entry"},
	{Name: "a location does not end in a slash", On: model, Break: Swap(`/compute/"`, `/compute"`), Cases: "url.kind.*", Caught: "url.kind.location"},
	{Name: "locations are of another host", On: model, Break: Swap(`location="http://[^/]*/`, `location="http://127.0.0.1:9/`), Cases: "url.kind.*", Caught: "url.kind.host"},
	{Name: "mixins come before kinds", On: model, Break: reversed, Cases: "query.order", Caught: "query.order"},
	{Name: "the answer changes", On: model, Break: EverySecond(Swap(`Compute Resource`, "Computer")), Cases: "query.stable", Caught: "query.stable"},
	{Name: "JSON has other categories than text", On: model, Break: Typed("application/occi+json", Swap(`"term":"compute"`, `"term":"machine"`)), Cases: "query.json*", Caught: "query.json"},

	// What refusals say.
	{Name: "a refusal does not say why", Break: On(404, Whole("")), Cases: "url.unknown.*", Caught: "every.reason"},
	{Name: "a refusal looks like a rendering", Break: On(404, Whole("X-OCCI-Location: http://example.org/compute/1")), Cases: "url.unknown.*", Caught: "every.reason-text"},
	{Name: "a refusal tells what is behind", Break: On(404, Swap("$", " http://nova.internal:8774/v2.1/servers")), Cases: "url.unknown.*", Caught: "every.upstream"},
	{Name: "a refusal tells the password", Break: On(404, Swap("$", ` "password": "secret"`)), Cases: "url.unknown.*", Caught: "every.secret"},

	// What requests ask for.
	{Name: "tenants are not kept apart", Ask: Same, Cases: "entity.tenant auth.tenants", Caught: "auth.tenants"},
	{Name: "credentials are not needed", Ask: Same, Cases: "auth.none auth.write", Caught: "auth.none"},
	{Name: "passwords are not checked", Ask: Same, Cases: "auth.password", Caught: "auth.password"},
	{Name: "Accept is ignored", On: machine, Ask: func(r *http.Request) { r.Header.Set("Accept", "text/plain") }, Cases: "entity.json", Caught: "entity.json"},
	{Name: "versions are ignored", Ask: func(r *http.Request) { r.Header.Set("User-Agent", "") }, Cases: "version.*", Caught: "version.2.0"},
	{Name: "filters are ignored", On: model, Ask: func(r *http.Request) { r.Header.Del("Category"); r.Body = http.NoBody; r.ContentLength = 0 }, Cases: "query.filter.*", Caught: "query.filter.kind"},
	{Name: "pages are ignored", Ask: Unasked(`^(page|number)=`), Cases: "paging.*", Caught: "paging.one"},
	{Name: "a deletion is answered and not done", On: "^DELETE /compute/", Instead: Pretend(200, "text/plain", "OK"), Cases: "delete.entity", Caught: "delete.entity"},
	{Name: "an action is answered and not done", On: `^POST /compute/[^/]+\?action=stop`, Instead: Pretend(200, "text/plain", "OK"), Cases: "actions.stop-start", Caught: "actions.stop-start"},
	{Name: "an update is answered and not done", On: `^(POST|PUT) /compute/[^/?]+$`, Instead: Pretend(200, "text/plain", "OK"), Cases: "update.partial", Caught: "update.partial"},
}

func TestMutations(t *testing.T) {
	t.Parallel()
	Mutations(t, occi.New(), Users(suite.Endpoint{URL: Sandbox(t).OCCI}), mutations)
}

func TestBounded(t *testing.T) {
	Bounded(t, occi.New(), Users(suite.Endpoint{URL: Sandbox(t).OCCI}), `^(POST|PUT|DELETE|HEAD) |^GET /(compute|storage|link|nowhere)`)
}
