package sandbox

import (
	"net/http"
	"slices"
	"time"
)

// instanceAction is an entry of a server's log.
type instanceAction struct {
	name, request, user string
	start, end          time.Time
	fault               string // why it failed; empty: it did not
}

func listInstanceActions(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	c.out.object("", func() {
		c.out.array("instanceActions", func() {
			for _, a := range slices.Backward(s.actions) {
				c.out.object("", func() { c.writeInstanceAction(s, a) })
			}
		})
	})
	return c.answer(http.StatusOK)
}

func (c *call) writeInstanceAction(s *server, a *instanceAction) {
	c.out.str("action", a.name)
	c.out.str("instance_uuid", s.id)
	c.out.str("request_id", a.request)
	c.out.str("user_id", a.user)
	c.out.str("project_id", s.project)
	c.out.time("start_time", a.start, microseconds)
	if a.fault != "" {
		c.out.str("message", "Error")
	} else {
		c.out.null("message")
	}
	if c.minor >= 58 {
		end := a.end
		if end.IsZero() {
			end = a.start
		}
		c.out.time("updated_at", end, microseconds)
	}
}

func showInstanceAction(c *call) error {
	s, err := c.server()
	if err != nil {
		return err
	}
	for _, a := range s.actions {
		if a.request != c.param(1) {
			continue
		}
		return c.object(http.StatusOK, "instanceAction", func() {
			c.writeInstanceAction(s, a)
			if c.minor < 51 {
				return
			}
			c.out.array("events", func() {
				c.out.object("", func() {
					c.out.str("event", "compute_"+a.name+"_instance")
					c.out.time("start_time", a.start, microseconds)
					c.out.time("finish_time", a.end, microseconds)
					switch {
					case a.end.IsZero():
						c.out.null("result")
					case a.fault != "":
						c.out.str("result", "Error")
					default:
						c.out.str("result", "Success")
					}
					if c.minor >= 62 {
						c.out.str("hostId", hostID)
					}
					if c.minor >= 84 && a.fault != "" {
						c.out.str("details", a.fault)
					}
				})
			})
		})
	}
	return refuse(http.StatusNotFound, "Action "+c.param(1)+" not found")
}

// log notes the beginning of an action; the server's next settled state is its
// end.
func (c *call) log(s *server, name string) *instanceAction {
	a := &instanceAction{name: name, request: c.reqID, user: c.token.user.id, start: c.now()}
	s.actions = append(s.actions, a)
	return a
}
