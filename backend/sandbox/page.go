package sandbox

import (
	"net/url"
	"strings"
)

// page cuts the wanted page out of a list.
//
// An item is found by its id; limit is at most most, and most if none is
// wanted. ok is false if the marker is not in the list. more tells whether the
// page is full: the services then promise a next one, which may be empty.
func page[T any](list []*T, id func(*T) string, marker string, limit, most int) (items []*T, more, ok bool) {
	if marker != "" {
		at := -1
		for i, v := range list {
			if id(v) == marker {
				at = i
				break
			}
		}
		if at < 0 {
			return nil, false, false
		}
		list = list[at+1:]
	}
	if limit < 0 || limit > most {
		limit = most
	}
	if len(list) > limit {
		list = list[:limit]
	}
	return list, limit > 0 && len(list) == limit, true
}

// nextQuery gives the query of the next page: the present one with the marker
// behind all else.
func nextQuery(rawQuery, marker string) string {
	var kept []string
	for pair := range strings.SplitSeq(rawQuery, "&") {
		if pair != "" && !strings.HasPrefix(pair, "marker=") {
			kept = append(kept, pair)
		}
	}
	return strings.Join(append(kept, "marker="+url.QueryEscape(marker)), "&")
}
