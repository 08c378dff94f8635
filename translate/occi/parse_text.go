package occi

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/occimi/occimi/model"
)

// structure is one of the things that the text renderings are made of (OCCI 1.2
// Text 4), and the names that clients give it in lower case. The first is the
// one that is written.
type structure struct {
	names []string
	read  func(m *Message, value string) error
}

var structures = []structure{
	{[]string{"category", "x-occi-category"}, readCategories},
	{[]string{"link", "x-occi-link"}, readLinks},
	{[]string{"x-occi-attribute"}, readAttributes},
	{[]string{"x-occi-location", "location"}, readLocations},
}

// ParseText reads a text/plain body. Line ends may be LF or CRLF; lines that
// begin with a blank continue the one before. Errors: Invalid, with the number
// of the line.
func ParseText(body []byte) (*Message, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if !utf8.Valid(body) {
		return nil, model.Errorf(model.Invalid, "the body is not UTF-8")
	}
	m := &Message{}
	var line []string // and those that continue it
	begin, n := 0, 0
	flush := func() error {
		if err := m.readLine(strings.TrimSpace(strings.Join(line, " "))); err != nil {
			return model.Errorf(model.Invalid, "line %d: %s", begin, model.AsError(err).Message)
		}
		return nil
	}
	for next := range strings.SplitSeq(string(body), "\n") {
		n++
		next = strings.TrimRight(next, "\r \t")
		if next != "" && (next[0] == ' ' || next[0] == '\t') && len(line) > 0 {
			line = append(line, strings.TrimSpace(next))
			continue
		}
		if err := flush(); err != nil {
			return nil, err
		}
		line, begin = append(line[:0], next), n
	}
	return m, cmp.Or(flush(), m.checkSize())
}

func (m *Message) readLine(line string) error {
	if line == "" || line == "OK" {
		return nil
	}
	name, value, ok := strings.Cut(line, ":")
	s := structureNamed(name)
	if !ok || s == nil {
		return model.Errorf(model.Invalid, "it begins with none of Category, Link, X-OCCI-Attribute, X-OCCI-Location: %s", quoteForMessage(line))
	}
	return s.read(m, strings.TrimSpace(value))
}

// ParseHeader reads what a request says in its header fields, as text/occi does
// (OCCI 1.2 Text 5.2). Fields may be repeated or hold lists. A Link that is a
// plain web link, such as one that a proxy added, is no part of the message.
// Errors: Invalid, with the name of the field.
func ParseHeader(h map[string][]string) (*Message, error) {
	m := &Message{}
	for i := range structures {
		for _, name := range structures[i].names {
			for _, value := range fieldValues(h, name) {
				err := error(model.Errorf(model.Invalid, "it is not UTF-8"))
				if utf8.ValidString(value) {
					err = structures[i].read(m, value)
				}
				if err != nil {
					return nil, model.Errorf(model.Invalid, "header %s: %s", name, model.AsError(err).Message)
				}
			}
		}
	}
	return m, m.checkSize()
}

// InHeader tells whether the header fields say anything in OCCI's words, be it
// empty.
func InHeader(h map[string][]string) bool {
	return slices.ContainsFunc(structures, func(s structure) bool {
		return slices.ContainsFunc(s.names, func(name string) bool { return len(fieldValues(h, name)) > 0 })
	})
}

// fieldValues gives the header fields of a name, without plain web links.
func fieldValues(h map[string][]string, name string) []string {
	var all []string
	for key, values := range h {
		if strings.EqualFold(key, name) {
			all = append(all, values...)
		}
	}
	if name == "link" {
		all = slices.DeleteFunc(all, webLink)
	}
	return all
}

// ParseURIList reads a text/uri-list body (RFC 2483 5): one URI per line.
func ParseURIList(body []byte) *Message {
	m := &Message{}
	for line := range strings.Lines(string(body)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			m.Locations = append(m.Locations, line)
		}
	}
	return m
}

// LooksLikeText tells whether a body of another, or no, media type is one of
// the text rendering, as curl -d sends it.
func LooksLikeText(body []byte) bool {
	name, _, ok := bytes.Cut(body, []byte(":"))
	return ok && structureNamed(string(name)) != nil
}

func structureNamed(name string) *structure {
	name = strings.ToLower(strings.TrimSpace(name))
	i := slices.IndexFunc(structures, func(s structure) bool { return slices.Contains(s.names, name) })
	if i < 0 {
		return nil
	}
	return &structures[i]
}

func readCategories(m *Message, value string) error {
	parts, err := splitQuoted(value, ',', false)
	if err != nil {
		return err
	}
	for _, part := range parts {
		d, err := parseCategory(part)
		if err != nil {
			return err
		}
		m.Categories = append(m.Categories, d.CategoryRef)
		m.Definitions = append(m.Definitions, d)
	}
	return nil
}

// parseCategory reads term;scheme="...";class="...", in any order and with
// whatever else; of doubles the first counts. Errors: Invalid.
func parseCategory(s string) (Definition, error) {
	fields, err := splitQuoted(s, ';', false)
	if err != nil {
		return Definition{}, err
	}
	if len(fields) == 0 {
		return Definition{}, model.Errorf(model.Invalid, "a category has no term: %s", quoteForMessage(s))
	}
	values := make(map[string]string)
	for _, field := range fields[1:] {
		p, err := parseParameter(field)
		if err != nil {
			return Definition{}, err
		}
		if name := strings.ToLower(p.name); values[name] == "" {
			values[name] = p.value.text
		}
	}
	id, err := categoryID(values["scheme"], fields[0])
	if err != nil {
		return Definition{}, err
	}
	d := Definition{
		CategoryRef: CategoryRef{ID: id, Class: Class(strings.ToLower(values["class"]))},
		Title:       values["title"],
		Location:    values["location"],
		Members:     values["attributes"]+values["actions"] != "",
	}
	switch d.Class {
	case "", KindClass, MixinClass, ActionClass:
	default:
		return d, model.Errorf(model.Invalid, "the class of the category %s is none of kind, mixin, action: %s", id, quoteForMessage(string(d.Class)))
	}
	// What clients send back of what they got need not be understood: only a
	// definition is held to it.
	for _, rel := range strings.Fields(values["rel"]) {
		d.Depends = append(d.Depends, TypeID(rel))
	}
	return d, nil
}

func readLinks(m *Message, value string) error {
	parts, err := splitQuoted(value, ',', true)
	if err != nil {
		return err
	}
	for _, part := range parts {
		link, err := parseLink(part)
		if err != nil {
			return err
		}
		// Links to actions come back from clients that send what they got.
		if len(link.Categories) == 0 && strings.Contains(link.Target, "?action=") {
			continue
		}
		if len(link.Categories) == 0 {
			return model.Errorf(model.Invalid, "a link has no category: %s", quoteForMessage(part))
		}
		m.Links = append(m.Links, link)
	}
	return nil
}

// parseLink reads <target>;rel="...";self="...";category="...";name=value...
// The URI in self tells the link's id: clients of record invent one for a new
// link. Errors: Invalid.
func parseLink(s string) (RawLink, error) {
	fields, err := splitQuoted(s, ';', true)
	if err != nil {
		return RawLink{}, err
	}
	if len(fields) == 0 || len(fields[0]) < 2 || fields[0][0] != '<' || !strings.HasSuffix(fields[0], ">") {
		return RawLink{}, model.Errorf(model.Invalid, "a link does not begin with <target>: %s", quoteForMessage(s))
	}
	link := RawLink{Target: strings.TrimSpace(fields[0][1 : len(fields[0])-1])}
	for _, field := range fields[1:] {
		p, err := parseParameter(field)
		if err != nil {
			return RawLink{}, err
		}
		switch strings.ToLower(p.name) {
		case "rel": // what category tells already
		case "self":
			link.ID = p.value.text[strings.LastIndexByte(p.value.text, '/')+1:]
		case "category":
			for _, id := range strings.Fields(p.value.text) {
				id, err := parseTypeID(id)
				if err != nil {
					return RawLink{}, err
				}
				link.Categories = append(link.Categories, CategoryRef{ID: id})
			}
		default:
			if err := checkAttributeName(p.name); err != nil {
				return RawLink{}, err
			}
			if p.value.IsZero() {
				return RawLink{}, model.Errorf(model.Invalid, "the attribute %s has no value", quoteForMessage(p.name))
			}
			link.Attributes = append(link.Attributes, RawAttribute{p.name, p.value})
		}
	}
	return link, nil
}

// webLink tells a plain web link from an OCCI link: it has no category, and its
// rel is no type identifier.
func webLink(s string) bool {
	parameters := s[strings.IndexByte(s, '>')+1:]
	return !strings.Contains(parameters, "category") && !strings.Contains(parameters, "#")
}

func readAttributes(m *Message, value string) error {
	parts, err := splitQuoted(value, ',', false)
	if err != nil {
		return err
	}
	// A comma separates attributes only if one follows: it may also be part of
	// a value without quotes.
	for begin := 0; begin < len(parts); {
		end := begin + 1
		for end < len(parts) && !strings.HasSuffix(parts[end-1], `"`) && !startsAttribute(parts[end]) {
			end++
		}
		a, err := ParseAttribute(strings.Join(parts[begin:end], ","))
		if err != nil {
			return err
		}
		m.Attributes = append(m.Attributes, a)
		begin = end
	}
	return nil
}

func startsAttribute(s string) bool {
	name, _, ok := strings.Cut(s, "=")
	return ok && checkAttributeName(strings.TrimSpace(name)) == nil
}

// ParseAttribute reads name=value, with blanks around the sign or without.
// Errors: Invalid.
func ParseAttribute(s string) (RawAttribute, error) {
	name, value, _ := strings.Cut(s, "=")
	name = strings.TrimSpace(name)
	if err := checkAttributeName(name); err != nil {
		return RawAttribute{}, err
	}
	v, err := parseValue(strings.TrimSpace(value))
	if err != nil {
		return RawAttribute{}, model.Errorf(model.Invalid, "the attribute %s: %s", name, model.AsError(err).Message)
	}
	return RawAttribute{name, v}, nil
}

func readLocations(m *Message, value string) error {
	before := len(m.Locations)
	for part := range strings.SplitSeq(value, ",") {
		part = strings.TrimFunc(part, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`<>"`, r) })
		if part != "" {
			m.Locations = append(m.Locations, part)
		}
	}
	if len(m.Locations) == before { // to delete nothing is not to delete all
		return model.Errorf(model.Invalid, "it names no location")
	}
	return nil
}
