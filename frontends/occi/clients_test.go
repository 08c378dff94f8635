package occi_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/frontends/occi"
	"github.com/occimi/occimi/model"
)

// TestClients makes the same machine as each client of record asks for one:
// where things stand, how they are quoted and what is left out differs.
func TestClients(t *testing.T) {
	network := "/network/" + networkID
	want := model.MachineCreate{
		Name: "vm", Hostname: "vm", ImageID: imageID, FlavorID: "2", Networks: []model.MachineNetwork{{NetworkID: networkID}},
	}
	noHost := want
	noHost.Hostname = ""
	tests := []struct {
		client, request string
		want            model.MachineCreate
	}{
		// Flavor and image with the scheme of the infrastructure and no class, all
		// in header fields, with the old name of the token.
		{"snf-occi", "POST /compute/\nAuth-Token: good\nX-Auth-Token: \nContent-Type: text/occi\n" +
			`Category: compute; scheme=` + infra + `; class=kind;` + "\n" +
			`Category: M1-Small; scheme="` + infra + `"` + "\n" +
			`Category: ` + imageID + `; scheme="` + infra + `"` + "\n" +
			`X-OCCI-Attribute: occi.core.title = vm` + "\n" +
			`X-OCCI-Attribute: occi.compute.hostname = vm` + "\n" +
			`Link: <` + network + `>; rel="` + infra + `network"; category="` + infra + `networkinterface";`, want},
		// All in one field of each name.
		{"pOCCI", "POST /compute/\nAccept: text/occi\nContent-Type: text/occi\n" +
			`Category: compute; scheme="` + infra + `"; class="kind", 2; scheme="http://schemas.openstack.org/template/resource#"; class="mixin", ` +
			imageID + `; scheme="http://schemas.openstack.org/template/os#"; class="mixin"` + "\n" +
			`X-OCCI-Attribute: occi.core.title="vm", occi.compute.hostname="vm"` + "\n" +
			`Link: <` + network + `>; rel="` + infra + `network"; category="` + infra + `networkinterface"`, want},
		// What the query interface said of the templates comes back, with CRLF.
		{"jOCCI", "POST /compute/\nAccept: text/plain\nContent-Type: text/plain\n\n" + strings.Join([]string{
			`Category: compute;scheme="` + infra + `";class="kind";title="Compute Resource";rel="http://schemas.ogf.org/occi/core#resource";location="/compute/"`,
			`Category: 2;scheme="http://schemas.openstack.org/template/resource#";class="mixin";title="Flavor: m1.small";rel="` + infra + `resource_tpl";location="/mixin/resource_tpl/2/"`,
			`Category: ` + imageID + `;scheme="http://schemas.openstack.org/template/os#";class="mixin"`,
			`X-OCCI-Attribute: occi.core.id="f2ab35cc-0000-4000-8000-000000000000"`,
			`X-OCCI-Attribute: occi.core.title="vm"`,
			`X-OCCI-Attribute: occi.compute.hostname="vm"`,
			`Link: <` + network + `>;rel="` + infra + `network";category="` + infra + `networkinterface";occi.core.id="i"`, ""}, "\r\n"), want},
		// Both media types at once, and the memory in a unit of its own.
		{"IM", "POST /compute/\nAccept: text/plain\nContent-Type: text/plain,text/occi\nConnection: close\n\n" + strings.Join([]string{
			`Category: compute; scheme="` + infra + `"; class="kind"`,
			`Category: ` + imageID + `; scheme="http://schemas.openstack.org/template/os#"; class="mixin"`,
			`Category: 2; scheme="http://schemas.openstack.org/template/resource#"; class="mixin"`,
			`X-OCCI-Attribute: occi.core.id="im-vm"`, `X-OCCI-Attribute: occi.core.title="vm"`, `X-OCCI-Attribute: occi.compute.hostname="vm"`,
			`Link: <` + network + `>; rel="` + infra + `network"; category="` + infra + `networkinterface"; occi.core.target="` + network + `"; occi.core.source="/compute/im-vm"; occi.core.id="x"`}, "\n"), want},
		// curl -d of the OpenStack recipes, which says that it sends a form.
		{"curl", "POST /compute/\nContent-Type: application/x-www-form-urlencoded\n\n" + strings.Join([]string{
			kindLine, imageLine, smallLine, `X-OCCI-Attribute: occi.core.title="vm"`, `X-OCCI-Attribute: occi.compute.hostname="vm"`,
			`Link: <` + network + `>; rel="` + infra + `network"; category="` + infra + `networkinterface"`}, "\n"), want},
		// The draft of 2012, posted to the root.
		{"rOCCI 4, JSON", jsonBody("POST /", `{"resources":[{"kind":"`+infra+`compute","mixins":["http://schemas.openstack.org/template/os#`+imageID+`","http://schemas.openstack.org/template/resource#2"],
			"attributes":{"occi":{"core":{"id":"r","title":"vm"}}},"id":"r"}],
			"links":[{"kind":"`+infra+`networkinterface","rel":"`+infra+`network","source":"/compute/r","target":"`+network+`","attributes":{"occi":{"core":{"id":"l"}}}}]}`), noHost},
	}
	for _, test := range tests {
		t.Run(test.client, func(t *testing.T) {
			s := newService(t, occi.Config{})
			body := s.expect(test.request, 201)
			if diff := cmp.Diff(test.want, s.cloud.created); diff != "" {
				t.Errorf("%s: %s", body, diff)
			}
		})
	}
}

// TestClientsBodies: what clients cut out of a body with one expression.
func TestClientsBodies(t *testing.T) {
	s := newService(t, occi.Config{})
	body := s.expect(plain("POST /compute/", kindLine, imageLine, smallLine, `Link: </network/`+networkID+`>; rel="`+infra+`network"; category="`+infra+`networkinterface"`), 201)
	if id := body[strings.LastIndexByte(body, '/')+1:]; id != "3f5a0c4e-00ff-4000-8000-0000000000ff" { // IM
		t.Errorf("the id is %q", id)
	}
	first, _, _ := strings.Cut(s.expect("GET /-/", 200), "\n")
	if !strings.Contains(first, `class="kind"`) { // jOCCI
		t.Errorf("the first line is %q", first)
	}
}
