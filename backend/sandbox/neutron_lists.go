package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

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
