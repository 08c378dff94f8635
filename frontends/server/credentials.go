package server

import (
	"net/http"
	"strings"

	"github.com/occimi/occimi/model"
)

// tokenHeaders carry a Keystone token; the first one present counts.
// Auth-Token is what the clients of Synnefo send.
var tokenHeaders = []string{"X-Auth-Token", "Auth-Token"}

// projectHeaders choose a project, by id or name, where a user name does not.
// Credentials that do not open it are refused.
var projectHeaders = []string{"X-Project-Id", "X-Auth-Project-Id", "X-Snf-Project"}

// applicationCredentialPrefix marks a Basic user name that is the id of an
// application credential; the password is its secret.
const applicationCredentialPrefix = "applicationcredential-"

// anonymous tells whether the client sent no credentials at all, good or bad.
func anonymous(r *http.Request) bool {
	return firstHeader(r.Header, tokenHeaders) == "" && r.Header.Get("Authorization") == ""
}

// credentials reads what the client authenticates with. A token wins over
// Basic: clients that found Keystone by themselves go on sending both.
func credentials(r *http.Request) (model.Credentials, error) {
	project := firstHeader(r.Header, projectHeaders)
	if token := firstHeader(r.Header, tokenHeaders); token != "" {
		return model.Credentials{Token: token, Project: project}, nil
	}
	if user, password, ok := r.BasicAuth(); ok {
		c, err := parseUserName(user)
		c.Password = password
		if c.Project == "" {
			c.Project = project
		}
		return c, err
	}
	if !anonymous(r) {
		return model.Credentials{}, model.Errorf(model.Unauthorized,
			"the Authorization header is not HTTP Basic: send X-Auth-Token, or Basic with a user and a password")
	}
	return model.Credentials{}, model.Errorf(model.Unauthorized,
		"no credentials: send X-Auth-Token, or HTTP Basic with a user and a password")
}

func firstHeader(h http.Header, names []string) string {
	for _, name := range names {
		if value := strings.TrimSpace(h.Get(name)); value != "" {
			return value
		}
	}
	return ""
}

// parseUserName reads the user name of HTTP Basic:
//
//	USER[@DOMAIN][/PROJECT[@DOMAIN]]
//	DOMAIN\USER[/PROJECT[@DOMAIN]]
//	applicationcredential-ID
//
// A domain is what follows the last "@", so a user name that holds an "@" or a
// "\" needs its domain: joe@example.org@Default/lab. The project begins after
// the first "/".
func parseUserName(name string) (model.Credentials, error) {
	if id, ok := strings.CutPrefix(name, applicationCredentialPrefix); ok {
		if id == "" {
			return model.Credentials{}, errUserName
		}
		return model.Credentials{ApplicationCredentialID: id}, nil
	}
	var c model.Credentials
	user, project, hasProject := strings.Cut(name, "/")
	c.Username, c.UserDomain = cutDomain(user)
	if before, after, ok := strings.Cut(user, `\`); ok && c.UserDomain == "" {
		c.UserDomain, c.Username = before, after
	}
	c.Project, c.ProjectDomain = cutDomain(project)
	half := user != c.Username && c.UserDomain == "" || project != c.Project && c.ProjectDomain == ""
	if half || c.Username == "" || hasProject && c.Project == "" {
		return model.Credentials{}, errUserName
	}
	return c, nil
}

func cutDomain(s string) (name, domain string) {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// errUserName does not repeat the name: it goes to the log, too.
var errUserName = model.Errorf(model.Unauthorized,
	"cannot read the user name: write USER[@DOMAIN][/PROJECT[@DOMAIN]], or %sID", applicationCredentialPrefix)
