package sandbox

import (
	"encoding/json"
	"strconv"
	"time"
)

// doc is a JSON text in the making. It is written front to back, so that a
// listing of thousands costs one growing buffer.
type doc struct{ b []byte }

func (d *doc) comma() {
	if n := len(d.b); n > 0 {
		switch d.b[n-1] {
		case '{', '[', ':':
		default:
			d.b = append(d.b, ',')
		}
	}
}

func (d *doc) key(k string) {
	d.comma()
	d.b = append(d.b, '"')
	d.b = append(d.b, k...) // keys from clients go through quote: see value
	d.b = append(d.b, '"', ':')
}

// object writes an object; with an empty key, an array's element or the whole.
func (d *doc) object(k string, members func()) {
	d.open(k, '{')
	members()
	d.b = append(d.b, '}')
}

// array writes an array.
func (d *doc) array(k string, elements func()) {
	d.open(k, '[')
	elements()
	d.b = append(d.b, ']')
}

func (d *doc) open(k string, bracket byte) {
	if k != "" {
		d.key(k)
	} else {
		d.comma()
	}
	d.b = append(d.b, bracket)
}

func (d *doc) str(k, v string) { d.key(k); d.quote(v) }
func (d *doc) num(k string, v int) {
	d.key(k)
	d.b = strconv.AppendInt(d.b, int64(v), 10)
}
func (d *doc) bool(k string, v bool) {
	d.key(k)
	d.b = strconv.AppendBool(d.b, v)
}
func (d *doc) null(k string) { d.key(k); d.b = append(d.b, "null"...) }

// strOrNull writes null for the empty string.
func (d *doc) strOrNull(k, v string) {
	if v == "" {
		d.null(k)
	} else {
		d.str(k, v)
	}
}

// time writes a time in the given layout, and null for the zero time. The
// services store whole seconds, whatever they write behind them.
func (d *doc) time(k string, t time.Time, layout string) {
	d.key(k)
	if t.IsZero() {
		d.b = append(d.b, "null"...)
		return
	}
	d.b = append(d.b, '"')
	d.b = t.UTC().Truncate(time.Second).AppendFormat(d.b, layout)
	d.b = append(d.b, '"')
}

// any writes whatever encoding/json can.
func (d *doc) any(k string, v any) { d.key(k); d.value(v) }

func (d *doc) value(v any) {
	switch v := v.(type) {
	case string:
		d.quote(v)
		return
	case int:
		d.b = strconv.AppendInt(d.b, int64(v), 10)
		return
	case bool:
		d.b = strconv.AppendBool(d.b, v)
		return
	case nil:
		d.b = append(d.b, "null"...)
		return
	case []string:
		d.b = append(d.b, '[')
		for _, s := range v {
			d.comma()
			d.quote(s)
		}
		d.b = append(d.b, ']')
		return
	case []fixedIP:
		d.b = append(d.b, '[')
		for _, ip := range v {
			d.object("", func() { d.str("subnet_id", ip.SubnetID); d.str("ip_address", ip.Address) })
		}
		d.b = append(d.b, ']')
		return
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // only values of this package's own types come here
	}
	d.b = append(d.b, text...)
}

func (d *doc) quote(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			text, _ := json.Marshal(s) // a string has no error
			d.b = append(d.b, text...)
			return
		}
	}
	d.b = append(d.b, '"')
	d.b = append(d.b, s...)
	d.b = append(d.b, '"')
}

// links writes an object's "links": itself, and where it is whatever the
// version of the API.
func (d *doc) links(self, bookmark string) {
	d.array("links", func() {
		d.link("self", self)
		d.link("bookmark", bookmark)
	})
}

func (d *doc) link(rel, href string) {
	d.object("", func() { d.str("rel", rel); d.str("href", href) })
}
