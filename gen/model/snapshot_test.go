// SPDX-License-Identifier: MIT

package model_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/constant"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/gen/model"
)

// values compares numbers by value and kind, whatever represents them inside.
var values = cmp.Comparer(func(a, b constant.Value) bool {
	return a.Kind() == b.Kind() && a.ExactString() == b.ExactString()
})

func encode(t *testing.T, a *model.ABI) string {
	t.Helper()
	var b bytes.Buffer
	if err := model.Encode(&b, a); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSnapshotKeepsEverything(t *testing.T) {
	a := sample()
	text := encode(t, a)
	back, err := model.Decode(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, back, values); diff != "" {
		t.Errorf("lost or changed (-before +after):\n%s", diff)
	}
	if again := encode(t, back); again != text {
		t.Errorf("encoding what was decoded differs:\n%s", cmp.Diff(text, again))
	}
}

// Declarations are written one by one; together they are what the standard
// library would write of the whole.
func TestASnapshotIsWhatTheWholeWouldBe(t *testing.T) {
	side := sample()
	side.Side, side.Guards, side.Attests = model.SideGo, []string{"LINUX"}, []model.Evidence{model.Enums}
	for _, a := range []*model.ABI{sample(), side, {Source: "header:<x>", Target: "bpfel"}} {
		var want bytes.Buffer
		whole := json.NewEncoder(&want)
		whole.SetEscapeHTML(false)
		whole.SetIndent("", "  ")
		if err := whole.Encode(model.ToJSON(a)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), encode(t, a)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

func TestPathsStayOutOfTheSnapshot(t *testing.T) {
	a := sample()
	a.Paths = map[string]string{"a.h": "elsewhere/a.h"}
	if text := encode(t, a); strings.Contains(text, "elsewhere") {
		t.Error("the snapshot depends on where the source was read from")
	}
}

func TestEmptyListsAreListsNotNull(t *testing.T) {
	text := encode(t, &model.ABI{Source: "header:empty.h", Target: "bpfel"})
	if strings.Contains(text, "null") {
		t.Errorf("readers of other languages trip over null:\n%s", text)
	}
}

func TestDecodeRefuses(t *testing.T) {
	const head = `{"schema": 1, "source": "x", "target": "bpfel"`
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", "not an abigen snapshot"},
		{"another format", "struct x { int a; };", "not an abigen snapshot"},
		{"other JSON", `{"a": 1}`, `no "schema" member`},
		{"a later schema", `{"schema": 99, "source": "x"}`, "has schema 99, and this abigen reads up to 1"},
		{"an unknown target", `{"schema": 1, "source": "x", "target": "vax"}`, `target "vax": unknown`},
		{"an unknown kind", head + `, "records": [{"kind": "class", "name": "r"}]}`, `record r: kind "class"`},
		{"a bad type", head + `, "records": [{"kind": "struct", "name": "r", "fields": [{"name": "f", "canonical": "u7x"}]}]}`, `record r: member "f"`},
		{"no type", head + `, "records": [{"kind": "struct", "name": "r", "fields": [{"name": "f"}]}]}`, "no canonical type"},
		{"a negative size", head + `, "records": [{"kind": "struct", "name": "r", "fields": [{"name": "f", "canonical": "u8", "bit_size": -8}]}]}`, "negative bit offset or size"},
		{"a bad member deep inside", head + `, "records": [{"kind": "struct", "name": "r", "fields": [{"name": "f", "canonical": "union", "record": {"kind": "union", "fields": [{"name": "g", "canonical": "?"}]}}]}]}`, `member "f": member "g"`},
		{"an octal value", head + `, "constants": [{"name": "C", "value": "010"}]}`, `constant C: value "010": not a decimal integer`},
		{"a hexadecimal value", head + `, "enums": [{"name": "e", "size": 4, "values": [{"name": "A", "value": "0x1"}]}]}`, `enum e.A: value "0x1"`},
		{"an empty value", head + `, "constants": [{"name": "C", "value": ""}]}`, "not a decimal integer"},
		{"a bad float", head + `, "constants": [{"name": "C", "value": "1/0", "kind": "float"}]}`, "not a number"},
		{"bad bytes", head + `, "constants": [{"name": "C", "value": "f", "kind": "bytes"}]}`, "not hexadecimal"},
		{"an unknown kind of value", head + `, "constants": [{"name": "C", "value": "1", "kind": "complex"}]}`, `unknown kind "complex"`},
		{"a bad result", head + `, "prototypes": [{"name": "p", "role": "kfunc", "result_canonical": "int"}]}`, "prototype p"},
		{"a bad parameter", head + `, "prototypes": [{"name": "p", "role": "kfunc", "result_canonical": "void", "params": [{"canonical": "("}]}]}`, "prototype p"},
	} {
		a, err := model.Decode(strings.NewReader(c.in))
		if err == nil {
			t.Errorf("%s: accepted as %+v", c.name, a)
			continue
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q in it", c.name, err, c.want)
		}
		if want := strings.Contains(c.want, "snapshot") || strings.Contains(c.want, "schema\" member"); errors.Is(err, model.ErrNotSnapshot) != want {
			t.Errorf("%s: errors.Is(%v, ErrNotSnapshot) = %v", c.name, err, !want)
		}
	}
}

func TestMembersOfLaterVersionsAreIgnored(t *testing.T) {
	in := strings.Replace(encode(t, sample()), `"schema": 1,`, `"schema": 1, "colour": {"of": "magic"},`, 1)
	if _, err := model.Decode(strings.NewReader(in)); err != nil {
		t.Error(err)
	}
}

func TestEncodeReportsAFailingWriter(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(r.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	if err := model.Encode(w, sample()); err == nil {
		t.Error("a closed file was written to")
	}
}

func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	if err := model.Encode(&b, sample()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"schema":1,"source":"x","target":"386","records":[{"kind":"union","name":"u","fields":[]}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		a, err := model.Decode(bytes.NewReader(in))
		if err != nil {
			return
		}
		var first, second bytes.Buffer
		if err := model.Encode(&first, a); err != nil {
			t.Fatal(err)
		}
		back, err := model.Decode(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("what was encoded is refused: %v\n%s", err, first.Bytes())
		}
		if err := model.Encode(&second, back); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("encoding is not stable:\n%s", cmp.Diff(first.String(), second.String()))
		}
	})
}
