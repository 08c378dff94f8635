package cimi_test

import (
	"fmt"
	"testing"

	"github.com/occimi/occimi/conformance/cimi"
	"github.com/occimi/occimi/conformance/suite"
	"github.com/occimi/occimi/conformance/suitetest"
)

func TestMain(m *testing.M) { suitetest.Main(m) }

func TestSandbox(t *testing.T) {
	t.Parallel()
	everyVersion(t, func(t *testing.T) suite.Endpoint {
		return suite.Endpoint{URL: suitetest.Sandbox(t).CIMI, Exclusive: true}
	})
}

func TestReal(t *testing.T) {
	everyVersion(t, func(t *testing.T) suite.Endpoint { return suite.Endpoint{URL: suitetest.Real(t).CIMI} })
}

// everyVersion runs each version at a server of its own: the Jobs of a whole run
// would make the lists of the next long.
func everyVersion(t *testing.T, serve func(t *testing.T) suite.Endpoint) {
	for _, version := range cimi.Versions {
		t.Run(fmt.Sprint("v", version), func(t *testing.T) { suitetest.Check(t, cimi.New(version), suitetest.Users(serve(t))) })
	}
}

func TestDeclared(t *testing.T) {
	for _, version := range cimi.Versions {
		suitetest.Declared(t, cimi.New(version))
	}
}
