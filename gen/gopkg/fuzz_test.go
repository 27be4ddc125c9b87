// SPDX-License-Identifier: MIT

package gopkg

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fuseiomap/abigen/gen/model"
)

// FuzzParseFS reads any text as a package. Whatever is accepted must be a
// model that a snapshot can hold, and every fault must say where it is.
func FuzzParseFS(f *testing.F) {
	f.Add(contract)
	f.Add("package p\n//abigen:record a\ntype A struct { B; C [2]struct{ D *A } }\n//abigen:enum b\ntype B uint8\nconst C B = 1 << iota\n")
	f.Add("package p\ntype P[T any] struct { X T }\n//abigen:record q\ntype Q = P[[3]P[uint16]]\n")
	f.Add("package p\n//abigen:record a\ntype A struct { M map[string]A; E error; F func(A) }\n")
	f.Add("package p\nimport . \"x\"\n//abigen:record a\ntype A struct { Y }\n//abigen:constant -\nconst Z = Q\n")
	f.Add("package p\n//abigen:record a source=elf:x.o\n//abigen:layout union 8 align 4 packed\n//abigen:has 0:3 u32 b\n//abigen:has 0+64 struct {\n" +
		"//abigen:has 32+32 array(2,struct a.c) c\n//abigen:has }\ntype A struct { _ [8]byte; D int //abigen:member -\n}\n//abigen:record a.c\ntype C struct { E uint16 }\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"bpfel", "386"} {
			abi, err := ParseFS(fstest.MapFS{"a.go": {Data: []byte(text)}}, ".", "p", Options{Target: target(t, name)})
			if err != nil {
				if abi != nil || strings.TrimSpace(err.Error()) == "" {
					t.Fatalf("model %v with error %q", abi, err)
				}
				continue
			}
			var b strings.Builder
			if err := model.Encode(&b, abi); err != nil {
				t.Fatal(err)
			}
			if _, err := model.Decode(strings.NewReader(b.String())); err != nil {
				t.Fatalf("%v\n%s", err, b.String())
			}
		}
	})
}
