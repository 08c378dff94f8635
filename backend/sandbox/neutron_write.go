package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// request reads a body and checks it against the attributes.
func (k *kind[T]) request(c *call, creating bool) (map[string]any, error) {
	body, ok := c.body()
	if !ok {
		return nil, refuse(http.StatusBadRequest, "Body contains invalid data")
	}
	want, ok := body[k.name].(map[string]any)
	if !ok {
		return nil, refuse(http.StatusBadRequest, "Unable to find '"+k.name+"' in request body")
	}
	return want, k.checkRequest(c, want, creating)
}

// checkRequest checks what a request wants against the attributes.
func (k *kind[T]) checkRequest(c *call, want map[string]any, creating bool) error {
	attrs := k.all()
	var unknown []string
	for name := range want {
		if !slices.ContainsFunc(attrs, func(a attr[T]) bool { return a.name == name }) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return refuse(http.StatusBadRequest, "Unrecognized attribute(s) '"+strings.Join(unknown, ", ")+"'")
	}
	action := map[bool]string{true: "create", false: "update"}[creating]
	for _, a := range attrs {
		value, given := want[a.name]
		switch {
		case !given && creating && a.required:
			return refuse(http.StatusBadRequest, "Failed to parse request. Required attribute '"+a.name+"' not specified")
		case !given:
			continue
		case creating && a.check == nil:
			return refuse(http.StatusBadRequest, "Attribute '"+a.name+"' not allowed in POST")
		case !creating && (a.fixed || a.check == nil):
			return refuse(http.StatusBadRequest, "Cannot update read-only attribute "+a.name)
		}
		if problem := a.check(value); problem != "" {
			if to, ok := strings.CutPrefix(problem, "to:"); ok {
				return invalidInput(python(value) + " cannot be converted to " + to + ".")
			}
			if words, ok := strings.CutPrefix(problem, "not:"); ok {
				return invalidInput(words)
			}
			if reason, ok := strings.CutPrefix(problem, "reason:"); ok {
				return refuse(http.StatusBadRequest, "Invalid input for "+a.name+". Reason: "+reason)
			}
			return refuse(http.StatusBadRequest, "Invalid input for "+a.name+". Reason: '"+plainText(value)+"' "+problem)
		}
	}
	for _, a := range attrs { // whether all is right comes before whether it is allowed
		value, given := want[a.name]
		if !given {
			continue
		}
		if value != nil && a.adminly && !c.admin() {
			rule := action + "_" + k.name
			return refuseAs(http.StatusForbidden, "PolicyNotAuthorized", "(rule:"+rule+" and rule:"+rule+":"+a.name+") is disallowed by policy")
		}
		if (a.name == "tenant_id" || a.name == "project_id") && value != c.project() && !c.admin() {
			return refuseAs(http.StatusForbidden, "PolicyNotAuthorized", "(rule:create_"+k.name+") is disallowed by policy")
		}
	}
	return nil
}

func plainText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return python(v)
}

func (k *kind[T]) post(c *call) error {
	if body, ok := c.body(); ok {
		if wishes, ok := body[k.plural()].([]any); ok {
			return k.postAll(c, wishes)
		}
	}
	want, err := k.request(c, true)
	if err != nil {
		return err
	}
	v, err := k.make(c, want)
	if err != nil {
		return err
	}
	c.out.object("", func() { k.write(c, k.name, v, k.all()) })
	return c.answer(http.StatusCreated)
}

// postAll makes several things, or none.
func (k *kind[T]) postAll(c *call, wishes []any) error {
	var made []*T
	for _, wish := range wishes {
		want, ok := wish.(map[string]any)
		err := refuse(http.StatusBadRequest, "Invalid item '"+python(wish)+"' in request body")
		if ok {
			err = k.checkRequest(c, want, true)
		}
		if err == nil {
			var v *T
			if v, err = k.make(c, want); err == nil {
				made = append(made, v)
				continue
			}
		}
		for _, v := range made {
			_ = k.remove(c, v) // what is new, nothing keeps
			k.items(c.Cloud).remove(k.common(v).id)
		}
		return err
	}
	c.out.object("", func() {
		c.out.array(k.plural(), func() {
			for _, v := range made {
				k.write(c, "", v, k.all())
			}
		})
	})
	return c.answer(http.StatusCreated)
}

// make makes one thing that has been checked.
func (k *kind[T]) make(c *call, want map[string]any) (*T, error) {
	items := k.items(c.Cloud)
	used := items.count(func(v *T) bool { return k.common(v).project == c.project() })
	if c.over(k.name, used, 1) {
		return nil, overQuota(k.name)
	}
	base := c.newCommon(c.project())
	base.name, base.description = textAt(want, "name"), textAt(want, "description")
	v, err := k.create(c, base, want)
	if err == nil {
		items.add(k.common(v).id, v)
	}
	return v, err
}

func overQuota(name string) error {
	return refuseAs(http.StatusConflict, "OverQuota", "Quota exceeded for resources: ['"+name+"'].")
}

func (k *kind[T]) put(c *call) error {
	v, err := k.own(c, "update")
	if err != nil {
		return err
	}
	want, err := k.request(c, false)
	if err != nil {
		return err
	}
	base := k.common(v)
	if err := unchanged(c, base); err != nil {
		return err
	}
	if err := k.change(c, v, want); err != nil {
		return err
	}
	setText(want, "name", &base.name)
	setText(want, "description", &base.description)
	k.touch(c, v)
	c.out.object("", func() { k.write(c, k.name, v, k.all()) })
	return c.answer(http.StatusOK)
}

// unchanged refuses a change of what has another revision than is expected.
func unchanged(c *call, base *common) error {
	if expected, given := strings.CutPrefix(c.req.Header.Get("If-Match"), "revision_number="); given && expected != strconv.Itoa(base.revision) {
		return refuseAs(http.StatusPreconditionFailed, "RevisionNumberConstraintFailed", fmt.Sprintf("Constrained to %s, but current revision is %d", expected, base.revision))
	}
	return nil
}

func (k *kind[T]) touch(c *call, v *T) {
	base := k.common(v)
	base.updated = timestamp(c.now())
	base.revision++
}

func (k *kind[T]) delete(c *call) error {
	v, err := k.own(c, "delete")
	if err != nil {
		return err
	}
	if err := unchanged(c, k.common(v)); err != nil {
		return err
	}
	if err := k.remove(c, v); err != nil {
		return err
	}
	k.items(c.Cloud).remove(k.common(v).id)
	c.header.Set("Content-Type", "")
	return c.answer(http.StatusNoContent)
}
