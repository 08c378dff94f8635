package cimi

import (
	"strings"

	"github.com/occimi/occimi/model"
)

// propertyPrefix marks what of a resource's metadata in the cloud are CIMI
// properties. The rest is not the CIMI client's, and is neither shown nor
// changed.
const propertyPrefix = "cimi_p_"

// maxPropertyItems is how many properties a resource can have (DSP0263 table 7,
// MaxPropertyItems): Nova and Glance keep 128 of all metadata.
const maxPropertyItems = 100

// Nova and Glance keep keys and values of at most 255 characters.
const maxPropertyText = 255

// propertiesOf gives the properties that are in a resource's metadata; nil if
// there are none.
func propertiesOf(metadata map[string]string) map[string]string {
	var properties map[string]string
	for key, value := range metadata {
		if name, ok := strings.CutPrefix(key, propertyPrefix); ok {
			if properties == nil {
				properties = map[string]string{}
			}
			properties[name] = value
		}
	}
	return properties
}

// replaceProperties gives the change of metadata that makes the properties those
// wanted, where an empty value removes a key; what is as wanted is not in it.
// Errors: Invalid, for what the cloud cannot keep.
func replaceProperties(now, wanted map[string]string) (map[string]string, error) {
	change := map[string]string{}
	for key := range now {
		if strings.HasPrefix(key, propertyPrefix) {
			change[key] = ""
		}
	}
	for key, value := range wanted {
		switch {
		case !keepsKey(key):
			return nil, model.Errorf(model.Invalid,
				"the property key %q cannot be kept: it must be of letters, digits and \"-_:. \", and at most %d characters",
				clip(key), maxPropertyText-len(propertyPrefix))
		case !keepsValue(value):
			return nil, model.Errorf(model.Invalid, "the value of the property %q cannot be kept: it must be of 1 to %d bytes", key, maxPropertyText)
		}
		if change[propertyPrefix+key] = value; now[propertyPrefix+key] == value {
			delete(change, propertyPrefix+key)
		}
	}
	return change, nil
}

// keepsProperty tells whether metadata in the cloud can hold a property.
func keepsProperty(key, value string) bool { return keepsKey(key) && keepsValue(value) }

func keepsKey(key string) bool {
	return key != "" && len(propertyPrefix+key) <= maxPropertyText && !strings.ContainsFunc(key, notInKeys)
}

func keepsValue(value string) bool { return value != "" && len(value) <= maxPropertyText }

func notInKeys(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_:. ", r))
}

// changes gives what an update changes of the common attributes; nil is left as
// it is. OpenStack wants names: erasing one makes it the key. metadata gives
// what the resource has now; it is called only if properties change. Errors:
// Invalid, and those of metadata.
func (c *Common) changes(at Address, changed func(string) bool, metadata func() (map[string]string, error)) (
	name, description *string, change map[string]string, err error) {
	if changed("name") {
		if name = &c.Name; c.Name == "" {
			c.Name = at.Key()
		}
	}
	if changed("description") {
		description = &c.Description
	}
	if !changed("properties") {
		return name, description, nil, nil
	}
	now, err := metadata()
	if err != nil {
		return nil, nil, nil, err
	}
	if change, err = replaceProperties(now, c.Properties); len(change) == 0 {
		change = nil
	}
	return name, description, change, err
}
