// SPDX-License-Identifier: MIT

package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fuseiomap/abigen/gen/btfsrc"
	"github.com/fuseiomap/abigen/gen/model"
)

// sniffed is how much of a file recognise looks at.
const sniffed = 4096

// recognise finds the kind of a source that was written without one.
func recognise(spec string) (Kind, string, error) {
	kind := func(prefix, operand string) (Kind, string, error) {
		for _, k := range kinds {
			if k.Prefix == prefix {
				return k, operand, nil
			}
		}
		panic("source: no kind " + prefix)
	}
	st, err := os.Stat(spec)
	switch {
	case errors.Is(err, fs.ErrNotExist) && isImportPath(spec):
		return kind("go", spec)
	case err != nil:
		if p, _, ok := strings.Cut(spec, ":"); ok && !strings.ContainsAny(p, "/.") {
			return Kind{}, "", fmt.Errorf("%w: %q: unknown kind %q: write %s", ErrSpec, spec, p, forms())
		}
		return Kind{}, "", explain(err)
	case st.IsDir():
		if !filepath.IsAbs(spec) && !strings.HasPrefix(spec, ".") {
			spec = "./" + spec
		}
		return kind("go", spec)
	}
	if st.Mode()&fs.ModeNamedPipe != 0 {
		// Looking into it would take what is in it, and wait where nobody writes.
		return kind("header", spec)
	}
	f, err := os.Open(spec)
	if err != nil {
		return Kind{}, "", explain(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	head := make([]byte, sniffed)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Kind{}, "", explain(err)
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("\x7fELF")):
		return Kind{Prefix: "elf", open: openByContent, fixed: true}, spec, nil
	case packing(head) != nil || bytes.HasPrefix(head, []byte("MZ")) || isBzImage(head):
		// What is packed is a kernel or a module.
		return kind("btf", spec)
	case bytes.HasPrefix(head, []byte{0x9f, 0xeb}), bytes.HasPrefix(head, []byte{0xeb, 0x9f}):
		return kind("btf", spec)
	case bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")):
		return kind("snapshot", spec)
	}
	return kind("header", spec)
}

// openByContent reads an ELF file, which may be a kernel, a module or a
// compiled object.
func openByContent(_ context.Context, path string, o Options) (*model.ABI, error) {
	return readBTF(path, btfsrc.Options{Keep: o.keep(), Base: o.Base})
}

// isImportPath reports whether a name that is no file reads as a Go import path
// outside the standard library: its first element has a dot, as a host name
// does, and another one follows.
func isImportPath(s string) bool {
	first, rest, ok := strings.Cut(s, "/")
	return ok && rest != "" && strings.Contains(strings.Trim(first, "."), ".") && !strings.HasPrefix(first, ".")
}
