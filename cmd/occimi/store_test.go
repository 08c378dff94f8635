package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
)

func TestStoreLocation(t *testing.T) {
	for _, test := range []struct {
		name       string
		s          settings
		state, dir string
		want       string
	}{
		{"as said", settings{Store: "postgres://db.example.org/occimi"}, "", "/home/u", "postgres://db.example.org/occimi"},
		{"as said, with the embedded cloud", settings{Store: "sqlite:/x", Sandbox: true}, "", "/home/u", "sqlite:/x"},
		{"the embedded cloud's", settings{Sandbox: true}, "", "/home/u", "sqlite::memory:"},
		{"the user's state", settings{}, "/state", "/home/u", "sqlite:/state/occimi/store.db"},
		{"the user's home", settings{}, "", "/home/u", "sqlite:/home/u/.local/state/occimi/store.db"},
		{"a state that is not absolute counts for nothing", settings{}, "state", "/home/u", "sqlite:/home/u/.local/state/occimi/store.db"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("XDG_STATE_HOME", test.state)
			t.Setenv("HOME", test.dir)
			if got, err := test.s.storeLocation(); err != nil || got != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("HOME", "")
	if _, err := (settings{}).storeLocation(); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("without a home: %v", err)
	}
}

// TestStoreStays: what was defined is there when the program is started again.
func TestStoreStays(t *testing.T) {
	ctx := context.Background()
	s := settings{Store: "sqlite:" + filepath.Join(t.TempDir(), "new", "store.db")}
	tag := model.Tag{Name: "http://example.org/#a", Mark: "occi-mx-a", Definition: []byte(`{"location":"/a/"}`)}
	for _, define := range []bool{true, false} {
		kept, err := s.openStore(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if define {
			if err := kept.DefineTags(ctx, "p", []model.Tag{tag}, nil); err != nil {
				t.Fatal(err)
			}
		}
		got, err := kept.Tags(ctx, "p")
		if diff := cmp.Diff([]model.Tag{tag}, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	}
	if kept, err := (settings{Store: noStore}).openStore(ctx); kept != nil || err != nil {
		t.Errorf("none: %v, %v", kept, err)
	}
	if _, err := (settings{Store: "mysql://user:password@host/"}).openStore(ctx); err == nil || strings.Contains(err.Error(), "password@") || !strings.Contains(err.Error(), "option store") {
		t.Errorf("an unknown store: %v", err)
	}
}
