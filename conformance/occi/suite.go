// Package occi is a suite of black-box cases for OCCI 1.1 and 1.2 over HTTP.
// What the cases need they find in the query interface of the endpoint, and they
// take away what they made. Its readers are its own: they share nothing with a
// server under test, so that both would have to be wrong in the same way.
package occi

import (
	"slices"

	"github.com/occimi/occimi/conformance/suite"
)

// New gives the cases of OCCI. The endpoint's URL is the root of its name
// space: the query interface is at /-/ below it.
func New() suite.Suite {
	return suite.Suite{
		Protocol: "occi", Name: "occi", Title: "OCCI 1.1 and 1.2",
		Cases: slices.Concat(
			urlCases, negotiationCases, versionCases, queryCases, entityCases, createCases, updateCases, collectionCases,
			mixinCases, filterCases, pagingCases, actionCases, linkCases, storageCases, networkCases, textCases, jsonCases, authCases, hostileCases, clientCases, exchangeCases,
			deleteCases, // its last deletes everything
		),
		Rules: rules, Entry: entry, Explore: explore, Prepare: preparations, Created: created,
	}
}
