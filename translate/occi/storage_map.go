package occi

import (
	"context"

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
	volumes, err := volumesOf(s)
	if err != nil {
		return nil, err
	}
	list, err := volumes.Volumes(ctx)
	entities := make([]Entity, len(list))
	for i, v := range list {
		entities[i] = storageEntity(v)
	}
	return entities, err
}

func storageGet(ctx context.Context, s *Session, id string) (Entity, error) {
	volumes, err := volumesOf(s)
	if err != nil {
		return Entity{}, err
	}
	v, err := volumes.Volume(ctx, id)
	return storageEntity(v), err
}

// storageStates gives the OCCI state of a volume; the rest is online.
var storageStates = map[model.VolumeState]string{
	model.VolumeCreating:    stateOffline,
	model.VolumeMaintenance: stateOffline,
	model.VolumeDeleting:    stateOffline,
	model.VolumeFailed:      stateError,
}

func storageEntity(v model.Volume) Entity {
	e := Entity{Kind: storageKind, ID: v.ID}
	e.setText(coreTitle, v.Name)
	e.setText(coreSummary, v.Description)
	e.set(storageSize, Float(float64(v.SizeGiB)))
	state := storageStates[v.State]
	if state == "" {
		state = stateOnline
	}
	e.set(storageState, String(state))
	e.setText(storageStateMessage, v.StateDetail)
	return e
}
