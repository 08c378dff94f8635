package suite

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Credentials are how somebody is known at the endpoint: by a token if there is
// one, else by name and password (HTTP Basic). The zero value is of nobody.
type Credentials struct{ Name, Password, Token string }

// Known tells whether they are anybody's.
func (c Credentials) Known() bool { return c.Token != "" || c.Name != "" }

func (c Credentials) apply(r *http.Request) {
	switch {
	case c.Token != "":
		r.Header.Set("X-Auth-Token", c.Token)
	case c.Name != "":
		r.SetBasicAuth(c.Name, c.Password)
	}
}

// secrets are the texts that no report shows.
type secrets struct {
	mu     sync.Mutex
	texts  []string
	masker *strings.Replacer
}

// masked stands in the place of a secret.
const masked = "***"

// shortest is the length of what can be a secret; what is shorter would mask
// half a report.
const shortest = 4

// add keeps secrets to themselves, in the ways that they may be written.
func (s *secrets) add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		quoted, _ := json.Marshal(v) // a string can be written
		for _, text := range []string{v, url.QueryEscape(v), url.PathEscape(v), strings.Trim(string(quoted), `"`)} {
			if len(text) >= shortest && !slices.Contains(s.texts, text) {
				s.texts = append(s.texts, text)
			}
		}
	}
	// The longest first, so that nothing is left of a secret that holds another.
	slices.SortFunc(s.texts, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, text := range s.texts {
		pairs = append(pairs, text, masked)
	}
	s.masker = strings.NewReplacer(pairs...)
}

// of keeps credentials to themselves.
func (s *secrets) of(c Credentials) {
	s.add(c.Password, c.Token)
	if c.Password != "" {
		s.add(base64.StdEncoding.EncodeToString([]byte(c.Name + ":" + c.Password)))
	}
}

// learn keeps the token of an answer from Keystone to itself.
func (s *secrets) learn(h http.Header) {
	if token := h.Get("X-Subject-Token"); token != "" {
		s.add(token)
	}
}

var (
	secretField = regexp.MustCompile(`(?i)auth|token|cookie`)
	secretQuery = regexp.MustCompile(`(?i)(token=)[^&"'\s<>]+`)
)

// field is a line of a header, without its value if that may be a secret.
func (s *secrets) field(line string) string {
	name, value, _ := strings.Cut(line, ":")
	if secretField.MatchString(name) && !strings.EqualFold(name, "WWW-Authenticate") && strings.TrimSpace(value) != "" {
		return name + ": " + masked
	}
	return line
}

// mask makes a text fit for reports: without secrets, and legible.
func (s *secrets) mask(text string) string {
	s.mu.Lock()
	m := s.masker
	s.mu.Unlock()
	if m != nil {
		text = m.Replace(text)
	}
	return legible(secretQuery.ReplaceAllString(text, "${1}"+masked))
}

// legible shows control characters as their pictures, so that they are seen and
// are no command to a terminal, and bytes that are no letters as U+FFFD.
func legible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r < ' ':
			return '\u2400' + r
		case r == 0x7f:
			return '\u2421'
		case r < 0xa0 && r > 0x7f:
			return utf8.RuneError
		}
		return r // and utf8.RuneError for what is none
	}, text)
}
