package cimi

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
)

func (f orFilter) check(s *schema, v Version) error { return checkAll(f, s, v) }

func (f orFilter) matches(it itemValues) bool {
	for _, part := range f {
		if part.matches(it) {
			return true
		}
	}
	return false
}

func (f andFilter) check(s *schema, v Version) error { return checkAll(f, s, v) }

func (f andFilter) matches(it itemValues) bool {
	for _, part := range f {
		if !part.matches(it) {
			return false
		}
	}
	return true
}

func (f orFilter) mentions(attribute string) bool { return anyMentions(f, attribute) }

func (f andFilter) mentions(attribute string) bool { return anyMentions(f, attribute) }

func (c comparison) mentions(attribute string) bool { return c.attribute == attribute }

func anyMentions(parts []filter, attribute string) bool {
	return slices.ContainsFunc(parts, func(part filter) bool { return part.mentions(attribute) })
}

func checkAll(parts []filter, s *schema, v Version) error {
	for _, part := range parts {
		if err := part.check(s, v); err != nil {
			return err
		}
	}
	return nil
}

// comparableAs are the kinds that filters compare, with what their values must be.
var comparableAs = map[kind]any{
	kindString: "", kindURI: "", kindRef: "", kindParent: "", kindInteger: int64(0), kindBoolean: false, kindTime: time.Time{},
}

// check allows all operators for integers and dateTimes, and = and != for the
// rest (DSP0263 4.1.6.1). An attribute that the type does not have is no fault:
// no item has it.
func (c comparison) check(s *schema, v Version) error {
	name, like := c.attribute, any("")
	if name == "" {
		name = "property"
	} else if a := s.attribute(v, name); a == nil {
		return nil
	} else if like = comparableAs[a.kind]; like == nil {
		return model.Errorf(model.Invalid, "$filter: %s is no single value, and cannot be compared", name)
	}
	if reflect.TypeOf(like) != reflect.TypeOf(c.value) {
		return model.Errorf(model.Invalid, "$filter: %s cannot be compared with %v", name, c.value)
	}
	switch c.value.(type) {
	case string, bool:
		if c.operator != "=" && c.operator != "!=" {
			return model.Errorf(model.Invalid, "$filter: %s can be compared with = and != only", name)
		}
	}
	return nil
}

// matches compares. What an item lacks is different from everything.
func (c comparison) matches(it itemValues) bool {
	var have any
	if c.attribute != "" {
		have = it.operand(c.attribute)
	} else if value, ok := it.property(c.property); ok {
		have = value
	}
	if have == nil {
		return c.operator == "!="
	}
	order := compareValues(have, c.value)
	switch c.operator {
	case "=":
		return order == 0
	case "!=":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	default:
		return order >= 0
	}
}

// compareValues orders two values of one type; false is less than true.
func compareValues(a, b any) int {
	switch a := a.(type) {
	case string:
		return strings.Compare(a, b.(string))
	case int64:
		return cmp.Compare(a, b.(int64))
	case bool:
		return cmp.Compare(order(a), order(b.(bool)))
	default:
		return a.(time.Time).Compare(b.(time.Time))
	}
}

func order(b bool) int {
	if b {
		return 1
	}
	return 0
}

// structValues reads the attributes of a resource's struct.
type structValues struct {
	s      *Session
	schema *schema
	v      reflect.Value
}

func (i structValues) operand(name string) any {
	a := i.schema.attribute(i.s.Version, name)
	if a == nil || a.secret { // what is never shown is not to be guessed either
		return nil
	}
	f := a.value(i.v)
	text := ""
	switch a.kind {
	case kindString, kindURI:
		if text = f.String(); a.term {
			text = i.s.Version.own(text)
		}
	case kindRef:
		text = i.s.href(a.of, f.Interface().(Ref))
	case kindParent:
		if text = string(f.Interface().(Parent).Href); text == "" {
			text = i.s.parent(i.operand("id").(string))
		}
	case kindInteger:
		if f.IsZero() && !a.always {
			return nil
		}
		return f.Int()
	case kindBoolean:
		if f.IsZero() && !a.always {
			return nil
		}
		return reflect.Indirect(f).Bool()
	case kindTime:
		if f.IsZero() {
			return nil
		}
		return f.Interface().(time.Time).Truncate(time.Second) // as it is shown
	}
	if text == "" {
		return nil
	}
	return text
}

func (i structValues) property(key string) (string, bool) {
	a := i.schema.attribute(i.s.Version, "properties")
	if a == nil {
		return "", false
	}
	value, ok := a.value(i.v).Interface().(map[string]string)[key]
	return value, ok
}
