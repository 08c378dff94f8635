package cimi

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
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
	JSON                     bool // the value is a piece of JSON such as Example
	Example                  string
	Options                  []option
}

type option struct {
	Text, Value string
	Selected    bool
}

// forms are for the operations that a representation names.
func (d Document) forms(operations []*shown) []webForm {
	var forms []webForm
	for _, op := range operations {
		rel, href := op.member("rel"), op.member("href")
		name, isAction := strings.CutPrefix(rel, actionPrefixes[d.s.Version])
		f := webForm{Action: href, Title: name, Unavailable: op.member("available") == "false"}
		switch {
		case isAction:
			f.Hidden = []input{{Name: "action", Value: rel}}
			if a := d.action(name); a != nil && len(a.accepts) > 0 { // it makes a resource
				f.Fields = d.common(schemaOf(a.in))
			}
		case rel == "delete":
			f.Hidden = []input{{Name: formMethod, Value: "DELETE"}}
		case rel == "edit":
			f = d.editForm(href)
		case rel == "add":
			f.Title, f.Fields = "add "+d.page.resource.name(), d.fields(schemaOf(d.page.resource.create.in), true, reflect.Value{}, "")
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
		if r.name() == d.typ && d.s.serves(r) && r.action(name) != nil {
			return r.action(name)
		}
	}
	return nil
}

// editForm is a partial update of everything that can be changed.
func (d Document) editForm(href string) webForm {
	s := schemaOf(d.value.Type())
	var names []string
	for _, a := range s.attributes[d.s.Version] {
		if editable(a, false) {
			names = append(names, a.name)
		}
	}
	return webForm{
		Action: href + "?$select=" + strings.Join(names, ","), Title: "edit",
		Hidden: []input{{Name: formMethod, Value: "PUT"}}, Fields: d.fields(s, false, d.value, ""),
	}
}

func editable(a *attribute, creation bool) bool {
	return a.class.writable(creation) && a.kind != kindOperations && a.kind != kindCollection && a.kind != kindParent
}

// common are fields for the name and the description.
func (d Document) common(s *schema) []input {
	var fields []input
	for _, f := range d.fields(s, true, reflect.Value{}, "") {
		if f.Name == "name" || f.Name == "description" {
			fields = append(fields, f)
		}
	}
	return fields
}

// fields are for the attributes that a client may write. v, if valid, holds
// their present values; within is the path of s in the body. Single values and
// references have fields of their own, at any depth; arrays and maps are JSON.
func (d Document) fields(s *schema, creation bool, v reflect.Value, within string) []input {
	var fields []input
	for _, a := range s.attributes[d.s.Version] {
		if !editable(a, creation) || within != "" && isCommon(a.name) {
			continue
		}
		path := within + a.name
		f := input{Name: path, Label: path, Required: a.required}
		var now reflect.Value
		if v.IsValid() {
			now = a.value(v)
		}
		switch a.kind {
		case kindStructure:
			if now.IsValid() {
				now = now.Elem()
			}
			fields = append(fields, d.fields(a.schema, creation, now, path+".")...)
			continue
		case kindRef:
			f.Name, f.Hint, f.Options = path+".href", "URI of a "+a.of, d.choices[a.of]
			if now.IsValid() {
				f.Value = d.s.href(a.of, now.Interface().(Ref))
			}
			f.Options = selected(f.Options, f.Value)
		case kindBoolean:
			if now.IsValid() && !(now.Kind() == reflect.Pointer && now.IsNil()) {
				f.Value = d.text(a, now)
			}
			f.Options = selected([]option{{}, {Text: "true", Value: "true"}, {Text: "false", Value: "false"}}, f.Value)
		case kindString, kindURI, kindInteger, kindTime, kindBytes:
			if f.Hint = typeNames[a.kind]; a.kind == kindString {
				f.Hint = ""
			}
			if now.IsValid() && !now.IsZero() {
				f.Value = d.text(a, now)
			}
		default:
			f.Name, f.JSON, f.Example = formJSON+path, true, example(a, d.s.Version)
			f.Hint = typeNames[a.kind] + ", as JSON"
			if now.IsValid() && !now.IsZero() {
				f.Value = d.json(a, now)
			}
		}
		fields = append(fields, f)
	}
	return fields
}

func isCommon(name string) bool {
	return schemaOf(reflect.TypeFor[Common]()).attribute(V2, name) != nil
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

// text is the text of a single value.
func (d Document) text(a *attribute, v reflect.Value) string {
	p := &htmlPrinter{document: d}
	(&encoder{s: d.s, v: d.s.Version, p: p}).member(a, v, self{})
	return p.root.Text
}

// json is an attribute's value as JSON.
func (d Document) json(a *attribute, v reflect.Value) string {
	p := &jsonPrinter{}
	(&encoder{s: d.s, v: d.s.Version, p: p, found: map[place]*resource{}}).member(a, v, self{})
	_, text, _ := strings.Cut(string(p.buf), ":") // the name before it has none
	return text
}

// example is what an array or a map may look like.
func example(a *attribute, v Version) string {
	value := exampleOf(a, v)
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // maps and slices of strings
	}
	return string(text)
}

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
			if editable(m, true) && !isCommon(m.name) {
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
	var fetches []func() error
	for i, of := range types {
		fetches = append(fetches, func() error { lists[i] = d.s.choicesOf(ctx, of); return nil })
	}
	_ = concurrently(fetches)
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
		case !editable(a, true) || within != "" && isCommon(a.name):
		case a.kind == kindStructure:
			d.referred(a.schema, a.name, types)
		case a.kind == kindRef && !slices.Contains(*types, a.of):
			*types = append(*types, a.of)
		}
	}
}

// choicesOf are the resources of a type.
func (s *Session) choicesOf(ctx context.Context, of string) []option {
	r := s.resourceOf(of)
	if r == nil {
		return nil
	}
	list, err := r.list(ctx, s, nil)
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
