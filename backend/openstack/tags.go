package openstack

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/occimi/occimi/model"
)

const (
	maxTag  = 60 // characters
	maxTags = 50 // of a machine
)

// checkTags refuses, for all nouns, what Nova would, or would misread.
func checkTags(lists ...[]string) error {
	for _, tag := range slices.Concat(lists...) {
		if !isID(tag) || strings.ContainsFunc(tag, func(r rune) bool { return r == ',' || r > unicode.MaxASCII }) || len(tag) > maxTag {
			return model.Errorf(model.Invalid, `%q cannot be a tag: 1 to %d ASCII characters without "/" and "," are possible`, bounded(tag, 64), maxTag)
		}
	}
	return nil
}

// tagged gives tags as they are after a change.
func tagged(tags, add, remove []string) []string {
	var now []string
	for _, tag := range slices.Concat(tags, add) {
		if !slices.Contains(remove, tag) && !slices.Contains(now, tag) {
			now = append(now, tag)
		}
	}
	slices.Sort(now)
	return now
}

// tagSteps gives the calls that make the tags of the thing at path what they
// shall be: one call for each that is not so already. A tag in both lists goes.
func (c *cloud) tagSteps(s model.Service, noun, path string, tags, add, remove []string) []step {
	set := func(tag, method string) func(context.Context) error {
		name := noun + "_tag_" + map[string]string{http.MethodPut: "add", http.MethodDelete: "remove"}[method]
		return func(ctx context.Context) error {
			r := request{name: name, method: method, path: path + "/tags/" + url.PathEscape(tag)}
			if method == http.MethodDelete { // somebody else may have removed it
				r.ok = []int{http.StatusOK, http.StatusNoContent, http.StatusNotFound}
			}
			return c.call(ctx, s, r)
		}
	}
	after := tagged(tags, add, remove)
	var steps []step
	for _, tag := range after {
		if !slices.Contains(tags, tag) {
			steps = append(steps, step{fmt.Sprintf("tag %q", tag), set(tag, http.MethodPut), set(tag, http.MethodDelete)})
		}
	}
	for _, tag := range tags {
		if !slices.Contains(after, tag) {
			steps = append(steps, step{fmt.Sprintf("tag %q", tag), set(tag, http.MethodDelete), set(tag, http.MethodPut)})
		}
	}
	return steps
}

// setTags gives tags to one of Neutron's things that is new.
func (c *cloud) setTags(ctx context.Context, noun, path string, tags []string) error {
	if len(tags) == 0 {
		return nil
	}
	return c.call(ctx, model.NetworkService, request{
		name: noun + "_tags_set", method: http.MethodPut, path: path + "/tags", body: map[string]any{"tags": tagged(nil, tags, nil)},
	})
}

// TagMachine implements model.Machines.
func (c *cloud) TagMachine(ctx context.Context, id string, add, remove []string) error {
	path, err := c.machinePath(id)
	if err != nil {
		return err
	}
	if err := checkTags(add, remove); err != nil {
		return err
	}
	server, err := c.server(ctx, path, id)
	if err != nil {
		return err
	}
	// Nova counts them itself, but not if several are added at the same time.
	if n := len(tagged(server.Tags, add, remove)); n > maxTags && n > len(server.Tags) {
		return model.Errorf(model.Conflict, "the machine %q would have %d tags; at most %d are possible", id, n, maxTags)
	}
	return c.together(ctx, atOnce, c.tagSteps(model.ComputeService, "server", path, server.Tags, add, remove))
}
