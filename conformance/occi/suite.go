// Package occi is a suite of black-box cases for OCCI 1.1 and 1.2 over HTTP.
// What the cases need they find in the query interface of the endpoint, and they
// take away what they made. Its readers are its own: they share nothing with a
// server under test, so that both would have to be wrong in the same way.
package occi

import (
	"github.com/occimi/occimi/conformance/suite"
)

// areas are all tables of cases, in the order in which they run. They are functions
// so that a program which holds them pays for them only when it runs them.
var areas = []func() []suite.Case{
	urlCases, negotiationCases, versionCases, queryCases, entityCases, createCases, updateCases, collectionCases,
	mixinCases, filterCases, pagingCases, actionCases, linkCases, storageCases, networkCases, textCases, jsonCases, authCases, hostileCases, clientCases, exchangeCases,
	deleteCases, // its last deletes everything
}

// New gives the cases of OCCI. The endpoint's URL is the root of its name
// space: the query interface is at /-/ below it.
func New() suite.Suite {
	var cases []suite.Case
	for _, area := range areas {
		cases = append(cases, area()...)
	}
	return suite.Suite{
		Protocol: "occi", Name: "occi", Title: "OCCI 1.1 and 1.2",
		Cases: cases, Rules: rules, Entry: entry, Explore: explore, Prepare: preparations, Created: created,
	}
}
