package server

import (
	"html/template"
	"net/http"
	"strings"
)

var indexPage = template.Must(template.New("index").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Occimi</title></head><body>
<h1>Occimi</h1>
<p>This server lets clients of two open standards manage an OpenStack cloud:</p>
<ul>{{range .}}
<li><a href="{{.Path}}{{.Entry}}">{{.Title}}</a></li>{{end}}
</ul></body></html>
`))

// entries says where a protocol's discovery begins, below its mount.
var entries = map[string]struct{ Title, Entry string }{
	"occi": {"OCCI 1.1 and 1.2: the query interface", "-/"},
	"cimi": {"CIMI 1 and 2: the Cloud Entry Point", "cloudEntryPoint"}, // not the root itself, which may be this page
}

// wantsIndex tells a browser at the root from a client of a protocol: only a
// browser asks for text/html.
func wantsIndex(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.Path == "/" &&
		strings.Contains(r.Header.Get("Accept"), "text/html")
}

func (s *Server) serveIndex(w http.ResponseWriter, r *http.Request) {
	CallFrom(r.Context()).SetRoute("/")
	type link struct{ Path, Title, Entry string }
	links := make([]link, 0, len(s.mounts))
	for _, m := range s.mounts {
		if strings.HasPrefix(m.Path, "/.well-known/") {
			continue // the same again
		}
		links = append(links, link{Path: m.Path, Title: entries[m.Name].Title, Entry: entries[m.Name].Entry})
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	ProtectPage(w.Header())
	_ = indexPage.Execute(w, links) // an error here is the client going away
}
