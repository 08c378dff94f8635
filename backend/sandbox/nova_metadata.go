package sandbox

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"
)

var metadataKey = regexp.MustCompile(`^[a-zA-Z0-9-_:. ]{1,255}$`)

// metadata reads metadata from a body; none is empty.
func (c *call) metadata(v any) (map[string]string, error) {
	if v == nil {
		return map[string]string{}, nil
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return nil, invalidField("metadata", v, "is not of type 'object'")
	}
	m := make(map[string]string, len(fields))
	for k, value := range fields {
		if !metadataKey.MatchString(k) {
			return nil, refuse(http.StatusBadRequest, "Invalid input for field/attribute metadata. Value: "+python(fields)+". "+pythonText(k)+" does not match any of the regexes: '^[a-zA-Z0-9-_:. ]{1,255}$'")
		}
		s, ok := value.(string)
		if !ok {
			return nil, invalidField(k, value, "is not of type 'string'")
		}
		if utf8.RuneCountInString(s) > 255 {
			return nil, invalidField(k, value, "is too long")
		}
		m[k] = s
	}
	if len(m) > maxMetadata {
		return nil, tooMuchMetadata()
	}
	return m, nil
}

func tooMuchMetadata() error {
	return refuse(http.StatusForbidden, "Maximum number of metadata items exceeds "+strconv.Itoa(maxMetadata))
}

// changeable gives the path's server if its metadata may be changed now.
func (c *call) changeable(action string) (*server, error) {
	s, err := c.server()
	if err != nil {
		return nil, err
	}
	if s.locked && !c.admin() {
		return nil, locked(s)
	}
	return s, transition{name: action, from: steady, duringTask: true}.allowed(s)
}

// taggable is changeable for tags: locks do not keep from those.
func (c *call) taggable(action string) (*server, error) {
	s, err := c.server()
	if err != nil {
		return nil, err
	}
	return s, transition{name: action, from: steady, duringTask: true}.allowed(s)
}

func listMetadata(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	return c.object(http.StatusOK, "metadata", func() { writeStrings(&c.out, s.metadata) })
}

// setMetadata sets some of a server's metadata, or puts others in the place of
// all.
func setMetadata(replace bool) func(*call) error {
	return func(c *call) error {
		if _, err := c.server(); err != nil { // 404 goes before what is wrong with the body
			return err
		}
		body, err := c.member("metadata")
		if err != nil {
			return err
		}
		more, err := c.metadata(body)
		if err != nil {
			return err
		}
		s, err := c.changeable("update metadata")
		if err != nil {
			return err
		}
		merged := more
		if !replace {
			merged = cloneStrings(s.metadata)
			for k, v := range more {
				merged[k] = v
			}
		}
		if len(merged) > maxMetadata {
			return tooMuchMetadata()
		}
		s.metadata = merged
		return listMetadata(c)
	}
}

func noMetadatum() error { return refuse(http.StatusNotFound, "Metadata item was not found") }

func showMetadatum(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	v, ok := s.metadata[c.param(1)]
	if !ok {
		return noMetadatum()
	}
	return c.object(http.StatusOK, "meta", func() { writeStrings(&c.out, map[string]string{c.param(1): v}) })
}

func setMetadatum(c *call) error {
	if _, err := c.server(); err != nil {
		return err
	}
	body, err := c.member("meta")
	if err != nil {
		return err
	}
	one, err := c.metadata(body)
	if err != nil {
		return err
	}
	value, ok := one[c.param(1)]
	if !ok || len(one) != 1 {
		return refuse(http.StatusBadRequest, "Request body and URI mismatch")
	}
	s, err := c.changeable("update metadata")
	if err != nil {
		return err
	}
	if _, had := s.metadata[c.param(1)]; !had && len(s.metadata) >= maxMetadata {
		return tooMuchMetadata()
	}
	if s.metadata == nil {
		s.metadata = map[string]string{}
	}
	s.metadata[c.param(1)] = value
	return showMetadatum(c)
}

func deleteMetadatum(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	if _, ok := s.metadata[c.param(1)]; !ok {
		return noMetadatum()
	}
	if _, err := c.changeable("delete metadata"); err != nil {
		return err
	}
	delete(s.metadata, c.param(1))
	return c.answer(http.StatusNoContent)
}

var tagPattern = regexp.MustCompile(`^[^,/]*$`)

const maxTags = 50

// checkTags reads a list of tags from a body.
func checkTags(v any) ([]string, error) {
	given, ok := v.([]any)
	if !ok {
		return nil, invalidField("tags", v, "is not of type 'array'")
	}
	if len(given) > maxTags {
		return nil, invalidField("tags", v, "is too long")
	}
	tags := []string{}
	for i, t := range given {
		problem := text(1, 60)(t)
		if problem == "" && !tagPattern.MatchString(t.(string)) {
			problem = "does not match '^[^,/]*$'"
		}
		if problem != "" {
			return nil, invalidField(strconv.Itoa(i), t, problem)
		}
		if !slices.Contains(tags, t.(string)) {
			tags = append(tags, t.(string))
		}
	}
	return tags, nil
}

func listTags(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	c.out.object("", func() { c.out.any("tags", s.tags) })
	return c.answer(http.StatusOK)
}

func replaceTags(c *call) error {
	body, ok := c.body()
	if !ok {
		return refuse(http.StatusBadRequest, "Malformed request body")
	}
	tags, err := checkTags(body["tags"])
	if err != nil {
		return err
	}
	s, err := c.taggable("update tags")
	if err != nil {
		return err
	}
	s.tags = tags
	return listTags(c)
}

func deleteTags(c *call) error {
	s, err := c.taggable("delete tags")
	if err != nil {
		return err
	}
	s.tags = []string{}
	return c.answer(http.StatusNoContent)
}

func checkTag(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	if !slices.Contains(s.tags, c.param(1)) {
		return refuse(http.StatusNotFound, "Server "+s.id+" has no tag '"+c.param(1)+"'")
	}
	return c.answer(http.StatusNoContent)
}

func addTag(c *call) error {
	if _, err := checkTags([]any{c.param(1)}); err != nil {
		return err
	}
	s, err := c.taggable("update tag")
	if err != nil {
		return err
	}
	if slices.Contains(s.tags, c.param(1)) {
		return c.answer(http.StatusNoContent)
	}
	if len(s.tags) >= maxTags {
		return refuse(http.StatusBadRequest, "The number of tags exceeded the per-server limit "+strconv.Itoa(maxTags))
	}
	s.tags = append(s.tags, c.param(1))
	slices.Sort(s.tags)
	c.header.Set("Location", c.url("/v2.1/servers/"+s.id+"/tags/"+c.param(1)))
	c.header.Set("Content-Type", "text/html; charset=UTF-8")
	return c.answer(http.StatusCreated)
}

func deleteTag(c *call) error {
	s, err := c.taggable("delete tag")
	if err != nil {
		return err
	}
	i := slices.Index(s.tags, c.param(1))
	if i < 0 {
		return refuse(http.StatusNotFound, "Instance "+s.id+" has no tag '"+c.param(1)+"'")
	}
	s.tags = slices.Delete(s.tags, i, i+1)
	return c.answer(http.StatusNoContent)
}
