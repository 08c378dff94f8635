package cimi_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	translate "github.com/occimi/occimi/translate/cimi"
)

// crawl gives every URI that hrefs and ids lead to from a Cloud Entry Point, and
// what is there in JSON.
func crawl(t *testing.T, h http.Handler, version string) map[string]map[string]any {
	t.Helper()
	found := map[string]map[string]any{}
	queue := []string{"http://cloud.example.org/cimi/" + version + "/cloudEntryPoint"}
	for len(queue) > 0 {
		uri := queue[0]
		queue = queue[1:]
		if _, known := found[uri]; known || !strings.HasPrefix(uri, "http://cloud.example.org/cimi/") {
			continue
		}
		found[uri] = nil
		r := request(t, h, "GET "+strings.TrimPrefix(uri, "http://cloud.example.org"), "")
		if r.StatusCode == http.StatusMethodNotAllowed {
			delete(found, uri) // an operation
			continue
		}
		var document map[string]any
		if err := json.Unmarshal([]byte(text(t, r)), &document); err != nil || r.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s: %v", uri, r.Status, err)
		}
		found[uri] = document
		each(document, func(name, value string) {
			if name == "href" || name == "id" {
				queue = append(queue, value)
			}
		})
	}
	return found
}

// each visits the single values of a JSON document, and the keys of its maps.
func each(value any, visit func(name, value string)) {
	var walk func(name string, value any)
	walk = func(name string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for key, member := range value {
				if name == "properties" || name == "parameters" {
					visit("key", key)
				}
				if key != "resourceURI" {
					walk(key, member)
				}
			}
		case []any:
			for _, item := range value {
				walk("", item)
			}
		case float64:
			visit(name, fmt.Sprintf("%.0f", value))
		default:
			visit(name, fmt.Sprint(value))
		}
	}
	walk("", value)
}

// xmlValues are the texts and attributes of an XML document.
func xmlValues(t *testing.T, body string) []string {
	t.Helper()
	var values []string
	d := xml.NewDecoder(strings.NewReader(body))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return values
		}
		switch token := token.(type) {
		case nil:
			t.Fatal(err)
		case xml.StartElement:
			for _, a := range token.Attr {
				if a.Name.Local != "xmlns" && a.Name.Local != "resourceURI" {
					values = append(values, a.Value)
				}
			}
		case xml.CharData:
			if text := strings.TrimSpace(string(token)); text != "" {
				values = append(values, text)
			}
		}
	}
}

// TestSameData: every resource that can be found has the same data in JSON and
// in the XML of version 2, and a page shows it.
func TestSameData(t *testing.T) {
	h := serve(newFake(), translate.Options{CPUArch: "x86_64"})
	found := crawl(t, h, "2")
	if len(found) < 40 {
		t.Errorf("there are %d resources", len(found))
	}
	for uri, document := range found {
		line := "GET " + strings.TrimPrefix(uri, "http://cloud.example.org")
		var values []string
		each(document, func(_, value string) { values = append(values, value) })
		inXML := xmlValues(t, text(t, request(t, h, line, "", "Accept: application/xml")))
		slices.Sort(values)
		slices.Sort(inXML)
		if diff := cmp.Diff(values, inXML); diff != "" {
			t.Errorf("%s (-JSON +XML):\n%s", uri, diff)
		}
		r := request(t, h, line, "", browser)
		page := html.UnescapeString(text(t, r))
		each(withoutOperations(document), func(name, value string) {
			if !strings.Contains(page, value) {
				t.Errorf("the page of %s does not show %s %q", uri, name, value)
			}
		})
		if r.StatusCode != http.StatusOK || !strings.Contains(page, "<h1>") {
			t.Errorf("the page of %s is %s", uri, r.Status)
		}
	}
}

// withoutOperations leaves the operations of items out, which pages do not show.
func withoutOperations(value any) any {
	switch value := value.(type) {
	case map[string]any:
		delete(value, "operations")
		for _, member := range value {
			withoutOperations(member)
		}
	case []any:
		for _, item := range value {
			withoutOperations(item)
		}
	}
	return value
}

// TestQueriesEverywhere asks every collection what the standard lets ask.
func TestQueriesEverywhere(t *testing.T) {
	h := serve(newFake(), translate.Options{})
	for _, version := range []string{"1", "2"} {
		for uri, document := range crawl(t, h, version) {
			count, isCollection := document["count"].(float64)
			if !isCollection {
				continue
			}
			for _, test := range []struct {
				query string
				want  float64
			}{
				{"$filter=name='nobody'", 0},
				{"$filter=name!='nobody' or 'x'=name", count},
				{"$filter=property['none']='x'", 0},
				{"$filter=property[\"none\"]!='x' and nothing!=1", count},
				{"$filter=id!='x'&$filter=(created>1970-01-01T00:00:00+00:00 or created<=1970-01-01T00:00:00Z or updated!=1970-01-01T00:00:00Z)", count},
				{"$orderby=name:desc,created,nothing,id", count},
				{"$first=2&$last=1", count},
				{"$first=-1&$last=99999999999999999999", count},
				{"$expand=&$select=count,name", count},
				{"$nonsense=1&page=7", count},
			} {
				values := url.Values{}
				for pair := range strings.SplitSeq(test.query, "&") {
					name, value, _ := strings.Cut(pair, "=")
					values.Add(name, value)
				}
				line := "GET " + strings.TrimPrefix(uri, "http://cloud.example.org") + "?" + values.Encode()
				var got struct{ Count float64 }
				r := request(t, h, line, "")
				if body := text(t, r); json.Unmarshal([]byte(body), &got) != nil || r.StatusCode != http.StatusOK || got.Count != test.want {
					t.Errorf("%s: %s: %s", line, r.Status, body)
				}
			}
		}
	}
}
