// SPDX-License-Identifier: MIT

// Kernels generates Go for every struct_ops type of kernels, compiles it, and
// compares it with the kernel it came from:
//
//	kernels [DIR…]
//
// A DIR holds vmlinux and modules/*.ko, as fetch.sh beside this file leaves them.
// Without one it is the running kernel, from /sys/kernel/btf. A type T is a
// struct_ops type where the kernel has the type of its map's value, the struct
// bpf_struct_ops_T. Each kernel must have at least one.
//
// The abigen command does the work: what is found here is what its users see.
//
// Exit status: 0 where every comparison is clean, 1 where one is not or something
// failed, 3 where a DIR or the running kernel cannot be read, with one line that
// says why.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/fuseiomap/abigen/gen/btfsrc"
	"github.com/fuseiomap/abigen/gen/model"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// running is what stands for the running kernel.
const running = "/sys/kernel/btf"

// goarches are compiled for: the byte orders, the word sizes.
var goarches = []string{"amd64", "386", "s390x", "mips"}

func run(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		args = []string{running}
	}
	dir, err := os.MkdirTemp("", "abigen-kernels")
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "kernels: %v\n", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	k := kernels{dir: dir, out: stdout}
	if err := k.prepare(); err != nil {
		_, _ = fmt.Fprintf(stderr, "kernels: %v\n", err)
		return 1
	}
	for _, a := range args {
		err := k.kernel(a)
		var pe *fs.PathError
		switch {
		case errors.As(err, &pe) && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)):
			_, _ = fmt.Fprintf(stderr, "kernels: %s is not looked at: %v\n", a, err)
			return 3
		case err != nil:
			_, _ = fmt.Fprintf(stderr, "kernels: %s: %v\n", a, err)
			return 1
		}
	}
	return 0
}

// kernels generates packages in a throw-away module.
type kernels struct {
	dir, abigen string
	out         io.Writer
	packages    int
}

// prepare builds the command and makes the module.
func (k *kernels) prepare() error {
	k.abigen = filepath.Join(k.dir, "abigen")
	build := exec.Command("go", "build", "-o", k.abigen, "github.com/fuseiomap/abigen/cmd/abigen")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build abigen: %w\n%s", err, out)
	}
	return os.WriteFile(filepath.Join(k.dir, "go.mod"), []byte("module kernels\n\ngo 1.26\n"), 0o644)
}

// kernel checks every struct_ops type of the kernel in dir.
func (k *kernels) kernel(dir string) error {
	if dir != running {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return err
		}
		dir = abs
	}
	vmlinux := filepath.Join(dir, "vmlinux")
	found, files := 0, 0
	check := func(path, base string) error {
		names, err := structOps(path, base)
		if err != nil {
			return err
		}
		files++
		for _, n := range names {
			found++
			if err := k.check(path, base, n); err != nil {
				return fmt.Errorf("%s: %s: %w", filepath.Base(path), n, err)
			}
			_, _ = fmt.Fprintf(k.out, "%s: %s: struct %s: generated, compiled, the same\n", filepath.Base(dir), filepath.Base(path), n)
		}
		return nil
	}
	if err := check(vmlinux, ""); err != nil {
		return err
	}
	modules := "modules/*.ko"
	if dir == running {
		modules = "*"
	}
	paths, err := filepath.Glob(filepath.Join(dir, modules))
	if err != nil {
		return err
	}
	for _, p := range paths {
		if p == vmlinux {
			continue
		}
		if err := check(p, vmlinux); err != nil {
			return err
		}
	}
	if found == 0 {
		return fmt.Errorf("none of its %d files has a struct_ops type: it must have tcp_congestion_ops at least", files)
	}
	_, _ = fmt.Fprintf(k.out, "%s: %d struct_ops types in %d files\n", filepath.Base(dir), found, files)
	return nil
}

const wrapper = "bpf_struct_ops_"

var wrapperName = regexp.MustCompile(wrapper + `(\w+)\x00`)

// structOps returns the struct_ops types that a vmlinux or module declares.
func structOps(path, base string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	// Few modules have any: the others need not be read.
	var names []string
	for _, m := range wrapperName.FindAllSubmatch(text, -1) {
		names = append(names, string(m[1]))
	}
	if len(names) == 0 {
		return nil, nil
	}
	wanted := map[string]bool{}
	for _, n := range names {
		wanted[n] = true
	}
	a, err := btfsrc.ReadFile(path, btfsrc.Options{Keep: func(n string) bool { return wanted[n] }, Base: base})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range a.Records {
		if r.Registered && r.Kind == model.Struct {
			out = append(out, r.Name)
		}
	}
	return out, nil
}

// check generates Go for a type, compiles it for each GOARCH, and compares it
// with the kernel.
func (k *kernels) check(path, base, name string) error {
	k.packages++
	pkg := fmt.Sprintf("p%d", k.packages)
	if err := os.Mkdir(filepath.Join(k.dir, pkg), 0o755); err != nil {
		return err
	}
	source := []string{"btf:" + path}
	flags := []string{"--types", name}
	if base != "" {
		flags = append(flags, "--base", base)
	}
	generate := append(append([]string{"generate"}, source...), flags...)
	if err := k.command("", k.abigen, append(generate, "--package", pkg, "-o", filepath.Join(pkg, "zops.go"))...); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(k.dir, pkg, "zops.go"))
	if err != nil {
		return err
	}
	if !bytes.Contains(text, []byte("//abigen:record "+name+"\n")) {
		return errors.New("the Go has no such type")
	}
	for _, arch := range goarches {
		if err := k.command(arch, "go", "build", "./"+pkg); err != nil {
			return err
		}
	}
	// The Go is what a program would be compiled against, the kernel what runs.
	diff := append([]string{"diff", "go:./" + pkg}, source...)
	return k.command("", k.abigen, append(append(diff, flags...), "--fail-on", "info")...)
}

// command runs a command in the module.
func (k *kernels) command(goarch, name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Dir = k.dir
	c.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0", "GOPROXY=off", "GOTOOLCHAIN=local")
	if goarch != "" {
		c.Env = append(c.Env, "GOOS=linux", "GOARCH="+goarch)
	}
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return nil
}
