package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/occimi/occimi/backend/openstack"
)

var (
	metricName   = regexp.MustCompile(`fqName: "((?:occimi|openstack)_\w+)"`)
	metricRow    = regexp.MustCompile("(?m)^\\| `((?:occimi|openstack)_\\w+)` \\| ([^|]*)\\|")
	metricLabels = regexp.MustCompile(`(?:constLabels|variableLabels): \{([^}]*)\}`)
	labelName    = regexp.MustCompile(`[a-z]+`)
)

// TestMetricsPage: docs/operations.md lists the metrics that there are, with their
// labels.
func TestMetricsPage(t *testing.T) {
	registry := newRegistry()
	provider, err := openstack.New(openstack.Config{AuthURL: "http://127.0.0.1:1", Registerer: registry})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newServer(settings{OCCIPath: "/", CIMIPath: "/cimi/"}, provider, nil, registry, zerolog.Nop()); err != nil {
		t.Fatal(err)
	}
	descriptions := make(chan *prometheus.Desc)
	go func() {
		registry.Describe(descriptions)
		close(descriptions)
	}()
	has := map[string][]string{}
	for d := range descriptions {
		if name := metricName.FindStringSubmatch(d.String()); name != nil {
			has[name[1]] = labelsOf(d.String())
		}
	}
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string][]string{}
	for _, row := range metricRow.FindAllStringSubmatch(string(page), -1) {
		told[row[1]] = slices.Sorted(slices.Values(labelName.FindAllString(row[2], -1)))
	}
	if diff := cmp.Diff(has, told); diff != "" {
		t.Errorf("metrics (-there are +docs/operations.md):\n%s", diff)
	}
}

// labelsOf reads the labels of a metric's description.
func labelsOf(description string) []string {
	var labels []string
	for _, list := range metricLabels.FindAllStringSubmatch(description, -1) {
		for part := range strings.SplitSeq(list[1], ",") {
			if name, _, _ := strings.Cut(part, "="); name != "" {
				labels = append(labels, name)
			}
		}
	}
	slices.Sort(labels)
	return labels
}
