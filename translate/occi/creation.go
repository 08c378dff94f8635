package occi

import (
	"context"
	"slices"

	"github.com/occimi/occimi/model"
)

// maxTogether is how many entities one request may make: they are made one
// after the other, and if one fails, deleted again, all while the client waits.
const maxTogether = 100

// Create makes the entities of a message at the location of their kind, or at
// the root, in their order: all or none. Errors: as the model's, and Invalid,
// NotFound and Forbidden for what is wrong with the message.
func (s *Session) Create(ctx context.Context, at Place, m *Message) ([]*Entity, error) {
	if _, err := s.members(at); err != nil {
		return nil, err
	}
	messages := append([]*Message{m}, m.More...)
	if len(messages) > maxTogether {
		return nil, model.Errorf(model.Invalid, "the request has %d entities; at most %d can be created together", len(messages), maxTogether)
	}
	drafts := make([]*Draft, len(messages))
	for i, one := range messages {
		var err error
		if drafts[i], err = s.draft(ctx, at, one); err != nil {
			return nil, err
		}
	}
	if len(drafts) > 1 {
		for _, d := range drafts {
			if d.Noun.Delete == nil {
				return nil, model.Errorf(model.Unsupported, "a %s cannot be created together with others: it could not be undone", d.Noun.Kind.ID.Term())
			}
		}
	}
	made := make([]*Entity, len(drafts))
	steps := make([]step, len(drafts))
	for i, d := range drafts {
		steps[i] = step{
			do:   func(ctx context.Context) (err error) { made[i], err = s.create(ctx, d); return err },
			undo: func(ctx context.Context) error { return d.Noun.Delete(ctx, s, made[i].ID) },
		}
		steps[i].what = "a new " + d.Noun.Kind.ID.Term()
	}
	return made, inOrder(ctx, steps)
}

// create makes one entity, and gives it those mixins of users' own that Create
// has not given it.
func (s *Session) create(ctx context.Context, d *Draft) (*Entity, error) {
	e, err := d.Noun.Create(ctx, s, d)
	if err != nil {
		return nil, err
	}
	missing := slices.DeleteFunc(slices.Clone(d.Marks), func(m string) bool { return slices.Contains(e.Marks, m) })
	err = inOrder(ctx, []step{
		{
			what: "the new " + e.Path(),
			do:   func(context.Context) error { return nil },
			undo: func(ctx context.Context) error {
				if d.Noun.Delete == nil {
					return notOffered("deleting a", d.Noun)
				}
				return d.Noun.Delete(ctx, s, e.ID)
			},
		},
		{do: func(ctx context.Context) error { return s.tag(ctx, d.Noun, e.ID, missing, nil) }},
	})
	if err != nil {
		return nil, err
	}
	e.Marks = append(slices.Clone(e.Marks), missing...)
	return &e, s.dress(ctx, &e)
}
