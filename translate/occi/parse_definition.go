package occi

import (
	"maps"
	"slices"

	"github.com/occimi/occimi/model"
)

// ParseDefinitions reads an application/occi+json body of the query interface:
// {"mixins":[...]}, or one mixin alone. To name a mixin, its type identifier is
// enough. Errors: Invalid, also for kinds and actions, which clients cannot
// define.
func ParseDefinitions(body []byte) (*Message, error) {
	doc, err := readJSON(body)
	if err != nil {
		return nil, err
	}
	o, ok := doc.(map[string]any)
	if !ok && doc != nil {
		return nil, model.Errorf(model.Invalid, "the JSON document is not an object with mixins")
	}
	mixins := []any{o}
	if _, alone := o["term"]; !alone {
		if says(o["kinds"]) || says(o["actions"]) {
			return nil, model.Errorf(model.Invalid, "kinds and actions are the provider's: only mixins can be defined")
		}
		if mixins, err = asList("mixins", o["mixins"]); err != nil {
			return nil, err
		}
	}
	m := &Message{}
	for _, v := range mixins {
		d, err := parseDefinition(v)
		if err != nil {
			return nil, err
		}
		m.Categories = append(m.Categories, d.CategoryRef)
		m.Definitions = append(m.Definitions, d)
	}
	return m, m.checkSize()
}

// parseDefinition reads a mixin (GFD.225 table 3), or its type identifier.
func parseDefinition(v any) (Definition, error) {
	if id, ok := v.(string); ok {
		ref, err := ParseCategoryRef(id)
		return Definition{CategoryRef: ref}, err
	}
	o, ok := v.(map[string]any)
	if !ok {
		return Definition{}, model.Errorf(model.Invalid, "the member mixins holds something that is no mixin")
	}
	var d Definition
	var term, scheme, class string
	texts := map[string]*string{"term": &term, "scheme": &scheme, "class": &class, "title": &d.Title, "location": &d.Location}
	lists := map[string]*[]TypeID{"depends": &d.Depends, "related": &d.Depends, "applies": &d.Applies} // related: the draft's name of depends
	for _, name := range slices.Sorted(maps.Keys(o)) {
		var err error
		switch {
		case o[name] == nil:
		case texts[name] != nil:
			*texts[name], ok = o[name].(string)
			if !ok {
				err = model.Errorf(model.Invalid, "the member %s is not a string", name)
			}
		case lists[name] != nil:
			*lists[name], err = addTypeIDs(*lists[name], name, o[name])
		case name == "attributes" || name == "actions":
			d.Members = d.Members || says(o[name])
		default:
			err = unknownMember(name)
		}
		if err != nil {
			return Definition{}, err
		}
	}
	id, err := categoryID(scheme, term)
	d.CategoryRef = CategoryRef{ID: id, Class: Class(class)}
	return d, err
}

// addTypeIDs adds what a list holds. Whether these are type identifiers is
// checked when the mixin is defined.
func addTypeIDs(ids []TypeID, name string, v any) ([]TypeID, error) {
	list, err := asList(name, v)
	for _, item := range list {
		id, ok := item.(string)
		if !ok {
			return nil, model.Errorf(model.Invalid, "the member %s holds something that is no type identifier", name)
		}
		ids = append(ids, TypeID(id))
	}
	return ids, err
}

// says tells whether a member holds anything.
func says(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	}
	return true
}
