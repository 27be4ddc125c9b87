// SPDX-License-Identifier: MIT

package testobject_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What the scripts say of objects that are not what their sources make, with a
// compiler that copies.
func TestStaleObjectsAreNamed(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh")
	}
	shared, err := os.ReadFile("objects.sh")
	if err != nil {
		t.Fatal(err)
	}
	const compiler = `#!/bin/sh
case "$1" in --version) echo "clang version 19"; exit ;; esac
while [ "$1" != -c ]; do shift; done
cp "$2" "$4"
`
	script := "set -eu\n" + string(shared) + `
begin some/dir . "$@"
compile a.c a.o -target bpfel
compile b.c b.o -target bpfel
finish
`
	tools, dir := t.TempDir(), t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(tools, "clang-19"), compiler)
	write(filepath.Join(tools, "llvm-strip-19"), "#!/bin/sh\n")
	write(filepath.Join(dir, "a.c"), "a")
	write(filepath.Join(dir, "b.c"), "b")
	run := func(args ...string) (string, error) {
		cmd := exec.Command(shell, append([]string{"-c", script, "build.sh"}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+tools+string(os.PathListSeparator)+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := run("-check"); err != nil || out != "some/dir: what clang version 19 makes of the sources is what is committed (2)\n" {
		t.Errorf("nothing is stale: %v\n%s", err, out)
	}
	write(filepath.Join(dir, "a.c"), "c")
	if out, err := run("-check"); err == nil || !strings.HasSuffix(out, "some/dir: ./a.o is not what clang makes of a.c: run its build.sh and commit\n") {
		t.Errorf("a source was changed: %v\n%s", err, out)
	}
	write(filepath.Join(dir, "a.c"), "a")
	write(filepath.Join(dir, "old.o"), "o")
	if out, err := run("-check"); err == nil || out != "some/dir: there are 3 objects, the sources make 2: run its build.sh and commit\n" {
		t.Errorf("a source was removed: %v\n%s", err, out)
	}
}
