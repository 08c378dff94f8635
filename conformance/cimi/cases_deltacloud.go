package cimi

import (
	"encoding/base64"

	. "github.com/occimi/occimi/conformance/suite"
)

// exchangeCases are more of what the tests of the Deltacloud client send: those
// of user data and of initial states, in XML whatever is asked for in the answer.
func exchangeCases(d dialect) []Case {
	// makes sends a machine, and waits until it runs.
	makes := func(as, name, first, last string) []Step {
		return []Step{
			{Do: "POST ${machines.add}", Accept: d.media(), Type: "application/xml", Made: as, Want: []Check{Status(201), Header("Location", `^https?://`), has("id")},
				Body: `<MachineCreate><name>` + name + `</name><description>Machine created for CIMI tests</description><machineTemplate>` + first +
					`<machineConfig href="${config}"/><machineImage href="${image}"/>${wire.xml}` + last + `</machineTemplate></MachineCreate>`},
			d.get("${"+as+"}", Status(200), at("state", "STARTED")).Eventually(),
		}
	}
	that := func(id, title string, steps ...Step) Case {
		return That("deltacloud."+id, DeFacto, "Deltacloud's tests", title, steps...).Needing(parts...)
	}
	data := base64.StdEncoding.EncodeToString([]byte("#cloud-config\nhostname: x\n"))
	return d.in(1,
		that("userdata", "a machine gets user data, at the end of a template without a namespace", makes("vm", "${run} user data "+d.format, "", "<userData>"+data+"</userData>")...),
		that("same-name", "two machines may have the same name", append(makes("vm", "cimi_machine_0${run}"+d.format, "", ""),
			append(makes("vm2", "cimi_machine_0${run}"+d.format, "", ""), d.get("${machines}?$filter=name='cimi_machine_0${run}"+d.format+"'", Status(200), counts(2), lists("${vm}"), lists("${vm2}")))...)...),
		that("initial", "the initial state comes before all else in the template, and a colon is in the name", makes("vm", "cimi_machine_initial:${run} "+d.format, "<initialState>STARTED</initialState>", "")...),
	)
}
