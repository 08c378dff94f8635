package occi_test

import "fmt"

// The words that the tables of cases are written in.

// that begins a case.
func that(id string, level Level, clause, what string, steps ...Step) Case {
	return Case{ID: id, Level: level, Clause: clause, What: what, Steps: steps}
}

func (c Case) needs(ids ...string) Case { c.Needs = ids; return c }

func (c Case) wipes() Case { c.Wipes = true; return c }

func (c Case) leaves() Case { c.Leaves = true; return c }

func (c Case) finally(steps ...Step) Case { c.Finally = steps; return c }

// get reads; head, put, post and del do what they say, with a body in text/plain.
func get(target string, want ...Check) Step { return Step{Do: "GET " + target, Want: want} }

func head(target string, want ...Check) Step { return Step{Do: "HEAD " + target, Want: want} }

func put(target, body string, want ...Check) Step {
	return Step{Do: "PUT " + target, Type: "text/plain", Body: body, Want: want}
}

func post(target, body string, want ...Check) Step {
	return Step{Do: "POST " + target, Type: "text/plain", Body: body, Want: want}
}

func del(target string, want ...Check) Step { return Step{Do: "DELETE " + target, Want: want} }

// with adds header lines; accept, typed, by, until, made, find and holding set the step's fields.
func (s Step) with(lines ...string) Step {
	s.Header = append(append([]string{}, s.Header...), lines...)
	return s
}

func (s Step) accept(media string) Step { s.Accept = media; return s }

func (s Step) typed(media string) Step { s.Type = media; return s }

func (s Step) by(who person) Step { s.As = who; return s }

func (s Step) until() Step { s.Until = true; return s }

func (s Step) made(name string) Step { s.Made = name; return s }

func (s Step) keep(name string) Step { s.Keep = name; return s }

func (s Step) find(name, expression string) Step {
	s.Find = map[string]string{name: expression}
	return s
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
		post("${compute}", machineBody+title("${run} "+name), status(201)).made("vm"),
		get("${vm}", attr("occi.compute.state", "active"), offers("stop")).until(),
	}
}

// newVolume makes a volume for the case alone, and waits until it can be used.
func newVolume(name string) []Step {
	return []Step{
		post("${storage}", volumeBody("${run} "+name), status(201)).made("vol"),
		get("${vol}", attr("occi.storage.state", "online")).until(),
	}
}

// then joins steps.
func then(first []Step, more ...Step) []Step { return append(first, more...) }
