package cimi

import (
	"strconv"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
)

// A filter is a $filter expression (DSP0263 4.1.6.1):
//
//	Filter     = AndExpr { "or" AndExpr }
//	AndExpr    = Comparison { "and" Comparison }
//	Comparison = "(" Filter ")" | Operand Operator Operand
//	Operand    = attribute | property | value
//	property   = "property" "[" string "]"
//	value      = digits | dateTime | "'" text "'" | '"' text '"' | "true" | "false"
//
// One operand of a comparison is an attribute or a property, the other a value.
// Blanks between tokens are optional; "\" takes a character in a string as it is.
type filter interface {
	// check refuses comparisons that the attributes' types do not allow.
	check(s *schema, v Version) error
	matches(it itemValues) bool
	// mentions tells whether what matches depends on an attribute.
	mentions(attribute string) bool
}

// itemValues reads an item's attributes for filters.
type itemValues interface {
	// operand gives an attribute's value: a string, int64, bool or time.Time; nil
	// if the item has none.
	operand(name string) any
	property(key string) (string, bool)
}

type (
	orFilter   []filter
	andFilter  []filter
	comparison struct {
		attribute string // empty: a property
		property  string
		operator  string
		value     any // string, int64, bool, time.Time
	}
)

// maxFilterDepth limits nested parentheses.
const maxFilterDepth = 50

// parseFilter reads an expression. Errors: Invalid, with the position.
func parseFilter(text string) (filter, error) {
	p := &filterParser{text: text}
	f, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if p.skip(); p.at < len(p.text) {
		return nil, p.fail("expected is \"and\", \"or\" or the end")
	}
	return f, nil
}

type filterParser struct {
	text string
	at   int
}

func (p *filterParser) fail(what string) error {
	return model.Errorf(model.Invalid, "$filter: at character %d: %s", p.at+1, what)
}

func (p *filterParser) skip() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

func (p *filterParser) or(depth int) (filter, error) {
	return p.chain("or", depth, p.and, func(fs []filter) filter { return orFilter(fs) })
}

func (p *filterParser) and(depth int) (filter, error) {
	return p.chain("and", depth, p.comparison, func(fs []filter) filter { return andFilter(fs) })
}

// chain reads operands with a keyword between them.
func (p *filterParser) chain(keyword string, depth int, operand func(int) (filter, error), join func([]filter) filter) (filter, error) {
	var all []filter
	for {
		f, err := operand(depth)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
		if !p.keyword(keyword) {
			break
		}
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return join(all), nil
}

// keyword takes the word if it is next.
func (p *filterParser) keyword(word string) bool {
	p.skip()
	rest, ok := strings.CutPrefix(p.text[p.at:], word)
	if !ok || rest != "" && isNameByte(rest[0]) {
		return false
	}
	p.at += len(word)
	return true
}

func (p *filterParser) comparison(depth int) (filter, error) {
	if p.skip(); p.at < len(p.text) && p.text[p.at] == '(' {
		if depth >= maxFilterDepth {
			return nil, p.fail("parentheses are nested more than " + strconv.Itoa(maxFilterDepth) + " deep")
		}
		p.at++
		f, err := p.or(depth + 1)
		if err != nil {
			return nil, err
		}
		if p.skip(); p.at >= len(p.text) || p.text[p.at] != ')' {
			return nil, p.fail("expected is \")\"")
		}
		p.at++
		return f, nil
	}
	start := p.at
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	operator, err := p.operator()
	if err != nil {
		return nil, err
	}
	right, err := p.operand()
	if err != nil {
		return nil, err
	}
	if left.isValue() {
		left, right, operator = right, left, mirrored[operator]
	}
	if left.isValue() == right.isValue() {
		p.at = start
		return nil, p.fail("a comparison needs an attribute on one side and a value on the other")
	}
	return comparison{attribute: left.attribute, property: left.property, operator: operator, value: right.value}, nil
}

// mirrored are the operators as they read from right to left.
var mirrored = map[string]string{"<": ">", "<=": ">=", "=": "=", ">=": "<=", ">": "<", "!=": "!="}

func (p *filterParser) operator() (string, error) {
	p.skip()
	for _, op := range []string{"<=", ">=", "!=", "<", ">", "="} {
		if strings.HasPrefix(p.text[p.at:], op) {
			p.at += len(op)
			return op, nil
		}
	}
	return "", p.fail("expected is one of < <= = >= > !=")
}

// filterOperand is a value, an attribute, or (with an empty attribute) a
// property.
type filterOperand struct {
	attribute, property string
	value               any
}

func (o filterOperand) isValue() bool { return o.value != nil }

func (p *filterParser) operand() (filterOperand, error) {
	p.skip()
	if p.at >= len(p.text) {
		return filterOperand{}, p.fail("expected is an attribute or a value")
	}
	switch c := p.text[p.at]; {
	case c == '\'' || c == '"':
		text, err := p.quoted()
		return filterOperand{value: text}, err
	case c >= '0' && c <= '9':
		value, err := p.number()
		return filterOperand{value: value}, err
	case isNameByte(c):
		return p.named()
	}
	return filterOperand{}, p.fail("expected is an attribute or a value")
}

func (p *filterParser) named() (filterOperand, error) {
	start := p.at
	for p.at < len(p.text) && isNameByte(p.text[p.at]) {
		p.at++
	}
	name := p.text[start:p.at]
	switch name {
	case "true", "false":
		return filterOperand{value: name == "true"}, nil
	case "and", "or":
		p.at = start
		return filterOperand{}, p.fail("expected is an attribute or a value")
	}
	if p.skip(); name != "property" || p.at >= len(p.text) || p.text[p.at] != '[' {
		return filterOperand{attribute: name}, nil
	}
	p.at++
	if p.skip(); p.at >= len(p.text) || p.text[p.at] != '\'' && p.text[p.at] != '"' {
		return filterOperand{}, p.fail("expected is a property's key in quotes")
	}
	key, err := p.quoted()
	if err != nil {
		return filterOperand{}, err
	}
	if p.skip(); p.at >= len(p.text) || p.text[p.at] != ']' {
		return filterOperand{}, p.fail("expected is \"]\"")
	}
	p.at++
	return filterOperand{property: key}, nil
}

func (p *filterParser) quoted() (string, error) {
	start, quote := p.at, p.text[p.at]
	var b strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == quote:
			p.at++
			return b.String(), nil
		case c == '\\' && p.at+1 < len(p.text):
			p.at++
			b.WriteByte(p.text[p.at])
		default:
			b.WriteByte(c)
		}
	}
	p.at = start
	return "", p.fail("the string has no end")
}

// dateLayouts are the forms of dates: a time zone may be missing, and the time of
// day; then they are UTC, and midnight.
var dateLayouts = []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly}

// number reads an integer or a dateTime. A blank in a dateTime is the plus of a
// time zone that was not percent-encoded.
func (p *filterParser) number() (any, error) {
	start := p.at
	for p.at < len(p.text) && (isNameByte(p.text[p.at]) || strings.IndexByte("-:.+", p.text[p.at]) >= 0) {
		p.at++
	}
	text := p.text[start:p.at]
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	const zone = " 00:00"
	if strings.ContainsRune(text, 'T') && len(p.text) >= p.at+len(zone) {
		with := text + "+" + p.text[p.at+1:p.at+len(zone)]
		if t, err := time.Parse(time.RFC3339, with); err == nil && p.text[p.at] == ' ' {
			p.at += len(zone)
			return t, nil
		}
	}
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	p.at = start
	return nil, p.fail("this is neither an integer nor a dateTime")
}

func isNameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
