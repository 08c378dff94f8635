package occi

import (
	"context"
	"strings"

	"github.com/occimi/occimi/model"
)

// A storage link is a volume on a machine; its id is machine_volume, so that
// both ends are known without a search.

func storageLinkRefs(ctx context.Context, s *Session) ([]string, error) {
	links, err := storageLinkList(ctx, s)
	return idsOf(links, func(e Entity) string { return e.ID }), err
}

// storageLinkList is made from the listing of volumes, which tells what they are
// on: one call, however many there are.
func storageLinkList(ctx context.Context, s *Session) ([]Entity, error) {
	volumes, err := readVolumes(ctx, s)
	var links []Entity
	for _, v := range volumes {
		links = append(links, storageLinks(v.Attachments, v.State)...)
	}
	return links, err
}

func storageLinkGet(ctx context.Context, s *Session, id string) (Entity, error) {
	none := model.Errorf(model.NotFound, "there is no storage link %s", quoteForMessage(id))
	_, volume, ok := splitLink(id)
	if !ok {
		return Entity{}, none
	}
	volumes, err := volumesOf(s)
	if err != nil {
		return Entity{}, err
	}
	v, err := volumes.Volume(ctx, volume)
	if model.IsCode(err, model.NotFound) {
		return Entity{}, none.Because(err)
	}
	if err != nil {
		return Entity{}, err
	}
	for _, e := range storageLinks(v.Attachments, v.State) {
		if e.ID == id {
			return e, nil
		}
	}
	return Entity{}, none
}

// splitLink takes the id of a link apart that is made of those of its ends.
func splitLink(id string) (source, target string, ok bool) {
	source, target, ok = strings.Cut(id, "_")
	return source, target, ok && validID(source) && validID(target)
}

func storageLinksOf(ctx context.Context, s *Session, machineID string) (map[string][]Entity, error) {
	if machineID == "" {
		links, err := storageLinkList(ctx, s)
		return bySource(links), err
	}
	m, err := readWhole(ctx, s, machineID)
	return bySource(storageLinks(m.attachments, model.VolumeInUse)), err
}

// storageLinks renders attachments of volumes in a state.
func storageLinks(attachments []model.Attachment, state model.VolumeState) []Entity {
	links := make([]Entity, len(attachments))
	for i, a := range attachments {
		e := &links[i]
		e.Kind, e.ID = storageLinkKind, a.MachineID+"_"+a.VolumeID
		e.Source = End{computeKind.ID, computeKind.Location + a.MachineID}
		e.Target = End{storageID, storageLocation + a.VolumeID}
		e.setText(storageLinkDevice, a.Device)
		if state == model.VolumeFailed {
			e.set(storageLinkState, String(stateError))
		} else {
			e.set(storageLinkState, String(stateActive))
		}
	}
	return links
}

// storageLinkCreate puts a volume on a machine. Where the guest mounts it is the
// guest's: that wish is not kept.
func storageLinkCreate(ctx context.Context, s *Session, d *Draft) (Entity, error) {
	a, err := s.Cloud.AttachVolume(ctx, d.SourceID, model.MachineVolume{VolumeID: d.TargetID, Device: d.Values[storageLinkDevice].Text()})
	if err != nil {
		return Entity{}, err
	}
	return storageLinks([]model.Attachment{a}, model.VolumeInUse)[0], nil
}

func storageLinkDelete(ctx context.Context, s *Session, id string) error {
	machine, volume, ok := splitLink(id)
	if !ok {
		return model.Errorf(model.NotFound, "there is no storage link %s", quoteForMessage(id))
	}
	return s.Cloud.DetachVolume(ctx, machine, volume)
}
