// SPDX-License-Identifier: MIT

package bpf

import (
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

func TestKernelsOwnKfuncsMakeNoOtherRevision(t *testing.T) {
	others := 0
	for _, r := range revisions() {
		a := *r.kernel
		a.Prototypes = slices.DeleteFunc(slices.Clone(a.Prototypes), func(p *model.Prototype) bool {
			return p.Role == model.Kfunc && !strings.HasPrefix(p.Name, "fuse_")
		})
		others += len(r.kernel.Prototypes) - len(a.Prototypes)
		if got := describe(&a); got != r.name {
			t.Errorf("%s without the kfuncs of others is %s", r.name, got)
		}
	}
	if others == 0 {
		t.Error("no fixture has a kfunc that is not of the interface: this tests nothing")
	}
}
