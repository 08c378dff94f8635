package openstack

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/occimi/occimi/model"
)

// unkeptText makes an invalid request of a call that failed in the service (500)
// with a text that has characters beyond Unicode's basic plane, such as emoji.
// Many clouds' databases cannot keep them (MySQL's utf8mb3), and Nova, Neutron and
// Cinder find that out when all else is right; others can, so nothing is refused
// before. nil: it did not fail for that.
func unkeptText(l label, r request, err error) error {
	e, ok := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err)
	if !ok || e.Actual != http.StatusInternalServerError {
		return nil
	}
	text, beyond, found := textBeyondBMP(r)
	if !found {
		return nil
	}
	unkept := model.Errorf(model.Invalid, "the %s service cannot keep %q: its database does not take the character %U", l.service, bounded(text, 64), beyond).
		Because(failure{label: l, detail: "HTTP 500"})
	unkept.UpstreamID = upstreamID(e.ResponseHeader)
	return unkept
}

// textBeyondBMP finds the first text of a request that has a character beyond the
// basic plane, and that character.
func textBeyondBMP(r request) (text string, beyond rune, found bool) {
	path, err := url.PathUnescape(r.path)
	if err == nil {
		for part := range strings.SplitSeq(path, "/") {
			if c, ok := beyondBMP(part); ok {
				return part, c, true
			}
		}
	}
	// Whatever the body is, its texts are those of its JSON.
	content, err := json.Marshal(r.body)
	if err != nil {
		return "", 0, false
	}
	for d := json.NewDecoder(strings.NewReader(string(content))); ; {
		token, err := d.Token()
		if err != nil {
			return "", 0, false
		}
		if part, ok := token.(string); ok {
			if c, ok := beyondBMP(part); ok {
				return part, c, true
			}
		}
	}
}

func beyondBMP(text string) (rune, bool) {
	for _, c := range text {
		if c > 0xFFFF {
			return c, true
		}
	}
	return 0, false
}
