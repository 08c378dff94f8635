package lifecycle_test

import (
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// hexKey is a public key as byte[] is written.
var hexKey = strings.ToUpper(hex.EncodeToString([]byte(
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDDy5MPLfhc7qcMtpP+sgEOardidA41SNwnvX31cnHZk me@host")))

// ref is a reference to a resource.
func ref(href string) map[string]any { return map[string]any{"href": href} }

// create writes the document that creates a templated resource by value.
func (d dialect) create(kind, name, template string, members map[string]any) string {
	if d.format == "json" {
		return toJSON(map[string]any{
			"resourceURI": d.namespace() + "/" + kind + "Create", "name": name, template: members,
		})
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<%sCreate xmlns=%q><name>%s</name><%s>`, kind, d.namespace(), escape(name), template)
	// the order of the schema
	for _, member := range []string{"machineConfig", "machineImage", "credential", "key", "wheels"} {
		switch value := members[member].(type) {
		case map[string]any:
			fmt.Fprintf(&b, `<%s href="%s"/>`, member, escape(value["href"].(string)))
		case string:
			fmt.Fprintf(&b, `<%s>%s</%s>`, member, escape(value), member)
		}
	}
	fmt.Fprintf(&b, `</%s></%sCreate>`, template, kind)
	return b.String()
}

// plugs names what a template says of the networks that a machine is on.
func (d dialect) plugs() string {
	if d.version == 1 {
		return "networkInterfaces"
	}
	return "interfaceTemplates"
}

// action writes the document that runs an operation.
func (d dialect) action(op string) string {
	uri := d.namespace() + "/action/" + op
	if d.format == "json" {
		return toJSON(map[string]any{"resourceURI": d.namespace() + "/Action", "action": uri})
	}
	return fmt.Sprintf(`<Action xmlns=%q><action>%s</action></Action>`, d.namespace(), uri)
}

// partial writes a document with one attribute.
func (d dialect) partial(kind, attribute, value string) string {
	if d.format == "json" {
		return toJSON(map[string]any{"resourceURI": d.namespace() + "/" + kind, attribute: value})
	}
	return fmt.Sprintf(`<%s xmlns=%q><%s>%s</%s></%s>`, kind, d.namespace(), attribute, escape(value), attribute, kind)
}

func toJSON(v map[string]any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprint(slices.Sorted(maps.Keys(v)), err))
	}
	return string(data)
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
