package model

import "context"

// Zone is an availability zone: a part of the cloud that fails by itself.
type Zone struct {
	Name      string
	Available bool
}

// Zones is how a Cloud offers availability zones for machines.
type Zones interface {
	// Zones lists all. It may be answered from a cache some seconds old. One call.
	Zones(ctx context.Context) ([]Zone, error)
}
