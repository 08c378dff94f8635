package sandbox

import "slices"

// collection holds things in the order in which they were made.
type collection[T any] struct {
	order []*T
	byID  map[string]*T
}

func (s *collection[T]) add(id string, v *T) {
	if s.byID == nil {
		s.byID = map[string]*T{}
	}
	s.order = append(s.order, v)
	s.byID[id] = v
}

func (s *collection[T]) remove(id string) {
	v, ok := s.byID[id]
	if !ok {
		return
	}
	delete(s.byID, id)
	if i := slices.Index(s.order, v); i >= 0 {
		s.order = slices.Delete(s.order, i, i+1)
	}
}

// where gives those that match, oldest first.
func (s *collection[T]) where(match func(*T) bool) []*T {
	var found []*T
	for _, v := range s.order {
		if match(v) {
			found = append(found, v)
		}
	}
	return found
}

// count gives how many match.
func (s *collection[T]) count(match func(*T) bool) int {
	n := 0
	for _, v := range s.order {
		if match(v) {
			n++
		}
	}
	return n
}
