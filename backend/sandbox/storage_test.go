package sandbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/occimi/occimi/backend/sandbox"
)

// TestSavedImage is queued, saving and active, each in its time.
func TestSavedImage(t *testing.T) {
	now := newClock()
	_, auth := start(t, sandbox.Options{Now: now.Now, Delay: 10 * time.Second})
	s := login(t, auth, "demo")
	server := s.create("m", nil)
	now.Advance(10 * time.Second)
	id := s.want(202, s.do("nova", "POST", "/servers/"+server+"/action", object{"createImage": object{"name": "saved"}})).str("image_id")
	for _, want := range []string{"queued", "saving", "active"} {
		a := s.want(200, s.do("glance", "GET", "/images/"+id, nil))
		if got := a.str("status"); got != want || a.str("instance_uuid") != server || (a.get("size") != nil) != (want == "active") {
			t.Errorf("image is %s, want %s: %s", got, want, a.text)
		}
		now.Advance(5 * time.Second)
	}
}

func TestDeletedWhileSaved(t *testing.T) {
	now := newClock()
	_, auth := start(t, sandbox.Options{Now: now.Now, Delay: 10 * time.Second})
	s := login(t, auth, "demo")
	server := s.create("m", nil)
	now.Advance(10 * time.Second)
	id := s.want(202, s.do("nova", "POST", "/servers/"+server+"/action", object{"createImage": object{"name": "saved"}})).str("image_id")
	s.want(204, s.do("glance", "DELETE", "/images/"+id, nil))
	now.Advance(10 * time.Second)
	s.want(404, s.do("glance", "GET", "/images/"+id, nil))
}

func TestSharedImage(t *testing.T) {
	_, auth := start(t, sandbox.Options{})
	demo, alt := login(t, auth, "demo"), login(t, auth, "alt")
	id := demo.want(201, demo.do("glance", "POST", "/images", object{"name": "ours"})).str("id")
	listed := func() int {
		return len(alt.want(200, alt.do("glance", "GET", "/images?name=ours", nil)).list("images"))
	}
	alt.want(404, alt.do("glance", "GET", "/images/"+id, nil))
	demo.want(200, demo.do("glance", "POST", "/images/"+id+"/members", object{"member": alt.project}))
	alt.want(200, alt.do("glance", "GET", "/images/"+id, nil))
	if got := listed(); got != 0 {
		t.Errorf("listed %d times before it was accepted", got)
	}
	demo.want(403, demo.do("glance", "PUT", "/images/"+id+"/members/"+alt.project, object{"status": "accepted"}))
	alt.want(200, alt.do("glance", "PUT", "/images/"+id+"/members/"+alt.project, object{"status": "accepted"}))
	if got := listed(); got != 1 {
		t.Errorf("listed %d times after it was accepted", got)
	}
	alt.want(403, alt.do("glance", "DELETE", "/images/"+id, nil))
	demo.want(204, demo.do("glance", "DELETE", "/images/"+id+"/members/"+alt.project, nil))
	alt.want(404, alt.do("glance", "GET", "/images/"+id, nil))
}

// TestPagesOfImages has Glance's own default of 25 a page.
func TestPagesOfImages(t *testing.T) {
	_, auth := start(t, sandbox.Options{})
	s := login(t, auth, "demo")
	for i := range 30 {
		s.want(201, s.do("glance", "POST", "/images", object{"name": fmt.Sprint("i", i)}))
	}
	sizes, seen := []int{}, map[any]bool{}
	for path := "/v2/images"; path != ""; {
		a := s.want(200, s.do("glance", "GET", strings.TrimPrefix(path, "/v2"), nil))
		sizes = append(sizes, len(a.list("images")))
		for _, one := range a.list("images") {
			seen[dig(one, "id")] = true
		}
		path = a.str("next")
	}
	if fmt.Sprint(sizes) != "[25 6]" || len(seen) != 31 {
		t.Errorf("pages of %v with %d images, want [25 6] with 31", sizes, len(seen))
	}
}

// TestPatchIsAllOrNothing changes nothing if one step fails.
func TestPatchIsAllOrNothing(t *testing.T) {
	_, auth := start(t, sandbox.Options{})
	s := login(t, auth, "demo")
	id := s.want(201, s.do("glance", "POST", "/images", object{"name": "old"})).str("id")
	s.want(409, s.do("glance", "PATCH", "/images/"+id, `[{"op":"replace","path":"/name","value":"new"},{"op":"add","path":"/k","value":"v"},{"op":"remove","path":"/none"}]`, "Content-Type", patchMedia))
	a := s.want(200, s.do("glance", "GET", "/images/"+id, nil))
	if a.str("name") != "old" || a.get("k") != nil {
		t.Errorf("after a failed patch: %s", a.text)
	}
}

func TestVolumeStates(t *testing.T) {
	now := newClock()
	_, auth := start(t, sandbox.Options{Now: now.Now, Delay: 10 * time.Second})
	s := login(t, auth, "demo")
	server := s.create("m", nil)
	id := s.want(202, s.do("cinder", "POST", "/volumes", object{"volume": object{"size": 1}})).str("volume", "id")
	status := func() string {
		a := s.do("cinder", "GET", "/volumes/"+id, nil)
		return fmt.Sprint(a.str("volume", "status"), " ", a.get("volume", "size"), " ", len(a.body["volume"].(object)["attachments"].([]any)))
	}
	attachments := "/servers/" + server + "/os-volume_attachments"
	for _, c := range []struct {
		what          string
		do            func() answer
		during, after string
	}{
		{"create", func() answer { return answer{} }, "creating 1 0", "available 1 0"},
		{"extend", func() answer {
			return s.do("cinder", "POST", "/volumes/"+id+"/action", object{"os-extend": object{"new_size": 2}})
		}, "extending 1 0", "available 2 0"},
		{"attach", func() answer {
			return s.do("nova", "POST", attachments, object{"volumeAttachment": object{"volumeId": id}})
		}, "attaching 2 0", "in-use 2 1"},
		{"detach", func() answer { return s.do("nova", "DELETE", attachments+"/"+id, nil) }, "detaching 2 1", "available 2 0"},
	} {
		if a := c.do(); a.status >= 400 {
			t.Fatalf("%s: %s", c.what, a.text)
		}
		if got := status(); got != c.during {
			t.Errorf("%s: meanwhile %s, want %s", c.what, got, c.during)
		}
		now.Advance(10 * time.Second)
		if got := status(); got != c.after {
			t.Errorf("%s: in the end %s, want %s", c.what, got, c.after)
		}
	}
	s.want(202, s.do("cinder", "DELETE", "/volumes/"+id, nil))
	now.Advance(10 * time.Second)
	s.want(404, s.do("cinder", "GET", "/volumes/"+id, nil))
}
