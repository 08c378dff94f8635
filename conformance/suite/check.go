package suite

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Status wants one of the status codes.
func Status(codes ...int) Check {
	var words []string
	for _, code := range codes {
		words = append(words, strconv.Itoa(code))
	}
	want := strings.Join(words, " or ")
	return Check{"status " + want, func(x *Exchange) error {
		if !slices.Contains(codes, x.Status) {
			return fmt.Errorf("the status is %d, wanted %s", x.Status, want)
		}
		return nil
	}}
}

// Media wants the answer's Content-Type, without its parameters.
func Media(want string) Check {
	return Check{"Content-Type " + want, func(x *Exchange) error {
		if got := x.Media(); got != want {
			return fmt.Errorf("the Content-Type is %q, wanted %q", got, want)
		}
		return nil
	}}
}

// Header wants a field with a value that matches.
func Header(name, expression string) Check {
	re := regexp.MustCompile(expression)
	return Check{fmt.Sprintf("%s matches %s", name, expression), func(x *Exchange) error {
		if got := strings.Join(x.Header.Values(name), ", "); !re.MatchString(got) {
			return fmt.Errorf("%s is %q, wanted what matches %s", name, got, expression)
		}
		return nil
	}}
}

// NoHeader wants no field of that name whose value matches.
func NoHeader(name, expression string) Check {
	re := regexp.MustCompile(expression)
	return Check{fmt.Sprintf("no %s that matches %s", name, expression), func(x *Exchange) error {
		for _, v := range x.Header.Values(name) {
			if re.MatchString(v) {
				return fmt.Errorf("%s is %q", name, v)
			}
		}
		return nil
	}}
}

// Body wants exactly this.
func Body(want string) Check {
	return Check{fmt.Sprintf("the body %q", want), func(x *Exchange) error {
		want, err := x.Expand(want)
		if err == nil && x.Body != want {
			return fmt.Errorf("the body is %q, wanted %q", cut(x.Body), cut(want))
		}
		return err
	}}
}

// Says wants a body that matches; ${names} stand for themselves.
func Says(expression string) Check {
	return Check{"a body that matches " + expression, func(x *Exchange) error {
		re, err := x.Pattern(expression)
		if err == nil && !re.MatchString(x.Body) {
			return fmt.Errorf("nothing in the body matches %s", re)
		}
		return err
	}}
}

// SaysNot wants a body that does not match.
func SaysNot(expression string) Check {
	return Check{"a body that does not match " + expression, func(x *Exchange) error {
		re, err := x.Pattern(expression)
		if err == nil && re.MatchString(x.Body) {
			return fmt.Errorf("the body has %q", cut(re.FindString(x.Body)))
		}
		return err
	}}
}
