package occi

const (
	infraScheme     = "http://schemas.ogf.org/occi/infrastructure#"
	infraRoot       = "http://schemas.ogf.org/occi/infrastructure/"
	openstackRoot   = "http://schemas.openstack.org/"
	stateActive     = "active"
	stateInactive   = "inactive"
	stateSuspended  = "suspended"
	stateError      = "error"
	allocationFixed = "static"
	allocationDHCP  = "dynamic"
)

// stateAttributes are those that every infrastructure kind has: its state, and
// an explanation of it (OCCI 1.2 Infrastructure 3). OCCI 1.1 knows neither the
// explanation nor the error state.
func stateAttributes(prefix string, states ...string) []Attribute {
	return []Attribute{
		{
			Name: prefix + ".state", Server: true, Volatile: true, Enum: states, Default: String(states[0]),
			InV1_1: map[string]string{stateError: states[0]}, Description: "Present state",
		},
		{
			Name: prefix + ".state.message", Server: true, Volatile: true, Versions: V1_2,
			Description: "Explanation of the state",
		},
	}
}
