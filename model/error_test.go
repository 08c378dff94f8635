package model_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/occimi/occimi/model"
)

func TestAsError(t *testing.T) {
	notFound := model.Errorf(model.NotFound, "no machine %q", "7")
	tests := []struct {
		name    string
		err     error
		code    model.Code
		message string
	}{
		{"itself", notFound, model.NotFound, `no machine "7"`},
		{"wrapped", fmt.Errorf("reading: %w", notFound), model.NotFound, `no machine "7"`},
		{"any other tells the client nothing", errors.New("dial 10.0.0.1: refused"), model.Internal, "internal error"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := model.AsError(test.err)
			if got.Code != test.code || got.Message != test.message {
				t.Errorf("got %q %q, want %q %q", got.Code, got.Message, test.code, test.message)
			}
			if !model.IsCode(test.err, test.code) && test.code != model.Internal {
				t.Errorf("IsCode(%v, %q) is false", test.err, test.code)
			}
		})
	}
}

func TestErrorCauses(t *testing.T) {
	if err := model.Errorf(model.Timeout, "no answer: %w", io.ErrUnexpectedEOF); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("the operand of a %w is not the cause")
	}
	plain := model.Errorf(model.Unavailable, "the compute service cannot be reached")
	err := plain.Because(io.EOF)
	if !errors.Is(err, io.EOF) || errors.Is(plain, io.EOF) {
		t.Error("Because must give a copy with the cause")
	}
	if err.Message != plain.Message {
		t.Errorf("the cause changed the message to %q", err.Message)
	}
}
