package cimi

import (
	"strconv"
	"unicode/utf8"
)

// jsonPrinter prints JSON without white space.
type jsonPrinter struct {
	output
	// comma tells that the innermost structure or list has members already.
	comma bool
}

func (p *jsonPrinter) bytes() []byte { return append(p.buf, '\n') }

// member begins a member, or an item if it has no name.
func (p *jsonPrinter) member(name string) {
	if p.comma {
		p.buf = append(p.buf, ',')
	}
	p.comma = true
	if name != "" {
		p.buf = append(p.buf, '"')
		p.buf = append(p.buf, name...)
		p.buf = append(p.buf, '"', ':')
	}
}

func (p *jsonPrinter) open(name string, bracket byte) {
	p.member(name)
	p.buf = append(p.buf, bracket)
	p.comma = false
}

func (p *jsonPrinter) close(bracket byte) {
	p.buf = append(p.buf, bracket)
	p.comma = true
}

func (p *jsonPrinter) resource(_, typeURI string, _ bool) {
	p.open("", '{')
	p.text("resourceURI", typeURI, "", false)
}

func (p *jsonPrinter) object(name string)             { p.open(name, '{') }
func (p *jsonPrinter) item(string)                    { p.open("", '{') }
func (p *jsonPrinter) end()                           { p.close('}') }
func (p *jsonPrinter) list(name string, _ bool)       { p.open(name, '[') }
func (p *jsonPrinter) endList()                       { p.close(']') }
func (p *jsonPrinter) entries(name string, _ bool)    { p.open(name, '{') }
func (p *jsonPrinter) endEntries()                    { p.close('}') }
func (p *jsonPrinter) value(_, text string)           { p.member(""); p.quote(text, "") }
func (p *jsonPrinter) text(name, a, b string, _ bool) { p.member(name); p.quote(a, b) }

func (p *jsonPrinter) integer(name string, n int64, _ bool) {
	p.member(name)
	p.buf = strconv.AppendInt(p.buf, n, 10)
}

func (p *jsonPrinter) boolean(name string, b bool, _ bool) {
	p.member(name)
	p.buf = strconv.AppendBool(p.buf, b)
}

func (p *jsonPrinter) content(name string, value any) {
	switch value := value.(type) {
	case bool:
		p.boolean(name, value, false)
	case int64:
		p.integer(name, value, false)
	case string:
		p.text(name, value, "", false)
	}
}

func (p *jsonPrinter) entry(_, key, value string) {
	if p.comma {
		p.buf = append(p.buf, ',')
	}
	p.comma = true
	p.quote(key, "")
	p.buf = append(p.buf, ':')
	p.quote(value, "")
}

func (p *jsonPrinter) quote(head, tail string) {
	p.buf = append(p.buf, '"')
	p.escape(head)
	p.escape(tail)
	p.buf = append(p.buf, '"')
}

// escape appends the inside of a JSON string. What is no UTF-8 becomes U+FFFD.
func (p *jsonPrinter) escape(s string) {
	const digits = "0123456789abcdef"
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		}
		p.buf = append(p.buf, s[done:i]...)
		switch {
		case c == '"' || c == '\\':
			p.buf = append(p.buf, '\\', c)
		case c < ' ':
			p.buf = append(p.buf, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		default:
			p.buf = append(p.buf, "\ufffd"...)
		}
		i++
		done = i
	}
	p.buf = append(p.buf, s[done:]...)
}
