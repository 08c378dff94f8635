package cimi

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/occimi/occimi/model"
)

// parse reads a body in either format.
func parse(body []byte, f Format, v Version) (*node, error) {
	if !utf8.Valid(body) {
		return nil, model.Errorf(model.Invalid, "the body is not UTF-8")
	}
	if f == XML {
		return parseXML(body, v)
	}
	return parseJSON(body)
}

// decoder reads a body into a struct. It knows three classes of attributes
// (DSP0263 5.3): writable ones are read, those that the consumer may not write
// are passed over, and unknown ones are refused by name.
type decoder struct {
	ctx context.Context // of the calls that overridden references cost
	s   *Session
	// creation tells a creation from an update.
	creation bool
	// byValue tells that the client describes a resource instead of pointing at
	// one: then all attributes count.
	byValue bool
	// only, if not nil, are the attributes that a partial update names.
	only []string
}

// document reads a whole body into the struct that into points at. The body's
// type, if it says one, must be one of types.
func (d *decoder) document(n *node, into any, types ...string) error {
	if err := d.checkType(n, types); err != nil {
		return err
	}
	v := reflect.ValueOf(into).Elem()
	return d.members(n, schemaOf(v.Type()), v, "")
}

// checkType compares the type that the body claims. The case of the first
// letter of an XML root does not matter: clients disagree.
func (d *decoder) checkType(n *node, types []string) error {
	if n.form == formElement && !slices.ContainsFunc(types, func(t string) bool { return lowerFirst(t) == lowerFirst(n.name) }) {
		return model.Errorf(model.Invalid, "the root element is %s; expected is %s", clip(n.name), strings.Join(types, " or "))
	}
	claim := n.kid("resourceURI")
	if claim == nil {
		return nil
	}
	n.without("resourceURI")
	uri := strings.TrimSpace(claim.text)
	if !slices.ContainsFunc(types, func(t string) bool { return uri == d.s.Version.typeURI(t) }) {
		return model.Errorf(model.Invalid, "resourceURI is %q; expected is %s", clip(uri), d.s.Version.typeURI(types[0]))
	}
	return nil
}

// members reads what is inside n into the struct v. within is the path of v in
// the document, for errors.
func (d *decoder) members(n *node, s *schema, v reflect.Value, within string) error {
	seen := map[string]bool{}
	for _, kid := range n.kids {
		a := s.byName[d.s.Version][kid.name]
		switch {
		case a == nil && (kid.name == "operation" || kid.name == "resourceURI"):
			continue
		case a == nil:
			return model.Errorf(model.Invalid, "unknown or unsupported attribute: %s", clip(within+kid.name))
		case a.kind == kindRefused:
			return model.Errorf(model.Invalid, "%s is not supported: %s", within+a.name, a.reason)
		case a.kind == kindOperations || a.kind == kindParent || a.kind == kindCollection || !d.byValue && !a.class.writable(d.creation):
			continue
		}
		bare := kid.form == formElement && kid.name == a.item // one item of an array without wrapper
		if seen[a.name] && !bare {
			return model.Errorf(model.Invalid, "the attribute %s is given twice", within+a.name)
		}
		if !seen[a.name] {
			a.value(v).SetZero() // what an overridden template has is replaced whole
		}
		seen[a.name] = true
		if within == "" && d.only != nil && !slices.Contains(d.only, a.name) {
			return model.Errorf(model.Invalid, "the attribute %s is not in $select", a.name)
		}
		if kid.erased() && !bare {
			continue
		}
		if err := d.member(kid, a, a.value(v), within+a.name, bare); err != nil {
			return err
		}
	}
	return nil
}

// member reads one attribute.
func (d *decoder) member(n *node, a *attribute, f reflect.Value, path string, bare bool) error {
	switch a.kind {
	case kindMap:
		return d.entries(n, a, f, path, bare)
	case kindStrings, kindRefs, kindStructures:
		return d.array(n, a, f, path, bare)
	case kindRef:
		return d.ref(n, a, f, path)
	case kindStructure:
		if n.form == formList || n.form == formText {
			return wrongType(path, "a structure")
		}
		f.Set(reflect.New(a.pick))
		return d.members(n, a.schema, f.Elem(), path+".")
	}
	if a.kind == kindURI {
		n = n.pointed()
	}
	if n.form == formList || n.form == formObject || len(n.kids) > 0 {
		return wrongType(path, "a single value")
	}
	return scalar(n, a, f, path)
}

// scalar reads a single value. Blanks around values are clients' layout, but
// for JSON strings.
func scalar(n *node, a *attribute, f reflect.Value, path string) error {
	text := strings.TrimSpace(n.text)
	if n.unquoted && a.kind != kindInteger && a.kind != kindBoolean {
		return wrongType(path, "a string")
	}
	switch a.kind {
	case kindString:
		if n.form != formElement {
			text = n.text
		}
		f.SetString(text)
	case kindURI:
		f.SetString(text)
	case kindInteger:
		i, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return wrongType(path, "an integer")
		}
		f.SetInt(i)
	case kindBoolean:
		if text != "true" && text != "false" {
			return wrongType(path, "true or false")
		}
		b := text == "true"
		if f.Kind() == reflect.Pointer {
			f.Set(reflect.ValueOf(&b))
		} else {
			f.SetBool(b)
		}
	case kindTime:
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return wrongType(path, "a dateTime")
		}
		f.Set(reflect.ValueOf(t))
	case kindBytes:
		b, ok := readBytes(text)
		if !ok {
			return wrongType(path, "hexadecimal, Base64, or an OpenSSH public key")
		}
		f.SetBytes(b)
	default:
		return model.Errorf(model.Invalid, "unknown or unsupported attribute: %s", path)
	}
	return nil
}

// readBytes reads a byte[]: hexadecimal, as it is printed; Base64, as some
// clients send it; or an OpenSSH public key as it is, which is neither because
// of its blanks.
func readBytes(text string) ([]byte, bool) {
	if strings.ContainsRune(text, ' ') {
		return []byte(text), true
	}
	if b, err := hex.DecodeString(text); err == nil {
		return b, true
	}
	b, err := base64.StdEncoding.DecodeString(text)
	return b, err == nil
}

// entries reads a map: a JSON object, or elements with a key.
func (d *decoder) entries(n *node, a *attribute, f reflect.Value, path string, bare bool) error {
	if f.IsNil() {
		f.Set(reflect.ValueOf(map[string]string{}))
	}
	m := f.Interface().(map[string]string)
	put := func(key, value string) error {
		if _, twice := m[key]; twice {
			return model.Errorf(model.Invalid, "%s: the key %q is given twice", path, clip(key))
		}
		if len(m) == maxPropertyItems && a.name == "properties" && d.s.Version != everyVersion {
			return model.Errorf(model.Invalid, "%s: a resource has at most %d", path, maxPropertyItems)
		}
		m[key] = value
		return nil
	}
	if n.form == formObject {
		for _, kid := range n.kids {
			if kid.form != formText && kid.form != formNull {
				return wrongType(path+"["+clip(kid.name)+"]", "a string")
			}
			if err := put(kid.name, kid.text); err != nil {
				return err
			}
		}
		return nil
	}
	elements := n.kids
	if bare {
		elements = []*node{n}
	}
	for _, element := range elements {
		key := element.kid("key")
		if element.form != formElement || element.name != a.item || key == nil || len(element.kids) > 1 {
			return wrongType(path, "<"+a.item+` key="...">text</`+a.item+">")
		}
		if err := put(key.text, element.text); err != nil {
			return err
		}
	}
	if n.form == formText || n.form == formList {
		return wrongType(path, "a map")
	}
	return nil
}

// array reads an array: a JSON array, a wrapper element with items of any name,
// or, in bare form, one more item.
func (d *decoder) array(n *node, a *attribute, f reflect.Value, path string, bare bool) error {
	items := n.kids
	if bare {
		items = []*node{n}
	} else if n.form != formList && n.form != formElement {
		return wrongType(path, "an array")
	}
	for _, item := range items {
		f.Set(reflect.Append(f, reflect.Zero(f.Type().Elem())))
		at, last := path+"["+strconv.Itoa(f.Len()-1)+"]", f.Index(f.Len()-1)
		var err error
		switch a.kind {
		case kindStrings:
			if len(item.kids) > 0 || item.unquoted || item.form == formNull {
				return wrongType(at, "a string")
			}
			last.SetString(strings.TrimSpace(item.text))
		case kindRefs:
			err = d.ref(item, a, last, at)
		default:
			if item.form != formObject && item.form != formElement {
				return wrongType(at, "a structure")
			}
			err = d.members(item, a.schema, last, at+".")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ref reads a reference: an href, the resource by value, or an href and what
// overrides the resource's attributes for this request (DSP0263 4.2.1.1).
func (d *decoder) ref(n *node, a *attribute, f reflect.Value, path string) error {
	if n.form != formObject && n.form != formElement {
		return wrongType(path, "a reference: an href, or a "+a.of+" by value")
	}
	var ref Ref
	if href := n.kid("href"); href != nil {
		var err error
		if ref, err = d.s.pointing(a, href.text); err != nil {
			return model.Errorf(model.Invalid, "%s: %s", path, model.AsError(err).Message)
		}
		n.without("href")
	}
	n.without("resourceURI")
	if len(n.kids) > 0 || ref.Key == "" && n.form == formObject { // {} is a resource, of which nothing is said
		r := declared(a.of)
		if r == nil {
			return model.Errorf(model.Invalid, "%s: a %s by value is not accepted here", path, a.of)
		}
		value, was := reflect.New(r.item), reflect.New(r.item)
		if ref.Key != "" {
			got, err := d.s.get(d.ctx, declared(cmp.Or(ref.Of, a.of)), Address{ref.Key})
			if err != nil {
				return inBody(path, err)
			}
			takeOver(was.Elem(), reflect.ValueOf(got).Elem())
			value.Elem().Set(was.Elem())
			ref = Ref{}
		}
		byValue, s := decoder{ctx: d.ctx, s: d.s, byValue: true}, schemaOf(r.item)
		if err := byValue.members(n, s, value.Elem(), path+"."); err != nil {
			return err
		}
		ref.Value = value.Interface()
		if t, ok := ref.Value.(twofold); ok {
			said := func(name string) bool {
				return slices.ContainsFunc(n.kids, func(kid *node) bool {
					a := s.byName[d.s.Version][kid.name]
					return a != nil && a.name == name
				})
			}
			if err := t.settle(was.Interface(), said); err != nil {
				return inBody(path, err)
			}
		}
	}
	f.Set(reflect.ValueOf(ref))
	return nil
}

// takeOver gives a resource the attributes of another, which may be of another
// type.
func takeOver(to, from reflect.Value) {
	if to.Type() == from.Type() {
		to.Set(from)
		return
	}
	for _, a := range schemaOf(from.Type()).attributes[everyVersion] {
		if same := schemaOf(to.Type()).attribute(everyVersion, a.name); same != nil && same.kind == a.kind {
			same.value(to).Set(a.value(from))
		}
	}
}

func wrongType(path, expected string) error {
	return model.Errorf(model.Invalid, "%s is not %s", clip(path), expected)
}
