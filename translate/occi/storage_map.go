package occi

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/occimi/occimi/model"
)

// volumesOf gives the cloud's volumes. Errors: Unsupported if it has none.
func volumesOf(s *Session) (model.Volumes, error) {
	return model.Part[model.Volumes](s.Cloud, model.BlockStorageService)
}

func storageRefs(ctx context.Context, s *Session) ([]string, error) {
	volumes, err := volumesOf(s)
	if err != nil {
		return nil, err
	}
	refs, err := volumes.VolumeRefs(ctx)
	return idsOf(refs, func(r model.VolumeRef) string { return r.ID }), err
}

func storageList(ctx context.Context, s *Session) ([]Entity, error) {
	list, err := readVolumes(ctx, s)
	entities := make([]Entity, len(list))
	for i, v := range list {
		entities[i] = storageEntity(v)
	}
	return entities, err
}

// readVolumes lists all of the tenant's, with everything.
func readVolumes(ctx context.Context, s *Session) ([]model.Volume, error) {
	volumes, err := volumesOf(s)
	if err != nil {
		return nil, err
	}
	return s.volumes.read(ctx, volumes.Volumes)
}

func storageGet(ctx context.Context, s *Session, id string) (Entity, error) {
	volumes, err := volumesOf(s)
	if err != nil {
		return Entity{}, err
	}
	v, err := volumes.Volume(ctx, id)
	return storageEntity(v), err
}

// offlineKey is the metadata key of volumes that a client has taken offline: the
// cloud has no such state.
const offlineKey = "occi_offline"

// storageStates gives the OCCI state of a volume; the rest is online.
var storageStates = map[model.VolumeState]string{
	model.VolumeCreating:    stateOffline,
	model.VolumeMaintenance: stateOffline,
	model.VolumeDeleting:    stateOffline,
	model.VolumeFailed:      stateError,
}

// storageActions gives what can be done to a volume that is in no transition.
var storageActions = map[model.VolumeState][]*Action{
	model.VolumeAvailable: {offlineStorage, backUpStorage, snapshotStorage, resizeStorage},
	model.VolumeInUse:     {backUpStorage, snapshotStorage, resizeStorage},
}

func isOffline(v model.Volume) bool { return v.Metadata[offlineKey] != "" }

func storageEntity(v model.Volume) Entity {
	e := Entity{Kind: storageKind, ID: v.ID, Marks: metadataMarks(v.Metadata)}
	e.setText(coreTitle, v.Name)
	e.setText(coreSummary, v.Description)
	e.set(storageSize, Float(float64(v.SizeGiB)))
	state := cmp.Or(storageStates[v.State], stateOnline)
	e.Actions = storageActions[v.State]
	if isOffline(v) && state == stateOnline {
		state = stateOffline
		e.Actions = []*Action{onlineStorage}
	}
	e.set(storageState, String(state))
	e.setText(storageStateMessage, v.StateDetail)
	return e
}

// storageTarget refuses a volume that was taken offline.
func storageTarget(ctx context.Context, s *Session, id string, _ []*Mixin) (string, error) {
	volumes, err := readVolumes(ctx, s)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(volumes, func(v model.Volume) bool { return v.ID == id })
	switch {
	case i < 0:
		return "", noTarget(storageID, id)
	case isOffline(volumes[i]):
		return "", model.Errorf(model.Conflict, "the storage %s is offline", id)
	}
	return id, nil
}

// wholeGiB rounds a size up: the cloud has whole ones only.
func wholeGiB(v Value) int { return int(math.Ceil(v.Number())) }

func storageCreate(ctx context.Context, s *Session, d *Draft) (Entity, error) {
	volumes, err := volumesOf(s)
	if err != nil {
		return Entity{}, err
	}
	r := model.VolumeCreate{
		Name: d.Values[coreTitle].Text(), Description: d.Values[coreSummary].Text(), SizeGiB: wholeGiB(d.Values[storageSize]),
		Metadata: markMetadata(d.Marks),
	}
	if r.SizeGiB < 1 {
		return Entity{}, model.Errorf(model.Invalid, "%s must be more than 0", storageSize)
	}
	v, err := volumes.CreateVolume(ctx, r)
	return storageEntity(v), err
}

func storageUpdate(ctx context.Context, s *Session, c *Change) (Entity, error) {
	volumes, err := volumesOf(s)
	if err != nil {
		return Entity{}, err
	}
	if len(c.Mixins) > 0 {
		return Entity{}, model.Errorf(model.Conflict, "a storage cannot be given %s", c.Mixins[0].ID)
	}
	id, now := c.Present.ID, int(c.Present.value(storageSize, AnyVersion).Number())
	size := now
	if v, ok := c.Values[storageSize]; ok {
		if size, err = grown(now, v); err != nil {
			return Entity{}, err
		}
	}
	var u, back model.VolumeUpdate
	if name, ok := c.text(coreTitle); ok {
		was := c.present(coreTitle)
		u.Name, back.Name = &name, &was
	}
	if summary, ok := c.text(coreSummary); ok {
		was := c.present(coreSummary)
		u.Description, back.Description = &summary, &was
	}
	var steps []step
	var v model.Volume
	if u.Name != nil || u.Description != nil {
		steps = append(steps, step{
			what: "its new title or summary",
			do:   func(ctx context.Context) (err error) { v, err = volumes.UpdateVolume(ctx, id, u); return err },
			undo: func(ctx context.Context) error { _, err := volumes.UpdateVolume(ctx, id, back); return err },
		})
	}
	if size != now {
		steps = append(steps, step{do: func(ctx context.Context) error { return volumes.ExtendVolume(ctx, id, size) }})
	}
	if len(steps) == 0 {
		return c.Present, nil
	}
	if err := inOrder(ctx, steps); err != nil {
		return Entity{}, err
	}
	if size != now {
		return storageGet(ctx, s, id)
	}
	return storageEntity(v), nil
}

// grown is the new size of a volume. Errors: Conflict if it is smaller.
func grown(now int, v Value) (int, error) {
	size := wholeGiB(v)
	if size < now {
		return 0, model.Errorf(model.Conflict, "a storage can only grow: it has %d GiB, and %d are wanted", now, size)
	}
	return size, nil
}

func storageDelete(ctx context.Context, s *Session, id string) error {
	volumes, err := volumesOf(s)
	if err != nil {
		return err
	}
	return volumes.DeleteVolume(ctx, id)
}

var storageDeeds = []deed{
	{onlineStorage, stateOnline, setOffline("")},
	{offlineStorage, stateOffline, setOffline("true")},
	{backUpStorage, "", func(ctx context.Context, s *Session, id string, _ map[string]Value) error {
		return onVolume(s, func(v model.Volumes) error { _, err := v.BackUpVolume(ctx, id, "backup of "+id); return err })
	}},
	{snapshotStorage, "", func(ctx context.Context, s *Session, id string, _ map[string]Value) error {
		snapshots, err := model.Part[model.Snapshots](s.Cloud, model.BlockStorageService)
		if err == nil {
			_, err = snapshots.CreateSnapshot(ctx, model.SnapshotCreate{VolumeID: id, Name: "snapshot of " + id})
		}
		return err
	}},
	{resizeStorage, "", func(ctx context.Context, s *Session, id string, values map[string]Value) error {
		return onVolume(s, func(v model.Volumes) error { return v.ExtendVolume(ctx, id, wholeGiB(values[sizeParameter])) })
	}},
}

func setOffline(value string) func(context.Context, *Session, string, map[string]Value) error {
	return func(ctx context.Context, s *Session, id string, _ map[string]Value) error {
		return onVolume(s, func(v model.Volumes) error {
			_, err := v.UpdateVolume(ctx, id, model.VolumeUpdate{Metadata: map[string]string{offlineKey: value}})
			return err
		})
	}
}

func onVolume(s *Session, do func(model.Volumes) error) error {
	volumes, err := volumesOf(s)
	if err != nil {
		return err
	}
	return do(volumes)
}

func storageAct(ctx context.Context, s *Session, in Invocation) ([]*Mixin, error) {
	storages := reader{storageList, storageGet, storageState}
	if in.Action == resizeStorage {
		storages = storages.checked(func(e *Entity) error {
			now := int(e.value(storageSize, AnyVersion).Number())
			size, err := grown(now, in.Values[sizeParameter])
			if err == nil && size == now {
				err = model.Errorf(model.Conflict, "storage %s has %d GiB already", e.ID, now)
			}
			return err
		})
	}
	return nil, actOn(ctx, s, in, storages, storageDeeds)
}
