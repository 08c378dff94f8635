package main

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

// duration is a time.Duration that is written as one ("55s").
type duration = time.Duration

// configFlag names the file; it is the one option that cannot be in it.
const configFlag = "config"

const envPrefix = "OCCIMI_"

// validated are settings that can say what is wrong with them.
type validated interface{ validate() error }

// option is a row of a table.
type option struct{ Name, Env, Default, Help string }

// options reads a table off the tags of settings, in the order of the fields.
func options[T validated]() []option {
	var table []option
	for field := range reflect.TypeFor[T]().Fields() {
		name := field.Tag.Get("koanf")
		table = append(table, option{
			Name:    name,
			Env:     envPrefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_")),
			Default: field.Tag.Get("default"),
			Help:    field.Tag.Get("help"),
		})
	}
	return table
}

// addFlags gives the flag set a flag for every option whose name is chosen, or
// for all of them. Values are strings here: the settings' types are applied to
// flags, environment and file alike.
func addFlags[T validated](flags *pflag.FlagSet, chosen func(name string) bool) {
	for field := range reflect.TypeFor[T]().Fields() {
		name, def, help := field.Tag.Get("koanf"), field.Tag.Get("default"), field.Tag.Get("help")
		if !chosen(name) {
			continue
		}
		switch field.Type.Kind() {
		case reflect.Bool:
			flags.Bool(name, false, help)
		case reflect.Slice:
			flags.StringSlice(name, nil, help)
		default:
			flags.String(name, def, help)
		}
	}
	flags.String(configFlag, "", "YAML file with options")
}

// load reads settings: flag over environment over file over default. The file
// may hold the options of other commands, too.
func load[T validated](flags *pflag.FlagSet, environ func() []string) (T, error) {
	var s T
	k := koanf.New(".")
	if path := configFile(flags); path != "" {
		if err := k.Load(file.Provider(path), yaml.Parser()); err != nil {
			return s, fmt.Errorf("config file %s: %w", path, err)
		}
	}
	own := options[T]()
	var names []string
	for _, o := range slices.Concat(options[settings](), options[conformanceSettings]()) {
		names = append(names, o.Name)
	}
	unknown := slices.DeleteFunc(k.Keys(), func(key string) bool { return slices.Contains(names, key) })
	if len(unknown) > 0 {
		return s, fmt.Errorf("config file: unknown option %s", strings.Join(unknown, ", "))
	}
	for key, value := range k.All() {
		if value == nil { // a key whose value is not there, or commented out
			k.Delete(key)
		}
	}
	// An unknown OCCIMI_ variable is no error: Kubernetes makes some up for a
	// Service of that name.
	known := map[string]string{}
	for _, o := range own {
		known[o.Env] = o.Name
	}
	fromEnv := env.Provider(".", env.Opt{
		Prefix:        envPrefix,
		EnvironFunc:   environ,
		TransformFunc: func(key, value string) (string, any) { return known[key], value },
	})
	if err := k.Load(fromEnv, nil); err != nil {
		return s, fmt.Errorf("environment: %w", err)
	}
	if err := k.Load(posflag.Provider(flags, ".", k), nil); err != nil {
		return s, fmt.Errorf("flags: %w", err)
	}
	for _, o := range own {
		if !k.Exists(o.Name) && o.Default != "" {
			if err := k.Set(o.Name, o.Default); err != nil {
				return s, fmt.Errorf("option %s: %w", o.Name, err)
			}
		}
	}
	if err := decode(k, &s); err != nil {
		return s, err
	}
	return s, s.validate()
}

// configFile is the file that the flag or the environment names.
func configFile(flags *pflag.FlagSet) string {
	if path, err := flags.GetString(configFlag); err == nil && path != "" {
		return path
	}
	return os.Getenv(envPrefix + "CONFIG")
}

// decode gives every field its option's value, and names all that do not fit.
// Nothing is guessed: what YAML has read as a number is no text (2.90 is 2.9 by
// then), and a time without a unit is no time.
func decode(k *koanf.Koanf, settings any) error {
	var errs []error
	s := reflect.ValueOf(settings).Elem()
	for field, value := range s.Fields() {
		name := field.Tag.Get("koanf")
		if !k.Exists(name) {
			continue
		}
		if err := assign(value, k.Get(name)); err != nil {
			errs = append(errs, fmt.Errorf("option %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// assign sets a field to what a flag, the environment or the file gives.
func assign(field reflect.Value, given any) error {
	text, isText := given.(string)
	switch given.(type) {
	case bool, int, int64, uint64, float64:
		text = fmt.Sprint(given)
	case []any, []string:
		if field.Kind() != reflect.Slice {
			return errors.New("it has one value, not a list")
		}
	}
	switch field.Interface().(type) {
	case string:
		if !isText {
			return errors.New("the value must be in quotes")
		}
		field.SetString(text)
	case bool:
		yes, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		field.SetBool(yes)
	case int, int64:
		n, err := strconv.ParseInt(text, 10, field.Type().Bits())
		if err != nil || n < 0 {
			return fmt.Errorf("%q is not a whole number from 0 on", text)
		}
		field.SetInt(n)
	case duration:
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return fmt.Errorf("%q is not a time with a unit, such as 90s or 5m", text)
		}
		field.SetInt(int64(d))
	case []string:
		return assignList(field, given)
	}
	return nil
}

// assignList takes a list, or a text with commas.
func assignList(field reflect.Value, given any) error {
	var list []string
	switch given := given.(type) {
	case string:
		list = strings.Split(given, ",")
	case []string:
		list = slices.Clone(given)
	case []any:
		for _, item := range given {
			text, ok := item.(string)
			if !ok {
				return errors.New("the values must be texts, in quotes")
			}
			list = append(list, text)
		}
	default:
		return errors.New("it is a list")
	}
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	list = slices.DeleteFunc(list, func(item string) bool { return item == "" })
	if len(list) > 0 {
		field.Set(reflect.ValueOf(list))
	}
	return nil
}
