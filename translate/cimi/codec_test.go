package cimi_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/translate/cimi"
)

// everything has an attribute of each data type of the specification.
type everything struct {
	cimi.Common
	Text    string           `cimi:"text"`
	Where   cimi.URI         `cimi:"where"`
	Number  int64            `cimi:"number,always"`
	Flag    bool             `cimi:"flag,always"`
	Maybe   *bool            `cimi:"maybe"`
	When    time.Time        `cimi:"when"`
	Bytes   []byte           `cimi:"bytes"`
	Lines   []string         `cimi:"lines" item:"line" xml1:"line"`
	Image   cimi.Ref         `cimi:"image" of:"MachineImage"`
	Images  []cimi.Ref       `cimi:"images" of:"MachineImage" item:"imageOf"`
	Part    *part            `cimi:"part"`
	Parts   []part           `cimi:"parts" item:"onePart" xml1:"onePart"`
	Flat    []flat           `cimi:"flats,rw,flat" item:"flat" xml1:"flat"`
	Old     string           `cimi:"old" v:"1"`
	New     string           `cimi:"new" v:"2"`
	Given   string           `cimi:"given,create"`
	Told    string           `cimi:"told,ro"`
	Ops     []cimi.Operation `cimi:"operations" xml1:"operation"`
	Private string
}

type part struct {
	Name string   `cimi:"name"`
	Size int64    `cimi:"size"`
	Of   cimi.Ref `cimi:"of" of:"MachineImage"`
}

type flat struct {
	Name string `cimi:"name"`
}

const (
	everythingJSON1 = `{"resourceURI":"http://schemas.dmtf.org/cimi/1/everything","id":"http://h/cimi/1/everythings/1","properties":{"a":"1","b":"2"},` +
		`"text":"t","where":"urn:x","number":0,"flag":false,"maybe":true,"when":"2026-03-01T12:00:00Z","bytes":"00ff","lines":["a","b"],` +
		`"image":{"href":"http://h/cimi/1/machineImages/i"},"images":[{"href":"http://h/cimi/1/machineImages/j"},{"href":"http://h/cimi/1/machineImages/k"}],` +
		`"part":{"name":"p","size":1},"parts":[{"name":"q","of":{"href":"http://h/cimi/1/machineImages/l"}},{"size":2}],"flats":[{"name":"f"}],` +
		`"old":"o","given":"g","told":"x","operations":[{"rel":"edit","href":"http://h/cimi/1/everythings/1"}]}` + "\n"
	everythingXML1 = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<everything xmlns="http://schemas.dmtf.org/cimi/1"><id>http://h/cimi/1/everythings/1</id><property key="a">1</property><property key="b">2</property>` +
		`<text>t</text><where>urn:x</where><number>0</number><flag>false</flag><maybe>true</maybe><when>2026-03-01T12:00:00Z</when><bytes>00ff</bytes>` +
		`<line>a</line><line>b</line><image href="http://h/cimi/1/machineImages/i"/><imageOf href="http://h/cimi/1/machineImages/j"/>` +
		`<imageOf href="http://h/cimi/1/machineImages/k"/><part><name>p</name><size>1</size></part>` +
		`<onePart><name>q</name><of href="http://h/cimi/1/machineImages/l"/></onePart><onePart><size>2</size></onePart><flat name="f"/>` +
		`<old>o</old><given>g</given><told>x</told><operation rel="edit" href="http://h/cimi/1/everythings/1"/></everything>` + "\n"
	everythingXML2 = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<everything xmlns="http://schemas.dmtf.org/cimi/2"><id>http://h/cimi/2/everythings/1</id><parent href="http://h/cimi/2/cloudEntryPoint"/>` +
		`<properties><property key="a">1</property><property key="b">2</property></properties>` +
		`<text>t</text><where>urn:x</where><number>0</number><flag>false</flag><maybe>true</maybe><when>2026-03-01T12:00:00Z</when><bytes>00ff</bytes>` +
		`<lines><line>a</line><line>b</line></lines><image href="http://h/cimi/2/machineImages/i"/><imageOf href="http://h/cimi/2/machineImages/j"/>` +
		`<imageOf href="http://h/cimi/2/machineImages/k"/><part name="p" size="1"/>` +
		`<parts><onePart name="q"><of href="http://h/cimi/2/machineImages/l"/></onePart><onePart size="2"/></parts><flats><flat name="f"/></flats>` +
		`<new>n</new><given>g</given><told>x</told><operations><operation rel="edit" href="http://h/cimi/2/everythings/1"/>` +
		`<operation rel="http://schemas.dmtf.org/cimi/2/action/go" href="http://h/cimi/2/everythings/1/go" available="false"/></operations></everything>` + "\n"
)

// TestDataTypes prints a value of each data type, and reads it back.
func TestDataTypes(t *testing.T) {
	yes := true
	value := everything{
		Common: cimi.Common{Properties: map[string]string{"b": "2", "a": "1"}},
		Text:   "t", Where: "urn:x", Maybe: &yes, When: born, Bytes: []byte{0, 255}, Lines: []string{"a", "b"},
		Image: cimi.Ref{Key: "i"}, Images: []cimi.Ref{{Key: "j"}, {Key: "k"}},
		Part: &part{Name: "p", Size: 1}, Parts: []part{{Name: "q", Of: cimi.Ref{Key: "l"}}, {Size: 2}}, Flat: []flat{{Name: "f"}},
		Old: "o", New: "n", Given: "g", Told: "x", Private: "never shown",
		Ops: []cimi.Operation{{Name: "edit"}, {Name: "go", Unavailable: true}},
	}
	tests := []struct {
		version cimi.Version
		format  cimi.Format
		want    string // empty: read back only
	}{
		{cimi.V1, cimi.JSON, everythingJSON1},
		{cimi.V1, cimi.XML, everythingXML1},
		{cimi.V2, cimi.JSON, ""},
		{cimi.V2, cimi.XML, everythingXML2},
	}
	for _, test := range tests {
		t.Run("version "+test.version.String()+" "+test.format.String(), func(t *testing.T) {
			s := session(test.version, &cloud{})
			in := value
			in.ID = cimi.URI(s.BaseURI() + "everythings/1")
			printed := cimi.NewDocument(s, "everything", &in).Append(nil, test.format)
			if test.want != "" {
				if diff := cmp.Diff(test.want, string(printed)); diff != "" {
					t.Errorf("printed (-want +got):\n%s", diff)
				}
			}
			var got everything
			if err := cimi.Decode(s, cimi.Body{Bytes: printed, Format: test.format}, &got, "everything"); err != nil {
				t.Fatal(err)
			}
			// What the consumer may not write is passed over.
			want := value
			want.Told, want.Ops, want.Private = "", nil, ""
			if test.version == cimi.V1 {
				want.New = ""
			} else {
				want.Old = ""
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("read back (-want +got):\n%s", diff)
			}
		})
	}
}
