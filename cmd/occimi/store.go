package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"

	"github.com/occimi/occimi/backend/store"
)

// noStore is the option's value for keeping nothing.
const noStore = "none"

// openStore opens what keeps the little that OpenStack has no place for; nil if
// there shall be none. Errors name the option, not the location: it may hold a
// password.
func (s settings) openStore(ctx context.Context) (*store.Store, error) {
	if s.Store == noStore {
		return nil, nil
	}
	location, err := s.storeLocation()
	if err != nil {
		return nil, err
	}
	key, err := s.storeKey()
	if err != nil {
		return nil, err
	}
	opened, err := store.Open(ctx, location, store.Options{Key: key})
	if err != nil {
		return nil, fmt.Errorf("option store: %w (give another, or %q to do without)", err, noStore)
	}
	return opened, nil
}

// storeKey is the option's value in bytes, nil for none; a store that forgets
// everything has a key of its own.
func (s settings) storeKey() ([]byte, error) {
	if s.StoreKey == "" && s.Store == "" && s.Sandbox {
		return store.NewKey(), nil
	}
	key, err := base64.StdEncoding.DecodeString(s.StoreKey)
	if err != nil || len(key) != 0 && len(key) != store.KeyBytes {
		return nil, fmt.Errorf("option store-key: it is not %d bytes in Base64", store.KeyBytes)
	}
	return key, nil
}

// storeLocation is the option's value, or else memory for the embedded cloud,
// which forgets everything too, and a file of the user's (XDG Base Directory)
// for any other.
func (s settings) storeLocation() (string, error) {
	switch {
	case s.Store != "":
		return s.Store, nil
	case s.Sandbox:
		return "sqlite::memory:", nil
	}
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("option store: there is no home directory for a file; give a location, or %q to do without", noStore)
		}
		state = filepath.Join(home, ".local", "state")
	}
	return "sqlite:" + filepath.Join(state, "occimi", "store.db"), nil
}
