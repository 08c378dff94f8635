package server

import (
	"net/http"

	"github.com/occimi/occimi/model"
)

// FromOwnPage tells whether a browser says that a request which may change
// something comes of a page of this service. Browsers send passwords along with
// whatever another site makes them send, so that what comes of such a site is
// refused (Forbidden). Programs say neither.
func (c *Call) FromOwnPage(r *http.Request) (bool, error) {
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
	switch {
	case site == "same-origin", site == "" && origin == c.BaseURL:
		return true, nil
	case (site == "" || site == "none") && origin == "":
		return false, nil
	}
	return false, model.Errorf(model.Forbidden, "a page of another site may not change anything here")
}

// ProtectPage says in the header of an HTML page what a browser may do with it:
// show it outside of frames, and send its forms to this service.
func ProtectPage(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "same-origin")
}
