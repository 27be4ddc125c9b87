// SPDX-License-Identifier: MIT

//go:build unix

package cheader

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// Reading a pipe that nobody writes to would wait for ever, and a device need
// not have an end.
func TestPipesAndDevicesAreNotRead(t *testing.T) {
	dir := tree(t, map[string]string{"pipe.h": "\n#include \"pipe\"\n", "device.h": "#include </dev/zero>\n"})
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		"pipe":     pipe + ": header: it is a pipe: name a file",
		"pipe.h":   filepath.Join(dir, "pipe.h") + `:2:10: #include "pipe": ` + pipe + ": it is a pipe: name a file",
		"device.h": filepath.Join(dir, "device.h") + `:1:10: #include </dev/zero>: /dev/zero: it is a device: name a file`,
	} {
		o := Options{Target: targetNamed(t, "amd64"), IncludeDirs: []string{"/"}}
		if _, err := ParseFile(filepath.Join(dir, file), o); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", file, err, want)
		}
	}
	// What a shell has opened is another matter: header:/dev/fd/63.
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if _, err := w.WriteString("struct s { int a; };\n"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join("/dev/fd", strconv.Itoa(int(r.Fd())))
	if abi, err := ParseFile(name, Options{Target: targetNamed(t, "amd64")}); err != nil || len(abi.Records) != 1 {
		t.Errorf("%s: %v", name, err)
	}
}
