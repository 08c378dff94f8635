package cimi

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/occimi/occimi/model/fanout"
)

// webForm is something that a page lets do. Without fields it is a button.
type webForm struct {
	Action, Title  string
	Hidden, Fields []input
	Unavailable    bool
}

// input is a field of a form. Its name is the path of an attribute in the body.
type input struct {
	Name, Label, Value, Hint string
	Required                 bool
	Secret                   bool
	JSON                     bool // the value is a piece of JSON such as Example
	Example                  string
	Options                  []option
}

type option struct {
	Text, Value string
	Selected    bool
}

// forms are for the operations that a representation names, with the values
// that it shows.
func (d Document) forms(root *shown) []webForm {
	var forms []webForm
	for _, op := range root.find("operations").items() {
		rel, href := op.member("rel"), op.member("href")
		name, isAction := strings.CutPrefix(rel, actionPrefixes[d.s.Version])
		f := webForm{Action: href, Title: name, Unavailable: op.member("available") == "false"}
		switch {
		case isAction:
			f.Hidden = []input{{Name: "action", Value: rel}}
			switch a := d.action(name); {
			case a == nil || a.in == reflect.TypeFor[ActionInput]():
			case len(a.accepts) > 0: // it makes a resource
				f.Fields = d.common(schemaOf(a.in))
			default:
				f.Fields = d.fields(schemaOf(a.in), true, nil, "")
			}
		case rel == "delete":
			f.Hidden = []input{{Name: formMethod, Value: "DELETE"}}
		case rel == "edit" && d.page == nil:
			f = d.editForm(href, root)
		case rel == "add" && d.page != nil:
			f.Title, f.Fields = "add "+d.page.resource.name(), d.fields(schemaOf(d.page.resource.create.in), true, nil, "")
		default:
			continue // no form knows what it needs
		}
		if f.Unavailable {
			f.Fields = nil
		}
		forms = append(forms, f)
	}
	return forms
}

// action finds the declaration of an operation of the document's type.
func (d Document) action(name string) *action {
	for _, r := range resources() {
		if a := actionNamed(r.actions, d.s.Version, name); a != nil && r.name() == d.typ && d.s.serves(r) {
			return a
		}
	}
	return nil
}

// editForm is a partial update of what is shown and can be changed.
func (d Document) editForm(href string, root *shown) webForm {
	s := schemaOf(d.value.Type())
	var names []string
	for _, a := range s.attributes[d.s.Version] {
		if d.changeable(a, root.find(a.name)) {
			names = append(names, a.name)
		}
	}
	return webForm{
		Action: href + "?$select=" + strings.Join(names, ","), Title: "edit",
		Hidden: []input{{Name: formMethod, Value: "PUT"}}, Fields: d.fields(s, false, root, ""),
	}
}

// changeable tells whether the edit form has the attribute. What has a resource
// by value inside is left as it is, since a page may not show all of it.
func (d Document) changeable(a *attribute, now *shown) bool {
	return editable(a, false) && d.choice.shows(a.name) && (now == nil || !hasResource(a, now, d.s.Version))
}

func hasResource(a *attribute, now *shown, v Version) bool {
	inside := func(item *shown) bool {
		return slices.ContainsFunc(a.schema.attributes[v], func(m *attribute) bool {
			member := item.find(m.name)
			return member != nil && hasResource(m, member, v)
		})
	}
	byValue := func(ref *shown) bool { return ref.Members != nil }
	switch a.kind {
	case kindRef:
		return byValue(now)
	case kindRefs:
		return slices.ContainsFunc(now.Items, byValue)
	case kindStructure:
		return inside(now)
	case kindStructures:
		return slices.ContainsFunc(now.Items, inside)
	}
	return false
}

func editable(a *attribute, creation bool) bool {
	return a.class.writable(creation) && a.kind != kindOperations && a.kind != kindCollection && a.kind != kindParent
}

// common are fields for the name and the description.
func (d Document) common(s *schema) []input {
	var fields []input
	for _, f := range d.fields(s, true, nil, "") {
		if f.Name == "name" || f.Name == "description" {
			fields = append(fields, f)
		}
	}
	return fields
}

// fields are for the attributes that a client may write. now, if there is one,
// shows their present values; within is the path of s in the body. Single values
// and references have fields of their own, at any depth; arrays and maps are
// JSON. What nobody serves cannot be referred to. A template may be referred to, or given by value, or both: then what is
// given overrides what it has (DSP0263 4.2.1.1).
func (d Document) fields(s *schema, creation bool, now *shown, within string) []input {
	var fields []input
	for _, a := range s.attributes[d.s.Version] {
		path, value := within+a.name, now.find(a.name)
		if !editable(a, creation) || within == "" && !creation && !d.changeable(a, value) || within != "" && creation && isCommon(s, a) {
			continue
		}
		f := input{Name: path, Label: path, Value: value.text(), Required: a.required, Secret: a.secret}
		switch a.kind {
		case kindStructure:
			fields = append(fields, d.fields(a.schema, creation, value, path+".")...)
			continue
		case kindRef:
			f.Name, f.Hint, f.Options = path+".href", "URI of a "+a.of, d.choices[a.of]
			if value != nil {
				f.Value = value.Href
			}
		case kindBoolean:
			f.Options = []option{{}, {Text: "true", Value: "true"}, {Text: "false", Value: "false"}}
		case kindString:
		case kindURI, kindInteger, kindTime, kindBytes:
			f.Hint = typeNames[a.kind]
		default:
			f.Name, f.JSON, f.Value = formJSON+path, true, ""
			f.Example, f.Hint = jsonText(exampleOf(a, d.s.Version)), typeNames[a.kind]+", as JSON"
			if value != nil {
				f.Value = jsonText(value.plain())
			}
		}
		f.Options = selected(f.Options, f.Value)
		template := templateOf(a)
		f.Required = f.Required && template == nil // it may be given by value
		if a.kind != kindRef || d.s.resourceOf(a.of) != nil {
			fields = append(fields, f)
		}
		if template != nil && creation {
			fields = append(fields, d.fields(template, creation, nil, path+".")...)
		}
	}
	return fields
}

// templateOf gives what a reference to a template may have by value; nil if it
// is another attribute.
func templateOf(a *attribute) *schema {
	if a.kind == kindRef && strings.HasSuffix(a.of, "Template") {
		for _, r := range resources() {
			if r.name() == a.of {
				return schemaOf(r.item)
			}
		}
	}
	return nil
}

// isCommon tells whether an attribute of a resource is one that all have: within
// a body they say little.
func isCommon(s *schema, a *attribute) bool {
	common := schemaOf(reflect.TypeFor[Common]())
	return s.attribute(V2, "id") != nil && common.attribute(V2, a.name) != nil
}

// selected marks the option that has the value; a value that none has is added.
func selected(options []option, value string) []option {
	if len(options) == 0 || value == "" {
		return options
	}
	marked := make([]option, 0, len(options)+1)
	found := false
	for _, o := range options {
		o.Selected = o.Value == value
		found = found || o.Selected
		marked = append(marked, o)
	}
	if !found {
		marked = append(marked, option{Text: value, Value: value, Selected: true})
	}
	return marked
}

// plain is a value as it stands in JSON; numbers may be texts there.
func (v *shown) plain() any {
	switch {
	case v.list:
		list := []any{}
		for _, item := range v.Items {
			list = append(list, item.plain())
		}
		return list
	case v.Members != nil:
		members := map[string]any{}
		for _, m := range v.Members {
			members[m.Name] = m.plain()
		}
		return members
	case v.ref:
		return map[string]string{"href": v.Href}
	}
	return v.Text
}

func jsonText(value any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // for people to read; the page escapes it
	if err := e.Encode(value); err != nil {
		panic("cimi: " + err.Error()) // maps and slices of strings
	}
	return strings.TrimSpace(b.String())
}

// exampleOf is what an attribute may look like.
func exampleOf(a *attribute, v Version) any {
	switch a.kind {
	case kindMap:
		return map[string]string{"key": "value"}
	case kindStrings:
		return []string{"text"}
	case kindRef:
		return map[string]string{"href": "URI"}
	case kindRefs:
		return []any{map[string]string{"href": "URI"}}
	case kindStructure, kindStructures:
		members := map[string]any{}
		for _, m := range a.schema.attributes[v] {
			if editable(m, true) {
				members[m.name] = exampleOf(m, v)
			}
		}
		if a.kind == kindStructure {
			return members
		}
		return []any{members}
	}
	return typeNames[a.kind]
}

// WithChoices is the document with what the references in its page's forms may
// lead to, for people to choose from. Lists that cannot be read are left out:
// then URIs can be typed. It makes a call for each type that is referred to, at
// the same time.
func (d Document) WithChoices(ctx context.Context) Document {
	if d.page == nil || d.page.resource.create == nil || d.s.Cloud == nil {
		return d
	}
	var types []string
	d.referred(schemaOf(d.page.resource.create.in), "", &types)
	lists := make([][]option, len(types))
	var fetches fanout.Group
	for i, of := range types {
		fetches.Go(func() error { lists[i] = d.s.choicesOf(ctx, of); return nil })
	}
	_ = fetches.Wait() // they have none
	d.choices = map[string][]option{}
	for i, of := range types {
		d.choices[of] = lists[i]
	}
	return d
}

// referred collects the types that references in a body may lead to.
func (d Document) referred(s *schema, within string, types *[]string) {
	for _, a := range s.attributes[d.s.Version] {
		switch {
		case !editable(a, true) || within != "" && isCommon(s, a):
		case a.kind == kindStructure:
			d.referred(a.schema, a.name, types)
		case a.kind == kindRef && !slices.Contains(*types, a.of):
			*types = append(*types, a.of)
			if template := templateOf(a); template != nil {
				d.referred(template, a.name, types)
			}
		}
	}
}

// choicesOf are the resources of a type.
func (s *Session) choicesOf(ctx context.Context, of string) []option {
	r := s.resourceOf(of)
	if r == nil {
		return nil
	}
	list, err := s.list(ctx, r, nil)
	if err != nil {
		return nil
	}
	options := []option{{}}
	for v, i := reflect.ValueOf(list), 0; i < v.Len(); i++ {
		d := Document{s: s, typ: of, value: v.Index(i)}
		options = append(options, option{Text: d.name(), Value: d.id()})
	}
	return options
}
