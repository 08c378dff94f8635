package occi

import "github.com/occimi/occimi/model"

// storage is OCCI 1.2 Infrastructure 3.3, with the actions of OCCI 1.1.
var storage = &Noun{
	Kind:    storageKind,
	Offered: needs[model.Volumes](model.BlockStorageService),

	Refs:   storageRefs,
	List:   storageList,
	Get:    storageGet,
	Target: storageTarget,
	Create: storageCreate,
	Update: storageUpdate,
	Delete: storageDelete,
	Tag:    storageTag,

	Actions: storageKind.Actions,
	Act:     storageAct,
}

const (
	storageSize         = "occi.storage.size" // GiB
	storageState        = "occi.storage.state"
	storageStateMessage = "occi.storage.state.message"

	stateOnline  = "online"
	stateOffline = "offline"
)

const storageActionScheme = infraRoot + "storage/action#"

var storageKind = &Kind{
	Parent:   ResourceKind,
	Location: storageLocation,
	Category: Category{
		ID: storageID, Title: "Storage Resource",
		Attributes: append([]Attribute{
			{Name: storageSize, Type: FloatType, Required: true, Description: "Size in GiB"},
		}, stateAttributes("occi.storage", stateOffline, stateOnline, stateError)...),
	},
	Actions: []*Action{onlineStorage, offlineStorage, backUpStorage, snapshotStorage, resizeStorage},
}

const sizeParameter = "size"

var (
	onlineStorage   = &Action{Category{ID: storageActionScheme + "online", Title: "Bring storage online"}}
	offlineStorage  = &Action{Category{ID: storageActionScheme + "offline", Title: "Take storage offline"}}
	backUpStorage   = &Action{Category{ID: storageActionScheme + "backup", Title: "Back storage up"}}
	snapshotStorage = &Action{Category{ID: storageActionScheme + "snapshot", Title: "Take a snapshot of storage"}}
	resizeStorage   = &Action{Category{ID: storageActionScheme + "resize", Title: "Resize storage", Attributes: []Attribute{
		{Name: sizeParameter, Type: FloatType, Required: true, Description: "New size in GiB"},
	}}}
)
