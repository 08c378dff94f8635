package cimi

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/cimi"
)

// formats are what is served, the preferred one first.
var formats = []cimi.Format{cimi.JSON, cimi.XML, cimi.HTML}

// negotiate chooses the format of an answer: $format, else what Accept likes
// best, else JSON. If one that is asked for is not offered, the answer is an error,
// in what Accept likes best, else JSON.
func negotiate(accept []string, format string) (cimi.Format, error) {
	for _, f := range formats {
		if format == f.String() {
			return f, nil
		}
	}
	if format != "" {
		accepted, _ := negotiate(accept, "")
		return accepted, refuse(http.StatusNotAcceptable, "$format: %q is not offered, only json, xml and html", format)
	}
	ranges := strings.Join(accept, ",")
	if strings.TrimSpace(ranges) == "" {
		return cimi.JSON, nil
	}
	best, bestQ := cimi.JSON, 0.0
	for _, f := range formats {
		// Java's client names text/html, too, unless it is told otherwise. Only browsers
		// name XHTML, and only they get a page where data would do.
		if f == cimi.HTML && bestQ > 0 && !strings.Contains(ranges, "application/xhtml+xml") {
			break
		}
		if q := quality(ranges, f); q > bestQ {
			best, bestQ = f, q
		}
	}
	if bestQ == 0 {
		return cimi.JSON, refuse(http.StatusNotAcceptable, "Accept: representations are application/json, application/xml and text/html")
	}
	return best, nil
}

// specificities tell how closely a media range describes a format's media type;
// what is not there does not. A page must be asked for by name.
var specificities = map[cimi.Format]map[string]int{
	cimi.JSON: {"*/*": 1, "application/*": 2, "application/json": 3},
	cimi.XML:  {"*/*": 1, "application/*": 2, "application/xml": 3},
	cimi.HTML: {"text/html": 3},
}

// quality gives how much the media ranges like a format (RFC 9110 12.5.1): the
// most specific range that fits counts. Ranges that cannot be read are skipped.
func quality(ranges string, f cimi.Format) float64 {
	best, q := 0, 0.0
	for entry := range strings.SplitSeq(ranges, ",") {
		mediaType, params, err := mime.ParseMediaType(entry)
		if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
			continue
		}
		specific := specificities[f][mediaType]
		if specific <= best {
			continue
		}
		best, q = specific, 1
		if text, ok := params["q"]; ok {
			// What is no number is no wish.
			q, _ = strconv.ParseFloat(text, 64)
		}
	}
	return q
}

// bodyFormats are the media types that bodies may have.
var bodyFormats = map[string]cimi.Format{
	"application/json": cimi.JSON,
	"application/xml":  cimi.XML,
	"text/xml":         cimi.XML,
}

// formType is what curl says of bodies unless it is told otherwise.
const formType = "application/x-www-form-urlencoded"

// body gives the request's body. Without a Content-Type, or with curl's own, its
// first character tells the format: no form begins so.
func (x *exchange) body() (cimi.Body, error) {
	if x.form != nil {
		return x.form.Body, nil
	}
	if coding := x.r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return cimi.Body{}, refuse(http.StatusUnsupportedMediaType, "Content-Encoding: bodies are read as they are, not in %q", coding)
	}
	contentType := x.r.Header.Get("Content-Type")
	mediaType, _, err := mime.ParseMediaType(contentType)
	format, known := bodyFormats[mediaType]
	if contentType != "" && mediaType != formType && (err != nil || !known) {
		return cimi.Body{}, errMediaType
	}
	data, err := x.bytes()
	if err != nil {
		return cimi.Body{}, err
	}
	start := bytes.TrimLeft(data, " \t\r\n\ufeff")
	switch {
	case len(start) == 0:
		return cimi.Body{}, model.Errorf(model.Invalid, "the body is empty")
	case known:
	case start[0] == '<':
		format = cimi.XML
	case start[0] == '{':
		format = cimi.JSON
	case contentType != "":
		return cimi.Body{}, errMediaType
	default:
		return cimi.Body{}, model.Errorf(model.Invalid, "the body has no Content-Type, and is neither JSON nor XML")
	}
	return cimi.Body{Bytes: start, Format: format}, nil
}

var errMediaType = refuse(http.StatusUnsupportedMediaType, "Content-Type: bodies are application/json or application/xml")

// bytes reads the request's body to its end.
func (x *exchange) bytes() ([]byte, error) {
	data, err := io.ReadAll(x.r.Body)
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, refuse(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", tooLarge.Limit)
	}
	if err != nil {
		return nil, model.Errorf(model.Invalid, "the body could not be read to its end")
	}
	return data, nil
}
