package sandbox

import (
	"net/http"
	"slices"
	"time"
)

// message is what Cinder tells users of something that went wrong later than
// the answer to the request for it.
type message struct {
	id, event, text   string
	resource, project string
	request           string
	at                time.Time
}

// messagesSince is the first minor version that has messages, keptFor how long
// one is kept at least.
const (
	messagesSince = 3
	keptFor       = 30 * 24 * time.Hour
)

func (c *call) writeMessage(key string, m *message) {
	o := &c.out
	o.object(key, func() {
		o.str("id", m.id)
		o.str("event_id", m.event)
		o.str("user_message", m.text)
		o.str("message_level", "ERROR")
		o.time("created_at", m.at, microseconds)
		o.time("guaranteed_until", m.at.Add(keptFor), microseconds)
		o.str("request_id", m.request)
		c.out.links(c.url("/v3/"+m.project+"/messages/"+m.id), c.url("/"+m.project+"/messages/"+m.id))
		o.str("resource_type", "VOLUME")
		o.str("resource_uuid", m.resource)
	})
}

func listMessages(c *call) error {
	if err := c.onlyQueries(listQueries); err != nil {
		return err
	}
	found := c.messages.where(func(*message) bool { return true }) // of every project, as Cinder does
	slices.Reverse(found)                                          // newest first
	return cinderPage(c, "messages", "/messages", found, func(m *message) string { return m.id }, "Message", func(m *message) {
		c.writeMessage("", m)
	})
}

func showMessage(c *call) error {
	m := c.messages.byID[c.param(0)]
	if m == nil || m.project != c.project() {
		return refuse(http.StatusNotFound, "Message "+c.param(0)+" could not be found.")
	}
	c.out.object("", func() { c.writeMessage("message", m) })
	return c.answer(http.StatusOK)
}
