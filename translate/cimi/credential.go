package cimi

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/occimi/occimi/model"
)

// secrets are what a credential gives to a machine's first user. Tables 23 and
// 24 have them beside the common attributes, table 22 in parameters: both are
// read, and version 2 shows both.
type secrets struct {
	UserName string `cimi:"userName,rw,optional,extension,withsecret"`
	Password string `cimi:"password,rw,secret,extension"`
	// Key is an OpenSSH public key: its text, as bytes.
	Key []byte `cimi:"key,rw,optional,extension"`
}

// Credential is what the first user of a machine logs in with (DSP0263
// 5.14.9). One of a public key only is a key pair of the cloud; others are in
// the store.
type Credential struct {
	Common
	Parameters map[string]string `cimi:"parameters,rw,optional" item:"parameter" v:"2"`
	Operations []Operation       `cimi:"operations" xml1:"operation"`
	secrets
}

// CredentialCreate asks for a new credential (DSP0263 5.14.10.1).
type CredentialCreate struct {
	Common
	CredentialTemplate Ref `cimi:"credentialTemplate,rw,required" of:"CredentialTemplate"`
}

// CredentialTemplate says what a new credential shall be (DSP0263 5.14.11).
type CredentialTemplate struct {
	Common
	Parameters map[string]string `cimi:"parameters" item:"parameter" v:"2"`
	Operations []Operation       `cimi:"operations" xml1:"operation"`
	secrets
}

var credentials = alsoStored(&resource{
	path:    "credentials",
	item:    reflect.TypeFor[Credential](),
	offered: offers(model.ComputeService),
	list:    lister(listCredentials),
	get:     getter(getCredential),
	create:  creator(createCredential),
	update:  updater(updateKeyPair),
	extras:  []string{"description", "properties"},
	renamed: true,
	perUser: true,
	delete: func(ctx context.Context, s *Session, at Address) error {
		return s.Cloud.DeleteKeyPair(ctx, at.Key())
	},
	capabilities: []Capability{
		{Name: "CredentialTemplateByValue", Value: true, Description: "Templates may be given by value."},
	},
}, validCredential)

var credentialTemplates = stored("credentialTemplates", offers(model.ComputeService),
	func(_ context.Context, _ *Session, t *CredentialTemplate) error {
		return t.sort(&t.Parameters, &secrets{}, whole)
	})

func validCredential(_ context.Context, _ *Session, c *Credential) error {
	if err := c.sort(&c.Parameters, &secrets{}, whole); err != nil {
		return err
	}
	return c.check()
}

// settle implements twofold.
func (c *Credential) settle(than any, said func(string) bool) error {
	return c.sort(&c.Parameters, &than.(*Credential).secrets, said)
}

// settle implements twofold.
func (t *CredentialTemplate) settle(than any, said func(string) bool) error {
	return t.sort(&t.Parameters, &than.(*CredentialTemplate).secrets, said)
}

// whole is said of a twofold resource that is described from the start.
func whole(string) bool { return true }

// sort takes over what the parameters say new, compared with what was; then they
// have what may be shown. Where parameters are said they are the whole map: what
// neither they nor the attributes said beside them have is gone. Errors: Invalid,
// also if something else new is said beside them.
func (c *secrets) sort(parameters *map[string]string, than *secrets, said func(string) bool) error {
	key, wasKey := string(c.Key), string(than.Key)
	places := map[string]struct {
		now *string
		was string
	}{"userName": {&c.UserName, than.UserName}, "password": {&c.Password, than.Password}, "key": {&key, wasKey}}
	if !said("parameters") {
		*parameters = nil
	} else {
		for name, place := range places {
			if !said(name) {
				*place.now = ""
			}
		}
	}
	for name, value := range *parameters {
		place, known := places[name]
		if !known {
			return model.Errorf(model.Invalid, "parameters[%q] is not supported, only userName, password and key", clip(name))
		}
		if name == "key" && value != key && value != wasKey { // and not as it is shown
			bytes, ok := readBytes(strings.TrimSpace(value))
			if !ok {
				return wrongType(`parameters["key"]`, "an OpenSSH public key")
			}
			value = string(bytes)
		}
		switch {
		case *place.now == "" || *place.now == place.was:
			*place.now = value
		case value == *place.now || value == place.was: // what is new is said beside them
		default:
			return model.Errorf(model.Invalid, "parameters[%q] and %s are not the same", name, name)
		}
	}
	c.Key = nil
	if key = strings.TrimSpace(key); key != "" {
		c.Key = []byte(key)
	}
	*parameters = nil
	for name, value := range map[string]string{"userName": c.UserName, "key": key} {
		if value != "" {
			if *parameters == nil {
				*parameters = map[string]string{}
			}
			(*parameters)[name] = value
		}
	}
	return nil
}

// check refuses what nobody could log in with.
func (c *secrets) check() error {
	switch {
	case c.Password == "" && len(c.Key) == 0:
		return model.Errorf(model.Invalid, "there is neither a key nor a password")
	case c.Password == "" && c.UserName != "":
		return model.Errorf(model.Invalid, "userName is for a password: with a key alone the image's own user logs in")
	case strings.ContainsAny(c.UserName+c.Password, "\r\n\x00"):
		return model.Errorf(model.Invalid, "userName and password are of one line")
	}
	return nil
}

// userData tells cloud-init, in the guest, of a user name and a password: JSON
// is YAML.
func (c *secrets) userData() []byte {
	config := map[string]any{
		"password": c.Password, "ssh_pwauth": true, "chpasswd": map[string]any{"expire": false},
	}
	if c.UserName != "" {
		config["user"] = c.UserName
	}
	text, _ := json.Marshal(config) // strings and booleans
	return append([]byte("#cloud-config\n"), text...)
}

func (s *Session) credential(k model.KeyPair) Credential {
	return Credential{
		Common:     Common{ID: s.id("credentials", k.Name), Name: k.Name, Created: k.Created},
		Parameters: map[string]string{"key": k.PublicKey},
		Operations: []Operation{{Name: "edit"}, {Name: "delete"}},
		secrets:    secrets{Key: []byte(k.PublicKey)},
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

// createCredential makes a key pair of a key; what has a password is kept in the
// store.
func createCredential(ctx context.Context, s *Session, at Address, in *CredentialCreate) (*Credential, error) {
	const within = "credentialTemplate"
	t, err := given[CredentialTemplate](ctx, s, in.CredentialTemplate, within)
	if err != nil {
		return nil, err
	}
	c := &Credential{Common: in.Common, Parameters: t.Parameters, secrets: t.secrets}
	if err := validCredential(ctx, s, c); err != nil {
		return nil, inBody(within, err)
	}
	if c.Password != "" {
		return keeper[Credential]{declared("Credential"), validCredential}.make(ctx, s, at, c)
	}
	made, err := s.makeWithExtras(ctx, declared("Credential"), &in.Common, func() (any, error) {
		name := c.Name
		if name == "" { // a key pair needs one, which is its id
			name = s.NewID()
		}
		return s.oneCredential(s.Cloud.CreateKeyPair(ctx, name, string(c.Key)))
	})
	if err != nil {
		return nil, err
	}
	return made.(*Credential), nil
}

// updateKeyPair changes nothing of a key pair itself, which is as it is for life:
// what is beside it, and another name, are in the store. A body may say what is,
// and leave it out. Errors: Invalid, if it says anything else.
func updateKeyPair(ctx context.Context, s *Session, at Address, in *Credential, changed func(string) bool) (*Credential, error) {
	now, err := getCredential(ctx, s, at)
	if err != nil {
		return nil, err
	}
	if err := in.settle(now, changed); err != nil {
		return nil, err
	}
	for _, place := range []struct{ name, wanted, is string }{
		{"key", string(in.Key), strings.TrimSpace(string(now.Key))}, {"userName", in.UserName, ""}, {"password", in.Password, ""},
	} {
		if place.wanted != "" && place.wanted != place.is {
			return nil, model.Errorf(model.Invalid, "%s cannot be changed: this credential is a key pair of the cloud; make another one", place.name)
		}
	}
	return now, nil
}
