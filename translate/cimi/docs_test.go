package cimi_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/cimi"
)

var update = flag.Bool("update", false, "write the tables of docs/cimi.md")

// sources say where in OpenStack an attribute comes from and goes to. Common
// attributes that are not here are those of the section on common attributes, or
// empty.
var sources = map[string]string{
	"CloudEntryPoint.baseURI":     "what relative URIs are resolved against; ends in /",
	"Machine.state":               "status and task state of the server: see the table of states",
	"Machine.cpu":                 "VCPUs of the flavor; a new value is a resize",
	"Machine.memory":              "KiB: RAM of the flavor; a new value is a resize",
	"Machine.disks":               "see Disk",
	"Machine.cpuArch":             "extra spec of the flavor (`hw:architecture`, `hw_architecture`, `capabilities:cpu_info:arch`), else `--cimi-cpu-arch`, else left out",
	"Machine.cpuSpeed":            "MHz; not known, left out",
	"Machine.volumes":             "volumes attached to the server",
	"Machine.networkInterfaces":   "ports of the server",
	"Machine.interfaces":          "ports of the server",
	"Machine.latestSnapshot":      "the snapshot that was made of the server, or put back on it, last",
	"Machine.snapshots":           "images of type SNAPSHOT that were made of the server",
	"Disk.capacity":               "kB: root disk, ephemeral disk or swap of the flavor; left out for a root disk of the image's size",
	"Disk.initialLocation":        "not known, left out",
	"Volume.state":                "status of the volume",
	"Volume.type":                 "always `mapped`: guests see a block device",
	"Volume.capacity":             "kB: size of the volume, rounded down; more extends the volume",
	"Volume.images":               "snapshots of the volume",
	"Volume.bootable":             "of the volume",
	"MachineSnapshot.snapshot":    "the image",
	"MachineImage.state":          "status of the image: CREATING, AVAILABLE, DELETING, ERROR",
	"MachineImage.type":           "IMAGE or SNAPSHOT; kept in the image property `cimi_type`",
	"MachineImage.imageLocation":  "URI of the machine or the volume that the image is made of, which is not shown; or the http or https URL that Glance shall fetch, if the cloud offers `web-download`, whose end tells the format: `.qcow2`, `.raw`, `.vmdk`, `.vdi`, `.vhd`, `.vhdx`, `.iso`",
	"MachineImage.relatedImage":   "of a SNAPSHOT: the one of the same machine before it",
	"MachineConfiguration.cpu":    "VCPUs of the flavor; a consumer's own configuration is stored, and must describe a flavor exactly",
	"MachineConfiguration.memory": "KiB: RAM of the flavor",
	"MachineConfiguration.disks":  "root disk, ephemeral disk and swap of the flavor, as far as it has them",

	"MachineConfiguration.disks.capacity":        "kB, rounded down",
	"MachineConfiguration.disks.format":          "`unknown`, which the schema of 1.x wants; not shown in 2.0",
	"MachineConfiguration.disks.initialLocation": "not known, left out",
	"MachineConfiguration.cpuArch":               "as of Machine",
	"MachineConfiguration.cpuSpeed":              "MHz; not known, left out",

	"Credential.name":       "name of the key pair, made up if none is given, and its id, which it stays; another name is kept in the store",
	"Credential.parameters": "`userName` and `key`: the public key as OpenSSH has it; read also `password`. Parameters that are given are the whole map; only a password, which is never shown, stays in an update without one",
	"Credential.userName":   "of a password: for cloud-init, in the machine's user data; kept in the store",
	"Credential.password":   "the same; encrypted in the store (`--store-key`), never shown",
	"Credential.key":        "a key alone is a key pair. The public key's text as bytes: printed in hexadecimal; read in hexadecimal, Base64 or as it is",

	"CredentialTemplate.parameters": "as of Credential",
	"CredentialTemplate.userName":   "as of Credential",
	"CredentialTemplate.password":   "encrypted in the store, never shown",
	"CredentialTemplate.key":        "the public key, as of Credential",

	"MachineVolume.initialLocation": "device of the attachment; in a request, a wish",
	"MachineVolume.volume":          "the attached volume; POST attaches it, DELETE detaches it",
	"locatedVolume.initialLocation": "device of the attachment. All else is as of Volume, whose id it has",

	"MachineNetworkInterface.addresses":   "fixed IPs of the port, and the floating IPs that point at it",
	"MachineNetworkInterface.network":     "the network",
	"MachineNetworkInterface.networkPort": "the port, which may be a free one; else one is made, and goes with the interface",
	"MachineNetworkInterface.state":       "DISABLED if it is administratively down or not ready, else ACTIVE; PASSIVE is refused",
	"MachineNetworkInterface.macAddress":  "of the port",
	"MachineNetworkInterface.mtu":         "bytes: of the network",

	"MachineNetworkInterfaceAddress.address": "one of the port's, or a floating IP that points at it. To add one: the href of a floating IP, or by value ip or protocol of one more fixed IP",

	"Network.state":           "STOPPED if it is administratively down or has no link, CREATING, ERROR, else STARTED",
	"Network.networkType":     "PUBLIC: it leads out of the cloud; else PRIVATE",
	"Network.mtu":             "bytes",
	"Network.classOfService":  "there are none, left out",
	"Network.networkPorts":    "the tenant's ports on it, but for those of routers and DHCP",
	"Network.forwardingGroup": "a router with an interface on it",
	"Network.segments":        "see ProtocolSegment",

	"Network create networkTemplate":   "an href, by value, or an href and what overrides the template's attributes. A network of 1.x has a range of 256 IPv4 addresses, the first of 10.0.0.0/8 that the tenant's networks do not have",
	"NetworkTemplate.initialState":     "STARTED or STOPPED",
	"NetworkTemplate.networkConfig":    "an href, or by value",
	"NetworkTemplate.forwardingGroup":  "the router to give an interface on it",
	"NetworkTemplate.segmentTemplates": "hrefs or by value: of Ethernet with `mtu`, at most one; of IPv4 and IPv6 each a subnet",

	"NetworkConfiguration.networkType":    "PRIVATE: only operators of the cloud make others",
	"NetworkConfiguration.mtu":            "bytes",
	"NetworkConfiguration.classOfService": "refused: there are none",

	"NetworkPort.state":          "STARTED, STOPPED (administratively down), CREATING, ERROR",
	"NetworkPort.network":        "of the port",
	"NetworkPort.portType":       "always ACCESS",
	"NetworkPort.classOfService": "there are none, left out",

	"NetworkNetworkPort.networkPort": "the port",

	"NetworkPort create networkPortTemplate":  "an href, by value, or an href and what overrides the template's attributes",
	"NetworkPortTemplate.network":             "an href",
	"NetworkPortTemplate.networkPortConfig":   "an href, or by value",
	"NetworkPortConfiguration.portType":       "ACCESS",
	"NetworkPortConfiguration.classOfService": "refused: there are none",

	"Address.ip":             "a fixed IP of a port, or a floating IP",
	"Address.hostname":       "there are none, left out",
	"Address.allocation":     "static: a consumer chose it so (a tag of the port, or of the floating IP, keeps that), or the subnet has no DHCP; else dynamic",
	"Address.defaultGateway": "of the subnet",
	"Address.dns":            "of the subnet",
	"Address.protocol":       "IPv4 or IPv6",
	"Address.mask":           "of the subnet: dotted of IPv4, the prefix's length of IPv6",
	"Address.network":        "of the port; a floating IP's is the one that leads out of the cloud",
	"Address.resource":       "the machine of the port",

	"Address create addressTemplate": "an href, by value, or an href and what overrides the template's attributes. On a network that leads out of the cloud it is a floating IP, else a port of its own",
	"AddressTemplate.ip":             "a wish; else the cloud chooses",
	"AddressTemplate.allocation":     "static, which needs an ip, or dynamic, which needs DHCP; else it follows from the network",
	"AddressTemplate.protocol":       "IPv4 or IPv6; else IPv4 if the network has it",
	"AddressTemplate.network":        "an href",

	"ForwardingGroup.networks":                         "those on whose subnets the router has interfaces, and the one through which it leads out of the cloud",
	"ForwardingGroupNetwork.network":                   "the network",
	"ForwardingGroup create forwardingGroupTemplate":   "an href, by value, or an href and what overrides the template's attributes",
	"ForwardingGroupTemplate.networks":                 "hrefs; one of them may lead out of the cloud",
	"MachineTemplate.networkInterfaces.addresses":      "an ip by value, or the hrefs of addresses of a free port",
	"MachineTemplate.networkInterfaces.networkPort":    "a free port",
	"MachineTemplate.interfaceTemplates":               "hrefs or by value: the interfaces to have; none: one on the tenant's only network",
	"ProtocolSegment.state":                            "that of the network",
	"ProtocolSegment.protocol":                         "Ethernet: the network itself; IPv4 or IPv6: a subnet; of a network that leads out of the cloud, IPv4 too: its floating IPs",
	"ProtocolSegment.noDefaultRouting":                 "always false",
	"ProtocolSegment.endpoints":                        "the tenant's addresses on it",
	"ProtocolSegment.parameters":                       "`mtu` of Ethernet, which can be changed; of the subnet `subnetAddress`, `netmask` or `prefixLength`, and `gateway`, `dhcp` and `nameservers`, which can be changed",
	"ProtocolSegment create protocolSegmentTemplate":   "an href, by value, or an href and what overrides the template's attributes",
	"ProtocolSegmentTemplate.network":                  "an href; in a network's own segments and in a NetworkTemplate it is known",
	"ProtocolSegmentTemplate.initialState":             "STARTED",
	"ProtocolSegmentTemplate.protocol":                 "IPv4 or IPv6; in a NetworkTemplate also Ethernet",
	"ProtocolSegmentTemplate.noDefaultRouting":         "true is refused",
	"ProtocolSegmentTemplate.endpointTemplates":        "hrefs or by value: endpoints that are made with the segment, at most 50",
	"ProtocolSegmentTemplate.parameters":               "as of ProtocolSegment",
	"ProtocolEndpoint.state":                           "that of the interface; of floating IPs ENABLED",
	"ProtocolEndpoint.protocol":                        "Ethernet, IPv4 or IPv6",
	"ProtocolEndpoint.address":                         "MAC address of a port, one of its fixed IPs, or a floating IP",
	"ProtocolEndpoint.origin":                          "STATIC: a consumer chose the address (a tag of the port, or of the floating IP, keeps that), or the subnet has no DHCP; else DYNAMIC",
	"ProtocolEndpoint.interface":                       "the port; that of a floating IP can be changed",
	"ProtocolEndpoint.parameters":                      "`prefixLength` of IPv6",
	"ProtocolEndpoint create protocolEndpointTemplate": "an href, by value, or an href and what overrides the template's attributes",
	"ProtocolEndpointTemplate.initialState":            "ENABLED",
	"ProtocolEndpointTemplate.address":                 "if the origin is STATIC; else the cloud chooses",
	"ProtocolEndpointTemplate.origin":                  "STATIC, which needs an address, or DYNAMIC, which needs DHCP",
	"ProtocolEndpointTemplate.interface":               "the port to have the address; else one is made",
	"NetworkInterface.state":                           "ERROR, DISABLED (administratively down), CREATING or ENABLED",
	"NetworkInterface.endpoints":                       "addresses of the port, and floating IPs that point at it",
	"NetworkInterface.speed":                           "bit/s; not known, left out",
	"NetworkInterface.mtu":                             "bytes: of the network",
	"NetworkInterface create networkInterfaceTemplate": "an href, by value, or an href and what overrides the template's attributes",
	"NetworkInterfaceTemplate.initialState":            "ENABLED or DISABLED; of a new machine's ENABLED",
	"NetworkInterfaceTemplate.endpoints":               "of a free port, which the machine gets",
	"NetworkInterfaceTemplate.network":                 "instead of endpoints: the network to be on, an extension",

	"ResourceMetadata.typeURI":      "the type that is described",
	"ResourceMetadata.typeUri":      "the same, with `--cimi-deltacloud-metadata` only",
	"ResourceMetadata.name":         "the type's name",
	"ResourceMetadata.attributes":   "all attributes of the type, with their constraints",
	"ResourceMetadata.capabilities": "see the table of capabilities",
	"ResourceMetadata.actions":      "the operations of the type",

	"Machine create machineTemplate":          "an href, by value, or an href and what overrides the template's attributes",
	"MachineTemplate.initialState":            "STARTED",
	"MachineTemplate.machineConfig":           "the flavor: an href, or by value cpu and memory (and disks) of exactly one of the machineConfigs",
	"MachineTemplate.machineImage":            "the image: an href; without one the machine boots from a volume",
	"MachineTemplate.credential":              "the key pair: an href, or a key by value, which leaves no key pair behind; or the href of a CredentialTemplate, which counts as its values would",
	"MachineTemplate.volumes":                 "existing volumes to attach",
	"MachineTemplate.volumes.initialLocation": "the device that is wished for",
	"MachineTemplate.volumes.href":            "the volume, in 1.x",
	"MachineTemplate.volumes.volume":          "the volume, in 2.0",
	"MachineTemplate.networkInterfaces":       "the networks to be on; none: the tenant's only network",

	"MachineTemplate.networkInterfaces.network": "an href",
	"MachineTemplate.networkInterfaces.state":   "ACTIVE",
	"MachineTemplate.userData":                  "Base64 of what the guest gets as user data, at most 65535 bytes",
	"Job.state":                                 "RUNNING, SUCCESS or FAILED: told, when the job is read, from the resource that the write was about",
	"Job.targetResource":                        "what the request addressed",
	"Job.affectedResources":                     "the same, and what was made; not what is deleted",
	"Job.action":                                "add, edit, delete, or the operation",
	"Job.returnCode":                            "0, or of a failure 10000 and the HTTP status",
	"Job.progress":                              "percent: 0 or 100",
	"Job.statusMessage":                         "why it failed: OpenStack's reason",
	"Job.timeOfStatusChange":                    "when the state was seen to change",

	"Volume create volumeTemplate":                    "an href, by value, or an href and what overrides the template's attributes",
	"VolumeTemplate.volumeConfig":                     "an href, by value, or an href and what overrides it: its kind and its capacity",
	"VolumeTemplate.volumeImage":                      "the snapshot that the volume shall hold: an href; without capacity the volume is as large",
	"VolumeConfiguration.type":                        "`mapped`: a block device",
	"VolumeConfiguration.format":                      "kept with a configuration; a volume of one that has it is refused: volumes are made without a file system",
	"VolumeConfiguration.capacity":                    "kB, rounded up to whole GiB; open in the cloud's own configurations, which are its volume types",
	"VolumeImage.state":                               "status of the snapshot: CREATING, AVAILABLE, DELETING, ERROR",
	"VolumeImage.imageLocation":                       "URI of the volume that a snapshot is made of; not shown",
	"VolumeImage.bootable":                            "that of the volume",
	"VolumeVolumeImage.volumeImage":                   "the snapshot",
	"Credential create credentialTemplate":            "an href, by value, or an href and what overrides the template's attributes",
	"MachineTemplate.volumeTemplates":                 "volumes that are made with the machine, and stay when it is deleted; OpenStack names them",
	"MachineTemplate.volumeTemplates.initialLocation": "the device that is wished for",
	"MachineTemplate.volumeTemplates.href":            "the template, in 1.x; what stands beside it overrides it",
	"MachineTemplate.volumeTemplates.volumeConfig":    "by value, in 1.x",
	"MachineTemplate.volumeTemplates.volumeImage":     "by value, in 1.x",
	"MachineTemplate.volumeTemplates.volumeTemplate":  "the template, in 2.0: an href, by value, or an href and what overrides it",
}

// statuses are OpenStack's words for the states of machines.
var statuses = map[model.MachineState]string{
	model.MachineCreating:   "BUILD",
	model.MachineRunning:    "ACTIVE",
	model.MachineStarting:   "powering-on, unshelving",
	model.MachineStopping:   "powering-off",
	model.MachineStopped:    "SHUTOFF",
	model.MachineRestarting: "REBOOT, HARD_REBOOT",
	model.MachinePausing:    "pausing",
	model.MachinePaused:     "PAUSED",
	model.MachineSuspending: "suspending",
	model.MachineSuspended:  "SUSPENDED",
	model.MachineResuming:   "unpausing, resuming",
	model.MachineShelving:   "shelving",
	model.MachineShelved:    "SHELVED, SHELVED_OFFLOADED",
	model.MachineCapturing:  "image_snapshot, image_uploading, image_backup",
	model.MachineRebuilding: "REBUILD",
	model.MachineDeleting:   "deleting; then it is gone",
	model.MachineFailed:     "ERROR",
	model.MachineUnknown:    "UNKNOWN and anything else",
}

// writers say when a client may write attributes of a class.
var writers = map[string]string{"create": "**given at creation**", "rw": "**writable**"}

// TestDocs holds docs/cimi.md to what is declared: its tables are made here.
func TestDocs(t *testing.T) {
	const file, begin, end = "../../docs/cimi.md", "<!-- tables -->\n", "<!-- end of tables -->\n"
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(content), begin)
	_, tail, found := strings.Cut(rest, end)
	if !ok || !found {
		t.Fatalf("%s has no place for the tables", file)
	}
	want := head + begin + tables(t) + end + tail
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(content)); diff != "" {
		t.Errorf("%s is not what is declared (go test ./translate/cimi -run TestDocs -update) (-want +got):\n%s", file, diff)
	}
}

func tables(t *testing.T) string {
	var b strings.Builder
	used := map[string]bool{}
	rows := func(prefix string, attributes []cimi.AttributeInfo) {
		b.WriteString("| attribute | versions | type | in OpenStack |\n|---|---|---|---|\n")
		creation := strings.HasSuffix(prefix, " create ")
		for _, a := range attributes {
			source, ok := sources[prefix+a.Name]
			used[prefix+a.Name] = true
			switch {
			case a.Refused != "":
				source, a.Type, a.Writer = "refused: "+a.Refused, "", ""
			case ok:
			case a.Common, creation, prefix == "ResourceMetadata.", prefix == "CloudEntryPoint.":
				continue // said once for all, or by the standard
			default:
				t.Errorf("nothing says where %s%s comes from", prefix, a.Name)
			}
			if when := writers[a.Writer]; when != "" && !creation && !strings.Contains(a.Name, ".") {
				source += "; " + when
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", a.Name, a.Versions, a.Type, source)
		}
		b.WriteByte('\n')
	}
	types := cimi.Types()
	for _, info := range types {
		path := strings.ReplaceAll(info.Path, "/", "/{id}/")
		fmt.Fprintf(&b, "### %s\n\n", info.Name)
		switch {
		case path == "":
			fmt.Fprintf(&b, "`cloudEntryPoint` (%s): %s.\n\n", info.Versions, info.Item)
		case info.Item == "":
			fmt.Fprintf(&b, "`%s` (%s): %s; the items are found elsewhere.\n\n", path, info.Versions, info.Collection)
		default:
			fmt.Fprintf(&b, "`%s` (%s): %s; `%s/{id}`: %s.\n\n", path, info.Versions, info.Collection, path, info.Item)
		}
		// The type's own section says the rest of what is found elsewhere.
		elsewhere := strings.Contains(info.Path, "/") && info.Item == ""
		if elsewhere {
			info.Capabilities = nil
		} else {
			rows(info.Name+".", info.Attributes)
		}
		made := elsewhere && slices.ContainsFunc(types, func(t cimi.TypeInfo) bool { return t.Name == info.Name && t.Item != "" && t.Create != nil })
		if info.Create != nil && !made {
			fmt.Fprintf(&b, "The body that makes one (%sCreate):\n\n", info.Name)
			rows(info.Name+" create ", info.Create)
		}
		if info.Actions != nil {
			b.WriteString("| operation | what it does |\n|---|---|\n")
			for _, a := range info.Actions {
				fmt.Fprintf(&b, "| `%s` | %s |\n", a.Name, a.Description)
			}
			b.WriteByte('\n')
		}
		if info.Capabilities != nil {
			b.WriteString("| capability | value | meaning |\n|---|---|---|\n")
			for _, c := range info.Capabilities {
				fmt.Fprintf(&b, "| `%s` | %v | %s |\n", c.Name, c.Value, c.Description)
			}
			b.WriteByte('\n')
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		if !used[name] {
			t.Errorf("there is no %s", name)
		}
	}
	b.WriteString("### States of machines\n\n| OpenStack | CIMI | operations that are possible |\n|---|---|---|\n")
	states := cimi.MachineStates()
	for _, state := range slices.Sorted(maps.Keys(states)) {
		if statuses[state] == "" {
			t.Errorf("there is no word of OpenStack for %s", state)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", statuses[state], states[state][0], states[state][1])
	}
	b.WriteByte('\n')
	return b.String()
}
