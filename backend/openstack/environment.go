package openstack

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"

	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"

	"github.com/occimi/occimi/model"
)

// Environment is how the user of OpenStack's own tools has set them up: which
// cloud, and whom to be there. The proxy itself needs no login; commands that
// look at a cloud do.
type Environment struct {
	AuthURL     string
	Region      string
	Interface   string
	CACertFile  string      // a file in PEM, from OS_CACERT
	TLS         *tls.Config // from clouds.yaml
	Domain      string      // id of the user's domain, if that is given by id
	Credentials model.Credentials
}

// ReadEnvironment reads the OS_* variables or, if a cloud is named by the
// argument or by OS_CLOUD, that cloud's entry of clouds.yaml (found as
// OpenStack's tools find it, with secure.yaml beside it). The error says what
// is missing.
func ReadEnvironment(cloudName string, getenv func(string) string) (Environment, error) {
	if name := cmp.Or(cloudName, getenv("OS_CLOUD")); name != "" {
		return readCloudsFile(name)
	}
	e := Environment{
		AuthURL:    getenv("OS_AUTH_URL"),
		Region:     getenv("OS_REGION_NAME"),
		Interface:  getenv("OS_INTERFACE"),
		CACertFile: getenv("OS_CACERT"),
		Domain:     getenv("OS_USER_DOMAIN_ID"),
	}
	switch {
	case getenv("OS_TOKEN") != "":
		e.Credentials = model.Credentials{Token: getenv("OS_TOKEN"), Project: project(getenv)}
	case getenv("OS_APPLICATION_CREDENTIAL_ID") != "":
		e.Credentials = model.Credentials{
			ApplicationCredentialID: getenv("OS_APPLICATION_CREDENTIAL_ID"),
			Password:                getenv("OS_APPLICATION_CREDENTIAL_SECRET"),
		}
	case getenv("OS_USERNAME") != "":
		e.Credentials = model.Credentials{
			Username:      getenv("OS_USERNAME"),
			UserDomain:    getenv("OS_USER_DOMAIN_NAME"),
			Password:      getenv("OS_PASSWORD"),
			Project:       project(getenv),
			ProjectDomain: getenv("OS_PROJECT_DOMAIN_NAME"),
		}
	default:
		return e, errors.New("no login: set OS_USERNAME and OS_PASSWORD, OS_APPLICATION_CREDENTIAL_ID and _SECRET, or OS_TOKEN; or name a cloud of clouds.yaml")
	}
	return e, nil
}

func project(getenv func(string) string) string {
	return cmp.Or(getenv("OS_PROJECT_ID"), getenv("OS_PROJECT_NAME"))
}

func readCloudsFile(name string) (Environment, error) {
	auth, endpoint, tlsConfig, err := clouds.Parse(clouds.WithCloudName(name))
	if err != nil {
		return Environment{}, fmt.Errorf("cloud %q: %w", name, err)
	}
	e := Environment{
		AuthURL: auth.IdentityEndpoint, Region: endpoint.Region, Interface: string(endpoint.Availability), TLS: tlsConfig, Domain: auth.DomainID,
		Credentials: model.Credentials{
			Token:                   auth.TokenID,
			Username:                auth.Username,
			UserDomain:              auth.DomainName,
			Password:                auth.Password,
			ApplicationCredentialID: auth.ApplicationCredentialID,
		},
	}
	if auth.ApplicationCredentialID != "" {
		e.Credentials = model.Credentials{ApplicationCredentialID: auth.ApplicationCredentialID, Password: auth.ApplicationCredentialSecret}
	} else if auth.Scope != nil {
		e.Credentials.Project = cmp.Or(auth.Scope.ProjectID, auth.Scope.ProjectName)
		e.Credentials.ProjectDomain = auth.Scope.DomainName
	}
	return e, nil
}
