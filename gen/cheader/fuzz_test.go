// SPDX-License-Identifier: MIT

package cheader

import (
	"bytes"
	"errors"
	"os"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/gen/model"
)

// allocated is how many bytes this process has allocated so far.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

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
	for i, h := range hostiles {
		// Those that grow take a moment each, and more from what they grow into.
		if text := h.text(); len(text) < 2000 && !strings.Contains(h.name, "laughs") && !strings.Contains(h.name, "double") {
			f.Add([]byte(text), uint8(i))
		}
	}
	targets := model.Targets()
	f.Fuzz(func(t *testing.T, text []byte, n uint8) {
		o := Options{Target: targets[int(n)%len(targets)]}
		// What is allocated bounds the time as well; only a loop of the parser's
		// own would not show.
		alarm := time.AfterFunc(5*time.Minute, func() { panic("it does not end") })
		defer alarm.Stop()
		before := allocated()
		abi, err := Parse("f.h", text, o)
		if n := allocated() - before; n > 1<<30 {
			t.Errorf("%d MB were allocated", n>>20)
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
