package occi

import (
	"encoding/json"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/occimi/occimi/model"
)

// Type is an attribute's type.
type Type uint8

const (
	StringType  Type = iota
	IntegerType      // rendered without a fraction
	FloatType        // rendered with one, so that typed readers see what it is
	BooleanType
	IPType   // a string that is an IP address
	CIDRType // a string that is an address range
	ListType // a JSON array; a quoted string that holds one in text
)

// jsonNames are the type keywords of OCCI 1.2 JSON, table 3.
var jsonNames = [...]string{
	StringType: "string", IntegerType: "number", FloatType: "number", BooleanType: "boolean",
	IPType: "string", CIDRType: "string", ListType: "array",
}

// form is how a Value is written.
type form uint8

const (
	noForm     form = iota // the zero Value: none
	textForm               // a quoted string
	tokenForm              // text without quotes: only in what clients send
	intForm                // a number without fraction
	floatForm              // any other number
	boolForm               // num is 1 or 0
	structForm             // text is a JSON array or object
)

// Value is an attribute's value. The zero Value is no value.
type Value struct {
	text string
	num  float64
	form form
}

// String makes a string value.
func String(s string) Value { return Value{form: textForm, text: s} }

// Int makes an integer value.
func Int(n int) Value { return Value{form: intForm, num: float64(n)} }

// Float makes a decimal value.
func Float(f float64) Value { return Value{form: floatForm, num: f} }

// Bool makes a boolean value.
func Bool(b bool) Value {
	if b {
		return Value{form: boolForm, num: 1}
	}
	return Value{form: boolForm}
}

// list makes a list of anything that JSON can write.
func list[T any](items []T) Value {
	text, err := json.Marshal(items)
	if err != nil { // nothing of ours cannot be written
		panic("occi: " + err.Error())
	}
	return Value{form: structForm, text: string(text)}
}

// IsZero tells whether there is no value.
func (v Value) IsZero() bool { return v.form == noForm }

// Text is the string of a string value.
func (v Value) Text() string { return v.text }

// Number is the number of a numeric value.
func (v Value) Number() float64 { return v.num }

// Equal tells whether both are the same value: numbers are compared as numbers,
// whatever their form (2 is 2.0).
func (v Value) Equal(o Value) bool {
	if v.numeric() && o.numeric() {
		return v.num == o.num
	}
	return v.form == o.form && v.text == o.text && v.num == o.num
}

func (v Value) numeric() bool { return v.form == intForm || v.form == floatForm }

// as gives a client's value the attribute's type, tolerating what clients of
// record send: numbers and booleans in quotes, strings without (OCCI 1.1 HTTP
// 3.2.3 shows both). Errors: Invalid.
func (v Value) as(a *Attribute) (Value, error) {
	wrong := func(want string) (Value, error) {
		return Value{}, model.Errorf(model.Invalid, "attribute %s: %s is not %s", a.Name, v.describe(), want)
	}
	switch a.Type {
	case IntegerType, FloatType:
		n, ok := v.asNumber()
		switch {
		case !ok:
			return wrong("a number")
		case a.Type == IntegerType && n != math.Trunc(n):
			return wrong("a whole number")
		case a.Min != a.Max && (n < a.Min || n > a.Max):
			return wrong("between " + formatFloat(a.Min) + " and " + formatFloat(a.Max))
		case n < 0 || n > 1<<53:
			return wrong("a number that is not negative and not too large")
		}
		if a.Type == IntegerType {
			return Value{form: intForm, num: n}, nil
		}
		return Float(n), nil
	case BooleanType:
		switch v.form {
		case boolForm:
			return v, nil
		case textForm, tokenForm:
			if b, err := strconv.ParseBool(v.text); err == nil {
				return Bool(b), nil
			}
		}
		return wrong("true or false")
	case ListType:
		if v.form == textForm {
			doc, err := readJSON([]byte(v.text))
			if err != nil {
				return wrong("a list: " + model.AsError(err).Message)
			}
			if _, ok := doc.([]any); ok {
				v.form = structForm
			}
		}
		if v.form != structForm {
			return wrong("a list")
		}
		return v, nil
	}
	s, ok := v.asText()
	if !ok {
		return wrong("a string")
	}
	if value, ok := a.Synonyms[strings.ToLower(s)]; ok {
		s = value
	}
	switch {
	case len(a.Enum) > 0:
		i := slices.IndexFunc(a.Enum, func(e string) bool { return strings.EqualFold(e, s) })
		if i < 0 {
			return wrong("one of " + strings.Join(a.Enum, ", "))
		}
		s = a.Enum[i]
	case a.Type == IPType:
		if _, err := netip.ParseAddr(s); err != nil {
			return wrong("an IP address")
		}
	case a.Type == CIDRType:
		if _, err := netip.ParsePrefix(s); err != nil {
			return wrong("an address range such as 10.0.0.0/24")
		}
	}
	return String(s), nil
}

func (v Value) asNumber() (float64, bool) {
	switch v.form {
	case intForm, floatForm:
		return v.num, true
	case textForm, tokenForm:
		n, err := strconv.ParseFloat(v.text, 64)
		return n, err == nil && strings.Trim(v.text, "0123456789.eE+-") == "" // not Inf, NaN, 0x1p4 and 1_000
	}
	return 0, false
}

func (v Value) asText() (string, bool) {
	switch v.form {
	case textForm, tokenForm:
		return v.text, true
	case intForm, floatForm, boolForm:
		return string(v.appendPlain(nil)), true
	}
	return "", false
}

// like gives a client's value the form of the value that it is compared with,
// if it can be read so.
func (v Value) like(o Value) Value {
	if o.numeric() {
		if n, ok := v.asNumber(); ok {
			return Float(n)
		}
		return v
	}
	text, ok := v.asText()
	if !ok {
		return v
	}
	if o.form == boolForm {
		if b, err := strconv.ParseBool(text); err == nil {
			return Bool(b)
		}
		return v
	}
	return String(text)
}

// checkLine refuses a text with line ends and other control characters, but of
// attributes that may have them: the text renderings cannot carry them, and
// titles travel in header fields. Errors: Invalid.
func (a *Attribute) checkLine(v Value) error {
	if a.Lines || v.form != textForm || strings.IndexFunc(v.text, unicode.IsControl) < 0 {
		return nil
	}
	return model.Errorf(model.Invalid, "attribute %s: %s has line ends or other control characters", a.Name, v.describe())
}

// describe shows the value in an error message, cut to a bearable length.
func (v Value) describe() string {
	s, ok := v.asText()
	if !ok {
		s = v.text
	}
	return quoteForMessage(s)
}

// appendPlain writes the value without quotes around strings. Numbers have
// neither sign nor exponent: the grammar knows none (OCCI 1.2 Text 4.4).
func (v Value) appendPlain(b []byte) []byte {
	switch v.form {
	case intForm:
		return strconv.AppendFloat(b, v.num, 'f', 0, 64)
	case floatForm:
		b = strconv.AppendFloat(b, v.num, 'f', -1, 64)
		if v.num == math.Trunc(v.num) {
			b = append(b, ".0"...)
		}
		return b
	case boolForm:
		return strconv.AppendBool(b, v.num == 1)
	}
	return append(b, v.text...)
}

func formatFloat(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// quoteForMessage makes untrusted input fit for an error message: quoted, on
// one line, not longer than 80 bytes or so.
func quoteForMessage(s string) string {
	if len(s) > 80 {
		s = strings.ToValidUTF8(s[:80], "") + "..."
	}
	return strconv.Quote(s)
}
