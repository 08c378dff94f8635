package cimi

import (
	"maps"
	"slices"

	. "github.com/occimi/occimi/conformance/suite"
)

// The Cloud Entry Point, and the collections that it leads to.

func entryPointCases(d dialect) []Case {
	return []Case{
		That("cep.type", Must, "DSP0263 5.12, 4.1.4", "the Cloud Entry Point says what it is",
			d.get("${cep}", Status(200), Media(d.media()), d.typed("CloudEntryPoint"))),
		That("cep.id", Must, "DSP0263 5.7.1", "its id is its own URI",
			d.get("${cep}", Status(200), like("id", absolute.String())).Keeping("cep.body"), d.get("${cep}", at("id", "${cep}"))),
		That("cep.base", Must, "DSP0263 5.5.10, 5.12", "its baseURI is absolute and ends with a slash",
			d.get("${cep}", Status(200), like("baseURI", `^https?://[^/?#]+/([^?#]*/)?$`))),
		That("cep.name", DeFacto, "Deltacloud's tests", "it has a name", d.get("${cep}", like("name", `\S`))),
		That("cep.open", DeFacto, "Deltacloud's tests", "it is answered without credentials",
			d.get("${cep}", Status(200), d.typed("CloudEntryPoint")).By(Nobody)),
		That("cep.head", Must, "DSP0263 4.1; RFC 9110 9.3.2", "HEAD is answered as GET is", d.head("${cep}", Status(200), Media(d.media()))),
		That("cep.machines", Must, "DSP0263 7.1", "it leads to machines, their images and configurations",
			d.get("${cep}", has("machines.href"), has("machineImages.href"), has("machineConfigs.href"))),
		That("cep.links", Must, "DSP0263 5.12", "everything that it leads to can be read, in both formats",
			d.get("${cep}", Status(200)).Following(func(x *Exchange) ([]Step, error) {
				doc, err := read(x)
				if err != nil {
					return nil, err
				}
				var steps []Step
				for _, name := range slices.Sorted(maps.Keys(doc.members)) {
					if href := doc.members[name].members["href"].text; href != "" {
						steps = append(steps, d.get(resolve(x.Session(), href), Status(200), Media(d.media()), has("id")))
					}
				}
				return steps, nil
			})),
	}
}
