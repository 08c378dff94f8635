// Package model is the IaaS model that both protocols are translated to and
// that OpenStack is translated from: nouns, their states, what may be done to
// them, the errors, and the Cloud that holds them. It knows no protocol and no
// cloud, and imports only the standard library.
//
// Units are in the names (MemoryMiB, SizeGiB). Times are UTC. Ids are the
// cloud's own, opaque and stable: they change neither on rename nor on restart.
//
// There is one file per noun: the type, its states, its requests, and the
// interface through which a Cloud offers it.
package model

import (
	"context"
	"time"
)

// Credentials are what a client sent. Exactly one of Token, Username and
// ApplicationCredentialID is set.
type Credentials struct {
	// Token is a Keystone token, scoped or not.
	Token string

	// Username and Password log in as a user of UserDomain (a domain's name or
	// id; empty: the configured default domain).
	Username   string
	UserDomain string
	Password   string

	// ApplicationCredentialID and Password (its secret) log in with an
	// application credential, which is bound to a project already.
	ApplicationCredentialID string

	// Project is the wanted project's name in ProjectDomain (a domain's name or
	// id; empty: the user's domain) or, without ProjectDomain, its name or id.
	// If it is empty and the credentials are not bound to a project, the user's
	// only project is taken.
	Project       string
	ProjectDomain string
}

// A Provider turns credentials into one tenant's view of a cloud.
type Provider interface {
	// Login gives the Cloud that the credentials open. Answers are cached for
	// the token's life, failures for seconds; concurrent logins with the same
	// credentials cost one. Errors: Unauthorized (no, bad or expired
	// credentials), Invalid (several projects to choose from: the message names
	// them), Forbidden (not scoped to a project), RateLimited, Unavailable,
	// Timeout.
	Login(ctx context.Context, c Credentials) (Cloud, error)
	// Finish waits for what goes on after requests' answers: what they had made,
	// and could not complete, is removed. It is to be called when no request is in
	// flight any more. What is not done when ctx ends is given up, and logged.
	Finish(ctx context.Context)
}

// A Service is a part of a cloud that may be absent.
type Service string

const (
	ComputeService      Service = "compute"
	ImageService        Service = "image"
	NetworkService      Service = "network"
	BlockStorageService Service = "block-storage"
)

// Identity says whose view of the cloud a Cloud is.
type Identity struct {
	ProjectID   string
	ProjectName string
	UserID      string
	UserName    string
	Roles       []string  // sorted
	Expires     time.Time // when the token ends; zero if it does not
}

// Cloud is one tenant's view of a cloud, bound to one token. It is made of one
// small interface per noun. It is safe for concurrent use and lives as long as
// its token: do not keep it beyond the request.
//
// Every method of every noun may return, besides what its comment names:
// Unauthorized (the token ended meanwhile), Forbidden, RateLimited,
// Unavailable, Timeout and Internal; and Unsupported when the service that
// holds the noun is not in the catalog.
//
// Lists are whole: pages are followed. Their order is stable: by time of
// creation, then by id; where the cloud tells no time of creation, by name,
// then by id.
type Cloud interface {
	// Identity needs no call.
	Identity() Identity
	// Offers tells whether the tenant's catalog has the service. It needs no
	// call.
	Offers(Service) bool
	// WithoutDeleting gives the same view, but for machines, volumes and snapshots
	// that are being deleted: those are gone already, in no listing and NotFound
	// everywhere. MachineRefs and VolumeRefs, which no cloud tells states in, leave
	// out what this process has just had deleted. It needs no call.
	WithoutDeleting() Cloud

	Machines
	Flavors
	Images
	KeyPairs
	Networks
	Subnets
	Ports
	Zones
}

// Part gives the interface T of a noun that a Cloud may lack, such as Volumes:
// the error is Unsupported if the implementation does not know the noun, or if
// the tenant's catalog has no such service.
func Part[T any](c Cloud, s Service) (T, error) {
	part, ok := c.(T)
	if !ok || !c.Offers(s) {
		var none T
		return none, Errorf(Unsupported, "this cloud offers no %s service", s)
	}
	return part, nil
}
