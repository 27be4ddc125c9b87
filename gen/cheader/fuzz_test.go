// SPDX-License-Identifier: MIT

package cheader

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/gen/model"
)

// FuzzParse: whatever the header, reading it ends soon, in a model that can be
// written and read back or in an error with a position, and the same one each
// time.
func FuzzParse(f *testing.F) {
	contract, err := os.ReadFile("../../headers/fuse_iomap_bpf.h")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(contract, uint8(0))
	for i, c := range constructs {
		f.Add([]byte(c.c), uint8(i))
	}
	targets := model.Targets()
	f.Fuzz(func(t *testing.T, text []byte, n uint8) {
		o := Options{Target: targets[int(n)%len(targets)]}
		start := time.Now()
		abi, err := Parse("f.h", text, o)
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("it took %v", d)
		}
		again, err2 := Parse("f.h", text, o)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Pos.File == "" {
				t.Fatalf("error without a position: %v", err)
			}
			if err2 == nil || err2.Error() != err.Error() {
				t.Fatalf("first %v, then %v", err, err2)
			}
			if e.Err == nil && e.Fix == "please report this, with the header" {
				t.Fatal(err)
			}
			return
		}
		var a, b bytes.Buffer
		if err := model.Encode(&a, abi); err != nil {
			t.Fatal(err)
		}
		if err := model.Encode(&b, again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a.String(), b.String()); diff != "" {
			t.Fatalf("two readings differ: %s", diff)
		}
		if _, err := model.Decode(&a); err != nil {
			t.Fatalf("the snapshot cannot be read back: %v\n%s", err, b.String())
		}
	})
}
