package sandbox

import (
	"container/heap"
	"crypto/rand"
	"fmt"
	"time"
)

// event is something that will have happened at a certain time.
type event struct {
	due  time.Time
	turn int // events due at the same time happen in the order of their making
	do   func()
}

type eventQueue struct {
	list  []event
	turns int
}

func (q *eventQueue) Len() int { return len(q.list) }
func (q *eventQueue) Less(i, j int) bool {
	if q.list[i].due.Equal(q.list[j].due) {
		return q.list[i].turn < q.list[j].turn
	}
	return q.list[i].due.Before(q.list[j].due)
}
func (q *eventQueue) Swap(i, j int) { q.list[i], q.list[j] = q.list[j], q.list[i] }
func (q *eventQueue) Push(x any)    { q.list = append(q.list, x.(event)) }
func (q *eventQueue) Pop() any {
	last := q.list[len(q.list)-1]
	q.list[len(q.list)-1] = event{}
	q.list = q.list[:len(q.list)-1]
	return last
}

// after has do done once the time is over: by the first request from then on.
func (c *Cloud) after(wait time.Duration, do func()) {
	c.events.turns++
	heap.Push(&c.events, event{due: c.now().Add(wait), turn: c.events.turns, do: do})
}

// advance does all that is due.
func (c *Cloud) advance() {
	now := c.now()
	for c.events.Len() > 0 && !c.events.list[0].due.After(now) {
		heap.Pop(&c.events).(event).do()
	}
}

// The services write times in four ways.
const (
	seconds      = "2006-01-02T15:04:05Z"        // Nova, Neutron, Glance
	microseconds = "2006-01-02T15:04:05.000000"  // Nova's launched_at, Cinder
	microsZulu   = "2006-01-02T15:04:05.000000Z" // Keystone
)

// randomUUID is a version 4 UUID.
func randomUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
