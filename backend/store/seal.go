package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"

	"github.com/occimi/occimi/model"
)

// KeyBytes is the length of the key that secrets are encrypted with.
const KeyBytes = 32

// newSeal gives the cipher of a key (AES-256-GCM); none: nil.
func newSeal(key []byte) (cipher.AEAD, error) {
	if len(key) == 0 {
		return nil, nil
	}
	if len(key) != KeyBytes {
		return nil, model.Errorf(model.Invalid, "the store's key has %d bytes, not %d", len(key), KeyBytes)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// whose binds a sealed secret to its place: copied to another row, it does not
// open.
func whose(projectID string, d model.Document) []byte {
	return []byte(projectID + "\x00" + d.Kind + "\x00" + d.ID)
}

// sealed gives a document's secret as it is kept; empty stays empty.
func (s *Store) sealed(projectID string, d model.Document) ([]byte, error) {
	if len(d.Secret) == 0 {
		return []byte{}, nil // nil would be NULL
	}
	if s.seal == nil {
		return nil, model.Errorf(model.Unsupported, "secrets are not kept here: the store has no key")
	}
	return s.seal.Seal(nil, nil, d.Secret, whose(projectID, d)), nil
}

// opened gives a secret that was kept. With another key, or none, than it was
// kept with, it is lost: the error says so.
func (s *Store) opened(projectID string, d model.Document) ([]byte, error) {
	if len(d.Secret) == 0 {
		return nil, nil
	}
	if s.seal == nil {
		return nil, model.Errorf(model.Unavailable, "a secret cannot be read: the store has no key")
	}
	secret, err := s.seal.Open(nil, nil, d.Secret, whose(projectID, d))
	if err != nil {
		return nil, model.Errorf(model.Unavailable, "a secret cannot be read: it was kept with another key than the store's")
	}
	return secret, nil
}

// NewKey makes a key, for a store that does not last.
func NewKey() []byte {
	key := make([]byte, KeyBytes)
	_, _ = rand.Read(key) // it never fails
	return key
}
