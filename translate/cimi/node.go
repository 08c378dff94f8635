package cimi

import (
	"strings"

	"github.com/occimi/occimi/model"
)

// node is a piece of a request's body, in the form that JSON and XML have in
// common: a name, and either text or nodes inside. XML attributes are nodes
// inside their element.
type node struct {
	name string
	text string
	kids []*node
	form nodeForm
	// unquoted tells a JSON number or boolean from a string.
	unquoted bool
}

type nodeForm int

const (
	formText    nodeForm = iota // a JSON string, number or boolean, or an XML attribute
	formNull                    // JSON null
	formObject                  // a JSON object
	formList                    // a JSON array; the names of the nodes inside are empty
	formElement                 // an XML element: text, object or list, as the schema has it
)

// What a body may hold at most. Anything a client has a use for is far below.
const (
	maxDepth = 32
	maxNodes = 20000
)

// erased tells whether the node asks for the removal of an attribute
// (DSP0263 4.2.1.1): JSON null, or an empty XML element.
func (n *node) erased() bool {
	return n.form == formNull || n.form == formElement && n.text == "" && len(n.kids) == 0
}

// kid gives the node inside with the name, or nil.
func (n *node) kid(name string) *node {
	for _, k := range n.kids {
		if k.name == name {
			return k
		}
	}
	return nil
}

// pointed gives the node that has a URI's text: in version 1.0 some URIs were
// references, and still are in what clients of that time send.
func (n *node) pointed() *node {
	if href := n.kid("href"); href != nil && len(n.kids) == 1 && strings.TrimSpace(n.text) == "" {
		return href
	}
	return n
}

// without removes the nodes inside that have the name.
func (n *node) without(name string) {
	kept := n.kids[:0]
	for _, k := range n.kids {
		if k.name != name {
			kept = append(kept, k)
		}
	}
	n.kids = kept
}

// counter limits the number of nodes in a body.
type counter int

func (c *counter) add() error {
	if *c++; *c > maxNodes {
		return model.Errorf(model.Invalid, "the body has more than %d values", maxNodes)
	}
	return nil
}
