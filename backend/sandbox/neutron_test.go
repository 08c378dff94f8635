package sandbox_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/backend/sandbox"
)

// TestPagesOfNetworks follows Neutron's links for every size of a page.
func TestPagesOfNetworks(t *testing.T) {
	const n = 6 // with public and private
	_, auth := start(t, sandbox.Options{})
	s := login(t, auth, "demo")
	for i := range n - 2 {
		s.want(201, s.do("neutron", "POST", "/networks", object{"network": object{"name": fmt.Sprint("n", i)}}))
	}
	ids := func(a answer) []string {
		var list []string
		for _, one := range a.list("networks") {
			list = append(list, dig(one, "id").(string))
		}
		return list
	}
	all := ids(s.want(200, s.do("neutron", "GET", "/networks", nil)))
	if len(all) != n || !slices.IsSorted(all) {
		t.Fatalf("networks: %v, want %d sorted by id", all, n)
	}
	for limit := 1; limit <= n+1; limit++ {
		var got []string
		for url := fmt.Sprintf("%s/networks?limit=%d&fields=id", s.urls["neutron"], limit); url != ""; {
			a := s.want(200, s.send("GET", url, nil))
			got = append(got, ids(a)...)
			url = ""
			for _, link := range a.list("networks_links") {
				if dig(link, "rel") == "next" {
					url = dig(link, "href").(string)
				}
			}
		}
		if diff := cmp.Diff(all, got); diff != "" {
			t.Errorf("limit %d (-want +got):\n%s", limit, diff)
		}
	}
}

func TestAddressesAreGivenOnceAndTakenBack(t *testing.T) {
	_, auth := start(t, sandbox.Options{})
	s := login(t, auth, "demo")
	net := s.want(201, s.do("neutron", "POST", "/networks", object{"network": object{"name": "small"}})).str("network", "id")
	s.want(201, s.do("neutron", "POST", "/subnets", object{"subnet": object{"network_id": net, "cidr": "10.9.0.0/29", "ip_version": 4}}))
	seen := map[string]string{}
	for range 5 { // six addresses, one of them the gateway's
		a := s.want(201, s.do("neutron", "POST", "/ports", object{"port": object{"network_id": net}}))
		seen[a.str("port", "fixed_ips", 0, "ip_address")] = a.str("port", "id")
	}
	if len(seen) != 5 || seen["10.9.0.1"] != "" {
		t.Errorf("addresses: %v, want five without the gateway's", seen)
	}
	s.want(409, s.do("neutron", "POST", "/ports", object{"port": object{"network_id": net}}))
	s.want(204, s.do("neutron", "DELETE", "/ports/"+seen["10.9.0.4"], nil))
	a := s.want(201, s.do("neutron", "POST", "/ports", object{"port": object{"network_id": net}}))
	if got := a.str("port", "fixed_ips", 0, "ip_address"); got != "10.9.0.4" {
		t.Errorf("the next port has %s, want the freed 10.9.0.4", got)
	}
}

func TestSeededNetworks(t *testing.T) {
	_, auth := start(t, sandbox.Options{})
	for user, want := range map[string][]string{"demo": {"private", "public"}, "alt": {"public"}} {
		s := login(t, auth, user)
		var got []string
		for _, one := range s.do("neutron", "GET", "/networks?sort_key=name&sort_dir=asc", nil).list("networks") {
			got = append(got, dig(one, "name").(string))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s's networks (-want +got):\n%s", user, diff)
		}
	}
}

func TestServersWithoutAWish(t *testing.T) {
	_, auth := start(t, sandbox.Options{})
	demo, alt := login(t, auth, "demo"), login(t, auth, "alt")
	auto := func(s *session) answer {
		return s.do("nova", "POST", "/servers", object{"server": object{"name": "m", "imageRef": s.image(), "flavorRef": "1", "networks": "auto"}})
	}
	demo.want(202, auto(demo))
	alt.want(400, auto(alt))
	net := demo.want(201, demo.do("neutron", "POST", "/networks", object{"network": object{"name": "second"}})).str("network", "id")
	demo.want(201, demo.do("neutron", "POST", "/subnets", object{"subnet": object{"network_id": net, "cidr": "10.9.0.0/24", "ip_version": 4}}))
	demo.want(409, auto(demo))
}
