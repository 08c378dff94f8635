// Package cimi is a suite of black-box cases for CIMI 1 (1.0.1, 1.1) and 2.0, in
// JSON and XML. What the cases need they find by following links from the Cloud
// Entry Point, and they take away what they made. Its readers are its own: they
// share nothing with a server under test, so that both would have to be wrong in
// the same way. Clauses are those of DSP0263 2.0.0.
package cimi

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/occimi/occimi/conformance/suite"
)

// Versions are the versions that New knows: 1 is 1.0.1 and 1.1, which have one namespace.
var Versions = []int{1, 2}

// areas are all tables of cases.
var areas = []func(d dialect) []suite.Case{
	entryPointCases, versionCases, collectionCases, resourceCases, machineCases, createCases, actionCases, templateCases, credentialCases,
	storageCases, networkCases, jobCases, metadataCases, queryCases, negotiationCases, conditionCases, referenceCases, errorCases, authCases,
	hostileCases, clientCases, exchangeCases, pageCases, deletionCases,
}

// New gives the cases of a version of CIMI, each in both formats. The endpoint's
// URL is that of the Cloud Entry Point; if it has several versions, the one that
// CIMI-Specification-Version asks for.
func New(version int) suite.Suite {
	json := dialect{version, "json"}
	in := func(c suite.Case, format string) suite.Case {
		c.Promise = cmp.Or(c.Promise, c.ID)
		c.ID += "." + format
		return c
	}
	var cases []suite.Case
	for _, area := range areas {
		inJSON, inXML := area(json), area(dialect{version, "xml"})
		for i := range inJSON {
			cases = append(cases, in(inJSON[i], "json"), in(inXML[i], "xml"))
		}
	}
	// What is alone comes last.
	slices.SortStableFunc(cases, func(a, b suite.Case) int {
		switch {
		case a.Exclusive == b.Exclusive:
			return 0
		case a.Exclusive:
			return 1
		}
		return -1
	})
	return suite.Suite{
		Protocol: "cimi", Name: fmt.Sprint("cimi", version), Title: map[int]string{1: "CIMI 1.0.1 and 1.1", 2: "CIMI 2.0"}[version],
		Cases: cases, Rules: json.rules(), Entry: json.entry(), Explore: json.explore, Prepare: json.preparations(), Created: created,
	}
}
