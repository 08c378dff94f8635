package occi_test

import (
	"testing"

	"github.com/occimi/occimi/translate/occi"
)

// BenchmarkList renders 1,000 machines in each format, from the model on.
func BenchmarkList(b *testing.B) {
	s := occi.NewSession(manyMachines(1000), links, occi.AnyVersion, false)
	for _, format := range []struct {
		name   string
		format occi.Format
	}{{"plain", occi.PlainText}, {"occi", occi.Header}, {"uris", occi.URIList}, {"json", occi.JSON}} {
		b.Run(format.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l, err := s.List(b.Context(), occi.Locate("/compute/", false), occi.Filter{}, occi.Page{}, format.format == occi.JSON)
				if err != nil {
					b.Fatal(err)
				}
				r, err := s.Render(format.format, occi.Answer{Listing: l})
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(r.Body)))
			}
		})
	}
}
