package cimi

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// xmlPrinter prints XML without white space between elements. All elements are
// in the version's namespace, which the root declares.
type xmlPrinter struct {
	output
	namespace string
	// open are the elements begun and not ended; an empty name is a list
	// without wrapper.
	open []string
	// inTag tells that the innermost start tag takes more attributes.
	inTag bool
}

func (p *xmlPrinter) bytes() []byte { return append(p.buf, '\n') }

func (p *xmlPrinter) closeTag() {
	if p.inTag {
		p.buf = append(p.buf, '>')
		p.inTag = false
	}
}

func (p *xmlPrinter) begin(name string) {
	p.closeTag()
	p.open = append(p.open, name)
	if name != "" {
		p.buf = append(p.buf, '<')
		p.buf = append(p.buf, name...)
		p.inTag = true
	}
}

func (p *xmlPrinter) end() {
	name := p.open[len(p.open)-1]
	p.open = p.open[:len(p.open)-1]
	switch {
	case name == "":
	case p.inTag:
		p.buf = append(p.buf, '/', '>')
		p.inTag = false
	default:
		p.buf = append(p.buf, '<', '/')
		p.buf = append(p.buf, name...)
		p.buf = append(p.buf, '>')
	}
}

func (p *xmlPrinter) attribute(name, head, tail string) {
	p.buf = append(p.buf, ' ')
	p.buf = append(p.buf, name...)
	p.buf = append(p.buf, '=', '"')
	p.escape(head)
	p.escape(tail)
	p.buf = append(p.buf, '"')
}

func (p *xmlPrinter) resource(element, typeURI string, collection bool) {
	root := len(p.open) == 0
	if root {
		p.buf = append(p.buf, `<?xml version="1.0" encoding="UTF-8"?>`...)
		p.buf = append(p.buf, '\n')
	}
	p.begin(element)
	if root {
		p.attribute("xmlns", p.namespace, "")
	}
	if collection {
		p.attribute("resourceURI", typeURI, "")
	}
}

func (p *xmlPrinter) object(name string)  { p.begin(name) }
func (p *xmlPrinter) item(element string) { p.begin(element) }
func (p *xmlPrinter) endList()            { p.end() }
func (p *xmlPrinter) endEntries()         { p.end() }

func (p *xmlPrinter) list(name string, wrapper bool) {
	if !wrapper {
		name = ""
	}
	p.begin(name)
}

func (p *xmlPrinter) entries(name string, wrapper bool) { p.list(name, wrapper) }

func (p *xmlPrinter) text(name, head, tail string, inline bool) {
	if inline {
		p.attribute(name, head, tail)
		return
	}
	p.begin(name)
	if head != "" || tail != "" {
		p.closeTag()
		p.escape(head)
		p.escape(tail)
	}
	p.end()
}

func (p *xmlPrinter) integer(name string, n int64, inline bool) {
	var digits [20]byte
	p.text(name, string(strconv.AppendInt(digits[:0], n, 10)), "", inline)
}

func (p *xmlPrinter) boolean(name string, b bool, inline bool) {
	p.text(name, strconv.FormatBool(b), "", inline)
}

func (p *xmlPrinter) content(_ string, value any) {
	p.closeTag()
	p.escape(fmt.Sprint(value))
}

func (p *xmlPrinter) value(element, text string) { p.text(element, text, "", false) }

func (p *xmlPrinter) entry(element, key, value string) {
	p.begin(element)
	p.attribute("key", key, "")
	p.closeTag()
	p.escape(value)
	p.end()
}

// escape appends text for element content and for attributes in double quotes.
// Line ends and tabs are written as references, since parsers normalize them.
// What XML cannot hold becomes U+FFFD.
func (p *xmlPrinter) escape(s string) {
	done := 0
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		i += size
		var with string
		switch {
		case r == '&':
			with = "&amp;"
		case r == '<':
			with = "&lt;"
		case r == '>':
			with = "&gt;"
		case r == '"':
			with = "&#34;"
		case r == '\t':
			with = "&#9;"
		case r == '\n':
			with = "&#10;"
		case r == '\r':
			with = "&#13;"
		case r == utf8.RuneError && size == 1 || notInXML(r):
			with = "\ufffd"
		default:
			continue
		}
		p.buf = append(p.buf, s[done:i-size]...)
		p.buf = append(p.buf, with...)
		done = i
	}
	p.buf = append(p.buf, s[done:]...)
}

// notInXML tells whether XML cannot hold a character, not even as a reference
// (XML 1.0 2.2).
func notInXML(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}
