package openstack

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"

	"github.com/occimi/occimi/model"
)

// Environment is how the user of OpenStack's own tools has set them up: which
// cloud, and whom to be there. The proxy itself needs no login; commands that
// look at a cloud do.
type Environment struct {
	AuthURL     string
	Region      string
	Interface   string      // public, internal or admin; empty: not said
	CACertFile  string      // a file in PEM, from OS_CACERT
	TLS         *tls.Config // from clouds.yaml; nil: nothing special
	Credentials model.Credentials
}

var errNoLogin = errors.New("no login: set OS_USERNAME and OS_PASSWORD, OS_APPLICATION_CREDENTIAL_ID and _SECRET, or OS_TOKEN; or name a cloud of clouds.yaml that has the like")

// ReadEnvironment reads the OS_* variables or, if a cloud is named by the
// argument or by OS_CLOUD, that cloud's entry of clouds.yaml (found as
// OpenStack's tools find it, with secure.yaml beside it). Users and application
// credentials are known by what a Provider knows them by: a user's name, an
// application credential's id. The error says what is missing.
func ReadEnvironment(cloudName string, getenv func(string) string) (Environment, error) {
	if name := cmp.Or(cloudName, getenv("OS_CLOUD")); name != "" {
		return readCloudsFile(name)
	}
	e := Environment{
		AuthURL:    getenv("OS_AUTH_URL"),
		Region:     getenv("OS_REGION_NAME"),
		Interface:  strings.TrimSuffix(cmp.Or(getenv("OS_INTERFACE"), getenv("OS_ENDPOINT_TYPE")), "URL"),
		CACertFile: getenv("OS_CACERT"),
	}
	var err error
	e.Credentials, err = credentials(gophercloud.AuthOptions{
		TokenID:                     getenv("OS_TOKEN"),
		ApplicationCredentialID:     getenv("OS_APPLICATION_CREDENTIAL_ID"),
		ApplicationCredentialSecret: getenv("OS_APPLICATION_CREDENTIAL_SECRET"),
		Username:                    getenv("OS_USERNAME"),
		Password:                    getenv("OS_PASSWORD"),
		DomainID:                    getenv("OS_USER_DOMAIN_ID"),
		DomainName:                  getenv("OS_USER_DOMAIN_NAME"),
		Scope: &gophercloud.AuthScope{
			ProjectID:   getenv("OS_PROJECT_ID"),
			ProjectName: getenv("OS_PROJECT_NAME"),
			DomainID:    getenv("OS_PROJECT_DOMAIN_ID"),
			DomainName:  getenv("OS_PROJECT_DOMAIN_NAME"),
		},
	})
	return e, err
}

func readCloudsFile(name string) (Environment, error) {
	auth, endpoint, tlsConfig, err := clouds.Parse(clouds.WithCloudName(name))
	if err != nil {
		return Environment{}, fmt.Errorf("cloud %q: %w", name, err)
	}
	e := Environment{AuthURL: auth.IdentityEndpoint, Region: endpoint.Region, Interface: string(endpoint.Availability), TLS: tlsConfig}
	if e.Credentials, err = credentials(auth); err != nil {
		return Environment{}, fmt.Errorf("cloud %q: %w", name, err)
	}
	return e, nil
}

// credentials chooses the login: what is bound to the most goes first.
func credentials(auth gophercloud.AuthOptions) (model.Credentials, error) {
	c := model.Credentials{}
	switch {
	case auth.ApplicationCredentialID != "":
		return model.Credentials{ApplicationCredentialID: auth.ApplicationCredentialID, Password: auth.ApplicationCredentialSecret}, nil
	case auth.TokenID != "":
		c.Token = auth.TokenID
	case auth.Username != "":
		c.Username, c.Password = auth.Username, auth.Password
		c.UserDomain = cmp.Or(auth.DomainID, auth.DomainName)
	default:
		return c, errNoLogin
	}
	switch scope := auth.Scope; {
	case scope == nil:
	case scope.ProjectID != "": // which needs no domain
		c.Project = scope.ProjectID
	case scope.ProjectName != "":
		c.Project, c.ProjectDomain = scope.ProjectName, cmp.Or(scope.DomainID, scope.DomainName)
	}
	return c, nil
}
