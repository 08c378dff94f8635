package cimi

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/occimi/occimi/model"
)

// The names of a form's fields. That of an attribute is its path in the body,
// with dots: machineTemplate.machineImage.href.
const (
	formMethod = "_method" // the method that is meant, of those that forms do not have
	formJSON   = "_json "  // followed by a path; the value is a piece of JSON
)

// Form is what a browser sends of a form of this service's pages.
type Form struct {
	// Method is the method that is meant: POST, PUT or DELETE.
	Method string
	Body   Body
}

// ParseForm reads a form. Fields left empty say nothing. The body that is made
// of the others is read like any other. Errors: Invalid, naming the field.
func ParseForm(text []byte) (Form, error) {
	fields, err := url.ParseQuery(string(text))
	if err != nil {
		return Form{}, model.Errorf(model.Invalid, "the form is not well escaped")
	}
	f := Form{Method: "POST"}
	root := map[string]any{}
	for name, values := range fields {
		value := strings.TrimSpace(values[0])
		path, isJSON := strings.CutPrefix(name, formJSON)
		switch {
		case len(values) > 1:
			return Form{}, model.Errorf(model.Invalid, "the field %q is given twice", clip(name))
		case value == "":
		case !utf8.ValidString(value):
			return Form{}, model.Errorf(model.Invalid, "the field %q is not UTF-8", clip(name))
		case name == formMethod:
			if f.Method = value; value != "PUT" && value != "DELETE" {
				return Form{}, model.Errorf(model.Invalid, "a form cannot stand for the method %q", clip(value))
			}
		case isJSON && !json.Valid([]byte(value)):
			return Form{}, model.Errorf(model.Invalid, "%s is not JSON", clip(path))
		case isJSON:
			err = put(root, path, json.RawMessage(value))
		default:
			err = put(root, path, value)
		}
		if err != nil {
			return Form{}, err
		}
	}
	f.Body.Format = JSON
	f.Body.Bytes, err = json.Marshal(root)
	return f, err
}

// put sets the value at a path, and makes the structures on the way.
func put(at map[string]any, path string, value any) error {
	names := strings.Split(path, ".")
	if len(names) > maxDepth {
		return model.Errorf(model.Invalid, "the field %q is nested more than %d deep", clip(path), maxDepth)
	}
	wrong := model.Errorf(model.Invalid, "the field %q cannot stand beside the others", clip(path))
	last := len(names) - 1
	for _, name := range names[:last] {
		if at[name] == nil {
			at[name] = map[string]any{}
		}
		within, ok := at[name].(map[string]any)
		if !ok {
			return wrong
		}
		at = within
	}
	if at[names[last]] != nil {
		return wrong
	}
	at[names[last]] = value
	return nil
}

// PageAfter is where a browser goes on after a form was answered with success:
// to what was made, if something was, else to what has changed, else to the
// collection that it was in.
func (s *Session) PageAfter(t Target, f Form, location string) string {
	uri := t.uri(s)
	switch {
	case location != "":
		return location
	case t.operation(f.Method) == "delete":
		return uri[:strings.LastIndexByte(uri, '/')]
	}
	return uri
}
