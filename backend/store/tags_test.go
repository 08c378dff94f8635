package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/occimi/occimi/backend/store"
	"github.com/occimi/occimi/model"
)

func tag(name, mark, definition string) model.Tag {
	return model.Tag{Name: name, Mark: mark, Definition: []byte(definition)}
}

// manyTags gives n tags, numbered from first.
func manyTags(first, n int) (tags []model.Tag, names []string) {
	for i := first; i < first+n; i++ {
		t := tag(fmt.Sprintf("https://tags.example.org/t#n%04d", i), fmt.Sprintf("mark-%d", i), "d")
		tags, names = append(tags, t), append(names, t.Name)
	}
	return tags, names
}

func wantTags(t *testing.T, s *store.Store, project string, want ...model.Tag) {
	t.Helper()
	got, err := s.Tags(t.Context(), project)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("tags of %s (-want +got):\n%s", project, diff)
	}
}

func define(t *testing.T, s *store.Store, project string, tags ...model.Tag) {
	t.Helper()
	if err := s.DefineTags(t.Context(), project, tags, nil); err != nil {
		t.Fatal(err)
	}
}

func TestTags(t *testing.T) {
	a, b, e := tag("a", "mark-a", "A"), tag("B", "mark-b", "B"), tag("é", "mark-e", "")
	inEachPlace(t, func(t *testing.T, p place) {
		s := open(t, p.location(t))
		wantTags(t, s, "one")

		define(t, s, "one", e, a, b)
		wantTags(t, s, "one", b, a, e) // by bytes, whatever the database's language
		wantTags(t, s, "two")

		t.Run("the same again changes nothing", func(t *testing.T) {
			define(t, s, "one", b, b)
			define(t, s, "one", model.Tag{Name: e.Name, Mark: e.Mark}) // no definition is an empty one
			wantTags(t, s, "one", b, a, e)
		})
		t.Run("nothing is nothing", func(t *testing.T) {
			define(t, s, "one")
			if err := s.ForgetTags(t.Context(), "one", nil); err != nil {
				t.Error(err)
			}
			wantTags(t, s, "one", b, a, e)
		})
		conflicts := []struct {
			name string
			with []model.Tag
			says string
		}{
			{"other definition", []model.Tag{tag("new", "new", "n"), tag("a", "mark-a", "other")}, `tag "a" is there already`},
			{"other mark", []model.Tag{tag("new", "new", "n"), tag("a", "mark-z", "A")}, `tag "a" is there already`},
			{"another's mark", []model.Tag{tag("new", "new", "n"), tag("z", "mark-a", "Z")}, `tag "z" cannot be told from another`},
			{"twice in one request", []model.Tag{tag("new", "new", "n"), tag("new", "new", "m")}, `tag "new" is there already`},
		}
		for _, test := range conflicts {
			t.Run(test.name, func(t *testing.T) {
				wantError(t, s.DefineTags(t.Context(), "one", test.with, nil), model.Conflict, test.says)
				wantTags(t, s, "one", b, a, e)
			})
		}
		t.Run("another project is another world", func(t *testing.T) {
			other := tag("a", "mark-a", "quite different")
			define(t, s, "two", other)
			wantError(t, s.ForgetTags(t.Context(), "two", []string{"B"}), model.NotFound, `"B"`)
			if err := s.ForgetTags(t.Context(), "two", []string{"a"}); err != nil {
				t.Error(err)
			}
			wantTags(t, s, "two")
			wantTags(t, s, "one", b, a, e)
		})
		t.Run("forgetting", func(t *testing.T) {
			for _, missing := range []string{"gone", "", "A", "a\x00", "\xff", strings.Repeat("n", 2000), "' OR 1=1 --", "%"} {
				err := s.ForgetTags(t.Context(), "one", []string{"a", missing, "B"})
				wantError(t, err, model.NotFound, "there is no tag")
				wantTags(t, s, "one", b, a, e)
			}
			if err := s.ForgetTags(t.Context(), "one", []string{"B", "é", "B"}); err != nil {
				t.Error(err)
			}
			wantTags(t, s, "one", a)
			define(t, s, "one", tag("é", "mark-e", "new life"))
			wantTags(t, s, "one", a, tag("é", "mark-e", "new life"))
		})
	})
}

func TestTagsHostileText(t *testing.T) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	names := []string{
		`'; DROP TABLE tag; --`, `" OR ""="`, `$1`, `?`, `%s%n`, `\`, "line\r\nSet-Cookie: a=b", "\u202egnp.exe", "💾",
		"é", "e\u0301", " ", "x ", "null", "\x01", strings.Repeat("n", store.MaxTagNameBytes),
	}
	inEachPlace(t, func(t *testing.T, p place) {
		s := open(t, p.location(t))
		for i, name := range names {
			project := fmt.Sprintf("%d'; DELETE FROM project; --", i)
			want := model.Tag{Name: name, Mark: "m", Definition: every}
			define(t, s, project, want)
			wantTags(t, s, project, want)
			if err := s.ForgetTags(t.Context(), project, []string{name}); err != nil {
				t.Error(err)
			}
			wantTags(t, s, project)
		}
	})
}

func TestTagsRefusals(t *testing.T) {
	big := model.Tag{Name: "big", Mark: "m", Definition: make([]byte, store.MaxTagDefinition)}
	tests := []struct {
		name, project string
		tag           model.Tag
		says          string
	}{
		{"no name", "p", tag("", "m", ""), `"" is not the name of a tag`},
		{"NUL", "p", tag("a\x00b", "m", ""), `"a\x00b" is not the name of a tag`},
		{"not UTF-8", "p", tag("a\xff", "m", ""), `"a\xff" is not the name of a tag`},
		{"long name", "p", tag(strings.Repeat("n", store.MaxTagNameBytes+1), "m", ""), "1 to 1024 bytes"},
		{"no mark", "p", tag("a", "", ""), `tag "a": its mark ""`},
		{"mark with a capital", "p", tag("a", "M", ""), `its mark "M"`},
		{"mark with a line end", "p", tag("a", "m\n", ""), `its mark "m\n"`},
		{"long mark", "p", tag("a", strings.Repeat("m", 41), ""), "1 to 40 characters"},
		{"large definition", "p", model.Tag{Name: "a", Mark: "m", Definition: append(big.Definition, 0)}, "65537 bytes, at most 65536"},
		{"no project", "", tag("a", "m", ""), `per project, and "" is not the id`},
		{"project with NUL", "p\x00", tag("a", "m", ""), `"p\x00" is not the id`},
		{"long project", strings.Repeat("p", 256), tag("a", "m", ""), "is not the id"},
	}
	inEachPlace(t, func(t *testing.T, p place) {
		s := open(t, p.location(t))
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				err := s.DefineTags(t.Context(), test.project, []model.Tag{tag("good", "good", ""), test.tag}, nil)
				wantError(t, err, model.Invalid, test.says)
			})
		}
		wantTags(t, s, "p")
		define(t, s, "p", big)
		wantTags(t, s, "p", big)
		_, err := s.Tags(t.Context(), "")
		wantError(t, err, model.Invalid, "per project")
		wantError(t, s.ForgetTags(t.Context(), "", []string{"big"}), model.Invalid, "per project")
	})
}

func TestTagsQuota(t *testing.T) {
	all, names := manyTags(0, store.MaxTags)
	over, overNames := manyTags(0, store.MaxTags+500)
	inEachPlace(t, func(t *testing.T, p place) {
		s := open(t, p.location(t))
		wantError(t, s.DefineTags(t.Context(), "p", over, nil), model.Quota, "1000 tags")
		wantTags(t, s, "p")
		define(t, s, "p", all...)
		wantError(t, s.DefineTags(t.Context(), "p", []model.Tag{tag("one more", "one-more", "")}, nil), model.Quota, "1000 tags")
		define(t, s, "p", all...) // what is there needs no more room
		wantTags(t, s, "p", all...)
		define(t, s, "another", all[0])
		wantError(t, s.ForgetTags(t.Context(), "p", overNames), model.NotFound, "n1000")
		wantTags(t, s, "p", all...)
		if err := s.ForgetTags(t.Context(), "p", names); err != nil {
			t.Error(err)
		}
		wantTags(t, s, "p")
		wantTags(t, s, "another", all[0])
	})
}

func BenchmarkTags(b *testing.B) {
	for _, p := range places {
		b.Run(p.name, func(b *testing.B) {
			s := open(b, p.location(b))
			tags, _ := manyTags(0, 100)
			if err := s.DefineTags(b.Context(), "p", tags, nil); err != nil {
				b.Fatal(err)
			}
			one, oneName := manyTags(100, 1)
			b.Run("list100", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if got, err := s.Tags(b.Context(), "p"); err != nil || len(got) != 100 {
						b.Fatal(len(got), err)
					}
				}
			})
			b.Run("define-forget", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := s.DefineTags(b.Context(), "p", one, nil); err != nil {
						b.Fatal(err)
					}
					if err := s.ForgetTags(b.Context(), "p", oneName); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
