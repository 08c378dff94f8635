package cimi

import (
	"mime"
	"net/http"

	"github.com/occimi/occimi/translate/cimi"
)

// readForm takes a form that a page of this service sends for the request that
// it means: a page's form can only say POST, and says in a field what it stands
// for. Errors: Forbidden for what another site lets a browser send; Invalid.
func (x *exchange) readForm() error {
	switch x.method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil
	}
	own, err := x.call.FromOwnPage(x.r)
	mediaType, _, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if err != nil || !own || x.method != http.MethodPost || mediaType != formType {
		return err
	}
	text, err := x.bytes()
	if err != nil {
		return err
	}
	form, err := cimi.ParseForm(text)
	if err != nil {
		return err
	}
	x.form, x.method = &form, form.Method
	return nil
}
