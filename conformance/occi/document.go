package occi

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// document is what an answer says, whatever its rendering.
type document struct {
	categories []category // the kind first
	links      []link
	actions    []string          // type identifiers of the action links
	attributes map[string]string // without quotes
	raw        map[string]string // as written, in text renderings
	locations  []string
	members    []document // whole entities, in JSON collections
	json       map[string]any
}

// category is a kind, mixin or action.
type category struct {
	term, scheme, class, title, rel, location string
	attributes                                map[string]string // name to its properties
	actions                                   []string
}

func (c category) id() string { return c.scheme + c.term }

// link is a link of a resource to another.
type link struct {
	target, rel, self string
	categories        []string
	attributes        map[string]string
}

// The grammar that servers emit, with parameters in the order that clients with
// one expression (rOCCI, jOCCI) read.
const (
	quoted    = `"((?:[^"\\\x00-\x1f]|\\.)*)"`
	plainName = `[a-zA-Z0-9][a-zA-Z0-9_.-]*`
)

var (
	categoryValue = regexp.MustCompile(`^([a-zA-Z0-9][a-zA-Z0-9_-]*); ?scheme="([^"\s]+#)"; ?class="(kind|mixin|action)"` +
		`(?:; ?title=` + quoted + `)?(?:; ?rel="([^"]*)")?(?:; ?location="([^"]*)")?` +
		`(?:; ?attributes="([^"]*)")?(?:; ?actions="([^"]*)")?$`)
	linkValue     = regexp.MustCompile(`^<([^>]*)>; ?rel="([^"]+)"(?:; ?self="([^"]*)")?(?:; ?category="([^"]+)")?((?:; ?` + plainName + `=(?:` + quoted + `|[^";,\s]+))*)$`)
	linkAttribute = regexp.MustCompile(`; ?(` + plainName + `)=(?:` + quoted + `|([^";,\s]+))`)
	attribute     = regexp.MustCompile(`^(` + plainName + `)=(?:` + quoted + `|([0-9]+(?:\.[0-9]+)?|true|false))$`)
	definition    = regexp.MustCompile(`^(` + plainName + `)(?:\{((?:immutable|required)(?: (?:immutable|required))?)\})?$`)
	definitions   = regexp.MustCompile(`[^\s{]+(?:\{[^}]*\})?`)
)

// read reads an answer by its Content-Type, and strictly: what the grammar
// does not have is an error.
func read(x *Exchange) (*document, error) {
	switch m := x.Media(); m {
	case "text/plain", "text/occi+plain":
		return plainDocument(x.Body)
	case "text/occi":
		return headerDocument(x.Header)
	case "text/uri-list":
		d := newDocument()
		for line := range strings.Lines(x.Body) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				d.locations = append(d.locations, line)
			}
		}
		return d, nil
	case "application/occi+json", "application/json":
		return kindPlaces(x.Session().Lookup).document(x.Body)
	default:
		return nil, fmt.Errorf("no rendering of OCCI has Content-Type %q", m)
	}
}

func newDocument() *document {
	return &document{attributes: map[string]string{}, raw: map[string]string{}}
}

func plainDocument(body string) (*document, error) {
	d := newDocument()
	if body == "" || body == "OK" {
		return d, nil
	}
	for line := range strings.SplitSeq(body, "\n") {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\r"), ": ")
		if !ok {
			return nil, fmt.Errorf("no line of text/plain: %q", line)
		}
		if err := d.add(name, value); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func headerDocument(header map[string][]string) (*document, error) {
	d := newDocument()
	for _, name := range []string{"Category", "Link", "X-OCCI-Attribute", "X-OCCI-Location"} {
		for key, values := range header {
			if !strings.EqualFold(key, name) {
				continue
			}
			for _, value := range splitList(strings.Join(values, ", ")) {
				if err := d.add(name, value); err != nil {
					return nil, err
				}
			}
		}
	}
	return d, nil
}

// splitList cuts a header's value at the commas that are neither quoted nor
// within angle brackets.
func splitList(value string) []string {
	var out []string
	var inQuotes, inAngles bool
	begin := 0
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case inQuotes && c == '\\':
			i++
		case c == '"':
			inQuotes = !inQuotes
		case !inQuotes && c == '<':
			inAngles = true
		case !inQuotes && c == '>':
			inAngles = false
		case c == ',' && !inQuotes && !inAngles:
			out = append(out, strings.TrimSpace(value[begin:i]))
			begin = i + 1
		}
	}
	return append(out, strings.TrimSpace(value[begin:]))
}

// add reads one structure.
func (d *document) add(name, value string) error {
	switch name {
	case "Category":
		m := categoryValue.FindStringSubmatch(value)
		if m == nil {
			return fmt.Errorf("no Category (term; scheme; class; title; rel; location; attributes; actions): %q", value)
		}
		c := category{term: m[1], scheme: m[2], class: m[3], title: unescape(m[4]), rel: m[5], location: m[6], attributes: map[string]string{}, actions: strings.Fields(m[8])}
		for _, def := range definitions.FindAllString(m[7], -1) {
			dm := definition.FindStringSubmatch(def)
			if dm == nil {
				return fmt.Errorf("no attribute definition: %q in %q", def, value)
			}
			c.attributes[dm[1]] = dm[2]
		}
		d.categories = append(d.categories, c)
	case "Link":
		m := linkValue.FindStringSubmatch(value)
		if m == nil {
			return fmt.Errorf("no Link (<target>; rel; self; category; attributes): %q", value)
		}
		if strings.Contains(m[1], "?action=") {
			d.actions = append(d.actions, m[2])
			return nil
		}
		l := link{target: m[1], rel: m[2], self: m[3], categories: strings.Fields(m[4]), attributes: map[string]string{}}
		for _, a := range linkAttribute.FindAllStringSubmatch(m[5], -1) {
			l.attributes[a[1]] = unescape(a[2]) + a[3]
		}
		d.links = append(d.links, l)
	case "X-OCCI-Attribute":
		m := attribute.FindStringSubmatch(value)
		if m == nil {
			return fmt.Errorf("no attribute (name=\"string\", number, true or false): %q", value)
		}
		d.attributes[m[1]], d.raw[m[1]] = unescape(m[2])+m[3], value[len(m[1])+1:]
	case "X-OCCI-Location":
		if strings.ContainsAny(value, "<>\" ,") || value == "" {
			return fmt.Errorf("no location: %q", value)
		}
		d.locations = append(d.locations, value)
	default:
		return fmt.Errorf("no structure of OCCI: %q", name)
	}
	return nil
}

var escape = regexp.MustCompile(`\\(.)`)

func unescape(s string) string { return escape.ReplaceAllString(s, "$1") }

// The objects of the JSON rendering, with no members but the standard's.
type jsonEnd struct {
	Location string `json:"location"`
	Kind     string `json:"kind"`
}

type jsonEntity struct {
	Kind       string         `json:"kind"`
	Mixins     []string       `json:"mixins"`
	Attributes map[string]any `json:"attributes"`
	Actions    []string       `json:"actions"`
	ID         string         `json:"id"`
	Title      string         `json:"title"`
	Summary    string         `json:"summary"`
	Links      []jsonEntity   `json:"links"`
	Source     *jsonEnd       `json:"source"`
	Target     *jsonEnd       `json:"target"`
}

type jsonCategory struct {
	Term, Scheme, Title, Parent, Location string
	Depends, Applies, Actions             []string
	Attributes                            map[string]struct {
		Mutable, Required bool
		Type              string
		Pattern           any
		Default           any
		Description       string
	}
}

type jsonCollections struct {
	Resources, Links       []jsonEntity
	Kinds, Mixins, Actions []jsonCategory
}

func strictJSON(body string, into any) error {
	d := json.NewDecoder(strings.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("not JSON as the rendering has it: %w", err)
	}
	return nil
}

// kindPlaces tells the location of a kind. JSON has entities without theirs,
// which are below.
type kindPlaces func(kind string) (string, bool)

// document reads an entity, or collections of entities or categories.
func (w kindPlaces) document(body string) (*document, error) {
	var tree map[string]any
	if err := json.Unmarshal([]byte(body), &tree); err != nil {
		return nil, fmt.Errorf("not a JSON object: %w", err)
	}
	if _, ok := tree["kind"]; ok {
		var e jsonEntity
		if err := strictJSON(body, &e); err != nil {
			return nil, err
		}
		d := w.entityDocument(e)
		d.json = tree
		return &d, nil
	}
	var c jsonCollections
	if err := strictJSON(body, &c); err != nil {
		return nil, err
	}
	d := newDocument()
	d.json = tree
	for _, e := range slices.Concat(c.Resources, c.Links) {
		d.members = append(d.members, w.entityDocument(e))
		d.locations = append(d.locations, w.locationOf(e))
	}
	for class, list := range map[string][]jsonCategory{"kind": c.Kinds, "mixin": c.Mixins, "action": c.Actions} {
		for _, j := range list {
			cat := category{term: j.Term, scheme: j.Scheme, class: class, title: j.Title, rel: j.Parent, location: j.Location, actions: j.Actions, attributes: map[string]string{}}
			if len(j.Depends) > 0 {
				cat.rel = j.Depends[0]
			}
			for name, a := range j.Attributes {
				cat.attributes[name] = a.Type
			}
			d.categories = append(d.categories, cat)
		}
	}
	return d, nil
}

// locationOf is where an entity of a JSON collection is: below its kind's location.
func (w kindPlaces) locationOf(e jsonEntity) string {
	place, _ := w(e.Kind)
	return place + strings.TrimPrefix(e.ID, "urn:uuid:")
}

func (w kindPlaces) entityDocument(e jsonEntity) document {
	d := *newDocument()
	d.categories = []category{splitID(e.Kind, "kind")}
	for _, m := range e.Mixins {
		d.categories = append(d.categories, splitID(m, "mixin"))
	}
	d.actions = e.Actions
	for name, v := range e.Attributes {
		switch v := v.(type) {
		case string:
			d.attributes[name] = v
		case float64:
			d.attributes[name] = strconv.FormatFloat(v, 'f', -1, 64)
		default:
			text, _ := json.Marshal(v)
			d.attributes[name] = string(text)
		}
	}
	for name, v := range map[string]string{"occi.core.id": e.ID, "occi.core.title": e.Title, "occi.core.summary": e.Summary} {
		if v != "" {
			d.attributes[name] = v
		}
	}
	for name, end := range map[string]*jsonEnd{"occi.core.source": e.Source, "occi.core.target": e.Target} {
		if end != nil {
			d.attributes[name] = end.Location
		}
	}
	for _, l := range e.Links {
		k := link{self: w.locationOf(l), categories: append([]string{l.Kind}, l.Mixins...), attributes: w.entityDocument(l).attributes}
		if l.Target != nil {
			k.target, k.rel = l.Target.Location, l.Target.Kind
		}
		d.links = append(d.links, k)
	}
	return d
}

func splitID(id, class string) category {
	i := strings.LastIndex(id, "#") + 1
	return category{scheme: id[:i], term: id[i:], class: class}
}
