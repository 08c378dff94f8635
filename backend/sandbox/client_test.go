package sandbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/occimi/occimi/backend/sandbox"
)

// clock is a clock that stands still until it is moved.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// counter makes ids that count.
func counter() func() string {
	n := 0
	return func() string {
		n++
		return fmt.Sprintf("00000000-0000-4000-8000-%012d", n)
	}
}

// object is a JSON object.
type object = map[string]any

// answer is what a service answered.
type answer struct {
	status int
	header http.Header
	text   string
	body   object
}

// get follows a path of keys and indexes.
func (a answer) get(path ...any) any { return dig(a.body, path...) }

func (a answer) str(path ...any) string {
	s, _ := a.get(path...).(string)
	return s
}

func (a answer) list(key string) []any {
	l, _ := a.body[key].([]any)
	return l
}

func dig(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(object)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

// session is a user's way to a cloud, sandbox or real: the catalog says where.
type session struct {
	t       testing.TB
	auth    string
	token   string
	project string
	user    string
	urls    map[string]string
	nova    string // microversions
	cinder  string
}

// start serves a cloud.
func start(t testing.TB, o sandbox.Options) (*sandbox.Cloud, string) {
	t.Helper()
	cloud := sandbox.New(o)
	server := httptest.NewServer(cloud.Handler())
	t.Cleanup(server.Close)
	return cloud, server.URL + "/identity/v3"
}

func login(t testing.TB, auth, user string) *session {
	t.Helper()
	s := &session{t: t, auth: auth, nova: "2.93", cinder: "3.70"}
	a := s.send("POST", auth+"/auth/tokens", passwordLogin(user, "secret", object{"project": object{"name": user, "domain": object{"id": "default"}}}))
	if a.status != http.StatusCreated {
		t.Fatalf("login as %s: %d %s", user, a.status, a.text)
	}
	s.token, s.project, s.user = a.header.Get("X-Subject-Token"), a.str("token", "project", "id"), a.str("token", "user", "id")
	s.urls = map[string]string{"keystone": auth}
	for _, e := range a.get("token", "catalog").([]any) {
		url, _ := dig(e, "endpoints", 0, "url").(string)
		s.urls[dig(e, "name").(string)] = url
	}
	s.urls["neutron"] += "/v2.0"
	s.urls["glance"] += "/v2"
	return s
}

func passwordLogin(user, password string, scope any) object {
	auth := object{"identity": object{"methods": []string{"password"}, "password": object{"user": object{
		"name": user, "domain": object{"id": "default"}, "password": password}}}}
	if scope != nil {
		auth["scope"] = scope
	}
	return object{"auth": auth}
}

// do asks a service. A body is JSON, unless it is a string.
func (s *session) do(service, method, path string, body any, headers ...string) answer {
	s.t.Helper()
	switch service {
	case "nova":
		headers = append([]string{"OpenStack-API-Version", "compute " + s.nova}, headers...)
	case "cinder":
		headers = append([]string{"OpenStack-API-Version", "volume " + s.cinder}, headers...)
	}
	return s.send(method, s.urls[service]+path, body, headers...)
}

func (s *session) send(method, url string, body any, headers ...string) answer {
	s.t.Helper()
	a, err := s.try(method, url, body, headers...)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, url, err)
	}
	return a
}

func (s *session) try(method, url string, body any, headers ...string) (answer, error) {
	var data io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		data = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			return answer{}, err
		}
		data = bytes.NewReader(text)
	}
	req, err := http.NewRequest(method, url, data)
	if err != nil {
		return answer{}, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	if s.token != "" {
		req.Header.Set("X-Auth-Token", s.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: resp.StatusCode, header: resp.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.body) // not every answer is an object
	return a, nil
}

// want fails unless the answer has the status.
func (s *session) want(status int, a answer) answer {
	s.t.Helper()
	if a.status != status {
		s.t.Fatalf("status %d, want %d: %.400s", a.status, status, a.text)
	}
	return a
}

// image and network give the ids of what every cloud has.
func (s *session) image() string {
	return s.want(200, s.do("glance", "GET", "/images?name=cirros", nil)).str("images", 0, "id")
}

func (s *session) network(name string) string {
	return s.want(200, s.do("neutron", "GET", "/networks?name="+name, nil)).str("networks", 0, "id")
}

// create asks for a server without a network, and gives its id.
func (s *session) create(name string, more object) string {
	s.t.Helper()
	server := object{"name": name, "imageRef": s.image(), "flavorRef": "1", "networks": "none"}
	for k, v := range more {
		server[k] = v
	}
	return s.want(202, s.do("nova", "POST", "/servers", object{"server": server})).str("server", "id")
}

// states gives a server's status, vm_state, task_state and power_state.
func (s *session) states(id string) string {
	s.t.Helper()
	a := s.do("nova", "GET", "/servers/"+id, nil)
	if a.status != 200 {
		return fmt.Sprint(a.status)
	}
	task := a.get("server", "OS-EXT-STS:task_state")
	if task == nil {
		task = "-"
	}
	return fmt.Sprint(a.str("server", "status"), " ", a.str("server", "OS-EXT-STS:vm_state"), " ", task, " ", a.get("server", "OS-EXT-STS:power_state"))
}
