package sandbox

import (
	"net/http"
	"strings"
	"unicode"
)

// serverName refuses names that are blank at an end or cannot be printed.
func (c *call) serverName(name string) (string, error) {
	if strings.ContainsFunc(name, unprintable) || strings.TrimSpace(name) != name {
		return "", unprintableName()
	}
	return name, nil
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) }

// notPrinted shortens Nova's list of all that can be printed, of 9,000 characters.
const notPrinted = `does not match '^[\\ -\\~\xa0-\u0377\u037a-\uffff]*$'`

func description(v any) string {
	if problem := textOrNull(0, 255)(v); problem != "" {
		return problem
	}
	if text, _ := v.(string); strings.ContainsFunc(text, unprintable) {
		return notPrinted
	}
	return ""
}

func unprintableName() error {
	return refuse(http.StatusBadRequest, "An invalid 'name' value was provided. The name must be: printable characters. Can not start or end with whitespace.")
}
