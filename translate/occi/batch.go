package occi

import (
	"context"
	"fmt"
	"strings"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// batchWorkers is how many calls of one batch are under way at once.
const batchWorkers = 8

// forEach does something to each of the entities. There are no transactions in
// the cloud: if some fail, the others go on, and the error tells which failed
// and why.
func forEach(ctx context.Context, ids []string, do func(ctx context.Context, i int) error) error {
	failures := make([]error, len(ids))
	var g fanout.Group
	g.SetLimit(batchWorkers)
	for i := range ids {
		g.Go(func() error {
			failures[i] = do(ctx, i)
			return nil
		})
	}
	_ = g.Wait() // the failures say more
	var first *model.Error
	var failed []string
	for i, err := range failures {
		if err == nil {
			continue
		}
		e := model.AsError(err)
		if first == nil {
			first = e
		}
		failed = append(failed, fmt.Sprintf("%s (%s)", ids[i], e.Message))
	}
	switch {
	case first == nil:
		return nil
	case len(ids) == 1:
		return first
	}
	summary := *first
	summary.Message = fmt.Sprintf("done for %d of %d, but not for %s", len(ids)-len(failed), len(ids), strings.Join(failed, ", "))
	return &summary
}

// parallel does n things at once; the first error ends the others.
func parallel(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	g, ctx := fanout.WithContext(ctx)
	for i := range n {
		g.Go(func() error { return do(ctx, i) })
	}
	return g.Wait()
}
