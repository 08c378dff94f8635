package cimi

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/occimi/occimi/model"
)

// Query is what the query parameters of DSP0263 4.1.6 ask for. The zero value
// asks for everything.
type Query struct {
	// Select are the names of $select, without repeats; nil: all.
	Select []string
	// Expand are the names of $expand; "*" for all.
	Expand []string
	// Format is the first $format, in lower case; empty if there is none.
	Format string

	filters     []filter
	order       []orderKey
	first, last int64 // 1-based, inclusive
	hasLast     bool
	values      url.Values // all parameters, as they came
}

type orderKey struct {
	name       string
	descending bool
}

// What a query may hold at most, so that it costs no more than its answer.
const (
	maxNames      = 200
	maxFilterText = 8000 // bytes, of all filters together
)

// ParseQuery reads query parameters. Those that CIMI does not define are
// ignored. Errors: Invalid, naming the parameter.
func ParseQuery(values url.Values) (Query, error) {
	q := Query{first: 1, values: values}
	if err := checkSize(values); err != nil {
		return Query{}, err
	}
	if names, ok := values["$select"]; ok {
		q.Select = splitNames(names)
		if slices.Contains(q.Select, "*") {
			q.Select = nil
		}
	}
	if names, ok := values["$expand"]; ok {
		q.Expand = splitNames(names)
		if len(q.Expand) == 0 {
			q.Expand = []string{"*"}
		}
	}
	q.Format = strings.ToLower(values.Get("$format"))
	for _, text := range values["$filter"] {
		f, err := parseFilter(text)
		if err != nil {
			return Query{}, err
		}
		q.filters = append(q.filters, f)
	}
	for _, name := range splitNames(values["$orderby"]) {
		name, direction, _ := strings.Cut(name, ":")
		switch direction {
		case "", "asc", "desc":
			q.order = append(q.order, orderKey{name: name, descending: direction == "desc"})
		default:
			return Query{}, model.Errorf(model.Invalid, "$orderby: %q is neither asc nor desc", clip(direction))
		}
	}
	var err error
	if q.first, _, err = bound(values, "$first", 1); err != nil {
		return Query{}, err
	}
	q.last, q.hasLast, err = bound(values, "$last", 0)
	return q, err
}

func checkSize(values url.Values) error {
	for _, name := range []string{"$select", "$expand", "$orderby"} {
		if strings.Count(strings.Join(values[name], ","), ",") >= maxNames {
			return model.Errorf(model.Invalid, "%s has more than %d names", name, maxNames)
		}
	}
	if len(strings.Join(values["$filter"], "")) > maxFilterText {
		return model.Errorf(model.Invalid, "$filter is longer than %d bytes", maxFilterText)
	}
	return nil
}

// splitNames reads comma separated lists, and merges them.
func splitNames(lists []string) []string {
	names := []string{}
	for _, list := range lists {
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// bound reads $first or $last. Numbers too large for any list are cut.
func bound(values url.Values, name string, missing int64) (n int64, given bool, err error) {
	text := strings.TrimSpace(values.Get(name))
	if text == "" {
		return missing, false, nil
	}
	n, err = strconv.ParseInt(text, 10, 64)
	if n == math.MaxInt64 || n == math.MinInt64 {
		return n, true, nil
	}
	if err != nil {
		return 0, false, model.Errorf(model.Invalid, "%s: %q is not a number", name, clip(text))
	}
	return n, true, nil
}

// window cuts a list to $first and $last (DSP0263 4.1.6.2). What lies outside
// of the list is cut without a fault.
func (q Query) window(order []int) []int {
	first := max(q.first, 1)
	last := int64(len(order))
	if q.hasLast {
		last = min(q.last, last)
	}
	if first > last {
		return nil
	}
	return order[first-1 : last]
}

// part is what $first and $last ask for, if that does not depend on what the
// items are.
func (q Query) part() (model.Page, bool) {
	const most = model.MaxDocuments
	first := min(max(q.first, 1), most+1)
	last := int64(most)
	if q.hasLast {
		last = min(q.last, last)
	}
	return model.Page{Skip: int(first - 1), Limit: int(max(last-first+1, 0))}, len(q.filters) == 0 && len(q.order) == 0
}

// selection is which attributes a document shows. The zero value shows all.
type selection struct {
	names []string // nil: all
	page  *pageSelection
}

// pageSelection is a selection on a collection, which names attributes of both
// the collection and its items.
type pageSelection struct {
	own  []string
	item []string
}

// collectionAttributes are those of collections themselves (DSP0263 5.5.12).
var collectionAttributes = []string{"id", "count", "operations", "updated", "parent"}

// selection gives what $select shows of a single resource.
func (q Query) selection() selection { return selection{names: q.Select} }

// pageSelection gives what $select shows of a collection: names of collection
// attributes apply to the collection, other names to every item. The name of the
// array of items is a collection attribute, too: it shows them whole. A name may
// be preceded by it and a slash (QueryPathNotation), and is then an item's.
func (q Query) pageSelection(key string) selection {
	if q.Select == nil {
		return selection{}
	}
	var p pageSelection
	for _, name := range q.Select {
		if item, ok := strings.CutPrefix(name, key+"/"); ok {
			p.item = append(p.item, item)
		} else if name == key {
			p.item = append(p.item, "*")
		} else if slices.Contains(collectionAttributes, name) {
			p.own = append(p.own, name)
		} else {
			p.item = append(p.item, name)
		}
	}
	if p.item != nil {
		p.own = append(p.own, "id", "count")
	}
	return selection{page: &p}
}

func (s selection) shows(name string) bool { return s.names == nil || slices.Contains(s.names, name) }

// collection tells whether an attribute of the collection itself is shown.
func (s selection) collection(name string) bool {
	return s.page == nil || slices.Contains(s.page.own, name)
}

// items tells whether items are shown at all.
func (s selection) items() bool { return s.page == nil || s.page.item != nil }

func (s selection) ofItems() selection {
	if s.page == nil || slices.Contains(s.page.item, "*") {
		return selection{}
	}
	return selection{names: s.page.item}
}

// expands tells whether $expand names the attribute.
func (q Query) expands(name string) bool {
	return slices.Contains(q.Expand, "*") || slices.Contains(q.Expand, name)
}

// needs tells whether the answer depends on an attribute, of the items if choice is
// of a collection.
func (q Query) needs(choice selection, attribute string) bool {
	if choice.page != nil {
		choice = selection{names: append([]string{}, choice.page.item...)}
	}
	return choice.shows(attribute) || choice.shows("*") || anyMentions(q.filters, attribute)
}
