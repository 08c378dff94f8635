package cimi

import (
	"context"
	"reflect"
	"slices"
)

// ResourceMetadata says what is special about a type of resource here (DSP0263
// 5.11). It is made of the type's tags and of its resource's tables.
type ResourceMetadata struct {
	ID      URI `cimi:"id,fixed"`
	TypeURI URI `cimi:"typeURI,fixed"`
	// DeltacloudTypeURI is there with Options.DeltacloudMetadata only.
	DeltacloudTypeURI URI                 `cimi:"typeUri,fixed,optional" v:"1"`
	Name              string              `cimi:"name,fixed"`
	Attributes        []AttributeMetadata `cimi:"attributes,fixed,flat" item:"attribute" xml1:"attribute"`
	Capabilities      []Capability        `cimi:"capabilities,fixed,flat" item:"capability" xml1:"capability"`
	Actions           []ActionMetadata    `cimi:"actions,fixed,flat" item:"action" xml1:"action"`
}

// deltacloudTypeURI is Deltacloud's spelling of typeURI.
const deltacloudTypeURI = "typeUri"

// AttributeMetadata are the constraints of one attribute (DSP0263 table 6).
// Namespace and Type are those of extensions only.
type AttributeMetadata struct {
	Name              string `cimi:"name"`
	Namespace         URI    `cimi:"namespace"`
	Type              string `cimi:"type"`
	ProviderMandatory bool   `cimi:"providerMandatory" v:"2"`
	ConsumerMandatory bool   `cimi:"consumerMandatory" v:"2"`
	Mutable           bool   `cimi:"mutable" v:"2"`
	ConsumerWritable  bool   `cimi:"consumerWritable" v:"2"`
	Required          bool   `cimi:"required"`
}

// Capability is a capability of a type (DSP0263 table 7). Its URI follows from
// the type and the name. Value is a string, a bool or an int64; declared, it may
// be a func(*Session) any that gives one, or nil if the type has not got it here.
type Capability struct {
	Name        string `cimi:"name"`
	URI         URI    `cimi:"uri"`
	Description string `cimi:"description"`
	Value       any    `cimi:"value,always,content"`
}

// ActionMetadata describes an operation of a type.
type ActionMetadata struct {
	Name          string `cimi:"name"`
	URI           URI    `cimi:"uri"`
	Description   string `cimi:"description"`
	Method        string `cimi:"method"`
	InputMessage  string `cimi:"inputMessage"`
	OutputMessage string `cimi:"outputMessage"`
}

var resourceMetadata = &resource{
	path: "resourceMetadata",
	item: reflect.TypeFor[ResourceMetadata](),
	key:  "resourceMetadatas",

	deltacloudKey: "resourceMetadata",

	offered: always,
	list:    lister(listMetadata),
	get:     getter(getMetadata),
}

func listMetadata(_ context.Context, s *Session, _ Address) ([]ResourceMetadata, error) {
	var list []ResourceMetadata
	known := map[string]bool{}
	for _, r := range append(resources()[:len(resources()):len(resources())], entryPoint) {
		if s.serves(r) && !known[r.name()] {
			known[r.name()] = true
			list = append(list, s.metadata(s.home(r)))
		}
	}
	return list, nil
}

func getMetadata(ctx context.Context, s *Session, at Address) (*ResourceMetadata, error) {
	list, err := listMetadata(ctx, s, nil)
	return pick(list, err, at.Key(), func(m ResourceMetadata) string { return lowerFirst(m.Name) })
}

func (s *Session) metadata(r *resource) ResourceMetadata {
	name := r.name()
	m := ResourceMetadata{
		ID:      s.id("resourceMetadata", lowerFirst(name)),
		TypeURI: URI(s.Version.typeURI(name)),
		Name:    name,
	}
	if s.options.DeltacloudMetadata {
		m.DeltacloudTypeURI = m.TypeURI
	}
	for _, a := range schemaOf(r.item).attributes[s.Version] {
		switch {
		case a.kind == kindOperations:
		case (a.secret || a.withSecret) && (s.Documents == nil || !s.Documents.KeepsSecrets()):
		case a.kind == kindCollection && s.resourceAt(s.home(r).pathBelow(a.name)) == nil:
		case a.name == deltacloudTypeURI && !s.options.DeltacloudMetadata:
		default:
			about := s.attributeMetadata(a)
			if s.Documents == nil && r.keeps == nil && slices.Contains(r.extras, a.name) {
				about.Mutable, about.ConsumerWritable = false, false
			}
			m.Attributes = append(m.Attributes, about)
		}
	}
	for _, c := range r.capabilities {
		if value, ok := c.Value.(func(*Session) any); ok {
			if c.Value = value(s); c.Value == nil {
				continue
			}
		}
		c.URI = URI(s.Version.Namespace() + "/capability/" + name + "/" + c.Name)
		m.Capabilities = append(m.Capabilities, c)
	}
	for _, a := range r.actions {
		if !s.offersAction(&a) {
			continue
		}
		m.Actions = append(m.Actions, ActionMetadata{
			Name:          a.name,
			URI:           URI(s.Version.actionURI(a.name)),
			Description:   a.description,
			Method:        "POST",
			InputMessage:  "application/json, application/xml",
			OutputMessage: "application/json, application/xml",
		})
	}
	return m
}

func (s *Session) attributeMetadata(a *attribute) AttributeMetadata {
	m := AttributeMetadata{
		Name:              a.name,
		ProviderMandatory: !a.optional,
		ConsumerMandatory: a.required,
		Mutable:           a.class == classRW || a.class == classRO,
		ConsumerWritable:  a.class == classRW,
		Required:          a.required,
	}
	if a.extension || s.Version == V1 && s.options.DeltacloudMetadata {
		// The extensions are those that the specification itself describes.
		m.Namespace = URI(s.Version.Namespace())
		m.Type = typeNames[a.kind]
	}
	return m
}
