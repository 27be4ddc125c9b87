// SPDX-License-Identifier: MIT

package repotest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// snapshotHeadings maps the types that are the JSON form of the model to the
// headings of docs/snapshot.md that describe them.
var snapshotHeadings = map[string]string{
	"jABI":        "Snapshot",
	"jRecord":     "Record",
	"jField":      "Member",
	"jEnum":       "Enum",
	"jEnumerator": "Enumerator",
	"jConstant":   "Constant",
	"jPrototype":  "Prototype",
	"jParam":      "Parameter",
	"jSkipped":    "Skipped declaration",
}

func TestSnapshotDocumentNamesEveryMember(t *testing.T) {
	const source, doc = "gen/model/snapshot.go", "docs/snapshot.md"
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, source), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, lines := fences(read(t, doc))
	seen := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		st, ok := spec.Type.(*ast.StructType)
		if !ok {
			return true
		}
		heading := snapshotHeadings[spec.Name.Name]
		if heading == "" {
			t.Errorf("%s: type %s has no heading in this test", source, spec.Name.Name)
			return true
		}
		seen++
		var want []string
		for _, f := range st.Fields.List {
			tag, err := strconv.Unquote(f.Tag.Value)
			if err != nil {
				t.Fatal(err)
			}
			name, options, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
			always := "yes"
			if strings.HasPrefix(options, "omit") {
				always = "–"
			}
			want = append(want, "`"+name+"` "+always)
		}
		var got []string
		for _, r := range rows(lines, heading) {
			got = append(got, r[0]+" "+r[1])
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the table under %q has the members and \"always\" marks\n\t%s\nbut %s of %s has\n\t%s",
				doc, heading, strings.Join(got, ", "), spec.Name.Name, source, strings.Join(want, ", "))
		}
		return true
	})
	if seen != len(snapshotHeadings) {
		t.Errorf("%s: %d types of the format, want %d", source, seen, len(snapshotHeadings))
	}
}
