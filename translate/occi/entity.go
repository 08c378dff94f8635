package occi

// Entity is a thing of the cloud as OCCI sees it, ready to be rendered.
type Entity struct {
	Kind *Kind
	// ID is the cloud's id: the last segment of the entity's path.
	ID         string
	Mixins     []*Mixin
	Attributes []AttributeValue // without occi.core.id, source and target
	// Actions are those that may be invoked in the present state.
	Actions []*Action
	// Links are the outgoing links of a resource.
	Links []Entity
	// Source and Target are the ends of a link.
	Source, Target End
	// Marks are the tags of what stands behind the entity in the cloud. Those of
	// mixins of users' own become Mixins (see Session.dress); the rest is others'.
	Marks []string
	// Foreign entities belong to somebody else: they can be seen and linked to, not
	// changed or deleted.
	Foreign bool
	// Locked entities refuse every change, deletion too.
	Locked bool
}

// AttributeValue is a value and the declaration it belongs to.
type AttributeValue struct {
	Attribute *Attribute
	Value     Value
}

// End is a resource that a link begins or ends at.
type End struct {
	Kind TypeID
	// Path is below the service's root: /compute/ID.
	Path string
}

// Path is where the entity is, below the service's root.
func (e *Entity) Path() string { return e.Kind.Location + e.ID }

// set gives the entity an attribute that its kind or one of its mixins
// declares. An undeclared one is a defect of the mapping.
func (e *Entity) set(name string, v Value) {
	a := e.Kind.Attribute(name)
	for i := 0; a == nil && i < len(e.Mixins); i++ {
		a = findAttribute(e.Mixins[i].Attributes, name)
	}
	if a == nil {
		panic("occi: " + e.Kind.Location + " sets " + name + ", which nothing declares")
	}
	if e.Attributes == nil {
		e.Attributes = make([]AttributeValue, 0, 8) // enough for all kinds of today
	}
	e.Attributes = append(e.Attributes, AttributeValue{a, v})
}

// setText is set for strings that may be unknown: empty ones are left out (OCCI
// 1.2 Core 4.6: an attribute without a value is not there).
func (e *Entity) setText(name, text string) {
	if text != "" {
		e.set(name, String(text))
	}
}

// has tells whether the entity carries the mixin, or one that depends on it.
func (e *Entity) has(id TypeID) bool {
	for _, m := range e.Mixins {
		if m.Is(id) {
			return true
		}
	}
	return false
}

// value gives an attribute as clients of the version see it; the zero Value if
// the entity has none of that name. Links' ends are given as local paths.
func (e *Entity) value(name string, version Version) Value {
	switch name {
	case coreID:
		return String(e.ID)
	case coreSource, coreTarget:
		if e.Kind.IsLink() {
			return String(map[string]End{coreSource: e.Source, coreTarget: e.Target}[name].Path)
		}
		return Value{}
	}
	for _, av := range e.Attributes {
		if av.Attribute.Name == name && av.Attribute.in(version) {
			return av.Attribute.as(av.Value, version)
		}
	}
	return Value{}
}
