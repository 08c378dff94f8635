package model

import "context"

// Flavor is a size that machines come in.
type Flavor struct {
	ID           string
	Name         string
	Description  string
	VCPUs        int
	MemoryMiB    int
	DiskGiB      int // root disk; 0: as large as the image needs
	EphemeralGiB int
	SwapMiB      int
	// ExtraSpecs are the operator's, for the proxy's use: never show them.
	ExtraSpecs map[string]string
}

// Flavors is how a Cloud offers flavors: those that the tenant may use.
type Flavors interface {
	// Flavors lists all flavors. It may be answered from a cache some seconds
	// old. One call per page.
	Flavors(ctx context.Context) ([]Flavor, error)
	// Flavor gives one, from the same cache if it is there. Errors: NotFound.
	Flavor(ctx context.Context, id string) (Flavor, error)
}
