package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// kind is one kind of Neutron's things. The attributes say what it looks like,
// what may be filtered by, and what a request may hold.
type kind[T any] struct {
	name, path string // security_group, security-groups
	// missing is the type of the error that there is no such thing, and absent
	// its words: %s is the id.
	missing, absent string
	items           func(*Cloud) *collection[T]
	// common gives what all things of Neutron's have.
	common func(*T) *common
	// sees tells whether a thing of another project is visible; nil: never.
	sees   func(c *call, v *T) bool
	attrs  []attr[T]
	create func(c *call, base common, want map[string]any) (*T, error)
	// change applies an update that the attributes allow.
	change func(c *call, v *T, want map[string]any) error
	remove func(c *call, v *T) error
}

// common is what all of Neutron's things have.
type common struct {
	id, name, description, project string
	tags                           []string
	created, updated               timestamp
	revision                       int
}

// attr is one attribute of a kind. Without a check no request may hold it.
type attr[T any] struct {
	name     string
	get      func(c *call, v *T) any
	check    func(v any) string   // what is wrong with a value; empty if nothing
	required bool                 // in creations
	fixed    bool                 // for life: updates may not hold it
	adminly  bool                 // requests of others may not hold it
	hidden   bool                 // it is taken, but not shown
	shown    func(*call, *T) bool // whether it is shown now; nil: it is
}

func (k *kind[T]) routes() []route {
	root := "/v2.0/" + k.path
	list := []route{
		{method: "GET", path: root, handle: k.list},
		{method: "POST", path: root, handle: k.post},
		{method: "GET", path: root + "/{id}", handle: k.show},
		{method: "DELETE", path: root + "/{id}", handle: k.delete},
	}
	if k.change != nil {
		list = append(list,
			route{method: "PUT", path: root + "/{id}", handle: k.put},
			route{method: "GET", path: root + "/{id}/tags", handle: k.listTags},
			route{method: "PUT", path: root + "/{id}/tags", handle: k.replaceTags},
			route{method: "PUT", path: root + "/{id}/tags/{tag}", handle: k.addTag},
			route{method: "DELETE", path: root + "/{id}/tags/{tag}", handle: k.deleteTag})
	}
	return list
}

// all gives the kind's attributes with those that every kind has.
func (k *kind[T]) all() []attr[T] {
	of := func(name string, get func(*common) any) attr[T] {
		return attr[T]{name: name, get: func(_ *call, v *T) any { return get(k.common(v)) }}
	}
	return slices.Concat(
		[]attr[T]{of("id", func(b *common) any { return b.id })}, k.attrs,
		[]attr[T]{
			{name: "tenant_id", get: func(_ *call, v *T) any { return k.common(v).project }, check: isText, fixed: true},
			{name: "project_id", get: func(_ *call, v *T) any { return k.common(v).project }, check: isText, fixed: true},
			of("created_at", func(b *common) any { return b.created.String() }),
			of("updated_at", func(b *common) any { return b.updated.String() }),
			of("revision_number", func(b *common) any { return b.revision }),
		})
}

// named are the attributes name, description and tags.
func named[T any](of func(*T) *common) []attr[T] {
	return []attr[T]{
		{name: "name", get: func(_ *call, v *T) any { return of(v).name }, check: isText},
		{name: "description", get: func(_ *call, v *T) any { return of(v).description }, check: isText},
		{name: "tags", get: func(_ *call, v *T) any { return of(v).tags }},
	}
}

func (k *kind[T]) visible(c *call, v *T) bool {
	return k.common(v).project == c.project() || c.admin() || k.sees != nil && k.sees(c, v)
}

// find gives the thing that the path names.
func (k *kind[T]) find(c *call) (*T, error) {
	if v := k.items(c.Cloud).byID[c.param(0)]; v != nil && k.visible(c, v) {
		return v, nil
	}
	return nil, k.notFound(c.param(0))
}

func (k *kind[T]) notFound(id string) error {
	return refuseAs(http.StatusNotFound, k.missing, strings.Replace(k.absent, "%s", id, 1))
}

// own is find for whoever wants to change what it finds.
func (k *kind[T]) own(c *call, action string) (*T, error) {
	v, err := k.find(c)
	if err != nil {
		return nil, err
	}
	if k.common(v).project != c.project() && !c.admin() {
		return nil, refuseAs(http.StatusForbidden, "PolicyNotAuthorized", "rule:"+action+"_"+k.name+" is disallowed by policy")
	}
	return v, nil
}

func (k *kind[T]) plural() string { return strings.ReplaceAll(k.path, "-", "_") }

// newCommon begins a thing of a project.
func (c *Cloud) newCommon(project string) common {
	now := timestamp(c.now())
	return common{id: c.id(), project: project, tags: []string{}, created: now, updated: now, revision: 1}
}
