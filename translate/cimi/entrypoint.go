package cimi

import "reflect"

// CloudEntryPoint is where clients begin (DSP0263 5.12). It names all
// collections of the standard, in its order; those that are served are shown.
type CloudEntryPoint struct {
	Common                   `class:"name=fixed description=fixed properties=fixed"`
	BaseURI                  URI        `cimi:"baseURI,fixed"`
	ResourceMetadata         Collection `cimi:"resourceMetadata,ro" of:"ResourceMetadata"`
	Systems                  Collection `cimi:"systems,ro" of:"System"`
	SystemTemplates          Collection `cimi:"systemTemplates,ro" of:"SystemTemplate"`
	Machines                 Collection `cimi:"machines,ro" of:"Machine"`
	MachineTemplates         Collection `cimi:"machineTemplates,ro" of:"MachineTemplate"`
	MachineConfigs           Collection `cimi:"machineConfigs,ro" of:"MachineConfiguration"`
	MachineImages            Collection `cimi:"machineImages,ro" of:"MachineImage"`
	Credentials              Collection `cimi:"credentials,ro" of:"Credential"`
	CredentialTemplates      Collection `cimi:"credentialTemplates,ro" of:"CredentialTemplate"`
	Volumes                  Collection `cimi:"volumes,ro" of:"Volume"`
	VolumeTemplates          Collection `cimi:"volumeTemplates,ro" of:"VolumeTemplate"`
	VolumeConfigs            Collection `cimi:"volumeConfigs,ro" of:"VolumeConfiguration"`
	VolumeImages             Collection `cimi:"volumeImages,ro" of:"VolumeImage"`
	Networks                 Collection `cimi:"networks,ro" of:"Network"`
	NetworkTemplates         Collection `cimi:"networkTemplates,ro" of:"NetworkTemplate"`
	NetworkConfigs           Collection `cimi:"networkConfigs,ro" of:"NetworkConfiguration" v:"1"`
	NetworkPorts             Collection `cimi:"networkPorts,ro" of:"NetworkPort" v:"1"`
	NetworkPortTemplates     Collection `cimi:"networkPortTemplates,ro" of:"NetworkPortTemplate" v:"1"`
	NetworkPortConfigs       Collection `cimi:"networkPortConfigs,ro" of:"NetworkPortConfiguration" v:"1"`
	Addresses                Collection `cimi:"addresses,ro" of:"Address" v:"1"`
	AddressTemplates         Collection `cimi:"addressTemplates,ro" of:"AddressTemplate" v:"1"`
	ForwardingGroups         Collection `cimi:"forwardingGroups,ro" of:"ForwardingGroup" v:"1"`
	ForwardingGroupTemplates Collection `cimi:"forwardingGroupTemplates,ro" of:"ForwardingGroupTemplate" v:"1"`
	Segments                 Collection `cimi:"segments,ro" of:"ProtocolSegment" v:"2"`
	SegmentTemplates         Collection `cimi:"segmentTemplates,ro" of:"ProtocolSegmentTemplate" v:"2"`
	Endpoints                Collection `cimi:"endpoints,ro" of:"ProtocolEndpoint" v:"2"`
	EndpointTemplates        Collection `cimi:"endpointTemplates,ro" of:"ProtocolEndpointTemplate" v:"2"`
	Interfaces               Collection `cimi:"interfaces,ro" of:"NetworkInterface" v:"2"`
	InterfaceTemplates       Collection `cimi:"interfaceTemplates,ro" of:"NetworkInterfaceTemplate" v:"2"`
	NetworkServices          Collection `cimi:"networkServices,ro" of:"NetworkService" v:"2"`
	NetworkServiceTemplates  Collection `cimi:"networkServiceTemplates,ro" of:"NetworkServiceTemplate" v:"2"`
	Jobs                     Collection `cimi:"jobs,ro" of:"Job"`
	Meters                   Collection `cimi:"meters,ro" of:"Meter"`
	MeterTemplates           Collection `cimi:"meterTemplates,ro" of:"MeterTemplate"`
	MeterConfigs             Collection `cimi:"meterConfigs,ro" of:"MeterConfiguration"`
	EventLogs                Collection `cimi:"eventLogs,ro" of:"EventLog"`
	EventLogTemplates        Collection `cimi:"eventLogTemplates,ro" of:"EventLogTemplate"`
}

// entryPoint describes the Cloud Entry Point for metadata and expansion. It is
// no collection, and so in no list.
var entryPoint = &resource{
	item:    reflect.TypeFor[CloudEntryPoint](),
	offered: always,
	capabilities: []Capability{
		{Name: "ExpandParameter", Value: true, Description: "The $expand query parameter is supported."},
		{Name: "FilterParameter", Value: true, Description: "The $filter query parameter is supported."},
		{Name: "FirstParameter", Value: true, Description: "The $first and $last query parameters are supported."},
		{Name: "SelectParameter", Value: true, Description: "The $select query parameter is supported."},
		{Name: "FormatParameter", Value: true, Description: "The $format query parameter is supported."},
		{Name: "OrderByParameter", Value: true, Description: "The $orderby query parameter is supported."},
		{Name: "QueryPathNotation", Value: true, Description: "Names in $select may say which array of items they are meant for."},
		{Name: "MaxPropertyItems", Description: "The number of properties that a resource can have: 100 with a store, else not said.", Value: func(s *Session) any {
			if s.Documents == nil { // for what has no metadata in the cloud, there is no place
				return nil
			}
			return int64(maxPropertyItems)
		}},
		{Name: "ValueScopes", Value: false, Description: "There are no attributes of the type valueScope."},
	},
}

func (s *Session) entryPoint() *CloudEntryPoint {
	return &CloudEntryPoint{
		Common: Common{
			ID:          URI(s.EntryPointURI()),
			Name:        "Occimi",
			Description: "An OpenStack cloud through CIMI " + s.Version.Specification(),
		},
		BaseURI: URI(s.BaseURI()),
	}
}
