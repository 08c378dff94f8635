package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// Texts with characters beyond Unicode's basic plane, such as emoji, do not fit
// into the databases of many clouds (MySQL's utf8mb3). Here it is so, too: Glance
// refuses them; Cinder, Neutron and, of metadata, Nova find out when they store
// them, and fail.

// refuseWide refuses such a text at the place where it stands in a body: the keys
// that lead there.
type refuseWide func(text string, at []string) error

// wideText looks for such a text in the path and the body of a request that
// changes something.
func (c *call) wideText() error {
	refuse := c.service.wide
	if refuse == nil || c.req.Method == http.MethodGet || c.req.Method == http.MethodHead || c.route.upload {
		return nil
	}
	for _, param := range c.params {
		if isWide(param) {
			return refuse(param, nil)
		}
	}
	if !isWide(string(c.data)) && !strings.Contains(string(c.data), `\u`) {
		return nil
	}
	var body any
	_ = json.Unmarshal(c.data, &body) // what is no JSON, the route refuses
	if text, at := findWide(body, nil); text != "" {
		return refuse(text, at)
	}
	return nil
}

func isWide(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r > 0xFFFF })
}

// findWide gives the first such text of a value.
func findWide(v any, at []string) (string, []string) {
	switch v := v.(type) {
	case string:
		if isWide(v) {
			return v, at
		}
	case []any:
		for _, item := range v {
			if text, place := findWide(item, at); text != "" {
				return text, place
			}
		}
	case map[string]any:
		for key, value := range v {
			if isWide(key) {
				return key, at
			}
			if text, place := findWide(value, append(slices.Clone(at), key)); text != "" {
				return text, place
			}
		}
	}
	return "", nil
}

func wideInCinder(string, []string) error {
	return refuse(http.StatusInternalServerError, "The server has either erred or is incapable of performing the requested operation.")
}

func wideInNeutron(string, []string) error {
	return refuseAs(http.StatusInternalServerError, "HTTPInternalServerError", "Request Failed: internal server error while processing your request.")
}

func wideInGlance(_ string, at []string) error { return refuse(http.StatusBadRequest, glanceWords(at)) }

func glanceWords(at []string) string {
	field := "Value"
	if len(at) > 0 {
		field = strings.ToUpper(at[len(at)-1][:1]) + at[len(at)-1][1:]
	}
	return field + " can't contain 4 byte unicode characters."
}

// wideInNova: names and descriptions are of printable characters of the basic
// plane; tags may be anything.
func wideInNova(text string, at []string) error {
	if len(at) == 0 {
		return nil
	}
	switch field := at[len(at)-1]; {
	case slices.Contains(at, "createImage") && slices.Contains(at, "metadata"):
		return refuse(http.StatusBadRequest, "HTTP 400 Bad Request: "+glanceWords(at))
	case slices.Contains(at, "metadata"):
		return remoteFailure("oslo_db.exception.DBError")
	case field == "name":
		return unprintableName()
	case field == "description":
		return invalidField(field, text, notPrinted)
	}
	return nil
}
