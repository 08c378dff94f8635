package resize_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/resize"
)

// machine is a cloud with one machine, which fails as it is told to.
type machine struct {
	model.Cloud
	tags               []string
	tag, refuse, untag error
	confirm            error
	confirmed          int
}

func (m *machine) TagMachine(_ context.Context, _ string, add, remove []string) error {
	if len(remove) > 0 && m.untag != nil {
		return m.untag
	}
	if len(add) > 0 && m.tag != nil {
		return m.tag
	}
	m.tags = slices.DeleteFunc(append(slices.Clone(m.tags), add...), func(tag string) bool { return slices.Contains(remove, tag) })
	return nil
}

func (m *machine) ResizeMachine(context.Context, string, string) error { return m.refuse }
func (m *machine) ConfirmResize(context.Context, string) error         { m.confirmed++; return m.confirm }

// TestBegin checks that a resize which the cloud refuses leaves nothing behind, or
// says so, and that one which may have begun can be settled.
func TestBegin(t *testing.T) {
	for name, test := range map[string]struct {
		machine machine
		code    model.Code
		says    string
		tags    int
	}{
		"begun":                        {machine{}, "", "", 1},
		"not in this state":            {machine{tag: model.Errorf(model.Conflict, "Cannot 'update tag' while building")}, model.Conflict, "the resize cannot begin: Cannot", 0},
		"nothing there":                {machine{tag: model.Errorf(model.NotFound, "gone")}, model.NotFound, "gone", 0},
		"refused":                      {machine{refuse: model.Errorf(model.Quota, "too many cores")}, model.Quota, "too many cores", 0},
		"refused, and the tag stays":   {machine{refuse: model.Errorf(model.Quota, "cores"), untag: model.Errorf(model.Conflict, "x")}, model.Quota, "cores; and the tag occimi-resize-", 1},
		"refused, and it is gone":      {machine{refuse: model.Errorf(model.NotFound, "gone"), untag: model.Errorf(model.NotFound, "x")}, model.NotFound, "gone", 1},
		"no answer: it may have begun": {machine{refuse: model.Errorf(model.Timeout, "late")}, model.Timeout, "late", 1},
	} {
		t.Run(name, func(t *testing.T) {
			err := resize.Begin(t.Context(), &test.machine, "m", "large")
			if test.code == "" != (err == nil) || err != nil && (!model.IsCode(err, test.code) || !strings.Contains(err.Error(), test.says)) {
				t.Errorf("got %v", err)
			}
			if len(test.machine.tags) != test.tags {
				t.Errorf("the tags are %v", test.machine.tags)
			}
		})
	}
}

// TestSettle is what becomes of a machine that is read, and whether its resize is
// confirmed.
func TestSettle(t *testing.T) {
	begun := &machine{}
	if err := resize.Begin(t.Context(), begun, "m", "large"); err != nil {
		t.Fatal(err)
	}
	ours, busy := begun.tags, model.Errorf(model.Conflict, "it is being confirmed")
	for name, test := range map[string]struct {
		is        model.Machine
		confirm   error
		state     model.MachineState
		confirmed int
		tags      int // of ours that are left
	}{
		"done":                      {model.Machine{State: model.MachineResized}, nil, model.MachineResizing, 1, 1},
		"somebody was faster":       {model.Machine{State: model.MachineResized}, busy, model.MachineResizing, 1, 1},
		"it cannot be confirmed":    {model.Machine{State: model.MachineResized}, model.Errorf(model.Forbidden, "no"), model.MachineResized, 1, 1},
		"under way":                 {model.Machine{State: model.MachineResizing}, nil, model.MachineResizing, 0, 1},
		"confirmed, running":        {model.Machine{State: model.MachineRunning}, nil, model.MachineRunning, 0, 0},
		"confirmed, stopped":        {model.Machine{State: model.MachineStopped}, nil, model.MachineStopped, 0, 0},
		"not begun by the cloud":    {model.Machine{State: model.MachineRunning, Flavor: model.Flavor{ID: "small"}}, nil, model.MachineRunning, 0, 1},
		"to another flavor":         {model.Machine{State: model.MachineResized, Flavor: model.Flavor{ID: "other"}}, nil, model.MachineResized, 0, 1},
		"locked":                    {model.Machine{State: model.MachineResized, Locked: true}, nil, model.MachineResized, 0, 1},
		"the cloud tells no flavor": {model.Machine{State: model.MachineResized, Flavor: model.Flavor{Name: "gone"}}, nil, model.MachineResized, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := &machine{tags: slices.Clone(ours), confirm: test.confirm}
			if test.is.Flavor.Name == "" && test.is.Flavor.ID == "" {
				test.is.Flavor.ID = "large"
			}
			test.is.Tags = ours
			list := []model.Machine{test.is, {State: model.MachineResized, Flavor: model.Flavor{ID: "large"}}} // and one of somebody else's
			resize.SettleAll(t.Context(), cloud, list)
			if list[0].State != test.state || list[1].State != model.MachineResized || cloud.confirmed != test.confirmed {
				t.Errorf("it is %s, the other %s, confirmed %d times", list[0].State, list[1].State, cloud.confirmed)
			}
			if diff := cmp.Diff(test.tags, len(cloud.tags)); diff != "" {
				t.Errorf("tags left: %s", diff)
			}
		})
	}
}
