package openstack

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// Report is what Inspect found: what an operator wants to know before pointing
// clients at a cloud.
type Report struct {
	Identity IdentityReport  `json:"identity"`
	Services []ServiceReport `json:"services"`
	// Images, Flavors and Networks are how many the tenant sees.
	Images   int `json:"images"`
	Flavors  int `json:"flavors"`
	Networks int `json:"networks"`
	// Missing says, one line each, what is missing or broken, for people.
	Missing []string `json:"missing"`
	// Usable tells whether the proxy could work: machines can be listed and made.
	Usable bool `json:"usable"`
}

// IdentityReport is who is logged in.
type IdentityReport struct {
	UserID      string   `json:"user_id"`
	UserName    string   `json:"user_name"`
	ProjectID   string   `json:"project_id"`
	ProjectName string   `json:"project_name"`
	Roles       []string `json:"roles"`
	// Expires is when the token ends.
	Expires time.Time `json:"expires,omitzero"`
}

// ServiceReport is one service of a Report.
type ServiceReport struct {
	Service model.Service `json:"service"`
	// Endpoint is empty if the catalog has no such service in the configured
	// region and interface.
	Endpoint string `json:"endpoint"`
	// Versions are those of the API that the service offers, and that is spoken:
	// microversions, or "none" each for a service without.
	MinVersion string `json:"min_version"`
	MaxVersion string `json:"max_version"`
	Version    string `json:"version"`
	// Error says why the service cannot be used, if it cannot.
	Error string `json:"error,omitempty"`
}

// Inspect looks at everything that the proxy needs of a cloud. cl is one that
// this Provider's Login gave. What does not work is in the Report; the error is
// for a Cloud of another Provider.
func (p *Provider) Inspect(ctx context.Context, cl model.Cloud) (Report, error) {
	c, ok := cl.(*cloud)
	if !ok || c.p != p {
		return Report{}, model.Errorf(model.Internal, "the cloud is not one of this provider's")
	}
	id := c.Identity()
	report := Report{
		Identity: IdentityReport{id.UserID, id.UserName, id.ProjectID, id.ProjectName, append([]string{}, id.Roles...), id.Expires},
		Services: make([]ServiceReport, len(services)),
		Missing:  []string{},
	}
	var flavors []model.Flavor
	var images []model.Image
	var networks []model.Network
	problems := make([]error, 3)
	var g fanout.Group
	for i, s := range services {
		g.Go(func() error {
			report.Services[i] = c.inspect(ctx, s)
			return nil
		})
	}
	g.Go(func() error { flavors, problems[0] = c.Flavors(ctx); return nil })
	g.Go(func() error { images, problems[1] = c.Images(ctx); return nil })
	g.Go(func() error { networks, problems[2] = c.Networks(ctx); return nil })
	_ = g.Wait() // what failed is in the report

	report.Flavors, report.Images, report.Networks = len(flavors), len(images), len(networks)
	report.Usable = true
	essential := func(missing string) {
		report.Missing = append(report.Missing, missing)
		report.Usable = false
	}
	for _, s := range report.Services {
		switch needed := s.Service == model.ComputeService || s.Service == model.ImageService; {
		case s.Error == "":
		case needed:
			essential(s.Error)
		default:
			report.Missing = append(report.Missing, s.Error)
		}
	}
	for i, noun := range []string{"flavors", "images", "networks"} {
		switch err := problems[i]; {
		case err != nil && !model.IsCode(err, model.Unsupported):
			essential("the " + noun + " cannot be listed: " + Explain(err))
		case err == nil && []int{len(flavors), len(images), len(networks)}[i] == 0:
			report.Missing = append(report.Missing, "the project sees no "+noun)
		}
	}
	return report, nil
}

// Explain tells an operator what went wrong: what a client is told, and the
// cause, which holds neither URL nor token.
func Explain(err error) string {
	e := model.AsError(err)
	if cause := errors.Unwrap(e); cause != nil {
		return e.Message + " (" + cause.Error() + ")"
	}
	return e.Message
}

// inspect asks one service for its version.
func (c *cloud) inspect(ctx context.Context, s service) ServiceReport {
	r := ServiceReport{Service: s.name, Endpoint: c.login.endpoints[s.name]}
	var none microversion
	r.MinVersion, r.MaxVersion, r.Version = none.String(), none.String(), none.String()
	if s.floor != none && r.Endpoint != "" {
		if offered, err := c.p.microversions(ctx, s, r.Endpoint, c.login.token); err == nil {
			r.MinVersion, r.MaxVersion = offered.min.String(), offered.max.String()
		}
	}
	client, version, err := c.service(ctx, s.name)
	if err == nil && s.floor == none {
		// Without microversions: see that anything answers.
		root := c.p.anonymous(s.name, versionRoot(client.Endpoint))
		_, err = c.p.send(ctx, root, request{
			name: "version_show", method: http.MethodGet, header: map[string]string{"X-Auth-Token": c.login.token},
			ok: []int{http.StatusOK, http.StatusMultipleChoices, http.StatusNotFound},
		})
	}
	r.Version = version.String()
	if err != nil {
		r.Error = Explain(err)
	}
	return r
}
