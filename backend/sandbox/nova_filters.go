package sandbox

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// serverFilter makes a test of servers out of a query's values.
type serverFilter func(values []string) (func(*server) bool, error)

func equals(get func(*server) string) serverFilter {
	return func(values []string) (func(*server) bool, error) {
		return func(s *server) bool { return slices.Contains(values, get(s)) }, nil
	}
}

// matches takes regular expressions, as Nova does for names and addresses.
func matches(name string, get func(*server) []string) serverFilter {
	return func(values []string) (func(*server) bool, error) {
		re, err := regexp.Compile("(?i)" + values[0])
		if err != nil {
			return nil, refuse(http.StatusBadRequest, fmt.Sprintf("Invalid input for query parameters %s. Value: %s. %s is not a 'regex'", name, values[0], pythonText(values[0])))
		}
		return func(s *server) bool { return slices.ContainsFunc(get(s), re.MatchString) }, nil
	}
}

func tagged(want func(has func(string) bool, tags []string) bool) serverFilter {
	return func(values []string) (func(*server) bool, error) {
		tags := strings.Split(values[0], ",")
		return func(s *server) bool {
			return want(func(t string) bool { return slices.Contains(s.tags, t) }, tags)
		}, nil
	}
}

// hasAll and hasAny tell of tags whether a server has them.
func hasAll(has func(string) bool, tags []string) bool {
	return !slices.ContainsFunc(tags, func(t string) bool { return !has(t) })
}

func hasAny(has func(string) bool, tags []string) bool { return slices.ContainsFunc(tags, has) }

// serverQueries are the query parameters of server listings; nil ones are read
// elsewhere, or ignored for tenants.
var serverQueries = map[string]serverFilter{
	"limit": nil, "marker": nil, "sort_key": nil, "sort_dir": nil, "all_tenants": nil, "deleted": nil,
	"host": nil, "node": nil, "project_id": nil, "tenant_id": nil, "reservation_id": nil, "changes-before": nil,
	"config_drive": nil, "availability_zone": nil, "user_id": nil, "locked": nil, "created_at": nil, "progress": nil,
	"launched_at": nil, "terminated_at": nil, "soft_deleted": nil, "task_state": nil, "power_state": nil,
	"name":        matches("name", func(s *server) []string { return []string{s.name} }),
	"ip":          matches("ip", func(s *server) []string { return s.addresses(4) }),
	"ip6":         matches("ip6", func(s *server) []string { return s.addresses(6) }),
	"uuid":        equals(func(s *server) string { return s.id }),
	"image":       equals(func(s *server) string { return s.image }),
	"flavor":      equals(func(s *server) string { return s.flavor.id }),
	"key_name":    equals(func(s *server) string { return s.keyName }),
	"hostname":    equals(func(s *server) string { return s.hostname }),
	"description": equals(func(s *server) string { return s.description }),
	"vm_state":    equals(func(s *server) string { return s.vmState }),
	"tags":        tagged(hasAll),
	"tags-any":    tagged(hasAny),
	"not-tags": tagged(func(has func(string) bool, tags []string) bool {
		return !hasAll(has, tags)
	}),
	"not-tags-any": tagged(func(has func(string) bool, tags []string) bool {
		return !hasAny(has, tags)
	}),
	"status": func(values []string) (func(*server) bool, error) {
		known := false
		for _, byTask := range statuses {
			for _, status := range byTask {
				known = known || slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, status) })
			}
		}
		if !known {
			return nil, refuse(http.StatusBadRequest, "Invalid status value")
		}
		return func(s *server) bool {
			return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, s.status()) })
		}, nil
	},
	"changes-since": func(values []string) (func(*server) bool, error) {
		since, err := time.Parse(time.RFC3339, values[0])
		if err != nil {
			return nil, refuse(http.StatusBadRequest, fmt.Sprintf("Invalid input for query parameters changes-since. Value: %s. %s is not a 'date-time'", values[0], pythonText(values[0])))
		}
		return func(s *server) bool { return !s.updated.Before(since) }, nil
	},
}

func (c *call) serverFilters() ([]func(*server) bool, error) {
	var filters []func(*server) bool
	for name, values := range c.query {
		makeFilter, known := serverQueries[name]
		if !known {
			if c.minor >= 75 && !strings.HasPrefix(name, "_") {
				return nil, refuse(http.StatusBadRequest, pythonText(name)+" does not match any of the regexes: '^_'")
			}
			continue
		}
		if makeFilter == nil {
			continue
		}
		match, err := makeFilter(values)
		if err != nil {
			return nil, err
		}
		filters = append(filters, match)
	}
	return filters, nil
}

// serverOrders are the sort keys that the sandbox knows of Nova's.
var serverOrders = map[string]func(a, b *server) int{
	"created_at":   func(a, b *server) int { return a.created.Compare(b.created) },
	"updated_at":   func(a, b *server) int { return a.updated.Compare(b.updated) },
	"launched_at":  func(a, b *server) int { return a.launched.Compare(b.launched) },
	"display_name": func(a, b *server) int { return strings.Compare(a.name, b.name) },
	"uuid":         func(a, b *server) int { return strings.Compare(a.id, b.id) },
	"vm_state":     func(a, b *server) int { return strings.Compare(a.vmState, b.vmState) },
	"hostname":     func(a, b *server) int { return strings.Compare(a.hostname, b.hostname) },
}

// sortServers sorts by the query's sort_key and sort_dir; the default is the
// newest first, which the list is in already.
func (c *call) sortServers(list []*server) error {
	keys, dirs := c.query["sort_key"], c.query["sort_dir"]
	for i := len(keys) - 1; i >= 0; i-- {
		order, ok := serverOrders[keys[i]]
		if !ok {
			return refuse(http.StatusBadRequest, fmt.Sprintf("Invalid input for query parameters sort_key. Value: %s. %s is not one of ['created_at', 'display_name', ...]", keys[i], pythonText(keys[i])))
		}
		sign := -1
		if i < len(dirs) && dirs[i] == "asc" {
			sign = 1
		}
		slices.SortStableFunc(list, func(a, b *server) int { return sign * order(a, b) })
	}
	return nil
}
