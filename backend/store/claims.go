package store

import (
	"context"
	"errors"
	"time"

	"github.com/occimi/occimi/model"
)

// claimKind is the kind of the documents that are claims.
const claimKind = "claim"

// Claim tells whether the caller is the first of all that share the store to claim
// something of a project's. The claim lasts for a time, and is forgotten then; it
// cannot be given back. Errors: Unavailable, Timeout.
func (s *Store) Claim(ctx context.Context, projectID, what string, lasts time.Duration) (bool, error) {
	now := s.now()
	_, err := s.KeepDocument(ctx, projectID, model.Document{Kind: claimKind, ID: what, Created: now, Updated: now, Expires: now.Add(lasts)})
	if errors.Is(err, model.ErrDocumentChanged) { // there is one
		return false, nil
	}
	return err == nil, err
}
