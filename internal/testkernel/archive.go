// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// writeArchive writes an initramfs: a cpio archive in the format that the kernel
// documents as newc, of the files, the directories they are in, and the console
// that the kernel opens for its first process.
func writeArchive(name string, contents files) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	w := &archive{w: bufio.NewWriter(f)}
	made := map[string]bool{}
	mkdir := func(dir string) {
		for _, d := range parents(dir) {
			if !made[d] {
				made[d] = true
				w.entry(d, 0o040755, 0, 0, 0)
			}
		}
	}
	mkdir("/dev/console")
	w.entry("dev/console", 0o020600, 5, 1, 0)
	for _, c := range contents {
		mkdir(c.path)
		if err := w.file(c); err != nil {
			return err
		}
	}
	w.entry("TRAILER!!!", 0, 0, 0, 0)
	if w.err != nil {
		return w.err
	}
	return w.w.Flush()
}

// parents lists the directories above a file, outermost first.
func parents(file string) []string {
	var all []string
	for d := path.Dir(file); d != "/"; d = path.Dir(d) {
		all = append(all, strings.TrimPrefix(d, "/"))
	}
	slices.Reverse(all)
	return all
}

type archive struct {
	w    *bufio.Writer
	made int
	err  error
}

func (a *archive) write(b []byte) {
	if a.err == nil {
		_, a.err = a.w.Write(b)
	}
}

// pad fills up to a multiple of four bytes.
func (a *archive) pad(written int64) { a.write(make([]byte, -written&3)) }

// entry writes a header: 13 numbers of 8 hexadecimal digits and the name.
func (a *archive) entry(name string, mode, major, minor uint32, size int64) {
	a.made++
	header := fmt.Sprintf("070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\x00",
		a.made, mode, 0, 0, 1, 0, size, 0, 0, major, minor, len(name)+1, 0, name)
	a.write([]byte(header))
	a.pad(int64(len(header)))
}

func (a *archive) file(c file) error {
	f, err := os.Open(c.from)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	a.entry(strings.TrimPrefix(c.path, "/"), 0o100755, 0, 0, st.Size())
	if a.err != nil {
		return a.err
	}
	n, err := io.Copy(a.w, io.LimitReader(f, st.Size()))
	if err != nil {
		return err
	}
	if n != st.Size() {
		return fmt.Errorf("%s: it became shorter while it was read", c.from)
	}
	a.pad(n)
	return nil
}
