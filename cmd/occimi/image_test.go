package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestImageContext: .dockerignore lets all through that the image is built from.
func TestImageContext(t *testing.T) {
	const module = "github.com/occimi/occimi/"
	ignore, err := os.ReadFile("../../.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(ignore))
	packages, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for path := range strings.Lines(string(packages)) {
		inside, ours := strings.CutPrefix(path, module)
		if !ours {
			continue
		}
		seen++
		folder, _, _ := strings.Cut(strings.TrimSpace(inside), "/")
		if !slices.Contains(lines, "!"+folder+"/") {
			t.Errorf("%s is not in the image's context", strings.TrimSpace(path))
		}
	}
	if seen < 10 {
		t.Errorf("only %d packages of this module", seen)
	}
}
