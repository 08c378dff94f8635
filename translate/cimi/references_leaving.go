package cimi

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/occimi/occimi/model"
)

// A deletion that goes on after its answer may come to nothing. So references to
// what is being deleted stay until it is gone, which is looked for when what refers
// to something is read.

// leavingKind is what the documents are that tell what is being deleted and is
// referred to: each has the path of that as its id, and a goal as its content.
const leavingKind = "cimi/references/leaving"

// noteLeaving keeps that a resource is being deleted, if anything refers to it.
func (s *Session) noteLeaving(ctx context.Context, t Target, goal *jobGoal) error {
	documents, err := s.referrers(ctx, t)
	if err != nil || len(documents) == 0 {
		return err
	}
	content, err := json.Marshal(goal)
	if err != nil {
		return err
	}
	d := model.Document{Kind: leavingKind, ID: s.relative(t.uri(s)), Created: s.now(), Updated: s.now(), Content: content}
	if err := s.Documents.ForgetDocuments(ctx, s.project(), leavingKind, []string{d.ID}); err != nil {
		return err // of a deletion before this one
	}
	_, err = s.Documents.KeepDocument(ctx, s.project(), d)
	return err
}

// settled gives documents without references to what is gone by now.
func (s *Session) settled(ctx context.Context, read func() ([]model.Document, error)) ([]model.Document, error) {
	documents, err := read()
	if err != nil {
		return nil, err
	}
	for _, d := range documents {
		if bytes.Contains(d.Content, []byte(`"href":`)) || bytes.Contains(d.Secret, []byte(`"href":`)) {
			if s.settleLeaving(ctx) {
				return read()
			}
			break
		}
	}
	return documents, nil
}

// settleLeaving empties the references to what was being deleted and is gone, and
// tells whether it has. Of what cannot be told now the next reader tells.
func (s *Session) settleLeaving(ctx context.Context) (emptied bool) {
	documents, _, err := s.Documents.Documents(ctx, s.project(), leavingKind, model.AllDocuments)
	if err != nil || len(documents) == 0 {
		return false
	}
	deletions := make([]*jobRecord, 0, len(documents))
	for _, d := range documents {
		r := &jobRecord{id: d.ID, created: d.Created}
		if json.Unmarshal(d.Content, &r.Goal) == nil {
			deletions = append(deletions, r)
		}
	}
	seen := s.look(ctx, deletions)
	var ended []string
	for _, r := range deletions {
		watched := s.watched(r)
		if watched == nil {
			continue
		}
		item, known := s.sight(ctx, watched, r.Goal, seen)
		if !known {
			continue
		}
		r.State = jobRunning
		r.judge(watched, item, s.now())
		if r.State == jobSuccess {
			if s.emptyReferences(ctx, Target{resource: watched, at: r.Goal.Keys, item: true}) != nil {
				continue
			}
			emptied = true
		}
		if r.State != jobRunning {
			ended = append(ended, r.id)
		}
	}
	_ = s.Documents.ForgetDocuments(ctx, s.project(), leavingKind, ended)
	return emptied
}
