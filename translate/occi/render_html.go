package occi

import (
	"bytes"
	_ "embed"
	"html/template"
	"strconv"
	"strings"
)

// htmlPage is everything that people with a browser see. It is escaped by
// html/template, and needs no script.
//
//go:embed page.html
var pageSource string

var htmlPage = template.Must(template.New("page").Parse(pageSource))

type document struct {
	Title, Error, Notice string
	Crumbs               []cell
	Tables               []table
	Forms                []pageForm
}

type table struct {
	Title string
	Head  []string
	Rows  [][]cell
}

// cell is a text, and where it leads to if Href is set.
type cell struct{ Text, Href string }

func (p *document) render() []byte {
	var b bytes.Buffer
	if err := htmlPage.Execute(&b, p); err != nil {
		panic("occi: page.html: " + err.Error()) // a defect of the template
	}
	return b.Bytes()
}

// renderHTML makes a page of an answer, with forms for what can be done there.
func (s *Session) renderHTML(a Answer) []byte {
	p := &document{Title: "OCCI", Crumbs: []cell{{"Query interface", s.Links.Ref("/-/")}}}
	switch {
	case a.Catalog != nil:
		s.describeCatalog(p, a.Catalog)
	case a.Listing != nil:
		p.Title = s.titleOf(a.At)
		s.describeListing(p, a.Listing.Entities)
		p.Forms = s.collectionForms(a)
	case a.Entity != nil:
		s.describeEntity(p, a.Entity)
		p.Forms = s.entityForms(a.Entity)
	case a.Created != nil:
		p.Title = "Created"
		entities := make([]Entity, len(a.Created))
		for i, e := range a.Created {
			entities[i] = *e
		}
		s.describeListing(p, entities)
	default:
		p.Title, p.Notice = "Done", "Done. It may take the cloud a while to show it."
		if len(a.Mixins) > 0 {
			s.describeCatalog(p, &Catalog{Mixins: a.Mixins})
		}
		if n := a.At.Noun; n != nil {
			p.Crumbs = append(p.Crumbs, s.linkTo(n.Kind.Location))
			if a.Acted && a.At.ID != "" {
				p.Crumbs = append(p.Crumbs, s.linkTo(n.Kind.Location+a.At.ID))
			}
		}
	}
	return p.render()
}

func (s *Session) titleOf(at Place) string {
	switch {
	case at.Noun != nil:
		return at.Noun.Kind.Title
	case at.Mixin != nil:
		return at.Mixin.ID.Term()
	case at.Template != nil && at.Term != "":
		return at.Template.Base.Title + " " + at.Term
	case at.Template != nil:
		return at.Template.Base.Title
	case at.Core != nil:
		return at.Core.Title
	}
	return at.Below
}

func (s *Session) describeCatalog(p *document, c *Catalog) {
	p.Title = "Query interface"
	kinds := table{Title: "Kinds", Head: []string{"kind", "collection", "title"}}
	for _, k := range c.Kinds {
		kinds.Rows = append(kinds.Rows, []cell{{Text: string(k.ID)}, s.linkTo(s.kindLocation(k)), {Text: k.Title}})
	}
	mixins := table{Title: "Mixins", Head: []string{"mixin", "collection", "title"}}
	for _, m := range c.Mixins {
		mixins.Rows = append(mixins.Rows, []cell{{Text: string(m.ID)}, s.linkTo(m.Location), {Text: m.Title}})
		if m.Mark != "" {
			p.Forms = append(p.Forms, pageForm{
				Action: s.Links.Ref("/-/"), Button: "Remove mixin " + m.ID.Term(),
				Hidden: []input{{Name: formMethod, Value: "DELETE"}, {Name: formCategory, Value: string(m.ID)}},
			})
		}
	}
	actions := table{Title: "Actions", Head: []string{"action", "title"}}
	for _, a := range c.Actions {
		actions.Rows = append(actions.Rows, []cell{{Text: string(a.ID)}, {Text: a.Title}})
	}
	for _, t := range []table{kinds, mixins, actions} {
		if len(t.Rows) > 0 {
			p.Tables = append(p.Tables, t)
		}
	}
	if s.Tags != nil {
		p.Forms = append(p.Forms, s.definitionForm())
	}
}

func (s *Session) linkTo(location string) cell {
	if location == "" {
		return cell{}
	}
	return cell{location, s.Links.Ref(location)}
}

func (s *Session) describeListing(p *document, entities []Entity) {
	title := strconv.Itoa(len(entities)) + " entities"
	if len(entities) == 1 {
		title = "1 entity"
	}
	t := table{Title: title, Head: []string{"path", "title", "state"}}
	for i := range entities {
		e := &entities[i]
		t.Rows = append(t.Rows, []cell{s.linkTo(e.Path()), {Text: e.value(coreTitle, s.Version).Text()}, {Text: e.state(s.Version)}})
	}
	p.Tables = append(p.Tables, t)
}

// state is the attribute of the entity's kind that all kinds call so.
func (e *Entity) state(v Version) string {
	for _, av := range e.Attributes {
		if name := av.Attribute.Name; strings.HasSuffix(name, ".state") {
			return e.value(name, v).Text()
		}
	}
	return ""
}

func (s *Session) describeEntity(p *document, e *Entity) {
	p.Title = e.Kind.Title + " " + e.ID
	if title := e.value(coreTitle, s.Version).Text(); title != "" {
		p.Title = title
	}
	p.Crumbs = append(p.Crumbs, s.linkTo(e.Kind.Location))
	attributes := table{Title: "Attributes", Head: []string{"attribute", "value"}}
	s.eachAttribute(e, func(name string, v Value) {
		value := cell{Text: string(v.appendShown(nil))}
		if name == coreSource || name == coreTarget {
			value.Href = v.Text()
		}
		attributes.Rows = append(attributes.Rows, []cell{{Text: name}, value})
	})
	categories := table{Title: "Categories", Head: []string{"category", "collection", "title"}}
	categories.Rows = append(categories.Rows, []cell{{Text: string(e.Kind.ID)}, s.linkTo(e.Kind.Location), {Text: e.Kind.Title}})
	for _, m := range e.Mixins {
		categories.Rows = append(categories.Rows, []cell{{Text: string(m.ID)}, s.linkTo(m.Location), {Text: m.Title}})
	}
	p.Tables = append(p.Tables, attributes, categories)
	if len(e.Links) > 0 {
		links := table{Title: "Links", Head: []string{"link", "target", "state"}}
		for i := range e.Links {
			l := &e.Links[i]
			links.Rows = append(links.Rows, []cell{s.linkTo(l.Path()), s.linkTo(l.Target.Path), {Text: l.state(s.Version)}})
		}
		p.Tables = append(p.Tables, links)
	}
}

// appendShown writes a value for people: strings without quotes.
func (v Value) appendShown(b []byte) []byte {
	if v.form == textForm || v.form == structForm {
		return append(b, v.text...)
	}
	return v.appendPlain(b)
}
