package occi

import (
	"strings"

	"github.com/occimi/occimi/model"
)

// splitQuoted splits at a separator that stands outside quoted strings and, with
// angles, outside <...>. Parts are trimmed; empty ones are left out, since
// clients write separators too many. Errors: Invalid for a quote without end,
// with what is before it: what is in it may be a secret.
func splitQuoted(s string, sep byte, angles bool) ([]string, error) {
	var parts []string
	quoted, angled, begin, quote := false, false, 0, 0
	add := func(part string) {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted, quote = !quoted, i
		case quoted:
		case angles && c == '<':
			angled = true
		case angles && c == '>':
			angled = false
		case c == sep && !angled:
			add(s[begin:i])
			begin = i + 1
		}
	}
	if quoted {
		return nil, model.Errorf(model.Invalid, "a quoted string has no end, that after %s", quoteForMessage(strings.TrimSpace(s[begin:quote])))
	}
	add(s[begin:])
	return parts, nil
}

// parameter is a name=value pair of a Category or Link.
type parameter struct {
	name  string
	value Value // textForm if it was quoted, else tokenForm
}

// parseParameter reads name=value. What is without '=' is a name without value.
// Errors: Invalid.
func parseParameter(s string) (parameter, error) {
	if s[0] == '"' { // a misplaced quote, as in the 1.1 document: "class=kind"
		inner, rest, err := unquote(s)
		if err != nil || rest != "" {
			return parameter{}, model.Errorf(model.Invalid, "%s is not name=value", quoteForMessage(s))
		}
		s = inner
	}
	name, value, ok := strings.Cut(s, "=")
	p := parameter{name: strings.TrimSpace(name)}
	if !ok {
		return p, nil
	}
	var err error
	p.value, err = parseValue(strings.TrimSpace(value))
	return p, err
}

// parseValue reads a quoted string or anything without quotes. Errors: Invalid
// if there is nothing, or something after the quoted string.
func parseValue(s string) (Value, error) {
	if s == "" {
		return Value{}, model.Errorf(model.Invalid, "a value is missing")
	}
	if s[0] != '"' {
		return Value{form: tokenForm, text: s}, nil
	}
	text, rest, err := unquote(s)
	if err != nil {
		return Value{}, err
	}
	if strings.TrimSpace(rest) != "" {
		return Value{}, model.Errorf(model.Invalid, "there is something after the quoted string: %s", quoteForMessage(rest))
	}
	return String(text), nil
}

// unquote reads a quoted string (RFC 7230 3.2.6: a backslash escapes whatever
// follows it) and gives what comes after it. Errors: Invalid.
func unquote(s string) (text, rest string, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], nil
		case '\\':
			i++
			if i == len(s) {
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return "", "", model.Errorf(model.Invalid, "a quoted string has no end")
}
