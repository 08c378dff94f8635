package cloudtest

import (
	"strings"
	"testing"

	"github.com/occimi/occimi/model"
)

// wideTexts: texts beyond Unicode's basic plane are kept as they are, or refused
// as invalid with a message that shows them, or says of which characters names
// are. Nothing is left behind then.
func (s *suite) wideTexts(t *testing.T) {
	const wide = "wide \U0001F600"
	refused := func(t *testing.T, err error) {
		t.Helper()
		fails(t, err, model.Invalid)
		m := model.AsError(err).Message
		if !strings.Contains(m, wide) && !strings.Contains(m, "printable") && !strings.Contains(m, "unicode") || strings.Contains(m, "may have been made") {
			t.Errorf("the message is %q", m)
		}
	}
	t.Run("of a network", func(t *testing.T) {
		n, err := s.cloud.CreateNetwork(s.ctx, model.NetworkCreate{Name: s.prefix + wide})
		if err == nil {
			ok(t, s.cloud.DeleteNetwork(s.ctx, n.ID))
			if n.Name != s.prefix+wide {
				t.Errorf("the name is %q", n.Name)
			}
			return
		}
		refused(t, err)
	})
	t.Run("of a machine", func(t *testing.T) {
		for what, change := range map[string]func(*model.MachineCreate){
			"name":        func(r *model.MachineCreate) { r.Name += wide },
			"description": func(r *model.MachineCreate) { r.Description = wide },
			"metadata":    func(r *model.MachineCreate) { r.Metadata = map[string]string{"k": wide} },
		} {
			r := s.request("wide-" + what)
			change(&r)
			m, err := s.cloud.CreateMachine(s.ctx, r)
			if err == nil {
				s.remove(t, s.cloud, m.ID)
				continue
			}
			refused(t, err)
			s.nothingNamed(t, r.Name)
		}
	})
	if s.Volume == nil {
		return
	}
	t.Run("of a volume", func(t *testing.T) {
		volumes := must(model.Part[model.Volumes](s.cloud, model.BlockStorageService))(t)
		for _, r := range []model.VolumeCreate{
			{Name: s.prefix + wide, SizeGiB: 1},
			{Name: s.prefix + "wide", Description: wide, SizeGiB: 1},
			{Name: s.prefix + "wide", Metadata: map[string]string{"k": wide}, SizeGiB: 1},
		} {
			v, err := volumes.CreateVolume(s.ctx, r)
			if err == nil {
				s.removeVolume(t, volumes, v.ID)
				continue
			}
			refused(t, err)
		}
		id, name := s.Volume(t), s.prefix+wide
		v, err := volumes.UpdateVolume(s.ctx, id, model.VolumeUpdate{Name: &name})
		if err == nil && v.Name != name {
			t.Errorf("the name is %q", v.Name)
		} else if err != nil {
			refused(t, err)
		}
	})
}
