package occi_test

import (
	"strings"
	"testing"
)

// TestMixinGolden holds what is done with mixins of users' own to files, in
// every rendering.
func TestMixinGolden(t *testing.T) {
	operations := map[string]string{
		"define":  plain("POST /-/", `Category: b; scheme="`+mineScheme+`"; title="ü, \"b\""; location="/b/"`),
		"query":   "GET /-/\n" + mineName,
		"members": "GET /my/stuff/",
		"add":     plain("POST /my/stuff/", located(stoppedID)),
		"replace": plain("PUT /my/stuff/", located(failedID)),
		"remove":  "DELETE /my/stuff/",
		"forget":  "DELETE /-/\n" + mineName,
		"entity":  "GET /compute/" + runningID,
	}
	for operation, request := range operations {
		for name, accept := range map[string]string{
			"plain": "text/plain", "occi": "text/occi", "uris": "text/uri-list", "json": "application/occi+json",
		} {
			t.Run(operation+"/"+name, func(t *testing.T) {
				s := mixinService(t)
				s.expect(plain("POST /my/stuff/", located(runningID)), 200)
				line, rest, _ := strings.Cut(request, "\n")
				golden(t, "mixins/"+operation+"-"+name+".http", wire(t, s.do(strings.TrimSuffix(line+"\nAccept: "+accept+"\n"+rest, "\n"))))
			})
		}
	}
}
