package occi

import (
	"net/http"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/occi"
)

// define defines mixins of the user's own (OCCI 1.2 HTTP 5.2.2).
func (x *exchange) define() error {
	if err := x.noActionHere(); err != nil {
		return err
	}
	m, _, err := x.read(occi.ParseDefinitions)
	if err != nil {
		return err
	}
	mixins, err := x.session.Define(x.r.Context(), m)
	if err != nil {
		return err
	}
	if x.media.format != occi.JSON {
		mixins = nil // OCCI 1.1 has no content here
	}
	return x.answer(http.StatusOK, occi.Answer{Mixins: mixins})
}

// forget removes mixins of the user's own (OCCI 1.2 HTTP 5.2.3). Only a category
// names one: nothing is removed for want of a name.
func (x *exchange) forget() error {
	m, hasBody, err := x.read(occi.ParseDefinitions)
	if err != nil {
		return err
	}
	if err := x.forAll(hasBody); err != nil {
		return err
	}
	if err := x.session.Forget(x.r.Context(), m); err != nil {
		return err
	}
	return x.answer(http.StatusOK, occi.Answer{})
}

func (x *exchange) associate() error {
	if _, ok := x.query["action"]; ok {
		return model.Errorf(model.Invalid, "this mixin defines no actions: invoke one on an entity, or on the collection of its kind")
	}
	m, _, err := x.message()
	if err != nil {
		return err
	}
	return x.setMembers(m, occi.Associate)
}

// replaceMembers makes the entities named the whole collection. That there are
// none must be said, by an empty body of a type that has lists.
func (x *exchange) replaceMembers() error {
	m, hasBody, err := x.message()
	if err != nil {
		return err
	}
	if m.Empty() && !hasBody && x.r.Header.Get("Content-Type") == "" {
		return model.Errorf(model.Invalid, "the request does not say what the collection shall be")
	}
	return x.setMembers(m, occi.Replace)
}

// dissociate takes the mixin off the entities named, or off all. They live on.
func (x *exchange) dissociate() error {
	m, err := x.someOrAll()
	if err != nil {
		return err
	}
	return x.setMembers(m, occi.Dissociate)
}

func (x *exchange) setMembers(m *occi.Message, how occi.Membership) error {
	listing, err := x.session.SetMembers(x.r.Context(), x.place, m, how)
	if err != nil {
		return err
	}
	return x.answer(http.StatusOK, occi.Answer{Listing: listing})
}

// someOrAll reads what a DELETE of a collection is to be limited to. A message
// that is there and names nothing is refused: it may be meant as a limit.
func (x *exchange) someOrAll() (*occi.Message, error) {
	m, hasBody, err := x.message()
	if err != nil {
		return nil, err
	}
	if err := x.forAll(hasBody); err != nil {
		return nil, err
	}
	if m.Empty() && (hasBody || occi.InHeader(x.r.Header)) {
		return nil, model.Errorf(model.Invalid, "the request names nothing to delete: say nothing to delete all")
	}
	return m, nil
}
