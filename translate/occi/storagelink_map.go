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

// storageLinkList is made from the listing of machines, which does not tell
// devices: one call, however many machines there are.
func storageLinkList(ctx context.Context, s *Session) ([]Entity, error) {
	machines, err := s.machines.read(ctx, s.Cloud.Machines)
	if err != nil {
		return nil, err
	}
	var links []Entity
	for _, m := range machines {
		links = append(links, storageLinks(attachmentsOf(m))...)
	}
	return links, nil
}

func storageLinkGet(ctx context.Context, s *Session, id string) (Entity, error) {
	none := model.Errorf(model.NotFound, "there is no storage link %s", quoteForMessage(id))
	machine, volume, ok := strings.Cut(id, "_")
	if !ok || !validID(machine) || !validID(volume) {
		return Entity{}, none
	}
	attachments, err := s.Cloud.MachineAttachments(ctx, machine)
	if model.IsCode(err, model.NotFound) {
		return Entity{}, none.Because(err)
	}
	if err != nil {
		return Entity{}, err
	}
	for _, e := range storageLinks(attachments) {
		if e.ID == id {
			return e, nil
		}
	}
	return Entity{}, none
}

func storageLinksOf(ctx context.Context, s *Session, machineID string) (map[string][]Entity, error) {
	if machineID == "" {
		links, err := storageLinkList(ctx, s)
		return bySource(links), err
	}
	attachments, err := s.Cloud.MachineAttachments(ctx, machineID)
	return bySource(storageLinks(attachments)), err
}

// attachmentsOf is what a machine itself says about its volumes.
func attachmentsOf(m model.Machine) []model.Attachment {
	attachments := make([]model.Attachment, len(m.VolumeIDs))
	for i, volume := range m.VolumeIDs {
		attachments[i] = model.Attachment{MachineID: m.ID, VolumeID: volume}
	}
	return attachments
}

func storageLinks(attachments []model.Attachment) []Entity {
	links := make([]Entity, len(attachments))
	for i, a := range attachments {
		e := &links[i]
		e.Kind, e.ID = storageLinkKind, a.MachineID+"_"+a.VolumeID
		e.Source = End{computeKind.ID, computeKind.Location + a.MachineID}
		e.Target = End{storageID, storageLocation + a.VolumeID}
		e.setText(storageLinkDevice, a.Device)
		e.set(storageLinkState, String(stateActive))
	}
	return links
}
