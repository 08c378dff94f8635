package cimi

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"strconv"
	"strings"
	"unicode"

	. "github.com/occimi/occimi/conformance/suite"
)

// document is what an answer says, whichever its format: JSON as it is, XML in
// the shape that the same resource has in JSON.
type document struct {
	typeURI   string // of the resource: resourceURI, or namespace and name of the XML root
	namespace string // of the XML root; none in JSON
	node
}

// node is a value of a document. At most one of members and items is set.
type node struct {
	kind    string // what JSON calls it: object, array, string, number, boolean, null; XML knows object, array and string
	text    string // of a string, number or boolean
	members map[string]node
	items   []node
	element string // name in XML
}

// deepest is how deep documents may be nested.
const deepest = 100

// read reads an answer by its Content-Type, and strictly.
func read(x *Exchange) (document, error) {
	media, _, err := mime.ParseMediaType(x.Header.Get("Content-Type"))
	if err != nil {
		return document{}, fmt.Errorf("the Content-Type is %q: %w", x.Header.Get("Content-Type"), err)
	}
	switch media {
	case "application/json":
		return readJSON(x.Body)
	case "application/xml":
		return readXML(x.Body)
	default:
		return document{}, fmt.Errorf("the Content-Type is %q, representations of CIMI are application/json and application/xml", media)
	}
}

func readJSON(body string) (document, error) {
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return document{}, fmt.Errorf("the body is not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return document{}, errors.New("the body goes on after its JSON")
	}
	root, err := fromJSON(value, 0)
	if err != nil {
		return document{}, err
	}
	if root.kind != "object" {
		return document{}, fmt.Errorf("the body is a JSON %s, wanted an object", root.kind)
	}
	return document{typeURI: root.members["resourceURI"].text, node: root}, nil
}

func fromJSON(value any, depth int) (node, error) {
	if depth > deepest {
		return node{}, fmt.Errorf("the body is nested deeper than %d", deepest)
	}
	switch v := value.(type) {
	case map[string]any:
		n := node{kind: "object", members: map[string]node{}}
		for name, member := range v {
			m, err := fromJSON(member, depth+1)
			if err != nil {
				return n, err
			}
			n.members[name] = m
		}
		return n, nil
	case []any:
		n := node{kind: "array"}
		for _, item := range v {
			m, err := fromJSON(item, depth+1)
			if err != nil {
				return n, err
			}
			n.items = append(n.items, m)
		}
		return n, nil
	case string:
		return node{kind: "string", text: v}, nil
	case json.Number:
		return node{kind: "number", text: v.String()}, nil
	case bool:
		return node{kind: "boolean", text: strconv.FormatBool(v)}, nil
	default:
		return node{kind: "null"}, nil
	}
}

// arrays are the attributes that are arrays: their names, those of their items
// in XML, and the resources that have them. Version 1 has the items alone,
// version 2 within an element that has the array's name.
var arrays = []struct{ list, item, in string }{
	{"operations", "operation", ""},
	{"properties", "property", ""},
	{"parameters", "parameter", ""},
	{"policies", "policy", ""},
	{"disks", "disk", "MachineConfiguration"},
	{"capabilities", "capability", "ResourceMetadata"},
	{"attributes", "attribute", "ResourceMetadata"},
	{"actions", "action", "ResourceMetadata"},
	{"affectedResources", "affectedResource", "Job"},
	{"nestedJobs", "nestedJob", "Job"},
	{"volumes", "volume", "MachineTemplate"},
	{"volumeTemplates", "volumeTemplate", "MachineTemplate"},
	{"networkInterfaces", "networkInterface", "MachineTemplate"},
	{"interfaceTemplates", "interfaceTemplate", "MachineTemplate"},
	{"addresses", "address", "NetworkInterface"},
	{"segmentTemplates", "segmentTemplate", "NetworkTemplate"},
	{"segments", "segment", "NetworkTemplate"},
	{"endpointTemplates", "endpointTemplate", "ProtocolSegmentTemplate"},
	{"endpoints", "endpoint", "ProtocolSegmentTemplate"},
	{"endpoints", "endpoint", "NetworkInterfaceTemplate"},
	{"networks", "network", "ForwardingGroup"},
	{"networks", "network", "ForwardingGroupTemplate"},
	{"dns", "dns", "Address"},
	{"dns", "dns", "AddressTemplate"},
	{"meterTemplates", "meterTemplate", ""},
	{"locatedVolumes", "locatedVolume", ""},
}

func readXML(body string) (document, error) {
	decoder := xml.NewDecoder(strings.NewReader(body))
	for {
		token, err := decoder.Token()
		if err != nil {
			return document{}, fmt.Errorf("the body is not XML: %w", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		root, err := fromXML(decoder, start, start.Name.Space, 0)
		if err != nil {
			return document{}, err
		}
		for {
			switch rest, err := decoder.Token(); {
			case errors.Is(err, io.EOF):
				typeURI := root.members["resourceURI"].text
				if typeURI == "" {
					typeURI = start.Name.Space + "/" + start.Name.Local
				}
				return document{typeURI, start.Name.Space, root}, nil
			case err != nil:
				return document{}, fmt.Errorf("the body is not XML: %w", err)
			default:
				if _, ok := rest.(xml.StartElement); ok {
					return document{}, errors.New("the body has two XML roots")
				}
			}
		}
	}
}

// fromXML reads an element to its end. Elements of other namespaces are
// extensions, and skipped.
func fromXML(decoder *xml.Decoder, start xml.StartElement, namespace string, depth int) (node, error) {
	if depth > deepest {
		return node{}, fmt.Errorf("the body is nested deeper than %d", deepest)
	}
	n := node{kind: "string", element: start.Name.Local, members: map[string]node{}}
	for _, a := range start.Attr {
		if a.Name.Space == "" && a.Name.Local != "xmlns" {
			n.members[a.Name.Local] = node{kind: "string", text: a.Value}
		}
	}
	var children []node
	for {
		token, err := decoder.Token()
		if err != nil {
			return n, fmt.Errorf("the body is not XML: %w", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Space != namespace {
				if err := decoder.Skip(); err != nil {
					return n, fmt.Errorf("the body is not XML: %w", err)
				}
				continue
			}
			child, err := fromXML(decoder, token, namespace, depth+1)
			if err != nil {
				return n, err
			}
			children = append(children, child)
		case xml.CharData:
			n.text += string(token)
		case xml.EndElement:
			return n.adopt(children)
		}
	}
}

// adopt gives an element its children, in the shape of JSON.
func (n node) adopt(children []node) (node, error) {
	if len(children) > 0 || len(n.members) > 0 {
		n.kind = "object"
	}
	for _, a := range arrays {
		if n.element == a.list && a.list != a.item && len(children) > 0 && children[0].element == a.item { // version 2
			return list(n.element, a.item, children), nil
		}
	}
	wrapped := len(children) > 0 && unicode.IsLower(rune(n.element[0]))
	for _, c := range children {
		wrapped = wrapped && unicode.IsUpper(rune(c.element[0]))
	}
	if wrapped && n.members["href"].kind == "" { // the items of a collection in version 2
		return node{kind: "array", items: children, element: n.element}, nil
	}
	grouped, several := map[string][]node{}, map[string]bool{}
	for _, c := range children {
		name := c.element
		for _, a := range arrays {
			if c.element == a.item && (a.in == "" || strings.EqualFold(a.in, n.element)) {
				name, several[a.list] = a.list, true
			}
		}
		if unicode.IsUpper(rune(name[0])) { // the items of a collection in version 1
			name = itemsOfVersion1
		}
		grouped[name] = append(grouped[name], c)
	}
	for name, group := range grouped {
		_, there := n.members[name]
		switch {
		case several[name], name == itemsOfVersion1:
			n.members[name] = list(name, group[0].element, group)
		case len(group) > 1 || there:
			return n, fmt.Errorf("<%s> is there %d times in <%s>", name, len(group), n.element)
		default:
			n.members[name] = group[0]
		}
	}
	return n, nil
}

// itemsOfVersion1 stands for the array's name, which XML of version 1 does not have.
const itemsOfVersion1 = "items"

// list makes an array, or of pairs of key and value the object that they are in JSON.
func list(name, item string, children []node) node {
	if item != "property" && item != "parameter" && item != "policy" {
		return node{kind: "array", items: children, element: name}
	}
	n := node{kind: "object", members: map[string]node{}, element: name}
	for _, c := range children {
		n.members[c.members["key"].text] = node{kind: "string", text: c.text}
	}
	return n
}

// at follows a path of names and numbers, separated by dots.
func (n node) at(path string) (node, bool) {
	for part := range strings.SplitSeq(path, ".") {
		if i, err := strconv.Atoi(part); err == nil && n.kind == "array" {
			if i < 0 || i >= len(n.items) {
				return node{}, false
			}
			n = n.items[i]
			continue
		}
		next, ok := n.members[part]
		if !ok {
			return node{}, false
		}
		n = next
	}
	return n, true
}

// entries are the items of a collection.
func (d document) entries() []node {
	for name, m := range d.members {
		if m.kind == "array" && name != "operations" {
			return m.items
		}
	}
	return nil
}

// operation gives the href of the operation that is possible now; a rel is its
// name, or a URI that ends with it.
func (n node) operation(name string) string {
	for _, op := range n.members["operations"].items {
		if lastSegment(op.members["rel"].text) == name && op.members["available"].text != "false" {
			return op.members["href"].text
		}
	}
	return ""
}

func lastSegment(uri string) string { return uri[strings.LastIndex(uri, "/")+1:] }
