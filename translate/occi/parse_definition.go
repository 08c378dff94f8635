package occi

import (
	"bytes"
	"encoding/json"

	"github.com/occimi/occimi/model"
)

// jsonCategory is a category of the JSON rendering (GFD.225 tables 2 to 4).
type jsonCategory struct {
	Term       string          `json:"term"`
	Scheme     string          `json:"scheme"`
	Class      Class           `json:"class"`
	Title      string          `json:"title"`
	Location   string          `json:"location"`
	Depends    []TypeID        `json:"depends"`
	Related    []TypeID        `json:"related"` // the draft's name of depends
	Applies    []TypeID        `json:"applies"`
	Attributes json.RawMessage `json:"attributes"`
	Actions    json.RawMessage `json:"actions"`
}

// ParseDefinitions reads an application/occi+json body of the query interface:
// {"mixins":[...]}, or one mixin alone. To name a mixin, its type identifier is
// enough. Errors: Invalid, also for kinds and actions, which clients cannot
// define.
func ParseDefinitions(body []byte) (*Message, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	var doc struct {
		Mixins  []json.RawMessage `json:"mixins"`
		Kinds   json.RawMessage   `json:"kinds"`
		Actions json.RawMessage   `json:"actions"`
		Term    *string           `json:"term"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, model.Errorf(model.Invalid, "the body is not a JSON object with mixins: %v", err)
	}
	m := &Message{}
	switch {
	case doc.Term != nil:
		doc.Mixins = []json.RawMessage{body}
	case says(doc.Kinds) || says(doc.Actions):
		return nil, model.Errorf(model.Invalid, "kinds and actions are the provider's: only mixins can be defined")
	}
	for _, raw := range doc.Mixins {
		d, err := parseDefinition(raw)
		if err != nil {
			return nil, err
		}
		m.Categories = append(m.Categories, d.CategoryRef)
		m.Definitions = append(m.Definitions, d)
	}
	return m, m.checkSize()
}

func parseDefinition(raw json.RawMessage) (Definition, error) {
	if raw[0] == '"' {
		var id string
		if err := json.Unmarshal(raw, &id); err != nil {
			return Definition{}, model.Errorf(model.Invalid, "a mixin is not JSON: %v", err)
		}
		ref, err := ParseCategoryRef(id)
		return Definition{CategoryRef: ref}, err
	}
	var c jsonCategory
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return Definition{}, model.Errorf(model.Invalid, "a mixin cannot be read: %v", err)
	}
	id, err := categoryID(c.Scheme, c.Term)
	return Definition{
		CategoryRef: CategoryRef{ID: id, Class: c.Class},
		Title:       c.Title, Location: c.Location,
		Depends: append(c.Depends, c.Related...), Applies: c.Applies,
		Members: says(c.Attributes) || says(c.Actions),
	}, err
}

// says tells whether a member holds anything.
func says(raw json.RawMessage) bool {
	switch string(bytes.Join(bytes.Fields(raw), nil)) {
	case "", "null", "[]", "{}":
		return false
	}
	return true
}
