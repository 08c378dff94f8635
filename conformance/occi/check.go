package occi

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// schemes of the standard.
const (
	core  = "http://schemas.ogf.org/occi/core#"
	infra = "http://schemas.ogf.org/occi/infrastructure#"
)

// onDocument is a check of what the answer says, in whatever rendering.
func onDocument(expect string, check func(x *Exchange, d *document) error) Check {
	return Check{Expect: expect, Holds: func(x *Exchange) error {
		d, err := read(x)
		if err != nil {
			return err
		}
		return check(x, d)
	}}
}

// not negates an expectation in words.
func not(there bool) string {
	if there {
		return ""
	}
	return "not "
}

// kindIs wants an entity of the kind, which is named first and alone.
func kindIs(id string) Check {
	return onDocument("an entity of the kind "+id, func(_ *Exchange, d *document) error {
		var kinds []string
		for _, c := range d.categories {
			if c.class == "kind" {
				kinds = append(kinds, c.id())
			}
		}
		if len(kinds) != 1 || kinds[0] != id || d.categories[0].class != "kind" {
			return fmt.Errorf("the kinds are %q, wanted %s first and alone", kinds, id)
		}
		return nil
	})
}

// has wants a category by its type identifier: a mixin of an entity, or
// anything in the query interface.
func has(id string) Check { return categoryIs(id, true) }

// lacks wants a category to be absent.
func lacks(id string) Check { return categoryIs(id, false) }

func categoryIs(id string, there bool) Check {
	return onDocument(not(there)+"the category "+id, func(x *Exchange, d *document) error {
		id, err := x.Expand(id)
		if err != nil {
			return err
		}
		is := slices.ContainsFunc(d.categories, func(c category) bool { return strings.EqualFold(c.id(), id) })
		if is != there {
			return fmt.Errorf("category %s: there is %v, wanted %v", id, is, there)
		}
		return nil
	})
}

// onlyHas wants these categories and no others.
func onlyHas(ids ...string) Check {
	return onDocument("no categories but "+strings.Join(ids, ", "), func(x *Exchange, d *document) error {
		var got, want []string
		for _, c := range d.categories {
			got = append(got, c.id())
		}
		for _, id := range ids {
			id, err := x.Expand(id)
			if err != nil {
				return err
			}
			want = append(want, id)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			return fmt.Errorf("the categories are %q, wanted %q", got, want)
		}
		return nil
	})
}

// attr wants an attribute with a value that is equal: as a number if both are.
func attr(name, want string) Check {
	return onDocument(fmt.Sprintf("%s = %q", name, want), func(x *Exchange, d *document) error {
		want, err := x.Expand(want)
		if err != nil {
			return err
		}
		got, ok := d.attributes[name]
		if !ok {
			return fmt.Errorf("%s is not there", name)
		}
		if a, err := strconv.ParseFloat(got, 64); err == nil {
			if b, err := strconv.ParseFloat(want, 64); err == nil && a == b {
				return nil
			}
		}
		if got != want {
			return fmt.Errorf("%s is %q, wanted %q", name, got, want)
		}
		return nil
	})
}

// attrLike wants an attribute whose value, as text renderings write it, matches.
func attrLike(name, expression string) Check {
	re := regexp.MustCompile(expression)
	return onDocument(name+" matches "+expression, func(_ *Exchange, d *document) error {
		got, ok := d.raw[name]
		if !ok {
			got, ok = d.attributes[name]
		}
		if !ok {
			return fmt.Errorf("there is no %s, wanted what matches %s", name, expression)
		}
		if !re.MatchString(got) {
			return fmt.Errorf("%s is %s, wanted what matches %s", name, got, expression)
		}
		return nil
	})
}

// noAttr wants an attribute to be absent.
func noAttr(name string) Check {
	return onDocument("no "+name, func(_ *Exchange, d *document) error {
		if v, ok := d.attributes[name]; ok {
			return fmt.Errorf("%s is there: %q", name, v)
		}
		return nil
	})
}

// offers wants an action, by its term, to be possible now.
func offers(term string) Check { return actionIs(term, true) }

// offersNot wants an action not to be offered now.
func offersNot(term string) Check { return actionIs(term, false) }

func actionIs(term string, there bool) Check {
	return onDocument(not(there)+"the action "+term, func(_ *Exchange, d *document) error {
		is := slices.ContainsFunc(d.actions, func(id string) bool { return strings.HasSuffix(id, "#"+term) })
		if is != there {
			return fmt.Errorf("action %s: offered %v, wanted %v (%q)", term, is, there, d.actions)
		}
		return nil
	})
}

// linksTo wants a link of the kind to the target.
func linksTo(kind, target string) Check { return linkIs(kind, target, true) }

// linksNotTo wants no link of the kind to the target.
func linksNotTo(kind, target string) Check { return linkIs(kind, target, false) }

func linkIs(kind, target string, there bool) Check {
	return onDocument(fmt.Sprintf("%sa link of kind %s to %s", not(there), kind, target), func(x *Exchange, d *document) error {
		target, err := x.Expand(target)
		if err != nil {
			return err
		}
		is := slices.ContainsFunc(d.links, func(l link) bool {
			return slices.Contains(l.categories, kind) && samePlace(l.target, target)
		})
		if is != there {
			return fmt.Errorf("link of kind %s to %s: there is %v, wanted %v (%d links)", kind, target, is, there, len(d.links))
		}
		return nil
	})
}

// everyLink wants each link to have what a check looks for.
func everyLink(what string, holds func(l link) bool) Check {
	return onDocument("every link has "+what, func(_ *Exchange, d *document) error {
		if len(d.links) == 0 {
			return fmt.Errorf("there are no links")
		}
		for _, l := range d.links {
			if !holds(l) {
				return fmt.Errorf("the link to %s has no %s", l.target, what)
			}
		}
		return nil
	})
}

// lists wants a collection with the place in it.
func lists(place string) Check { return listIs(place, true) }

// listsNot wants a collection without the place.
func listsNot(place string) Check { return listIs(place, false) }

func listIs(place string, there bool) Check {
	return onDocument(not(there)+"listed: "+place, func(x *Exchange, d *document) error {
		place, err := x.Expand(place)
		if err != nil {
			return err
		}
		is := slices.ContainsFunc(d.locations, func(l string) bool { return samePlace(l, place) })
		if is != there {
			return fmt.Errorf("%s: listed %v, wanted %v (of %d)", place, is, there, len(d.locations))
		}
		return nil
	})
}

// count wants a collection of so many.
func count(n int) Check {
	return onDocument(fmt.Sprint(n, " listed"), func(_ *Exchange, d *document) error {
		if len(d.locations) != n {
			return fmt.Errorf("%d are listed, wanted %d: %q", len(d.locations), n, d.locations)
		}
		return nil
	})
}

// counts wants a collection of at least and at most so many.
func counts(least, most int) Check {
	return onDocument(fmt.Sprint(least, " to ", most, " listed"), func(_ *Exchange, d *document) error {
		if n := len(d.locations); n < least || n > most {
			return fmt.Errorf("%d are listed, wanted %d to %d", n, least, most)
		}
		return nil
	})
}

// member wants a member of a JSON object, found by its path, as it is printed.
func member(want string, path ...string) Check {
	return onDocument(fmt.Sprintf("the member %s is %q", strings.Join(path, "."), want), func(x *Exchange, d *document) error {
		want, err := x.Expand(want)
		if err != nil {
			return err
		}
		var v any = d.json
		for _, name := range path {
			m, _ := v.(map[string]any)
			v = m[name]
		}
		if got := fmt.Sprint(v); got != want {
			return fmt.Errorf("%s is %s, wanted %s", strings.Join(path, "."), got, want)
		}
		return nil
	})
}

// each wants something of every category in the answer.
func each(what string, holds func(c category) bool) Check {
	return onDocument("every category has "+what, func(_ *Exchange, d *document) error {
		if len(d.categories) == 0 {
			return fmt.Errorf("there are no categories")
		}
		for _, c := range d.categories {
			if !holds(c) {
				return fmt.Errorf("%s %s: %s does not hold", c.class, c.id(), what)
			}
		}
		return nil
	})
}

// samePlace compares URLs, absolute or not, by their paths.
func samePlace(a, b string) bool {
	ua, errA := url.Parse(a)
	ub, errB := url.Parse(b)
	return errA == nil && errB == nil && strings.TrimSuffix(ua.Path, "/") == strings.TrimSuffix(ub.Path, "/") &&
		(ua.Host == "" || ub.Host == "" || ua.Host == ub.Host)
}
