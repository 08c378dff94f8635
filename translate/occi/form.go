package occi

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// The fields of a form. Every other one is an attribute: their names begin with
// a letter or digit.
const (
	formMethod   = "_method"   // the method that is meant, of those that forms do not have
	formCategory = "_category" // a type identifier
	formLocation = "_location" // of an entity
	formLink     = "_link "    // followed by a kind of link; its value is the target
	formTerm     = "_term"     // of a mixin to be defined, with the following
	formScheme   = "_scheme"
	formTitle    = "_title"
	formRel      = "_rel"
	formAt       = "_at" // its location
)

// ParseForm reads what a browser sends of a form of this service's pages, and
// the method that is meant. Fields left empty say nothing. Errors: Invalid.
func ParseForm(body []byte) (m *Message, method string, err error) {
	fields, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, "", model.Errorf(model.Invalid, "the form is not well escaped")
	}
	m = &Message{}
	for name, values := range fields {
		for _, value := range values {
			if !utf8.ValidString(value) {
				return nil, "", model.Errorf(model.Invalid, "the form is not UTF-8")
			}
			if value = strings.TrimSpace(value); value == "" {
				continue
			}
			if err := m.readField(name, value); err != nil {
				return nil, "", err
			}
		}
	}
	if fields.Has(formTerm) {
		id, err := categoryID(fields.Get(formScheme), fields.Get(formTerm))
		if err != nil {
			return nil, "", err
		}
		d := Definition{CategoryRef: CategoryRef{ID: id}, Title: fields.Get(formTitle), Location: fields.Get(formAt)}
		for _, rel := range strings.Fields(fields.Get(formRel)) {
			d.Depends = append(d.Depends, TypeID(rel))
		}
		m.Categories, m.Definitions = append(m.Categories, d.CategoryRef), append(m.Definitions, d)
	}
	switch method = fields.Get(formMethod); method {
	case "", "PUT", "DELETE":
		return m, method, m.checkSize()
	}
	return nil, "", model.Errorf(model.Invalid, "a form cannot stand for the method %s", quoteForMessage(method))
}

func (m *Message) readField(name, value string) error {
	link, isLink := strings.CutPrefix(name, formLink)
	switch {
	case name == formCategory:
		ref, err := ParseCategoryRef(value)
		m.Categories = append(m.Categories, ref)
		return err
	case name == formLocation:
		m.Locations = append(m.Locations, value)
	case isLink:
		ref, err := ParseCategoryRef(link)
		m.Links = append(m.Links, RawLink{Target: value, Categories: []CategoryRef{ref}})
		return err
	case strings.HasPrefix(name, "_"):
		if !slices.Contains([]string{formMethod, formTerm, formScheme, formTitle, formRel, formAt}, name) {
			return model.Errorf(model.Invalid, "there is no field %s", quoteForMessage(name))
		}
	default:
		if err := checkAttributeName(name); err != nil {
			return err
		}
		m.Attributes = append(m.Attributes, RawAttribute{name, Value{form: tokenForm, text: value}})
	}
	return nil
}

// pageForm is something that a page lets do. Without fields it is a button.
type pageForm struct {
	Action, Button string
	Hidden, Fields []input
	// Final is what cannot be undone: its button takes two clicks.
	Final bool
}

type input struct {
	Name, Label, Value, Hint string
	Required                 bool
	Options                  []choice
}

type choice struct {
	Text, Value string
	Selected    bool
}

// Choices are the templates that something new can be made from, in the order
// of the nouns that declare them.
type Choices []family

// family is the templates of one base.
type family struct {
	base   *Mixin
	mixins []*Mixin
}

// Choices reads what the form for a new entity at a place offers.
func (s *Session) Choices(ctx context.Context, at Place) (Choices, error) {
	if at.Noun == nil || at.ID != "" || at.Noun.Create == nil {
		return nil, nil
	}
	var families []*Template
	for _, n := range s.nouns {
		for _, t := range n.Templates {
			if t.Base.AppliesTo(at.Noun.Kind) {
				families = append(families, t)
			}
		}
	}
	c := make(Choices, len(families))
	g, ctx := fanout.WithContext(ctx)
	for i, t := range families {
		c[i].base = t.Base
		g.Go(func() (err error) { c[i].mixins, err = s.templates(ctx, t); return })
	}
	return c, g.Wait()
}

// collectionForms are for what can be done to a collection.
func (s *Session) collectionForms(a Answer) []pageForm {
	switch n := a.At.Noun; {
	case n != nil && n.Create != nil:
		return []pageForm{s.creationForm(n, a.Choices)}
	case a.At.Mixin != nil && a.At.Mixin.Mark != "":
		return []pageForm{{
			Action: s.Links.Ref(a.At.Mixin.Location), Button: "Add an entity",
			Fields: []input{{Name: formLocation, Label: "path", Required: true, Hint: "such as /compute/ID"}},
		}}
	}
	return nil
}

func (s *Session) creationForm(n *Noun, choices Choices) pageForm {
	f := pageForm{
		Action: s.Links.Ref(n.Kind.Location), Button: "Create " + n.Kind.ID.Term(),
		Hidden: []input{{Name: formCategory, Value: string(n.Kind.ID)}},
	}
	given := func(a *Attribute) bool { return !a.Server }
	for _, k := range n.Kind.line() {
		f.Fields = append(f.Fields, s.inputs(k.Attributes, given, nil)...)
	}
	for _, c := range choices {
		if len(c.mixins) == 0 {
			continue
		}
		in := input{Name: formCategory, Label: c.base.Title, Options: []choice{{}}}
		for _, m := range c.mixins {
			in.Options = append(in.Options, choice{Text: m.Title, Value: string(m.ID)})
		}
		f.Fields = append(f.Fields, in)
	}
	for _, m := range n.Mixins {
		optional := s.inputs(m.Attributes, given, nil)
		for i := range optional {
			optional[i].Required = false // unless the mixin is wanted
		}
		f.Fields = append(f.Fields, optional...)
	}
	for _, l := range s.nouns {
		if l.Outgoing != nil && slices.ContainsFunc(linkSources, func(t Target) bool { return t.Kind == n.Kind.ID }) {
			f.Fields = append(f.Fields, input{
				Name: formLink + string(l.Kind.ID), Label: l.Kind.Title, Hint: "path of a " + kindNames(l.Kind.Targets),
			})
		}
	}
	return f
}

// line is the kind and what it descends from, the farthest first: what all
// entities have leads a form.
func (k *Kind) line() []*Kind {
	if k == nil {
		return nil
	}
	return append(k.Parent.line(), k)
}

// inputs are fields for the attributes that the condition holds for, with their
// present values.
func (s *Session) inputs(attributes []Attribute, wanted func(*Attribute) bool, e *Entity) []input {
	var inputs []input
	for i := range attributes {
		a := &attributes[i]
		if !a.in(s.Version) || !wanted(a) {
			continue
		}
		in := input{Name: a.Name, Label: a.Name, Hint: a.Description, Required: a.Required}
		value := a.Default
		if e != nil {
			value = e.value(a.Name, s.Version)
		}
		if !value.IsZero() {
			in.Value = string(value.appendShown(nil))
		}
		if len(a.Enum) > 0 {
			in.Options = []choice{{}}
			for _, v := range a.Enum {
				in.Options = append(in.Options, choice{Text: v, Value: v, Selected: v == in.Value})
			}
		}
		inputs = append(inputs, in)
	}
	return inputs
}

// entityForms are for what can be done to an entity now.
func (s *Session) entityForms(e *Entity) []pageForm {
	path := s.Links.Ref(e.Path())
	n := s.nounOf(e.Kind)
	var forms []pageForm
	for _, a := range e.Actions {
		forms = append(forms, pageForm{
			Action: path + "?action=" + a.ID.Term(), Button: a.Title,
			Hidden: []input{{Name: formCategory, Value: string(a.ID)}},
			Fields: s.inputs(a.Attributes, func(*Attribute) bool { return true }, nil),
		})
	}
	if n.Update != nil && !e.Foreign {
		f := pageForm{Action: path, Button: "Change"}
		change := func(a *Attribute) bool { return !a.fixed() }
		for _, k := range n.Kind.line() {
			f.Fields = append(f.Fields, s.inputs(k.Attributes, change, e)...)
		}
		if len(f.Fields) > 0 {
			forms = append(forms, f)
		}
	}
	for _, m := range e.Mixins {
		if m.Mark != "" {
			forms = append(forms, pageForm{
				Action: s.Links.Ref(m.Location), Button: "Take mixin " + m.ID.Term() + " off",
				Hidden: []input{{Name: formMethod, Value: "DELETE"}, {Name: formLocation, Value: path}},
			})
		}
	}
	if n.Delete != nil && !e.Foreign {
		forms = append(forms, pageForm{Action: path, Button: "Delete", Hidden: []input{{Name: formMethod, Value: "DELETE"}}, Final: true})
	}
	return forms
}

func (s *Session) definitionForm() pageForm {
	return pageForm{Action: s.Links.Ref("/-/"), Button: "Define a mixin", Fields: []input{
		{Name: formTerm, Label: "term", Required: true, Hint: "letters and digits"},
		{Name: formScheme, Label: "scheme", Required: true, Hint: "a URI of your own, such as http://example.org/mine#"},
		{Name: formTitle, Label: "title"},
		{Name: formAt, Label: "location", Required: true, Hint: "such as /mine/"},
	}}
}
