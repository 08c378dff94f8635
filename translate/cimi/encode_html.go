package cimi

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// htmlPage is everything that people with a browser see. It is escaped by
// html/template, and needs no script.
//
//go:embed page.html
var pageSource string

var htmlPage = template.Must(template.New("page").Parse(pageSource))

// htmlPrinter takes a representation apart into what a page shows of it, so that
// no resource needs anything of its own to have a page.
type htmlPrinter struct {
	output
	document Document
	open     []*shown
	root     *shown
}

// shown is a value as people see it: a text, which leads somewhere if Href is
// set; or members; or items of a list.
type shown struct {
	Name    string // empty: an item
	Text    string
	Href    string
	Members []*shown
	Items   []*shown
	Heads   bool // its row, in a table
	list    bool
	ref     bool // a reference that has an href only
}

func (p *htmlPrinter) bytes() []byte {
	b := bytes.NewBuffer(p.buf)
	if err := htmlPage.Execute(b, p.document.webPage(p.root)); err != nil {
		panic("cimi: page.html: " + err.Error()) // a defect of the template
	}
	return b.Bytes()
}

// add puts a value into the innermost list, structure or map.
func (p *htmlPrinter) add(v *shown) {
	if len(p.open) == 0 {
		p.root = v
		return
	}
	within := p.open[len(p.open)-1]
	if within.list {
		within.Items = append(within.Items, v)
	} else {
		within.Members = append(within.Members, v)
	}
}

func (p *htmlPrinter) begin(v *shown) {
	p.add(v)
	p.open = append(p.open, v)
}

func (p *htmlPrinter) resource(string, string, bool) { p.begin(&shown{}) }
func (p *htmlPrinter) object(name string)            { p.begin(&shown{Name: name}) }
func (p *htmlPrinter) item(string)                   { p.begin(&shown{}) }
func (p *htmlPrinter) list(name string, _ bool)      { p.begin(&shown{Name: name, list: true}) }
func (p *htmlPrinter) entries(name string, _ bool)   { p.begin(&shown{Name: name}) }

// end ends a structure. A reference with nothing beside its href is a link.
func (p *htmlPrinter) end() {
	v := p.open[len(p.open)-1]
	p.open = p.open[:len(p.open)-1]
	if len(v.Members) == 1 && v.Members[0].Name == "href" {
		v.Href, v.Text, v.Members, v.ref = v.Members[0].Href, v.Members[0].Text, nil, true
		v.Text = strings.TrimPrefix(v.Text, p.document.s.BaseURI())
	}
}

func (p *htmlPrinter) endEntries() { p.open = p.open[:len(p.open)-1] }

// endList ends a list. What can be done to a resource can be done on its own
// page.
func (p *htmlPrinter) endList() {
	ended := p.open[len(p.open)-1]
	p.open = p.open[:len(p.open)-1]
	if within := p.open[len(p.open)-1]; ended.Name == "operations" && len(p.open) > 1 {
		within.Members = within.Members[:len(within.Members)-1]
	}
}

// text is a link if it leads to a resource of this service, or is somebody's
// href. Other schemes than HTTP's are not followed: a browser may run them.
func (p *htmlPrinter) text(name, head, tail string, _ bool) {
	v := &shown{Name: name, Text: head + tail}
	web := strings.HasPrefix(v.Text, "http://") || strings.HasPrefix(v.Text, "https://")
	if web && (name == "href" || strings.HasPrefix(v.Text, p.document.s.root)) {
		v.Href = v.Text
	}
	p.add(v)
}

func (p *htmlPrinter) integer(name string, n int64, _ bool) {
	p.add(&shown{Name: name, Text: strconv.FormatInt(n, 10)})
}

func (p *htmlPrinter) boolean(name string, b bool, _ bool) {
	p.add(&shown{Name: name, Text: strconv.FormatBool(b)})
}

func (p *htmlPrinter) content(name string, value any) {
	p.add(&shown{Name: name, Text: fmt.Sprint(value)})
}

func (p *htmlPrinter) value(_, text string)       { p.add(&shown{Text: text}) }
func (p *htmlPrinter) entry(_, key, value string) { p.add(&shown{Name: key, Text: value}) }

// find gives a member, or nil. A value that is not there has no members, items
// or text.
func (v *shown) find(name string) *shown {
	if v != nil {
		for _, m := range v.Members {
			if m.Name == name {
				return m
			}
		}
	}
	return nil
}

func (v *shown) items() []*shown {
	if v == nil {
		return nil
	}
	return v.Items
}

func (v *shown) text() string {
	if v == nil {
		return ""
	}
	return v.Text
}

// member gives the text of a member.
func (v *shown) member(name string) string { return v.find(name).text() }

// table is a list of structures.
type table struct {
	Head []string
	Rows [][]*shown
}

// Table shows a list of structures with a column for each name that any of them
// has, and heads rows of resources by their names, which lead to them. It is nil
// if the items are no structures.
func (v *shown) Table() *table {
	t := &table{}
	for _, item := range v.Items {
		if item.Members == nil {
			return nil
		}
		// A name that is new stands where it stands in its own item.
		at := 0
		for _, m := range item.Members {
			if i := slices.Index(t.Head, m.Name); i >= 0 {
				at = i + 1
			} else {
				t.Head = slices.Insert(t.Head, at, m.Name)
				at++
			}
		}
	}
	heads := slices.Contains(t.Head, "id")
	if heads {
		t.Head = slices.DeleteFunc(t.Head, func(name string) bool { return name == "id" || name == "name" })
	}
	for _, item := range v.Items {
		row := make([]*shown, len(t.Head))
		for i := range row {
			row[i] = &shown{}
		}
		head := &shown{Heads: true}
		for _, m := range item.Members {
			if i := slices.Index(t.Head, m.Name); i >= 0 {
				row[i] = m.short()
			} else if m.Name == "id" {
				head.Href = m.Href
			}
		}
		if heads {
			if head.Text = item.member("name"); head.Text == "" {
				head.Text = lastSegment(item.member("id"))
			}
			row = slices.Insert(row, 0, head)
		}
		t.Rows = append(t.Rows, row)
	}
	if heads {
		t.Head = slices.Insert(t.Head, 0, "name")
	}
	return t
}

// short gives a value as it fits into a row: of a link, the end.
func (v *shown) short() *shown {
	if v.Href == "" {
		return v
	}
	return &shown{Text: lastSegment(v.Text), Href: v.Href}
}

// lastSegment is the end of a URI, for people.
func lastSegment(uri string) string {
	text, err := url.PathUnescape(path.Base(uri))
	if err != nil {
		return uri
	}
	return text
}
