package cimi

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
)

// What was done to a resource cannot be told any more when it is gone. So jobs that
// wait for it are told before it is deleted, and a document beside the jobs says which
// job the deletion is: what it has deleted, jobs do not name as affected (DSP0263
// 5.17.1).

// deletionsKind is what these documents are: each has the path of what is deleted as
// its id, and the job's id as its content.
const deletionsKind = jobsKind + "/deletions"

// settleJobs tells the jobs that wait for a resource, or for something in it, for
// the last time. What cannot be told is not: the deletion matters more.
func (s *Session) settleJobs(ctx context.Context, t Target) {
	if s.Documents == nil || t.resource.stored {
		return
	}
	documents, _, err := s.Documents.Documents(ctx, s.project(), jobsKind, model.AllDocuments)
	if err != nil {
		return
	}
	path := s.relative(t.uri(s))
	var seen *sightings
	for _, d := range documents {
		if !bytes.Contains(d.Content, []byte(`"goal":`)) {
			continue
		}
		r, err := readJob(d)
		if err != nil || r.Goal == nil || r.Goal.Gone || !within(s.relative(string(s.id(r.Goal.Path, r.Goal.Keys...))), path) {
			continue
		}
		if seen == nil {
			seen = s.glimpse(ctx, t)
		}
		s.follow(ctx, r, seen)
	}
}

// within tells whether a path is another one, or below it.
func within(path, other string) bool { return path == other || strings.HasPrefix(path, other+"/") }

// glimpse sees one item, for all jobs that wait for it.
func (s *Session) glimpse(ctx context.Context, t Target) *sightings {
	one := &sighting{items: map[string]any{}}
	var item any
	if item, one.err = t.resource.get(ctx, s, t.at); one.err == nil {
		one.items[s.extrasKey(item)] = item
	}
	return &sightings{of: map[string]*sighting{t.resource.path: one}, inquiries: maxInquiries}
}

// noteDeletion keeps which job a deletion is.
func (s *Session) noteDeletion(ctx context.Context, j *jobRecord) error {
	if err := s.Documents.ForgetDocuments(ctx, s.project(), deletionsKind, []string{j.Target}); err != nil {
		return err // of what was named so before
	}
	_, err := s.Documents.KeepDocument(ctx, s.project(), model.Document{
		Kind: deletionsKind, ID: j.Target, Created: j.created, Updated: j.created,
		Expires: j.created.Add(s.options.JobRetention), Content: []byte(j.id),
	})
	return err
}

// leaveOutGone has a job not name what was deleted after it.
func (s *Session) leaveOutGone(ctx context.Context, r *jobRecord) error {
	return s.leaveOut(ctx, []*jobRecord{r}, nil, func(path string) (*model.Document, error) {
		d, err := s.Documents.Document(ctx, s.project(), deletionsKind, path)
		if model.IsCode(err, model.NotFound) {
			return nil, nil
		}
		return &d, err
	})
}

// leaveOutAllGone is leaveOutGone for a list.
func (s *Session) leaveOutAllGone(ctx context.Context, records []*jobRecord, seen *sightings) error {
	documents, _, err := s.Documents.Documents(ctx, s.project(), deletionsKind, model.AllDocuments)
	if err != nil || len(documents) == 0 {
		return err
	}
	at := make(map[string]*model.Document, len(documents))
	for i := range documents {
		at[documents[i].ID] = &documents[i]
	}
	return s.leaveOut(ctx, records, seen, func(path string) (*model.Document, error) { return at[path], nil })
}

// leaveOut finds the deletions of what jobs name, and which of them have ended.
func (s *Session) leaveOut(ctx context.Context, records []*jobRecord, seen *sightings, deletion func(path string) (*model.Document, error)) error {
	jobs := map[string]*jobRecord{}
	for _, r := range records {
		jobs[r.id] = r
	}
	for _, r := range records {
		for _, path := range r.named() {
			d, err := deletion(path)
			if err != nil {
				return err
			}
			if d == nil || string(d.Content) == r.id || d.Updated.Before(r.created) {
				continue
			}
			job := jobs[string(d.Content)]
			if job == nil {
				job, err = s.jobOf(ctx, string(d.Content), seen)
				if err != nil && !model.IsCode(err, model.NotFound) {
					return err
				}
				if job == nil { // it was forgotten, and cannot be while it runs
					job = &jobRecord{State: jobSuccess}
				}
				jobs[string(d.Content)] = job
			}
			if job.State == jobSuccess {
				r.gone = append(r.gone, path)
			}
		}
	}
	return nil
}

// named are the paths of the resources that a job may name as affected, and of what
// those are in.
func (r *jobRecord) named() []string {
	var paths []string
	for _, path := range []string{r.Target, r.Made} {
		segments := strings.Split(path, "/")
		for n := 2; n <= len(segments); n += 2 {
			if p := strings.Join(segments[:n], "/"); !slices.Contains(paths, p) {
				paths = append(paths, p)
			}
		}
	}
	return paths
}

// isGone tells whether what a job names was deleted after it.
func (r *jobRecord) isGone(path string) bool {
	return slices.ContainsFunc(r.gone, func(gone string) bool { return within(path, gone) })
}
