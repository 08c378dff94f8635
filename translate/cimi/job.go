package cimi

import (
	"cmp"
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
)

// Job reports on a write (DSP0263 5.17.1). A write that has ended before it is
// answered has a finished job; of others, the job keeps what shall become of
// the resource, and its state is told from the resource when the job is read.
type Job struct {
	Common             `always:"id"`
	State              string      `cimi:"state,ro"`
	TargetResource     Ref         `cimi:"targetResource,fixed"`
	AffectedResources  []Ref       `cimi:"affectedResources,ro" item:"affectedResource" xml1:"affectedResource"`
	Action             URI         `cimi:"action,fixed"`
	ReturnCode         int64       `cimi:"returnCode,ro,always"`
	Progress           int64       `cimi:"progress,ro,always"` // percent
	StatusMessage      string      `cimi:"statusMessage,ro"`
	TimeOfStatusChange time.Time   `cimi:"timeOfStatusChange,ro"`
	Operations         []Operation `cimi:"operations" xml1:"operation"`
}

// jobsPath is where jobs are, and jobsKind what their documents are.
const (
	jobsPath = "jobs"
	jobsKind = "cimi/" + jobsPath
)

var jobs = &resource{
	path:    jobsPath,
	item:    reflect.TypeFor[Job](),
	stored:  true,
	offered: always,
	page:    pager(pageOfJobs),
	list:    lister(listJobs),
	get:     getter(getJob),
	update:  updater(updateJob),
	delete:  deleteJob,
	capabilities: []Capability{
		{Name: "JobRetention", Description: "The least number of minutes that a job is kept, unless there are very many.",
			Value: func(s *Session) any { return int64(s.options.JobRetention.Minutes()) }},
	},
}

// The states of jobs (DSP0263 table 46). None is QUEUED: OpenStack has begun
// when a write is answered. None is STOPPED: OpenStack's work cannot be.
const (
	jobRunning = "RUNNING"
	jobSuccess = "SUCCESS"
	jobFailed  = "FAILED"
)

// firstReturnCode is added to HTTP status codes: the return codes below are
// DMTF's (DSP0263 table 46).
const firstReturnCode = 10000

// jobRecord is a job as it is stored. Its URIs are relative to the base URI of
// its version.
type jobRecord struct {
	Version     Version           `json:"version"`
	Name        string            `json:"name,omitempty"`
	Description string            `json:"description,omitempty"`
	Properties  map[string]string `json:"properties,omitempty"`
	Action      string            `json:"action"`
	Target      string            `json:"target"`
	Made        string            `json:"made,omitempty"`
	Deleted     bool              `json:"deleted,omitempty"` // the target, if the job succeeds
	State       string            `json:"state"`
	Code        int64             `json:"code,omitempty"`
	Message     string            `json:"message,omitempty"`
	Changed     time.Time         `json:"changed"`
	Goal        *jobGoal          `json:"goal,omitempty"` // of a running job

	id       string
	created  time.Time
	updated  time.Time
	revision int64
	// gone are those of the resources that the job names which were deleted after it.
	gone []string
}

// jobGoal is what a running job waits for.
type jobGoal struct {
	Path string   `json:"path"` // of the resource that is watched
	Keys []string `json:"keys"`
	// States are those of success; none: any that is stable. Gone is the goal of
	// a deletion.
	States []string `json:"states,omitempty"`
	Gone   bool     `json:"gone,omitempty"`
	// Has are values of integers that the resource has when the job has succeeded.
	Has map[string]int64 `json:"has,omitempty"`
}

// awaiting is a resource that a change brings to values which it has only when its
// state is stable again.
type awaiting interface{ awaited() map[string]int64 }

// busy is a resource that is being changed though its state does not say so.
type busy interface{ isBusy() bool }

// transitional tells whether a resource that is in the state will leave it by
// itself.
func transitional(state string) bool { return strings.HasSuffix(state, "ING") }

// stateOf gives the state of a pointer to a resource's struct; "" if the
// resource has none.
func stateOf(item any) string {
	v := reflect.ValueOf(item).Elem()
	if a := schemaOf(v.Type()).attribute(everyVersion, "state"); a != nil && a.kind == kindString {
		return a.value(v).String()
	}
	return ""
}

// underway tells whether something is being done to a resource.
func underway(item any) bool {
	b, ok := item.(busy)
	return ok && b.isBusy() || transitional(stateOf(item))
}

// settling is the goal of a resource that was made, if its state is not stable
// yet.
func (s *Session) settling(item any) *jobGoal {
	if !transitional(stateOf(item)) {
		return nil
	}
	return s.goalFor(item)
}

// changing is the goal of a resource that was changed, if it has not all values
// yet.
func (s *Session) changing(item any) *jobGoal {
	changing, ok := item.(awaiting)
	if !ok || len(changing.awaited()) == 0 {
		return nil
	}
	goal := s.goalFor(item)
	if goal != nil {
		goal.Has = changing.awaited()
	}
	return goal
}

// goalFor is the goal that a resource is stable; nil: it cannot be read again.
func (s *Session) goalFor(item any) *jobGoal {
	t, err := Find(s.Version, s.extrasKey(item))
	if err != nil || !t.item {
		return nil
	}
	return &jobGoal{Path: t.resource.path, Keys: t.at}
}

// vanishing is the goal of a deletion: what has no state, or is in the store, is
// gone at once.
func (s *Session) vanishing(t Target) *jobGoal {
	if t.resource.stored || schemaOf(t.resource.item).attribute(s.Version, "state") == nil {
		return nil
	}
	return &jobGoal{Path: t.resource.path, Keys: t.at, Gone: true}
}

// reaching is the goal of an operation.
func reaching(t Target) *jobGoal {
	if len(t.action.goal) == 0 {
		return nil
	}
	return &jobGoal{Path: t.resource.path, Keys: t.at, States: t.action.goal}
}

// record keeps the job of a write that succeeded. goal is what the write goes on to
// reach; nil: it has ended.
func (s *Session) record(ctx context.Context, o *Outcome, t Target, method string, goal *jobGoal) {
	o.Running = goal != nil
	if s.Documents == nil {
		return
	}
	now := s.now()
	j := jobRecord{
		Version: s.Version, Action: t.operation(method), Target: s.relative(t.uri(s)), Made: s.relative(o.Location), State: jobSuccess,
		Changed: now, Goal: goal, Deleted: method == "DELETE", id: s.NewID(), created: now, updated: now,
	}
	if goal != nil {
		j.State = jobRunning
	}
	err := s.keepJob(ctx, &j)
	if err == nil {
		o.Job = string(s.id(jobsPath, j.id))
		if j.Deleted {
			err = s.noteDeletion(ctx, &j)
		}
	}
	o.Unkept = cmp.Or(o.Unkept, err)
}

func (s *Session) relative(uri string) string { return strings.TrimPrefix(uri, s.BaseURI()) }

func (s *Session) keepJob(ctx context.Context, j *jobRecord) error {
	content, err := json.Marshal(j)
	if err != nil {
		return err
	}
	revision, err := s.Documents.KeepDocument(ctx, s.project(), model.Document{
		Kind: jobsKind, ID: j.id, Created: j.created, Updated: j.updated,
		Expires: j.created.Add(s.options.JobRetention), Content: content, Revision: j.revision,
	})
	if err == nil {
		j.revision = revision
	}
	return err
}

// unrecorded are the status codes of requests that are wrong in themselves: they
// have no job but the answer.
var unrecorded = map[int]bool{400: true, 401: true, 404: true, 405: true, 406: true, 413: true, 415: true}

// Failure makes the Job that an error response carries (DSP0263 4.2.2), and
// gives its URI if it is kept. t may be the zero Target if the request leads
// nowhere. The message is that of err, with the id of the OpenStack request
// that failed, if there was one; causes stay inside.
func (s *Session) Failure(ctx context.Context, err error, status int, t Target, method string) (Document, string) {
	e := model.AsError(err)
	now := s.now()
	r := jobRecord{
		Version: s.Version, State: jobFailed, Code: firstReturnCode + int64(status), Message: e.Message, Changed: now,
		created: now, updated: now,
	}
	if e.UpstreamID != "" {
		r.Message += " (OpenStack request " + strings.TrimSpace(e.UpstreamID) + ")"
	}
	var uri string
	if t.entry || t.resource != nil {
		r.Target, r.Action = s.relative(t.uri(s)), t.operation(method)
	}
	if t.resource != nil && r.Action != "" && s.Documents != nil && s.Cloud != nil && !unrecorded[status] {
		// The request may have failed because its time is over.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		r.id = s.NewID()
		if s.keepJob(ctx, &r) == nil {
			uri = string(s.id(jobsPath, r.id))
		} else {
			r.id = ""
		}
	}
	j := s.job(&r)
	if uri == "" { // it is nowhere but in this answer
		j.ID, j.Created, j.Updated, j.Operations = "", time.Time{}, time.Time{}, nil
	}
	if !t.entry && t.resource == nil {
		j.TargetResource, j.AffectedResources = Ref{}, nil
	}
	return s.document(j), uri
}

// job gives the representation of a job.
func (s *Session) job(r *jobRecord) *Job {
	j := &Job{
		Common: Common{
			ID: s.id(jobsPath, r.id), Name: r.Name, Description: r.Description, Properties: r.Properties,
			Created: r.created, Updated: r.updated,
		},
		State:              r.State,
		ReturnCode:         r.Code,
		Progress:           100,
		StatusMessage:      r.Message,
		TimeOfStatusChange: r.Changed,
		TargetResource:     Ref{Href: s.uriOf(r, r.Target)},
		Operations:         []Operation{{Name: "edit"}, {Name: "delete", Unavailable: r.State == jobRunning}},
	}
	if r.State == jobRunning {
		j.Progress = 0
	}
	if r.Action != "" {
		j.Action = URI(s.Version.actionURI(r.Action))
	}
	if !r.isGone(r.Target) && (!r.Deleted || r.State != jobSuccess) { // what is gone must not be named
		j.AffectedResources = []Ref{j.TargetResource}
	}
	if r.Made != "" && !r.isGone(r.Made) {
		j.AffectedResources = append(j.AffectedResources, Ref{Href: s.uriOf(r, r.Made)})
	}
	return j
}

// uriOf gives a job's URI in the session's version, or, if that has no such
// resource, in the job's own.
func (s *Session) uriOf(r *jobRecord, below string) string {
	if below == "" {
		return s.EntryPointURI()
	}
	if r.Version != s.Version {
		if _, err := Find(s.Version, below); err != nil {
			return s.root + r.Version.String() + "/" + below
		}
	}
	return s.BaseURI() + below
}

func readJob(d model.Document) (*jobRecord, error) {
	r := &jobRecord{}
	if err := json.Unmarshal(d.Content, r); err != nil {
		return nil, model.Errorf(model.Internal, "a job that is stored cannot be read").Because(err)
	}
	r.id, r.created, r.updated, r.revision = d.ID, d.Created, d.Updated, d.Revision
	return r, nil
}

func listJobs(ctx context.Context, s *Session, _ Address) ([]Job, error) {
	list, _, err := pageOfJobs(ctx, s, model.AllDocuments)
	return list, err
}

// pageOfJobs gives jobs. For those that run, the resources that they wait for
// are listed, each kind once.
func pageOfJobs(ctx context.Context, s *Session, p model.Page) ([]Job, int, error) {
	documents, total, err := s.Documents.Documents(ctx, s.project(), jobsKind, p)
	if err != nil {
		return nil, 0, err
	}
	records := make([]*jobRecord, len(documents))
	for i, d := range documents {
		if records[i], err = readJob(d); err != nil {
			return nil, 0, err
		}
	}
	list, seen := make([]Job, len(records)), s.look(ctx, records)
	for _, r := range records {
		s.follow(ctx, r, seen)
	}
	if err := s.leaveOutAllGone(ctx, records, seen); err != nil {
		return nil, 0, err
	}
	for i, r := range records {
		list[i] = *s.job(r)
	}
	return list, total, nil
}

func getJob(ctx context.Context, s *Session, at Address) (*Job, error) {
	r, err := s.findJob(ctx, at.Key())
	if err != nil {
		return nil, err
	}
	return s.job(r), nil
}

// findJob gives a job as it is now.
func (s *Session) findJob(ctx context.Context, id string) (*jobRecord, error) {
	r, err := s.jobOf(ctx, id, nil)
	if err == nil {
		err = s.leaveOutGone(ctx, r)
	}
	return r, err
}

// jobOf gives a job as follow tells it.
func (s *Session) jobOf(ctx context.Context, id string, seen *sightings) (*jobRecord, error) {
	d, err := s.Documents.Document(ctx, s.project(), jobsKind, id)
	if err != nil {
		return nil, err
	}
	r, err := readJob(d)
	if err == nil {
		s.follow(ctx, r, seen)
	}
	return r, err
}

func updateJob(ctx context.Context, s *Session, at Address, in *Job, changed func(string) bool) (*Job, error) {
	return fromLatest(func() (*Job, error) {
		r, err := s.findJob(ctx, at.Key())
		if err != nil {
			return nil, err
		}
		for name, set := range map[string]func(){
			"name":        func() { r.Name = in.Name },
			"description": func() { r.Description = in.Description },
			"properties":  func() { r.Properties = in.Properties },
		} {
			if changed(name) {
				set()
			}
		}
		r.updated = s.now()
		return s.job(r), s.keepJob(ctx, r)
	})
}

// deleteJob forgets a job. One that runs cannot be stopped, and so not deleted
// (DSP0263 5.17.1.1).
func deleteJob(ctx context.Context, s *Session, at Address) error {
	r, err := s.findJob(ctx, at.Key())
	if err != nil {
		return err
	}
	if r.State == jobRunning {
		return model.Errorf(model.Conflict, "the job is RUNNING, and cannot be stopped")
	}
	return s.Documents.ForgetDocuments(ctx, s.project(), jobsKind, []string{at.Key()})
}
