package occi_test

import (
	"testing"

	"github.com/occimi/occimi/conformance/occi"
	"github.com/occimi/occimi/conformance/suite"
	"github.com/occimi/occimi/conformance/suitetest"
)

func TestMain(m *testing.M) { suitetest.Main(m) }

func TestSandbox(t *testing.T) {
	t.Parallel()
	report := suitetest.Check(t, occi.New(), suitetest.Users(suite.Endpoint{URL: suitetest.Sandbox(t).OCCI, Exclusive: true}), suite.Options{})
	suitetest.Skipped(t, report, "testdata/skipped")
}

func TestReal(t *testing.T) {
	real := suitetest.Users(suite.Endpoint{URL: suitetest.Real(t).OCCI})
	embedded := suitetest.Users(suite.Endpoint{URL: suitetest.Sandbox(t).OCCI})
	suitetest.Agree(t, occi.New(), embedded, real, nil, nil)
}

func TestDeclared(t *testing.T) { suitetest.Declared(t, occi.New()) }
