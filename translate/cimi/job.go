package cimi

import (
	"reflect"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
)

// Job reports on an operation (DSP0263 5.17.1). Jobs are not kept: they are the
// bodies of error responses only, and have no id of their own.
type Job struct {
	ID                 URI       `cimi:"id,fixed,always"`
	State              string    `cimi:"state,ro"`
	TargetResource     Ref       `cimi:"targetResource,fixed"`
	AffectedResources  []Ref     `cimi:"affectedResources,ro" item:"affectedResource"`
	Action             URI       `cimi:"action,fixed"`
	ReturnCode         int64     `cimi:"returnCode,ro,always"`
	Progress           int64     `cimi:"progress,ro,always"` // percent
	StatusMessage      string    `cimi:"statusMessage,ro"`
	TimeOfStatusChange time.Time `cimi:"timeOfStatusChange,ro"`
}

// firstReturnCode is added to HTTP status codes: the return codes below are
// DMTF's (DSP0263 table 46).
const firstReturnCode = 10000

// Failure makes the Job that an error response carries (DSP0263 4.2.2). t may
// be the zero Target if the request leads nowhere. The message is that of err,
// with the id of the OpenStack request that failed, if there was one; causes
// stay inside.
func (s *Session) Failure(err error, status int, t Target, method string) Document {
	e := model.AsError(err)
	j := &Job{
		State:              "FAILED",
		ReturnCode:         firstReturnCode + int64(status),
		Progress:           100,
		StatusMessage:      e.Message,
		TimeOfStatusChange: s.now(),
	}
	if e.UpstreamID != "" {
		j.StatusMessage += " (OpenStack request " + strings.TrimSpace(e.UpstreamID) + ")"
	}
	if t.entry || t.resource != nil {
		j.TargetResource = Ref{Href: t.uri(s)}
		j.AffectedResources = []Ref{j.TargetResource}
		if name := t.operation(method); name != "" {
			j.Action = URI(s.Version.actionURI(name))
		}
	}
	return Document{s: s, typ: "Job", value: reflect.ValueOf(j).Elem()}
}
