// SPDX-License-Identifier: MIT

package btfsrc

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzRead reads anything: it must give an error that names the input, or a
// model that can be written down and read back. The corpus in testdata has each
// kind of input: raw BTF of both byte orders, split BTF, objects with
// relocations, modules with a distilled base, and cycles.
func FuzzRead(f *testing.F) {
	vmlinux, _ := kernelAndModule(false)
	base := filepath.Join(f.TempDir(), "vmlinux")
	if err := os.WriteFile(base, vmlinux.blob(), 0o600); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := Read("input", data, Options{Base: base})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "input: ") {
				t.Errorf("error without the input's name: %v", err)
			}
			return
		}
		if err := consistent(a); err != nil {
			t.Error(err)
		}
		// Asking for a part must not fail where the whole did not.
		if _, err := Read("input", data, Options{Base: base, Keep: func(n string) bool { return len(n)%2 == 0 }}); err != nil {
			t.Errorf("a part: %v", err)
		}
	})
}
