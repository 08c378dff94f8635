package sandbox_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/occimi/occimi/backend/sandbox"
)

// FuzzRequest sends anything to a cloud that has one of each thing: it answers,
// with JSON that is valid, and never with a defect of its own.
func FuzzRequest(f *testing.F) {
	for _, seed := range [][3]string{
		{"GET", "/compute/v2.1/servers/detail?limit=1&marker=x&name=%5B&sort_key=uuid", ""},
		{"POST", "/compute/v2.1/servers", `{"server":{"name":"a","flavorRef":1,"imageRef":"","networks":[{"uuid":null}],"metadata":{"a":null},"tags":[1]}}`},
		{"POST", "/compute/v2.1/servers/ID/action", `{"reboot":{"type":3}}`},
		{"POST", "/compute/v2.1/servers/ID/action", `{"rebuild":{"imageRef":"x"}}`},
		{"PUT", "/compute/v2.1/servers/ID/metadata/k", `{"meta":{"k":"v"}}`},
		{"POST", "/compute/v2.1/os-keypairs", `{"keypair":{"name":"a","public_key":"ssh-rsa AAAA"}}`},
		{"POST", "/identity/v3/auth/tokens", `{"auth":{"identity":{"methods":["password",1]},"scope":[]}}`},
		{"POST", "/network/v2.0/subnets", `{"subnet":{"network_id":"x","cidr":"::/0","ip_version":6,"allocation_pools":[{}]}}`},
		{"POST", "/network/v2.0/ports", `{"port":{"network_id":"x","fixed_ips":[1],"security_groups":[null]}}`},
		{"GET", "/network/v2.0/ports?fixed_ips=&limit=1&page_reverse=1&sort_key=id&sort_dir=asc&fields=id", ""},
		{"PATCH", "/image/v2/images/ID", `[{"op":"add","path":"/visibility","value":1}]`},
		{"GET", "/image/v2/images?limit=0&sort=name:x,id&size_max=1", ""},
		{"POST", "/volume/v3/PROJECT/volumes", `{"volume":{"size":"1","metadata":[]}}`},
		{"POST", "/volume/v3/PROJECT/volumes/ID/action", `{"os-extend":null}`},
		{"GET", "/compute/v2.1/servers/..%2f..%00", ""},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	cloud, auth := start(f, sandbox.Options{})
	s := login(f, auth, "demo")
	server := s.create("m", nil)
	handler := cloud.Handler()
	f.Fuzz(func(t *testing.T, method, path, body string) {
		path = strings.NewReplacer("PROJECT", s.project, "ID", server).Replace(path)
		if _, err := url.ParseRequestURI(path); err != nil || !strings.HasPrefix(path, "/") || strings.ContainsAny(method+path, " \r\n\t\x00") || method == "" {
			t.Skip("not a request")
		}
		defer func() {
			if problem := recover(); problem != nil {
				if text, ok := problem.(string); ok && strings.HasPrefix(text, "invalid NewRequest") {
					t.Skip("not a request")
				}
				panic(problem)
			}
		}()
		req := httptest.NewRequest(method, path, strings.NewReader(body))
		req.Header.Set("X-Auth-Token", s.token)
		req.Header.Set("OpenStack-API-Version", "compute 2.93,volume 3.70")
		req.Header.Set("Content-Type", "application/json")
		if method == "PATCH" {
			req.Header.Set("Content-Type", patchMedia)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		if w.Code >= 500 {
			t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
		if w.Body.Len() > 0 && w.Header().Get("Content-Type") == "application/json" && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %s: not JSON: %s", method, path, w.Body)
		}
	})
}
