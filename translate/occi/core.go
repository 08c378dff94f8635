package occi

const (
	coreID      = "occi.core.id"
	coreTitle   = "occi.core.title"
	coreSummary = "occi.core.summary"
	coreSource  = "occi.core.source"
	coreTarget  = "occi.core.target"
)

const coreScheme = "http://schemas.ogf.org/occi/core#"

// The kinds that all others descend from (OCCI 1.2 Core 4.5). None of them is
// instantiated here.
var (
	EntityKind = &Kind{Category: Category{
		ID: coreScheme + "entity", Title: "Entity",
		Attributes: []Attribute{
			{Name: coreID, Server: true, Description: "Identifier of the entity"},
			{Name: coreTitle, Description: "Name for display"},
		},
	}}
	ResourceKind = &Kind{Parent: EntityKind, Category: Category{
		ID: coreScheme + "resource", Title: "Resource",
		Attributes: []Attribute{
			{Name: coreSummary, Description: "Description of the resource"},
		},
	}}
	LinkKind = &Kind{Parent: EntityKind, Category: Category{
		ID: coreScheme + "link", Title: "Link",
		Attributes: []Attribute{
			{Name: coreSource, Required: true, Immutable: true, Description: "Resource that the link begins at"},
			{Name: coreTarget, Required: true, Immutable: true, Description: "Resource that the link points to"},
			{Name: "occi.core.source.kind", Server: true, Versions: V1_2, Description: "Kind of the source"},
			{Name: "occi.core.target.kind", Immutable: true, Versions: V1_2, Description: "Kind of the target"},
		},
	}}
	coreKinds = []*Kind{EntityKind, ResourceKind, LinkKind}
)

// coreLocation is where a core kind's entities are listed if the service gives
// these kinds locations: OCCI 1.2 forbids one for entity, jOCCI and rOCCI 5 work
// only if each kind has one.
func coreLocation(k *Kind) string { return "/" + k.ID.Term() + "/" }
