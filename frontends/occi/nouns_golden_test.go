package occi_test

import (
	"testing"

	"github.com/occimi/occimi/frontends/occi"
)

// TestNounsGolden holds the nouns besides computes, in every rendering, to their
// files.
func TestNounsGolden(t *testing.T) {
	for name, path := range map[string]string{
		"storage/query": "/-/", "storage/list": "/storage/", "storage/get": "/storage/" + volumeID, "storage/new": "/storage/v-new", "storage/bad": "/storage/v-bad",
		"storage/offline": "/storage/v-off", "storage/missing": "/storage/nothing", "storage/filtered": "/storage/?attribute=occi.storage.size=10",
		"storage/link":       "/compute/" + runningID,
		"storagelink/list":   "/storagelink/",
		"ipreservation/list": "/ipreservation/", "ipreservation/get": "/ipreservation/" + usedIPID, "ipreservation/pool": "/mixin/floatingippool/public_net/",
		"networkinterface/list": "/networkinterface/", "networkinterface/floating": "/networkinterface/fip_" + usedIPID, "networkinterface/taken": "/networkinterface/fip_" + linkedIPID,
		"securitygroup/list": "/securitygroup/", "securitygroup/get": "/securitygroup/" + groupID,
		"securitygrouplink/list": "/securitygrouplink/", "securitygrouplink/get": "/securitygrouplink/" + runningID + "_" + groupID,
		"network/external": "/network/" + publicID,
	} {
		for media, accept := range map[string]string{"plain": "text/plain", "occi": "text/occi", "uris": "text/uri-list", "json": "application/occi+json"} {
			for version, agent := range map[string]string{"any": "curl/8", "1.1": "rOCCI-core/4.3.6 OCCI/1.1"} {
				golden(t, name+"-"+media+"-"+version+".http", wire(t, newService(t, occi.Config{}).do("GET "+path+"\nAccept: "+accept+"\nUser-Agent: "+agent)))
			}
		}
	}
}
