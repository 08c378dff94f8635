package occi

import (
	"strconv"
	"unicode/utf8"
)

// renderJSON writes application/occi+json (GFD.225). rOCCI 5 checks every
// document against a schema without empty lists: they are left out, and an empty
// collection is {}. It also reads the core attributes from "attributes", where
// they are repeated.
func (s *Session) renderJSON(a Answer) []byte {
	switch {
	case a.Catalog != nil:
		return s.jsonCatalog(a.Catalog)
	case a.Listing != nil:
		return s.jsonListing(a.Listing)
	case a.Entity != nil:
		return s.appendEntity(nil, a.Entity)
	case len(a.Created) == 1:
		return s.appendEntity(nil, a.Created[0])
	case a.Created != nil:
		l := &Listing{}
		for _, e := range a.Created {
			l.Entities = append(l.Entities, *e)
		}
		return s.jsonListing(l)
	case len(a.Mixins) > 0:
		return s.jsonCatalog(&Catalog{Mixins: a.Mixins})
	}
	return []byte("{}")
}

// jsonListing tells resources from links (OCCI 1.2 JSON 3.6).
func (s *Session) jsonListing(l *Listing) []byte {
	b := append(make([]byte, 0, 64+2560*len(l.Entities)), '{')
	for _, member := range []struct {
		name  string
		links bool
	}{{"resources", false}, {"links", true}} {
		n := 0
		for i := range l.Entities {
			if e := &l.Entities[i]; e.Kind.IsLink() == member.links {
				b = s.appendEntity(beginItem(b, member.name, n), e)
				n++
			}
		}
		b = endItems(b, n)
	}
	return append(b, '}')
}

// beginItem writes what comes before the n-th item of a list member.
func beginItem(b []byte, member string, n int) []byte {
	if n > 0 {
		return append(b, ',')
	}
	return append(beginMember(b, member), '[')
}

func endItems(b []byte, n int) []byte {
	if n == 0 {
		return b
	}
	return append(b, ']')
}

// beginMember writes a member's name, and the comma before it if it is not the
// first.
func beginMember(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return append(appendJSON(b, name), ':')
}

func appendMember(b []byte, name, value string) []byte {
	return appendJSON(beginMember(b, name), value)
}

func (s *Session) appendEntity(b []byte, e *Entity) []byte {
	b = append(b, '{')
	b = appendMember(b, "kind", string(e.Kind.ID))
	for i, m := range e.Mixins {
		b = appendJSON(beginItem(b, "mixins", i), string(m.ID))
	}
	b = endItems(b, len(e.Mixins))
	b = append(beginMember(b, "attributes"), '{')
	title, summary := "", ""
	s.eachAttribute(e, func(name string, v Value) {
		switch name {
		case coreTitle:
			title = v.text
		case coreSummary:
			summary = v.text
		}
		b = appendJSONValue(beginMember(b, name), v)
	})
	b = append(b, '}')
	for i, a := range e.Actions {
		b = appendJSON(beginItem(b, "actions", i), string(a.ID))
	}
	b = endItems(b, len(e.Actions))
	b = appendMember(b, "id", e.ID)
	if title != "" {
		b = appendMember(b, "title", title)
	}
	if summary != "" {
		b = appendMember(b, "summary", summary)
	}
	if e.Kind.IsLink() {
		b = s.appendEnd(b, "source", e.Source)
		b = s.appendEnd(b, "target", e.Target)
	}
	for i := range e.Links {
		b = s.appendEntity(beginItem(b, "links", i), &e.Links[i])
	}
	b = endItems(b, len(e.Links))
	return append(b, '}')
}

func (s *Session) appendEnd(b []byte, member string, end End) []byte {
	b = append(beginMember(b, member), '{')
	b = appendMember(b, "location", s.Links.Ref(end.Path))
	b = appendMember(b, "kind", string(end.Kind))
	return append(b, '}')
}

func (s *Session) jsonCatalog(c *Catalog) []byte {
	b := []byte{'{'}
	for i, k := range c.Kinds {
		b = s.beginCategory(beginItem(b, "kinds", i), &k.Category)
		if k.Parent != nil {
			b = appendMember(b, "parent", string(k.Parent.ID))
		}
		for j, a := range k.Actions {
			b = appendJSON(beginItem(b, "actions", j), string(a.ID))
		}
		b = endItems(b, len(k.Actions))
		if location := s.kindLocation(k); location != "" {
			b = appendMember(b, "location", s.Links.URL(location))
		}
		b = append(b, '}')
	}
	b = endItems(b, len(c.Kinds))
	for i, m := range c.Mixins {
		b = s.beginCategory(beginItem(b, "mixins", i), &m.Category)
		b = appendTypeIDs(b, "depends", m.Depends)
		b = appendTypeIDs(b, "applies", m.Applies)
		b = appendMember(b, "location", s.Links.URL(m.Location))
		b = append(b, '}')
	}
	b = endItems(b, len(c.Mixins))
	for i, a := range c.Actions {
		b = append(s.beginCategory(beginItem(b, "actions", i), &a.Category), '}')
	}
	b = endItems(b, len(c.Actions))
	return append(b, '}')
}

func appendTypeIDs(b []byte, member string, ids []TypeID) []byte {
	for i, id := range ids {
		b = appendJSON(beginItem(b, member, i), string(id))
	}
	return endItems(b, len(ids))
}

// beginCategory writes what kinds, mixins and actions have in common. Patterns
// are left out: the document makes them objects, rOCCI 5 takes only strings.
func (s *Session) beginCategory(b []byte, c *Category) []byte {
	b = append(b, '{')
	b = appendMember(b, "term", c.ID.Term())
	b = appendMember(b, "scheme", c.ID.Scheme())
	if c.Title != "" {
		b = appendMember(b, "title", c.Title)
	}
	n := 0
	for i := range c.Attributes {
		a := &c.Attributes[i]
		if !a.in(s.Version) {
			continue
		}
		if n == 0 {
			b = append(beginMember(b, "attributes"), '{')
		}
		n++
		b = append(beginMember(b, a.Name), '{')
		// Both always: the defaults differ between the renderings.
		b = strconv.AppendBool(beginMember(b, "mutable"), !a.fixed())
		b = strconv.AppendBool(beginMember(b, "required"), a.Required)
		b = appendMember(b, "type", jsonNames[a.Type])
		if !a.Default.IsZero() {
			b = appendJSONValue(beginMember(b, "default"), a.Default)
		}
		if a.Description != "" {
			b = appendMember(b, "description", a.Description)
		}
		b = append(b, '}')
	}
	if n > 0 {
		b = append(b, '}')
	}
	return b
}

func appendJSONValue(b []byte, v Value) []byte {
	if v.form == textForm {
		return appendJSON(b, v.text)
	}
	return v.appendPlain(b)
}

const hexDigits = "0123456789abcdef"

// appendJSON writes a JSON string.
func appendJSON(b []byte, s string) []byte {
	b = append(b, '"')
	usual := 0 // most strings need no escapes at all
	for usual < len(s) && s[usual] >= ' ' && s[usual] < utf8.RuneSelf && s[usual] != '"' && s[usual] != '\\' {
		usual++
	}
	b = append(b, s[:usual]...)
	for _, r := range s[usual:] {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ':
			b = append(b, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&15])
		case r < utf8.RuneSelf:
			b = append(b, byte(r))
		default:
			b = utf8.AppendRune(b, r) // U+FFFD for bytes that are not UTF-8
		}
	}
	return append(b, '"')
}
