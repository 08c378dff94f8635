package cimi

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
)

// parseXML reads an XML document. Elements are in the version's namespace, or
// in none: many clients leave it out. Attributes of other namespaces (xml:lang,
// xsi:schemaLocation) say nothing to CIMI and are skipped. Document types are
// refused, and with them entities. Elements of other namespaces keep their namespace in their name, so
// that they are unknown attributes wherever they stand.
func parseXML(body []byte, v Version) (*node, error) {
	p := xmlParser{d: xml.NewDecoder(bytes.NewReader(body)), v: v}
	p.d.CharsetReader = func(charset string, _ io.Reader) (io.Reader, error) {
		return nil, model.Errorf(model.Invalid, "the body is not XML in UTF-8, but in %s", clip(charset))
	}
	root, err := p.document()
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(root.name, "{") {
		return nil, model.Errorf(model.Invalid, "the root element %s is not in the namespace %s", clip(root.name), v.Namespace())
	}
	return root, nil
}

type xmlParser struct {
	d     *xml.Decoder
	v     Version
	count counter
}

// document reads the root element and what may stand around it.
func (p *xmlParser) document() (*node, error) {
	var root *node
	for {
		t, err := p.token()
		if errors.Is(err, io.EOF) && root != nil {
			return root, nil
		}
		if err != nil {
			return nil, p.malformed(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if root != nil {
				return nil, model.Errorf(model.Invalid, "there is a second root element, %s", clip(t.Name.Local))
			}
			if root, err = p.element(t, 0); err != nil {
				return nil, err
			}
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return nil, model.Errorf(model.Invalid, "there is text outside of the root element")
			}
		}
	}
}

// token gives the next token that means something.
func (p *xmlParser) token() (xml.Token, error) {
	for {
		t, err := p.d.Token()
		if err != nil {
			return nil, err
		}
		switch t.(type) {
		case xml.Directive:
			return nil, model.Errorf(model.Invalid, "a document type is not accepted")
		case xml.Comment, xml.ProcInst:
			continue
		}
		return t, nil
	}
}

func (p *xmlParser) malformed(err error) error {
	if refused, ok := errors.AsType[*model.Error](err); ok {
		return refused
	}
	line, column := p.d.InputPos()
	return model.Errorf(model.Invalid, "the body is not XML: it fails at line %d, column %d", line, column)
}

// element reads the inside of an element, to its end.
func (p *xmlParser) element(start xml.StartElement, depth int) (*node, error) {
	if err := p.count.add(); err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, model.Errorf(model.Invalid, "the body is nested more than %d deep", maxDepth)
	}
	n := &node{name: p.name(start.Name), form: formElement}
	for i, a := range start.Attr {
		if slices.ContainsFunc(start.Attr[:i], func(before xml.Attr) bool { return before.Name == a.Name }) {
			return nil, model.Errorf(model.Invalid, "the body is not XML: the attribute %s of the element %s is given twice", clip(a.Name.Local), clip(n.name))
		}
		if a.Name.Space == "" && a.Name.Local != "xmlns" {
			if err := p.count.add(); err != nil {
				return nil, err
			}
			n.kids = append(n.kids, &node{name: a.Name.Local, text: a.Value})
		}
	}
	var text strings.Builder
	elements := 0
	for {
		t, err := p.token()
		if err != nil {
			return nil, p.malformed(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			elements++
			kid, err := p.element(t, depth+1)
			if err != nil {
				return nil, err
			}
			n.kids = append(n.kids, kid)
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			n.text = text.String()
			if blank := strings.TrimSpace(n.text) == ""; elements > 0 && !blank {
				return nil, model.Errorf(model.Invalid, "the element %s has both text and elements", clip(n.name))
			} else if elements > 0 || blank && len(n.kids) == 0 {
				n.text = ""
			}
			return n, nil
		}
	}
}

func (p *xmlParser) name(n xml.Name) string {
	if n.Space == "" || n.Space == p.v.Namespace() {
		return n.Local
	}
	return "{" + n.Space + "}" + n.Local
}
