package occi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/occimi/occimi/model"
)

// ParseJSON reads an application/occi+json body (GFD.225), and what older
// drafts and clients make of it: nested attributes, ends of links and categories
// as plain strings or objects, an entity in a collection of one, lists of
// locations. Errors: Invalid.
func ParseJSON(body []byte) (*Message, error) {
	m := &Message{}
	doc, err := readJSON(body)
	switch doc := doc.(type) {
	case nil:
	case []any:
		err = m.addLocations("the list", doc)
	case map[string]any:
		err = m.readObject(doc)
	}
	return m, cmp.Or(err, m.checkSize())
}

// readJSON reads a body that is an object or a list; nil if it is empty. Errors:
// Invalid.
func readJSON(body []byte) (any, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil
	}
	if !utf8.Valid(body) {
		return nil, model.Errorf(model.Invalid, "the body is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	doc, err := decode(dec, 0)
	if err != nil {
		return nil, jsonError(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, model.Errorf(model.Invalid, "there is something after the JSON document")
	}
	switch doc.(type) {
	case []any, map[string]any:
		return doc, nil
	}
	return nil, model.Errorf(model.Invalid, "the JSON document is neither an object nor a list")
}

// maxDepth is how deep a JSON document may be nested: far deeper than any client
// nests attributes.
const maxDepth = 100

// decode reads a value as package json does, but that members of the same name
// are refused instead of forgotten but for the last: in text they are an error
// too.
func decode(dec *json.Decoder, depth int) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, model.Errorf(model.Invalid, "the JSON document is nested more than %d deep", maxDepth)
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			item, err := decode(dec, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		_, err = dec.Token()
		return list, err
	case json.Delim('{'):
		object := make(map[string]any)
		for dec.More() {
			token, err := dec.Token()
			if err != nil {
				return nil, err
			}
			name, _ := token.(string)
			if _, twice := object[name]; twice {
				return nil, model.Errorf(model.Invalid, "the member %s is there twice", quoteForMessage(name))
			}
			if object[name], err = decode(dec, depth+1); err != nil {
				return nil, err
			}
		}
		_, err = dec.Token()
		return object, err
	}
	return token, nil
}

func jsonError(err error) error {
	var known *model.Error
	if errors.As(err, &known) {
		return err
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return model.Errorf(model.Invalid, "the body is not JSON: byte %d: %v", syntax.Offset, err)
	}
	return model.Errorf(model.Invalid, "the body is not JSON: it ends too early")
}

// entityMembers are the members of a resource, a link and an action invocation
// (GFD.225 tables 5 to 7). nil readers are for members that say nothing new.
var entityMembers map[string]func(m *Message, name string, v any) error

func init() { // links hold links' members in turn
	entityMembers = map[string]func(m *Message, name string, v any) error{
		"kind":       func(m *Message, name string, v any) error { return m.addCategories(name, KindClass, []any{v}) },
		"action":     func(m *Message, name string, v any) error { return m.addCategories(name, ActionClass, []any{v}) },
		"mixins":     readMixins,
		"attributes": readAttributeObject,
		"id":         readID,
		"title":      coreMember(coreTitle),
		"summary":    coreMember(coreSummary),
		"source":     endMember(coreSource),
		"target":     endMember(coreTarget),
		"links":      readLinkList,
		"actions":    nil,
		"location":   readLocation,
		"rel":        nil,
		"self":       nil,
	}
}

// readObject reads an entity, an action invocation, or a collection.
func (m *Message) readObject(o map[string]any) error {
	for _, name := range []string{"collection", "X-OCCI-Location"} {
		if list, ok := o[name].([]any); ok && len(o) == 1 {
			return m.addLocations(name, list)
		}
	}
	resources, isCollection := o["resources"]
	links, hasLinks := o["links"]
	if isCollection || hasLinks && len(o) == 1 {
		return m.readCollection(resources, links, o)
	}
	return m.readEntity(o)
}

// readCollection reads {"resources":[...],"links":[...]}: the first entity is the
// message itself, the others are More of it. Links beside a single resource that
// begin at nothing else are its own, as rOCCI writes them.
func (m *Message) readCollection(resources, links any, o map[string]any) error {
	for name := range o {
		if name != "resources" && name != "links" {
			return unknownMember(name)
		}
	}
	list, err := asList("resources", resources)
	if err != nil {
		return err
	}
	linkList, err := asList("links", links)
	if err != nil {
		return err
	}
	if len(list) == 1 {
		if first, ok := list[0].(map[string]any); ok {
			own := slices.DeleteFunc(slices.Clone(linkList), func(l any) bool { return !beginsAt(first, l) })
			linkList = slices.DeleteFunc(linkList, func(l any) bool { return beginsAt(first, l) })
			if len(own) > 0 {
				if err := readLinkList(m, "links", own); err != nil {
					return err
				}
			}
		}
	}
	ownResources := len(list)
	list = append(list, linkList...)
	if len(list) == 0 {
		return nil
	}
	if _, ok := list[0].(string); ok {
		return m.addLocations("resources", list)
	}
	for i, v := range list {
		o, ok := v.(map[string]any)
		if !ok {
			return model.Errorf(model.Invalid, "a collection holds something that is no entity")
		}
		e := m
		if i > 0 {
			e = &Message{}
			m.More = append(m.More, e)
		}
		e.Member = "resources"
		if i >= ownResources {
			e.Member = "links"
		}
		if err := e.readEntity(o); err != nil {
			return err
		}
	}
	return nil
}

// beginsAt tells whether a link beside a resource is the resource's own: it
// names no source, or that resource's id.
func beginsAt(resource map[string]any, link any) bool {
	o, ok := link.(map[string]any)
	if !ok {
		return false
	}
	var l Message
	if err := l.readEntity(o); err != nil {
		return false // it is read again, and refused
	}
	id, _ := resource["id"].(string)
	for _, a := range l.Attributes {
		if a.Name == coreSource {
			return id != "" && strings.HasSuffix(strings.TrimSuffix(a.Value.text, "/"), "/"+id)
		}
	}
	return o["target"] != nil
}

func (m *Message) readEntity(o map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(o)) {
		read, known := entityMembers[name]
		if !known {
			return unknownMember(name)
		}
		if read == nil || o[name] == nil {
			continue
		}
		if err := read(m, name, o[name]); err != nil {
			return err
		}
	}
	if len(m.Refs) == 0 && m.ID != "" {
		m.Refs = append(m.Refs, m.ID)
	}
	return nil
}

// readLocation reads where an entity says it is, as some servers write.
func readLocation(m *Message, name string, v any) error {
	location, ok := v.(string)
	if !ok {
		return model.Errorf(model.Invalid, "the member %s is not a string", name)
	}
	m.Refs = append(m.Refs, location)
	return nil
}

func unknownMember(name string) error {
	return model.Errorf(model.Invalid, "there is no member %s", quoteForMessage(name))
}

// coreMember reads a member that is a core attribute by another name.
func coreMember(attribute string) func(*Message, string, any) error {
	return func(m *Message, name string, v any) error {
		s, ok := v.(string)
		if !ok {
			return model.Errorf(model.Invalid, "the member %s is not a string", name)
		}
		m.Attributes = append(m.Attributes, RawAttribute{attribute, String(s)})
		return nil
	}
}

func readID(m *Message, name string, v any) error {
	err := coreMember(coreID)(m, name, v)
	m.ID, _ = v.(string)
	return err
}

// endMember reads a link's source or target: {"location":...,"kind":...}, or
// just the location, as in the draft of 2012.
func endMember(attribute string) func(*Message, string, any) error {
	return func(m *Message, name string, v any) error {
		if o, ok := v.(map[string]any); ok {
			for member := range o {
				if member != "location" && member != "kind" {
					return unknownMember(name + "." + member)
				}
			}
			v = o["location"]
		}
		location, ok := v.(string)
		if !ok {
			return model.Errorf(model.Invalid, "the member %s has no location", name)
		}
		m.Attributes = append(m.Attributes, RawAttribute{attribute, String(location)})
		return nil
	}
}

func readMixins(m *Message, name string, v any) error {
	list, err := asList(name, v)
	if err != nil {
		return err
	}
	return m.addCategories(name, MixinClass, list)
}

// addCategories reads categories, each a type identifier or an object with
// scheme and term.
func (m *Message) addCategories(member string, class Class, list []any) error {
	for _, v := range list {
		var id TypeID
		var err error
		switch v := v.(type) {
		case string:
			id, err = parseTypeID(v)
		case map[string]any:
			scheme, _ := v["scheme"].(string)
			term, _ := v["term"].(string)
			id, err = categoryID(scheme, term)
		default:
			err = model.Errorf(model.Invalid, "the member %s holds something that is no type identifier", member)
		}
		if err != nil {
			return err
		}
		m.Categories = append(m.Categories, CategoryRef{ID: id, Class: class})
	}
	return nil
}

func (m *Message) addLocations(member string, list []any) error {
	for _, v := range list {
		s, ok := v.(string)
		if !ok {
			return model.Errorf(model.Invalid, "%s holds something that is no location", member)
		}
		m.Locations = append(m.Locations, s)
	}
	return nil
}

// readLinkList reads a resource's links. Those given as plain locations are
// links that exist already, named by the last segment.
func readLinkList(m *Message, name string, v any) error {
	list, err := asList(name, v)
	if err != nil {
		return err
	}
	for _, v := range list {
		switch v := v.(type) {
		case string:
			m.Links = append(m.Links, RawLink{ID: path.Base(v), Target: v})
		case map[string]any:
			var l Message
			if err := l.readEntity(v); err != nil {
				return err
			}
			link, err := l.asLink()
			if err != nil {
				return err
			}
			m.Links = append(m.Links, link)
		default:
			return model.Errorf(model.Invalid, "the member links holds something that is no link")
		}
	}
	return nil
}

// asLink makes a link of a resource of what was read as an entity. Errors:
// Invalid.
func (m *Message) asLink() (RawLink, error) {
	link := RawLink{Categories: m.Categories, Attributes: m.Attributes}
	for _, a := range m.Attributes {
		switch a.Name {
		case coreID:
			link.ID = a.Value.text
		case coreTarget:
			link.Target = a.Value.text
		}
	}
	if len(m.Links) > 0 {
		return link, model.Errorf(model.Invalid, "a link has no links of its own")
	}
	if len(link.Categories) == 0 || link.Target == "" {
		return link, model.Errorf(model.Invalid, "a link needs kind and target")
	}
	return link, nil
}

func readAttributeObject(m *Message, name string, v any) error {
	o, ok := v.(map[string]any)
	if !ok {
		return model.Errorf(model.Invalid, "the member %s is not an object", name)
	}
	return m.addAttributes("", o)
}

// addAttributes reads attributes, nested ones (the draft of 2012) under their
// joined names.
func (m *Message) addAttributes(prefix string, o map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(o)) {
		full := prefix + name
		if err := checkAttributeName(full); err != nil {
			return err
		}
		var v Value
		switch value := o[name].(type) {
		case nil:
			continue
		case string:
			v = String(value)
		case bool:
			v = Bool(value)
		case json.Number: // as it was written: an attribute's type tells what it is
			v = Value{form: tokenForm, text: value.String()}
		case []any:
			text, err := json.Marshal(value)
			if err != nil {
				return model.Errorf(model.Invalid, "the attribute %s is no usable list", full)
			}
			v = Value{form: structForm, text: string(text)}
		case map[string]any:
			if err := m.addAttributes(full+".", value); err != nil {
				return err
			}
			continue
		}
		m.Attributes = append(m.Attributes, RawAttribute{full, v})
	}
	return nil
}

func asList(name string, v any) ([]any, error) {
	if v == nil {
		return nil, nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, model.Errorf(model.Invalid, "the member %s is not a list", name)
	}
	return list, nil
}
