package occi

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/occimi/occimi/model"
)

// Templates are the OpenStack forms of OCCI 1.2 Infrastructure 3.5: each image
// is an OS template, each flavor a resource template. Terms are made from ids,
// so that they survive renaming.
var (
	osTpl = &Template{
		Base:    osTplBase,
		Scheme:  openstackRoot + "template/os#",
		Aliases: []string{"http://schemas.ogf.org/occi/os_tpl#", infraScheme},
		List:    imageTemplates,
	}
	resourceTpl = &Template{
		Base:    resourceTplBase,
		Scheme:  openstackRoot + "template/resource#",
		Aliases: []string{"http://schemas.ogf.org/occi/resource_tpl#", infraScheme},
		List:    flavorTemplates,
	}

	osTplBase = &Mixin{
		Applies: []TypeID{infraScheme + "compute"}, Location: "/mixin/os_tpl/",
		Category: Category{ID: infraScheme + "os_tpl", Title: "OS Template"},
	}
	resourceTplBase = &Mixin{
		Applies: []TypeID{infraScheme + "compute"}, Location: "/mixin/resource_tpl/",
		Category: Category{ID: infraScheme + "resource_tpl", Title: "Resource Template"},
	}
)

func imageTemplates(ctx context.Context, s *Session) ([]*Mixin, error) {
	images, err := s.images.read(ctx, s.Cloud.Images)
	if err != nil {
		return nil, err
	}
	return osTemplates(images), nil
}

// osTemplates makes the OS templates of those images that machines can be made
// from now.
func osTemplates(images []model.Image) []*Mixin {
	images = slices.DeleteFunc(slices.Clone(images), func(i model.Image) bool { return i.State != model.ImageAvailable })
	return templatesOf(images, func(i model.Image) *Mixin { return imageTemplate(i.ID, i.Name) })
}

func imageTemplate(id, name string) *Mixin {
	return templateMixin(osTplBase, openstackRoot+"template/os#", id, name, "Image: ")
}

func flavorTemplates(ctx context.Context, s *Session) ([]*Mixin, error) {
	flavors, err := s.flavors.read(ctx, s.Cloud.Flavors)
	if err != nil {
		return nil, err
	}
	return resourceTemplates(flavors), nil
}

func resourceTemplates(flavors []model.Flavor) []*Mixin {
	return templatesOf(flavors, func(f model.Flavor) *Mixin {
		m := templateMixin(resourceTplBase, openstackRoot+"template/resource#", f.ID, f.Name, "Flavor: ")
		fixed := func(name string, t Type, v Value, description string) Attribute {
			return Attribute{Name: name, Type: t, Server: true, Default: v, Description: description}
		}
		// The operator's extra specs stay out: what is particular to the
		// provider must not be exposed (OCCI 1.2 Infrastructure 3.5.2).
		m.Attributes = []Attribute{
			fixed(computeCores, IntegerType, Int(f.VCPUs), "Number of virtual CPU cores"),
			fixed(computeMemory, FloatType, Float(gibibytes(f.MemoryMiB)), "Memory in GiB"),
			fixed("org.openstack.flavor.disk", IntegerType, Int(f.DiskGiB), "Root disk in GiB"),
			fixed("org.openstack.flavor.ephemeral", IntegerType, Int(f.EphemeralGiB), "Ephemeral disk in GiB"),
			fixed("org.openstack.flavor.swap", IntegerType, Int(f.SwapMiB), "Swap in MiB"),
			fixed("org.openstack.flavor.name", StringType, String(f.Name), "Name of the flavor"),
		}
		return m
	})
}

func templateMixin(base *Mixin, scheme, id, name, titlePrefix string) *Mixin {
	term := slug(id)
	return &Mixin{
		Category: Category{ID: TypeID(scheme + term), Title: titlePrefix + cmp.Or(name, id)},
		Depends:  []TypeID{base.ID},
		Applies:  base.Applies,
		Location: base.Location + term + "/",
		Key:      id,
		Aliases:  []string{id, name, slug(name)},
	}
}

// templatesOf makes one mixin of each thing and keeps their terms apart: of
// those that would have the same, the one with the lowest id keeps it, and the
// others are numbered.
func templatesOf[T any](things []T, mixin func(T) *Mixin) []*Mixin {
	mixins := make([]*Mixin, len(things))
	for i, thing := range things {
		mixins[i] = mixin(thing)
	}
	byKey := slices.SortedFunc(slices.Values(mixins), func(a, b *Mixin) int { return cmp.Compare(a.Key, b.Key) })
	taken := make(map[TypeID]bool, len(byKey))
	for _, m := range byKey {
		id, base := m.ID, strings.TrimSuffix(m.Location, m.ID.Term()+"/")
		for n := 2; taken[m.ID]; n++ {
			m.ID = id + TypeID("-"+strconv.Itoa(n))
			m.Location = base + m.ID.Term() + "/"
		}
		taken[m.ID] = true
	}
	return mixins
}

// slug makes a term that all clients of record understand: lower-case letters,
// digits, '-' and '_', beginning with a letter or digit.
func slug(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range strings.ToLower(s) {
		switch {
		case r < 0x80 && isAlnum(byte(r)) || r == '-' || r == '_':
			b = append(b, byte(r))
		case r == ' ':
			b = append(b, '_')
		default:
			b = append(b, '-')
		}
	}
	if len(b) == 0 || !isAlnum(b[0]) {
		b = append([]byte("x"), b...)
	}
	return string(b)
}

// byKey finds a template by the thing behind it.
func byKey(mixins []*Mixin) map[string]*Mixin {
	m := make(map[string]*Mixin, len(mixins))
	for _, mixin := range mixins {
		m[mixin.Key] = mixin
	}
	return m
}

// gibibytes is the unit of occi.compute.memory (OCCI 1.2 Infrastructure 3.1).
func gibibytes(mib int) float64 { return float64(mib) / 1024 }
