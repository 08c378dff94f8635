package sandbox_test

import (
	"maps"
	"net/http"
	"strings"
)

func (s *script) networks() {
	s.ask("neutron", "GET", "/networks", nil, "X-Auth-Token", "")
	s.ask("neutron", "GET", "/nope", nil)
	s.ask("neutron", "GET", "/extensions/quotas", nil)
	s.ask("neutron", "GET", "/extensions/nope", nil)
	net := s.want(201, s.ask("neutron", "POST", "/networks", object{"network": object{"name": "n2", "description": "d", "mtu": 1400}})).str("network", "id")
	const nowhere = "8b6a036e-518e-47d0-8980-f46245faa138"
	for _, bad := range []object{{"bogus": 1}, {"name": 1}, {"name": strings.Repeat("x", 256)}, {"shared": true}, {"provider:network_type": "vlan"}, {"admin_state_up": "zz"}, {"mtu": 1 << 20}, {"mtu": -1}, {"mtu": "x"}} {
		s.ask("neutron", "POST", "/networks", object{"network": bad})
	}
	s.ask("neutron", "POST", "/networks", object{"x": object{}})
	s.ask("neutron", "POST", "/networks", "{bad")
	s.ask("neutron", "PUT", "/networks/"+net, object{"network": object{"name": "n3", "admin_state_up": false}})
	s.ask("neutron", "PUT", "/networks/"+net, object{"network": object{"id": "x"}})
	s.ask("neutron", "PUT", "/networks/nope", object{"network": object{"name": "x"}})
	var subnet string
	for _, want := range []object{
		{"network_id": net, "cidr": "10.9.0.0/24", "ip_version": 4, "name": "sb"}, {"network_id": net, "cidr": "10.9.0.0/24", "ip_version": 4}, {"network_id": net, "cidr": "junk", "ip_version": 4},
		{"network_id": nowhere, "cidr": "10.8.0.0/24", "ip_version": 4}, {"network_id": net, "ip_version": 4}, {"network_id": net, "cidr": "10.8.0.0/24"}, {"network_id": net, "cidr": "10.8.0.0/24", "ip_version": 6},
	} {
		if id := s.ask("neutron", "POST", "/subnets", object{"subnet": want}).str("subnet", "id"); id != "" {
			subnet = id
		}
	}
	s.ask("neutron", "PUT", "/subnets/"+subnet, object{"subnet": object{"name": "sb2", "enable_dhcp": false}})
	for _, change := range []object{
		{"cidr": "10.1.0.0/24"}, {"dns_nameservers": []string{"192.0.2.53"}}, {"dns_nameservers": []string{"2001:db8::53"}}, {"dns_nameservers": []string{"junk"}},
		{"dns_nameservers": []string{"192.0.2.53", "192.0.2.53"}}, {"dns_nameservers": []string{}}, {"gateway_ip": "10.9.0.77"}, {"gateway_ip": "10.99.0.1"}, {"gateway_ip": nil}, {"gateway_ip": "10.9.0.1"},
		{"dns_nameservers": nil}, {"dns_nameservers": []any{7}},
	} {
		s.ask("neutron", "PUT", "/subnets/"+subnet, object{"subnet": change})
	}
	for _, want := range []object{
		{"network_id": net, "cidr": "10.10.0.0/24", "ip_version": 4, "gateway_ip": "10.10.0.254", "dns_nameservers": []string{"192.0.2.53"}},
		{"network_id": net, "cidr": "10.11.0.0/24", "ip_version": 4, "gateway_ip": "10.10.0.254"},
		{"network_id": net, "cidr": "10.11.0.0/24", "ip_version": 4, "dns_nameservers": []string{"2001:db8::53"}},
	} {
		made := s.ask("neutron", "POST", "/subnets", object{"subnet": want}).str("subnet", "id")
		if made == "" {
			continue
		}
		s.ask("neutron", "PUT", "/subnets/"+made, object{"subnet": object{"gateway_ip": nil}})
		s.ask("neutron", "PUT", "/subnets/"+made, object{"subnet": object{"gateway_ip": "10.10.0.254"}})
		s.ask("neutron", "DELETE", "/subnets/"+made, nil)
	}
	for _, second := range []string{"10.12.1.0/24", "10.12.0.0/25"} {
		made := s.ask("neutron", "POST", "/subnets", object{"subnets": []object{
			{"network_id": net, "cidr": "10.12.0.0/24", "ip_version": 4}, {"network_id": net, "cidr": second, "ip_version": 4},
		}})
		for _, one := range made.list("subnets") {
			id, _ := dig(one, "id").(string)
			s.ask("neutron", "DELETE", "/subnets/"+id, nil)
		}
	}
	port := s.ask("neutron", "POST", "/ports", object{"port": object{"network_id": net, "name": "p", "fixed_ips": []object{{"ip_address": "10.9.0.77"}}}}).str("port", "id")
	for _, bad := range []object{{"network_id": net, "fixed_ips": []object{{"ip_address": "10.9.0.77"}}}, {"network_id": net, "fixed_ips": []object{{"ip_address": "10.99.0.77"}}}, {"network_id": nowhere}, {},
		{"network_id": net, "fixed_ips": []object{{"subnet_id": "junk"}}}, {"network_id": net, "fixed_ips": []object{{"ip_address": nil}}}, {"network_id": net, "security_groups": []string{"junk"}}, {"network_id": net, "security_groups": []string{nowhere}},
	} {
		s.ask("neutron", "POST", "/ports", object{"port": bad})
	}
	for _, query := range []string{"networks", "networks?fields=id&fields=name", "networks?limit=1&sort_key=name&sort_dir=asc", "networks?limit=2", "networks?marker=nope&limit=1", "networks?limit=x", "networks?name=n3&name=public&fields=id",
		"networks?bogus=1&fields=id", "networks?router:external=True&fields=name", "networks?sort_key=name&sort_dir=desc&fields=name", "networks?sort_key=name", "networks/" + net, "networks/nope",
		"subnets", "subnets/" + subnet, "subnets/nope", "ports?name=p", "ports?name=zz", "ports/" + port, "ports/nope", "ports?fixed_ips=ip_address%3D10.9.0.77&fields=name", "security-groups", "security-groups/nope"} {
		s.ask("neutron", "GET", "/"+query, nil)
	}
	for _, change := range []object{
		{"name": "pp", "description": "d", "admin_state_up": false}, {"fixed_ips": []object{}}, {"fixed_ips": []object{{"subnet_id": subnet}}}, {"fixed_ips": []object{{"subnet_id": nowhere}}},
		{"fixed_ips": []object{{"subnet_id": subnet, "ip_address": "10.99.0.1"}}}, {"fixed_ips": []object{{"ip_address": "10.9.0.77"}, {"subnet_id": subnet}}},
		{"fixed_ips": []object{{"ip_address": "10.9.0.1"}}}, {"fixed_ips": []object{{"ip_address": "junk"}}}, {"fixed_ips": []object{{"ip_address": "10.9.0.77"}}}, {"mac_address": "junk"}, {"network_id": net},
		{"fixed_ips": []object{{"subnet_id": "junk"}}}, {"security_groups": []string{"junk"}}, {"security_groups": "junk"},
	} {
		s.ask("neutron", "PUT", "/ports/"+port, object{"port": change})
	}
	s.ask("neutron", "DELETE", "/ports/"+port, nil, "If-Match", "revision_number=99")
	s.ask("neutron", "DELETE", "/networks/"+net, nil)
	s.ask("neutron", "DELETE", "/subnets/"+subnet, nil)

	router := s.ask("neutron", "POST", "/routers", object{"router": object{"name": "r"}}).str("router", "id")
	plug := object{"subnet_id": subnet}
	public := s.network("public")
	floating := object{"floatingip": object{"floating_network_id": public, "port_id": port}}
	s.ask("neutron", "PUT", "/routers/"+router+"/add_router_interface", plug)
	s.ask("neutron", "PUT", "/routers/"+router+"/add_router_interface", plug)
	s.ask("neutron", "PUT", "/routers/"+router, object{"router": object{"external_gateway_info": object{"network_id": public}}})
	s.ask("neutron", "DELETE", "/routers/"+router, nil)
	for _, bad := range []object{{"external_gateway_info": object{"network_id": nowhere}}, {"external_gateway_info": object{"network_id": net}}, {"external_gateway_info": object{"network_id": "junk"}}, {"name": 1},
		{"external_gateway_info": object{"network_id": nil}}, {"external_gateway_info": "junk"}, {"external_gateway_info": object{"network_id": public, "bogus": 1}},
	} {
		s.ask("neutron", "POST", "/routers", object{"router": bad})
		s.ask("neutron", "PUT", "/routers/"+router, object{"router": bad})
	}
	other := s.ask("neutron", "POST", "/networks", object{"network": object{"name": "other"}}).str("network", "id")
	for _, cidr := range []string{"10.9.0.0/25", "10.19.0.0/24"} {
		plug := object{"subnet_id": s.ask("neutron", "POST", "/subnets", object{"subnet": object{"network_id": other, "cidr": cidr, "ip_version": 4}}).str("subnet", "id")}
		s.ask("neutron", "PUT", "/routers/"+router+"/add_router_interface", plug)
		s.ask("neutron", "PUT", "/routers/"+router+"/remove_router_interface", plug)
	}
	s.ask("neutron", "PUT", "/routers/"+router+"/add_router_interface", object{"subnet_id": nowhere})
	s.ask("neutron", "PUT", "/routers/"+router+"/add_router_interface", object{"subnet_id": "junk"})
	s.ask("neutron", "PUT", "/routers/"+router+"/remove_router_interface", object{"subnet_id": "junk"})
	s.ask("neutron", "PUT", "/routers/"+router+"/add_router_interface", object{})
	s.ask("neutron", "DELETE", "/networks/"+other, nil)
	leg := s.ask("neutron", "GET", "/ports?device_id="+router+"&device_owner=network:router_interface&device_owner=network:ha_router_replicated_interface", nil).str("ports", 0, "id")
	s.ask("neutron", "DELETE", "/ports/"+leg, nil)
	ip := s.ask("neutron", "POST", "/floatingips", floating).str("floatingip", "id")
	s.ask("neutron", "GET", "/floatingips/"+ip, nil)
	s.ask("neutron", "PUT", "/routers/"+router+"/remove_router_interface", plug)
	s.ask("neutron", "PUT", "/routers/"+router, object{"router": object{"external_gateway_info": nil}})
	s.ask("neutron", "PUT", "/routers/"+router, object{"router": object{"external_gateway_info": object{"network_id": public}, "name": "rr", "admin_state_up": false}})
	s.ask("neutron", "POST", "/floatingips", object{"floatingip": object{"floating_network_id": net}})
	s.ask("neutron", "POST", "/floatingips", object{"floatingip": object{}})
	s.ask("neutron", "POST", "/floatingips", object{"floatingip": object{"floating_network_id": "junk", "floating_ip_address": "203.0.113.222"}})
	s.ask("neutron", "POST", "/floatingips", object{"floatingip": object{"floating_network_id": public, "floating_ip_address": "203.0.113.222"}})
	s.ask("neutron", "DELETE", "/floatingips/"+ip, nil)
	s.ask("neutron", "GET", "/floatingips/"+ip, nil)
	s.ask("neutron", "PUT", "/routers/"+router+"/remove_router_interface", plug)
	s.ask("neutron", "PUT", "/routers/"+router+"/remove_router_interface", plug)
	s.ask("neutron", "PUT", "/routers/"+router, object{"router": object{"external_gateway_info": nil}})
	s.ask("neutron", "PUT", "/routers/"+router, object{"router": object{"external_gateway_info": object{}}})
	s.ask("neutron", "DELETE", "/routers/"+router, nil)
	s.ask("neutron", "DELETE", "/routers/"+router, nil)

	group := s.ask("neutron", "POST", "/security-groups", object{"security_group": object{"name": "g"}}).str("security_group", "id")
	rule := object{"security_group_rule": object{"security_group_id": group, "direction": "ingress", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22}}
	made := s.ask("neutron", "POST", "/security-group-rules", rule).str("security_group_rule", "id")
	s.ask("neutron", "POST", "/security-group-rules", rule)
	for _, bad := range []object{
		{"port_range_max": nil}, {"port_range_min": nil}, {"port_range_min": -1}, {"port_range_max": 70000}, {"port_range_min": "x"}, {"remote_ip_prefix": "junk"}, {"remote_ip_prefix": true},
		{"security_group_id": "junk"}, {"remote_group_id": "junk"}, {"remote_group_id": nowhere}, {"protocol": "junk"}, {"ethertype": "IPv5"}, {"direction": "up"},
	} {
		more := object{"security_group_id": group, "direction": "ingress", "protocol": "tcp", "port_range_min": 22, "port_range_max": 23}
		maps.Copy(more, bad)
		s.ask("neutron", "POST", "/security-group-rules", object{"security_group_rule": more})
	}
	s.ask("neutron", "DELETE", "/security-group-rules/"+made, nil)
	s.ask("neutron", "DELETE", "/security-groups/"+group, nil)
	s.ask("neutron", "PUT", "/networks/"+net+"/tags/x", nil)
	s.ask("neutron", "DELETE", "/networks/"+net+"/tags/x", nil)
	s.ask("neutron", "DELETE", "/ports/"+port, nil)
	s.ask("neutron", "DELETE", "/ports/"+port, nil)
	s.ask("neutron", "DELETE", "/networks/"+net, nil)
	s.ask("neutron", "DELETE", "/networks/"+net, nil)
	s.ask("neutron", "DELETE", "/networks/"+public, nil)
	s.ask("neutron", "PUT", "/networks/"+public, object{"network": object{"name": "mine"}})
}

func (s *script) images() {
	s.ask("glance", "GET", "/images", nil, "X-Auth-Token", "")
	for _, query := range []string{"/nope", "?limit=1", "?marker=nope", "?limit=x", "?limit=-1", "?limit=0", "?name=zz", "?bogus=zz", "?sort=bogus", "?visibility=bogus", "?visibility=public&limit=1&sort=name:asc", "?tag=a", "?size_min=x", "?member_status=x"} {
		s.ask("glance", "GET", "/images"+query, nil)
	}
	cirros := s.image()
	s.ask("glance", "GET", "/images/"+cirros, nil)
	s.ask("glance", "PATCH", "/images/"+cirros, `[{"op":"replace","path":"/name","value":"x"}]`, "Content-Type", patchMedia)
	s.ask("glance", "DELETE", "/images/"+cirros, nil)
	id := s.ask("glance", "POST", "/images", object{"name": "i", "disk_format": "raw", "container_format": "bare", "visibility": "private", "foo": "bar"}).str("id")
	path := "/images/" + id
	s.ask("glance", "POST", "/images", object{"name": "x", "visibility": "public"})
	s.ask("glance", "POST", "/images", object{"id": "x"})
	s.ask("glance", "POST", "/images", object{"disk_format": "zz"})
	s.ask("glance", "POST", "/images", object{"os_glance_x": "y"})
	s.ask("glance", "GET", "/info/import", nil)
	imported := func(id string, method any) {
		s.ask("glance", "POST", "/images/"+id+"/import", object{"method": method})
	}
	for _, bad := range []object{{"name": "bogus"}, {"name": "web-download"}, {"name": "web-download", "uri": "ftp://x/y"}, {"name": "web-download", "uri": "http://127.0.0.1/"}} {
		imported(id, bad)
	}
	s.ask("glance", "POST", path+"/import", object{})
	imported(cirros, object{"name": "web-download", "uri": "http://x.invalid/"})
	imported("8b6a036e-518e-47d0-8980-f46245faa138", object{"name": "web-download", "uri": "http://x.invalid/"})
	s.ask("glance", "PUT", path+"/file", strings.Repeat("x", 1000), "Content-Type", "application/octet-stream")
	s.ask("glance", "PUT", path+"/file", strings.Repeat("x", 1000), "Content-Type", "application/octet-stream")
	s.ask("glance", "GET", path, nil)
	for _, patch := range []string{
		`[{"op":"replace","path":"/name","value":"ÄÖ"}]`, `[{"op":"add","path":"/k","value":"v"}]`, `[{"op":"remove","path":"/k"}]`, `[{"op":"remove","path":"/k"}]`, `[{"op":"replace","path":"/zz","value":"v"}]`,
		`[{"op":"replace","path":"/id","value":"v"}]`, `{bad`, `[{"op":"replace","path":"/status","value":"v"}]`, `[{"op":"replace","path":"/min_disk","value":"v"}]`, `[{"op":"replace","path":"/visibility","value":"public"}]`,
		`[{"op":"replace","path":"/name","value":"` + strings.Repeat("x", 256) + `"}]`, `[{"op":"add","path":"/protected","value":true}]`,
	} {
		s.ask("glance", "PATCH", path, patch, "Content-Type", patchMedia)
	}
	s.ask("glance", "PATCH", path, "[]")
	s.ask("glance", "DELETE", path, nil)
	s.ask("glance", "PATCH", path, `[{"op":"replace","path":"/protected","value":false}]`, "Content-Type", patchMedia)
	s.ask("glance", "GET", path+"/members", nil)
	s.ask("glance", "PUT", path+"/tags/t", nil)
	s.ask("glance", "DELETE", path+"/tags/t", nil)
	s.ask("glance", "DELETE", path+"/tags/t", nil)
	s.ask("glance", "DELETE", path, nil)
	s.ask("glance", "DELETE", path, nil)
	s.ask("glance", "GET", path, nil)
}

func (s *script) volumes() {
	s.ask("cinder", "GET", "/volumes", nil, "X-Auth-Token", "")
	for _, version := range []string{"3.0", "3.71", "x", "latest"} {
		s.ask("cinder", "GET", "/volumes", nil, "OpenStack-API-Version", "volume "+version)
	}
	for _, path := range []string{"/volumes?limit=x", "/volumes?marker=nope", "/volumes?bogus=1", "/volumes/nope", "/nope", "/types", "/types/nope", "/limits", "/snapshots", "/os-availability-zone"} {
		s.ask("cinder", "GET", path, nil)
	}
	const nowhere = "8b6a036e-518e-47d0-8980-f46245faa138"
	for _, bad := range []object{{"size": 0}, {"name": "x"}, {"size": "x"}, {"size": 1, "name": strings.Repeat("x", 256)}, {"size": 1, "volume_type": "nope"}, {"size": 1, "imageRef": nowhere}, {"size": 1, "snapshot_id": nowhere}, {"size": 1, "bogus": 1}, {"size": 1, "availability_zone": "bogus"}} {
		s.ask("cinder", "POST", "/volumes", object{"volume": bad})
	}
	s.ask("cinder", "POST", "/volumes", object{})
	id := s.ask("cinder", "POST", "/volumes", object{"volume": object{"size": 1, "name": "v", "metadata": object{"a": "b"}, "description": "d"}}).str("volume", "id")
	s.volumeSettled(id, "available")
	s.ask("cinder", "POST", "/volumes", object{"volume": object{"size": 2147483648}})
	path := "/volumes/" + id
	for _, version := range []string{"3.0", "3.14", "3.48", "3.63", "3.70"} {
		s.ask("cinder", "GET", path, nil, "OpenStack-API-Version", "volume "+version)
	}
	s.ask("cinder", "GET", "/volumes", nil)
	s.ask("cinder", "GET", "/volumes/detail?limit=1", nil)
	for _, change := range []object{{"name": "w"}, {}, {"size": 1}} {
		s.ask("cinder", "PUT", path, object{"volume": change})
	}
	s.ask("cinder", "POST", path+"/metadata", object{"metadata": object{"c": "d"}})
	s.ask("cinder", "PUT", path+"/metadata", object{"metadata": object{"c": "d"}})
	s.ask("cinder", "DELETE", path+"/metadata/c", nil)
	s.ask("cinder", "DELETE", path+"/metadata/c", nil)
	s.ask("cinder", "POST", path+"/action", object{"os-extend": object{"new_size": 1}})
	s.ask("cinder", "POST", path+"/action", object{"os-extend": object{"new_size": 2}})
	s.volumeSettled(id, "available")
	s.ask("cinder", "POST", path+"/action", object{"bogus": nil})
	snap := s.ask("cinder", "POST", "/snapshots", object{"snapshot": object{"volume_id": id, "name": "s"}}).str("snapshot", "id")
	s.settle("snapshot", func() bool {
		return s.do("cinder", "GET", "/snapshots/"+snap, nil).str("snapshot", "status") == "available"
	})
	s.ask("cinder", "GET", "/snapshots/detail", nil)
	s.ask("cinder", "GET", "/snapshots/detail?bogus=1", nil)
	s.ask("cinder", "GET", "/snapshots/"+snap, nil)
	for _, change := range []object{{"name": "w"}, {}, {"size": 1}} {
		s.ask("cinder", "PUT", "/snapshots/"+snap, object{"snapshot": change})
	}
	s.ask("cinder", "POST", "/snapshots/"+snap+"/metadata", object{"metadata": object{"c": "d"}})
	s.ask("cinder", "POST", "/snapshots/"+snap+"/metadata", object{"metadata": object{"c": strings.Repeat("x", 256)}})
	s.ask("cinder", "GET", "/snapshots/"+snap+"/metadata", nil)
	s.ask("cinder", "PUT", "/snapshots/"+snap+"/metadata", object{"metadata": object{"e": "f"}})
	s.ask("cinder", "DELETE", "/snapshots/"+snap+"/metadata/e", nil)
	s.ask("cinder", "DELETE", "/snapshots/"+snap+"/metadata/e", nil)
	for _, bad := range []object{{"snapshot_id": snap, "size": 1}, {"snapshot_id": snap, "volume_type": "__DEFAULT__"}, {"snapshot_id": "nope"}, {"snapshot_id": snap, "size": 0}} {
		s.ask("cinder", "POST", "/volumes", object{"volume": bad})
	}
	revert := func(snapshot any, headers ...string) {
		s.ask("cinder", "POST", path+"/action", object{"revert": object{"snapshot_id": snapshot}}, headers...)
	}
	revert(nowhere)
	revert(nil)
	revert(snap, "OpenStack-API-Version", "volume 3.39")
	revert(snap)
	s.volumeSettled(id, "available")
	for _, bad := range []object{{}, {"image_name": ""}, {"image_name": "x", "bogus": 1}, {"image_name": "x", "disk_format": "zz"}} {
		s.ask("cinder", "POST", path+"/action", object{"os-volume_upload_image": bad})
	}
	saved := s.ask("cinder", "POST", path+"/action", object{"os-volume_upload_image": object{"image_name": "up"}}).str("os-volume_upload_image", "image_id")
	s.settle("image of the volume", func() bool { return s.do("glance", "GET", "/images/"+saved, nil).str("status") == "active" })
	s.volumeSettled(id, "available")
	s.ask("glance", "GET", "/images/"+saved, nil)
	s.ask("glance", "DELETE", "/images/"+saved, nil)
	huge := s.ask("cinder", "POST", "/volumes", object{"volume": object{"size": 100 << 20}}).str("volume", "id")
	s.volumeSettled(huge, "error")
	s.ask("cinder", "GET", "/messages?limit=1", nil)
	s.ask("cinder", "GET", "/messages?bogus=1", nil)
	s.ask("cinder", "GET", "/messages", nil, "OpenStack-API-Version", "volume 3.2")
	s.ask("cinder", "GET", "/messages/nope", nil)
	s.ask("cinder", "POST", "/volumes/"+huge+"/action", object{"os-volume_upload_image": object{"image_name": "up"}})
	s.ask("cinder", "DELETE", "/volumes/"+huge, nil)
	s.volumeSettled(huge, "")
	s.ask("cinder", "DELETE", path, nil)
	s.ask("cinder", "DELETE", "/snapshots/"+snap, nil)
	s.settle("snapshot to be gone", func() bool { return s.do("cinder", "GET", "/snapshots/"+snap, nil).status == http.StatusNotFound })
	s.ask("cinder", "DELETE", "/snapshots/"+snap, nil)
	s.ask("cinder", "DELETE", path, nil)
	s.volumeSettled(id, "")
	s.ask("cinder", "DELETE", path, nil)
}
