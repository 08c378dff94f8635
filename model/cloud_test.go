package model_test

import (
	"testing"

	"github.com/occimi/occimi/model"
)

// moons are a noun that only some clouds have.
type moons interface{ Moons() int }

type planet struct {
	model.Cloud
	offers bool
}

func (p planet) Offers(model.Service) bool { return p.offers }

type mars struct{ planet }

func (mars) Moons() int { return 2 }

func TestPart(t *testing.T) {
	got, err := model.Part[moons](mars{planet{offers: true}}, "moon")
	if err != nil || got.Moons() != 2 {
		t.Errorf("got %v, %v", got, err)
	}
	for name, cloud := range map[string]model.Cloud{
		"not implemented":    planet{offers: true},
		"not in the catalog": mars{planet{offers: false}},
	} {
		if _, err := model.Part[moons](cloud, "moon"); !model.IsCode(err, model.Unsupported) {
			t.Errorf("%s: got %v, want unsupported", name, err)
		}
	}
}
