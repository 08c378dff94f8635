package occi_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"
)

// endpoint is the server under test, and who uses it.
type endpoint struct {
	url         string // without a slash at its end
	user, other account
	own         bool // nobody else uses it: cases may take away everything
}

type account struct{ name, password string }

// request is what is sent.
type request struct {
	method, target string
	header         []string // "Name: value"
	body           string
	as             person
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// exchange is a request and its answer.
type exchange struct {
	scope   *scope
	w       *world
	request request
	url     *url.URL
	answer  answer
}

const (
	oneRequest = 90 * time.Second // until its answer is complete
	mostBytes  = 16 << 20         // of an answer
)

// transport follows no redirects: clients lose bodies and headers on them.
var transport = &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 8}

// exchange sends a request as it stands.
func (w *world) exchange(r request) (*exchange, error) {
	target := r.target
	if strings.HasPrefix(target, "/") {
		target = w.endpoint.url + target
	}
	ctx, cancel := context.WithTimeout(context.Background(), oneRequest)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.method, target, strings.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	req.Header["User-Agent"] = []string{"occi-conformance"}
	for _, line := range r.header {
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
	switch a := map[person]account{user: w.endpoint.user, other: w.endpoint.other}[r.as]; {
	case r.as != nobody:
		req.SetBasicAuth(a.name, a.password)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostBytes))
	if err != nil {
		return nil, err
	}
	return &exchange{w: w, request: r, url: req.URL, answer: answer{resp.StatusCode, resp.Header, string(body)}}, nil
}

// media is the answer's media type without parameters.
func (x *exchange) media() string {
	m, _, _ := strings.Cut(x.answer.header.Get("Content-Type"), ";")
	return strings.TrimSpace(m)
}

// created gives the URLs of what the request made.
func (x *exchange) created() []string {
	if x.answer.status != http.StatusCreated {
		return nil
	}
	var urls []string
	if l := x.answer.header.Get("Location"); l != "" {
		urls = append(urls, l)
	}
	if doc, err := x.document(); err == nil {
		urls = append(urls, doc.locations...)
	}
	return urls
}

// What a report quotes of a body, and how many fields of a request.
const (
	shown      = 3000
	mostFields = 12
)

// String is the exchange as a report shows it, without credentials.
func (x *exchange) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "> %s %s\n", x.request.method, x.request.target)
	for i, line := range x.request.header {
		if i == mostFields {
			fmt.Fprintf(&b, "> ... (%d fields)\n", len(x.request.header))
			break
		}
		if name, _, _ := strings.Cut(line, ":"); strings.Contains(name, "Auth") {
			line = name + ": ***"
		}
		fmt.Fprintf(&b, "> %s\n", cut(line))
	}
	for line := range strings.Lines(cut(x.request.body)) {
		fmt.Fprintf(&b, "> | %s\n", strings.TrimSuffix(line, "\n"))
	}
	fmt.Fprintf(&b, "< %d\n", x.answer.status)
	var lines []string
	for name, values := range x.answer.header {
		for _, v := range values {
			lines = append(lines, "< "+cut(name+": "+v)+"\n")
		}
	}
	sort.Strings(lines)
	b.WriteString(strings.Join(lines, ""))
	for line := range strings.Lines(cut(x.answer.body)) {
		fmt.Fprintf(&b, "< | %s\n", strings.TrimSuffix(line, "\n"))
	}
	return b.String()
}

func cut(s string) string {
	if len(s) > shown {
		return s[:shown] + fmt.Sprintf(" ... (%d bytes)", len(s))
	}
	return s
}
