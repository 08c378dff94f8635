package openstack

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
)

// keyPairAnswer is {"keypair": {...}}, which is also what Nova's list holds.
type keyPairAnswer struct {
	KeyPair struct {
		Name        string   `json:"name"`
		PublicKey   string   `json:"public_key"`
		Fingerprint string   `json:"fingerprint"`
		Created     novaTime `json:"created_at"`
	} `json:"keypair"`
}

func (a keyPairAnswer) model() model.KeyPair {
	return model.KeyPair{
		Name:        a.KeyPair.Name,
		PublicKey:   strings.TrimSpace(a.KeyPair.PublicKey),
		Fingerprint: a.KeyPair.Fingerprint,
		Created:     time.Time(a.KeyPair.Created),
	}
}

// novaTime is a time as some of Nova's answers have it: without a zone.
type novaTime time.Time

// UnmarshalJSON implements json.Unmarshaler. What is no time is none.
func (t *novaTime) UnmarshalJSON(b []byte) error {
	text := strings.TrimSuffix(strings.Trim(string(b), `"`), "Z")
	parsed, _ := time.Parse("2006-01-02T15:04:05", text)
	*t = novaTime(parsed.UTC())
	return nil
}

// KeyPairs implements model.KeyPairs. Temporary ones are not shown.
func (c *cloud) KeyPairs(ctx context.Context) ([]model.KeyPair, error) {
	var all []model.KeyPair
	err := c.list(ctx, model.ComputeService, request{name: "keypair_list", path: "os-keypairs"}, func() (any, func() string) {
		var page struct {
			KeyPairs []keyPairAnswer `json:"keypairs"`
			Links    links           `json:"keypairs_links"`
		}
		return &page, func() string {
			for _, k := range page.KeyPairs {
				if !temporaryKey.MatchString(k.KeyPair.Name) {
					all = append(all, k.model())
				}
			}
			return page.Links.next()
		}
	})
	slices.SortFunc(all, func(a, b model.KeyPair) int { return cmp.Compare(a.Name, b.Name) })
	return all, err
}

// KeyPair implements model.KeyPairs.
func (c *cloud) KeyPair(ctx context.Context, name string) (model.KeyPair, error) {
	path, err := segment("key pair", name)
	if err != nil {
		return model.KeyPair{}, err
	}
	var answer keyPairAnswer
	err = c.get(ctx, model.ComputeService, "keypair_show", "os-keypairs/"+path, &answer)
	return answer.model(), err
}

// CreateKeyPair implements model.KeyPairs.
func (c *cloud) CreateKeyPair(ctx context.Context, name, publicKey string) (model.KeyPair, error) {
	if publicKey == "" { // Nova below 2.92 would make one, and show the private key once
		return model.KeyPair{}, model.Errorf(model.Invalid, "a key pair needs a public key")
	}
	if _, err := segment("key pair", name); err != nil {
		return model.KeyPair{}, model.Errorf(model.Invalid, "%q cannot be the name of a key pair", bounded(name, 64))
	}
	var answer keyPairAnswer
	err := c.call(ctx, model.ComputeService, request{
		name: "keypair_create", method: http.MethodPost, path: "os-keypairs",
		body:   map[string]any{"keypair": map[string]string{"name": name, "public_key": publicKey, "type": "ssh"}},
		answer: &answer,
	})
	if err != nil {
		return model.KeyPair{}, err
	}
	k := answer.model()
	if k.Created.IsZero() {
		k.Created = c.p.config.Now().UTC().Truncate(time.Second)
	}
	return k, nil
}

// DeleteKeyPair implements model.KeyPairs.
func (c *cloud) DeleteKeyPair(ctx context.Context, name string) error {
	path, err := segment("key pair", name)
	if err != nil {
		return err
	}
	return c.call(ctx, model.ComputeService, request{name: "keypair_delete", method: http.MethodDelete, path: "os-keypairs/" + path})
}
