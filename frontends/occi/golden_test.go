package occi_test

import (
	"strings"
	"testing"

	"github.com/occimi/occimi/frontends/occi"
)

// TestGolden holds every operation in every rendering and version to its file.
func TestGolden(t *testing.T) {
	operations := []struct{ name, request string }{
		{"query", "GET /-/"},
		{"list", "GET /compute/"},
		{"get", "GET /compute/" + runningID},
		{"get-failed", "GET /compute/" + failedID},
		{"get-network", "GET /network/" + networkID},
		{"get-interface", "GET /networkinterface/" + portID},
		{"get-storagelink", "GET /storagelink/" + runningID + "_" + volumeID},
		{"create", "POST /compute/\nCategory: compute; scheme=\"http://schemas.ogf.org/occi/infrastructure#\"; class=\"kind\"\n" +
			"Category: " + imageID + "; scheme=\"http://schemas.openstack.org/template/os#\"; class=\"mixin\"\n" +
			"X-OCCI-Attribute: occi.core.title=\"new\""},
		{"update", "POST /compute/" + runningID + "\nX-OCCI-Attribute: occi.core.title=\"renamed\""},
		{"act", "POST /compute/" + runningID + "?action=stop\nCategory: stop; scheme=\"http://schemas.ogf.org/occi/infrastructure/compute/action#\"; class=\"action\""},
		{"save", "POST /compute/" + runningID + "?action=save\nCategory: save; scheme=\"http://schemas.ogf.org/occi/infrastructure/compute/action#\"; class=\"action\"\nX-OCCI-Attribute: name=\"a; copy\""},
		{"delete", "DELETE /compute/" + runningID},
		{"unauthorized", "GET /-/\nX-Auth-Token: bad"},
		{"not-found", "GET /compute/nothing"},
		{"all", "GET /"},
		{"by-template", "GET /mixin/os_tpl/" + imageID + "/"},
	}
	media := map[string]string{
		"plain": "text/plain", "occi": "text/occi", "uris": "text/uri-list", "json": "application/occi+json",
	}
	versions := map[string]string{"any": "curl/8", "1.1": "rOCCI-core/4.3.6 OCCI/1.1", "1.2": "client OCCI/1.2"}
	for _, op := range operations {
		for mediaName, accept := range media {
			for versionName, agent := range versions {
				name := op.name + "/" + mediaName + "-" + versionName + ".http"
				t.Run(name, func(t *testing.T) {
					line, rest, more := strings.Cut(op.request, "\n")
					request := line + "\nAccept: " + accept + "\nUser-Agent: " + agent
					if more {
						request += "\n" + rest
					}
					golden(t, name, wire(t, newService(t, occi.Config{}).do(request)))
				})
			}
		}
	}
}
