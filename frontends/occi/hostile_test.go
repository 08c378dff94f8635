package occi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/occimi/occimi/frontends/occi"
	"github.com/occimi/occimi/model"
)

// hostileNames are what users of the cloud may call their things.
var hostileNames = map[string]string{
	"header":    "x\r\nX-Evil: 1",
	"line":      "x\nX-OCCI-Location: http://evil.example/",
	"structure": "x\"; location=\"http://evil.example/\"; attributes=\"evil",
	"list":      "x\", evil; scheme=\"http://evil.example/#\"; class=\"kind\"",
	"control":   "x\x00\x01\x1b[31m\x7f\u0085\u2028",
	"bytes":     "x\xff\xfe\x80",
	"link":      "</evil>; rel=\"y\"",
	"long":      strings.Repeat("é,\"", 1<<14),
	"bidi":      "x\u202eevil",
}

// TestHostileNames gives everything in the cloud names that would end a header
// field, a line, or a quoted string, and looks for what they would have made.
func TestHostileNames(t *testing.T) {
	for label, name := range hostileNames {
		t.Run(label, func(t *testing.T) {
			s := newService(t, occi.Config{MaxHeaderBytes: 1 << 20})
			c := s.cloud
			for i := range c.machines {
				m := &c.machines[i]
				m.Name, m.Description, m.Hostname, m.StateDetail = name, name, name, name
			}
			for i := range c.images {
				c.images[i].Name = name
			}
			for i := range c.flavors {
				c.flavors[i].Name, c.flavors[i].ID = name, name+c.flavors[i].ID
			}
			for i := range c.networks {
				c.networks[i].Name, c.networks[i].Description = name, name
			}
			c.ports[0].Name, c.ports[0].MACAddress = name, name
			c.subnets[1].Gateway = name
			for i := range c.volumes {
				v := &c.volumes[i]
				v.Name, v.Description, v.StateDetail = name, name, name
				for j := range v.Attachments {
					v.Attachments[j].Device = name
				}
			}
			for i := range c.floatingIPs {
				c.floatingIPs[i].Address, c.floatingIPs[i].Description = name, name
			}
			for i := range c.groups {
				g := &c.groups[i]
				g.Name, g.Description = name, name
				for j := range g.Rules {
					g.Rules[j].Protocol, g.Rules[j].Range = name[:min(len(name), 1000)], name[:min(len(name), 1000)]
				}
			}
			c.zones[0].Name = name
			c.machines[0].Zone = name
			for _, path := range []string{"/-/", "/compute/" + runningID, "/compute/" + failedID, "/networkinterface/" + portID, "/network/" + networkID, "/compute/", "/",
				"/storage/" + volumeID, "/ipreservation/" + usedIPID, "/networkinterface/fip_" + usedIPID, "/securitygroup/" + groupID} {
				for _, accept := range []string{"text/plain", "text/occi", "application/occi+json"} {
					res := s.do("GET " + path + "\nAccept: " + accept)
					checkClean(t, path, accept, res, bodyOf(t, res))
				}
			}
		})
	}
}

func checkClean(t *testing.T, path, accept string, res *http.Response, body string) {
	t.Helper()
	where := path + " as " + accept
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s: %d %s", where, res.StatusCode, body)
	}
	for name, values := range res.Header {
		if name == "X-Evil" || len(values) > 1 {
			t.Errorf("%s: field %s: %q", where, name, values)
		}
		if i := strings.IndexFunc(values[0], func(r rune) bool { return r < ' ' || r == 0x7f }); i >= 0 {
			t.Errorf("%s: field %s has %q", where, name, values[0][i])
		}
	}
	if accept == "application/occi+json" {
		if !json.Valid([]byte(body)) {
			t.Errorf("%s: not JSON", where)
		}
		return
	}
	for line := range strings.SplitSeq(body, "\n") {
		if !cleanLine.MatchString(unquoted(line)) || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("%s: line %.200q", where, line)
		}
	}
}

// cleanLine is what lines are without their quoted strings.
var cleanLine = regexp.MustCompile(`^(OK|Category: [a-z0-9_-]+(; [a-z]+=)+|Link: </[^<> ]+>(; [a-z._]+=[0-9.]*)+|` +
	`X-OCCI-Attribute: [a-z.]+=([0-9.]*|true|false)|X-OCCI-Location: https://cloud\.example\.org/[a-z0-9/_-]+)$`)

// unquoted is what is left of a line without its quoted strings.
func unquoted(line string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// TestHostileRequests sends requests that are made to be slow to read, or to
// crash. What they get is an answer, and none is our fault. No clock is looked at:
// where the time of reading grew with the square of the size, or faster, there
// would be no answer within the time that all tests have.
func TestHostileRequests(t *testing.T) {
	const size = 4 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	deep := func(open, inner, end string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	attribute := func(name, value string) string { return "X-OCCI-Attribute: " + name + "=" + value }
	for name, request := range map[string]string{
		"commas":              plain("POST /compute/", "X-OCCI-Attribute: a=b"+fill(",c")),
		"continued lines":     plain("POST /compute/", "Category: a"+fill("\n b")),
		"many categories":     plain("POST /compute/", kindLine, fill(imageLine+"\n")),
		"one long category":   plain("POST /compute/", "Category: "+fill("a, ")),
		"many links":          plain("POST /compute/", kindLine, fill(`Link: </network/n>; rel="x"; category="`+infra+`networkinterface"`+"\n")),
		"many parameters":     plain("POST /compute/", kindLine, `Link: </network/n>`+fill(`; a="b"`)),
		"many attributes":     plain("POST /compute/", kindLine, fill(attribute("occi.core.title", `"x"`)+"\n")),
		"long attribute name": plain("POST /compute/", kindLine, attribute(fill("a"), "1")),
		"long term":           plain("POST /compute/", "Category: "+fill("a")+`; scheme="`+infra+`"`),
		"quotes":              plain("POST /compute/", "Category: "+fill(`"`)),
		"backslashes":         plain("POST /compute/", `Category: "`+fill(`\`)),
		"deep JSON":           jsonBody("POST /compute/", deep(`{"attributes":`, "1", "}", size/16)),
		"deep attributes":     jsonBody("POST /compute/", `{"attributes":`+deep(`{"`+strings.Repeat("a", 400)+`":`, "1", "}", 9000)+"}"),
		"deep links":          jsonBody("POST /compute/", deep(`{"links":[`, "", "]}", 4000)),
		"deep lists":          jsonBody("POST /compute/", `{"attributes":{"a":`+deep("[", "", "]", 9000)+"}}"),
		"huge number":         jsonBody("POST /compute/", `{"kind":"`+infra+`compute","attributes":{"occi.compute.cores":1e999999}}`),
		"long number":         jsonBody("POST /compute/", `{"kind":"`+infra+`compute","attributes":{"occi.compute.cores":`+fill("9")+`}}`),
		"huge cores":          plain("POST /compute/", kindLine, imageLine, attribute("occi.compute.cores", "1e308")),
		"not a number":        plain("POST /compute/", kindLine, imageLine, attribute("occi.compute.memory", "NaN")),
		"negative memory":     plain("POST /compute/", kindLine, imageLine, attribute("occi.compute.memory", "-1")),
		"bytes in the header": "GET /compute/\nX-OCCI-Attribute: occi.core.title=\"\xff\"",
		"bytes in the body":   plain("POST /compute/", kindLine, attribute("occi.core.title", "\"\xff\"")),
		"NUL in the path":     "GET /compute/%00",
		"line in the path":    "GET /compute/%0d%0aX-Evil:%201",
		"dots in the path":    "GET /compute/%2e%2e/network/",
		"huge page":           "GET /compute/?page=1&number=99999999999999999999",
		"filter by nonsense":  "GET /compute/\nX-OCCI-Attribute: occi.core.title=\"" + strings.Repeat("x", 1<<16) + "\"\nCategory: x",
		"many accepts":        "GET /compute/\nAccept: image/png" + strings.Repeat(", */*;q=0", 1<<12),
	} {
		t.Run(name, func(t *testing.T) {
			s := newServiceTaking(t, occi.Config{}, 2*size)
			res := s.do(request)
			if body := bodyOf(t, res); res.StatusCode < 400 || res.StatusCode >= 500 || len(body) > 4096 {
				t.Errorf("%d %.200s", res.StatusCode, body)
			}
			if s.cloud.created.Name != "" {
				t.Error("a machine was made")
			}
		})
	}
}

// TestAmbiguousName checks that a name that several images have chooses none of
// them.
func TestAmbiguousName(t *testing.T) {
	s := newService(t, occi.Config{})
	for i := range 2 {
		s.cloud.images = append(s.cloud.images, model.Image{ID: fmt.Sprintf("twin-%d", i), Name: "twin", State: model.ImageAvailable})
	}
	twin := func(term string) string {
		return plain("POST /compute/", kindLine, `Category: `+term+`; scheme="http://schemas.openstack.org/template/os#"`)
	}
	if res := s.do(twin("twin")); res.StatusCode != http.StatusConflict || !strings.Contains(bodyOf(t, res), "twin-1") {
		t.Error(res.StatusCode)
	}
	if res := s.do(twin("twin-1")); res.StatusCode != http.StatusCreated || s.cloud.created.ImageID != "twin-1" {
		t.Error(res.StatusCode, s.cloud.created)
	}
}
