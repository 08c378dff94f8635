package cimi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/occimi/occimi/backend/store"
	"github.com/occimi/occimi/model"
)

// BenchmarkJobs reads jobs of a project that has as many as there can be: all, a
// page of them, and some by a filter; alone, and with many readers at once.
func BenchmarkJobs(b *testing.B) {
	kept, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "store.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer kept.Close()
	now := time.Now()
	h := surface(b, newFake(), kept, &now)
	do(b, h, 201, "POST /cimi/2/machines", `{"machineTemplate":{`+ref+`}}`)
	made, _, err := kept.Documents(b.Context(), "demo", "cimi/jobs", model.AllDocuments)
	if err != nil || len(made) != 1 {
		b.Fatal(len(made), err)
	}
	for i := 1; i < model.MaxDocuments; i++ {
		d := made[0]
		d.ID, d.Revision = fmt.Sprintf("00000000-0000-4000-8000-%012d", i), 0
		if _, err := kept.KeepDocument(b.Context(), "demo", d); err != nil {
			b.Fatal(err)
		}
	}
	read := func(path string) {
		r := httptest.NewRequest(http.MethodGet, "http://cloud.example.org"+path, nil)
		r.SetBasicAuth("demo", "secret")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 {
			b.Error(path, w.Code, w.Body)
		}
	}
	for _, query := range []string{"", "?$first=5001&$last=5100", "?$filter=state='FAILED'"} {
		b.Run("alone"+query, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				read("/cimi/2/jobs" + query)
			}
		})
		b.Run("together"+query, func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					read("/cimi/2/jobs" + query)
				}
			})
		})
	}
}
