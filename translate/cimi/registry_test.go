package cimi_test

import (
	"strings"
	"testing"

	"github.com/occimi/occimi/translate/cimi"
)

// TestDeclarations checks what the codec relies on in every resource that is
// declared.
func TestDeclarations(t *testing.T) {
	for _, defect := range cimi.Defects() {
		t.Error(defect)
	}
}

// TestFind resolves paths, and names their routes and methods.
func TestFind(t *testing.T) {
	tests := []struct {
		version cimi.Version
		path    string
		route   string // empty: not found
		methods string
	}{
		{cimi.V1, "", "cloudEntryPoint", "GET HEAD"},
		{cimi.V2, "cloudEntryPoint/", "cloudEntryPoint", "GET HEAD"},
		{cimi.V1, "machines", "machines", "GET HEAD POST"},
		{cimi.V1, "machines/a%20b", "machines/{id}", "GET HEAD PUT DELETE"},
		{cimi.V2, "machines/a/stop", "machines/{id}/stop", "POST"},
		{cimi.V2, "machines/a/disks", "machines/{id}/disks", "GET HEAD"},
		{cimi.V2, "machines/a/disks/root", "machines/{id}/disks/{id}", "GET HEAD"},
		{cimi.V2, "machines/a/interfaces", "machines/{id}/interfaces", "GET HEAD POST"},
		{cimi.V2, "machines/a/interfaces/b", "", ""},
		{cimi.V2, "interfaces/b/endpoints", "interfaces/{id}/endpoints", "GET HEAD"},
		{cimi.V2, "machines/a/interfaces/insert", "machines/{id}/interfaces/insert", "POST"},
		{cimi.V2, "endpoints/c", "endpoints/{id}", "GET HEAD PUT DELETE"},
		{cimi.V1, "machines/a/networkInterfaces/b/addresses/c", "machines/{id}/networkInterfaces/{id}/addresses/{id}", "GET HEAD DELETE"},
		{cimi.V1, "machines/a/interfaces", "", ""},
		{cimi.V2, "machines/a/snapshots/b", "", ""},
		{cimi.V2, "machines/a/volumes", "machines/{id}/volumes", "GET HEAD"},
		{cimi.V1, "machines/a/volumes", "machines/{id}/volumes", "GET HEAD POST"},
		{cimi.V2, "machines/a/volumes/insert", "machines/{id}/volumes/insert", "POST"},
		{cimi.V1, "machines/a/volumes/insert", "machines/{id}/volumes/{id}", "GET HEAD DELETE"}, // a volume of that name
		{cimi.V2, "volumes/a/restore", "volumes/{id}/restore", "POST"},
		{cimi.V1, "volumes/a/restore", "", ""},
		{cimi.V1, "machines/a/connectvolume", "", ""},
		{cimi.V1, "machines/a/snapshots/b", "machines/{id}/snapshots/{id}", "GET HEAD"},
		{cimi.V1, "machines/a/nonsense", "", ""},
		{cimi.V1, "machines/a/stop/x", "", ""},
		{cimi.V1, "machines//stop", "", ""},
		{cimi.V1, "machines/%zz", "", ""},
		{cimi.V1, "Machines", "", ""},
		{cimi.V1, "stop", "", ""},
		{cimi.V1, "credentials/a", "credentials/{id}", "GET HEAD PUT DELETE"},
	}
	for _, test := range tests {
		target, err := cimi.Find(test.version, test.path)
		if (err == nil) != (test.route != "") {
			t.Errorf("%q: the error is %v", test.path, err)
		}
		if err != nil {
			continue
		}
		if methods := strings.Join(target.Methods(), " "); target.Template() != test.route || methods != test.methods {
			t.Errorf("%q is %s with %s, want %s with %s", test.path, target.Template(), methods, test.route, test.methods)
		}
	}
}
