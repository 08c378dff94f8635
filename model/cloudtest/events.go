package cloudtest

import (
	"slices"
	"testing"

	"github.com/occimi/occimi/model"
)

// machineEvents: what is done to a machine is told, oldest first, to nobody but
// the tenant.
func (s *suite) machineEvents(t *testing.T) {
	events := must(model.Part[model.MachineEvents](s.cloud, model.ComputeService))(t)
	others := must(model.Part[model.MachineEvents](s.other, model.ComputeService))(t)
	m := s.create(t, s.cloud, s.request("events"))
	s.until(t, s.cloud, m.ID, model.MachineRunning)
	ok(t, s.cloud.ActOnMachine(s.ctx, m.ID, model.StopMachine))
	s.until(t, s.cloud, m.ID, model.MachineStopped)

	var all []model.MachineEvent
	s.Wait(t, "both events", func() (bool, error) {
		var err error
		all, err = events.MachineEvents(s.ctx, m.ID)
		return len(all) == 2, err
	})
	for i, action := range []string{"create", "stop"} {
		e := all[i]
		if e.Action != action || e.RequestID == "" || e.UserID != s.cloud.Identity().UserID || e.Begun.IsZero() || e.Changed.Before(e.Begun) || e.Failed || e.Reason != "" {
			t.Errorf("event %d is %+v, want a good %s", i, e, action)
		}
		one := must(events.MachineEvent(s.ctx, m.ID, e.RequestID))(t)
		if one.Action != e.Action || one.RequestID != e.RequestID || !one.Begun.Equal(e.Begun) || one.Failed {
			t.Errorf("listed %+v and single event %+v differ", e, one)
		}
		_, err := others.MachineEvent(s.ctx, m.ID, e.RequestID)
		fails(t, err, model.NotFound)
	}
	_, err := others.MachineEvents(s.ctx, m.ID)
	fails(t, err, model.NotFound)
	for _, id := range slices.Concat(hostileIDs, []string{unknownID}) {
		_, err := events.MachineEvents(s.ctx, id)
		fails(t, err, model.NotFound)
		_, err = events.MachineEvent(s.ctx, m.ID, id)
		fails(t, err, model.NotFound)
	}
	ok(t, s.cloud.DeleteMachine(s.ctx, m.ID))
	s.Wait(t, "the end of the log", func() (bool, error) {
		_, err := events.MachineEvents(s.ctx, m.ID)
		if model.IsCode(err, model.NotFound) {
			return true, nil
		}
		return false, err
	})
}
