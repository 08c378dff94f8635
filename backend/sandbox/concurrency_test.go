package sandbox_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/occimi/occimi/backend/sandbox"
)

// TestManyAtOnce has two tenants make, change, list and delete at the same time:
// nobody sees anything of the other's, and nothing stays behind.
func TestManyAtOnce(t *testing.T) {
	_, auth := start(t, sandbox.Options{})
	var group sync.WaitGroup
	for _, user := range []string{"demo", "alt"} {
		s := login(t, auth, user)
		image := s.image()
		for worker := range 4 {
			group.Go(func() {
				for i := range 10 {
					name := fmt.Sprintf("%s-%d-%d", user, worker, i)
					a, err := s.try("POST", s.urls["nova"]+"/servers", object{"server": object{"name": name, "imageRef": image, "flavorRef": "1"}})
					if err != nil || a.status != 202 {
						t.Errorf("create: %d %v %s", a.status, err, a.text)
						return
					}
					list, err := s.try("GET", s.urls["nova"]+"/servers/detail", nil)
					for _, one := range list.list("servers") {
						if got, _ := dig(one, "tenant_id").(string); got != s.project {
							t.Errorf("%s sees a server of project %s", user, got)
						}
					}
					if err != nil {
						t.Error(err)
					}
					for _, path := range []string{"/ports", "/networks"} {
						if a, err := s.try("GET", s.urls["neutron"]+path, nil); err != nil || a.status != 200 {
							t.Errorf("%s: %d %v", path, a.status, err)
						}
					}
					if a, err := s.try("DELETE", s.urls["nova"]+"/servers/"+a.str("server", "id"), nil); err != nil || a.status != 204 {
						t.Errorf("delete: %d %v", a.status, err)
					}
				}
			})
		}
	}
	group.Wait()
	s := login(t, auth, "demo")
	if n := len(s.do("nova", "GET", "/servers", nil).list("servers")); n != 0 {
		t.Errorf("%d servers stayed behind", n)
	}
	if n := len(s.do("neutron", "GET", "/ports?device_owner=compute:nova", nil).list("ports")); n != 0 {
		t.Errorf("%d ports stayed behind", n)
	}
}
