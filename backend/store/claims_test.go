package store_test

import (
	"testing"
	"time"

	"github.com/occimi/occimi/backend/store"
)

// TestClaims: of those that claim something at the same time one has it, until the
// claim ends; other projects, and other things, are not concerned.
func TestClaims(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		now := noon
		location := p.location(t)
		stores := []*store.Store{clocked(t, location, nil, &now)}
		if p.shared {
			stores = append(stores, clocked(t, location, nil, &now))
		}
		claim := func(project, what string) (won int) {
			t.Helper()
			results := make(chan bool, 8)
			for i, err := range atOnce(cap(results), func(i int) error {
				mine, err := stores[i%len(stores)].Claim(t.Context(), project, what, time.Minute)
				results <- mine
				return err
			}) {
				if err != nil {
					t.Error(i, err)
				}
			}
			for range cap(results) {
				if <-results {
					won++
				}
			}
			return won
		}
		for _, test := range []struct {
			project, what string
			after         time.Duration
			want          int
		}{
			{"one", "a", 0, 1}, {"one", "a", 59 * time.Second, 0}, {"one", "b", 0, 1}, {"two", "a", 0, 1}, {"one", "a", time.Second, 1},
		} {
			now = now.Add(test.after)
			if won := claim(test.project, test.what); won != test.want {
				t.Errorf("%s of %s at %v was claimed by %d, want %d", test.what, test.project, now, won, test.want)
			}
		}
	})
}
