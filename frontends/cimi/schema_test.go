package cimi_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// schemaRepairs are mistakes of the official schema of version 1: it allows one
// attribute in resource metadata, and no text in a capability, and it imports a
// schema from the network.
var schemaRepairs = []struct{ from, to string }{
	{`<xs:element name="attribute" minOccurs="0">`, `<xs:element name="attribute" minOccurs="0" maxOccurs="unbounded">`},
	{"<xs:element name=\"capability\" minOccurs=\"0\" maxOccurs=\"unbounded\">\n<xs:complexType>",
		"<xs:element name=\"capability\" minOccurs=\"0\" maxOccurs=\"unbounded\">\n<xs:complexType mixed=\"true\">"},
	{"http://www.w3.org/2001/xml.xsd", "xml.xsd"},
}

// TestSchemaOfVersion1 validates the golden files with xmllint against the
// official schema, DSP8009, whose path OCCIMI_CIMI1_XSD gives.
func TestSchemaOfVersion1(t *testing.T) {
	path := os.Getenv("OCCIMI_CIMI1_XSD")
	if path == "" {
		t.Skip("OCCIMI_CIMI1_XSD does not name the schema")
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("xmllint is not there")
	}
	schema, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	schema = bytes.ReplaceAll(schema, []byte("\r\n"), []byte("\n"))
	for _, repair := range schemaRepairs {
		if !bytes.Contains(schema, []byte(repair.from)) {
			t.Fatalf("the schema does not have %q", repair.from)
		}
		schema = bytes.ReplaceAll(schema, []byte(repair.from), []byte(repair.to))
	}
	dir := t.TempDir()
	stub := `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/XML/1998/namespace"/>`
	for name, content := range map[string][]byte{"cimi.xsd": schema, "xml.xsd": []byte(stub)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob("testdata/*.v1.xml")
	if err != nil || len(files) < 20 {
		t.Fatalf("found %d golden files (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			out, err := exec.CommandContext(t.Context(), "xmllint", "--nonet", "--noout", "--schema", filepath.Join(dir, "cimi.xsd"), file).CombinedOutput()
			if err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}
