package cimi_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPagesOfStored: a part of what is stored is the same part of all, with and
// without an order of its own, and the count is that of all.
func TestPagesOfStored(t *testing.T) {
	h := keeping(t, newFake())
	for i := range 5 { // each leaves a job, too
		do(t, h, 201, "POST /cimi/2/machineTemplates", fmt.Sprintf(`{"name":"t%d",%s}`, i+1, ref))
	}
	for _, collection := range []string{"machineTemplates", "jobs"} {
		ids := func(query string) (ids []string) {
			t.Helper()
			got, _ := do(t, h, 200, "GET /cimi/2/"+collection+query, "")
			if got["count"] != 5.0 {
				t.Errorf("%s: the count is %v", query, got["count"])
			}
			items, _ := got[collection].([]any)
			for _, item := range items {
				ids = append(ids, item.(map[string]any)["id"].(string))
			}
			return ids
		}
		all := ids("")
		for query, want := range map[string][]string{
			"$first=2&$last=3": all[1:3], "$first=4": all[3:], "$last=2": all[:2], "$first=-1&$last=1": all[:1], "$first=6": nil,
			"$last=0": nil, "$last=-1": nil, "$first=3&$last=2": nil, "$first=9223372036854775807": nil, "$last=9223372036854775807": all,
		} {
			for _, order := range []string{"", "&$orderby=created"} {
				if diff := cmp.Diff(want, ids("?"+query+order)); diff != "" {
					t.Errorf("%s?%s%s (-want +got):\n%s", collection, query, order, diff)
				}
			}
		}
	}
}
