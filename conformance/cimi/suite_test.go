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
	everyVersion(t, suite.Endpoint{URL: suitetest.Sandbox(t).CIMI, Exclusive: true})
}

func TestReal(t *testing.T) { everyVersion(t, suite.Endpoint{URL: suitetest.Real(t).CIMI}) }

func everyVersion(t *testing.T, e suite.Endpoint) {
	for _, version := range cimi.Versions {
		t.Run(fmt.Sprint("v", version), func(t *testing.T) { suitetest.Check(t, cimi.New(version), suitetest.Users(e)) })
	}
}

func TestDeclared(t *testing.T) {
	for _, version := range cimi.Versions {
		suitetest.Declared(t, cimi.New(version))
	}
}
