package cimi_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/occimi/occimi/conformance/cimi"
	"github.com/occimi/occimi/conformance/suite"
	"github.com/occimi/occimi/conformance/suitetest"
)

func TestMain(m *testing.M) { suitetest.Main(m) }

func TestSandbox(t *testing.T) {
	t.Parallel()
	for _, version := range cimi.Versions {
		t.Run(fmt.Sprint("v", version), func(t *testing.T) {
			// A server of its own: the jobs of a whole run make the lists of the next long.
			e := suitetest.Users(suite.Endpoint{URL: suitetest.Sandbox(t).CIMI, Exclusive: true})
			report := suitetest.Check(t, cimi.New(version), e, suite.Options{})
			suitetest.Skipped(t, report, fmt.Sprintf("testdata/skipped%d", version))
		})
	}
}

// TestReal sees each promise kept once in front of a real cloud, which takes its
// time: in one of the versions and formats that have it. "occimi conformance" runs
// all of them in front of any.
func TestReal(t *testing.T) {
	real, embedded := suitetest.Users(suite.Endpoint{URL: suitetest.Real(t).CIMI}), suitetest.Users(suite.Endpoint{URL: suitetest.Sandbox(t).CIMI})
	chosen := once()
	for _, version := range cimi.Versions {
		t.Run(fmt.Sprint("v", version), func(t *testing.T) {
			suitetest.Agree(t, cimi.New(version), embedded, real, func(id string) bool { return chosen[version][id] }, differences)
		})
	}
}

// differences are those between the embedded cloud and the real one of the tests.
var differences = []suitetest.Difference{}

// once gives the ids of cases by version so that each case is there in one version
// and format. An area is seen in one of the versions that have it, since what its
// cases share is made for a version; formats go round.
func once() map[int]map[string]bool {
	type place struct {
		version int
		id      string
	}
	places := map[string][]place{} // by the case's id without its format
	for _, version := range cimi.Versions {
		for _, c := range cimi.New(version).Cases {
			name := c.ID[:strings.LastIndex(c.ID, ".")]
			places[name] = append(places[name], place{version, c.ID})
		}
	}
	chosen := map[int]map[string]bool{}
	for _, version := range cimi.Versions {
		chosen[version] = map[string]bool{}
	}
	var areas []string
	for i, name := range slices.Sorted(maps.Keys(places)) {
		area, _, _ := strings.Cut(name, ".")
		if !slices.Contains(areas, area) {
			areas = append(areas, area)
		}
		of := places[name]
		if own := slices.DeleteFunc(slices.Clone(of), func(p place) bool { return p.version != cimi.Versions[len(areas)%2] }); len(own) > 0 {
			of = own
		}
		p := of[i%len(of)]
		chosen[p.version][p.id] = true
	}
	return chosen
}

func TestDeclared(t *testing.T) {
	for _, version := range cimi.Versions {
		suitetest.Declared(t, cimi.New(version))
	}
}
