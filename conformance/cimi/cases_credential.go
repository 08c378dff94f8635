package cimi

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// Credentials (DSP0263 5.14.9): keys and passwords, which nobody gets to see.

// publicKey is a key as byte[] is written (DSP0263 5.5.9).
var publicKey = strings.ToUpper(hex.EncodeToString([]byte("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDDy5MPLfhc7qcMtpP+sgEOardidA41SNwnvX31cnHZk conformance")))

func credentialCases(d dialect) []Case {
	login := func(id string) Step {
		return d.post("${credentials.add}", d.document("CredentialCreate", text("name", "${run}-"+id+"-"+d.format),
			object("credentialTemplate", text("userName", "root"), text("password", "geheim-${run}"))),
			keepsSecrets, Status(201, 202), Header("Location", `.`), SaysNot("geheim-${run}")).Making("c")
	}
	that := func(id string, level Level, clause, title string, steps ...Step) Case {
		return That("credentials."+id, level, clause, title, steps...).Needing("credentials.add")
	}
	refuses := func(id string, clause, title string, template ...member) Case {
		return that("refuse."+id, Must, clause, title,
			d.post("${credentials.add}", d.document("CredentialCreate", text("name", "${run}-refuse-"+id), object("credentialTemplate", template...)), d.refused(400)...),
			d.get("${credentials}?$filter=name='${run}-refuse-"+id+"'", Status(200), counts(0)))
	}
	return []Case{
		that("key", Must, "DSP0263 table 24, 5.5.9", "a public key is shown as it was given", append(d.make("credentials", "c", "${run}-key-"+d.format), d.get("${c}", Status(200), parameter("key", publicKey)))...),
		that("password", Must, "DSP0263 table 23", "a credential is made of a user name and a password, and does not show the password", login("login"),
			d.get("${c}", Status(200), d.typed("Credential"), userName("root"), SaysNot("geheim-${run}"))),
		that("password.list", DeFacto, "safety", "a list does not show passwords, whatever is selected or expanded", login("list"),
			d.get("${credentials}", Status(200), SaysNot("geheim-${run}")), d.get("${credentials}?$expand=*&$select=*", Status(200), SaysNot("geheim-${run}")), d.get("${c}?$select=password,parameters", Status(200), SaysNot("geheim-${run}"))),
		that("password.filter", DeFacto, "safety", "a password cannot be guessed by a filter", login("filter"),
			d.get("${credentials}?$filter=password='geheim-${run}'", Status(200, 400), ifStatus(200, counts(0)))),
		that("password.update", Must, "DSP0263 4.2.1.3.1", "a password can be changed, and is not shown then either", login("update"),
			d.look("c"),
			d.put("${c.edit}?$select=password", d.document("Credential", text("password", "neu-geheim-${run}")), done, SaysNot("geheim-${run}")), d.get("${c}", Status(200), userName("root"), SaysNot("geheim-${run}"))),
		that("password.other", Must, "DSP0263 6", "a login of another tenant is not there", login("other"), d.get("${c}", d.refused(404)...).By(Other), d.get("${credentials}", listsNot("${c}")).By(Other)),
		that("password.job", DeFacto, "safety", "the Job of a credential does not show its password",
			login("job").FindingIn("CIMI-Job-URI", "job", `(.+)`), d.get("${job}", Status(200), SaysNot("geheim-${run}")), d.get("${jobs}?$filter=targetResource='${credentials}'", Status(200), SaysNot("geheim-${run}"))).Needing("credentials.add", "jobs"),
		that("password.machine", Must, "DSP0263 5.14.3", "a machine is made with a login", append([]Step{login("machine")},
			append(d.runs("vm", d.machineOf("${run} login", nil, ref("machineConfig", "${config}"), ref("machineImage", "${image}"), ref("credential", "${c}"))), d.get("${vm}", Status(200), SaysNot("geheim-${run}")))...)...).
			Needing(append(slices.Clone(parts), "credentials.add")...),
		that("password.text", Must, "DSP0263 5.5.8", "a user name and a password may be any text",
			d.post("${credentials.add}", d.document("CredentialCreate", text("name", "${run}-text-"+d.format), object("credentialTemplate", text("userName", "jürgen"), text("password", oddText))), keepsSecrets, Status(201, 202)).Making("c"),
			d.get("${c}", Status(200), userName("jürgen"), SaysNot("Müßiggang"))),
		that("refuse.none", Must, "DSP0263 5.14.9", "a credential of nothing is refused",
			d.post("${credentials.add}", d.document("CredentialCreate", text("name", "${run}-none-"+d.format)), d.refused(400)...), d.get("${credentials}?$filter=name='${run}-none-"+d.format+"'", counts(0))),
		refuses("empty", "DSP0263 5.14.9", "a credential of an empty template is refused"),
		refuses("key", "DSP0263 table 24", "what is no public key is refused", text("key", "4E4F204B4559")),
		refuses("parameter", "DSP0263 5.3", "what no credential has is refused", text("key", publicKey), text("fingerprint", "1")),
		refuses("structure", "DSP0263 5.5", "a key that is no text is refused", object("key", text("a", "b"))),
		that("refuse.name", Must, "DSP0263 4.2.2", "a second credential of the same name is made, or refused as a conflict",
			append(d.make("credentials", "c", "${run}-twice-"+d.format), d.post("${credentials.add}", makingOf("credentials").document(d, "${run}-twice-"+d.format), Status(201, 202, 400, 409)))...),
		that("refuse.path", DeFacto, "safety", "a name that looks like a path is refused, or is nothing but a name",
			d.post("${credentials.add}", makingOf("credentials").document(d, "../machines?x=${run}#y"), Status(201, 202, 400)), d.get("${machines}", Status(200), d.typed("MachineCollection"))),
	}
}

// parameter wants a value of a credential, which version 1 has as an attribute,
// and version 2 among its parameters or as an attribute (DSP0263 5.14.9).
func parameter(name, want string) Check {
	return onDocument(fmt.Sprintf("the parameter %s = %q", name, want), func(_ *Exchange, d document) error {
		for _, path := range []string{name, "parameters." + name} {
			if got, there := d.at(path); there && strings.EqualFold(got.text, want) {
				return nil
			}
		}
		return fmt.Errorf("there is no %s %q: %q", name, want, keys(d.node))
	})
}

func userName(want string) Check { return parameter("userName", want) }

// keepsSecrets says whether the server keeps passwords, which it need not (DSP0263 5.14.9).
var keepsSecrets = Check{Expect: "passwords kept, if the server does that at all", Holds: func(x *Exchange) error {
	if x.Status == http.StatusNotImplemented {
		return NotOfferedError{What: "credentials with passwords"}
	}
	return nil
}}

// ifStatus checks answers with a status code alone.
func ifStatus(code int, c Check) Check {
	return Check{Expect: fmt.Sprintf("with status %d: %s", code, c.Expect), Holds: func(x *Exchange) error {
		if x.Status != code {
			return nil
		}
		return c.Holds(x)
	}}
}
