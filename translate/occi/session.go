package occi

import (
	"context"
	"slices"
	"sync"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// Session is one client's view of one tenant's cloud, for one request.
type Session struct {
	Cloud   model.Cloud
	Links   Links
	Version Version
	// CoreLocations gives the core kinds locations, which OCCI 1.2 forbids for
	// entity, and which jOCCI and rOCCI 5 need.
	CoreLocations bool
	// Tags keeps the definitions of mixins of users' own; nil: there are none.
	Tags model.Tags
	// Reserved are local paths at which something other than OCCI is served.
	Reserved []string

	nouns []*Noun // those that the tenant's cloud offers

	// What several kinds and templates are made from is read once.
	machines    once[model.Machine]
	networks    once[model.Network]
	subnets     once[model.Subnet]
	images      once[model.Image]
	flavors     once[model.Flavor]
	volumes     once[model.Volume]
	floatingIPs once[model.FloatingIP]
	zones       once[model.Zone]
	defined     once[*Mixin]
	refs        map[*Noun]*once[string]
	families    map[*Template]*once[*Mixin]

	ports  perMachine[model.Port] // of all with ""
	wholes perMachine[machineWhole]
}

// NewSession makes a session. It needs no call to the cloud.
func NewSession(cloud model.Cloud, links Links, version Version, coreLocations bool) *Session {
	offered := slices.DeleteFunc(slices.Clone(Nouns), func(n *Noun) bool { return !n.Offered(cloud) })
	s := &Session{
		Cloud: cloud, Links: links, Version: version, CoreLocations: coreLocations,
		nouns: offered, families: make(map[*Template]*once[*Mixin]), refs: make(map[*Noun]*once[string]),
	}
	for _, n := range offered {
		s.refs[n] = new(once[string])
		for _, t := range n.Templates {
			s.families[t] = new(once[*Mixin])
		}
	}
	return s
}

// once is a list that is read at most once in a session, when it is first asked
// for; whoever asks meanwhile waits for it.
type once[T any] struct {
	begin    sync.Once
	done     chan struct{}
	list     []T
	err      error
	panicked *fanout.Panic
}

func (o *once[T]) read(ctx context.Context, list func(context.Context) ([]T, error)) ([]T, error) {
	first := false
	o.begin.Do(func() { o.done, first = make(chan struct{}), true })
	if first {
		o.panicked = fanout.Try(func() { o.list, o.err = list(ctx) })
		close(o.done)
	}
	<-o.done
	if o.panicked != nil { // nobody may take what is not there for an empty list
		panic(o.panicked)
	}
	return o.list, o.err
}

// perMachine is a list of each machine that is asked for.
type perMachine[T any] struct {
	lock  sync.Mutex
	lists map[string]*once[T]
}

func (p *perMachine[T]) of(id string) *once[T] {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.lists == nil {
		p.lists = make(map[string]*once[T])
	}
	if p.lists[id] == nil {
		p.lists[id] = new(once[T])
	}
	return p.lists[id]
}

// forget has the lists of a machine, and of all, read anew.
func (p *perMachine[T]) forget(id string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	delete(p.lists, id)
	delete(p.lists, "")
}

// templates gives the mixins of a family. Its noun must be offered.
func (s *Session) templates(ctx context.Context, t *Template) ([]*Mixin, error) {
	return s.families[t].read(ctx, func(ctx context.Context) ([]*Mixin, error) { return t.List(ctx, s) })
}

// Offers tells whether the tenant's cloud has what the kind needs.
func (s *Session) Offers(k *Kind) bool {
	return slices.ContainsFunc(s.nouns, func(n *Noun) bool { return n.Kind == k })
}

// ids lists the ids of all entities of an offered noun.
func (s *Session) ids(ctx context.Context, n *Noun) ([]string, error) {
	return s.refs[n].read(ctx, func(ctx context.Context) ([]string, error) { return n.Refs(ctx, s) })
}

// CategoryRef is how a request names a category: class may be missing.
type CategoryRef struct {
	ID    TypeID
	Class Class
}

// found is what a CategoryRef stands for: exactly one of kind, mixin and action
// is set.
type found struct {
	kind   *Kind
	mixin  *Mixin
	action *Action
	noun   *Noun // what declares the kind or action; nil for core kinds
}

// find looks a category up: in what is declared, then among the templates. No
// class means any (OCCI-OS and other clients leave it out). Errors: NotFound, and
// Invalid if it has another class.
func (s *Session) find(ctx context.Context, ref CategoryRef) (found, error) {
	f, ok := s.declared(ref.ID)
	if !ok {
		m, err := s.findMixin(ctx, ref.ID)
		if err != nil {
			return found{}, err
		}
		f.mixin = m
	}
	class := KindClass
	switch {
	case f.mixin != nil:
		class = MixinClass
	case f.action != nil:
		class = ActionClass
	}
	if ref.Class != "" && ref.Class != class {
		return found{}, model.Errorf(model.Invalid, "the category %s is of the class %s, not %s", ref.ID, class, ref.Class)
	}
	return f, nil
}

func (s *Session) declared(id TypeID) (found, bool) {
	for _, k := range coreKinds {
		if k.ID.Is(id) {
			return found{kind: k}, true
		}
	}
	for _, n := range s.nouns {
		if n.Kind.ID.Is(id) {
			return found{kind: n.Kind, noun: n}, true
		}
		for _, m := range n.mixins() {
			if m.ID.Is(id) {
				return found{mixin: m}, true
			}
		}
		for _, a := range n.Kind.Actions {
			if a.ID.Is(id) {
				return found{action: a, noun: n}, true
			}
		}
	}
	return found{}, false
}

// findMixin looks for a template by its term, or by the id or name of the thing
// behind it, and for a mixin of users' own. Errors: NotFound.
func (s *Session) findMixin(ctx context.Context, id TypeID) (*Mixin, error) {
	for _, n := range s.nouns {
		for _, t := range n.Templates {
			if !t.covers(id.Scheme()) {
				continue
			}
			m, err := s.templateBy(ctx, t, id.Term())
			if m != nil || err != nil {
				return m, err
			}
		}
	}
	if reservedScheme(id) == "" {
		m, err := s.findUserMixin(ctx, id)
		if m != nil || err != nil {
			return m, err
		}
	}
	return nil, model.Errorf(model.NotFound, "there is no category %s", quoteForMessage(string(id)))
}

// templateBy gives the family's mixin of that term or, failing that, alias; nil
// if there is none. Errors: Conflict if several have the alias.
func (s *Session) templateBy(ctx context.Context, t *Template, term string) (*Mixin, error) {
	mixins, err := s.templates(ctx, t)
	if err != nil {
		return nil, err
	}
	wanted := TypeID(t.Scheme + term)
	if i := slices.IndexFunc(mixins, func(m *Mixin) bool { return m.ID.Is(wanted) }); i >= 0 {
		return mixins[i], nil
	}
	var named []*Mixin
	for _, m := range mixins {
		if slices.ContainsFunc(m.Aliases, equalFold(term)) {
			named = append(named, m)
		}
	}
	switch len(named) {
	case 0:
		return nil, nil
	case 1:
		return named[0], nil
	}
	return nil, model.Errorf(model.Conflict, "%s may be %s or %s: use one of these terms", quoteForMessage(term), named[0].ID, named[1].ID)
}

// Catalog is the content of the query interface.
type Catalog struct {
	Kinds   []*Kind
	Mixins  []*Mixin
	Actions []*Action
}

// Cut leaves one page of the categories, in their order.
func (c *Catalog) Cut(p Page) {
	skip := 0
	c.Kinds, skip = page(c.Kinds, p, skip)
	c.Mixins, skip = page(c.Mixins, p, skip)
	c.Actions, _ = page(c.Actions, p, skip)
}

// page gives that part of a list which is on the page, if the list begins at
// an offset in a longer one, and where it ends there.
func page[T any](list []T, p Page, offset int) (on []T, end int) {
	if p == (Page{}) {
		return list, 0
	}
	bound := func(n int) int { return min(max(n-offset, 0), len(list)) }
	return list[bound((p.Number-1)*p.Size):bound(p.Number*p.Size)], offset + len(list)
}

// Query gives everything that the tenant may use (OCCI 1.2 HTTP 5.1), or with
// categories exactly those. Actions that have no mapping are left out, from the
// kinds too. Errors: NotFound for an unknown category.
func (s *Session) Query(ctx context.Context, filter []CategoryRef) (*Catalog, error) {
	c := &Catalog{}
	if len(filter) > 0 {
		seen := make(map[found]bool)
		for _, ref := range filter {
			f, err := s.find(ctx, ref)
			if err != nil {
				return nil, err
			}
			switch {
			case seen[f]:
			case f.action != nil && !slices.Contains(f.noun.Actions, f.action):
				return nil, model.Errorf(model.NotFound, "the action %s is not offered", f.action.ID)
			case f.action != nil:
				c.Actions = append(c.Actions, f.action)
			case f.mixin != nil:
				c.Mixins = append(c.Mixins, f.mixin)
			case f.noun != nil:
				c.Kinds = append(c.Kinds, f.noun.working())
			default:
				c.Kinds = append(c.Kinds, f.kind)
			}
			seen[f] = true
		}
		return c, nil
	}
	var families []*Template
	c.Kinds = slices.Clone(coreKinds)
	for _, n := range s.nouns {
		c.Kinds = append(c.Kinds, n.working())
		c.Mixins = append(c.Mixins, n.mixins()...)
		c.Actions = append(c.Actions, n.Actions...)
		families = append(families, n.Templates...)
	}
	templates := make([][]*Mixin, len(families))
	g, ctx := fanout.WithContext(ctx)
	var own []*Mixin
	g.Go(func() (err error) { own, err = s.userMixins(ctx); return })
	for i, family := range families {
		g.Go(func() (err error) { templates[i], err = s.templates(ctx, family); return })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	c.Mixins = append(append(c.Mixins, slices.Concat(templates...)...), own...)
	return c, nil
}

// mixins are the noun's own and the bases of its templates.
func (n *Noun) mixins() []*Mixin {
	mixins := slices.Clone(n.Mixins)
	for _, t := range n.Templates {
		mixins = append(mixins, t.Base)
	}
	return mixins
}

// working is the noun's kind with those actions only that have a mapping.
func (n *Noun) working() *Kind {
	k := *n.Kind
	k.Actions = n.Actions
	return &k
}
