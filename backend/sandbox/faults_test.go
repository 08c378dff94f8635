package sandbox_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/backend/sandbox"
)

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name   string
		fault  sandbox.Fault
		status []int // of GET /servers, GET /servers, GET /flavors; 0: no answer
	}{
		{"every service", sandbox.Fault{Status: 503}, []int{503, 503, 503}},
		{"once", sandbox.Fault{Service: "nova", Status: 500, Times: 1}, []int{500, 200, 200}},
		{"one path", sandbox.Fault{Path: "/servers", Status: 502}, []int{502, 502, 200}},
		{"a pattern", sandbox.Fault{Path: "/f*s", Status: 502}, []int{200, 200, 502}},
		{"another method", sandbox.Fault{Method: "POST", Status: 502}, []int{200, 200, 200}},
		{"another service", sandbox.Fault{Service: "cinder", Status: 502}, []int{200, 200, 200}},
		{"dropped", sandbox.Fault{Service: "nova", Method: "GET", Path: "/flavors", Drop: true}, []int{200, 200, 0}},
		{"only slow", sandbox.Fault{Service: "nova", Delay: time.Millisecond}, []int{200, 200, 200}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud, auth := start(t, sandbox.Options{})
			s := login(t, auth, "demo")
			clear := cloud.Fault(c.fault)
			var got []int
			for _, path := range []string{"/servers", "/servers", "/flavors"} {
				a, _ := s.try("GET", s.urls["nova"]+path, nil)
				got = append(got, a.status)
			}
			if diff := cmp.Diff(c.status, got); diff != "" {
				t.Errorf("statuses (-want +got):\n%s", diff)
			}
			clear()
			clear()
			s.want(200, s.do("nova", "GET", "/flavors", nil))
		})
	}
}

// TestSeveralFaults: a service that is slow goes wrong nevertheless, whichever was
// said first; of what else goes wrong, the first does.
func TestSeveralFaults(t *testing.T) {
	slow, down, dropped := sandbox.Fault{Service: "nova", Delay: time.Millisecond}, sandbox.Fault{Path: "/servers", Status: 502}, sandbox.Fault{Drop: true}
	for name, faults := range map[string][]sandbox.Fault{
		"slow, then down":          {slow, down, dropped},
		"down, then slow":          {down, dropped, slow},
		"slow in two ways":         {slow, slow, down},
		"down once, then not":      {{Service: "nova", Status: 502, Times: 1}, slow},
		"slow for others, be down": {{Service: "cinder", Delay: time.Hour}, down},
	} {
		t.Run(name, func(t *testing.T) {
			cloud, auth := start(t, sandbox.Options{})
			s := login(t, auth, "demo")
			for _, f := range faults {
				cloud.Fault(f)
			}
			if a, err := s.try("GET", s.urls["nova"]+"/servers", nil); err != nil || a.status != 502 {
				t.Errorf("answered %d, %v", a.status, err)
			}
		})
	}
}

func TestLateFaultLosesOnlyTheAnswer(t *testing.T) {
	cloud, auth := start(t, sandbox.Options{})
	s := login(t, auth, "demo")
	image := s.image()
	cloud.Fault(sandbox.Fault{Service: "nova", Method: "POST", Path: "/servers", Drop: true, Late: true, Times: 1})
	if _, err := s.try("POST", s.urls["nova"]+"/servers", object{"server": object{"name": "lost", "imageRef": image, "flavorRef": "1", "networks": "none"}}, "OpenStack-API-Version", "compute 2.93"); err == nil {
		t.Error("the answer came")
	}
	if got := s.do("nova", "GET", "/servers", nil).str("servers", 0, "name"); got != "lost" {
		t.Errorf("servers: %q, want lost", got)
	}
}

func TestFaultAnswers(t *testing.T) {
	cloud, auth := start(t, sandbox.Options{})
	s := login(t, auth, "demo")
	busy, err := sandbox.ParseFault("nova/GET/flavors:429")
	if err != nil {
		t.Fatal(err)
	}
	cloud.Fault(busy)
	a := s.do("nova", "GET", "/flavors", nil)
	if a.status != 429 || a.header.Get("Retry-After") != "1" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || !strings.Contains(a.text, "<html>") {
		t.Errorf("%d %v %s", a.status, a.header, a.text)
	}
}

func TestParseFault(t *testing.T) {
	ignoreAnswer := cmp.FilterPath(func(p cmp.Path) bool {
		return p.String() == "Header" || p.String() == "Body"
	}, cmp.Ignore())
	for text, want := range map[string]sandbox.Fault{
		"nova:503:0.1":           {Service: "nova", Status: 503, Share: 0.1},
		"neutron/post/ports:409": {Service: "neutron", Method: "POST", Path: "/ports", Status: 409},
		"cinder:2s":              {Service: "cinder", Delay: 2 * time.Second},
		"*:drop:1":               {Drop: true, Share: 1},
		"nova/*/servers/*/a:500": {Service: "nova", Path: "/servers/*/a", Status: 500},
		":429":                   {Status: 429},
	} {
		got, err := sandbox.ParseFault(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if diff := cmp.Diff(want, got, ignoreAnswer); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"", "nova", "heat:503", "nova:200", "nova:600", "nova:x", "nova:503:0", "nova:503:1.5", "nova:503:NaN", "nova:503:x", "nova:-1s", "nova:0s"} {
		if got, err := sandbox.ParseFault(text); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q: %+v, %v; want an error that names it", text, got, err)
		}
	}
	if got, err := sandbox.ParseLatency("nova=50ms"); err != nil || got.Delay != 50*time.Millisecond || got.Service != "nova" {
		t.Errorf("latency: %+v, %v", got, err)
	}
	for _, text := range []string{"nova", "nova=x", "nova:50ms", "heat=1s"} {
		if _, err := sandbox.ParseLatency(text); err == nil {
			t.Errorf("latency %q was taken", text)
		}
	}
}

func FuzzParseFault(f *testing.F) {
	for _, text := range []string{"nova:503:0.1", "neutron/POST/ports:409", "cinder:2s", "*:drop:0.01", ":::", "nova/"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fault, err := sandbox.ParseFault(text)
		if err == nil && fault.Status == 0 && fault.Delay <= 0 && !fault.Drop {
			t.Errorf("%q is a fault that does nothing: %+v", text, fault)
		}
		if err == nil && fault.Share != 0 && !(fault.Share > 0 && fault.Share <= 1) {
			t.Errorf("%q: share %v", text, fault.Share)
		}
	})
}

func TestRecord(t *testing.T) {
	cloud, auth := start(t, sandbox.Options{})
	s := login(t, auth, "demo")
	id := s.create("m", nil)
	stop := cloud.Record()
	s.do("nova", "GET", "/servers/"+id+"?x=y", nil, "X-Openstack-Request-Id", "req-mine")
	s.do("nova", "GET", "/nope", nil)
	got := stop()
	s.do("nova", "GET", "/flavors", nil)
	if len(got) != 2 {
		t.Fatalf("recorded %d calls, want 2", len(got))
	}
	want := sandbox.Call{Service: "nova", Method: "GET", Route: "/v2.1/servers/{id}", Path: "/compute/v2.1/servers/" + id + "?x=y", Status: 200, RequestID: "req-mine", Begin: got[0].Begin, End: got[0].End}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("call (-want +got):\n%s", diff)
	}
	if got[0].Overlaps(got[1]) || got[1].Status != 404 || got[1].Route != "" {
		t.Errorf("second call: %+v", got[1])
	}
}

// TestOverlap: two calls that are under way at the same time overlap. Their time
// is a bubble's, which passes only when both are waiting for it.
func TestOverlap(t *testing.T) {
	cloud, auth := start(t, sandbox.Options{})
	s := login(t, auth, "demo")
	cloud.Fault(sandbox.Fault{Service: "nova", Delay: time.Second})
	stop := cloud.Record()
	synctest.Test(t, func(t *testing.T) {
		var group sync.WaitGroup
		for _, path := range []string{"/servers", "/flavors"} {
			group.Go(func() {
				r := httptest.NewRequest("GET", s.urls["nova"]+path, nil)
				r.Header.Set("X-Auth-Token", s.token)
				w := httptest.NewRecorder()
				cloud.Handler().ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					t.Errorf("%s: %d %s", path, w.Code, w.Body)
				}
			})
		}
		group.Wait()
	})
	if calls := stop(); len(calls) != 2 || !calls[0].Overlaps(calls[1]) {
		t.Errorf("calls: %+v", calls)
	}
}
