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
}

// Documents keeps documents, per project. It is the store's, and outlives the
// program.
type Documents interface {
	// KeepsSecrets tells whether documents may have a Secret.
	KeepsSecrets() bool
	// Documents lists a project's of one kind, by time of creation, then by id.
	Documents(ctx context.Context, projectID, kind string) ([]Document, error)
	// Document gives one. Errors: NotFound.
	Document(ctx context.Context, projectID, kind, id string) (Document, error)
	// KeepDocument keeps a document; one of its kind and id is replaced, but for
	// its Created. It may be repeated. A project has MaxDocuments of a kind: of
	// those that expire the oldest are forgotten for new ones. Errors: Quota (of
	// those that do not), Invalid (it cannot be kept), Unsupported (it has a
	// Secret, and there is no key).
	KeepDocument(ctx context.Context, projectID string, d Document) error
	// ForgetDocuments removes those that are there. It may be repeated.
	ForgetDocuments(ctx context.Context, projectID, kind string, ids []string) error
}

// What Documents keep.
const (
	MaxDocuments     = 10000    // of a kind, in a project
	MaxDocumentBytes = 64 << 10 // Content, and Secret
)
