// Package suite runs black-box cases against an endpoint of an HTTP protocol
// and tells what came of them. It knows no protocol: a Suite brings its cases,
// says how to find one's way at an endpoint, and what of an answer has to be
// taken away again.
//
// Cases are tables. They are written with the words of this package and those
// of the protocol's own, so that a table reads as documentation of what a
// server has to do:
//
//	That("entities.unknown", Must, "OCCI 1.2 HTTP 5.4", "what is not there is 404",
//		Get("${compute}nowhere", Status(404)))
package suite

import (
	"fmt"
	"strings"
)

// Level is how binding a case is.
type Level string

const (
	Must    Level = "MUST"     // a standard says so
	Should  Level = "SHOULD"   // a standard recommends it
	DeFacto Level = "de-facto" // the standards leave it open; a client in use depends on it, or safety does
)

// Levels are all levels, the most binding first.
var Levels = []Level{Must, Should, DeFacto}

// Case is a promise of a server, and what to send to see it kept. A promise may
// have several cases, such as one for each resource that it holds for.
//
// Texts of steps and checks may hold ${name}: something that was found at the
// endpoint, that was prepared for all cases, or that an earlier step of the
// case named. What the server does not offer has no value, and a case that
// needs it is skipped.
type Case struct {
	ID        string // area.topic; never changes, and is unique in its suite
	Promise   string // what it is a case of, if there are several: of each resource, in each format; its ID if empty
	Level     Level
	Clause    string   // where it is written, or who depends on it
	Title     string   // true if the case passes
	Needs     []string // names without which there is nothing to see
	Exclusive bool     // takes away or changes what others may be using: only where the endpoint is the suite's own, and alone
	Leaves    bool     // makes what the protocol cannot take away again
	Turn      string   // what it changes of what was prepared: cases with the same run one after another
	Steps     []Step
	// Finally is sent at the end in any case. What was created is deleted without being named here.
	Finally []Step
}

// Area is the part of the case's id before the first dot.
func (c Case) Area() string { return areaOf(c.ID) }

func areaOf(id string) string { area, _, _ := strings.Cut(id, "."); return area }

// Step is a request, and what its answer must be.
type Step struct {
	Do     string // method and path or URL; a path is below the endpoint
	As     Person
	Accept string
	Type   string   // Content-Type; none if empty
	Header []string // "Name: value", spelled as here
	Body   string
	Want   []Check
	Until  bool   // repeated until all of Want holds, for at most Options.Patience
	Over   []int  // status codes on which it is repeated, if Until; any if empty
	Racing []Step // sent at the same time, each once
	Shared bool   // it is enough to look at the answer that another case got to the same request
	Made   string // name for the URL in the answer's Location, and with .id for its last segment
	Keep   string // name for the answer's body
	Find   []Find
	// Read names what a protocol's own reader finds in the answer.
	Read func(x *Exchange) (map[string]string, error)
	// Below, if it is set, begins what Read names: ${below.name}, and ${below} for the
	// name "". What was named so before, and is not found again, is forgotten.
	Below string
	// Then gives further steps that follow from the answer, such as one for each of its links.
	Then func(x *Exchange) ([]Step, error)
}

// Find names what the first group of a regular expression finds in an answer.
// A path is made a URL of the endpoint.
type Find struct {
	Name       string
	In         string // header field; the body if empty
	Expression string // ${names} stand for themselves
}

// Person is who sends a request.
type Person int

const (
	User   Person = iota
	Other         // of another tenant
	Nobody        // without credentials
)

func (p Person) String() string {
	return [...]string{"the user", "another tenant", "nobody"}[p]
}

// Check is one expectation of an answer.
type Check struct {
	// Expect is what is wanted, for people: "status 200 or 204". The ${names} in it
	// are prepared before the request is sent.
	Expect string
	// Holds gives an error that says what was there instead, or NotOfferedError.
	Holds func(x *Exchange) error
}

// NotOfferedError is the error that says what the server lacks that a case is
// about; the case is skipped.
type NotOfferedError struct{ What string }

func (e NotOfferedError) Error() string { return "not offered: " + e.What }

// That begins a case.
func That(id string, level Level, clause, title string, steps ...Step) Case {
	return Case{ID: id, Level: level, Clause: clause, Title: title, Steps: steps}
}

// Of says which promise it is a case of, if not the only one of its own.
func (c Case) Of(promise string) Case { c.Promise = promise; return c }

// Needing skips the case unless all the names have a value.
func (c Case) Needing(names ...string) Case { c.Needs = names; return c }

// Alone keeps the case to endpoints of the suite's own, and runs it while no other does.
func (c Case) Alone() Case { c.Exclusive = true; return c }

// InTurn keeps the case from running at the same time as others that change the same.
func (c Case) InTurn(what string) Case { c.Turn = what; return c }

// Leaving does not delete what the case makes.
func (c Case) Leaving() Case { c.Leaves = true; return c }

// Ending sends the steps after the others, whatever came of them.
func (c Case) Ending(steps ...Step) Case { c.Finally = steps; return c }

// Get reads.
func Get(target string, want ...Check) Step { return Step{Do: "GET " + target, Want: want} }

// Head asks for the header alone.
func Head(target string, want ...Check) Step { return Step{Do: "HEAD " + target, Want: want} }

// Del deletes.
func Del(target string, want ...Check) Step { return Step{Do: "DELETE " + target, Want: want} }

// With adds header lines ("Name: value").
func (s Step) With(lines ...string) Step {
	s.Header = append(append([]string{}, s.Header...), lines...)
	return s
}

// Accepting sets Accept.
func (s Step) Accepting(media string) Step { s.Accept = media; return s }

// Typed sets Content-Type.
func (s Step) Typed(media string) Step { s.Type = media; return s }

// By says who sends it.
func (s Step) By(who Person) Step { s.As = who; return s }

// Eventually repeats it until all of Want holds.
func (s Step) Eventually() Step { s.Until = true; return s }

// While sends it at the same time as others.
func (s Step) While(others ...Step) Step { s.Racing = others; return s }

// Past repeats it as long as it is answered with one of these status codes.
func (s Step) Past(codes ...int) Step { s.Until, s.Over = true, codes; return s }

// Once sends it once in a run: cases that ask for the same look at one answer.
// It is for reading what no case changes.
func (s Step) Once() Step { s.Shared = true; return s }

// Making names the URL in the answer's Location.
func (s Step) Making(name string) Step { s.Made = name; return s }

// Keeping names the answer's body.
func (s Step) Keeping(name string) Step { s.Keep = name; return s }

// Finding names what the first group of the expression finds in the answer's body.
func (s Step) Finding(name, expression string) Step {
	s.Find = append(append([]Find{}, s.Find...), Find{Name: name, Expression: expression})
	return s
}

// FindingIn names what the first group of the expression finds in a header field of the answer.
func (s Step) FindingIn(field, name, expression string) Step {
	s.Find = append(append([]Find{}, s.Find...), Find{Name: name, In: field, Expression: expression})
	return s
}

// Reading names what a protocol's own reader finds in the answer.
func (s Step) Reading(find func(x *Exchange) (map[string]string, error)) Step {
	s.Read = find
	return s
}

// ReadingBelow names what a protocol's own reader finds in the answer, all below a
// name, and forgets what was named there before.
func (s Step) ReadingBelow(name string, find func(x *Exchange) (map[string]string, error)) Step {
	s.Below, s.Read = name, find
	return s
}

// Following sends what follows from the answer, too.
func (s Step) Following(next func(x *Exchange) ([]Step, error)) Step { s.Then = next; return s }

// String says in a line what is sent, and who sends it.
func (s Step) String() string {
	var b strings.Builder
	b.WriteString(s.Do)
	if s.As != User {
		fmt.Fprintf(&b, ", by %s", s.As)
	}
	if s.Accept != "" {
		fmt.Fprintf(&b, ", Accept: %s", s.Accept)
	}
	if s.Type != "" && s.Body != "" {
		fmt.Fprintf(&b, ", with a body in %s", s.Type)
	}
	if s.Until {
		b.WriteString(", until")
	}
	return b.String()
}
