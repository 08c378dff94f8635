package occi

import (
	"context"
	"slices"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// Nouns is everything that the program offers through OCCI, in the order of the
// query interface. To add a line is to declare a noun: routes, renderings,
// validation and discovery follow from it.
var Nouns = []*Noun{
	compute,
	network,
	networkInterface,
	storage,
	storageLink,
	ipReservation,
	securityGroup,
	securityGroupLink,
}

// Noun is a kind with the mixins that belong to it, and how its entities are
// mapped to the model. A mapping that is absent is refused as not offered
// (Unsupported), and an action without one is not advertised.
type Noun struct {
	Kind      *Kind
	Mixins    []*Mixin
	Templates []*Template
	// Offered tells whether the tenant's cloud has what the noun needs. A noun
	// that is not offered does not exist for the tenant.
	Offered func(model.Cloud) bool

	// Refs lists the ids of all entities, as cheaply as possible, and List all
	// entities with everything. Both in the same, stable order.
	Refs func(context.Context, *Session) ([]string, error)
	List func(context.Context, *Session) ([]Entity, error)
	// Get gives one. Errors: NotFound.
	Get func(context.Context, *Session, string) (Entity, error)
	// Outgoing gives the links of this kind that a compute has, or with "" those
	// of all, by the path of the compute. Only kinds of links have it; what has
	// it is shown in its source.
	Outgoing func(ctx context.Context, s *Session, computeID string) (map[string][]Entity, error)
	// Target finds what a link of those mixins points to, by the id that the client
	// gave, and gives its id: an alias may stand for it. Errors: NotFound, and
	// Conflict if nothing may be linked to it now. Without it, the id must be among
	// Refs.
	Target func(ctx context.Context, s *Session, id string, mixins []*Mixin) (string, error)
	// Ahead starts to read, in a session, the lists that Create will need, so that
	// they come while the request is validated. It reports nothing: Create meets
	// the errors. Optional.
	Ahead func(ctx context.Context, g *fanout.Group, s *Session)
	// Create makes an entity of a validated draft and gives it as it is then,
	// all or nothing.
	Create func(context.Context, *Session, *Draft) (Entity, error)
	// Update makes a validated change and gives the entity as it is then.
	Update func(context.Context, *Session, *Change) (Entity, error)
	Delete func(context.Context, *Session, string) error
	// Tag adds marks to and removes marks from what stands behind an entity; others
	// stay. It may be repeated. A noun without it cannot have mixins of users' own.
	Tag func(ctx context.Context, s *Session, id string, add, remove []string) error
	// Actions are the actions that can be invoked.
	Actions []*Action
	// Act invokes one of them on one entity, or on all. All are checked before
	// anything is done; of all, those that are in the wanted state already are
	// skipped. It gives the categories that came of it.
	Act func(context.Context, *Session, Invocation) ([]*Mixin, error)
}

// Invocation is an action to be done.
type Invocation struct {
	Action *Action
	Values map[string]Value
	// ID is the entity; empty means all of the kind.
	ID string
}

// needs is a Noun's Offered: the cloud must know T, and its catalog must have
// the service.
func needs[T any](s model.Service) func(model.Cloud) bool {
	return func(c model.Cloud) bool {
		_, err := model.Part[T](c, s)
		return err == nil
	}
}

// Template is a family of mixins of which there is one for each of the cloud's
// own things, such as one per image.
type Template struct {
	// Base is what all of the family depend on.
	Base *Mixin
	// Scheme is the family's; Aliases are others under which clients ask for it.
	Scheme  string
	Aliases []string
	// List gives the tenant's, in a stable order.
	List func(context.Context, *Session) ([]*Mixin, error)
}

// covers tells whether clients look for the family's mixins in the scheme.
func (t *Template) covers(scheme string) bool {
	return scheme == t.Scheme || slices.Contains(t.Aliases, scheme)
}

// Draft is a validated request for a new entity.
type Draft struct {
	Noun *Noun
	// Mixins are the provider's; Marks stand for those of users' own. What Create
	// gives to the new entity of them, it says in the entity's Marks; the session
	// sees to the others.
	Mixins []*Mixin
	Marks  []string
	// Values are by the attributes' declared names and of their declared types,
	// without those that only the server sets.
	Values map[string]Value
	// Links are the links to be made with a resource, in the client's order.
	Links []Draft
	// Target is the kind of what a link shall point to, TargetID its id. SourceID is
	// the compute that it begins at; empty if it comes with a new one.
	SourceID, TargetID string
	Target             TypeID
}

// template gives the draft's one mixin of a family, or nil. Errors: Conflict if
// there are several.
func (d *Draft) template(t *Template) (*Mixin, error) { return among(d.Mixins, t.Base) }

// among gives the one template of a family that is among the mixins, or nil.
// Errors: Conflict if there are several.
func among(mixins []*Mixin, base *Mixin) (*Mixin, error) {
	var found *Mixin
	for _, m := range mixins {
		if m.Key == "" || !m.Is(base.ID) {
			continue
		}
		if found != nil && found.ID != m.ID {
			return nil, model.Errorf(model.Conflict, "%s and %s exclude each other: an entity has one %s",
				found.ID.Term(), m.ID.Term(), base.Title)
		}
		found = m
	}
	return found, nil
}

// Change is a validated request to change an entity.
type Change struct {
	Present Entity
	// Values are those that differ from the present ones.
	Values map[string]Value
	// Mixins are the provider's that the entity does not carry yet.
	Mixins []*Mixin
	// Links are links to be added to a resource.
	Links []Draft
	// addMarks and removeMarks are those of users' own; the session sees to them.
	addMarks, removeMarks []string
	// Removed names the attributes that a full update leaves out; the mapping
	// clears them where the cloud can.
	Removed []string
}
