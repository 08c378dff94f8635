package occi

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/occi"
)

// query is the URL's query, by hand: net/url drops pairs that are separated by
// semicolons, as a draft of the 1.2 document has them.
type query map[string][]string

func parseQuery(raw string) (query, error) {
	q := make(query)
	for pair := range strings.FieldsFuncSeq(raw, func(r rune) bool { return r == '&' || r == ';' }) {
		name, value, _ := strings.Cut(pair, "=")
		name, errName := url.QueryUnescape(name)
		value, errValue := url.QueryUnescape(value)
		if errName != nil || errValue != nil {
			return nil, model.Errorf(model.Invalid, "the query %q is not well escaped", raw)
		}
		q[name] = append(q[name], value)
	}
	return q, nil
}

// action is the term in ?action=; empty if there is none. Errors: Invalid.
func (q query) action() (string, error) {
	terms, ok := q["action"]
	if !ok {
		return "", nil
	}
	if len(terms) != 1 || terms[0] == "" {
		return "", model.Errorf(model.Invalid, "?action= names one action")
	}
	return terms[0], nil
}

// page reads ?page=N&number=M (OCCI 1.2 HTTP 5.3.1.1), which come together;
// pages are counted from 1. Errors: Invalid, and 413 for pages too large.
func (q query) page(largest int) (occi.Page, error) {
	if q["page"] == nil && q["number"] == nil {
		return occi.Page{}, nil
	}
	number, okNumber := positive(q["page"])
	size, okSize := positive(q["number"])
	switch {
	case !okNumber || !okSize:
		return occi.Page{}, model.Errorf(model.Invalid, "paging needs both ?page= (from 1) and number= (of entities, from 1)")
	case size > largest:
		return occi.Page{}, &statusError{
			status:  http.StatusRequestEntityTooLarge,
			message: "a page has at most " + strconv.Itoa(largest) + " entities",
		}
	}
	return occi.Page{Number: number, Size: size}, nil
}

// positive reads a number from 1. What is too large to count with is very large:
// of pages there is none then, or it is too much.
func positive(values []string) (int, bool) {
	n, ok := digits(strings.Join(values, ","))
	return int(min(n, 1<<30)), ok && n > 0
}

// filter reads what a listing is to be limited to: header fields, with or
// without Content-Type: text/occi; a text/plain body; and ?category= and
// ?attribute=, which JSON clients use.
func (x *exchange) filter() (occi.Filter, error) {
	m, err := occi.ParseHeader(x.r.Header)
	if err != nil {
		return occi.Filter{}, err
	}
	if t, ok := mediaTypeNamed(x.r.Header.Get("Content-Type")); ok && t.format == occi.PlainText {
		body, err := x.body()
		if err != nil {
			return occi.Filter{}, err
		}
		if len(bytes.TrimSpace(body)) > 0 {
			if m, err = occi.ParseText(body); err != nil {
				return occi.Filter{}, err
			}
		}
	}
	f := occi.Filter{Categories: m.Categories, Attributes: m.Attributes}
	for _, id := range x.query["category"] {
		ref, err := occi.ParseCategoryRef(id)
		if err != nil {
			return f, err
		}
		f.Categories = append(f.Categories, ref)
	}
	for _, pair := range x.query["attribute"] {
		a, err := occi.ParseAttribute(pair)
		if err != nil {
			return f, err
		}
		f.Attributes = append(f.Attributes, a)
	}
	return f, nil
}

func (x *exchange) body() ([]byte, error) {
	if e := x.r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return nil, model.Errorf(model.Invalid, "the content encoding %q is not understood", e)
	}
	body, err := io.ReadAll(x.r.Body)
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLarge) {
		return nil, model.Errorf(model.Invalid, "the body ended too early").Because(err)
	}
	return body, err
}

// message reads what the client says, in whichever rendering, and tells whether
// it came as a body. A body wins over header fields: those may be a proxy's.
// Errors: Invalid, and 406 for a body of an unknown type.
func (x *exchange) message() (m *occi.Message, hasBody bool, err error) {
	return x.read(occi.ParseJSON)
}

// read is message with a reader of its own for JSON.
func (x *exchange) read(parseJSON func([]byte) (*occi.Message, error)) (m *occi.Message, hasBody bool, err error) {
	if x.form != nil {
		return x.form, !x.form.Empty(), nil
	}
	body, err := x.body()
	if err != nil {
		return nil, false, err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		m, err = occi.ParseHeader(x.r.Header)
		return m, len(body) > 0, err
	}
	contentType := x.r.Header.Get("Content-Type")
	format, ok := bodyFormat(contentType, body)
	if !ok || format == occi.HTML {
		return nil, true, &statusError{
			status:  http.StatusNotAcceptable,
			message: "bodies of the type " + strconv.Quote(contentType) + " are not understood; these are: " + acceptable,
		}
	}
	switch format {
	case occi.JSON:
		m, err = parseJSON(body)
	case occi.URIList:
		m = occi.ParseURIList(body)
	case occi.PlainText:
		m, err = occi.ParseText(body)
	case occi.Header:
		// text/occi ignores bodies. One that looks as if it meant something is
		// refused, lest less is done than was said, or more.
		if occi.LooksLikeText(body) {
			return nil, true, model.Errorf(model.Invalid, "with text/occi everything is said in header fields: send this body as text/plain")
		}
		m, err = occi.ParseHeader(x.r.Header)
	}
	return m, true, err
}

// bodyFormat finds the rendering of a body. Clients of record send lists of
// types, or none; curl sends a form's.
func bodyFormat(contentType string, body []byte) (occi.Format, bool) {
	for name := range strings.SplitSeq(contentType, ",") {
		if m, ok := mediaTypeNamed(name); ok {
			return m.format, true
		}
	}
	switch {
	case contentType == "" && strings.ContainsAny(string(bytes.TrimSpace(body)[:1]), "{["):
		return occi.JSON, true
	case contentType == "", strings.HasPrefix(strings.ToLower(contentType), "application/x-www-form-urlencoded") && occi.LooksLikeText(body):
		return occi.PlainText, true
	}
	return 0, false
}
