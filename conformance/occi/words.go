package occi

import (
	"fmt"

	. "github.com/occimi/occimi/conformance/suite"
)

// The words that the tables of cases are written in.

// put and post have a body in text/plain.
func put(target, body string, want ...Check) Step {
	return Step{Do: "PUT " + target, Type: "text/plain", Body: body, Want: want}
}

func post(target, body string, want ...Check) Step {
	return Step{Do: "POST " + target, Type: "text/plain", Body: body, Want: want}
}

// What is often sent.
const (
	kindCompute = `Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`
	kindStorage = `Category: storage; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`
	kindNetwork = `Category: network; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`
	kindNIC     = `Category: networkinterface; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`
	kindDisk    = `Category: storagelink; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`
	mixinIP     = `Category: ipnetwork; scheme="http://schemas.ogf.org/occi/infrastructure/network#"; class="mixin"`

	nic = `Link: <${net}>; rel="http://schemas.ogf.org/occi/infrastructure#network"; category="http://schemas.ogf.org/occi/infrastructure#networkinterface"`

	machineBody = kindCompute + "\nCategory: ${os}\nCategory: ${flavor}\n" + nic

	startAction   = `Category: start; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"`
	stopAction    = `Category: stop; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"`
	restartAction = `Category: restart; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"`
	suspendAction = `Category: suspend; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"`

	nothing = "00000000-0000-4000-8000-000000000000" // no entity has this id

	sayOCCI11 = "User-Agent: rOCCI-core/4.3.6 rOCCI-api/4.3.14 OCCI/1.1 ruby/3.1"
	sayOCCI12 = "User-Agent: conformance OCCI/1.2"
)

func title(text string) string { return "\nX-OCCI-Attribute: occi.core.title=\"" + text + `"` }

func volumeBody(name string) string {
	return kindStorage + "\nX-OCCI-Attribute: occi.storage.size=1" + title(name)
}

func networkBody(name, cidr string) string {
	return kindNetwork + "\n" + mixinIP + title(name) + fmt.Sprintf("\nX-OCCI-Attribute: occi.network.address=%q", cidr)
}

// mixinBody defines a mixin of the user's own.
func mixinBody(term, location string) string {
	return fmt.Sprintf(`Category: %s; scheme="http://example.org/${run}#"; class="mixin"; title="a %s"; location="%s"`, term, term, location)
}

// newMachine makes a machine for the case alone, and waits until it runs.
func newMachine(name string) []Step {
	return []Step{
		post("${compute}", machineBody+title("${run} "+name), Status(201)).Making("vm"),
		Get("${vm}", attr("occi.compute.state", "active"), offers("stop")).Eventually(),
	}
}

// newVolume makes a volume for the case alone, and waits until it can be used.
func newVolume(name string) []Step {
	return []Step{
		post("${storage}", volumeBody("${run} "+name), Status(201)).Making("vol"),
		Get("${vol}", attr("occi.storage.state", "online")).Eventually(),
	}
}

// then joins steps.
func then(first []Step, more ...Step) []Step { return append(first, more...) }
