package server_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/occimi/occimi/frontends/server"
)

func TestBaseURL(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // httptest's remote address is in it
	trusting := server.Options{TrustedProxies: proxies}
	tests := []struct {
		name   string
		opts   server.Options
		header map[string]string
		want   string
	}{
		{name: "as asked", want: "http://example.com"},
		{name: "public URL wins", opts: server.Options{PublicURL: "https://cloud.example.org/", TrustedProxies: proxies},
			header: map[string]string{"X-Forwarded-Host": "other"}, want: "https://cloud.example.org"},
		{name: "headers of strangers are not believed", header: map[string]string{"X-Forwarded-Host": "evil", "Forwarded": "host=evil"},
			want: "http://example.com"},
		{name: "trusted proxy", opts: server.Options{TrustedProxies: proxies},
			header: map[string]string{"X-Forwarded-Proto": "https", "X-Forwarded-Host": "cloud.example.org:8443"},
			want:   "https://cloud.example.org:8443"},
		{name: "trusted proxy, RFC 7239", opts: trusting,
			header: map[string]string{"Forwarded": `for=1.2.3.4;proto=https;host="[2001:db8::1]:8443"`},
			want:   "https://[2001:db8::1]:8443"},
		{name: "what the client made up before the proxy", opts: trusting,
			header: map[string]string{"Forwarded": `host=evil;proto=http, for="1.2.3.4:99";proto=https;host=cloud`}, want: "https://cloud"},
		{name: "in quotes that hide a comma", opts: trusting,
			header: map[string]string{"Forwarded": `for=x;by=",;\",";host=evil,for=1.2.3.4;host="cl\oud"`}, want: "http://cloud"},
		{name: "two trusted proxies", opts: trusting,
			header: map[string]string{"Forwarded": `host=evil, for=1.2.3.4;host=cloud;PROTO=HTTPS, for=192.0.2.7;host=inside`}, want: "https://cloud"},
		{name: "two trusted proxies, of which one tells the host", opts: trusting,
			header: map[string]string{"Forwarded": `for=1.2.3.4;proto=https, for=192.0.2.7;host=inside`}, want: "https://inside"},
		{name: "lists of the older headers", opts: trusting,
			header: map[string]string{"X-Forwarded-For": "6.6.6.6, 1.2.3.4, 192.0.2.7", "X-Forwarded-Host": "evil, cloud, inside", "X-Forwarded-Proto": "https"}, want: "https://cloud"},
		{name: "a list of hosts only", opts: trusting, header: map[string]string{"X-Forwarded-Host": "evil, cloud"}, want: "http://cloud"},
		{name: "the client's own Forwarded through a proxy of the older headers", opts: trusting,
			header: map[string]string{"Forwarded": "host=evil", "X-Forwarded-For": "1.2.3.4"}, want: "http://example.com"},
		{name: "a scheme that is none", opts: trusting, header: map[string]string{"X-Forwarded-Proto": "gopher"}, want: "http://example.com"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got string
			s, _ := newServer(test.opts, func(_ http.ResponseWriter, r *http.Request) {
				got = server.CallFrom(r.Context()).BaseURL
			})
			r := httptest.NewRequest("GET", "/", nil)
			for name, value := range test.header {
				r.Header.Set(name, value)
			}
			s.Handler().ServeHTTP(httptest.NewRecorder(), r)
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	t.Run("no host", func(t *testing.T) { // HTTP/1.0
		var got string
		s, _ := newServer(server.Options{}, func(_ http.ResponseWriter, r *http.Request) { got = server.CallFrom(r.Context()).BaseURL })
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = ""
		here := &net.TCPAddr{IP: net.IPv6loopback, Port: 8787}
		s.Handler().ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, here)))
		if got != "http://[::1]:8787" {
			t.Errorf("got %q", got)
		}
	})
}

// FuzzHost: whatever the headers say, links begin with a plain host, or the
// request is refused.
func FuzzHost(f *testing.F) {
	for _, seed := range []string{"a", "a:1", "[::1]:8", `evil"><script>`, "a b", "a\r\nX: y", `for=1;host=a, host="b;c"`, `host="\`, `host=";,`, "a, b", ""} {
		f.Add(seed, seed)
	}
	var base string
	s, _ := newServer(server.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
		func(_ http.ResponseWriter, r *http.Request) { base = server.CallFrom(r.Context()).BaseURL })
	plain := regexp.MustCompile(`^https?://[][A-Za-z0-9._:-]+$`)
	f.Fuzz(func(t *testing.T, host, forwarded string) {
		for _, name := range []string{"Forwarded", "X-Forwarded-Host", "X-Forwarded-For"} {
			base = ""
			r := httptest.NewRequest("GET", "/", nil)
			r.Host = host
			r.Header.Set(name, forwarded)
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
			if refused := w.Code == http.StatusBadRequest && base == ""; !refused && !plain.MatchString(base) {
				t.Errorf("%d with %q", w.Code, base)
			}
		}
	})
}

// TestClient: whom the log names as the client.
func TestClient(t *testing.T) {
	for name, test := range map[string]struct {
		from   string
		header map[string]string
		want   string
	}{
		"nobody in between":             {from: "198.51.100.1:9", want: "198.51.100.1"},
		"who is not trusted":            {from: "198.51.100.1:9", header: map[string]string{"X-Forwarded-For": "6.6.6.6"}, want: "198.51.100.1"},
		"behind a proxy":                {from: "192.0.2.1:9", header: map[string]string{"X-Forwarded-For": "6.6.6.6, 198.51.100.1"}, want: "198.51.100.1"},
		"behind a proxy, with its port": {from: "192.0.2.1:9", header: map[string]string{"X-Forwarded-For": "198.51.100.1:4711"}, want: "198.51.100.1"},
		"behind two":                    {from: "192.0.2.1:9", header: map[string]string{"X-Forwarded-For": "6.6.6.6, 198.51.100.1, 192.0.2.2"}, want: "198.51.100.1"},
		"RFC 7239":                      {from: "192.0.2.1:9", header: map[string]string{"Forwarded": `for=6.6.6.6, For="[2001:db8::7]:4711"`}, want: "2001:db8::7"},
		"RFC 7239, hidden":              {from: "192.0.2.1:9", header: map[string]string{"Forwarded": `for=_hidden`}, want: "192.0.2.1"},
		"no address":                    {from: "192.0.2.1:9", header: map[string]string{"X-Forwarded-For": "1.2.3.4, <b>"}, want: "192.0.2.1"},
		"IPv6":                          {from: "[2001:db8::1]:9", header: map[string]string{"X-Forwarded-For": "6.6.6.6"}, want: "2001:db8::1"},
		"IPv4 in IPv6":                  {from: "[::ffff:192.0.2.1]:9", header: map[string]string{"X-Forwarded-For": "198.51.100.1"}, want: "198.51.100.1"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			s, _ := newServer(server.Options{Log: zerolog.New(&log), TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
				func(http.ResponseWriter, *http.Request) {})
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = test.from
			for name, value := range test.header {
				r.Header.Set(name, value)
			}
			s.Handler().ServeHTTP(httptest.NewRecorder(), r)
			if want := `"client":"` + test.want + `"`; !strings.Contains(log.String(), want) {
				t.Errorf("want %s in %s", want, &log)
			}
		})
	}
}
