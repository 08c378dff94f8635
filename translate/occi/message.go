package occi

import "github.com/occimi/occimi/model"

// Message is what a client said, parsed and not yet checked against what is
// declared. All renderings are read into it.
type Message struct {
	// ID is the id that a JSON entity says it has; it is among the attributes
	// too.
	ID         string
	Categories []CategoryRef
	Attributes []RawAttribute
	Links      []RawLink
	// Locations are references to entities, as they were written.
	Locations []string
	// Refs are the location or id that a JSON entity says it has.
	Refs []string
	// Definitions are what the categories say about themselves.
	Definitions []Definition
	// Member is the member of a JSON collection that the entity stood in:
	// resources or links.
	Member string
	// More are further entities that came in the same JSON collection.
	More []*Message
}

// Definition is a category that a request describes (OCCI 1.2 HTTP 5.2), as it
// was written.
type Definition struct {
	CategoryRef
	Title            string
	Depends, Applies []TypeID
	Location         string
	// Members tells whether it has attributes or actions.
	Members bool
}

// RawAttribute is an attribute as it was written.
type RawAttribute struct {
	Name  string
	Value Value
}

// RawLink is an inline link as it was written (OCCI 1.2 Text 4.3).
type RawLink struct {
	// ID is the id that the client says the link has. If it is that of a link
	// which the entity has, that one is meant; else a new one.
	ID     string
	Target string
	// Categories are the link's kind and mixins; empty if the client only said
	// where the link is: in Target, then.
	Categories []CategoryRef
	Attributes []RawAttribute
}

// maxParts is how many categories, or links, or attributes a request may have:
// far more than any client sends, and too few to keep the program busy.
const maxParts = 1000

// checkSize refuses requests that are many requests. Errors: Invalid.
func (m *Message) checkSize() error {
	if max(len(m.Categories), len(m.Attributes), len(m.Links), len(m.Locations), 1+len(m.More)) > maxParts {
		return model.Errorf(model.Invalid, "the request has more than %d categories, attributes, links or entities", maxParts)
	}
	for i := range m.Links {
		if max(len(m.Links[i].Categories), len(m.Links[i].Attributes)) > maxParts {
			return model.Errorf(model.Invalid, "a link has more than %d categories or attributes", maxParts)
		}
	}
	for _, other := range m.More {
		if err := other.checkSize(); err != nil {
			return err
		}
	}
	return nil
}

// maxName bounds the names of categories and attributes, in bytes.
const maxName = 255

// Empty tells whether the client said nothing at all.
func (m *Message) Empty() bool {
	return len(m.Categories)+len(m.Attributes)+len(m.Links)+len(m.Locations) == 0
}

// categoryID checks and completes a type identifier: a scheme is a URI that ends
// in '#' (added if a client forgot it), a term is made of letters, digits, '-',
// '_' and '.' (OCCI 1.2 Text 4.1). Errors: Invalid.
func categoryID(scheme, term string) (TypeID, error) {
	if scheme == "" {
		return "", model.Errorf(model.Invalid, "the category %s has no scheme", quoteForMessage(term))
	}
	if scheme[len(scheme)-1] != '#' {
		scheme += "#"
	}
	for i := range len(scheme) {
		if c := scheme[i]; c <= ' ' || c == '"' || c == '<' || c == '>' || c >= 0x7f || c == '#' && i < len(scheme)-1 {
			return "", model.Errorf(model.Invalid, "%s is not a category's scheme", quoteForMessage(scheme))
		}
	}
	if term == "" || len(term) > maxName || !isAlnum(term[0]) {
		return "", model.Errorf(model.Invalid, "%s is not a category's term", quoteForMessage(term))
	}
	for i := range len(term) {
		if c := term[i]; !isAlnum(c) && c != '-' && c != '_' && c != '.' {
			return "", model.Errorf(model.Invalid, "%s is not a category's term", quoteForMessage(term))
		}
	}
	return TypeID(scheme + term), nil
}

// parseTypeID reads a type identifier. Errors: Invalid.
func parseTypeID(s string) (TypeID, error) {
	id := TypeID(s)
	if id.Scheme() == "" {
		return "", model.Errorf(model.Invalid, "%s is not a type identifier: it has no '#'", quoteForMessage(s))
	}
	return categoryID(id.Scheme(), id.Term())
}

// checkAttributeName checks the grammar of names (OCCI 1.2 Text 4.4). Errors:
// Invalid.
func checkAttributeName(name string) error {
	ok := name != "" && len(name) <= maxName
	for i := range len(name) {
		c := name[i]
		ok = ok && (isAlnum(c) || i > 0 && (c == '.' || c == '-' || c == '_'))
	}
	if !ok {
		return model.Errorf(model.Invalid, "%s is not the name of an attribute", quoteForMessage(name))
	}
	return nil
}

// ParseCategoryRef reads a type identifier as the name of a category of any
// class. Errors: Invalid.
func ParseCategoryRef(s string) (CategoryRef, error) {
	id, err := parseTypeID(s)
	return CategoryRef{ID: id}, err
}
