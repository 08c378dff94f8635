package occi

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"github.com/occimi/occimi/translate/occi"
)

// method gives the method that is meant: a page's form can only say POST, and
// says in a field what it stands for. Errors: Forbidden for what another site
// lets a browser send.
func (x *exchange) method() (string, error) {
	method := x.r.Method
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return method, nil
	}
	own, err := x.call.FromOwnPage(x.r)
	if err != nil || method != http.MethodPost || !isForm(x.r) {
		return method, err
	}
	body, err := x.body()
	if err != nil {
		return method, err
	}
	if !own || occi.LooksLikeText(body) { // curl -d calls everything a form
		x.r.Body = io.NopCloser(bytes.NewReader(body))
		return method, nil
	}
	form, meant, err := occi.ParseForm(body)
	if err != nil {
		return method, err
	}
	if len(body) > 0 {
		x.form = form
	}
	if meant != "" {
		method = meant
	}
	return method, nil
}

func isForm(r *http.Request) bool {
	return strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "application/x-www-form-urlencoded")
}
