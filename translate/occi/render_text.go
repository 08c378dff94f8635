package occi

import "strings"

// renderText writes text/plain (OCCI 1.2 Text 5.1): a structure per line, LF
// between lines and none at the end, the kind first.
func (s *Session) renderText(a Answer) []byte {
	switch {
	case a.Catalog != nil:
		return s.textCatalog(a.Catalog)
	case a.Listing != nil:
		b := make([]byte, 0, len(a.Listing.Paths)*(len(s.Links.Base)+80))
		for _, path := range a.Listing.Paths {
			b = s.appendLocation(b, path)
		}
		return b
	case a.Created != nil:
		var b []byte
		for _, e := range a.Created {
			b = s.appendLocation(b, e.Path())
		}
		return b
	case a.Entity != nil:
		return s.textEntity(a.Entity)
	case len(a.Mixins) > 0:
		return s.textCatalog(&Catalog{Mixins: a.Mixins})
	}
	return []byte("OK")
}

func (s *Session) appendLocation(b []byte, path string) []byte {
	return s.Links.appendURL(appendLine(b, "X-OCCI-Location: "), path)
}

func appendLine(b []byte, begin string) []byte {
	if len(b) > 0 {
		b = append(b, '\n')
	}
	return append(b, begin...)
}

// textCatalog writes categories in full. The order of the parameters is fixed:
// rOCCI 4 and jOCCI match the line with one regular expression.
func (s *Session) textCatalog(c *Catalog) []byte {
	var b []byte
	for _, k := range c.Kinds {
		b = appendCategory(b, &k.Category, KindClass, true)
		if k.Parent != nil {
			b = appendParameter(b, "rel", string(k.Parent.ID))
		}
		b = s.appendLocationParameter(b, s.kindLocation(k))
		b = s.appendAttributeNames(b, k.Attributes)
		for i, action := range k.Actions {
			b = appendListItem(b, "actions", i, string(action.ID))
		}
		b = endList(b, len(k.Actions))
	}
	for _, m := range c.Mixins {
		if !s.legible(m) {
			continue
		}
		b = appendCategory(b, &m.Category, MixinClass, true)
		if len(m.Depends) > 0 { // jOCCI takes one only
			b = appendParameter(b, "rel", string(m.Depends[0]))
		}
		b = s.appendLocationParameter(b, m.Location)
		b = s.appendAttributeNames(b, m.Attributes)
	}
	for _, action := range c.Actions {
		b = appendCategory(b, &action.Category, ActionClass, true)
		b = s.appendAttributeNames(b, action.Attributes)
	}
	return b
}

// legible tells whether the client can read the mixin's term: in OCCI 1.1 none
// has a dot, and rOCCI 4 refuses the whole query interface for one. Users may
// define such.
func (s *Session) legible(m *Mixin) bool {
	return s.Version != V1_1 || !strings.Contains(m.ID.Term(), ".")
}

// kindLocation is empty for core kinds, unless the session gives them one.
func (s *Session) kindLocation(k *Kind) string {
	if k.Location == "" && s.CoreLocations {
		return coreLocation(k)
	}
	return k.Location
}

func appendCategory(b []byte, c *Category, class Class, title bool) []byte {
	b = append(appendLine(b, "Category: "), c.ID.Term()...)
	b = appendParameter(b, "scheme", c.ID.Scheme())
	b = appendParameter(b, "class", string(class))
	if title && c.Title != "" {
		b = appendTitle(append(b, "; title="...), c.Title)
	}
	return b
}

// appendTitle writes a category's title without commas and semicolons: clients of
// record split at these whether they are quoted or not.
func appendTitle(b []byte, title string) []byte { return appendQuoted(b, title, ",;") }

func appendParameter(b []byte, name, value string) []byte {
	b = append(append(b, "; "...), name...)
	return appendQuoted(append(b, '='), value, "")
}

func (s *Session) appendLocationParameter(b []byte, location string) []byte {
	if location == "" {
		return b
	}
	return append(s.Links.appendURL(append(b, `; location="`...), location), '"')
}

func (s *Session) appendAttributeNames(b []byte, attributes []Attribute) []byte {
	n := 0
	for i := range attributes {
		a := &attributes[i]
		if !a.in(s.Version) {
			continue
		}
		b = appendListItem(b, "attributes", n, a.Name)
		n++
		switch {
		case a.fixed() && a.Required:
			b = append(b, "{immutable required}"...)
		case a.fixed():
			b = append(b, "{immutable}"...)
		case a.Required:
			b = append(b, "{required}"...)
		}
	}
	return endList(b, n)
}

func appendListItem(b []byte, name string, i int, item string) []byte {
	if i == 0 {
		b = append(append(append(b, "; "...), name...), `="`...)
	} else {
		b = append(b, ' ')
	}
	return append(b, item...)
}

func endList(b []byte, n int) []byte {
	if n == 0 {
		return b
	}
	return append(b, '"')
}

func (s *Session) textEntity(e *Entity) []byte {
	b := appendCategory(make([]byte, 0, 2048), &e.Kind.Category, KindClass, false)
	for _, m := range e.Mixins {
		if s.legible(m) {
			b = appendCategory(b, &m.Category, MixinClass, true)
		}
	}
	for _, a := range e.Actions {
		b = s.Links.appendRef(appendLine(b, "Link: <"), e.Path())
		b = append(append(append(b, "?action="...), a.ID.Term()...), '>')
		b = appendParameter(b, "rel", string(a.ID))
	}
	for i := range e.Links {
		b = s.appendLink(b, &e.Links[i])
	}
	s.eachAttribute(e, func(name string, v Value) {
		b = appendValue(append(append(appendLine(b, "X-OCCI-Attribute: "), name...), '='), v)
	})
	return b
}

// appendLink writes a link in the fixed order of OCCI 1.2 Text 4.3. At least
// occi.core.id must be among the attributes: rOCCI 4 and jOCCI fail without.
func (s *Session) appendLink(b []byte, e *Entity) []byte {
	b = append(s.Links.appendRef(appendLine(b, "Link: <"), e.Target.Path), '>')
	b = appendParameter(b, "rel", string(e.Target.Kind))
	b = append(s.Links.appendRef(append(b, `; self="`...), e.Path()), '"')
	b = append(append(b, `; category="`...), e.Kind.ID...)
	for _, m := range e.Mixins {
		if s.legible(m) {
			b = append(append(b, ' '), m.ID...)
		}
	}
	b = append(b, '"')
	s.eachAttribute(e, func(name string, v Value) {
		b = appendValue(append(append(append(b, "; "...), name...), '='), v)
	})
	return b
}

// eachAttribute gives the attributes that the client's version knows, the core
// ones first.
func (s *Session) eachAttribute(e *Entity, emit func(name string, v Value)) {
	emit(coreID, String(e.ID))
	if e.Kind.IsLink() {
		emit(coreSource, String(s.Links.Ref(e.Source.Path)))
		emit(coreTarget, String(s.Links.Ref(e.Target.Path)))
	}
	for _, av := range e.Attributes {
		if av.Attribute.in(s.Version) {
			emit(av.Attribute.Name, av.Attribute.as(av.Value, s.Version))
		}
	}
}

func appendValue(b []byte, v Value) []byte {
	if v.form == textForm || v.form == structForm {
		return appendQuoted(b, v.text, "")
	}
	return v.appendPlain(b)
}
