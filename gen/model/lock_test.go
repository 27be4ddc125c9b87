// SPDX-License-Identifier: MIT

package model_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/gen/model"
)

func lock(t *testing.T, models ...model.Locked) string {
	t.Helper()
	var b bytes.Buffer
	if err := model.EncodeLock(&b, models); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestLockHoldsWhatTheModelsSayWithoutCommentsAndPositions(t *testing.T) {
	a := sample()
	text := lock(t, model.Locked{Spec: "b.h", ABI: a}, model.Locked{Spec: "a.h", ABI: a})
	back, err := model.DecodeAll(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(back) != 2 || back[0].Name() != "a.h" || back[1].Name() != "b.h" {
		t.Fatalf("read back: %+v", back)
	}
	for _, bad := range []string{`"pos"`, `"doc"`} {
		if strings.Contains(text, bad) {
			t.Errorf("the file has %s", bad)
		}
	}
	// Sorted and bare, what is read back is the same again.
	if again := lock(t, back...); again != text {
		t.Errorf("written (-) and written again (+) differ:\n%s", cmp.Diff(text, again))
	}
	m := back[0]
	if len(m.Records) != len(a.Records) || len(m.Enums) != len(a.Enums) || len(m.Constants) != len(a.Constants) ||
		len(m.Prototypes) != len(a.Prototypes) || len(m.Skipped) != len(a.Skipped) || m.Target != a.Target || m.Source != a.Source {
		t.Errorf("read back %+v, want %+v", m.ABI, a)
	}
	for _, r := range a.Records {
		if got := m.Record(r.Name); got == nil || got.Size != r.Size || len(got.Fields) != len(r.Fields) {
			t.Errorf("record %s is %+v, want %+v", r.Name, got, r)
		}
	}
}

func TestLockHasALineForEachMember(t *testing.T) {
	text := lock(t, model.Locked{Spec: "a.h", ABI: sample()})
	for _, r := range sample().Records {
		for _, f := range r.Fields {
			found := false
			for line := range strings.Lines(text) {
				found = found || strings.HasPrefix(line, `  {"name":"`+f.Name+`",`)
			}
			if !found {
				t.Errorf("%s.%s has no line of its own in\n%s", r.Name, f.Name, text)
			}
		}
	}
}

func TestDecodeAllTakesASnapshotOfOneModel(t *testing.T) {
	got, err := model.DecodeAll(strings.NewReader(encode(t, sample())))
	if err != nil || len(got) != 1 || got[0].Spec != "" || got[0].Name() != sample().Source {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestMistakesHaveAPlaceAndTheWordsOfTheFormat(t *testing.T) {
	for in, want := range map[string]string{
		"{\"schema\": 1,\n \"source\": 3}":                                     "2:13: not an abigen snapshot: source: number where a string belongs",
		"{\"schema\": 1,\n}":                                                   "2:1: not an abigen snapshot: invalid character '}' looking for beginning of object key string",
		"{\"schema\": 1, \"records\": {}}":                                     "1:27: not an abigen snapshot: records: object where a list belongs",
		"{\"schema\": 1, \"models\": [{\"target\": true}]}":                    "1:41: not an abigen snapshot: models.target: bool where a string belongs",
		"{\"schema\": 1, \"models\": []}":                                      "not an abigen snapshot: it holds no model",
		"{\"schema\": 7, \"models\": [{}]}":                                    "it has schema 7, and this abigen reads up to 1",
		"{\"schema\": 1, \"models\": [{\"source\":\"x\",\"target\":\"vax\"}]}": "snapshot of x: target \"vax\": unknown",
	} {
		_, err := model.DecodeAll(strings.NewReader(in))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", in, err, want)
		}
		if strings.Contains(want, "not an abigen") != errors.Is(err, model.ErrNotSnapshot) {
			t.Errorf("%s: errors.Is(%v, ErrNotSnapshot) is wrong", in, err)
		}
	}
}

func FuzzDecodeAll(f *testing.F) {
	var b bytes.Buffer
	if err := model.EncodeLock(&b, []model.Locked{{Spec: "x", ABI: sample()}}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, in []byte) {
		models, err := model.DecodeAll(bytes.NewReader(in))
		if err != nil {
			return
		}
		first := lock(t, models...)
		back, err := model.DecodeAll(strings.NewReader(first))
		if err != nil {
			t.Fatalf("what was encoded is refused: %v\n%s", err, first)
		}
		if second := lock(t, back...); first != second {
			t.Errorf("encoding is not stable:\n%s", cmp.Diff(first, second))
		}
	})
}
