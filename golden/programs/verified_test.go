// SPDX-License-Identifier: MIT

package programs

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
)

const verifiedFile = "verified.txt"

// series gives the major and minor version of the running kernel.
func series() string {
	b, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "unknown"
	}
	f := strings.SplitN(strings.TrimSpace(string(b)), ".", 3)
	if len(f) < 2 {
		return "unknown"
	}
	return f[0] + "." + f[1]
}

// Another kernel's verifier counts otherwise, and another build's wrapper is the
// same: so the numbers are held against the kernel series they were taken on.
func TestVerifiedInstructionsAreAsPinned(t *testing.T) {
	if err := jit.Available(); err != nil {
		t.Skip(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# SPDX-License-Identifier: GPL-2.0-only\n# Instructions the verifier walks through, the wrapper of internal/jit included.\n# go test ./golden/programs -run Verified -update rewrites this file.\nkernel %s\n", series())
	for _, p := range programs.All() {
		spec, err := p.Spec(nil)
		if err != nil {
			t.Fatal(err)
		}
		m, err := jit.New(spec)
		if err != nil {
			t.Fatal(err)
		}
		for _, member := range []string{"iomap_begin", "iomap_end", "iomap_ioend"} {
			if n, ok := m.Verified(member); ok {
				fmt.Fprintf(&b, "%-10s %-11s %d\n", p.Name(), member, n)
			}
		}
		m.Close()
	}
	if *update {
		if err := os.WriteFile(verifiedFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	pinned, err := os.ReadFile(verifiedFile)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(pinned), "\nkernel "+series()+"\n") {
		t.Logf("pinned are the numbers of another kernel; this one gives\n%s", b.String())
		return
	}
	if string(pinned) != b.String() {
		t.Errorf("the verifier walks through another number of instructions: if that is intended, run go test ./golden/programs -run Verified -update\npinned\n%s\nnow\n%s", pinned, b.String())
	}
}
