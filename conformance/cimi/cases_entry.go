package cimi

import (
	"fmt"
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

// readable makes cases of a collection of the Cloud Entry Point: its type, its
// count, and that its items are resources that can be read.
func (d dialect) readable(collection, item, clause string) []Case {
	id := "collections." + collection
	return []Case{
		That(id+".type", Must, clause+", 5.5.12", "the collection says what it is",
			d.get("${"+collection+"}", Status(200), d.typed(item+"Collection"), has("id"))),
		That(id+".count", Must, "DSP0263 5.5.12", "its count is the number of its items", d.get("${"+collection+"}", Status(200), isNumber("count"), counted)),
		That(id+".items", Must, clause, "its items can be read by their ids, and are what they are said to be",
			d.get("${"+collection+"}", Status(200), every("an absolute id", func(n node) bool { return absolute.MatchString(n.members["id"].text) })).
				Following(func(x *Exchange) ([]Step, error) {
					doc, err := read(x)
					if err != nil {
						return nil, err
					}
					var steps []Step
					for _, n := range doc.entries()[:min(3, len(doc.entries()))] {
						steps = append(steps, d.get(n.members["id"].text, Status(200), d.typed(item), at("id", n.members["id"].text), at("name", n.members["name"].text)))
					}
					return steps, nil
				})),
		That(id+".unknown", Must, "DSP0263 4.2.2", "what is not in it is 404", d.get("${"+collection+"}/none-${run}", d.refused(404)...)),
	}
}

func collectionCases(d dialect) []Case {
	return slices.Concat(
		[]Case{That("collections.machines.shared", Must, "DSP0263 5.14.2", "a machine is in the collection of machines",
			d.get("${machines}", Status(200), lists("${machine}"), counted))},
		d.readable("machines", "Machine", "DSP0263 5.14.2"),
		d.readable("machineConfigs", "MachineConfiguration", "DSP0263 5.14.6"),
		d.readable("machineImages", "MachineImage", "DSP0263 5.14.8"),
		d.readable("credentials", "Credential", "DSP0263 5.14.10"),
		d.readable("volumes", "Volume", "DSP0263 5.15.2"),
		[]Case{That("collections.order", Must, fmt.Sprintf("DSP0263 %s", "4.1.6.2"), "a collection is in the same order each time, if nothing changed",
			d.get("${machineConfigs}", Status(200)).Keeping("first"), d.get("${machineConfigs}", Body("${first}")))},
	)
}
