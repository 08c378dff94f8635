package occi

import "github.com/occimi/occimi/model"

// compute is OCCI 1.2 Infrastructure 3.1, and 3.5 (templates), 3.6 (credentials
// and contextualization), with the OpenStack twins of the latter.
var compute = &Noun{
	Kind:      computeKind,
	Mixins:    []*Mixin{sshKey, userData, openstackPublicKey, openstackUserData},
	Templates: []*Template{resourceTpl, osTpl, availabilityZone},
	Offered:   needs[model.Machines](model.ComputeService),

	Refs:   computeRefs,
	List:   computeList,
	Get:    computeGet,
	Ahead:  computeAhead,
	Create: computeCreate,
	Update: computeUpdate,
	Tag:    computeTag,
	Delete: computeDelete,

	Actions: []*Action{startCompute, stopCompute, restartCompute, suspendCompute, saveCompute},
	Act:     computeAct,
}

const (
	computeArchitecture = "occi.compute.architecture"
	computeCores        = "occi.compute.cores"
	computeHostname     = "occi.compute.hostname"
	computeShare        = "occi.compute.share"
	computeSpeed        = "occi.compute.speed"
	computeMemory       = "occi.compute.memory" // GiB
	computeState        = "occi.compute.state"
	computeStateMessage = "occi.compute.state.message"
)

var computeKind = &Kind{
	Parent:   ResourceKind,
	Location: "/compute/",
	Category: Category{
		ID: infraScheme + "compute", Title: "Compute Resource",
		Attributes: append([]Attribute{
			{Name: computeArchitecture, Enum: []string{"x86", "x64"}, Synonyms: architectures, Description: "CPU architecture"},
			{Name: computeCores, Type: IntegerType, Min: 1, Max: 1 << 20, Description: "Number of virtual CPU cores"},
			{Name: computeHostname, Description: "Host name"},
			{Name: computeShare, Type: IntegerType, Versions: V1_2, Description: "Relative CPU share"},
			{Name: computeSpeed, Type: FloatType, Versions: V1_1, Description: "CPU clock frequency in GHz"},
			{Name: computeMemory, Type: FloatType, Description: "Memory in GiB"},
		}, stateAttributes("occi.compute", stateInactive, stateActive, stateSuspended, stateError)...),
	},
	Actions: []*Action{startCompute, stopCompute, restartCompute, suspendCompute, saveCompute},
}

// architectures are the names that images and clients have for OCCI's.
var architectures = map[string]string{
	"x86_64": "x64", "amd64": "x64", "x64": "x64",
	"i386": "x86", "i486": "x86", "i586": "x86", "i686": "x86", "x86": "x86",
}

const computeActionScheme = infraRoot + "compute/action#"

const (
	methodParameter = "method"
	nameParameter   = "name"
)

var (
	startCompute   = &Action{Category{ID: computeActionScheme + "start", Title: "Start compute"}}
	stopCompute    = &Action{Category{ID: computeActionScheme + "stop", Title: "Stop compute", Attributes: method("graceful", "acpioff", "poweroff")}}
	restartCompute = &Action{Category{ID: computeActionScheme + "restart", Title: "Restart compute", Attributes: method("graceful", "warm", "cold")}}
	suspendCompute = &Action{Category{ID: computeActionScheme + "suspend", Title: "Suspend compute", Attributes: method("suspend", "hibernate")}}
	saveCompute    = &Action{Category{ID: computeActionScheme + "save", Title: "Save compute as OS template", Attributes: append(method("hot", "deferred"),
		Attribute{Name: nameParameter, Description: "Name of the new template"})}}
)

// method declares the parameter that says how an action is done; the first is
// the default.
func method(methods ...string) []Attribute {
	return []Attribute{{Name: methodParameter, Enum: methods, Default: String(methods[0]), Description: "How it is done"}}
}

const (
	sshPublicKey     = "occi.credentials.ssh.publickey"
	computeUserdata  = "occi.compute.userdata"
	openstackKeyName = "org.openstack.credentials.publickey.name"
	openstackKeyData = "org.openstack.credentials.publickey.data"
	openstackUser    = "org.openstack.compute.user_data"
)

// Keys and user data are consumed at creation: entities do not list these mixins
// afterwards, so that nothing secret has to be exposed.
var (
	sshKey = &Mixin{
		Applies: []TypeID{infraScheme + "compute"}, Location: "/mixin/ssh_key/",
		Category: Category{ID: infraRoot + "credentials#ssh_key", Title: "SSH public key", Attributes: []Attribute{
			{Name: sshPublicKey, Required: true, Immutable: true, Lines: true, Description: "Public key to be injected",
				Aliases: []string{"occi.crendentials.ssh.publickey", "occi.credentials.ssh_key"}},
		}},
	}
	userData = &Mixin{
		Applies: []TypeID{infraScheme + "compute"}, Location: "/mixin/user_data/",
		Category: Category{ID: infraRoot + "compute#user_data", Title: "Contextualization", Attributes: []Attribute{
			{Name: computeUserdata, Required: true, Immutable: true, Lines: true, Description: "Data for the guest's first boot, in Base64",
				Aliases: []string{"occi.compute.user_data"}},
		}},
	}
	openstackPublicKey = &Mixin{
		Applies: []TypeID{infraScheme + "compute"}, Location: "/mixin/openstack_public_key/",
		Category: Category{ID: openstackRoot + "instance/credentials#public_key", Title: "Contextualization extension - public_key", Attributes: []Attribute{
			{Name: openstackKeyName, Immutable: true, Description: "Name of a key pair: without data, an existing one"},
			{Name: openstackKeyData, Immutable: true, Lines: true, Description: "Public key to be injected"},
		}},
	}
	openstackUserData = &Mixin{
		Applies: []TypeID{infraScheme + "compute"}, Location: "/mixin/openstack_user_data/",
		Category: Category{ID: openstackRoot + "compute/instance#user_data", Title: "Contextualization extension - user_data", Attributes: []Attribute{
			{Name: openstackUser, Required: true, Immutable: true, Lines: true, Description: "Data for the guest's first boot, in Base64"},
		}},
	}
)
