package openstack

import (
	"fmt"
	"strconv"
	"strings"
)

// microversion is a version of a service's API, such as 2.93.
type microversion struct{ major, minor int }

// parseMicroversion reads "2.93".
func parseMicroversion(s string) (microversion, bool) {
	major, minor, ok := strings.Cut(s, ".")
	if !ok {
		return microversion{}, false
	}
	a, errA := strconv.ParseUint(major, 10, 16)
	b, errB := strconv.ParseUint(minor, 10, 16)
	return microversion{int(a), int(b)}, errA == nil && errB == nil
}

func (v microversion) less(w microversion) bool {
	return v.major < w.major || v.major == w.major && v.minor < w.minor
}

// String gives "2.93", or "none".
func (v microversion) String() string {
	if v == (microversion{}) {
		return "none"
	}
	return fmt.Sprintf("%d.%d", v.major, v.minor)
}
