package suite

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"sort"
	"strings"
)

// Request is what is sent.
type Request struct {
	Method, Target string   // a path is below the endpoint
	Header         []string // "Name: value"
	Body           string
	As             Person
}

// Exchange is a request and its complete answer.
type Exchange struct {
	Request Request
	URL     *url.URL
	Status  int
	Header  http.Header
	Body    string
	trial   *trial
}

// mostBytes is the largest answer that is read.
const mostBytes = 16 << 20

// exchange sends a request as it stands, and reads its answer to the end, which
// has Options.Request to come. Redirects are not followed: clients lose bodies
// and header fields on them. Credentials go to the endpoint's host alone.
func (s *Session) exchange(ctx context.Context, r Request) (*Exchange, error) {
	target := r.Target
	if strings.HasPrefix(target, "/") {
		target = s.Endpoint.URL + target
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.Request)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.Method, target, strings.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	req.Header["User-Agent"] = []string{"occimi-conformance"}
	for _, line := range r.Header {
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "User-Agent":
			req.Header.Del(name)
		case "Host":
			req.Host = value
			continue
		}
		req.Header[name] = append(req.Header[name], value)
	}
	if s.Here(req.URL) {
		s.credentials(r.As).apply(req)
	}
	resp, err := s.options.Transport.RoundTrip(req)
	if err != nil {
		return nil, fmt.Errorf("%s %s is not answered: %w", r.Method, target, err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read to its end, or is of no use
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostBytes+1))
	if err != nil {
		return nil, fmt.Errorf("the answer to %s %s (status %d) does not come to its end: %w", r.Method, target, resp.StatusCode, err)
	}
	if len(body) > mostBytes {
		return nil, fmt.Errorf("the answer to %s %s (status %d) is longer than %d bytes", r.Method, target, resp.StatusCode, mostBytes)
	}
	s.secrets.learn(resp.Header)
	return &Exchange{Request: r, URL: req.URL, Status: resp.StatusCode, Header: resp.Header, Body: string(body)}, nil
}

// Here tells whether a URL is one of the endpoint's host.
func (s *Session) Here(u *url.URL) bool { return u.Scheme == s.base.Scheme && u.Host == s.base.Host }

// Media is the answer's media type without parameters.
func (x *Exchange) Media() string {
	m, _, _ := strings.Cut(x.Header.Get("Content-Type"), ";")
	return strings.TrimSpace(m)
}

// Session is what the exchange is a part of.
func (x *Exchange) Session() *Session { return x.trial.session }

// Expand puts values in the place of ${names}.
func (x *Exchange) Expand(text string) (string, error) { return x.trial.expand(text) }

// Pattern compiles an expression in which the values of ${names} are literal.
func (x *Exchange) Pattern(expression string) (*regexp.Regexp, error) {
	return x.trial.pattern(expression)
}

// Record is an exchange as reports show it: masked, and cut to what people read.
type Record struct {
	Step     string   `json:"step"`     // what was to be sent, in a line
	Expect   []string `json:"expect"`   // of the answer
	Request  string   `json:"request"`  // as sent
	Answer   string   `json:"answer"`   // as it came; empty if it did not
	Problems []string `json:"problems"` // what of Expect did not hold, or why there is no answer
}

// What a record quotes of a text, and how many fields of a request.
const (
	shown      = 3000
	mostFields = 12
)

// RequestText is the request as it was sent, without credentials.
func (x *Exchange) RequestText() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", x.Request.Method, cut(x.Request.Target))
	for i, line := range x.Request.Header {
		if i == mostFields {
			fmt.Fprintf(&b, "... (%d fields)\n", len(x.Request.Header))
			break
		}
		fmt.Fprintln(&b, cut(x.trial.session.secrets.field(line)))
	}
	if x.Request.Body != "" {
		fmt.Fprintf(&b, "\n%s", cut(x.Request.Body))
	}
	return x.trial.session.secrets.mask(b.String())
}

// AnswerText is the answer, without credentials.
func (x *Exchange) AnswerText() string {
	var lines []string
	for name, values := range x.Header {
		for _, v := range values {
			lines = append(lines, cut(x.trial.session.secrets.field(name+": "+v)))
		}
	}
	sort.Strings(lines)
	text := fmt.Sprintf("%d %s\n%s", x.Status, http.StatusText(x.Status), strings.Join(lines, "\n"))
	if x.Body != "" {
		text += "\n\n" + cut(x.Body)
	}
	return x.trial.session.secrets.mask(text)
}

func cut(s string) string {
	if len(s) > shown {
		return strings.ToValidUTF8(s[:shown], "") + fmt.Sprintf(" ... (%d bytes)", len(s))
	}
	return s
}
