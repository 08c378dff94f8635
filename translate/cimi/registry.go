package cimi

// registered is the one list of what is served; a resource is added here.
// Metadata is listed in this order: clients look for that of Machine first.
var registered []*resource

// The list is made here, because what is in it refers to it.
func init() {
	registered = []*resource{
		machines,
		machineDisks,
		machineVolumes,
		locatedVolumes,
		machineNetworkInterfaces,
		machineNetworkInterfaceAddresses,
		machineInterfaces,
		machineSnapshots,
		snapshots,
		machineTemplates,
		machineConfigs,
		machineImages,
		credentials,
		credentialTemplates,
		volumes,
		volumeVolumeImages,
		imagesOfOneVolume,
		volumeTemplates,
		volumeConfigs,
		volumeImages,
		networks,
		networkNetworkPorts,
		networkSegments,
		networkTemplates,
		networkConfigs,
		networkPorts,
		networkPortTemplates,
		networkPortConfigs,
		addresses,
		addressTemplates,
		forwardingGroups,
		forwardingGroupNetworks,
		forwardingGroupTemplates,
		protocolSegments,
		segmentEndpoints,
		protocolSegmentTemplates,
		protocolEndpoints,
		protocolEndpointTemplates,
		networkInterfaces,
		interfaceEndpoints,
		networkInterfaceTemplates,
		jobs,
		resourceMetadata,
	}
}

func resources() []*resource { return registered }
