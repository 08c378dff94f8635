package main

import (
	"os"
	"strings"
	"testing"
)

// TestMain runs the tests without what the caller's environment says of a cloud, or
// of this program: they say all of that themselves.
func TestMain(m *testing.M) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "OS_") || strings.HasPrefix(name, envPrefix) {
			_ = os.Unsetenv(name)
		}
	}
	m.Run()
}
