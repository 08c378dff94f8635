package model

import "context"

// Tag is a label with a name of its own that a tenant's users have defined for
// their things, as OCCI's user-defined mixins are. The cloud holds which things
// bear it, as Mark; this is its definition.
type Tag struct {
	// Name identifies it within the project.
	Name string
	// Mark is what the things bear: derived from Name, at most 40 characters of
	// a-z, 0-9 and "-".
	Mark string
	// Definition is the protocol's own rendering of it, opaque here.
	Definition []byte
}

// Tags keeps what a cloud cannot: definitions of tags, per project. It is the
// store's, and outlives the program.
type Tags interface {
	// Tags lists a project's, by name.
	Tags(ctx context.Context, projectID string) ([]Tag, error)
	// DefineTags stores definitions, all or none. check, if not nil, sees those
	// that are there, in no order, while nobody else can define any: its error
	// refuses. It makes no calls. Errors: that; Conflict, naming it, if one of that
	// name with another definition is there.
	DefineTags(ctx context.Context, projectID string, tags []Tag, check func(present []Tag) error) error
	// ForgetTags removes definitions, all or none. Errors: NotFound, naming it.
	ForgetTags(ctx context.Context, projectID string, names []string) error
}
