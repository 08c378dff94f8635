package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/occimi/occimi/backend/openstack"
	"github.com/occimi/occimi/backend/sandbox"
)

// BenchmarkStored is the whole program without OpenStack's part: what a listing
// costs of what is in the store.
func BenchmarkStored(b *testing.B) {
	p := inFront(b, sandbox.New(sandbox.Options{}), memory(b), zerolog.Nop())
	p.at["image"] = "4708de9c-13f8-45bd-b153-52cad3084232"
	for range 1000 { // each with a job
		p.keep("template", "machineTemplates", simpleTemplate)
	}
	for _, path := range []string{
		"/cimi/1/machineTemplates", "/cimi/1/machineTemplates?$first=1&$last=20", "/cimi/1/jobs", "/cimi/1/jobs?$first=1&$last=20",
	} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.send(p.request("GET", path, ""))
			}
		})
	}
}

// BenchmarkListing is the whole program over HTTP to the sandbox and back, the
// sandbox's own work included: what a listing costs by the number of machines.
func BenchmarkListing(b *testing.B) {
	for _, machines := range []int{1000, 10000} {
		cloud := sandbox.New(sandbox.Options{})
		if err := cloud.AddServers("demo", machines); err != nil {
			b.Fatal(err)
		}
		upstream := httptest.NewServer(cloud.Handler())
		defer upstream.Close()
		s := settings{OCCIPath: "/", CIMIPath: "/cimi/", AuthURL: upstream.URL + "/identity/v3", Timeout: time.Minute, CacheLists: time.Minute, ComputeVersion: "2.93"}
		config, err := s.openstackConfig()
		if err != nil {
			b.Fatal(err)
		}
		provider, err := openstack.New(config)
		if err != nil {
			b.Fatal(err)
		}
		srv, err := newServer(s, provider, nil, newRegistry(), zerolog.Nop())
		if err != nil {
			b.Fatal(err)
		}
		for _, listing := range []struct{ name, path, accept string }{
			{"OCCI uris", "/compute/", "text/uri-list"},
			{"OCCI JSON", "/compute/", "application/occi+json"},
			{"CIMI refs", "/cimi/1/machines", "application/json"},
			{"CIMI expanded", "/cimi/2/machines?$expand=*", "application/xml"},
		} {
			b.Run(fmt.Sprintf("%s/%d", listing.name, machines), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					r := basic(httptest.NewRequest(http.MethodGet, listing.path, nil))
					r.Header.Set("Accept", listing.accept)
					w := httptest.NewRecorder()
					srv.Handler().ServeHTTP(w, r)
					if w.Code != http.StatusOK {
						b.Fatalf("%d %s", w.Code, w.Body)
					}
				}
			})
		}
	}
}
