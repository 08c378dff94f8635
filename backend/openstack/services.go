package openstack

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/occimi/occimi/model"
)

// service is what the adapter knows about one OpenStack service before it has
// seen a catalog.
type service struct {
	name model.Service
	// types are the names that catalogs use, the best first.
	types []string
	// version is the API version that is spoken, as it ends the endpoint's URL.
	version string
	// floor and ceiling bound the microversion; zero if the service has none.
	floor, ceiling microversion
}

// services are all services that the adapter speaks to on behalf of a tenant. A
// noun of another service needs a line here, and nothing else.
var services = []service{
	// 2.47 embeds the flavor in the server, 2.52 takes tags on creation, 2.60 is
	// the floor of all releases since Queens. 2.93 is the newest version whose
	// answers the tests have seen.
	{name: model.ComputeService, types: []string{"compute"}, version: "v2.1", floor: microversion{2, 60}, ceiling: microversion{2, 93}},
	{name: model.ImageService, types: []string{"image"}, version: "v2"},
	{name: model.NetworkService, types: []string{"network"}, version: "v2.0"},
	// 3.42 extends volumes in use; it is as old as Pike.
	{name: model.BlockStorageService, types: []string{"block-storage", "volumev3", "block-store", "volume"}, version: "v3", floor: microversion{3, 42}, ceiling: microversion{3, 70}},
}

// identityService is Keystone in errors and metrics. It is in no tenant's
// catalog for the adapter's purposes: its URL is configured.
const identityService model.Service = "identity"

// Compute microversions from which on the adapter uses a feature.
var (
	computeVolumeType  = microversion{2, 67} // volume_type of a new server's new volumes
	computeWholeUpdate = microversion{2, 75} // the answer to an update is the whole server
	computeHostname    = microversion{2, 90} // hostname in server requests and answers
)

func serviceNamed(name model.Service) (service, bool) {
	i := slices.IndexFunc(services, func(s service) bool { return s.name == name })
	if i < 0 {
		return service{}, false
	}
	return services[i], true
}

// endpoints finds the URL of every known service in a catalog: overridden, or
// of the region and the configured interface. URLs end in a slash.
func (c *Config) endpoints(catalog []tokens.CatalogEntry) map[model.Service]string {
	found := make(map[model.Service]string, len(services))
	region := c.Region
	for _, s := range services {
		if override := c.Endpoints[string(s.name)]; override != "" {
			found[s.name] = s.endpoint(override)
			continue
		}
		for _, typ := range s.types {
			if e := c.locate(catalog, typ, region); e.URL != "" {
				found[s.name] = s.endpoint(e.URL)
				// A machine of one region has no use for networks of another: all
				// services are of the region of the first.
				region = cmp.Or(region, e.RegionID, e.Region)
				break
			}
		}
	}
	return found
}

// locate gives the first endpoint of a service type that fits, or none. An empty
// region is any.
func (c *Config) locate(catalog []tokens.CatalogEntry, typ, region string) tokens.Endpoint {
	for _, entry := range catalog {
		if entry.Type != typ {
			continue
		}
		for _, e := range entry.Endpoints {
			inRegion := region == "" || e.RegionID == region || e.Region == region
			if inRegion && e.Interface == c.Interface && e.URL != "" {
				return e
			}
		}
	}
	return tokens.Endpoint{}
}

var versionInPath = regexp.MustCompile(`/v[0-9]+(\.[0-9]+)?(/|$)`)

// endpoint completes a catalog's URL: some catalogs leave the version out.
func (s service) endpoint(at string) string {
	at = strings.TrimRight(at, "/") + "/"
	if u, err := url.Parse(at); err == nil && !versionInPath.MatchString(u.Path) {
		at += s.version + "/"
	}
	return at
}

// versionRoot cuts off what follows the version in an endpoint's URL: some
// catalogs append the project.
func versionRoot(endpoint string) string {
	if at := versionInPath.FindAllStringIndex(endpoint, -1); at != nil {
		return strings.TrimRight(endpoint[:at[0][1]], "/") + "/"
	}
	return endpoint
}

// versionRange is what a service says about its microversions.
type versionRange struct{ min, max microversion }

// versionsFor is how long a version document is believed: as good as for the
// life of the process, but an upgraded service is noticed without a restart.
const (
	versionsFor  = time.Hour
	noVersionFor = 10 * time.Second // an answer that names no version
)

// microversions gives the range of a service, from its version document, which
// is read once per endpoint.
func (p *Provider) microversions(ctx context.Context, s service, endpoint, token string) (versionRange, error) {
	root := versionRoot(endpoint)
	r, _, err := p.versions.get(ctx, root, func(ctx context.Context) (versionRange, time.Duration, error) {
		var answer versionDocuments
		_, err := p.send(ctx, p.anonymous(s.name, root), request{
			name: "version_show", method: http.MethodGet, answer: &answer,
			header: map[string]string{"X-Auth-Token": token},
			ok:     []int{http.StatusOK, http.StatusMultipleChoices},
		})
		if err != nil {
			return versionRange{}, 0, err
		}
		for _, d := range answer {
			if max, ok := parseMicroversion(d.Version); ok {
				min, _ := parseMicroversion(d.Min)
				return versionRange{min, max}, versionsFor, nil
			}
		}
		return versionRange{}, noVersionFor, nil
	})
	return r, err
}

type versionDocument struct {
	ID      string `json:"id"`      // v2.1
	Version string `json:"version"` // empty before microversions
	Min     string `json:"min_version"`
}

// versionDocuments are {"version": {...}}, as Nova has it, or {"versions": [...]}.
type versionDocuments []versionDocument

// UnmarshalJSON implements json.Unmarshaler.
func (d *versionDocuments) UnmarshalJSON(b []byte) error {
	var answer struct {
		Version  *versionDocument  `json:"version"`
		Versions []versionDocument `json:"versions"`
	}
	if err := json.Unmarshal(b, &answer); err != nil {
		return err
	}
	*d = answer.Versions
	if answer.Version != nil {
		*d = append(*d, *answer.Version)
	}
	return nil
}

// choose gives the microversion to speak: the newest that both sides know.
func (s service) choose(r versionRange, ceiling microversion) (microversion, error) {
	chosen := r.max
	if ceiling.less(chosen) {
		chosen = ceiling
	}
	if chosen.less(s.floor) {
		return chosen, model.Errorf(model.Unsupported, "the %s service speaks microversions up to %s; at least %s is needed", s.name, r.max, s.floor)
	}
	if chosen.less(r.min) {
		return chosen, model.Errorf(model.Unsupported, "the %s service speaks microversions from %s on; at most %s is configured", s.name, r.min, ceiling)
	}
	return chosen, nil
}
