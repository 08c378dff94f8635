package cimi

import (
	"maps"
	"math"
	"net/url"
	"strconv"
	"strings"
)

// webPage is what page.html shows.
type webPage struct {
	Title, Type, Here string
	Error             string
	Crumbs            []*shown
	Attributes        []*shown
	Lists             []*shown
	Pages, Formats    []*shown
	Forms             []webForm
}

// webPage lays out a document whose members are those of root.
func (d Document) webPage(root *shown) *webPage {
	id := d.id()
	p := &webPage{Title: d.name(), Type: d.typ}
	if d.page != nil {
		p.Type, p.Title = "Collection of "+d.page.resource.name(), d.page.resource.attributeName()
		p.Pages = d.pages()
	}
	for _, m := range root.Members {
		switch {
		case m.Name == "operations":
			p.Forms = d.forms(root)
		case m.list:
			p.Lists = append(p.Lists, m)
		default:
			p.Attributes = append(p.Attributes, m)
		}
	}
	if d.typ == "Job" && root.member("state") == "FAILED" {
		p.Error = root.member("statusMessage")
	}
	if id == "" { // of a failure that is nowhere but in this answer
		p.Title, p.Type = "This did not work", ""
	}
	p.Crumbs, p.Here = d.s.crumbs(id)
	if id != "" {
		for _, f := range []Format{JSON, XML} {
			p.Formats = append(p.Formats, &shown{Text: strings.ToUpper(f.String()), Href: d.uri("$format", f.String())})
		}
	}
	return p
}

// id is the URI of what the document is about; empty for failures.
func (d Document) id() string {
	if d.page != nil {
		return d.page.id
	}
	if a := schemaOf(d.value.Type()).attribute(d.s.Version, "id"); a != nil {
		return a.value(d.value).String()
	}
	return ""
}

// name is what people call a resource: its name, else the end of its id.
func (d Document) name() string {
	if d.page != nil {
		return ""
	}
	if a := schemaOf(d.value.Type()).attribute(d.s.Version, "name"); a != nil && a.value(d.value).String() != "" {
		return a.value(d.value).String()
	}
	return lastSegment(d.id())
}

// uri is the URI of this document with other query parameters, given as pairs.
func (d Document) uri(parameters ...string) string {
	values := url.Values{}
	if d.page != nil {
		maps.Copy(values, d.page.query.values)
	}
	for i := 0; i < len(parameters); i += 2 {
		values.Set(parameters[i], parameters[i+1])
	}
	return d.id() + "?" + strings.ReplaceAll(values.Encode(), "%24", "$") // for people, who read them
}

// crumbs are the way from the Cloud Entry Point to a URI, and its end.
func (s *Session) crumbs(id string) (way []*shown, here string) {
	rest, ok := strings.CutPrefix(id, s.BaseURI())
	if id == s.EntryPointURI() {
		return nil, "Cloud Entry Point"
	}
	way = []*shown{{Text: "Cloud Entry Point", Href: s.EntryPointURI()}}
	if !ok {
		return way, ""
	}
	uri := strings.TrimSuffix(s.BaseURI(), "/")
	segments := strings.Split(rest, "/")
	for _, segment := range segments[:len(segments)-1] {
		uri += "/" + segment
		way = append(way, &shown{Text: lastSegment(segment), Href: uri})
	}
	return way, lastSegment(rest)
}

// Paged is the query with an end, if it has none: people turn pages.
func (q Query) Paged(size int64) Query {
	if !q.hasLast && q.first < math.MaxInt64-size {
		q.last, q.hasLast = max(q.first, 1)+size-1, true
	}
	return q
}

// pages are links to the other pages of a collection that does not fit on one.
func (d Document) pages() []*shown {
	q, count := d.page.query, int64(d.page.count)
	first, last := min(max(q.first, 1), count+1), count
	size := max(last-first+1, 1)
	if q.hasLast {
		last = min(max(q.last, first-1), count)
		size = min(max(q.last-first+1, 1), max(count, 1)) // the last page may be a short one
	}
	if first == 1 && last == count {
		return nil
	}
	var links []*shown
	add := func(text string, from int64) {
		from = max(from, 1)
		to := strconv.FormatInt(from+size-1, 10)
		links = append(links, &shown{Text: text, Href: d.uri("$first", strconv.FormatInt(from, 10), "$last", to)})
	}
	if first > 1 {
		add("first page", 1)
		add("previous page", first-size)
	}
	if last < count {
		add("next page", last+1)
		add("last page", count-(count-1)%size)
	}
	return links
}
