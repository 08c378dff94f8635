package cimi

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"github.com/occimi/occimi/translate/cimi"
)

// etag is the strong entity tag of a representation: it follows from the bytes,
// and so from version, format and query, and is the same in every replica.
func etag(representation []byte) string {
	sum := sha256.Sum256(representation)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}

// checkState refuses a request that may change something if the client says by
// If-Match or If-None-Match that it knows another state (RFC 9110 13.1). Any
// representation tells the state: of the request's own query or of the whole
// resource, in either format, since clients need not accept anything of what they
// only change. Nothing keeps the state from changing between this and the
// change, since OpenStack knows no condition.
func (x *exchange) checkState(ctx context.Context) error {
	match, noneMatch := x.r.Header.Values("If-Match"), x.r.Header.Values("If-None-Match")
	if match == nil && noneMatch == nil {
		return nil
	}
	d, err := x.session.ReadWhole(ctx, x.target, x.query)
	if err != nil {
		return err
	}
	var current []string
	for _, f := range []cimi.Format{cimi.JSON, cimi.XML} {
		current = append(current, etag(d.Append(nil, f)), etag(d.Whole().Append(nil, f)))
	}
	if match != nil && !anyMatches(match, current, false) {
		return refuse(http.StatusPreconditionFailed, "If-Match: the resource is not, or no longer, in that state")
	}
	if noneMatch != nil && anyMatches(noneMatch, current, true) {
		return refuse(http.StatusPreconditionFailed, "If-None-Match: the resource is in that state")
	}
	return nil
}

// anyMatches tells whether a field's list of entity tags has one of those that
// are current, or is "*", which is any. Weak comparison takes weak tags for
// strong ones; strong comparison lets them match nothing (RFC 9110 8.8.3.2).
func anyMatches(fields, current []string, weak bool) bool {
	list := strings.TrimSpace(strings.Join(fields, ","))
	if list == "*" {
		return true
	}
	for list != "" {
		list = strings.TrimLeft(list, ", \t")
		opaque, isWeak := strings.CutPrefix(list, "W/")
		if !strings.HasPrefix(opaque, `"`) {
			return false // the rest is no list of tags
		}
		end := strings.IndexByte(opaque[1:], '"')
		if end < 0 {
			return false
		}
		tag := opaque[:end+2]
		list = opaque[end+2:]
		if (weak || !isWeak) && slices.Contains(current, tag) {
			return true
		}
	}
	return false
}
