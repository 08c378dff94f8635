package cimi_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/translate/cimi"
)

// formFields are the fields of a page's forms, with their names and values.
var formFields = regexp.MustCompile(`<input(?: type="hidden")? name="([^"]*)" value="([^"]*)"|<textarea name="([^"]*)"[^>]*>([^<]*)</textarea>|<select name="([^"]*)">(.*?)</select>`)

var chosen = regexp.MustCompile(`<option value="([^"]*)" selected>`)

// submit sends a form as it is.
func submit(page string) string {
	fields := url.Values{}
	for _, m := range formFields.FindAllStringSubmatch(page, -1) {
		name, value := m[1]+m[3]+m[5], m[2]+m[4]
		if option := chosen.FindStringSubmatch(m[6]); option != nil {
			value = option[1]
		}
		fields.Set(html.UnescapeString(name), html.UnescapeString(value))
	}
	return fields.Encode()
}

// TestEditForm: a form that is sent as it is changes nothing. What cannot be
// changed, or has a resource by value inside, is not in it.
func TestEditForm(t *testing.T) {
	yes := true
	value := everything{
		Common: cimi.Common{Name: `<"n">`, Properties: map[string]string{"b": "2", "a\"": "</textarea>"}},
		Text:   "t", Where: "javascript:x", Number: 7, Maybe: &yes, When: born, Bytes: []byte{0, 255}, Lines: []string{"a", "<b>"},
		Image: cimi.Ref{Key: "i"}, Images: []cimi.Ref{{Key: "j"}, {Key: "k"}},
		Part: &part{Name: "p", Size: 1, Of: cimi.Ref{Key: "m"}}, Parts: []part{{Name: "q", Of: cimi.Ref{Key: "l"}}, {Size: 2}}, Flat: []flat{{Name: "f"}},
		New: "n", Ops: []cimi.Operation{{Name: "edit"}},
	}
	image := cimi.Ref{Value: &cimi.MachineImage{State: "AVAILABLE"}}
	for name, test := range map[string]struct {
		change func(*everything)
		absent string // from the form
	}{
		"whole":                              {func(*everything) {}, "given"},
		"resource by value":                  {func(e *everything) { e.Image = image }, "image"},
		"resource by value in an array":      {func(e *everything) { e.Images = []cimi.Ref{{Key: "j"}, image} }, "images"},
		"resource by value in a structure":   {func(e *everything) { e.Part = &part{Of: image} }, "part"},
		"resource by value in array's items": {func(e *everything) { e.Parts = []part{{Of: image}} }, "parts"},
		"read-only":                          {func(e *everything) { e.Told = "x" }, "told"},
	} {
		s := session(cimi.V2, &cloud{})
		in := value
		test.change(&in)
		in.ID = cimi.URI(s.BaseURI() + "everythings/1")
		page := string(cimi.NewDocument(s, "everything", &in).Append(nil, cimi.HTML))
		if strings.Contains(page, `href="javascript`) {
			t.Errorf("%s: there is a script in %s", name, page)
		}
		form, err := cimi.ParseForm([]byte(submit(page)))
		if err != nil || form.Method != "PUT" {
			t.Fatalf("%s: %s, %v", name, form.Method, err)
		}
		want := value
		switch test.absent {
		case "image":
			want.Image = cimi.Ref{}
		case "images":
			want.Images = nil
		case "part":
			want.Part = nil
		case "parts":
			want.Parts = nil
		}
		want.Ops = nil
		var got everything
		if err := cimi.Decode(s, form.Body, &got, "everything"); err != nil {
			t.Fatalf("%s: %v in %s", name, err, form.Body.Bytes)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		_, query, _ := strings.Cut(page, "?$select=")
		query, _, _ = strings.Cut(query, `"`)
		selected := "," + query + ","
		if strings.Contains(selected, ","+test.absent+",") || !strings.Contains(selected, ",text,") {
			t.Errorf("%s: the form changes %s", name, query)
		}
	}
}
