package cimi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/occimi/occimi/backend/store"
	"github.com/occimi/occimi/model"
)

// meeting is a store whose first readers of a document of one kind wait for each
// other, so that each has read when the first of them writes.
type meeting struct {
	*store.Store
	kind   string
	mu     sync.Mutex
	absent int
	all    chan struct{}
}

func (m *meeting) Document(ctx context.Context, project, kind, id string) (model.Document, error) {
	d, err := m.Store.Document(ctx, project, kind, id)
	if kind != m.kind {
		return d, err
	}
	m.mu.Lock()
	if m.absent--; m.absent == 0 {
		close(m.all)
	}
	m.mu.Unlock()
	<-m.all
	return d, err
}

// atOnce sends requests, all of which read documents of the kind before one
// writes, and gives their status codes.
func atOnce(t *testing.T, h http.Handler, m *meeting, kind string, requests ...[2]string) []int {
	t.Helper()
	m.mu.Lock()
	m.kind, m.absent, m.all = kind, len(requests), make(chan struct{})
	m.mu.Unlock()
	status := make([]int, len(requests))
	var done sync.WaitGroup
	for i, request := range requests {
		done.Go(func() {
			method, path, _ := strings.Cut(request[0], " ")
			r := httptest.NewRequest(method, "http://cloud.example.org"+path, strings.NewReader(request[1]))
			r.SetBasicAuth("demo", "secret")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			status[i] = w.Code
		})
	}
	done.Wait()
	m.mu.Lock()
	m.kind = ""
	m.mu.Unlock()
	return status
}

// TestChangesAtOnce: of changes of the same document at the same time none is
// lost, and none brings back what is deleted.
func TestChangesAtOnce(t *testing.T) {
	now := born
	m := &meeting{Store: memory(t, &now)}
	h := surface(t, newFake(), m, &now)

	made, _ := do(t, h, 201, "POST /cimi/1/machineTemplates", `{`+ref+`}`)
	at := strings.TrimPrefix(made["id"].(string), "http://cloud.example.org")
	for at, kind := range map[string]string{at: "cimi/machineTemplates", "/cimi/2/credentials/joe": "cimi/credentials/extras/"} {
		status := atOnce(t, h, m, kind,
			[2]string{"PUT " + at + "?$select=description", `{"description":"d"}`},
			[2]string{"PUT " + at + "?$select=properties", `{"properties":{"k":"v"}}`})
		got, _ := do(t, h, 200, "GET "+at, "")
		if properties, _ := got["properties"].(map[string]any); got["description"] != "d" || properties["k"] != "v" || status[0] != 200 || status[1] != 200 {
			t.Errorf("%s: %v, and then there is %v", at, status, got)
		}
	}

	status := atOnce(t, h, m, "cimi/machineTemplates", [2]string{"PUT " + at + "?$select=name", `{"name":"n"}`}, [2]string{"DELETE " + at, ""})
	if status[0] != 200 && status[0] != 404 || status[1] != 200 {
		t.Errorf("to change and to delete it gave %v", status)
	}
	do(t, h, 404, "GET "+at, "")
}
