package cimi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/occimi/occimi/model"
)

// parseJSON reads a JSON object. The root's name is what its resourceURI says.
func parseJSON(body []byte) (*node, error) {
	p := jsonParser{d: json.NewDecoder(bytes.NewReader(body))}
	p.d.UseNumber()
	root, err := p.value("", 0)
	if err != nil {
		return nil, err
	}
	if _, err := p.d.Token(); !errors.Is(err, io.EOF) {
		return nil, model.Errorf(model.Invalid, "there is something after the JSON object, at byte %d", p.d.InputOffset())
	}
	if root.form != formObject {
		return nil, model.Errorf(model.Invalid, "the body is not a JSON object")
	}
	return root, nil
}

type jsonParser struct {
	d     *json.Decoder
	count counter
}

func (p *jsonParser) token() (json.Token, error) {
	t, err := p.d.Token()
	if err != nil {
		return nil, model.Errorf(model.Invalid, "the body is not JSON: it fails at byte %d", p.d.InputOffset())
	}
	return t, nil
}

func (p *jsonParser) value(name string, depth int) (*node, error) {
	if err := p.count.add(); err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, model.Errorf(model.Invalid, "the body is nested more than %d deep", maxDepth)
	}
	t, err := p.token()
	if err != nil {
		return nil, err
	}
	n := &node{name: name}
	switch t := t.(type) {
	case nil:
		n.form = formNull
	case bool:
		n.text, n.unquoted = strconv.FormatBool(t), true
	case json.Number:
		n.text, n.unquoted = t.String(), true
	case string:
		n.text = t
		err = printable(t)
	case json.Delim:
		if t == '{' {
			err = p.object(n, depth)
		} else {
			err = p.list(n, depth)
		}
	}
	return n, err
}

func (p *jsonParser) object(n *node, depth int) error {
	n.form = formObject
	seen := map[string]bool{}
	for p.d.More() {
		t, err := p.token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		if err := printable(name); err != nil {
			return err
		}
		if seen[name] {
			return model.Errorf(model.Invalid, "the member %q is given twice", clip(name))
		}
		seen[name] = true
		kid, err := p.value(name, depth+1)
		if err != nil {
			return err
		}
		n.kids = append(n.kids, kid)
	}
	_, err := p.token()
	return err
}

func (p *jsonParser) list(n *node, depth int) error {
	n.form = formList
	for p.d.More() {
		kid, err := p.value("", depth+1)
		if err != nil {
			return err
		}
		n.kids = append(n.kids, kid)
	}
	_, err := p.token()
	return err
}

// printable refuses text that no XML document can hold: every resource must
// have both serializations (DSP0263 4.1.4).
func printable(text string) error {
	if i := strings.IndexFunc(text, notInXML); i >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i:])
		return model.Errorf(model.Invalid, "a text has the character %U, which XML cannot hold", r) // the text may be a password
	}
	return nil
}
