package cimi

import (
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
	p := &webPage{Type: d.typ}
	id := d.id()
	p.Title = d.name()
	if d.page != nil {
		p.Type, p.Title = "Collection of "+d.page.resource.name(), d.page.resource.attributeName()
		p.Pages = d.page.links()
	}
	for _, m := range root.Members {
		switch {
		case m.Name == "operations":
			p.Forms = d.forms(m.Items)
		case m.list:
			p.Lists = append(p.Lists, m)
		default:
			p.Attributes = append(p.Attributes, m)
		}
	}
	if d.typ == "Job" && root.member("state") == "FAILED" {
		p.Error = root.member("statusMessage")
	}
	p.Crumbs, p.Here = d.s.crumbs(id)
	if id != "" {
		for _, f := range []Format{JSON, XML} {
			p.Formats = append(p.Formats, &shown{Text: strings.ToUpper(f.String()), Href: d.uri(id, "$format", f.String())})
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
	if id := d.id(); id != "" {
		return lastSegment(id)
	}
	return d.typ
}

// uri is the URI of this document with other query parameters, given as pairs.
func (d Document) uri(id string, parameters ...string) string {
	values := url.Values{}
	if d.page != nil {
		return d.page.uri(parameters...)
	}
	for i := 0; i < len(parameters); i += 2 {
		values.Set(parameters[i], parameters[i+1])
	}
	return id + "?" + encodeQuery(values)
}

// encodeQuery leaves the dollar signs that CIMI's parameters begin with.
func encodeQuery(values url.Values) string {
	return strings.ReplaceAll(values.Encode(), "%24", "$")
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

// uri is the collection's URI with the query's parameters, but those given as
// pairs.
func (p *page) uri(parameters ...string) string {
	values := url.Values{}
	for name, value := range p.query.values {
		values[name] = value
	}
	for i := 0; i < len(parameters); i += 2 {
		values.Set(parameters[i], parameters[i+1])
	}
	return p.id + "?" + encodeQuery(values)
}

// links lead to the other pages of a collection that does not fit on one.
func (p *page) links() []*shown {
	count := int64(p.count)
	first := min(max(p.query.first, 1), count+1)
	last := count
	if p.query.hasLast {
		last = min(max(p.query.last, first-1), count)
	}
	if first == 1 && last == count {
		return nil
	}
	size := max(last-first+1, 1)
	if p.query.hasLast && last == count { // the last page may be a short one
		size = max(min(p.query.last-p.query.first+1, count), size)
	}
	var links []*shown
	add := func(text string, from int64) {
		from = max(from, 1)
		to := strconv.FormatInt(from+size-1, 10)
		links = append(links, &shown{Text: text, Href: p.uri("$first", strconv.FormatInt(from, 10), "$last", to)})
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
