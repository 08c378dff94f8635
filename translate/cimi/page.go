package cimi

import (
	"reflect"
	"slices"

	"golang.org/x/text/unicode/norm"
)

// page is a collection that is ready to be printed.
type page struct {
	resource *resource
	id       string
	count    int           // of all items that match, shown or not
	items    reflect.Value // a slice
	order    []int         // which items are shown, in order
	query    Query
}

// newPage gives a page of all items.
func newPage(r *resource, id string, items any) *page {
	v := reflect.ValueOf(items)
	order := make([]int, v.Len())
	for i := range order {
		order[i] = i
	}
	return &page{resource: r, id: id, count: len(order), items: v, order: order}
}

// apply does what a query asks of a collection, in the order of DSP0263
// 4.1.6.2: filter, count, order, cut.
func (p *page) apply(s *Session, q Query) error {
	p.query = q
	schema := schemaOf(p.resource.item)
	for _, f := range q.filters {
		if err := f.check(schema, s.Version); err != nil {
			return err
		}
	}
	at := func(i int) structValues { return structValues{s, schema, p.items.Index(i)} }
	if len(q.filters) > 0 {
		p.order = slices.DeleteFunc(p.order, func(i int) bool {
			return slices.ContainsFunc(q.filters, func(f filter) bool { return !f.matches(at(i)) })
		})
	}
	p.count = len(p.order)
	p.sort(q.order, schema, s.Version, at)
	p.order = q.window(p.order)
	return nil
}

// sortable are the kinds that $orderby orders by (DSP0263 4.1.6.6). Other
// attributes are ignored.
var sortable = map[kind]bool{kindBoolean: true, kindTime: true, kindInteger: true, kindString: true}

// sort orders the items; those that lack the attribute come last. Ties keep the
// listing's own order, which is stable.
func (p *page) sort(keys []orderKey, s *schema, v Version, at func(int) structValues) {
	keys = slices.DeleteFunc(slices.Clone(keys), func(k orderKey) bool {
		a := s.attribute(v, k.name)
		return a == nil || !sortable[a.kind]
	})
	if len(keys) == 0 {
		return
	}
	type row struct {
		index  int
		values []any
	}
	rows := make([]row, len(p.order))
	for i, index := range p.order {
		rows[i] = row{index, make([]any, len(keys))}
		for k, key := range keys {
			rows[i].values[k] = sortValue(at(index).operand(key.name))
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		for k, key := range keys {
			if c := compareRows(a.values[k], b.values[k]); c != 0 {
				if key.descending {
					return -c
				}
				return c
			}
		}
		return 0
	})
	for i, r := range rows {
		p.order[i] = r.index
	}
}

// sortValue is what a value is ordered by: text by its compatibility
// decomposition.
func sortValue(value any) any {
	if text, ok := value.(string); ok {
		return norm.NFKD.String(text)
	}
	return value
}

func compareRows(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return compareValues(a, b)
}
