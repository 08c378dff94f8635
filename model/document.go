package model

import (
	"context"
	"time"
)

// Document is something of a tenant's that a protocol knows and no cloud can
// keep: a template, a job, the properties of a network.
type Document struct {
	Kind    string // what it is, such as cimi/machineTemplates
	ID      string // unique within project and kind
	Created time.Time
	Updated time.Time
	// Expires is when it is forgotten by itself; zero: never.
	Expires time.Time
	// Content is the protocol's own rendering of it, opaque here.
	Content []byte
	// Secret is like Content, but encrypted where it is kept.
	Secret []byte
	// Revision is another one whenever the document is changed; zero: it is not
	// kept yet.
	Revision int64
}

// Page is a part of a list: those after the first Skip, at most Limit.
type Page struct{ Skip, Limit int }

// AllDocuments is the page of all that there can be of a kind in a project.
var AllDocuments = Page{Limit: MaxDocuments}

// Documents keeps documents, per project. It is the store's, and outlives the
// program.
type Documents interface {
	// KeepsSecrets tells whether documents may have a Secret.
	KeepsSecrets() bool
	// Documents gives a page of a project's documents of one kind, and how many
	// there are in all. They are in the order of their creation; those of the same
	// instant are in one that does not change.
	Documents(ctx context.Context, projectID, kind string, p Page) (page []Document, total int, err error)
	// Document gives one. Errors: NotFound.
	Document(ctx context.Context, projectID, kind, id string) (Document, error)
	// KeepDocument keeps a document and gives its revision: a new one if its
	// Revision is zero, else in place of that revision of it, but for its Created.
	// A project has MaxDocuments of a kind: of those that expire the oldest are
	// forgotten for new ones. Errors: ErrDocumentChanged, Quota (of those that do
	// not expire), Invalid (it cannot be kept), Unsupported (it has a Secret, and
	// there is no key).
	KeepDocument(ctx context.Context, projectID string, d Document) (revision int64, err error)
	// ForgetDocuments removes those that are there. It may be repeated.
	ForgetDocuments(ctx context.Context, projectID, kind string, ids []string) error
}

// ErrDocumentChanged is that a document is not, or no longer, as it was read:
// another request has made, changed or forgotten it at the same time.
var ErrDocumentChanged = Errorf(Conflict, "another request is changing the same thing")

// What Documents keep.
const (
	MaxDocuments     = 10000    // of a kind, in a project
	MaxDocumentBytes = 64 << 10 // Content, and Secret
)
