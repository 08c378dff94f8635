package sandbox

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// schema says what may stand in a request of Nova's or Cinder's, which both
// check with JSON Schema and refuse in its words.
type schema []field

type field struct {
	name     string
	required bool
	// since is the first minor version that knows the field; until the first
	// that does not any more (0: none).
	since, until int
	// check gives what is wrong with a value, behind the value; empty if nothing.
	check func(v any) string
}

// check refuses an object that is not as the schema says.
func (s schema) check(name string, v map[string]any, minor int) error {
	whole := func(problem string) error {
		return refuse(http.StatusBadRequest, "Invalid input for field/attribute "+name+". Value: "+python(v)+". "+problem)
	}
	known := map[string]bool{}
	for _, f := range s {
		if minor < f.since || f.until > 0 && minor >= f.until {
			continue
		}
		known[f.name] = true
		value, given := v[f.name]
		if !given {
			if f.required {
				return whole("'" + f.name + "' is a required property")
			}
			continue
		}
		if problem := f.check(value); problem != "" {
			return invalidField(f.name, value, problem)
		}
	}
	var extra []string
	for k := range v {
		if !known[k] {
			extra = append(extra, pythonText(k))
		}
	}
	if len(extra) > 0 {
		slices.Sort(extra)
		were := "was"
		if len(extra) > 1 {
			were = "were"
		}
		return whole("Additional properties are not allowed (" + strings.Join(extra, ", ") + " " + were + " unexpected)")
	}
	return nil
}

func invalidField(name string, value any, problem string) error {
	shown := python(value)
	if s, ok := value.(string); ok {
		shown = s
	}
	return refuse(http.StatusBadRequest, "Invalid input for field/attribute "+name+". Value: "+shown+". "+python(value)+" "+problem)
}

// text takes strings of min to max characters; max 0 is any length.
func text(min, max int) func(any) string {
	return func(v any) string {
		s, ok := v.(string)
		switch n := utf8.RuneCountInString(s); {
		case !ok:
			return "is not of type 'string'"
		case n < min:
			return "is too short"
		case max > 0 && n > max:
			return "is too long"
		}
		return ""
	}
}

// textOrNull takes null as well.
func textOrNull(min, max int) func(any) string {
	check := text(min, max)
	return func(v any) string {
		if v == nil {
			return ""
		}
		if _, ok := v.(string); !ok {
			return "is not of type 'string', 'null'"
		}
		return check(v)
	}
}

func matching(pattern string, max int) func(any) string {
	re := regexp.MustCompile(pattern)
	length := text(0, max)
	return func(v any) string {
		if problem := length(v); problem != "" {
			return problem
		}
		if !re.MatchString(v.(string)) {
			return "does not match '" + pattern + "'"
		}
		return ""
	}
}

func oneOf(values ...string) func(any) string {
	return func(v any) string {
		if s, ok := v.(string); ok && slices.Contains(values, s) {
			return ""
		}
		list := make([]any, len(values))
		for i, s := range values {
			list[i] = s
		}
		return "is not one of " + python(list)
	}
}

var uuidPattern = regexp.MustCompile(`^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$`)

func isUUID(s string) bool { return uuidPattern.MatchString(s) }

func uuid(v any) string {
	if s, ok := v.(string); !ok || !isUUID(s) {
		return "is not a 'uuid'"
	}
	return ""
}

// integer takes numbers, and strings of digits, from min on.
func integer(min int) func(any) string {
	return func(v any) string {
		n, ok := wholeNumber(v)
		switch {
		case !ok:
			if _, isText := v.(string); isText {
				return "does not match '^[0-9]+$'"
			}
			return "is not of type 'integer', 'string'"
		case n < min:
			return "is less than the minimum of " + strconv.Itoa(min)
		case n > math.MaxInt32:
			return "is greater than the maximum of " + strconv.Itoa(math.MaxInt32)
		}
		return ""
	}
}

// wholeNumber reads a number, or a string of digits.
func wholeNumber(v any) (int, bool) {
	var digits string
	switch v := v.(type) {
	case json.Number:
		digits = v.String()
	case string:
		digits = v
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil
}

func boolean(v any) string {
	if _, ok := truth(v); !ok {
		return "is not one of [True, 'True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes', False, 'False', 'FALSE', 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no']"
	}
	return ""
}

// truth reads a boolean in any of the forms that the services take.
func truth(v any) (value, ok bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case string:
		switch strings.ToLower(v) {
		case "true", "1", "on", "yes", "t", "y":
			return true, true
		case "false", "0", "off", "no", "f", "n":
			return false, true
		}
	case json.Number:
		return v == "1", v == "1" || v == "0"
	}
	return false, false
}

func list(v any) string {
	if _, ok := v.([]any); !ok {
		return "is not of type 'array'"
	}
	return ""
}

func anything(any) string { return "" }

func address(version int) func(any) string {
	return func(v any) string {
		s, _ := v.(string)
		if a, err := netip.ParseAddr(s); s != "" && (err != nil || a.Is4() != (version == 4)) {
			return fmt.Sprintf("is not a 'ipv%d'", version)
		}
		return ""
	}
}

// member gives the object that a body of Nova's or Cinder's must hold.
func (c *call) member(key string) (map[string]any, error) {
	body, ok := c.body()
	if !ok {
		return nil, refuse(http.StatusBadRequest, "Malformed request body")
	}
	v, given := body[key]
	if !given {
		return nil, refuse(http.StatusBadRequest, "'"+key+"' is a required property")
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, invalidField(key, v, "is not of type 'object'")
	}
	return object, nil
}

// python writes a value as the services, which are written in Python, show it.
func python(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case string:
		return pythonText(v)
	case json.Number:
		return v.String()
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = python(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		parts := make([]string, 0, len(v))
		for k, e := range v {
			parts = append(parts, pythonText(k)+": "+python(e))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(v)
}

func pythonText(s string) string {
	quote := "'"
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = `"`
	}
	var b strings.Builder
	for _, r := range strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, quote, `\`+quote).Replace(s) {
		switch {
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return quote + b.String() + quote
}
