package occi_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// tally counts results by area and level.
type tally struct {
	mu    sync.Mutex
	order []string
	areas map[string]*outcome
	sums  map[Level]*outcome
}

type outcome struct{ passed, failed, skipped int }

func (o *outcome) add(t *testing.T) {
	switch {
	case t.Failed():
		o.failed++
	case t.Skipped():
		o.skipped++
	default:
		o.passed++
	}
}

func (r *tally) count(area string, level Level, t *testing.T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.areas == nil {
		r.areas, r.sums = map[string]*outcome{}, map[Level]*outcome{Must: {}, Should: {}, DeFacto: {}}
	}
	if r.areas[area] == nil {
		r.areas[area] = &outcome{}
		r.order = append(r.order, area)
	}
	r.areas[area].add(t)
	r.sums[level].add(t)
}

// table is the summary for people.
func (r *tally) table(exchanges int) string {
	var b strings.Builder
	var all outcome
	row := func(name string, o *outcome) {
		fmt.Fprintf(&b, "%-12s %6d %6d %7d\n", name, o.passed, o.failed, o.skipped)
	}
	fmt.Fprintf(&b, "%-12s %6s %6s %7s\n", "area", "passed", "failed", "skipped")
	for _, area := range r.order {
		row(area, r.areas[area])
	}
	for _, level := range []Level{Must, Should, DeFacto} {
		if o := r.sums[level]; o != nil {
			row("= "+string(level), o)
			all.passed, all.failed, all.skipped = all.passed+o.passed, all.failed+o.failed, all.skipped+o.skipped
		}
	}
	row("= all", &all)
	fmt.Fprintf(&b, "%d exchanges", exchanges)
	return b.String()
}
