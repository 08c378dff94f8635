package model

import (
	"context"
	"time"
)

// KeyPair is a public key that can be given to new machines. Key pairs belong
// to the user, not to the project. The name is the id.
type KeyPair struct {
	Name        string
	PublicKey   string // OpenSSH form: "ssh-ed25519 AAAA... comment"
	Fingerprint string
	// Created is zero in listings: the cloud tells it of a single one only.
	Created time.Time
}

// KeyPairs is how a Cloud offers key pairs.
type KeyPairs interface {
	// KeyPairs lists the user's key pairs. One call per page.
	KeyPairs(ctx context.Context) ([]KeyPair, error)
	// KeyPair gives one. One call. Errors: NotFound.
	KeyPair(ctx context.Context, name string) (KeyPair, error)
	// CreateKeyPair stores a public key. Errors: Invalid (not a public key, or
	// not a name), Conflict (the name is taken), Quota.
	CreateKeyPair(ctx context.Context, name, publicKey string) (KeyPair, error)
	// DeleteKeyPair forgets one; machines that have it keep it. Repeated, it is
	// NotFound. One call. Errors: NotFound.
	DeleteKeyPair(ctx context.Context, name string) error
}
