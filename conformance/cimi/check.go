package cimi

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	. "github.com/occimi/occimi/conformance/suite"
)

// onDocument is a check of what the answer says, in either format.
func onDocument(expect string, check func(x *Exchange, d document) error) Check {
	return Check{Expect: expect, Holds: func(x *Exchange) error {
		d, err := read(x)
		if err != nil {
			return err
		}
		return check(x, d)
	}}
}

// typed wants a representation of a type (DSP0263 4.1.4): its URI in JSON's
// resourceURI, its name and namespace in XML's root, or on a Collection both.
func (d dialect) typed(name string) Check {
	return onDocument("the type "+d.typeURI(name), func(_ *Exchange, got document) error {
		if got.typeURI != d.typeURI(name) {
			return fmt.Errorf("the type is %q, wanted %q", got.typeURI, d.typeURI(name))
		}
		return nil
	})
}

// at wants a value: as a number if both are.
func at(path, want string) Check {
	return onDocument(fmt.Sprintf("%s = %q", path, want), func(x *Exchange, d document) error {
		want, err := x.Expand(want)
		if err != nil {
			return err
		}
		got, ok := d.at(path)
		if !ok {
			return fmt.Errorf("there is no %s", path)
		}
		a, errA := strconv.ParseFloat(got.text, 64)
		b, errB := strconv.ParseFloat(want, 64)
		if got.text != want && (errA != nil || errB != nil || a != b) {
			return fmt.Errorf("%s is %q, wanted %q", path, got.text, want)
		}
		return nil
	})
}

// like wants a value that matches; ${names} stand for themselves.
func like(path, expression string) Check {
	return onDocument(path+" matches "+expression, func(x *Exchange, d document) error {
		re, err := x.Pattern(expression)
		if err != nil {
			return err
		}
		got, ok := d.at(path)
		if !ok || !re.MatchString(got.text) {
			return fmt.Errorf("%s is %q (there: %v), wanted what matches %s", path, got.text, ok, re)
		}
		return nil
	})
}

// isNumber wants an integer, which in JSON is a number.
func isNumber(path string) Check {
	return onDocument(path+" is an integer", func(_ *Exchange, d document) error {
		got, ok := d.at(path)
		if _, err := strconv.ParseInt(strings.TrimSpace(got.text), 10, 64); !ok || err != nil || got.element == "" && got.kind != "number" {
			return fmt.Errorf("%s is the %s %q (there: %v), wanted an integer", path, got.kind, got.text, ok)
		}
		return nil
	})
}

// has wants a member.
func has(path string) Check {
	return onDocument("a "+path, func(_ *Exchange, d document) error {
		if _, ok := d.at(path); !ok {
			return fmt.Errorf("there is no %s", path)
		}
		return nil
	})
}

// lacks wants a member to be absent.
func lacks(path string) Check {
	return onDocument("no "+path, func(_ *Exchange, d document) error {
		if n, ok := d.at(path); ok {
			return fmt.Errorf("there is a %s: %q", path, n.text)
		}
		return nil
	})
}

// onlyHas wants these members and no others; what only JSON or only XML has counts for neither.
func onlyHas(names ...string) Check {
	return onDocument("nothing but "+strings.Join(names, ", "), func(_ *Exchange, d document) error {
		var got []string
		for _, name := range slices.Sorted(maps.Keys(d.members)) {
			if name != "resourceURI" {
				got = append(got, name)
			}
		}
		want := slices.Sorted(slices.Values(names))
		if !slices.Equal(got, want) {
			return fmt.Errorf("the members are %q, wanted %q", got, want)
		}
		return nil
	})
}

// isTime wants a date and time with its zone (DSP0263 5.5.2), if there is any.
func isTime(path string) Check {
	return onDocument(path+", if it is there, is a time", func(_ *Exchange, d document) error {
		n, ok := d.at(path)
		if !ok {
			return nil
		}
		if _, err := time.Parse(time.RFC3339, n.text); err != nil {
			return fmt.Errorf("%s is %q, which is no time", path, n.text)
		}
		return nil
	})
}

// pairs wants so many properties.
func pairs(want int) Check {
	const path = "properties"
	return onDocument(fmt.Sprintf("%d pairs in %s", want, path), func(_ *Exchange, d document) error {
		if n, _ := d.at(path); len(n.members) != want {
			return fmt.Errorf("%s has %q, wanted %d pairs", path, slices.Sorted(maps.Keys(n.members)), want)
		}
		return nil
	})
}

// tagged says whether the server has ETags, which it need not (DSP0263 4.1.7.2).
var tagged = Check{Expect: "an ETag, if the server has them", Holds: func(x *Exchange) error {
	if x.Header.Get("ETag") == "" {
		return NotOfferedError{What: "ETag"}
	}
	return nil
}}

// affects wants a Job whose affectedResources have the resource.
func affects(place string) Check {
	return onDocument("affectedResources with "+place, func(x *Exchange, d document) error {
		place, err := x.Expand(place)
		if err != nil {
			return err
		}
		affected := d.members["affectedResources"].items
		if !slices.ContainsFunc(affected, func(n node) bool { return samePlace(x, n.members["href"].text, place) }) {
			return fmt.Errorf("%s is not among the %d affected resources", place, len(affected))
		}
		return nil
	})
}

// affectsNot wants a Job whose affectedResources do not have the resource.
func affectsNot(place string) Check {
	found := affects(place)
	return Check{Expect: "no " + found.Expect, Holds: func(x *Exchange) error {
		if found.Holds(x) == nil {
			return fmt.Errorf("there is: %s", found.Expect)
		}
		return nil
	}}
}

// expanded wants every reference to be filled in (DSP0263 4.1.6.4).
var expanded = onDocument("every reference filled in", func(_ *Exchange, d document) error {
	for name, n := range d.members {
		if n.members["href"].text != "" && len(n.members) < 2 {
			return fmt.Errorf("%s is a reference alone", name)
		}
	}
	return nil
})

// offers wants an operation to be possible now.
func offers(name string) Check {
	return onDocument("the operation "+name, func(_ *Exchange, d document) error {
		if d.operation(name) == "" {
			return fmt.Errorf("the operation %s is not offered", name)
		}
		return nil
	})
}

// offersNot wants an operation not to be offered now.
func offersNot(name string) Check {
	return onDocument("no operation "+name, func(_ *Exchange, d document) error {
		if href := d.operation(name); href != "" {
			return fmt.Errorf("the operation %s is offered at %s", name, href)
		}
		return nil
	})
}

// counted wants a collection whose count is that of its items (DSP0263 5.5.12).
var counted = onDocument("a count that is the number of items", func(_ *Exchange, d document) error {
	count, ok := d.at("count")
	if n := len(d.entries()); !ok || count.text != strconv.Itoa(n) {
		return fmt.Errorf("count is %q (there: %v), but there are %d items", count.text, ok, n)
	}
	return nil
})

// counts wants a collection of so many.
func counts(n int) Check {
	return onDocument(fmt.Sprint(n, " items"), func(_ *Exchange, d document) error {
		if count, _ := d.at("count"); count.text != strconv.Itoa(n) || len(d.entries()) != n {
			return fmt.Errorf("count is %q and there are %d items, wanted %d", count.text, len(d.entries()), n)
		}
		return nil
	})
}

// lists wants a collection with the resource in it, by its id.
func lists(place string) Check { return listIs(place, true) }

// listsNot wants a collection without the resource.
func listsNot(place string) Check { return listIs(place, false) }

func listIs(place string, there bool) Check {
	expect := "listed: " + place
	if !there {
		expect = "not " + expect
	}
	return onDocument(expect, func(x *Exchange, d document) error {
		place, err := x.Expand(place)
		if err != nil {
			return err
		}
		is := slices.ContainsFunc(d.entries(), func(n node) bool { return samePlace(x, n.members["id"].text, place) })
		if is != there {
			return fmt.Errorf("%s: listed %v, wanted %v (of %d)", place, is, there, len(d.entries()))
		}
		return nil
	})
}

// every wants something of every item of a collection.
func every(what string, holds func(n node) bool) Check {
	return onDocument("every item has "+what, func(_ *Exchange, d document) error {
		for i, n := range d.entries() {
			if !holds(n) {
				return fmt.Errorf("item %d (%s) has not: %s", i, n.members["id"].text, what)
			}
		}
		return nil
	})
}

// keys are the names of an item's members.
func keys(n node) []string { return slices.Sorted(maps.Keys(n.members)) }

// itemsIn wants the items of a collection in an array of this name; XML of
// version 1 does without.
func itemsIn(key string) Check {
	return onDocument("items in "+key, func(_ *Exchange, d document) error {
		for name, m := range d.members {
			if m.kind == "array" && name != "operations" && name != key && name != itemsOfVersion1 {
				return fmt.Errorf("the items are in %s, wanted %s", name, key)
			}
			if name == key && len(m.items) == 0 {
				return fmt.Errorf("%s is there, and empty", key)
			}
		}
		return nil
	})
}

// atMost wants a collection that shows no more items than that, whatever its count.
func atMost(n int) Check {
	return onDocument(fmt.Sprintf("at most %d items", n), func(_ *Exchange, d document) error {
		if got := len(d.entries()); got > n {
			return fmt.Errorf("there are %d items, wanted at most %d", got, n)
		}
		return nil
	})
}

// byName wants the items in the order of their names' bytes; those without may
// be anywhere.
func byName(direction int) Check {
	const name = "name"
	return onDocument(fmt.Sprintf("items in the order of %s (%+d)", name, direction), func(_ *Exchange, d document) error {
		last := ""
		for i, n := range d.entries() {
			value, there := n.members[name]
			if !there {
				continue
			}
			if last != "" && strings.Compare(last, value.text)*direction > 0 {
				return fmt.Errorf("item %d has the %s %q, after %q", i, name, value.text, last)
			}
			last = value.text
		}
		return nil
	})
}

// number64 is a value as a number.
func number64(n node) (float64, bool) {
	value, err := strconv.ParseFloat(n.text, 64)
	return value, err == nil
}

// refers wants a reference to the resource.
func refers(path, place string) Check {
	return onDocument(path+" refers to "+place, func(x *Exchange, d document) error {
		place, err := x.Expand(place)
		if err != nil {
			return err
		}
		if href, ok := d.at(path + ".href"); !ok || !samePlace(x, href.text, place) {
			return fmt.Errorf("%s.href is %q, wanted %q", path, href.text, place)
		}
		return nil
	})
}

// refused wants a Job that failed and says why, which is the body of every
// refusal (DSP0263 4.2.2).
func (d dialect) refused(codes ...int) []Check {
	return []Check{Status(codes...), Media(d.media()), d.typed("Job"), at("state", "FAILED"), like("statusMessage", `\S`)}
}

// samePlace compares URIs, relative ones from the base URI of the endpoint.
func samePlace(x *Exchange, a, b string) bool {
	return a != "" && resolve(x.Session(), a) == resolve(x.Session(), b)
}

// resolve makes a URI absolute, from the base URI that the Cloud Entry Point tells (DSP0263 5.5.10).
func resolve(s *Session, uri string) string {
	text, _ := s.Lookup("baseURI")
	base, err := url.Parse(text)
	if err != nil {
		return uri
	}
	u, err := base.Parse(uri)
	if err != nil {
		return uri
	}
	return u.String()
}

var absolute = regexp.MustCompile(`^https?://[^/]+/`)

// value names the value at a path; a URI is made absolute.
func value(name, path string) func(x *Exchange) (map[string]string, error) {
	return func(x *Exchange) (map[string]string, error) {
		d, err := read(x)
		if err != nil {
			return nil, err
		}
		n, ok := d.at(path)
		if !ok {
			return nil, NotOfferedError{What: path}
		}
		text := n.text
		if strings.HasSuffix(path, "href") || strings.HasSuffix(path, "id") {
			text = resolve(x.Session(), text)
		}
		return map[string]string{name: text}, nil
	}
}

// leads names the hrefs of operations that are possible now, and those of references.
func leads(x *Exchange) (map[string]string, error) {
	d, err := read(x)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for name, m := range d.members {
		if href := m.members["href"].text; href != "" {
			names[name] = resolve(x.Session(), href)
		}
	}
	for _, op := range d.members["operations"].items {
		name := lastSegment(op.members["rel"].text)
		if href := d.operation(name); href != "" {
			names[name] = resolve(x.Session(), href)
		}
	}
	return names, nil
}

// relative names a URI as it is seen from the base URI (DSP0263 5.5.10), if it is below it.
func relative(name, path string) func(x *Exchange) (map[string]string, error) {
	return func(x *Exchange) (map[string]string, error) {
		found, err := value(name, path)(x)
		if err != nil {
			return nil, err
		}
		base, _ := x.Session().Lookup("baseURI")
		near, below := strings.CutPrefix(found[name], base)
		if !below {
			return nil, NotOfferedError{What: path + " below baseURI"}
		}
		return map[string]string{name: near}, nil
	}
}
