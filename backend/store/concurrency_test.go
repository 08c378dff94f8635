package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/occimi/occimi/backend/store"
	"github.com/occimi/occimi/model"
)

// atOnce runs n calls that begin together and gives their errors.
func atOnce(n int, call func(i int) error) []error {
	errs := make([]error, n)
	begin := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-begin
			errs[i] = call(i)
		})
	}
	close(begin)
	all.Wait()
	return errs
}

// replicas opens two stores where two can have the same things, else one.
func replicas(t *testing.T, p place) []*store.Store {
	location := p.location(t)
	stores := []*store.Store{open(t, location)}
	if p.shared {
		stores = append(stores, open(t, location))
	}
	return stores
}

func TestManyOpenAtOnce(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		location := p.location(t)
		for _, err := range atOnce(8, func(i int) error {
			s, err := store.Open(t.Context(), location, store.Options{})
			if err != nil {
				return err
			}
			defer s.Close()
			return s.DefineTags(t.Context(), "p", []model.Tag{tag(fmt.Sprint(i), fmt.Sprint(i), "")}, nil)
		}) {
			if err != nil {
				t.Error(err)
			}
		}
	})
}

// A file that was not switched to SQLite's log yet, and that another writes to.
func TestOpenWaitsForAnother(t *testing.T) {
	location := places[0].location(t)
	raw := rawDB(t, location)
	mustExec(t, raw, `CREATE TABLE theirs (id INTEGER)`)
	release := lockOut(t, places[0], location)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := store.Open(ctx, location, store.Options{})
	wantError(t, err, model.Timeout, "did not answer in time")
	release()
	define(t, open(t, location), "p", tag("a", "a", ""))
}

func TestReplicasShareAProject(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		stores := replicas(t, p)
		const writers = 16
		errs := atOnce(writers, func(i int) error {
			s := stores[i%len(stores)]
			mine := []model.Tag{tag(fmt.Sprintf("tag %02d", i), fmt.Sprint("m", i), "d")}
			if err := s.DefineTags(t.Context(), "p", mine, nil); err != nil {
				return err
			}
			if _, err := s.Tags(t.Context(), "p"); err != nil {
				return err
			}
			if i%2 == 1 {
				return s.ForgetTags(t.Context(), "p", []string{mine[0].Name})
			}
			return nil
		})
		for _, err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
		var want []model.Tag
		for i := 0; i < writers; i += 2 {
			want = append(want, tag(fmt.Sprintf("tag %02d", i), fmt.Sprint("m", i), "d"))
		}
		for _, s := range stores {
			wantTags(t, s, "p", want...)
		}
	})
}

func TestReplicasRaceForAName(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		stores := replicas(t, p)
		errs := atOnce(10, func(i int) error {
			return stores[i%len(stores)].DefineTags(t.Context(), "p", []model.Tag{tag("same", "same", fmt.Sprint(i))}, nil)
		})
		winner := slices.Index(errs, nil)
		for i, err := range errs {
			if i != winner {
				wantError(t, err, model.Conflict, `"same"`)
			}
		}
		wantTags(t, stores[0], "p", tag("same", "same", fmt.Sprint(winner)))
	})
}

// TestReplicasRaceForAPlace: what the tags that are there must leave free, one
// only of those that want it at the same time gets.
func TestReplicasRaceForAPlace(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		stores := replicas(t, p)
		taken := model.Errorf(model.Conflict, "somebody has it")
		errs := atOnce(10, func(i int) error {
			return stores[i%len(stores)].DefineTags(t.Context(), "p", []model.Tag{tag(fmt.Sprint(i), fmt.Sprint(i), "place")}, func(present []model.Tag) error {
				if len(present) > 0 {
					return taken
				}
				return nil
			})
		})
		winner := slices.Index(errs, nil)
		for i, err := range errs {
			if i != winner && !errors.Is(err, taken) {
				t.Error(i, err)
			}
		}
		wantTags(t, stores[0], "p", tag(fmt.Sprint(winner), fmt.Sprint(winner), "place"))
	})
}

// TestReplicasChangeADocument: of changes of one document at the same time none
// is lost, and none brings back what was forgotten.
func TestReplicasChangeADocument(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		now := noon
		location := p.location(t)
		stores := []*store.Store{clocked(t, location, nil, &now)}
		if p.shared {
			stores = append(stores, clocked(t, location, nil, &now))
		}
		keep(t, stores[0], "p", document("d", noon, ""))
		const writers = 8
		add := func(i int) error {
			for {
				d, err := stores[i%len(stores)].Document(t.Context(), "p", "kind", "d")
				if err != nil {
					return err
				}
				d.Content = append(d.Content, 'x')
				if _, err = stores[i%len(stores)].KeepDocument(t.Context(), "p", d); !errors.Is(err, model.ErrDocumentChanged) {
					return err
				}
			}
		}
		for _, err := range atOnce(writers, add) {
			if err != nil {
				t.Error(err)
			}
		}
		wantDocuments(t, stores[0], "p", "kind", document("d", noon, strings.Repeat("x", writers)))

		for i, err := range atOnce(writers, func(i int) error {
			if i == 0 {
				return stores[0].ForgetDocuments(t.Context(), "p", "kind", []string{"d"})
			}
			return add(i)
		}) {
			if err != nil && (i == 0 || !model.IsCode(err, model.NotFound)) {
				t.Error(i, err)
			}
		}
		wantDocuments(t, stores[0], "p", "kind")
	})
}

func TestReplicasRaceForTheLastPlaces(t *testing.T) {
	const left = 4
	most, _ := manyTags(0, store.MaxTags-left)
	inEachPlace(t, func(t *testing.T, p place) {
		stores := replicas(t, p)
		define(t, stores[0], "p", most...)
		kept := 0
		for _, err := range atOnce(3*left, func(i int) error {
			one, _ := manyTags(store.MaxTags+i, 1)
			return stores[i%len(stores)].DefineTags(t.Context(), "p", one, nil)
		}) {
			if err == nil {
				kept++
			} else {
				wantError(t, err, model.Quota, "1000 tags")
			}
		}
		if tags, err := stores[0].Tags(t.Context(), "p"); err != nil || kept != left || len(tags) != store.MaxTags {
			t.Errorf("%d of %d found a place, now there are %d tags: %v", kept, left, len(tags), err)
		}
	})
}

// lockOut begins a transaction of another program's that keeps all from writing.
func lockOut(t *testing.T, p place, location string) (release func()) {
	tx, err := rawDB(t, location).BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if p.name == "postgres" {
		mustExec(t, tx, `LOCK TABLE project IN EXCLUSIVE MODE`)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

func TestDeadlineHoldsWhileAnotherWrites(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		if !p.shared {
			t.Skip("no other can write")
		}
		location := p.location(t)
		s := open(t, location)
		define(t, s, "p", tag("a", "a", ""))
		release := lockOut(t, p, location)

		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		wantError(t, s.DefineTags(ctx, "p", []model.Tag{tag("b", "b", "")}, nil), model.Timeout, "before the store answered") // the lock is still there
		wantTags(t, s, "p", tag("a", "a", ""))                                                                                // a reader does not wait

		waiting := make(chan error)
		go func() { waiting <- s.DefineTags(t.Context(), "p", []model.Tag{tag("b", "b", "")}, nil) }()
		release()
		if err := <-waiting; err != nil {
			t.Error(err)
		}
		wantTags(t, s, "p", tag("a", "a", ""), tag("b", "b", ""))
	})
}

func TestEndedContext(t *testing.T) {
	inEachPlace(t, func(t *testing.T, p place) {
		s := open(t, p.location(t))
		define(t, s, "p", tag("a", "a", ""))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.Tags(ctx, "p")
		wantError(t, err, model.Timeout, "before the store answered")
		wantError(t, s.DefineTags(ctx, "p", []model.Tag{tag("b", "b", "")}, nil), model.Timeout, "before the store answered")
		wantError(t, s.ForgetTags(ctx, "p", []string{"a"}), model.Timeout, "before the store answered")
		wantTags(t, s, "p", tag("a", "a", ""))
	})
}

// TestUncleanEnd starts this test again as a program that is killed in the
// middle of a change.
func TestUncleanEnd(t *testing.T) {
	const variable = "OCCIMI_TEST_KILLED_STORE"
	if location := os.Getenv(variable); location != "" {
		s := open(t, location)
		define(t, s, "p", tag("a", "a", "kept"))
		tx, err := rawDB(t, location).BeginTx(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		mustExec(t, tx, `INSERT INTO tag (project_id, name, mark, definition) VALUES ('p', 'half', 'half', 'x')`)
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		select {}
	}
	inEachPlace(t, func(t *testing.T, p place) {
		if !p.shared {
			t.Skip("it ends with the program")
		}
		location := p.location(t)
		program := exec.Command(os.Args[0], "-test.run=^TestUncleanEnd$")
		program.Env = append(os.Environ(), variable+"="+location)
		output, err := program.CombinedOutput()
		if status, ok := program.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
			t.Fatalf("the program was not killed: %v\n%s", err, output)
		}
		s := open(t, location)
		wantTags(t, s, "p", tag("a", "a", "kept"))
		define(t, s, "p", tag("half", "half", "whole"))
		wantTags(t, s, "p", tag("a", "a", "kept"), tag("half", "half", "whole"))
	})
}

// A server that ends all connections is Unavailable for a moment, not for good.
func TestPostgresComesBack(t *testing.T) {
	location := postgresSchema(t)
	s := open(t, location)
	define(t, s, "p", tag("a", "a", ""))
	mustExec(t, rawDB(t, location), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()`)
	for range 10 {
		_, err := s.Tags(t.Context(), "p")
		if err == nil {
			break
		}
		wantError(t, err, model.Unavailable, "the store cannot answer now")
	}
	wantTags(t, s, "p", tag("a", "a", ""))
}

// A connection that is lost at the very end leaves it open what happened.
func TestPostgresEndsAtCommit(t *testing.T) {
	location := postgresSchema(t)
	s := open(t, location)
	raw := rawDB(t, location)
	mustExec(t, raw, `CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'`)
	mustExec(t, raw, `CREATE CONSTRAINT TRIGGER die AFTER INSERT ON tag DEFERRABLE INITIALLY DEFERRED
		FOR EACH ROW WHEN (NEW.name = 'b') EXECUTE FUNCTION die()`)
	define(t, s, "p", tag("a", "a", ""))
	err := s.DefineTags(t.Context(), "p", []model.Tag{tag("b", "b", "")}, nil)
	wantError(t, err, model.Unavailable, "the store cannot answer now; whether it kept the change is not known")
	wantTags(t, s, "p", tag("a", "a", ""))
}
