package sandbox

import (
	"bytes"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// keyPair belongs to a user, whatever the project.
type keyPair struct {
	number      int
	name        string
	user        *user
	publicKey   string
	fingerprint string
	created     time.Time
}

func (c *Cloud) keyPair(u *user, name string) *keyPair {
	for _, k := range c.keyPairs {
		if k.user == u && k.name == name {
			return k
		}
	}
	return nil
}

func listKeyPairs(c *call) error {
	var own []*keyPair
	for _, k := range c.keyPairs {
		if k.user == c.token.user {
			own = append(own, k)
		}
	}
	slices.SortFunc(own, func(a, b *keyPair) int { return strings.Compare(a.name, b.name) })
	if c.minor < 35 { // without paging
		c.query.Del("limit")
		c.query.Del("marker")
	}
	return novaPage(c, "keypairs", "/v2.1/os-keypairs", own, func(k *keyPair) string { return k.name }, func(k *keyPair) {
		c.out.object("", func() {
			c.out.object("keypair", func() {
				c.out.str("name", k.name)
				c.out.str("public_key", k.publicKey)
				c.out.str("fingerprint", k.fingerprint)
				if c.minor >= 2 {
					c.out.str("type", "ssh")
				}
			})
		})
	})
}

func showKeyPair(c *call) error {
	k := c.keyPair(c.token.user, c.param(0))
	if k == nil {
		return c.noKeyPair()
	}
	return c.object(http.StatusOK, "keypair", func() {
		c.out.str("name", k.name)
		c.out.str("public_key", k.publicKey)
		c.out.str("fingerprint", k.fingerprint)
		c.out.str("user_id", k.user.id)
		c.out.time("created_at", k.created, microseconds)
		c.out.bool("deleted", false)
		c.out.null("deleted_at")
		c.out.num("id", k.number)
		c.out.null("updated_at")
		if c.minor >= 2 {
			c.out.str("type", "ssh")
		}
	})
}

func (c *call) noKeyPair() error {
	return refuse(http.StatusNotFound, "Keypair "+c.param(0)+" not found for user "+c.token.user.id)
}

func deleteKeyPair(c *call) error {
	k := c.keyPair(c.token.user, c.param(0))
	if k == nil {
		return c.noKeyPair()
	}
	c.keyPairs = slices.DeleteFunc(c.keyPairs, func(x *keyPair) bool { return x == k })
	if c.minor < 2 {
		return c.answer(http.StatusAccepted)
	}
	return c.answer(http.StatusNoContent)
}

const (
	letters         = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	keyNameLetters  = "_- " + letters   // until 2.91
	keyNameLetters2 = "@._- " + letters // from 2.92
)

var keyPairSchema = schema{
	{name: "name", required: true, check: text(1, 255)},
	{name: "public_key", check: text(0, 0)},
	{name: "type", since: 2, check: oneOf("ssh", "x509")},
	{name: "user_id", since: 10, check: text(1, 255)},
}

func createKeyPair(c *call) error {
	want, err := c.member("keypair")
	if err != nil {
		return err
	}
	fields := keyPairSchema
	if c.minor >= 92 {
		fields = slices.Clone(fields)
		fields[1].required = true // no more keys are generated
	}
	if err := fields.check("keypair", want, c.minor); err != nil {
		return err
	}
	name := textAt(want, "name")
	allowed := keyNameLetters
	if c.minor >= 92 {
		allowed = keyNameLetters2
	}
	if strings.Trim(name, allowed) != "" || strings.TrimSpace(name) != name {
		return refuse(http.StatusBadRequest, "An invalid 'name' value was provided. The name must be: Only expected characters: ["+allowed+"]")
	}
	k := &keyPair{name: name, user: c.token.user, publicKey: textAt(want, "public_key"), created: c.now()}
	var private string
	if _, given := want["public_key"]; given {
		blob, ok := keyBlob(k.publicKey)
		if !ok {
			return refuse(http.StatusBadRequest, "Keypair data is invalid: failed to generate fingerprint")
		}
		k.fingerprint = fingerprint(blob)
	}
	if c.over("key_pairs", c.keyPairsOf(k.user), 1) {
		return refuse(http.StatusForbidden, "Quota exceeded, too many key pairs.")
	}
	if c.keyPair(k.user, name) != nil {
		return refuse(http.StatusConflict, "Key pair '"+name+"' already exists.")
	}
	if k.fingerprint == "" {
		private = k.generate()
	}
	c.lastKeyID++
	k.number = c.lastKeyID
	c.keyPairs = append(c.keyPairs, k)
	status := http.StatusCreated
	if c.minor < 2 {
		status = http.StatusOK
	}
	return c.object(status, "keypair", func() {
		if c.minor >= 2 {
			c.out.str("type", "ssh")
		}
		c.out.str("name", k.name)
		c.out.str("public_key", k.publicKey)
		c.out.str("fingerprint", k.fingerprint)
		c.out.str("user_id", k.user.id)
		if private != "" {
			c.out.str("private_key", private)
		}
	})
}

func (c *Cloud) keyPairsOf(u *user) int {
	n := 0
	for _, k := range c.keyPairs {
		if k.user == u {
			n++
		}
	}
	return n
}

// keyBlob gives the binary part of an OpenSSH public key, if it is one: its
// first string is the key's type.
func keyBlob(key string) ([]byte, bool) {
	parts := strings.Fields(key)
	if len(parts) < 2 {
		return nil, false
	}
	blob, err := base64.StdEncoding.DecodeString(parts[1])
	if err != nil || len(blob) < 4 {
		return nil, false
	}
	n := int(binary.BigEndian.Uint32(blob))
	return blob, n > 0 && n <= len(blob)-4 && string(blob[4:4+n]) == parts[0]
}

// fingerprint is the key's MD5 sum, in the old notation that Nova keeps to.
func fingerprint(blob []byte) string {
	sum := md5.Sum(blob)
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = fmt.Sprintf("%02x", b)
	}
	return strings.Join(parts, ":")
}

// generate makes the pair's keys, and gives the private one.
func (k *keyPair) generate() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err) // only with a broken source of random numbers
	}
	var blob bytes.Buffer
	for _, part := range [][]byte{[]byte("ssh-rsa"), {1, 0, 1}, append([]byte{0}, key.N.Bytes()...)} {
		_ = binary.Write(&blob, binary.BigEndian, uint32(len(part))) // a Buffer takes all
		blob.Write(part)
	}
	k.publicKey = "ssh-rsa " + base64.StdEncoding.EncodeToString(blob.Bytes()) + " Generated-by-Nova"
	k.fingerprint = fingerprint(blob.Bytes())
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}
