package model_test

import (
	"context"
	"testing"

	"github.com/occimi/occimi/model"
)

func TestRequest(t *testing.T) {
	none := model.RequestFrom(context.Background())
	none.CountCall()
	if none.Calls() != 0 {
		t.Error("a context without a request must count nothing")
	}
	r := &model.Request{ID: "x"}
	got := model.RequestFrom(model.WithRequest(context.Background(), r))
	got.CountCall()
	got.CountCall()
	if r.Calls() != 2 || got.ID != "x" {
		t.Errorf("got %d calls of %q", r.Calls(), got.ID)
	}
}
