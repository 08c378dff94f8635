package occi_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// Check is one expectation of an answer; its error says what was there instead.
type Check func(x *exchange) error

// schemes of the standard.
const (
	core  = "http://schemas.ogf.org/occi/core#"
	infra = "http://schemas.ogf.org/occi/infrastructure#"
)

// status wants one of the status codes.
func status(codes ...int) Check {
	return func(x *exchange) error {
		if !slices.Contains(codes, x.answer.status) {
			return fmt.Errorf("the status is %d, wanted %v", x.answer.status, codes)
		}
		return nil
	}
}

// media wants the answer's Content-Type, without its parameters.
func media(want string) Check {
	return func(x *exchange) error {
		if got := x.media(); got != want {
			return fmt.Errorf("Content-Type is %q, wanted %q", got, want)
		}
		return nil
	}
}

// header wants a field with a value that matches.
func header(name, expression string) Check {
	re := regexp.MustCompile(expression)
	return func(x *exchange) error {
		if got := strings.Join(x.answer.header.Values(name), ", "); !re.MatchString(got) {
			return fmt.Errorf("%s is %q, wanted what matches %s", name, got, expression)
		}
		return nil
	}
}

// noHeader wants no field of that name whose value matches.
func noHeader(name, expression string) Check {
	re := regexp.MustCompile(expression)
	return func(x *exchange) error {
		for _, v := range x.answer.header.Values(name) {
			if re.MatchString(v) {
				return fmt.Errorf("%s is %q", name, v)
			}
		}
		return nil
	}
}

// body wants exactly this.
func body(want string) Check {
	return func(x *exchange) error {
		want, err := x.scope.expand(want)
		if err == nil && x.answer.body != want {
			return fmt.Errorf("the body is %q, wanted %q", cut(x.answer.body), want)
		}
		return err
	}
}

// says wants a body that matches; ${names} stand for themselves.
func says(expression string) Check {
	return func(x *exchange) error {
		re, err := x.scope.pattern(expression)
		if err == nil && !re.MatchString(x.answer.body) {
			return fmt.Errorf("nothing in the body matches %s", re)
		}
		return err
	}
}

// saysNot wants a body that does not match.
func saysNot(expression string) Check {
	return func(x *exchange) error {
		re, err := x.scope.pattern(expression)
		if err == nil && re.MatchString(x.answer.body) {
			return fmt.Errorf("the body has %q", re.FindString(x.answer.body))
		}
		return err
	}
}

// pattern compiles an expression in which the values of ${names} are literal.
func (s *scope) pattern(expression string) (*regexp.Regexp, error) {
	var failed error
	expression = variable.ReplaceAllStringFunc(expression, func(m string) string {
		v, err := s.expand(m)
		if err != nil {
			failed = err
		}
		return regexp.QuoteMeta(v)
	})
	if failed != nil {
		return nil, failed
	}
	return regexp.Compile(expression)
}

// onDocument is a check of what the answer says, in whatever rendering.
func onDocument(check func(x *exchange, d *document) error) Check {
	return func(x *exchange) error {
		d, err := x.document()
		if err != nil {
			return err
		}
		return check(x, d)
	}
}

// kindIs wants an entity of the kind, which is named first and alone.
func kindIs(id string) Check {
	return onDocument(func(_ *exchange, d *document) error {
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
	return onDocument(func(x *exchange, d *document) error {
		id, err := x.scope.expand(id)
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
	return onDocument(func(x *exchange, d *document) error {
		var got, want []string
		for _, c := range d.categories {
			got = append(got, c.id())
		}
		for _, id := range ids {
			id, err := x.scope.expand(id)
			if err != nil {
				return err
			}
			want = append(want, id)
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			return fmt.Errorf("the categories differ (-want +got):\n%s", diff)
		}
		return nil
	})
}

// attr wants an attribute with a value that is equal: as a number if both are.
func attr(name, want string) Check {
	return onDocument(func(x *exchange, d *document) error {
		want, err := x.scope.expand(want)
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
	return onDocument(func(_ *exchange, d *document) error {
		got, ok := d.raw[name]
		if !ok {
			got, ok = d.attributes[name]
		}
		if !ok || !re.MatchString(got) {
			return fmt.Errorf("%s is %s (there: %v), wanted what matches %s", name, got, ok, expression)
		}
		return nil
	})
}

// noAttr wants an attribute to be absent.
func noAttr(name string) Check {
	return onDocument(func(_ *exchange, d *document) error {
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
	return onDocument(func(_ *exchange, d *document) error {
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
	return onDocument(func(x *exchange, d *document) error {
		target, err := x.scope.expand(target)
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
	return onDocument(func(_ *exchange, d *document) error {
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
	return onDocument(func(x *exchange, d *document) error {
		place, err := x.scope.expand(place)
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
	return onDocument(func(_ *exchange, d *document) error {
		if len(d.locations) != n {
			return fmt.Errorf("%d are listed, wanted %d: %q", len(d.locations), n, d.locations)
		}
		return nil
	})
}

// counts wants a collection of at least and at most so many.
func counts(least, most int) Check {
	return onDocument(func(_ *exchange, d *document) error {
		if n := len(d.locations); n < least || n > most {
			return fmt.Errorf("%d are listed, wanted %d to %d", n, least, most)
		}
		return nil
	})
}

// member wants a member of a JSON object, found by its path, as it is printed.
func member(want string, path ...string) Check {
	return onDocument(func(x *exchange, d *document) error {
		want, err := x.scope.expand(want)
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
	return onDocument(func(_ *exchange, d *document) error {
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
