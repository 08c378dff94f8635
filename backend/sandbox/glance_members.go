package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

func (c *call) writeMember(i *image, m *member) {
	c.out.object("", func() {
		c.out.str("member_id", m.project)
		c.out.str("image_id", i.id)
		c.out.str("status", m.status)
		c.out.time("created_at", m.created, seconds)
		c.out.time("updated_at", m.updated, seconds)
		c.out.str("schema", "/v2/schemas/member")
	})
}

// listMembers shows the owner all members, and a member itself.
func listMembers(c *call) error {
	i, err := c.image()
	if err != nil {
		return err
	}
	if i.visibility != "shared" {
		return refuse(http.StatusForbidden, "Not allowed to list members for image "+i.id+": Only shared images have members.")
	}
	var list []*member
	for _, m := range i.members {
		if i.owner == c.project() || m.project == c.project() || c.admin() {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(a, b *member) int { return strings.Compare(a.project, b.project) })
	c.out.object("", func() {
		c.out.array("members", func() {
			for _, m := range list {
				c.writeMember(i, m)
			}
		})
		c.out.str("schema", "/v2/schemas/members")
	})
	return c.answer(http.StatusOK)
}

func addMember(c *call) error {
	i, err := c.ownImage()
	if err != nil {
		return err
	}
	body, _ := c.body()
	id := textAt(body, "member")
	switch {
	case id == "":
		return refuse(http.StatusBadRequest, "Member can't be empty")
	case i.visibility != "shared":
		return refuse(http.StatusForbidden, "Only shared images have members.")
	case i.members[id] != nil:
		return refuse(http.StatusConflict, "Member "+id+" is duplicated for image "+i.id)
	}
	m := &member{project: id, status: "pending", created: c.now(), updated: c.now()}
	i.members[id] = m
	c.writeMember(i, m)
	return c.answer(http.StatusOK)
}

// imageMember gives the image and the member that the path names.
func (c *call) imageMember() (*image, *member, error) {
	i, err := c.image()
	if err != nil {
		return nil, nil, err
	}
	m := i.members[c.param(1)]
	if m == nil || i.owner != c.project() && m.project != c.project() && !c.admin() {
		return nil, nil, refuse(http.StatusNotFound, c.param(1)+" not found in the member list of the image "+i.id+".")
	}
	return i, m, nil
}

func showMember(c *call) error {
	i, m, err := c.imageMember()
	if err != nil {
		return err
	}
	c.writeMember(i, m)
	return c.answer(http.StatusOK)
}

// setMember is for the member alone: it accepts or rejects.
func setMember(c *call) error {
	i, m, err := c.imageMember()
	if err != nil {
		return err
	}
	if m.project != c.project() && !c.admin() {
		return refuse(http.StatusForbidden, "You are not permitted to modify 'status' on this image member.")
	}
	body, _ := c.body()
	status := textAt(body, "status")
	if !slices.Contains([]string{"pending", "accepted", "rejected"}, status) {
		return refuse(http.StatusBadRequest, "Status must be \"pending\", \"accepted\" or \"rejected\".")
	}
	m.status, m.updated = status, c.now()
	c.writeMember(i, m)
	return c.answer(http.StatusOK)
}

func deleteMember(c *call) error {
	i, err := c.ownImage()
	if err != nil {
		return err
	}
	if i.members[c.param(1)] == nil {
		return refuse(http.StatusNotFound, c.param(1)+" not found in the member list of the image "+i.id+".")
	}
	delete(i.members, c.param(1))
	return c.answer(http.StatusNoContent)
}
