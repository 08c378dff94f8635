package sandbox_test

import (
	"strings"
)

func (s *script) identity() {
	s.ask("keystone", "GET", "", nil)
	s.ask("keystone", "GET", "/auth/tokens", nil, "X-Subject-Token", s.token)
	s.ask("keystone", "GET", "/auth/tokens?nocatalog", nil, "X-Subject-Token", s.token)
	s.ask("keystone", "HEAD", "/auth/tokens", nil, "X-Subject-Token", s.token)
	s.ask("keystone", "GET", "/auth/tokens", nil, "X-Subject-Token", "bad")
	s.ask("keystone", "GET", "/auth/tokens", nil)
	s.ask("keystone", "GET", "/auth/tokens", nil, "X-Auth-Token", "bad", "X-Subject-Token", s.token)
	s.ask("keystone", "GET", "/auth/tokens", nil, "X-Auth-Token", "")
	s.ask("keystone", "GET", "/auth/projects", nil)
	s.ask("keystone", "GET", "/projects", nil)
	s.ask("keystone", "GET", "/projects/"+s.project, nil)
	s.ask("keystone", "GET", "/users/"+s.user, nil)
	s.ask("keystone", "GET", "/nope", nil)
	project := object{"project": object{"id": s.project}}
	for _, scope := range []any{nil, "unscoped", project, object{"project": object{"id": "nope"}}, object{"project": object{"name": "admin", "domain": object{"id": "default"}}},
		object{"domain": object{"id": "default"}}, object{"system": object{"all": true}}} {
		s.ask("keystone", "POST", "/auth/tokens", passwordLogin(tenant, "secret", scope), "X-Auth-Token", "")
	}
	s.ask("keystone", "POST", "/auth/tokens", passwordLogin(tenant, "wrong", nil), "X-Auth-Token", "")
	s.ask("keystone", "POST", "/auth/tokens", passwordLogin("nobody-at-all", "wrong", nil), "X-Auth-Token", "")
	s.ask("keystone", "POST", "/auth/tokens", object{}, "X-Auth-Token", "")
	s.ask("keystone", "POST", "/auth/tokens", object{"auth": object{"identity": object{"methods": []string{"nope"}}}}, "X-Auth-Token", "")
	unscoped := s.ask("keystone", "POST", "/auth/tokens", passwordLogin(tenant, "secret", "unscoped"), "X-Auth-Token", "").header.Get("X-Subject-Token")
	again := func(token string) object {
		return object{"auth": object{"identity": object{"methods": []string{"token"}, "token": object{"id": token}}, "scope": project}}
	}
	s.ask("keystone", "POST", "/auth/tokens", again(unscoped), "X-Auth-Token", "")
	s.ask("keystone", "POST", "/auth/tokens", again("junk"), "X-Auth-Token", "")
	s.ask("keystone", "GET", "/auth/catalog", nil, "X-Auth-Token", unscoped)

	credentials := "/users/" + s.user + "/application_credentials"
	made := s.ask("keystone", "POST", credentials, object{"application_credential": object{"name": "ac"}})
	s.ask("keystone", "POST", credentials, object{"application_credential": object{"name": "ac"}})
	s.ask("keystone", "GET", credentials, nil)
	by := func(id, secret string) object {
		return object{"auth": object{"identity": object{"methods": []string{"application_credential"}, "application_credential": object{"id": id, "secret": secret}}}}
	}
	id := made.str("application_credential", "id")
	ac := s.ask("keystone", "POST", "/auth/tokens", by(id, made.str("application_credential", "secret")), "X-Auth-Token", "").header.Get("X-Subject-Token")
	s.ask("keystone", "POST", "/auth/tokens", by(id, "wrong"), "X-Auth-Token", "")
	s.ask("keystone", "POST", "/auth/tokens", by("nope", "wrong"), "X-Auth-Token", "")
	s.ask("keystone", "POST", "/auth/tokens", again(ac), "X-Auth-Token", "")
	s.ask("nova", "GET", "/servers", nil, "X-Auth-Token", ac)
	s.ask("keystone", "DELETE", credentials+"/"+id, nil)
	s.ask("keystone", "DELETE", credentials+"/"+id, nil)
	s.ask("keystone", "DELETE", "/auth/tokens", nil, "X-Subject-Token", unscoped)
	s.ask("keystone", "GET", "/auth/tokens", nil, "X-Subject-Token", unscoped)
	s.ask("keystone", "GET", "/auth/projects", nil, "X-Auth-Token", unscoped)
}

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFDbMjVrtz5FVwbsmqXxmHyUj8GmPlbKMxMZBnvHkHWw me@here"

func (s *script) compute() {
	s.ask("nova", "GET", "", nil, "X-Auth-Token", "")
	s.ask("nova", "GET", "/servers", nil, "X-Auth-Token", "")
	s.ask("nova", "GET", "/servers", nil, "X-Auth-Token", "bad")
	for _, version := range []string{"2.1", "2.94", "2.60", "3.1", "x", "latest"} {
		s.ask("nova", "GET", "/servers", nil, "OpenStack-API-Version", "compute "+version)
	}
	s.ask("nova", "GET", "/servers", nil, "OpenStack-API-Version", "", "X-OpenStack-Nova-API-Version", "2.47")
	for _, query := range []string{"?bogus=1", "?limit=x", "?limit=-1", "?limit=0", "?marker=nope", "?status=BOGUS", "?status=ACTIVE", "?name=%5B", "?changes-since=x", "?all_tenants=1"} {
		s.ask("nova", "GET", "/servers"+query, nil)
	}
	s.ask("nova", "GET", "/servers?bogus=1", nil, "OpenStack-API-Version", "compute 2.60")
	s.ask("nova", "GET", "/servers/nope", nil)
	s.ask("nova", "GET", "/nope", nil)
	s.ask("nova", "DELETE", "/servers/nope", nil)
	s.ask("nova", "POST", "/servers/nope/action", object{"os-start": nil})
	for _, path := range []string{"/flavors", "/flavors/detail", "/flavors/1", "/flavors/99", "/flavors?limit=5", "/flavors?limit=2&marker=2", "/flavors?marker=zz", "/flavors?minRam=9000", "/limits", "/os-availability-zone"} {
		s.ask("nova", "GET", path, nil)
		s.ask("nova", "GET", path, nil, "OpenStack-API-Version", "compute 2.1")
	}
	s.keyPairs()

	net := s.want(201, s.ask("neutron", "POST", "/networks", object{"network": object{"name": "n1"}})).str("network", "id")
	on := func(id string) []object { return []object{{"uuid": id}} }
	base := object{"name": "one", "imageRef": s.image(), "flavorRef": "1", "networks": on(net)}
	ask := func(changes object) answer {
		server := object{}
		for _, m := range []object{base, changes} {
			for k, v := range m {
				server[k] = v
				if v == nil {
					delete(server, k)
				}
			}
		}
		return s.ask("nova", "POST", "/servers", object{"server": server})
	}
	ask(object{})
	s.ask("neutron", "POST", "/subnets", object{"subnet": object{"network_id": net, "cidr": "10.55.0.0/28", "ip_version": 4}})
	const nowhere = "8b6a036e-518e-47d0-8980-f46245faa138"
	for _, bad := range []object{
		{"name": nil}, {"name": ""}, {"name": strings.Repeat("x", 256)}, {"name": " a "}, {"imageRef": "nope"}, {"imageRef": nowhere}, {"imageRef": ""}, {"imageRef": nil},
		{"flavorRef": "99"}, {"flavorRef": nil}, {"networks": "bogus"}, {"networks": nil}, {"networks": on("nope")}, {"networks": on(nowhere)}, {"networks": []object{{"port": nowhere}}}, {"networks": []object{{}}},
		{"networks": []object{{"uuid": net, "fixed_ip": "x"}}}, {"key_name": "nope"}, {"user_data": strings.Repeat("x", 70000)}, {"metadata": object{"a": 1}}, {"metadata": object{"a": strings.Repeat("x", 256)}},
		{"metadata": object{"a/b": "x"}}, {"availability_zone": "bogus"}, {"security_groups": []object{{"name": "nope"}}}, {"tags": []string{"a", "b/c"}}, {"hostname": "Bad_Host!"}, {"bogus": 1},
		{"description": strings.Repeat("x", 256)}, {"description": "a\nb"}, {"description": "a\u2028b"}, {"description": "a\u00adb"}, {"name": "a\u2028b"}, {"min_count": 0}, {"min_count": 2, "max_count": 1},
		{"imageRef": nil, "block_device_mapping_v2": []object{{"boot_index": 0, "uuid": nowhere, "source_type": "volume", "destination_type": "volume"}}},
	} {
		ask(bad)
	}
	s.ask("nova", "POST", "/servers", "{bad")
	s.ask("nova", "POST", "/servers", object{"x": 1})
	id := ask(object{"metadata": object{"a": "b"}, "tags": []string{"t1"}, "description": "d", "hostname": "hh", "user_data": "YWJj", "config_drive": true, "key_name": "k1"}).str("server", "id")
	s.settled(id, "ACTIVE active - 1")
	path := "/servers/" + id
	for _, version := range []string{"2.1", "2.8", "2.25", "2.46", "2.47", "2.60", "2.72", "2.89", "2.93"} {
		s.ask("nova", "GET", path, nil, "OpenStack-API-Version", "compute "+version)
	}
	bad := ask(object{"name": "two", "networks": []object{{"uuid": net, "fixed_ip": "10.9.9.9"}}}).str("server", "id")
	s.settled(bad, "ERROR error - 0")
	s.ask("nova", "GET", "/servers/"+bad, nil)
	s.ask("nova", "GET", "/servers/"+bad+"/os-instance-actions", nil)
	s.ask("nova", "GET", "/servers/"+bad+"/os-instance-actions/nope", nil)
	done := s.do("nova", "GET", "/servers/"+bad+"/os-instance-actions", nil).str("instanceActions", 0, "request_id")
	s.ask("nova", "GET", "/servers/"+bad+"/os-instance-actions/"+done, nil)
	for _, action := range []string{"os-start", "os-stop", "pause"} {
		s.ask("nova", "POST", "/servers/"+bad+"/action", object{action: nil})
	}
	s.ask("nova", "DELETE", "/servers/"+bad, nil)
	s.settled(bad, "404")
	for _, query := range []string{"", "/detail", "?limit=1", "?name=on", "?tags=t1", "?tags=t9", "?ip=10.55", "?limit=1&marker=" + id, "?status=SHUTOFF", "?sort_key=display_name&sort_dir=asc"} {
		s.ask("nova", "GET", "/servers"+query, nil)
	}
	s.parts(path, net)
	s.actions(id)
	s.ask("nova", "DELETE", path, nil)
	s.settled(id, "404")
	s.settle("port to be gone", func() bool { return len(s.do("neutron", "GET", "/ports?device_id="+id, nil).list("ports")) == 0 })
	s.ask("nova", "GET", path, nil)
	s.ask("neutron", "DELETE", "/networks/"+net, nil)
}

func (s *script) keyPairs() {
	pair := func(more object) object { return object{"keypair": more} }
	s.ask("nova", "POST", "/os-keypairs", pair(object{"name": "gen"}), "OpenStack-API-Version", "compute 2.60")
	s.ask("nova", "POST", "/os-keypairs", pair(object{"name": "gen"}), "OpenStack-API-Version", "compute 2.60")
	s.ask("nova", "POST", "/os-keypairs", pair(object{"name": "k1", "public_key": publicKey}))
	for _, bad := range []object{{"name": "k2"}, {"name": "k2", "public_key": "junk"}, {"name": "a/b", "public_key": publicKey}, {"public_key": publicKey}, {"name": "k1", "public_key": publicKey}} {
		s.ask("nova", "POST", "/os-keypairs", pair(bad))
	}
	for _, path := range []string{"/os-keypairs", "/os-keypairs?limit=1", "/os-keypairs?limit=1&marker=gen", "/os-keypairs/k1", "/os-keypairs/nope"} {
		s.ask("nova", "GET", path, nil)
		s.ask("nova", "GET", path, nil, "OpenStack-API-Version", "compute 2.1")
	}
	s.ask("nova", "DELETE", "/os-keypairs/gen", nil)
	s.ask("nova", "DELETE", "/os-keypairs/gen", nil)
}

// parts asks for what hangs on a server.
func (s *script) parts(path, net string) {
	s.ask("nova", "GET", path+"/metadata", nil)
	s.ask("nova", "POST", path+"/metadata", object{"metadata": object{"c": "d"}})
	s.ask("nova", "GET", path+"/metadata/c", nil)
	s.ask("nova", "GET", path+"/metadata/zz", nil)
	s.ask("nova", "PUT", path+"/metadata/c", object{"meta": object{"c": "e"}})
	s.ask("nova", "PUT", path+"/metadata/c", object{"meta": object{"x": "e"}})
	s.ask("nova", "PUT", path+"/metadata", object{"metadata": object{"q": "r"}})
	s.ask("nova", "POST", path+"/metadata", object{"metadata": object{"c": 1}})
	s.ask("nova", "DELETE", path+"/metadata/q", nil)
	s.ask("nova", "DELETE", path+"/metadata/q", nil)
	s.ask("nova", "GET", path+"/tags", nil)
	s.ask("nova", "GET", path+"/tags", nil, "OpenStack-API-Version", "compute 2.1")
	s.ask("nova", "PUT", path+"/tags/t2", nil)
	s.ask("nova", "PUT", path+"/tags/t2", nil)
	s.ask("nova", "GET", path+"/tags/t2", nil)
	s.ask("nova", "GET", path+"/tags/t9", nil)
	s.ask("nova", "PUT", path+"/tags", object{"tags": []string{"x", "y"}})
	s.ask("nova", "DELETE", path+"/tags/x", nil)
	s.ask("nova", "DELETE", path+"/tags/x", nil)
	s.ask("nova", "DELETE", path+"/tags", nil)
	for _, change := range []object{{"name": "uno", "description": "e"}, {"name": ""}, {"hostname": "ab-c"}, {}, {"bogus": 1}} {
		s.ask("nova", "PUT", path, object{"server": change})
	}
	s.ask("nova", "GET", path+"/ips", nil)
	s.ask("nova", "GET", path+"/os-interface", nil)
	s.ask("nova", "GET", path+"/os-volume_attachments", nil)
	s.ask("nova", "GET", path+"/os-instance-actions", nil)
	s.ask("nova", "GET", path+"/os-instance-actions/req-x", nil)
	for _, bad := range []any{
		nil, "junk", object{"net_id": "junk"}, object{"port_id": "junk"}, object{"bogus": 1}, object{"net_id": net, "fixed_ips": []object{}}, object{"net_id": net, "fixed_ips": []object{{}}},
		object{"net_id": net, "fixed_ips": []object{{"ip_address": "junk"}}}, object{"fixed_ips": []object{{"ip_address": "10.55.0.9"}}}, object{"net_id": net, "fixed_ips": "junk"},
	} {
		s.ask("nova", "POST", path+"/os-interface", object{"interfaceAttachment": bad})
	}
	port := s.ask("nova", "POST", path+"/os-interface", object{"interfaceAttachment": object{"net_id": net}}).str("interfaceAttachment", "port_id")
	s.ask("nova", "GET", path+"/os-interface/"+port, nil)
	s.ask("nova", "DELETE", path+"/os-interface/"+port, nil)
	s.settle("interface to be gone", func() bool {
		return len(s.do("nova", "GET", path+"/os-interface", nil).list("interfaceAttachments")) == 1
	})

	volume := s.ask("cinder", "POST", "/volumes", object{"volume": object{"size": 1, "name": "v"}}).str("volume", "id")
	s.volumeSettled(volume, "available")
	attachments := path + "/os-volume_attachments"
	s.ask("nova", "POST", attachments, object{"volumeAttachment": object{"volumeId": "8b6a036e-518e-47d0-8980-f46245faa138"}})
	s.ask("nova", "POST", attachments, object{"volumeAttachment": object{"volumeId": "nope"}})
	s.ask("nova", "POST", attachments, object{"volumeAttachment": object{"volumeId": volume}})
	s.volumeSettled(volume, "in-use")
	s.ask("nova", "POST", attachments, object{"volumeAttachment": object{"volumeId": volume}})
	s.ask("nova", "GET", attachments, nil)
	s.ask("nova", "GET", attachments, nil, "OpenStack-API-Version", "compute 2.1")
	s.ask("nova", "GET", attachments+"/"+volume, nil)
	s.ask("nova", "GET", attachments+"/nope", nil)
	s.ask("cinder", "GET", "/volumes/"+volume, nil)
	s.ask("cinder", "DELETE", "/volumes/"+volume, nil)
	s.ask("nova", "DELETE", attachments+"/"+volume, nil)
	s.settle("volume to be detached", func() bool { // Nova forgets it a moment after Cinder
		return len(s.do("nova", "GET", attachments, nil).list("volumeAttachments")) == 0
	})
	s.volumeSettled(volume, "available")
	s.ask("nova", "DELETE", attachments+"/"+volume, nil)
	s.ask("cinder", "DELETE", "/volumes/"+volume, nil)
	s.volumeSettled(volume, "")
}

func (s *script) volumeSettled(id, status string) {
	s.t.Helper()
	s.settle("volume "+status, func() bool { return s.do("cinder", "GET", "/volumes/"+id, nil).str("volume", "status") == status })
}

// actions walks a server through its states.
func (s *script) actions(id string) {
	act := func(body object) answer { return s.ask("nova", "POST", "/servers/"+id+"/action", body) }
	refused := func(names ...string) {
		for _, name := range names {
			act(object{name: nil})
		}
	}
	refused("os-start", "unpause", "resume", "shelveOffload", "unshelve", "confirmResize", "revertResize", "unrescue", "bogus")
	for _, bad := range []object{{}, {"a": nil, "b": nil}, {"reboot": object{"type": "x"}}, {"reboot": nil}, {"resize": object{"flavorRef": "1"}}, {"resize": object{"flavorRef": "99"}}, {"createImage": object{}}, {"createImage": object{"name": "a", "metadata": object{"k": 1}}}} {
		act(bad)
	}
	for _, move := range []struct {
		do      object
		state   string
		refused []string
	}{
		{object{"os-stop": nil}, "SHUTOFF stopped - 4", []string{"os-stop", "pause", "unpause", "suspend", "resume", "unshelve", "confirmResize"}},
		{object{"reboot": object{"type": "HARD"}}, "ACTIVE active - 1", nil},
		{object{"reboot": object{"type": "SOFT"}}, "ACTIVE active - 1", nil},
		{object{"pause": nil}, "PAUSED paused - 3", []string{"os-start", "os-stop", "pause", "suspend", "resume"}},
		{object{"unpause": nil}, "ACTIVE active - 1", nil},
		{object{"suspend": nil}, "SUSPENDED suspended - 7", []string{"os-start", "os-stop", "pause", "unpause", "suspend"}},
		{object{"resume": nil}, "ACTIVE active - 1", nil},
		{object{"shelve": nil}, "SHELVED_OFFLOADED shelved_offloaded - 4", []string{"os-start", "os-stop", "pause", "shelve"}},
		{object{"unshelve": nil}, "ACTIVE active - 1", nil},
		{object{"resize": object{"flavorRef": "2"}}, "VERIFY_RESIZE resized - 1", []string{"os-stop", "pause"}},
		{object{"confirmResize": nil}, "ACTIVE active - 1", nil},
		{object{"resize": object{"flavorRef": "1"}}, "VERIFY_RESIZE resized - 1", nil},
		{object{"revertResize": nil}, "ACTIVE active - 1", nil},
		{object{"rebuild": object{"imageRef": s.image(), "name": "rb"}}, "ACTIVE active - 1", nil},
		{object{"rescue": object{}}, "RESCUE rescued - 1", []string{"os-stop"}},
		{object{"unrescue": nil}, "ACTIVE active - 1", nil},
		{object{"changePassword": object{"adminPass": "x"}}, "ACTIVE active - 1", nil},
		{object{"lock": nil}, "ACTIVE active - 1", []string{"os-stop"}},
	} {
		act(move.do)
		s.settled(id, move.state)
		s.ask("nova", "GET", "/servers/"+id, nil)
		refused(move.refused...)
	}
	s.ask("nova", "DELETE", "/servers/"+id, nil)
	s.ask("nova", "PUT", "/servers/"+id, object{"server": object{"name": "locked"}})
	s.ask("nova", "POST", "/servers/"+id+"/metadata", object{"metadata": object{"c": "d"}})
	act(object{"unlock": nil})
	act(object{"os-getConsoleOutput": object{"length": 1}})
	saved := act(object{"createImage": object{"name": "saved", "metadata": object{"x": "y"}}}).str("image_id")
	s.settle("image", func() bool { return s.do("glance", "GET", "/images/"+saved, nil).str("status") == "active" })
	s.settled(id, "ACTIVE active - 1")
	s.ask("glance", "GET", "/images/"+saved, nil)
	s.ask("glance", "DELETE", "/images/"+saved, nil)
	s.ask("nova", "GET", "/servers/"+id+"/os-instance-actions", nil)
}

const patchMedia = "application/openstack-images-v2.1-json-patch"
