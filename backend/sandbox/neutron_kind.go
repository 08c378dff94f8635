package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
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

func (k *kind[T]) write(c *call, key string, v *T, attrs []attr[T]) {
	c.out.object(key, func() {
		for i := range attrs {
			if a := &attrs[i]; !a.hidden && (a.shown == nil || a.shown(c, v)) {
				c.out.any(attrs[i].name, attrs[i].get(c, v))
			}
		}
	})
}

// chosen gives the attributes that the query's fields choose.
func (k *kind[T]) chosen(c *call) []attr[T] {
	attrs := k.all()
	if fields := c.query["fields"]; len(fields) > 0 {
		attrs = slices.DeleteFunc(attrs, func(a attr[T]) bool { return !slices.Contains(fields, a.name) })
	}
	return attrs
}

func (k *kind[T]) show(c *call) error {
	v, err := k.find(c)
	if err != nil {
		return err
	}
	c.out.object("", func() { k.write(c, k.name, v, k.chosen(c)) })
	return c.answer(http.StatusOK)
}

// list answers with what the filters leave, sorted by id unless the query says
// otherwise.
func (k *kind[T]) list(c *call) error {
	attrs := k.all()
	type filter struct {
		attr   *attr[T]
		values []string
	}
	var filters []filter
	for name, values := range c.query {
		for i := range attrs {
			if attrs[i].name == name {
				filters = append(filters, filter{&attrs[i], values})
			}
		}
	}
	found := k.items(c.Cloud).where(func(v *T) bool {
		if !k.visible(c, v) {
			return false
		}
		for _, f := range filters {
			if !filterMatch(f.attr.get(c, v), f.values) {
				return false
			}
		}
		return true
	})
	if err := k.sort(c, attrs, found); err != nil {
		return err
	}
	limit, most := -1, len(found)
	if c.opts.PageSize > 0 {
		most = c.opts.PageSize
	}
	if text := c.query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return refuseAs(http.StatusBadRequest, "BadRequest", "Bad limit request: Limit must be an integer 0 or greater and not '"+text+"'.")
		}
		limit = n
		if n == 0 {
			limit = -1 // no limit
		}
		if c.opts.PageSize == 0 {
			most = max(most, limit)
		}
	}
	marker := c.query.Get("marker")
	reverse, _ := truth(c.query.Get("page_reverse"))
	if reverse {
		slices.Reverse(found)
	}
	items, more, ok := page(found, func(v *T) string { return k.common(v).id }, marker, limit, most)
	if !ok {
		return k.notFound(marker)
	}
	if reverse {
		items = slices.Clone(items)
		slices.Reverse(items)
	}
	plural := k.plural()
	shown := k.chosen(c)
	c.out.object("", func() {
		c.out.array(plural, func() {
			for _, v := range items {
				k.write(c, "", v, shown)
			}
		})
		k.pageLinks(c, plural, items, more && (limit > 0 || c.opts.PageSize > 0), marker != "", reverse)
	})
	return c.answer(http.StatusOK)
}

func (k *kind[T]) pageLinks(c *call, plural string, items []*T, more, marked, reverse bool) {
	next, previous := more, marked
	if reverse {
		next, previous = true, more
	}
	if len(items) == 0 || !next && !previous {
		return
	}
	query := c.query
	link := func(rel string, v *T, reverse bool) {
		q := make(map[string][]string, len(query))
		var parts []string
		for name := range query {
			if name != "marker" && name != "page_reverse" {
				q[name] = query[name]
			}
		}
		names := make([]string, 0, len(q))
		for name := range q {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			for _, value := range q[name] {
				parts = append(parts, queryPair(name, value))
			}
		}
		parts = append(parts, queryPair("marker", k.common(v).id))
		if reverse {
			parts = append(parts, "page_reverse=True")
		}
		c.out.link(rel, c.url("/v2.0/"+k.path)+"?"+strings.Join(parts, "&"))
	}
	c.out.array(plural+"_links", func() {
		if next {
			link("next", items[len(items)-1], false)
		}
		if previous {
			link("previous", items[0], true)
		}
	})
}

func (k *kind[T]) sort(c *call, attrs []attr[T], list []*T) error {
	keys, dirs := c.query["sort_key"], c.query["sort_dir"]
	if len(keys) != len(dirs) {
		return refuse(http.StatusBadRequest, "The number of sort_keys and sort_dirs must be same")
	}
	slices.SortFunc(list, func(a, b *T) int { return strings.Compare(k.common(a).id, k.common(b).id) })
	for i := len(keys) - 1; i >= 0; i-- {
		at := slices.IndexFunc(attrs, func(a attr[T]) bool { return a.name == keys[i] })
		if at < 0 {
			return refuse(http.StatusBadRequest, pythonText(keys[i])+" is an invalid attribute for sort keys")
		}
		sign := 1
		if dirs[i] == "desc" {
			sign = -1
		}
		slices.SortStableFunc(list, func(a, b *T) int {
			return sign * strings.Compare(fmt.Sprint(attrs[at].get(c, a)), fmt.Sprint(attrs[at].get(c, b)))
		})
	}
	return nil
}

// filterMatch tells whether an attribute has one of the values.
func filterMatch(have any, values []string) bool {
	switch have := have.(type) {
	case string:
		return slices.Contains(values, have)
	case bool:
		return slices.ContainsFunc(values, func(v string) bool { want, ok := truth(v); return ok && want == have })
	case nil:
		return slices.Contains(values, "")
	case []string:
		return slices.ContainsFunc(values, func(v string) bool {
			for one := range strings.SplitSeq(v, ",") {
				if !slices.Contains(have, one) {
					return false
				}
			}
			return true
		})
	case []fixedIP:
		for _, v := range values {
			name, value, _ := strings.Cut(v, "=")
			if !slices.ContainsFunc(have, func(ip fixedIP) bool {
				return name == "ip_address" && ip.Address == value || name == "subnet_id" && ip.SubnetID == value
			}) {
				return false
			}
		}
		return true
	}
	return slices.Contains(values, fmt.Sprint(have))
}

// request reads a body and checks it against the attributes.
func (k *kind[T]) request(c *call, creating bool) (map[string]any, error) {
	body, ok := c.body()
	if !ok {
		return nil, refuse(http.StatusBadRequest, "Body contains invalid data")
	}
	want, ok := body[k.name].(map[string]any)
	if !ok {
		return nil, refuse(http.StatusBadRequest, "Unable to find '"+k.name+"' in request body")
	}
	return want, k.checkRequest(c, want, creating)
}

// checkRequest checks what a request wants against the attributes.
func (k *kind[T]) checkRequest(c *call, want map[string]any, creating bool) error {
	attrs := k.all()
	var unknown []string
	for name := range want {
		if !slices.ContainsFunc(attrs, func(a attr[T]) bool { return a.name == name }) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return refuse(http.StatusBadRequest, "Unrecognized attribute(s) '"+strings.Join(unknown, ", ")+"'")
	}
	action := map[bool]string{true: "create", false: "update"}[creating]
	for _, a := range attrs {
		value, given := want[a.name]
		switch {
		case !given && creating && a.required:
			return refuse(http.StatusBadRequest, "Failed to parse request. Required attribute '"+a.name+"' not specified")
		case !given:
			continue
		case creating && a.check == nil:
			return refuse(http.StatusBadRequest, "Attribute '"+a.name+"' not allowed in POST")
		case !creating && (a.fixed || a.check == nil):
			return refuse(http.StatusBadRequest, "Cannot update read-only attribute "+a.name)
		}
		if problem := a.check(value); problem != "" {
			if to, ok := strings.CutPrefix(problem, "to:"); ok {
				return invalidInput(python(value) + " cannot be converted to " + to + ".")
			}
			if words, ok := strings.CutPrefix(problem, "not:"); ok {
				return invalidInput(words)
			}
			if reason, ok := strings.CutPrefix(problem, "reason:"); ok {
				return refuse(http.StatusBadRequest, "Invalid input for "+a.name+". Reason: "+reason)
			}
			return refuse(http.StatusBadRequest, "Invalid input for "+a.name+". Reason: '"+plainText(value)+"' "+problem)
		}
		if a.adminly && !c.admin() {
			rule := action + "_" + k.name
			return refuseAs(http.StatusForbidden, "PolicyNotAuthorized", "(rule:"+rule+" and rule:"+rule+":"+a.name+") is disallowed by policy")
		}
		if (a.name == "tenant_id" || a.name == "project_id") && value != c.project() && !c.admin() {
			return refuseAs(http.StatusForbidden, "PolicyNotAuthorized", "(rule:create_"+k.name+") is disallowed by policy")
		}
	}
	return nil
}

func plainText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return python(v)
}

func (k *kind[T]) post(c *call) error {
	if body, ok := c.body(); ok {
		if wishes, ok := body[k.plural()].([]any); ok {
			return k.postAll(c, wishes)
		}
	}
	want, err := k.request(c, true)
	if err != nil {
		return err
	}
	v, err := k.make(c, want)
	if err != nil {
		return err
	}
	c.out.object("", func() { k.write(c, k.name, v, k.all()) })
	return c.answer(http.StatusCreated)
}

// postAll makes several things, or none.
func (k *kind[T]) postAll(c *call, wishes []any) error {
	var made []*T
	for _, wish := range wishes {
		want, ok := wish.(map[string]any)
		err := refuse(http.StatusBadRequest, "Invalid item '"+python(wish)+"' in request body")
		if ok {
			err = k.checkRequest(c, want, true)
		}
		if err == nil {
			var v *T
			if v, err = k.make(c, want); err == nil {
				made = append(made, v)
				continue
			}
		}
		for _, v := range made {
			_ = k.remove(c, v) // what is new, nothing keeps
			k.items(c.Cloud).remove(k.common(v).id)
		}
		return err
	}
	c.out.object("", func() {
		c.out.array(k.plural(), func() {
			for _, v := range made {
				k.write(c, "", v, k.all())
			}
		})
	})
	return c.answer(http.StatusCreated)
}

// make makes one thing that has been checked.
func (k *kind[T]) make(c *call, want map[string]any) (*T, error) {
	items := k.items(c.Cloud)
	used := items.count(func(v *T) bool { return k.common(v).project == c.project() })
	if c.over(k.name, used, 1) {
		return nil, overQuota(k.name)
	}
	base := c.newCommon(c.project())
	base.name, base.description = textAt(want, "name"), textAt(want, "description")
	v, err := k.create(c, base, want)
	if err == nil {
		items.add(k.common(v).id, v)
	}
	return v, err
}

func (k *kind[T]) plural() string { return strings.ReplaceAll(k.path, "-", "_") }

// newCommon begins a thing of a project.
func (c *Cloud) newCommon(project string) common {
	now := timestamp(c.now())
	return common{id: c.id(), project: project, tags: []string{}, created: now, updated: now, revision: 1}
}

func overQuota(name string) error {
	return refuseAs(http.StatusConflict, "OverQuota", "Quota exceeded for resources: ['"+name+"'].")
}

func (k *kind[T]) put(c *call) error {
	v, err := k.own(c, "update")
	if err != nil {
		return err
	}
	want, err := k.request(c, false)
	if err != nil {
		return err
	}
	base := k.common(v)
	if err := unchanged(c, base); err != nil {
		return err
	}
	if err := k.change(c, v, want); err != nil {
		return err
	}
	setText(want, "name", &base.name)
	setText(want, "description", &base.description)
	k.touch(c, v)
	c.out.object("", func() { k.write(c, k.name, v, k.all()) })
	return c.answer(http.StatusOK)
}

// unchanged refuses a change of what has another revision than is expected.
func unchanged(c *call, base *common) error {
	if expected, given := strings.CutPrefix(c.req.Header.Get("If-Match"), "revision_number="); given && expected != strconv.Itoa(base.revision) {
		return refuseAs(http.StatusPreconditionFailed, "RevisionNumberConstraintFailed", fmt.Sprintf("Constrained to %s, but current revision is %d", expected, base.revision))
	}
	return nil
}

func (k *kind[T]) touch(c *call, v *T) {
	base := k.common(v)
	base.updated = timestamp(c.now())
	base.revision++
}

func (k *kind[T]) delete(c *call) error {
	v, err := k.own(c, "delete")
	if err != nil {
		return err
	}
	if err := unchanged(c, k.common(v)); err != nil {
		return err
	}
	if err := k.remove(c, v); err != nil {
		return err
	}
	k.items(c.Cloud).remove(k.common(v).id)
	c.header.Set("Content-Type", "")
	return c.answer(http.StatusNoContent)
}

// findTagged is find for tags: whoever sees a thing may tag it.
func (k *kind[T]) findTagged(c *call) (*T, error) {
	v, err := k.find(c)
	if err != nil {
		err = refuseAs(http.StatusNotFound, "TagResourceNotFound", "Resource "+k.path+" "+c.param(0)+" could not be found.")
	}
	return v, err
}

func (k *kind[T]) listTags(c *call) error {
	v, err := k.find(c)
	if err != nil {
		return err
	}
	c.out.object("", func() { c.out.any("tags", k.common(v).tags) })
	return c.answer(http.StatusOK)
}

func (k *kind[T]) addTag(c *call) error {
	v, err := k.findTagged(c)
	if err != nil {
		return err
	}
	if base := k.common(v); !slices.Contains(base.tags, c.param(1)) {
		base.tags = append(base.tags, c.param(1))
		k.touch(c, v)
	}
	c.out.value(nil)
	return c.answer(http.StatusCreated)
}

func (k *kind[T]) replaceTags(c *call) error {
	v, err := k.findTagged(c)
	if err != nil {
		return err
	}
	body, _ := c.body()
	if problem := isList(body["tags"]); problem != "" {
		return refuse(http.StatusBadRequest, "Invalid tags body")
	}
	k.common(v).tags = texts(body["tags"])
	k.touch(c, v)
	return k.listTags(c)
}

func (k *kind[T]) deleteTag(c *call) error {
	v, err := k.findTagged(c)
	if err != nil {
		return err
	}
	base := k.common(v)
	i := slices.Index(base.tags, c.param(1))
	if i < 0 {
		return refuseAs(http.StatusNotFound, "TagNotFound", "Tag "+c.param(1)+" could not be found.")
	}
	base.tags = slices.Delete(base.tags, i, i+1)
	k.touch(c, v)
	return c.answer(http.StatusNoContent)
}
