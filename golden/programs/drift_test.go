// SPDX-License-Identifier: MIT

package programs

import (
	"testing"

	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/source"
)

// What is compiled is held against what each kernel declares: one object serves
// revisions 2 to 4, and none serves revision 1.
func TestObjectsFitTheRevisionsTheyAreFor(t *testing.T) {
	for _, p := range programs.All() {
		for _, suffix := range []string{"_bpfel.o", "_bpfeb.o"} {
			for _, revision := range []string{"R1", "R2", "R3", "R4"} {
				r, err := check.Diff(t.Context(), "elf:../../bpf/programs/internal/object/"+p.Name()+suffix, "embedded:kernel-"+revision, drift.Auto, source.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if fails := r.Fails(drift.Risk, false); fails != (revision == "R1") {
					t.Errorf("%s%s on a kernel of %s: %s", p.Name(), suffix, revision, r.Summary())
				}
			}
		}
	}
}
