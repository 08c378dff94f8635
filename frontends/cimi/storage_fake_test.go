package cimi_test

import (
	"context"
	"fmt"
	"time"

	"github.com/occimi/occimi/model"
)

// blockStorage is the fake cloud with volumes. It notes what is done.
type blockStorage struct {
	*fake
	volumes   []model.Volume
	snapshots []model.Snapshot
	refuse    error // what every write of volumes gives, if set
	done      []string
}

func newStorage() *blockStorage {
	return &blockStorage{
		fake: newFake(),
		volumes: []model.Volume{
			{ID: "v-1", Name: `data & "one"`, Description: "mine", State: model.VolumeInUse, SizeGiB: 10, Bootable: true, Created: time.Unix(1, 0).UTC(),
				Metadata: map[string]string{"cimi_p_env": "prod", "foreign": "x"}},
			{ID: "v-2", State: model.VolumeFailed, StateDetail: "error", SizeGiB: 1, Created: time.Unix(2, 0).UTC()},
			{ID: "v-3", Name: "free", State: model.VolumeAvailable, SizeGiB: 2, Created: time.Unix(3, 0).UTC()},
		},
		snapshots: []model.Snapshot{
			{ID: "s-1", Name: "monday", Description: "d", State: model.SnapshotAvailable, VolumeID: "v-1", SizeGiB: 10, Created: time.Unix(4, 0).UTC(),
				Metadata: map[string]string{"cimi_p_keep": "1"}},
			{ID: "s-2", State: model.SnapshotCreating, VolumeID: "v-1", SizeGiB: 10, Created: time.Unix(5, 0).UTC()},
			{ID: "s-3", State: model.SnapshotAvailable, VolumeID: "v-3", SizeGiB: 2, Created: time.Unix(6, 0).UTC()},
		},
	}
}

func (b *blockStorage) Login(context.Context, model.Credentials) (model.Cloud, error) { return b, nil }

func (b *blockStorage) deed(format string, args ...any) error {
	b.done = append(b.done, fmt.Sprintf(format, args...))
	if err := b.call(); err != nil {
		return err
	}
	return b.refuse
}

func (b *blockStorage) VolumeRefs(context.Context) ([]model.VolumeRef, error) { panic("not needed") }

func (b *blockStorage) Volumes(context.Context) ([]model.Volume, error) { return b.volumes, b.call() }

func (b *blockStorage) Volume(_ context.Context, id string) (model.Volume, error) {
	for _, v := range b.volumes {
		if v.ID == id {
			return v, b.call()
		}
	}
	return model.Volume{}, model.Errorf(model.NotFound, "there is no volume %q", id)
}

func (b *blockStorage) VolumeReason(_ context.Context, id string) (string, error) {
	return "no room for " + id, b.call()
}

func (b *blockStorage) CreateVolume(_ context.Context, r model.VolumeCreate) (model.Volume, error) {
	err := b.deed("create volume %q %q %d GiB type %q of %q %v", r.Name, r.Description, r.SizeGiB, r.Type, r.SnapshotID+r.ImageID, r.Metadata)
	v := model.Volume{ID: "v-4", Name: r.Name, Description: r.Description, State: model.VolumeCreating, SizeGiB: r.SizeGiB, Created: born, Metadata: r.Metadata}
	if err == nil {
		b.volumes = append(b.volumes, v)
	}
	return v, err
}

func (b *blockStorage) UpdateVolume(ctx context.Context, id string, u model.VolumeUpdate) (model.Volume, error) {
	if err := b.deed("update volume %s: %s %s %v", id, text0(u.Name), text0(u.Description), u.Metadata); err != nil {
		return model.Volume{}, err
	}
	return b.Volume(ctx, id)
}

// text0 shows an optional text.
func text0(s *string) string {
	if s == nil {
		return "-"
	}
	return fmt.Sprintf("%q", *s)
}

func (b *blockStorage) ExtendVolume(_ context.Context, id string, size int) error {
	return b.deed("extend %s to %d", id, size)
}

func (b *blockStorage) DeleteVolume(_ context.Context, id string) error {
	return b.deed("delete volume %s", id)
}

func (b *blockStorage) SaveVolume(_ context.Context, id, name string) (string, error) {
	return "i-4", b.deed("save %s as %q", id, name)
}

func (b *blockStorage) BackUpVolume(context.Context, string, string) (string, error) {
	panic("not needed")
}

func (b *blockStorage) VolumeTypes(context.Context) ([]model.VolumeType, error) {
	return []model.VolumeType{{ID: "t-1", Name: "fast", Description: "on flash"}, {ID: "t-2", Name: "slow"}}, b.call()
}

func (b *blockStorage) Snapshots(context.Context) ([]model.Snapshot, error) {
	return b.snapshots, b.call()
}

func (b *blockStorage) Snapshot(_ context.Context, id string) (model.Snapshot, error) {
	for _, x := range b.snapshots {
		if x.ID == id {
			return x, b.call()
		}
	}
	return model.Snapshot{}, model.Errorf(model.NotFound, "there is no snapshot %q", id)
}

func (b *blockStorage) CreateSnapshot(_ context.Context, r model.SnapshotCreate) (model.Snapshot, error) {
	err := b.deed("snapshot of %s: %q %q %v", r.VolumeID, r.Name, r.Description, r.Metadata)
	return model.Snapshot{ID: "s-4", Name: r.Name, Description: r.Description, State: model.SnapshotCreating, VolumeID: r.VolumeID, Created: born, Metadata: r.Metadata}, err
}

func (b *blockStorage) UpdateSnapshot(ctx context.Context, id string, u model.SnapshotUpdate) (model.Snapshot, error) {
	if err := b.deed("update snapshot %s: %s %s %v", id, text0(u.Name), text0(u.Description), u.Metadata); err != nil {
		return model.Snapshot{}, err
	}
	return b.Snapshot(ctx, id)
}

func (b *blockStorage) DeleteSnapshot(_ context.Context, id string) error {
	return b.deed("delete snapshot %s", id)
}

func (b *blockStorage) RevertVolume(_ context.Context, volume, snapshot string) error {
	return b.deed("revert %s to %s", volume, snapshot)
}

func (b *blockStorage) AttachVolume(_ context.Context, machine string, v model.MachineVolume) (model.Attachment, error) {
	return model.Attachment{MachineID: machine, VolumeID: v.VolumeID, Device: "/dev/vdc"}, b.deed("attach %s to %s at %q", v.VolumeID, machine, v.Device)
}

func (b *blockStorage) DetachVolume(_ context.Context, machine, volume string) error {
	return b.deed("detach %s from %s", volume, machine)
}

func (b *blockStorage) RebuildMachine(_ context.Context, id, image string) error {
	return b.deed("rebuild %s of %s", id, image)
}

func (b *blockStorage) ImportsImages(context.Context) (bool, error) { return true, b.call() }

func (b *blockStorage) ImportImage(_ context.Context, r model.ImageImport) (model.Image, error) {
	err := b.deed("import %q %q of %s as %s %v", r.Name, r.Description, r.URL, r.Format, r.Properties)
	return model.Image{ID: "i-5", Name: r.Name, State: model.ImageCreating, Owned: true, SourceURL: r.URL, Properties: r.Properties}, err
}
