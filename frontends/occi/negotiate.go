package occi

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/occi"
)

// mediaType is a name of a rendering.
type mediaType struct {
	name   string
	format occi.Format
	// charset is what the name is followed by in answers.
	charset string
}

// mediaTypes is what is offered. Where a client leaves the choice, the first
// that fits is taken.
var mediaTypes = []mediaType{
	{"text/plain", occi.PlainText, "; charset=utf-8"},
	{"text/occi", occi.Header, ""},
	{"text/uri-list", occi.URIList, ""},
	{"application/occi+json", occi.JSON, ""},
	{"application/json", occi.JSON, ""},
	{"text/occi+plain", occi.PlainText, "; charset=utf-8"},
	{"text/html", occi.HTML, "; charset=utf-8"},
}

// noLists is what is offered where the answer cannot be a list (OCCI 1.2 Text 5.3).
var noLists = slices.DeleteFunc(slices.Clone(mediaTypes), func(m mediaType) bool { return m.format == occi.URIList })

func mediaTypeNamed(name string) (mediaType, bool) {
	name, _, _ = strings.Cut(name, ";")
	name = strings.TrimSpace(name)
	for _, m := range mediaTypes {
		if strings.EqualFold(m.name, name) {
			return m, true
		}
	}
	return mediaType{}, false
}

// mediaRange is one element of an Accept field.
type mediaRange struct {
	pattern string
	quality float64
}

// exactly is the specificity of a range that names one media type.
const exactly = 3

// specificity tells how closely the range describes the media type; 0 is not at
// all.
func (r mediaRange) specificity(name string) int {
	switch family, _, _ := strings.Cut(name, "/"); r.pattern {
	case name:
		return exactly
	case family + "/*":
		return 2
	case "*/*", "*":
		return 1
	}
	return 0
}

// negotiate chooses the rendering (RFC 9110 12.5.1): of what is offered, what
// the client values most, and of equals what it names first. No Accept field
// means the first that is offered. Errors: 406.
func negotiate(accept []string, offered []mediaType) (mediaType, error) {
	ranges := parseAccept(accept)
	if len(ranges) == 0 {
		return offered[0], nil
	}
	best, bestQuality, bestPosition := -1, 0.0, 0
	for i, m := range offered {
		quality, position, closest := 0.0, 0, 0
		for j, r := range ranges {
			s := r.specificity(m.name)
			if m.format == occi.HTML && s < exactly {
				continue // for browsers only, which name it
			}
			if s > closest {
				quality, position, closest = r.quality, j, s
			}
		}
		if quality > bestQuality || quality > 0 && quality == bestQuality && position < bestPosition {
			best, bestQuality, bestPosition = i, quality, position
		}
	}
	if best < 0 {
		return mediaType{}, &statusError{
			status:  http.StatusNotAcceptable,
			message: "none of the media types asked for is offered; these are: " + acceptable,
		}
	}
	return offered[best], nil
}

func parseAccept(fields []string) []mediaRange {
	var ranges []mediaRange
	for element := range strings.SplitSeq(strings.Join(fields, ","), ",") {
		parts := strings.Split(element, ";")
		r := mediaRange{pattern: strings.ToLower(strings.TrimSpace(parts[0])), quality: 1}
		if r.pattern == "" {
			continue
		}
		for _, p := range parts[1:] {
			if name, value, _ := strings.Cut(p, "="); strings.EqualFold(strings.TrimSpace(name), "q") {
				if q, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil && q >= 0 && q <= 1 {
					r.quality = q
				}
			}
		}
		ranges = append(ranges, r)
	}
	return ranges
}

// What the Accept field of answers says (OCCI 1.2 HTTP 5.6.2). rOCCI 4, which
// speaks OCCI 1.1, would take the JSON rendering for its own of 2012, so that it
// is not told of it.
const (
	acceptableText = "text/plain, text/occi, text/uri-list"
	acceptable     = acceptableText + ", application/occi+json"
)

// clientVersion reads the OCCI/x.y tokens of a User-Agent field; of several the
// lowest counts. Errors: Unsupported if the client needs a version that is not
// spoken here (OCCI 1.2 HTTP 5.6.3).
func clientVersion(userAgent string) (occi.Version, error) {
	var lowest [2]uint64
	known := false
	for token := range strings.FieldsFuncSeq(userAgent, func(r rune) bool { return strings.ContainsRune(" \t;(),", r) }) {
		version, ok := strings.CutPrefix(token, "OCCI/")
		if !ok {
			continue
		}
		major, minor, _ := strings.Cut(version, ".")
		a, okA := digits(major)
		b, okB := digits(minor)
		if !okA || !okB {
			continue
		}
		if v := [2]uint64{a, b}; !known || a < lowest[0] || a == lowest[0] && b < lowest[1] {
			lowest, known = v, true
		}
	}
	switch {
	case !known:
		return occi.AnyVersion, nil
	case lowest[0] > 1 || lowest[0] == 1 && lowest[1] > 2:
		return occi.V1_2, model.Errorf(model.Unsupported, "OCCI/%d.%d is not spoken here: OCCI/1.2 and OCCI/1.1 are", lowest[0], lowest[1])
	case lowest == [2]uint64{1, 2}:
		return occi.V1_2, nil
	}
	return occi.V1_1, nil
}

// digits reads a whole number; one that is too large for its type is the largest.
func digits(s string) (uint64, bool) {
	n, err := strconv.ParseUint(s, 10, 64)
	return n, err == nil || errors.Is(err, strconv.ErrRange)
}
