package cimi

import (
	"context"
	"reflect"
	"strings"

	"github.com/occimi/occimi/model"
)

// passwordRefusal is why credentials of names and passwords are refused.
const passwordRefusal = "only public keys can be given to machines; give key"

// Credential is a public key for new machines (DSP0263 5.14.9). Table 22 has its
// data in parameters, the text and version 1 beside the common attributes; both
// are read, and version 2 shows both.
type Credential struct {
	Common     `class:"name=create description=fixed properties=fixed"`
	Parameters map[string]string `cimi:"parameters,create,optional" item:"parameter" v:"2"`
	Operations []Operation       `cimi:"operations" xml1:"operation"`
	UserName   Refused           `cimi:"userName" refuse:"only public keys can be given to machines; give key"`
	Password   Refused           `cimi:"password" refuse:"only public keys can be given to machines; give key"`
	// Key is an OpenSSH public key: its text, as bytes.
	Key []byte `cimi:"key,create,required,extension"`
}

// CredentialCreate asks for a new credential (DSP0263 5.14.10.1).
type CredentialCreate struct {
	Common             `class:"name=create description=fixed properties=fixed"`
	CredentialTemplate *CredentialTemplate `cimi:"credentialTemplate"`
}

// CredentialTemplate says what a new credential shall be (DSP0263 5.14.11).
type CredentialTemplate struct {
	Common     `class:"name=create description=fixed properties=fixed"`
	Href       Refused           `cimi:"href" refuse:"templates are not stored here; give the template by value"`
	Parameters map[string]string `cimi:"parameters" item:"parameter" v:"2"`
	UserName   Refused           `cimi:"userName" refuse:"only public keys can be given to machines; give key"`
	Password   Refused           `cimi:"password" refuse:"only public keys can be given to machines; give key"`
	Key        []byte            `cimi:"key"`
}

var credentials = &resource{
	path:    "credentials",
	item:    reflect.TypeFor[Credential](),
	offered: offers(model.ComputeService),
	list:    lister(listCredentials),
	get:     getter(getCredential),
	create:  creator(createCredential),
	delete: func(ctx context.Context, s *Session, at Address) error {
		return s.Cloud.DeleteKeyPair(ctx, at.Key())
	},
	capabilities: []Capability{
		{Name: "CredentialTemplateByValue", Value: true, Description: "Templates are given by value."},
	},
}

// keyParameter is the name of the public key in parameters.
const keyParameter = "key"

func (s *Session) credential(k model.KeyPair) Credential {
	return Credential{
		Common:     Common{ID: s.id("credentials", k.Name), Name: k.Name, Created: k.Created},
		Parameters: map[string]string{keyParameter: k.PublicKey},
		Operations: []Operation{{Name: "delete"}},
		Key:        []byte(k.PublicKey),
	}
}

func listCredentials(ctx context.Context, s *Session, _ Address) ([]Credential, error) {
	pairs, err := s.Cloud.KeyPairs(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Credential, len(pairs))
	for i, k := range pairs {
		list[i] = s.credential(k)
	}
	return list, nil
}

func getCredential(ctx context.Context, s *Session, at Address) (*Credential, error) {
	return s.oneCredential(s.Cloud.KeyPair(ctx, at.Key()))
}

func (s *Session) oneCredential(k model.KeyPair, err error) (*Credential, error) {
	if err != nil {
		return nil, err
	}
	c := s.credential(k)
	return &c, nil
}

func createCredential(ctx context.Context, s *Session, _ Address, in *CredentialCreate) (*Credential, error) {
	t := in.CredentialTemplate
	if t == nil {
		return nil, model.Errorf(model.Invalid, "credentialTemplate is missing")
	}
	key, err := publicKey(t.Key, t.Parameters, "credentialTemplate.")
	if err != nil {
		return nil, err
	}
	if in.Name == "" {
		return nil, model.Errorf(model.Invalid, "name is missing: a key pair needs one")
	}
	return s.oneCredential(s.Cloud.CreateKeyPair(ctx, in.Name, key))
}

// publicKey gives the key of a credential by value; within is where it stands.
func (c *Credential) publicKey(within string) (string, error) {
	return publicKey(c.Key, c.Parameters, within)
}

// publicKey gives the OpenSSH public key that stands beside the common
// attributes or in the parameters.
func publicKey(key []byte, parameters map[string]string, within string) (string, error) {
	for name, value := range parameters {
		if name != keyParameter {
			return "", model.Errorf(model.Invalid, "%sparameters[%q] is not supported: %s", within, clip(name), passwordRefusal)
		}
		if len(key) == 0 {
			var ok bool
			if key, ok = readBytes(strings.TrimSpace(value)); !ok {
				return "", wrongType(within+"parameters[\"key\"]", "an OpenSSH public key")
			}
		}
	}
	text := strings.TrimSpace(string(key))
	if text == "" {
		return "", model.Errorf(model.Invalid, "%skey is missing: %s", within, passwordRefusal)
	}
	return text, nil
}
