package occi

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
)

// A mixin of users' own is a tag that they define through the query interface
// (OCCI 1.2 HTTP 5.2), for their project. Its definition is kept by model.Tags;
// which entities carry it the cloud says itself: they bear its mark.

const markPrefix = "occi-mx-"

// mark is what entities bear that carry the mixin: 40 characters of a-z, 0-9
// and "-", which every service takes as a tag and as a metadata key.
func mark(id TypeID) string {
	sum := sha256.Sum256([]byte(id.Scheme() + strings.ToLower(id.Term())))
	return markPrefix + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:20]))
}

func isMark(tag string) bool { return strings.HasPrefix(tag, markPrefix) }

// userMixin is how a definition is kept.
type userMixin struct {
	Title    string   `json:"title,omitempty"`
	Depends  []TypeID `json:"depends,omitempty"`
	Applies  []TypeID `json:"applies,omitempty"`
	Location string   `json:"location"`
}

func (m *Mixin) tag() (model.Tag, error) {
	definition, err := json.Marshal(userMixin{m.Title, m.Depends, m.Applies, m.Location})
	return model.Tag{Name: string(m.ID), Mark: m.Mark, Definition: definition}, err
}

func mixinOf(t model.Tag) (*Mixin, error) {
	var u userMixin
	if err := json.Unmarshal(t.Definition, &u); err != nil {
		return nil, model.Errorf(model.Internal, "the definition of the mixin %s cannot be read", quoteForMessage(t.Name)).Because(err)
	}
	return &Mixin{
		Category: Category{ID: TypeID(t.Name), Title: u.Title},
		Depends:  u.Depends, Applies: u.Applies, Location: u.Location, Mark: t.Mark,
	}, nil
}

// userMixins are those of the project, by type identifier.
func (s *Session) userMixins(ctx context.Context) ([]*Mixin, error) {
	if s.Tags == nil {
		return nil, nil
	}
	return s.defined.read(ctx, func(ctx context.Context) ([]*Mixin, error) {
		tags, err := s.Tags.Tags(ctx, s.Cloud.Identity().ProjectID)
		if err != nil {
			return nil, err
		}
		return mixinsOf(tags)
	})
}

func mixinsOf(tags []model.Tag) ([]*Mixin, error) {
	mixins := make([]*Mixin, len(tags))
	for i, t := range tags {
		var err error
		if mixins[i], err = mixinOf(t); err != nil {
			return nil, err
		}
	}
	return mixins, nil
}

// findUserMixin gives the project's mixin of that identifier, or nil.
func (s *Session) findUserMixin(ctx context.Context, id TypeID) (*Mixin, error) {
	mixins, err := s.userMixins(ctx)
	if i := slices.IndexFunc(mixins, func(m *Mixin) bool { return m.ID.Is(id) }); i >= 0 {
		return mixins[i], nil
	}
	return nil, err
}

// Resolve finishes what Locate began: a path that is no location of the
// provider's may be that of a mixin of the tenant's own.
func (s *Session) Resolve(ctx context.Context, p Place) (Place, error) {
	if p.Below == "" || p.Below == "/" {
		return p, nil
	}
	mixins, err := s.userMixins(ctx)
	for _, m := range mixins {
		if m.Location == p.Below {
			return Place{Pattern: p.Pattern, Mixin: m}, nil
		}
	}
	return p, err
}

// dress gives entities, and their links, the mixins whose marks they bear. Marks
// that nothing defines any more say nothing.
func (s *Session) dress(ctx context.Context, entities ...*Entity) error {
	for _, e := range entities {
		// A mapping may share its list of mixins, or give back what was dressed.
		e.Mixins, _ = split(e.Mixins)
		if slices.ContainsFunc(e.Marks, isMark) {
			mixins, err := s.userMixins(ctx)
			if err != nil {
				return err
			}
			// A mapping's list may be shared.
			e.Mixins = slices.DeleteFunc(slices.Clone(e.Mixins), func(m *Mixin) bool { return m.Mark != "" })
			for _, m := range mixins {
				if slices.Contains(e.Marks, m.Mark) {
					e.Mixins = append(e.Mixins, m)
				}
			}
		}
		for i := range e.Links {
			if err := s.dress(ctx, &e.Links[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// dressAll dresses a listing.
func (s *Session) dressAll(ctx context.Context, entities []Entity) error {
	for i := range entities {
		if err := s.dress(ctx, &entities[i]); err != nil {
			return err
		}
	}
	return nil
}

// hasMixinBelow tells whether a path leads to a mixin of the project's own.
func (s *Session) hasMixinBelow(ctx context.Context, path string) bool {
	mixins, err := s.userMixins(ctx)
	return err == nil && path != "" && slices.ContainsFunc(mixins, func(m *Mixin) bool { return strings.HasPrefix(m.Location, path) })
}

// mixinsBelow gives all mixins whose collections are below a path.
func (s *Session) mixinsBelow(ctx context.Context, path string) ([]*Mixin, error) {
	all, err := s.userMixins(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.Clone(all)
	for _, n := range s.nouns {
		all = append(all, n.mixins()...)
	}
	return slices.DeleteFunc(all, func(m *Mixin) bool { return !strings.HasPrefix(m.Location, path) }), nil
}

// split tells the provider's mixins from those of users' own.
func split(mixins []*Mixin) (provider, own []*Mixin) {
	for _, m := range mixins {
		if m.Mark == "" {
			provider = append(provider, m)
		} else {
			own = append(own, m)
		}
	}
	return provider, own
}

func marksOf(mixins []*Mixin) []string {
	var marks []string
	for _, m := range mixins {
		marks = append(marks, m.Mark)
	}
	return marks
}

// Define defines mixins for the project, all or none, and gives them. What is
// defined already in the same way stays. Errors: Invalid, Forbidden (not theirs
// to define), Conflict (defined otherwise, or the location is taken),
// Unsupported, Quota.
func (s *Session) Define(ctx context.Context, m *Message) ([]*Mixin, error) {
	if s.Tags == nil {
		return nil, errNoUserMixins
	}
	if len(m.Definitions) == 0 || len(m.Attributes)+len(m.Links)+len(m.Locations) > 0 {
		return nil, model.Errorf(model.Invalid, "to define mixins, give their categories and nothing else")
	}
	present, err := s.userMixins(ctx)
	if err != nil {
		return nil, err
	}
	mixins, err := s.mixinsToBe(m.Definitions, present)
	if err != nil {
		return nil, err
	}
	tags := make([]model.Tag, len(mixins))
	for i, mixin := range mixins {
		if tags[i], err = mixin.tag(); err != nil {
			return nil, err
		}
	}
	return mixins, s.Tags.DefineTags(ctx, s.Cloud.Identity().ProjectID, tags, func(now []model.Tag) error {
		// Others may have defined mixins since they were read.
		present, err := mixinsOf(now)
		if err == nil {
			_, err = s.mixinsToBe(m.Definitions, present)
		}
		return err
	})
}

// mixinsToBe checks definitions against what there is, and each other.
func (s *Session) mixinsToBe(definitions []Definition, present []*Mixin) ([]*Mixin, error) {
	mixins := make([]*Mixin, 0, len(definitions))
	for _, d := range definitions {
		mixin, err := s.mixinToBe(d, slices.Concat(present, mixins))
		if err != nil {
			return nil, err
		}
		mixins = append(mixins, mixin)
	}
	return mixins, nil
}

var errNoUserMixins = model.Errorf(model.Unsupported, "mixins of your own are not offered: this service has no store for them")

// mixinToBe checks a definition against what there is.
func (s *Session) mixinToBe(d Definition, others []*Mixin) (*Mixin, error) {
	id := d.ID
	if d.Class != "" && d.Class != MixinClass {
		return nil, model.Errorf(model.Invalid, "%s is a %s: only mixins can be defined", id, d.Class)
	}
	if d.Members {
		return nil, model.Errorf(model.Invalid, "the mixin %s cannot have attributes or actions: one of your own is a tag", id)
	}
	if scheme := reservedScheme(id); scheme != "" {
		return nil, model.Errorf(model.Forbidden, "mixins of %s are the provider's: use a scheme of your own", scheme)
	}
	if d.Location == "" {
		return nil, model.Errorf(model.Invalid, "the mixin %s needs a location", id)
	}
	if err := (&Attribute{Name: "title"}).checkLine(String(d.Title)); err != nil {
		return nil, err
	}
	for _, other := range slices.Concat(d.Depends, d.Applies) {
		if _, err := parseTypeID(string(other)); err != nil {
			return nil, model.Errorf(model.Invalid, "the mixin %s: %s", id, model.AsError(err).Message)
		}
	}
	location, err := s.mixinLocation(d.Location)
	if err != nil {
		return nil, err
	}
	m := &Mixin{
		Category: Category{ID: id, Title: d.Title},
		Depends:  d.Depends, Applies: d.Applies, Location: location, Mark: mark(id),
	}
	for _, o := range others {
		switch {
		case o.ID.Is(id) && o.same(m):
			return o, nil
		case o.ID.Is(id):
			return nil, model.Errorf(model.Conflict, "the mixin %s is defined already, and otherwise", id)
		case strings.HasPrefix(location, o.Location), strings.HasPrefix(o.Location, location):
			return nil, model.Errorf(model.Conflict, "the location %s meets %s, that of the mixin %s", location, o.Location, o.ID)
		}
	}
	return m, nil
}

// same tells whether both are defined alike. Their titles are compared as clients
// get them in text, so that what was got can be sent back.
func (m *Mixin) same(o *Mixin) bool {
	return string(appendTitle(nil, m.Title)) == string(appendTitle(nil, o.Title)) && m.Location == o.Location && slices.Equal(m.Depends, o.Depends) && slices.Equal(m.Applies, o.Applies)
}

// reservedScheme gives the provider's beginning of schemes that the identifier
// has; empty if it has none.
func reservedScheme(id TypeID) string {
	for _, scheme := range []string{"http://schemas.ogf.org/", "http://schemas.openstack.org/"} {
		if strings.HasPrefix(strings.ToLower(id.Scheme()), scheme) {
			return scheme
		}
	}
	return ""
}

// maxLocation bounds the locations of mixins, in bytes.
const maxLocation = 255

// mixinLocation reads a location as a local path with a slash at both ends.
// Errors: Invalid; Conflict where something else is.
func (s *Session) mixinLocation(ref string) (string, error) {
	local, err := s.Links.Local(ref)
	if err != nil {
		return "", err
	}
	location := collapse(strings.TrimSuffix(local, "/") + "/")
	ok := len(location) > 1 && len(location) <= maxLocation
	for segment := range strings.SplitSeq(strings.Trim(location, "/"), "/") {
		ok = ok && validID(segment)
	}
	if !ok {
		return "", model.Errorf(model.Invalid, "%s cannot be a mixin's location: that is a path of letters, digits and -._~", quoteForMessage(ref))
	}
	for _, taken := range s.takenLocations() {
		// Above what is taken a mixin would hide it, below it would be hidden.
		if strings.HasPrefix(location, taken) || strings.HasPrefix(taken, location) {
			return "", model.Errorf(model.Conflict, "the location %s is not free: %s is taken", location, taken)
		}
	}
	return location, nil
}

// takenLocations are the service's own, offered to the tenant or not, and those
// of others on the same host.
func (s *Session) takenLocations() []string {
	taken := append([]string{"/-/", "/.well-known/"}, s.Reserved...)
	for _, k := range coreKinds {
		taken = append(taken, coreLocation(k))
	}
	for _, n := range Nouns {
		taken = append(append(taken, n.Kind.Location), n.Kind.Aliases...)
		for _, m := range n.mixins() {
			taken = append(taken, m.Location)
		}
	}
	return taken
}

// Forget removes mixins of the project's own, all or none, and takes them off
// every entity; the entities stay. Errors: Invalid (none named), NotFound,
// Forbidden (the provider's), Conflict (others depend on one).
func (s *Session) Forget(ctx context.Context, m *Message) error {
	if len(m.Categories) == 0 || len(m.Attributes)+len(m.Links)+len(m.Locations) > 0 {
		return model.Errorf(model.Invalid, "to remove mixins, name their categories and nothing else")
	}
	gone := make([]*Mixin, 0, len(m.Categories))
	for _, ref := range m.Categories {
		f, err := s.find(ctx, ref)
		if err != nil {
			return err
		}
		if f.mixin == nil || f.mixin.Mark == "" {
			return model.Errorf(model.Forbidden, "%s is the provider's and cannot be removed", ref.ID)
		}
		gone = append(gone, f.mixin)
	}
	mixins, err := s.userMixins(ctx)
	if err != nil {
		return err
	}
	for _, o := range mixins {
		for _, g := range gone {
			if !slices.Contains(gone, o) && slices.ContainsFunc(o.Depends, g.ID.Is) {
				return model.Errorf(model.Conflict, "the mixin %s depends on %s", o.ID, g.ID)
			}
		}
	}
	if err := s.unmark(ctx, marksOf(gone)); err != nil {
		return err
	}
	names := idsOf(gone, func(m *Mixin) string { return string(m.ID) })
	return s.Tags.ForgetTags(ctx, s.Cloud.Identity().ProjectID, names)
}

// unmark takes marks off all entities that bear them. It may be repeated.
func (s *Session) unmark(ctx context.Context, marks []string) error {
	nouns := slices.DeleteFunc(slices.Clone(s.nouns), func(n *Noun) bool { return n.Tag == nil })
	entities, err := s.entitiesOf(ctx, nouns)
	if err != nil {
		return err
	}
	changes := make([]marking, 0, len(entities))
	for i := range entities {
		if worn := common(marks, entities[i].Marks); len(worn) > 0 {
			changes = append(changes, marking{entity: &entities[i], remove: worn})
		}
	}
	return s.apply(ctx, changes)
}

// common gives what of a is in b.
func common(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return !slices.Contains(b, s) })
}
