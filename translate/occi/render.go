package occi

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/occimi/occimi/model"
)

// Format is a rendering. Media types that mean the same share one.
type Format uint8

const (
	PlainText Format = iota // text/plain, one structure per line
	Header                  // text/occi, all in header fields
	URIList                 // text/uri-list, of listings only
	JSON                    // application/occi+json
	HTML                    // text/html, for people
)

// Answer is what there is to say. At most one of the first five is set; none means success and
// nothing more to say.
type Answer struct {
	Catalog *Catalog
	Listing *Listing
	Entity  *Entity
	Created []*Entity
	// Mixins are categories that came of an action.
	Mixins []*Mixin
	// Acted tells that what is at At is still there.
	Acted bool
	// At is where the request went, and Choices is what can be made there: pages
	// have forms.
	At      Place
	Choices Choices
}

// Rendering is an answer in one format.
type Rendering struct {
	Fields []Field
	Body   []byte
}

// Field is a header field, under the very name that clients look for.
type Field struct{ Name, Value string }

// Render writes an answer. Errors: Invalid if the format has no way to say it:
// a list of URIs can only be a listing (OCCI 1.2 Text 5.3).
func (s *Session) Render(f Format, a Answer) (Rendering, error) {
	switch f {
	case JSON:
		return Rendering{Body: s.renderJSON(a)}, nil
	case HTML:
		return Rendering{Body: s.renderHTML(a)}, nil
	case URIList:
		return s.renderURIs(a)
	}
	text := s.renderText(a)
	if f == PlainText {
		return Rendering{Body: text}, nil
	}
	return Rendering{Fields: fieldsOf(string(text)), Body: []byte("OK")}, nil
}

func (s *Session) renderURIs(a Answer) (Rendering, error) {
	var b []byte
	add := func(path string) {
		if len(b) > 0 {
			b = append(b, '\n') // not CRLF: rOCCI 4 keeps the CR
		}
		b = s.Links.appendURL(b, path)
	}
	switch {
	case a.Catalog != nil, a.Entity != nil:
		return Rendering{}, model.Errorf(model.Invalid, "text/uri-list can only be asked for of a collection")
	case a.Listing != nil:
		b = make([]byte, 0, len(a.Listing.Paths)*(len(s.Links.Base)+64))
		for _, path := range a.Listing.Paths {
			add(path)
		}
	case a.Created != nil:
		for _, e := range a.Created {
			add(e.Path())
		}
	default:
		for _, m := range a.Mixins {
			add(m.Location)
		}
	}
	return Rendering{Body: b}, nil
}

// fieldsOf turns the lines of a text/plain body into header fields, one per
// name: clients of record read only the first field of a name.
func fieldsOf(text string) []Field {
	var fields []Field
	var values strings.Builder
	last := ""
	flush := func() {
		if last != "" {
			fields = append(fields, Field{last, values.String()})
		}
		values.Reset()
	}
	for line := range strings.SplitSeq(text, "\n") {
		name, value, ok := strings.Cut(line, ": ")
		if !ok { // OK, or nothing
			continue
		}
		if name == last {
			values.WriteString(", ")
		} else {
			flush()
			last = name
		}
		values.WriteString(value)
	}
	flush()
	return fields
}

// maxErrorMessage keeps error messages fit for header fields, in bytes.
const maxErrorMessage = 2048

// RenderError writes an error message. It is on one line, and cannot be taken
// for a part of an OCCI rendering.
func RenderError(f Format, status int, message string) Rendering {
	message = oneLine(message)
	if len(message) > maxErrorMessage {
		message = strings.ToValidUTF8(message[:maxErrorMessage], "") + "..."
	}
	if name, _, ok := strings.Cut(message, ":"); ok && structureNamed(name) != nil {
		message = "error: " + message
	}
	switch f {
	case HTML:
		return Rendering{Body: (&document{Title: "Refused (" + strconv.Itoa(status) + ")", Error: message}).render()}
	case JSON:
		b := fmt.Appendf(nil, `{"code":%d,"message":`, status)
		return Rendering{Body: append(appendJSON(b, message), '}')}
	case URIList:
		return Rendering{Body: []byte("# " + message)}
	case Header:
		return Rendering{Fields: []Field{{"X-OCCI-Error", message}}, Body: []byte(message)}
	}
	return Rendering{Body: []byte(message)}
}

// oneLine makes a blank of every control character, so that nothing that came
// from a client or from the cloud can end a line or a header field.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

// appendQuoted writes a quoted string for the text renderings. Characters in
// blanked become blanks, as control characters do.
func appendQuoted(b []byte, text, blanked string) []byte {
	b = append(b, '"')
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf && r >= ' ' && r != 0x7f:
			if strings.IndexByte(blanked, byte(r)) >= 0 {
				r = ' '
			}
			if r == '"' || r == '\\' {
				b = append(b, '\\')
			}
			b = append(b, byte(r))
		case unicode.IsControl(r):
			b = append(b, ' ')
		default:
			b = utf8.AppendRune(b, r) // U+FFFD for bytes that are not UTF-8
		}
	}
	return append(b, '"')
}
