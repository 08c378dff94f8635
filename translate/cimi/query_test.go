package cimi_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/cimi"
)

// six are machines that differ in all that can be compared.
var six = []model.Machine{
	{ID: "1", Name: "a", State: model.MachineRunning, Created: born.Add(470 * time.Millisecond), Flavor: model.Flavor{VCPUs: 1, MemoryMiB: 512}},
	{ID: "2", Name: "b", State: model.MachineStopped, Created: born.AddDate(0, 0, 1), Flavor: model.Flavor{VCPUs: 2, MemoryMiB: 512}},
	{ID: "3", Name: "a", State: model.MachineRunning, Created: born.AddDate(0, 0, 2), Flavor: model.Flavor{VCPUs: 4, MemoryMiB: 1024}, Metadata: map[string]string{"cimi_p_env": "prod"}},
	{ID: "4", Name: "it's", State: model.MachineFailed, Flavor: model.Flavor{VCPUs: 10}},
	{ID: "5", Name: "Ä", State: model.MachinePaused, Created: born.AddDate(0, 0, 3)},
	{ID: "6", Name: "B", State: model.MachineRunning, Created: born.AddDate(0, 0, 4), Metadata: map[string]string{"cimi_p_env": "test"}},
}

// found gives the ids of the items of a collection, in order, and its count.
func found(t *testing.T, d cimi.Document) (ids string, count int) {
	t.Helper()
	var got struct {
		Count    int
		Machines []struct{ ID string }
	}
	if err := json.Unmarshal(d.Append(nil, cimi.JSON), &got); err != nil {
		t.Fatal(err)
	}
	for _, m := range got.Machines {
		ids += strings.TrimPrefix(m.ID, "http://h/cimi/2/machines/")
	}
	return ids, got.Count
}

func TestFilter(t *testing.T) {
	tests := []struct{ filter, want string }{
		{"name='a'", "13"},
		{`name="a"`, "13"},
		{"name != 'a'", "2456"},
		{"'a'=name", "13"},
		{`name='it\'s'`, "4"},
		{`name="it's"`, "4"},
		{"cpu>2", "34"},
		{"2<cpu", "34"},
		{"cpu>=2 and cpu<=4", "23"},
		{"cpu<3", "12"},
		{"cpu!=1", "23456"}, // what is absent is different
		{"name='b' or name='a' and cpu=1", "12"},
		{"(name='b' or name='a') and cpu=1", "1"},
		{"((cpu=1))", "1"},
		{"state='STARTED' and (cpu>=2 or memory>524288)", "3"},
		{"property['env']='prod'", "3"},
		{`property [ "env" ] != 'prod'`, "12456"},
		{"created>2026-03-02T00:00:00Z", "2356"},
		{"created<=2026-03-02T13:00:00+01:00", "12"},
		{"created<=2026-03-02T13:00:00 01:00", "12"}, // a plus that was not encoded
		{"created=2026-03-01T12:00:00Z", "1"},
		{"created=2026-03-01T12:00:00", "1"}, // XML Schema wants no time zone
		{"created<2026-03-02 and created>=2026-03-01", "1"},
		{"created>2026-03-02T12:00:00.5", "356"},
		{"id='http://h/cimi/2/machines/2'", "2"},
		{"parent='http://h/cimi/2/cloudEntryPoint'", "123456"},
		{"nonsense='x'", ""},
		{"nonsense!='x'", "123456"},
		{"android='x' or orange='y' or cpu=1", "1"},
	}
	s := session(cimi.V2, &cloud{machines: six})
	for _, test := range tests {
		t.Run(test.filter, func(t *testing.T) {
			d, err := list(t, s, "$filter="+url.QueryEscape(test.filter))
			if err != nil {
				t.Fatal(err)
			}
			if ids, count := found(t, d); ids != test.want || count != len(test.want) {
				t.Errorf("found %q (count %d), want %q", ids, count, test.want)
			}
		})
	}
}

func TestFilterErrors(t *testing.T) {
	tests := []struct{ filter, has string }{
		{"", "character 1: expected is an attribute or a value"},
		{"name", "character 5: expected is one of"},
		{"name=", "character 6"},
		{"name='a", "character 6: the string has no end"},
		{"name='a' name", "character 10"},
		{"name='a' and", "character 13"},
		{"and='a'", "character 1"},
		{"1=2", "character 1: a comparison needs an attribute"},
		{"name=state", "character 1: a comparison needs an attribute"},
		{"(name='a'", "character 10: expected is \")\""},
		{"name='a')", "character 9"},
		{"cpu=1x", "character 5: this is neither"},
		{"cpu=99999999999999999999", "character 5"},
		{"property[env]='x'", "character 10"},
		{"property['env'='x'", "character 15: expected is \"]\""},
		{"name=-1", "character 6"},
		{"cpu='1'", "cpu cannot be compared with 1"},
		{"name<'a'", "name can be compared with = and != only"},
		{"created='now'", "created cannot be compared"},
		{"disks='x'", "disks is no single value"},
		{"operations='x'", "operations is no single value"},
		{"created>2026-13-01", "character 9"},
		{"property['a']>'b'", "property can be compared with"},
		{strings.Repeat("(", 1000), "more than 50 deep"},
	}
	s := session(cimi.V2, &cloud{machines: six})
	for _, test := range tests {
		_, err := list(t, s, "$filter="+url.QueryEscape(test.filter))
		if !model.IsCode(err, model.Invalid) || !strings.Contains(model.AsError(err).Message, test.has) {
			t.Errorf("%q: the error is %v, want one with %q", test.filter, err, test.has)
		}
	}
}

func TestQuery(t *testing.T) {
	tests := []struct {
		query, ids string
		count      int
	}{
		{"", "123456", 6},
		{"$first=2", "23456", 6},
		{"$first=2&$last=3", "23", 6},
		{"$last=2", "12", 6},
		{"$first=0&$last=99", "123456", 6},
		{"$first=-5&$last=1", "1", 6},
		{"$first=4&$last=3", "", 6},
		{"$first=99999999999999999999", "", 6},
		{"$last=0", "", 6},
		{"$last=", "123456", 6},
		// By bytes of the decomposed text: A with a mark, B, a, a, b, it's.
		{"$orderby=name", "561324", 6},
		// What lacks the attribute is last, and so first in reverse.
		{"$orderby=cpu", "123456", 6},
		{"$orderby=cpu:desc", "564321", 6},
		{"$filter=name%3D'a'&$filter=cpu%3D4", "3", 1},
		{"$orderby=nonsense,disks", "123456", 6},
		{"$orderby=created:asc", "123564", 6},
		{"$orderby=state,cpu:desc", "456312", 6},
	}
	s := session(cimi.V2, &cloud{machines: six})
	for _, test := range tests {
		d, err := list(t, s, test.query)
		if err != nil {
			t.Fatal(err)
		}
		if ids, count := found(t, d); ids != test.ids || count != test.count {
			t.Errorf("%s: found %q (count %d), want %q (count %d)", test.query, ids, count, test.ids, test.count)
		}
	}
	many := strings.Repeat("a,", 300)
	for _, query := range []string{"$select=" + many, "$expand=" + many, "$orderby=" + many, "$filter=" + strings.Repeat("a", 9000), "$first=x", "$last=1.5", "$orderby=name:down"} {
		if _, err := list(t, s, query); !model.IsCode(err, model.Invalid) {
			t.Errorf("%s: the error is %v", query, err)
		}
	}
}

func TestParseVersions(t *testing.T) {
	tests := []struct {
		header, specification string
		want                  cimi.Version
	}{
		{"1.0.1", "1.0.1", cimi.V1}, {"1.0", "1.0.1", cimi.V1}, {"1", "1.0.1", cimi.V1}, {"1.1", "1.1.0", cimi.V1}, {"2.0.0", "2.0.0", cimi.V2}, {"2", "2.0.0", cimi.V2},
		{"3.0, 2.0, 1.0", "2.0.0", cimi.V2}, {"nonsense,1.0.0", "1.0.0", cimi.V1},
		{"1.0.9", "", 0}, {"", "", 0}, {",", "", 0}, {"1.", "", 0}, {"10", "", 0},
	}
	for _, test := range tests {
		if got, specification := cimi.ParseVersions(test.header, cimi.V1, cimi.V2); got != test.want || specification != test.specification {
			t.Errorf("%q gives %v (%q), want %v (%q)", test.header, int(got), specification, int(test.want), test.specification)
		}
	}
}

func TestSelect(t *testing.T) {
	s := session(cimi.V1, &cloud{machines: six[:1]})
	const head = `{"resourceURI":"http://schemas.dmtf.org/cimi/1/MachineCollection"`
	tests := []struct{ query, want string }{
		{"$select=name", head + `,"id":"http://h/cimi/1/machines","count":1,"machines":[{"resourceURI":"http://schemas.dmtf.org/cimi/1/Machine","name":"a"}]}`},
		{"$select=name,%20cpu&$select=name", head + `,"id":"http://h/cimi/1/machines","count":1,"machines":[{"resourceURI":"http://schemas.dmtf.org/cimi/1/Machine","name":"a","cpu":1}]}`},
		{"$select=id", head + `,"id":"http://h/cimi/1/machines"}`},
		{"$select=machines/id,operations", head + `,"id":"http://h/cimi/1/machines","count":1,"machines":[{"resourceURI":"http://schemas.dmtf.org/cimi/1/Machine","id":"http://h/cimi/1/machines/1"}],"operations":[{"rel":"add","href":"http://h/cimi/1/machines"}]}`},
		{"$select=machines/id,machines&$last=0", head + `,"id":"http://h/cimi/1/machines","count":1}`},
		{"$select=nonsense", head + `,"id":"http://h/cimi/1/machines","count":1,"machines":[{"resourceURI":"http://schemas.dmtf.org/cimi/1/Machine"}]}`},
	}
	for _, test := range tests {
		d, err := list(t, s, test.query)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want+"\n", string(d.Append(nil, cimi.JSON))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.query, diff)
		}
	}
	all, _ := list(t, s, "")
	for _, query := range []string{"$select=name,*", "$select=operations,machines", "$select=machines,name,operations"} {
		same, _ := list(t, s, query)
		if diff := cmp.Diff(string(all.Append(nil, cimi.XML)), string(same.Append(nil, cimi.XML))); diff != "" {
			t.Errorf("%s does not show all:\n%s", query, diff)
		}
	}
}
