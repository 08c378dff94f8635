package cimi_test

import (
	"fmt"
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
			suitetest.Check(t, cimi.New(version), e, nil)
		})
	}
}

// TestReal takes each version in one of the formats, and a part of what depends on
// the cloud: a real one takes its time. "occimi conformance" runs all in front of any.
func TestReal(t *testing.T) {
	e := suitetest.Users(suite.Endpoint{URL: suitetest.Real(t).CIMI})
	for version, format := range map[int]string{1: ".json", 2: ".xml"} {
		t.Run(fmt.Sprint("v", version), func(t *testing.T) {
			suitetest.Check(t, cimi.New(version), e, func(id string) bool {
				area, _, _ := strings.Cut(id, ".")
				return slices.Contains(ofTheCloud, area) && strings.HasSuffix(id, format)
			})
		})
	}
}

// ofTheCloud are the areas whose cases take machines and volumes through their lives.
var ofTheCloud = []string{"cep", "machines", "attachments", "jobs", "auth", "errors"}

func TestDeclared(t *testing.T) {
	for _, version := range cimi.Versions {
		suitetest.Declared(t, cimi.New(version))
	}
}
