package cimi

import (
	"context"
	"reflect"
	"slices"

	"github.com/occimi/occimi/model"
)

// MachineConfiguration is a size of machines (DSP0263 5.14.5).
type MachineConfiguration struct {
	Common
	CPU        int64        `cimi:"cpu,rw,required"`
	Memory     int64        `cimi:"memory,rw,required"` // KiB
	Disks      []ConfigDisk `cimi:"disks,rw,optional" item:"disk"`
	CPUArch    string       `cimi:"cpuArch,rw,optional"`
	CPUSpeed   int64        `cimi:"cpuSpeed,rw,optional"` // MHz
	Operations []Operation  `cimi:"operations" xml1:"operation"`
}

// ConfigDisk is a disk of machines of a configuration.
type ConfigDisk struct {
	Capacity        int64  `cimi:"capacity"` // kB
	Format          string `cimi:"format"`
	InitialLocation string `cimi:"initialLocation"`
}

// machineConfigs are the flavors, and consumers' own names for them.
var machineConfigs = alsoStored(&resource{
	path:    "machineConfigs",
	item:    reflect.TypeFor[MachineConfiguration](),
	offered: offers(model.ComputeService),
	list:    lister(listConfigs),
	get:     getter(getConfig),
}, func(ctx context.Context, s *Session, c *MachineConfiguration) error {
	_, err := c.flavor(ctx, s)
	return err
})

// unknownFormat is what version 1 says of a disk's format: its schema wants one.
const unknownFormat = "unknown"

// cpuArchitectures are the names of DSP0263 table 16 for what OpenStack says.
var cpuArchitectures = map[string]string{
	"x86_64": "x86_64", "amd64": "x86_64", "i686": "x86", "i386": "x86", "aarch64": "ARM", "armv7l": "ARM",
	"ppc64": "PowerPC", "ppc64le": "PowerPC", "s390x": "z/Architecture", "ia64": "Itanium", "alpha": "Alpha",
	"mips": "MIPS", "mips64el": "MIPS", "sparc64": "SPARC",
}

// archSpecs are the extra specs of a flavor that tell its architecture.
var archSpecs = []string{"hw:architecture", "hw_architecture", "capabilities:cpu_info:arch"}

// cpuArch gives the architecture of a flavor's machines, or "".
func (s *Session) cpuArch(f model.Flavor) string {
	for _, spec := range archSpecs {
		if arch := cpuArchitectures[f.ExtraSpecs[spec]]; arch != "" {
			return arch
		}
	}
	return s.options.CPUArch
}

func (s *Session) config(f model.Flavor) MachineConfiguration {
	return MachineConfiguration{
		Common:  Common{ID: s.id("machineConfigs", f.ID), Name: f.Name, Description: f.Description},
		CPU:     int64(f.VCPUs),
		Memory:  int64(f.MemoryMiB) * kibiPerMebi,
		Disks:   s.configDisks(f),
		CPUArch: s.cpuArch(f),
	}
}

// configDisks are root disk, ephemeral disk and swap, in this order, as far as
// the flavor has them.
func (s *Session) configDisks(f model.Flavor) []ConfigDisk {
	var disks []ConfigDisk
	for _, bytes := range []int64{
		int64(f.DiskGiB) * bytesPerGibi, int64(f.EphemeralGiB) * bytesPerGibi, int64(f.SwapMiB) * bytesPerMebi,
	} {
		if bytes == 0 {
			continue
		}
		disk := ConfigDisk{Capacity: bytes / bytesPerKilo}
		if s.Version == V1 {
			disk.Format = unknownFormat
		}
		disks = append(disks, disk)
	}
	return disks
}

// describes tells whether a configuration given by value is a flavor's: the
// values that it gives are the flavor's, but for the rounding of capacities.
func (c *MachineConfiguration) describes(s *Session, f model.Flavor) bool {
	is := s.config(f)
	if c.CPU != is.CPU || c.Memory != is.Memory || c.CPUArch != "" && c.CPUArch != is.CPUArch || c.CPUSpeed != 0 {
		return false
	}
	if len(c.Disks) == 0 {
		return true
	}
	if len(c.Disks) != len(is.Disks) {
		return false
	}
	for i, disk := range c.Disks {
		if gibibytes(disk.Capacity) != gibibytes(is.Disks[i].Capacity) || disk.InitialLocation != "" ||
			disk.Format != "" && disk.Format != unknownFormat {
			return false
		}
	}
	return true
}

// flavor finds the flavor that a configuration describes; of several, that with
// the smallest disk. Errors: Invalid if there is none.
func (c *MachineConfiguration) flavor(ctx context.Context, s *Session) (model.Flavor, error) {
	if c.CPU == 0 || c.Memory == 0 {
		return model.Flavor{}, model.Errorf(model.Invalid, "a configuration needs cpu and memory")
	}
	flavors, err := s.Cloud.Flavors(ctx)
	if err != nil {
		return model.Flavor{}, err
	}
	fitting := slices.DeleteFunc(slices.Clone(flavors), func(f model.Flavor) bool { return !c.describes(s, f) })
	if len(fitting) == 0 {
		return model.Flavor{}, model.Errorf(model.Invalid, "none of the cloud's machineConfigs has exactly these values")
	}
	return slices.MinFunc(fitting, func(a, b model.Flavor) int { return a.DiskGiB - b.DiskGiB }), nil
}

func listConfigs(ctx context.Context, s *Session, _ Address) ([]MachineConfiguration, error) {
	flavors, err := s.Cloud.Flavors(ctx)
	if err != nil {
		return nil, err
	}
	configs := make([]MachineConfiguration, len(flavors))
	for i, f := range flavors {
		configs[i] = s.config(f)
	}
	return configs, nil
}

func getConfig(ctx context.Context, s *Session, at Address) (*MachineConfiguration, error) {
	f, err := s.Cloud.Flavor(ctx, at.Key())
	if err != nil {
		return nil, err
	}
	config := s.config(f)
	return &config, nil
}
