package occi

import (
	"net/http"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/occi"
)

type handler func(*exchange) error

// What each kind of place answers (OCCI 1.2 HTTP table 2). What the standard
// has and is not offered is refused; methods that it does not define there are
// absent, and 405.
var (
	queryHandlers = map[string]handler{
		http.MethodGet:    (*exchange).queryInterface,
		http.MethodPost:   (*exchange).define,
		http.MethodDelete: (*exchange).forget,
	}
	entityHandlers = map[string]handler{
		http.MethodGet:    (*exchange).get,
		http.MethodPost:   (*exchange).updateOrAct,
		http.MethodPut:    (*exchange).replace,
		http.MethodDelete: (*exchange).delete,
	}
	collectionHandlers = map[string]handler{
		http.MethodGet:    (*exchange).list,
		http.MethodPost:   (*exchange).createOrAct,
		http.MethodDelete: (*exchange).deleteAll,
	}
	userMixinHandlers = map[string]handler{
		http.MethodGet:    (*exchange).list,
		http.MethodPost:   (*exchange).associate,
		http.MethodPut:    (*exchange).replaceMembers,
		http.MethodDelete: (*exchange).dissociate,
	}
	mixinHandlers = map[string]handler{
		http.MethodGet:    (*exchange).list,
		http.MethodPost:   refuse(model.Forbidden, "this mixin is the provider's: entities cannot be added to its collection"),
		http.MethodPut:    refuse(model.Forbidden, "this mixin is the provider's: its collection cannot be changed"),
		http.MethodDelete: refuse(model.Forbidden, "this mixin is the provider's: entities cannot be taken out of its collection"),
	}
	templateHandlers = map[string]handler{
		http.MethodGet:    (*exchange).list,
		http.MethodPost:   (*exchange).associate,
		http.MethodPut:    (*exchange).replaceMembers,
		http.MethodDelete: refuse(model.Forbidden, "an entity cannot be without its template"),
	}
	baseHandlers = map[string]handler{
		http.MethodGet:    (*exchange).list,
		http.MethodPost:   refuse(model.Invalid, "an entity is given a template that depends on this mixin, not the mixin itself"),
		http.MethodPut:    refuse(model.Invalid, "an entity is given a template that depends on this mixin, not the mixin itself"),
		http.MethodDelete: refuse(model.Forbidden, "an entity cannot be without its template"),
	}
	coreHandlers = map[string]handler{
		http.MethodGet: (*exchange).list,
	}
	rootHandlers = map[string]handler{
		http.MethodGet:    (*exchange).list,
		http.MethodPost:   (*exchange).createAtRoot,
		http.MethodDelete: refuse(model.Forbidden, "everything below a path cannot be deleted at once: delete the collections one by one"),
	}
	belowHandlers = map[string]handler{
		http.MethodGet:    (*exchange).list,
		http.MethodDelete: refuse(model.Forbidden, "everything below a path cannot be deleted at once: delete the collections one by one"),
	}
)

func (x *exchange) handlers() map[string]handler {
	switch p := x.place; {
	case p.Query:
		return queryHandlers
	case p.Noun != nil && p.ID != "":
		return entityHandlers
	case p.Noun != nil:
		return collectionHandlers
	case p.Mixin != nil && p.Mixin.Mark != "":
		return userMixinHandlers
	case p.Mixin != nil:
		return mixinHandlers
	case p.Template != nil && p.Term == "":
		return baseHandlers
	case p.Template != nil:
		return templateHandlers
	case p.Core != nil:
		return coreHandlers
	case p.Below == "/":
		return rootHandlers
	}
	return belowHandlers
}

func refuse(code model.Code, message string) handler {
	return func(*exchange) error { return model.Errorf(code, "%s", message) }
}

func (x *exchange) queryInterface() error {
	if err := x.notAList(); err != nil {
		return err
	}
	f, err := x.filter()
	if err != nil {
		return err
	}
	page, err := x.query.page(x.cfg.MaxPage)
	if err != nil {
		return err
	}
	catalog, err := x.session.Query(x.r.Context(), f.Categories)
	if err != nil {
		return err
	}
	catalog.Cut(page)
	return x.answer(http.StatusOK, occi.Answer{Catalog: catalog})
}

func (x *exchange) list() error {
	f, err := x.filter()
	if err != nil {
		return err
	}
	page, err := x.query.page(x.cfg.MaxPage)
	if err != nil {
		return err
	}
	whole := x.media.format == occi.JSON || x.media.format == occi.HTML
	listing, err := x.session.List(x.r.Context(), x.place, f, page, whole)
	if err != nil {
		return err
	}
	a := occi.Answer{Listing: listing}
	if x.media.format == occi.HTML {
		if a.Choices, err = x.session.Choices(x.r.Context(), x.place); err != nil {
			return err
		}
	}
	return x.answer(http.StatusOK, a)
}

func (x *exchange) get() error {
	if err := x.notAList(); err != nil {
		return err
	}
	e, err := x.session.Get(x.r.Context(), x.place)
	if err != nil {
		return err
	}
	return x.answer(http.StatusOK, occi.Answer{Entity: e})
}

// notAList takes what the client likes best but text/uri-list, since the answer
// cannot be a list. Errors, before anything is done: Invalid if it takes nothing
// else.
func (x *exchange) notAList() error {
	media, err := negotiate(x.r.Header.Values("Accept"), noLists)
	if err != nil {
		return model.Errorf(model.Invalid, "text/uri-list can only be asked for of a collection")
	}
	x.media = media
	return nil
}

func (x *exchange) createOrAct() error {
	term, err := x.query.action()
	if err != nil {
		return err
	}
	if term != "" {
		return x.act(term)
	}
	return x.create()
}

func (x *exchange) createAtRoot() error {
	if err := x.noActionHere(); err != nil {
		return err
	}
	return x.create()
}

// noActionHere refuses ?action= where the standard defines none, but POST
// itself. What is left there is what any path has.
func (x *exchange) noActionHere() error {
	if _, ok := x.query["action"]; !ok {
		return nil
	}
	return &statusError{
		status:  http.StatusMethodNotAllowed,
		message: "actions are invoked on entities and on collections of a kind",
		allow:   allow(belowHandlers),
	}
}

func (x *exchange) create() error {
	m, _, err := x.message()
	if err != nil {
		return err
	}
	made, err := x.session.Create(x.r.Context(), x.place, m)
	if err != nil {
		return err
	}
	x.w.Header().Set("Location", x.session.Links.URL(made[0].Path()))
	return x.answer(http.StatusCreated, occi.Answer{Created: made})
}

func (x *exchange) updateOrAct() error {
	term, err := x.query.action()
	if err != nil {
		return err
	}
	if term != "" {
		return x.act(term)
	}
	return x.update(false)
}

func (x *exchange) replace() error {
	if _, ok := x.query["action"]; ok {
		return model.Errorf(model.Invalid, "actions are invoked with POST")
	}
	return x.update(true)
}

func (x *exchange) update(full bool) error {
	if err := x.notAList(); err != nil {
		return err
	}
	m, _, err := x.message()
	if err != nil {
		return err
	}
	e, err := x.session.Update(x.r.Context(), x.place, m, full)
	if err != nil {
		return err
	}
	return x.answer(http.StatusOK, occi.Answer{Entity: e})
}

// act invokes an action. There is nothing to say about it but what came of it:
// OCCI 1.2 HTTP 5.4.6 allows the entity, whose state has not changed yet.
func (x *exchange) act(term string) error {
	m, hasBody, err := x.message()
	if err != nil {
		return err
	}
	if x.place.ID == "" {
		if err := x.forAll(hasBody); err != nil {
			return err
		}
	}
	mixins, err := x.session.Act(x.r.Context(), x.place, term, m)
	if err != nil {
		return err
	}
	if len(mixins) > 0 {
		x.w.Header().Set("Location", x.session.Links.URL(mixins[0].Location))
	}
	return x.answer(http.StatusOK, occi.Answer{Mixins: mixins, Acted: true})
}

func (x *exchange) delete() error {
	if err := x.session.Delete(x.r.Context(), x.place); err != nil {
		return err
	}
	return x.answer(http.StatusOK, occi.Answer{})
}

// deleteAll deletes a collection or, with locations, some of it.
func (x *exchange) deleteAll() error {
	m, err := x.someOrAll()
	if err != nil {
		return err
	}
	if err := x.session.DeleteAll(x.r.Context(), x.place, m); err != nil {
		return err
	}
	return x.answer(http.StatusOK, occi.Answer{})
}

// forAll guards what is done to a whole collection: whatever might be meant to
// limit it, and does not, is refused (Invalid).
func (x *exchange) forAll(hasBody bool) error {
	for name := range x.query {
		if name != "action" || x.r.Method != http.MethodPost {
			return model.Errorf(model.Invalid, "what is done to a collection cannot be limited by ?%s=", name)
		}
	}
	if hasBody && occi.InHeader(x.r.Header) {
		return model.Errorf(model.Invalid, "the request says something in its header besides its body, where all must be said")
	}
	return nil
}
