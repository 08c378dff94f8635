package sandbox

import (
	"net/http"
	"slices"
)

// findTagged is find for tags: whoever sees a thing may tag it.
func (k *kind[T]) findTagged(c *call) (*T, error) {
	v, err := k.find(c)
	if err != nil {
		err = refuseAs(http.StatusNotFound, "TagResourceNotFound", "Resource "+k.path+" "+c.param(0)+" could not be found.")
	}
	return v, err
}

func (k *kind[T]) listTags(c *call) error {
	v, err := k.find(c)
	if err != nil {
		return err
	}
	c.out.object("", func() { c.out.any("tags", k.common(v).tags) })
	return c.answer(http.StatusOK)
}

func (k *kind[T]) addTag(c *call) error {
	v, err := k.findTagged(c)
	if err != nil {
		return err
	}
	if base := k.common(v); !slices.Contains(base.tags, c.param(1)) {
		base.tags = append(base.tags, c.param(1))
		k.touch(c, v)
	}
	c.out.value(nil)
	return c.answer(http.StatusCreated)
}

func (k *kind[T]) replaceTags(c *call) error {
	v, err := k.findTagged(c)
	if err != nil {
		return err
	}
	body, _ := c.body()
	if problem := isList(body["tags"]); problem != "" {
		return refuse(http.StatusBadRequest, "Invalid tags body")
	}
	k.common(v).tags = texts(body["tags"])
	k.touch(c, v)
	return k.listTags(c)
}

func (k *kind[T]) deleteTag(c *call) error {
	v, err := k.findTagged(c)
	if err != nil {
		return err
	}
	base := k.common(v)
	i := slices.Index(base.tags, c.param(1))
	if i < 0 {
		return refuseAs(http.StatusNotFound, "TagNotFound", "Tag "+c.param(1)+" could not be found.")
	}
	base.tags = slices.Delete(base.tags, i, i+1)
	k.touch(c, v)
	return c.answer(http.StatusNoContent)
}
