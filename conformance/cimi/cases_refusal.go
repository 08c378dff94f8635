package cimi

import (
	"fmt"

	. "github.com/occimi/occimi/conformance/suite"
)

// What is refused, and to whom.

// countItems wants so many items, whatever count says.
func countItems(x *Exchange, n int) error {
	doc, err := read(x)
	if err == nil && len(doc.entries()) != n {
		return fmt.Errorf("there are %d items, wanted %d", len(doc.entries()), n)
	}
	return err
}

func errorCases(d dialect) []Case {
	return []Case{
		That("errors.unknown", Must, "DSP0263 4.2.2", "what is not there is 404, with a Job", d.get("${machines}/none-${run}", d.refused(404)...)),
		That("errors.method", Must, "RFC 9110 15.5.6", "what cannot be done is 405", Step{Do: "DELETE ${machineConfigs}", Accept: d.media(), Want: append(d.refused(405), Header("Allow", "GET"))}),
		That("errors.body", Must, "DSP0263 4.2.2", "a malformed body is refused", d.post("${machines.add}", "<{", d.refused(400)...)),
	}
}

func authCases(d dialect) []Case {
	return []Case{
		That("auth.none", Must, "RFC 9110 15.5.2", "what is a tenant's needs credentials", d.get("${machines}", append(d.refused(401), Header("WWW-Authenticate", `.`))...).By(Nobody)),
		That("auth.password", Must, "RFC 9110 15.5.2", "a wrong password is refused", d.get("${machines}", d.refused(401)...).By(Nobody).With("Authorization: Basic bm9ib2R5Ondyb25n")),
		That("auth.tenants", Must, "DSP0263 4.1", "another tenant's machine is not there",
			d.get("${machines}", Status(200), listsNot("${machine}")).By(Other), d.get("${machine}", d.refused(404)...).By(Other), d.del("${machine}", d.refused(404)...).By(Other), d.get("${machine}", Status(200))),
	}
}
