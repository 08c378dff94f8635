package cloudtest

import (
	"slices"
	"strings"
	"testing"

	"github.com/occimi/occimi/model"
)

func (s *suite) zones(t *testing.T) {
	all := must(s.cloud.Zones(s.ctx))(t)
	if len(all) == 0 || !slices.IsSortedFunc(all, func(a, b model.Zone) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("zones are none, or not in order: %+v", all)
	}
	if !slices.ContainsFunc(all, func(z model.Zone) bool { return z.Name != "" && z.Available }) {
		t.Errorf("no zone is available: %+v", all)
	}
	name := all[0].Name
	all[0].Name = "changed"
	if again := must(s.cloud.Zones(s.ctx))(t); again[0].Name != name {
		t.Error("a caller can change the remembered zones")
	}
}
