package occi

import "github.com/occimi/occimi/model"

// storageLink is OCCI 1.2 Infrastructure 3.4.2. Its targets are at the place
// of the kind storage, whether that kind is offered or not.
var storageLink = &Noun{
	Kind:    storageLinkKind,
	Offered: needs[model.Volumes](model.BlockStorageService),

	Refs:     storageLinkRefs,
	List:     storageLinkList,
	Get:      storageLinkGet,
	Outgoing: storageLinksOf,
	Create:   storageLinkCreate,
	Update:   linkUpdate,
	Delete:   storageLinkDelete,
}

const (
	storageID       = infraScheme + "storage"
	storageLocation = "/storage/"

	storageLinkDevice = "occi.storagelink.deviceid"
	storageLinkMount  = "occi.storagelink.mountpoint"
	storageLinkState  = "occi.storagelink.state"
)

var storageLinkKind = &Kind{
	Parent:   LinkKind,
	Location: "/storagelink/",
	Aliases:  []string{"/link/storagelink/", "/storage/link/"},
	Category: Category{
		ID: infraScheme + "storagelink", Title: "Storage Link",
		Attributes: append([]Attribute{
			{Name: storageLinkDevice, Description: "Device in the guest, such as /dev/vdb"},
			{Name: storageLinkMount, Description: "Where the guest mounts it"},
		}, stateAttributes("occi.storagelink", stateInactive, stateActive, stateError)...),
	},
	Targets: []Target{{Kind: storageID, Location: storageLocation}},
}
