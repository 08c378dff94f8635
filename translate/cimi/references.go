package cimi

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"sync"

	"github.com/occimi/occimi/model"
)

// emptyReferences takes out of all that consumers keep what refers to a resource
// that is gone (DSP0263 5.10.1): a reference becomes empty, and an item of an
// array that refers goes as a whole, since the rest of it says nothing.
func (s *Session) emptyReferences(ctx context.Context, t Target) error {
	documents, err := s.referrers(ctx, t)
	for _, d := range documents {
		if err := s.emptyReferencesOf(ctx, d, s.relative(t.uri(s))); err != nil && !model.IsCode(err, model.NotFound) {
			return err
		}
	}
	return err
}

// referrers gives the documents that may refer to a resource.
func (s *Session) referrers(ctx context.Context, t Target) ([]model.Document, error) {
	if s.Documents == nil || strings.Contains(t.resource.path, "/") {
		return nil, nil
	}
	path := s.relative(t.uri(s))
	var referring []model.Document
	for _, r := range resources() {
		if !r.stored && !r.documented || !schemaOf(r.item).refersTo(t.resource.name(), map[*schema]bool{}) {
			continue
		}
		documents, _, err := s.Documents.Documents(ctx, s.project(), documentKind(r), model.AllDocuments)
		if err != nil {
			return nil, err
		}
		for _, d := range documents {
			if mentions(&d, path) {
				referring = append(referring, d)
			}
		}
	}
	return referring, nil
}

// mentions tells whether a document may refer to something.
func mentions(d *model.Document, path string) bool {
	quoted := []byte(strconv.Quote(path))
	return bytes.Contains(d.Content, quoted) || bytes.Contains(d.Secret, quoted)
}

// emptyReferencesOf does so in a document as it was read, or as it is by now.
func (s *Session) emptyReferencesOf(ctx context.Context, d model.Document, gone string) error {
	first := true
	_, err := fromLatest(func() (none struct{}, err error) {
		if !first {
			if d, err = s.Documents.Document(ctx, s.project(), d.Kind, d.ID); err != nil {
				return none, err
			}
		}
		first = false
		for _, content := range []*[]byte{&d.Content, &d.Secret} {
			if len(*content) == 0 {
				continue
			}
			if *content, err = withoutReferences(*content, gone); err != nil {
				return none, err
			}
		}
		d.Updated = s.now()
		_, err = s.Documents.KeepDocument(ctx, s.project(), d)
		return none, err
	})
	return err
}

// withoutReferences gives the JSON of a resource without what refers to something.
func withoutReferences(content []byte, gone string) ([]byte, error) {
	read := json.NewDecoder(bytes.NewReader(content))
	read.UseNumber()
	var resource map[string]any
	if err := read.Decode(&resource); err != nil {
		return nil, model.Errorf(model.Internal, "what is stored cannot be read").Because(err)
	}
	empty(resource, gone)
	return json.Marshal(resource)
}

// refers tells whether a value is a reference to something.
func refers(value any, gone string) bool {
	ref, ok := value.(map[string]any)
	return ok && ref["href"] == gone
}

// texts are the names of the attributes that are maps of texts: what looks like a
// reference there is the consumer's own.
var texts = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, r := range resources() {
		for _, a := range schemaOf(r.item).attributes[everyVersion] {
			if a.kind == kindMap {
				names[a.name] = true
			}
		}
	}
	return names
})

// empty takes references out of a structure, and what is in it, and tells whether
// it had any itself.
func empty(structure map[string]any, gone string) (had bool) {
	for name, value := range structure {
		if texts()[name] {
			continue
		}
		switch value := value.(type) {
		case map[string]any:
			if refers(value, gone) {
				delete(structure, name)
				had = true
				continue
			}
			empty(value, gone)
		case []any:
			var left []any
			for _, item := range value {
				inner, ok := item.(map[string]any)
				if !ok || !refers(inner, gone) && !empty(inner, gone) {
					left = append(left, item)
				}
			}
			if structure[name] = left; len(left) == 0 {
				delete(structure, name)
			}
		}
	}
	return had
}

// refersTo tells whether a resource with the schema may refer to one of a type,
// itself or in a resource by value. seen are the schemas that have been looked at.
func (s *schema) refersTo(typeName string, seen map[*schema]bool) bool {
	if seen[s] {
		return false
	}
	seen[s] = true
	for _, a := range s.attributes[everyVersion] {
		switch a.kind {
		case kindRef, kindRefs:
			if a.of == typeName {
				return true
			}
			if by := declared(a.of); by != nil && schemaOf(by.item).refersTo(typeName, seen) {
				return true
			}
		case kindStructure, kindStructures:
			if a.schema.refersTo(typeName, seen) {
				return true
			}
		}
	}
	return false
}
