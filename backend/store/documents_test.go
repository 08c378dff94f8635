package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/occimi/occimi/backend/store"
	"github.com/occimi/occimi/model"
)

var (
	noon = time.Date(2026, 3, 1, 12, 0, 0, 1000, time.UTC)
	key  = []byte(strings.Repeat("k", store.KeyBytes))
)

// clocked opens a store whose clock shows *now.
func clocked(t testing.TB, location string, key []byte, now *time.Time) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), location, store.Options{Key: key, Now: func() time.Time { return *now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func document(id string, created time.Time, content string) model.Document {
	return model.Document{Kind: "kind", ID: id, Created: created, Updated: created, Content: []byte(content)}
}

// keep keeps documents, and gives the last one's revision.
func keep(t testing.TB, s *store.Store, project string, documents ...model.Document) (revision int64) {
	t.Helper()
	for _, d := range documents {
		var err error
		if revision, err = s.KeepDocument(t.Context(), project, d); err != nil || revision == 0 {
			t.Fatal(revision, err)
		}
	}
	return revision
}

func wantDocuments(t *testing.T, s *store.Store, project, kind string, want ...model.Document) {
	t.Helper()
	options := cmp.Options{cmpopts.EquateEmpty(), cmpopts.IgnoreFields(model.Document{}, "Revision")}
	wantPage := func(p model.Page, want []model.Document, total int) {
		t.Helper()
		got, n, err := s.Documents(t.Context(), project, kind, p)
		if diff := cmp.Diff(want, got, options); err != nil || n != total || diff != "" {
			t.Errorf("documents of %s, %+v: %d, %v (-want +got):\n%s", project, p, n, err, diff)
		}
	}
	total := len(want)
	wantPage(model.AllDocuments, want, total)
	wantPage(model.Page{}, nil, total)
	wantPage(model.Page{Limit: 1}, want[:min(1, total)], total)
	wantPage(model.Page{Skip: 1, Limit: 1}, want[min(1, total):min(2, total)], total)
	wantPage(model.Page{Skip: 1, Limit: 100}, want[min(1, total):], total)
	wantPage(model.Page{Skip: 100, Limit: 100}, nil, total)
	for _, d := range want {
		one, err := s.Document(t.Context(), project, kind, d.ID)
		if diff := cmp.Diff(d, one, options); err != nil || diff != "" {
			t.Errorf("document %q: %v (-want +got):\n%s", d.ID, err, diff)
		}
	}
}

func TestDocuments(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		now := noon
		s := clocked(t, p.location(t), key, &now)
		b, a, other := document("b", noon, "B"), document("ä", noon.Add(time.Microsecond), ""), document("c", noon.Add(-time.Hour), "C\x00")
		other.Kind = "other"
		late := document("a", noon.Add(time.Second), "late")
		late.Secret = []byte("s3cr3t")
		keep(t, s, "one", late, a)
		revision := keep(t, s, "one", other, b)
		wantDocuments(t, s, "one", "kind", b, a, late)
		wantDocuments(t, s, "one", "other", other)
		wantDocuments(t, s, "two", "kind")
		_, err := s.Document(t.Context(), "two", "kind", "a")
		wantError(t, err, model.NotFound, `"a"`)

		changed := document("b", noon.Add(time.Hour), "B2")
		changed.Revision = revision
		keep(t, s, "one", changed)
		changed.Created = noon // it stays
		wantDocuments(t, s, "one", "kind", changed, a, late)

		for _, ids := range [][]string{nil, {"none", "x\x00"}, {"b", "b", "none"}, {"b"}} {
			if err := s.ForgetDocuments(t.Context(), "one", "kind", ids); err != nil {
				t.Error(err)
			}
		}
		wantDocuments(t, s, "one", "kind", a, late)
		wantDocuments(t, s, "one", "other", other)
	})
}

// TestRevisions: a document is replaced as it was read, or not at all; what was
// made, changed or forgotten since stays as it is then.
func TestRevisions(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		now := noon
		s := clocked(t, p.location(t), nil, &now)
		refused := func(d model.Document, revision int64) {
			t.Helper()
			d.Revision = revision
			if _, err := s.KeepDocument(t.Context(), "one", d); !errors.Is(err, model.ErrDocumentChanged) {
				t.Errorf("revision %d: %v", revision, err)
			}
		}
		d := document("d", noon, "1")
		refused(d, 1) // there is none
		first := keep(t, s, "one", d)
		refused(document("d", noon, "another"), 0)
		if got, err := s.Document(t.Context(), "one", "kind", "d"); err != nil || got.Revision != first {
			t.Errorf("revision %d is read as %d, %v", first, got.Revision, err)
		}
		d.Revision, d.Content = first, []byte("2")
		second := keep(t, s, "one", d)
		refused(document("d", noon, "late"), first)
		wantDocuments(t, s, "one", "kind", d)

		if err := s.ForgetDocuments(t.Context(), "one", "kind", []string{"d"}); err != nil {
			t.Fatal(err)
		}
		refused(d, second)
		wantDocuments(t, s, "one", "kind")
		d.Revision = 0
		if third := keep(t, s, "one", d); third == first || third == second {
			t.Errorf("the revision %d is there again", third)
		}
		refused(d, first)
		refused(d, second)
	})
}

// TestDocumentsExpire: what has expired is not seen, and goes when anything is
// kept.
func TestDocumentsExpire(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		now := noon
		location := p.location(t)
		s := clocked(t, location, nil, &now)
		d, stays := document("d", noon, ""), document("stays", noon, "")
		d.Expires = noon.Add(time.Minute)
		keep(t, s, "one", d)
		stays.Revision = keep(t, s, "one", stays)
		wantDocuments(t, s, "one", "kind", d, stays)
		now = noon.Add(time.Minute)
		wantDocuments(t, s, "one", "kind", stays)
		_, err := s.Document(t.Context(), "one", "kind", "d")
		wantError(t, err, model.NotFound, "")
		keep(t, s, "one", stays)
		now = noon // turned back, the clock would show it
		wantDocuments(t, s, "one", "kind", stays)
	})
}

func TestDocumentsThatCannotBeKept(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		now := noon
		s := clocked(t, p.location(t), nil, &now)
		large := string(make([]byte, model.MaxDocumentBytes+1))
		secret := document("d", noon, "")
		secret.Secret = []byte("s")
		for _, test := range []struct {
			project string
			d       model.Document
			code    model.Code
			says    string
		}{
			{"one", document("", noon, ""), model.Invalid, "name"},
			{"one", document("\xff", noon, ""), model.Invalid, "name"},
			{"one", document("d", noon, large), model.Invalid, "65536 bytes"},
			{"one", secret, model.Unsupported, "no key"},
			{"", document("d", noon, ""), model.Invalid, "project"},
		} {
			_, err := s.KeepDocument(t.Context(), test.project, test.d)
			wantError(t, err, test.code, test.says)
		}
		wantDocuments(t, s, "one", "kind")
		if s.KeepsSecrets() {
			t.Error("a store without a key says that it keeps secrets")
		}
	})
}

// TestSecrets are not in the database as they are, open with their key only, and
// in their own place only.
func TestSecrets(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		if !p.shared {
			t.Skip("nobody else can look into it")
		}
		now := noon
		location := p.location(t)
		s := clocked(t, location, key, &now)
		d := document("d", noon, "")
		d.Secret = []byte("a secret")
		keep(t, s, "one", d)
		db := rawDB(t, location)
		var kept []byte
		if err := db.QueryRowContext(t.Context(), `SELECT secret FROM document`).Scan(&kept); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(kept), "secret") {
			t.Errorf("the database has %q", kept)
		}
		for name, other := range map[string][]byte{"another key": []byte(strings.Repeat("K", store.KeyBytes)), "no key": nil} {
			_, err := clocked(t, location, other, &now).Document(t.Context(), "one", "kind", "d")
			wantError(t, err, model.Unavailable, "a secret cannot be read")
			_ = name
		}
		mustExec(t, db, `UPDATE document SET id = 'moved'`)
		_, err := s.Document(t.Context(), "one", "kind", "moved")
		wantError(t, err, model.Unavailable, "a secret cannot be read")
	})
	_, err := store.Open(t.Context(), "sqlite::memory:", store.Options{Key: []byte("short")})
	wantError(t, err, model.Invalid, "5 bytes")
}

// TestDocumentsAreBounded: the oldest of those that expire make room; others do
// not.
func TestDocumentsAreBounded(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		now := noon
		location := p.location(t)
		s := clocked(t, location, nil, &now)
		if !p.shared {
			t.Skip("nobody else can fill it")
		}
		keep(t, s, "one", document("first", noon, ""))
		db := rawDB(t, location)
		for i := 1; i < model.MaxDocuments; i += 500 {
			var rows []string
			for j := i; j < min(i+500, model.MaxDocuments); j++ {
				rows = append(rows, fmt.Sprintf("('one', 'kind', 'n%d', %d, 0, %d, '', '')", j, j, noon.Add(time.Hour).UnixMicro()))
			}
			mustExec(t, db, `INSERT INTO document (project_id, kind, id, created, updated, expires, content, secret) VALUES `+strings.Join(rows, ", "))
		}
		d := document("job", noon, "")
		d.Expires = noon.Add(time.Hour)
		keep(t, s, "one", d)
		if _, err := s.Document(t.Context(), "one", "kind", "n1"); !model.IsCode(err, model.NotFound) {
			t.Errorf("the oldest is still there: %v", err)
		}
		for _, id := range []string{"first", "job", "n2"} {
			if _, err := s.Document(t.Context(), "one", "kind", id); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		}
		_, err := s.KeepDocument(t.Context(), "one", document("template", noon, ""))
		wantError(t, err, model.Quota, "10000")
		keep(t, s, "two", document("template", noon, ""))
	})
}
