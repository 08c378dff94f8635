package cimi

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
)

// A machine's snapshots have an order, in which restores count, too: its latest
// snapshot is the one that it was made or put back last of, and a snapshot relates
// to the one that was the latest when it was made (DSP0263 tables 16, 21). Both
// are told from the snapshots that there are, so that they follow when one is
// deleted.

const (
	// restoredProperty is a key of a machine's metadata: which of its snapshots was
	// put back on it last, and, after a blank, when. Its snapshots take it over, and
	// so tell the restore that they were made after.
	restoredProperty = "cimi_restored"
	// madeProperty is a property of snapshots: when one was asked for. OpenStack's
	// time of creation has whole seconds.
	madeProperty = "cimi_made"
	// exactTime is a time whose texts are ordered as the times are.
	exactTime = "2006-01-02T15:04:05.000000000Z"
)

// snapshotProperties are those of a new snapshot that tell its place in the order.
func (s *Session) snapshotProperties(m *model.Machine) map[string]string {
	properties := map[string]string{madeProperty: s.now().UTC().Format(exactTime)}
	if restore := m.Metadata[restoredProperty]; restore != "" {
		properties[restoredProperty] = restore
	}
	return properties
}

// markRestore is the change of a machine's metadata that tells of a restore.
func (s *Session) markRestore(image string) model.MachineUpdate {
	return model.MachineUpdate{Metadata: map[string]string{restoredProperty: image + " " + s.now().UTC().Format(time.RFC3339Nano)}}
}

// machineSnapshotsIn gives the snapshots of each machine, the oldest first, from
// one listing.
func machineSnapshotsIn(images []model.Image) map[string][]model.Image {
	byMachine := map[string][]model.Image{}
	for _, i := range images {
		if i.MachineID != "" && i.Properties[typeProperty] == typeSnapshot {
			byMachine[i.MachineID] = append(byMachine[i.MachineID], i)
		}
	}
	for _, snapshots := range byMachine {
		slices.SortFunc(snapshots, func(a, b model.Image) int {
			return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Properties[madeProperty], b.Properties[madeProperty]), cmp.Compare(a.ID, b.ID))
		})
	}
	return byMachine
}

// imagesPatience is how long an answer about machines waits for the images.
const imagesPatience = 10 * time.Second

// snapshotsToShow gives the snapshots of each machine if the answer depends on the
// latest ones. While the image service cannot answer there are none: an attribute
// that is left out says nothing (DSP0263 5.5), and the machines are what counts.
func (s *Session) snapshotsToShow(ctx context.Context) (map[string][]model.Image, error) {
	if !s.needs("Machine", "latestSnapshot") || !s.Cloud.Offers(model.ImageService) {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, imagesPatience)
	defer cancel()
	images, err := s.Cloud.Images(ctx)
	if err != nil {
		return nil, nil
	}
	return machineSnapshotsIn(images), nil
}

// latestSnapshot gives the id of a machine's latest snapshot; "": it has none.
func latestSnapshot(m *model.Machine, snapshots []model.Image) string {
	return lastSince(m.Metadata[restoredProperty], snapshots)
}

// relatedSnapshot gives the id of the snapshot that was the latest when another
// was made; "": there was none.
func relatedSnapshot(snapshots []model.Image, of int) string {
	return lastSince(snapshots[of].Properties[restoredProperty], snapshots[:of])
}

// relatedImages gives what each snapshot relates to.
func relatedImages(images []model.Image) map[string]string {
	related := map[string]string{}
	for _, snapshots := range machineSnapshotsIn(images) {
		for i := range snapshots {
			related[snapshots[i].ID] = relatedSnapshot(snapshots, i)
		}
	}
	return related
}

// lastSince gives the last snapshot that was made after a restore; else the one
// that was put back; else, if that is gone, the last of all. What holds nothing
// does not count.
func lastSince(restore string, snapshots []model.Image) string {
	restored, _, _ := strings.Cut(restore, " ")
	since, back, last := "", "", ""
	for _, i := range snapshots {
		if i.State == model.ImageFailed || i.State == model.ImageDeleting {
			continue
		}
		last = i.ID
		if i.Properties[restoredProperty] == restore {
			since = i.ID
		}
		if i.ID == restored {
			back = i.ID
		}
	}
	return cmp.Or(since, back, last)
}
