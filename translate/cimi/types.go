package cimi

import "time"

// URI is an absolute URI, or in input one relative to the base URI.
type URI string

// Ref is a reference to a resource. Printed, it has an href if a resource of
// its type and Key is served to this client, or else if Href is set; with
// neither and without Value it is left out. Read, Key is set from the href.
type Ref struct {
	Key  string
	Href string
	// Value is a pointer to the resource's struct: the resource itself, given
	// by value or expanded.
	Value any
}

// given tells whether a client has given the reference.
func (r Ref) given() bool { return r.Key != "" || r.Value != nil }

// Collection is an attribute that leads to a collection below the resource. Its
// URI follows from the resource's id; it is left out where no such collection
// is served.
type Collection struct {
	// Items is a slice of resources if the collection is expanded.
	Items any
}

// Parent is the reference to a resource's owner. If Href is empty, it follows
// from the id.
type Parent struct {
	Href URI
	// Value is the owner if it is expanded: a pointer to a resource's struct, or
	// the page of a collection.
	Value any
}

// Refused is an attribute of the standard that is not supported: a body that has
// it is refused with the tag's reason. It is never printed nor announced.
type Refused struct{}

// Operation is something that a client may do to a resource or a collection:
// "edit", "delete", "add", or the name of an operation of the specification.
// Its rel and href follow from the name and from the resource's id.
type Operation struct {
	Name string
	// Unavailable operations exist, but not in the present state. Version 1
	// leaves them out.
	Unavailable bool
}

// Common are the attributes that all resources have (DSP0263 5.7.1).
type Common struct {
	ID          URI               `cimi:"id,fixed"`
	Name        string            `cimi:"name"`
	Description string            `cimi:"description"`
	Created     time.Time         `cimi:"created,fixed,optional"`
	Updated     time.Time         `cimi:"updated,ro,optional"`
	Parent      Parent            `cimi:"parent,fixed" v:"2"`
	Properties  map[string]string `cimi:"properties,rw,optional" item:"property" xml1:"property"`
}
