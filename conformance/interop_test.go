// Package conformance_test holds what is written of the suites to what they are.
package conformance_test

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/occimi/occimi/conformance/cimi"
	"github.com/occimi/occimi/conformance/occi"
	"github.com/occimi/occimi/conformance/suite"
)

// quoted are the ids of cases in a page: words in code with a dot inside, and
// perhaps the name of their suite before it and a star. What begins with a dot
// goes on with the area of the case before.
var quoted = regexp.MustCompile("`((?:occi/|cimi[12]/)?[a-z0-9-]*\\.[a-z0-9.*-]+)`")

// TestInteropNamesCases: each case that docs/interop.md names is there.
func TestInteropNamesCases(t *testing.T) {
	page, err := os.ReadFile("../docs/interop.md")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, s := range []suite.Suite{occi.New(), cimi.New(1), cimi.New(2)} {
		for _, c := range s.Cases {
			for _, format := range []string{".json", ".xml"} {
				ids = append(ids, s.Name+"/"+strings.TrimSuffix(c.ID, format))
			}
		}
	}
	found := 0
	for _, line := range strings.Split(string(page), "\n") {
		var columns []string
		if columns = strings.Split(line, "|"); len(columns) < 5 {
			continue
		}
		last := ""
		for _, m := range quoted.FindAllStringSubmatch(columns[4], -1) {
			id := m[1]
			if strings.HasPrefix(id, ".") {
				id = last + id
			} else {
				last = id
			}
			pattern := id
			if !strings.Contains(pattern, "/") {
				pattern = "*/" + pattern
			}
			if !slices.ContainsFunc(ids, func(id string) bool { is, err := path.Match(pattern, id); return err == nil && is }) {
				t.Errorf("no suite has the case %s of:\n%s", id, line)
			}
			found++
		}
	}
	if found < 30 {
		t.Errorf("the page names %d cases: they are not found in it", found)
	}
}
