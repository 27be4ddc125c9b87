// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// versionFile holds the first line of clang --version.
const versionFile = "clang-version.txt"

// cflags are what the objects are compiled with besides what bpf2go adds. v3
// has the 32-bit instructions and atomics of every kernel that has the type.
var cflags = []string{"-mcpu=v3", "-O2", "-Wall", "-Werror", "-nostdinc"}

// builder compiles every program of a directory.
type builder struct {
	sources       string // bpf/programs
	clang, strip  string
	stdout        io.Writer
	version       string
	sameAsBefore  bool // version is the recorded one
	recordedClang string
}

// objects is where the results are kept.
func (b *builder) objects() string { return filepath.Join(b.sources, "internal", "object") }

func (b *builder) build(ctx context.Context, check bool) error {
	var err error
	if b.version, err = compilerVersion(ctx, b.clang); err != nil {
		return err
	}
	recorded, err := os.ReadFile(filepath.Join(b.objects(), versionFile))
	if err != nil && check {
		return err
	}
	b.recordedClang = strings.TrimSpace(string(recorded))
	b.sameAsBefore = b.recordedClang == b.version
	tmp, err := os.MkdirTemp("", "bpfbuild")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	programs, err := filepath.Glob(filepath.Join(b.sources, "*.c"))
	if err != nil {
		return err
	}
	slices.Sort(programs)
	for _, p := range programs {
		if err := b.compile(ctx, p, tmp); err != nil {
			return err
		}
	}
	if check {
		return b.compare(tmp, len(programs))
	}
	return b.install(tmp)
}

// compile runs bpf2go. The directory it runs in decides the file names in the
// objects' line information, so it is always the sources' own.
func (b *builder) compile(ctx context.Context, source, out string) error {
	name := strings.TrimSuffix(filepath.Base(source), ".c")
	ident := strings.ToUpper(name[:1]) + name[1:]
	args := []string{
		"run", "github.com/cilium/ebpf/cmd/bpf2go", "-cc", b.clang, "-strip", b.strip, "-target", "bpfel,bpfeb",
		"-no-global-types", "-go-package", "object", "-output-dir", out, ident, filepath.Base(source), "--",
	}
	cmd := exec.CommandContext(ctx, "go", append(args, cflags...)...)
	cmd.Dir = b.sources
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", source, err, text)
	}
	return nil
}

// licence is what the file beside each result says: bpf2go writes none into it.
func licence(name string) string {
	if filepath.Ext(name) == ".go" {
		return "// SPDX-License-Identifier: MIT\n"
	}
	return "SPDX-License-Identifier: GPL-2.0-only\n"
}

// install replaces what was compiled before, and removes what no source makes
// any more.
func (b *builder) install(dir string) error {
	old, err := filepath.Glob(filepath.Join(b.objects(), "*_bpfe[bl].*"))
	if err != nil {
		return err
	}
	for _, f := range old {
		if err := os.Remove(f); err != nil {
			return err
		}
	}
	made, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range made {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return err
		}
		to := filepath.Join(b.objects(), f.Name())
		if err := os.WriteFile(to, data, 0o644); err != nil {
			return err
		}
		if err := os.WriteFile(to+".license", []byte(licence(f.Name())), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(b.objects(), versionFile), []byte(b.version+"\n"), 0o644)
}

// compare holds what was made now against what is committed.
func (b *builder) compare(dir string, programs int) error {
	how := "are byte for byte"
	if !b.sameAsBefore {
		how = "hold"
		fmt.Fprintf(b.stdout, "bpf/programs: compiled with %s, the committed objects with %s: comparing what they hold\n", b.version, b.recordedClang)
	}
	made, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var differ []string
	for _, f := range made {
		now, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return err
		}
		then, err := os.ReadFile(filepath.Join(b.objects(), f.Name()))
		if err != nil {
			return err
		}
		same := bytes.Equal(now, then)
		if !same && !b.sameAsBefore && filepath.Ext(f.Name()) == ".o" {
			if same, err = equivalent(now, then); err != nil {
				return fmt.Errorf("%s: %w", f.Name(), err)
			}
		}
		if !same {
			differ = append(differ, f.Name())
		}
	}
	if len(differ) > 0 {
		return fmt.Errorf("bpf/programs: %s: not what %s makes of the sources (committed: made by %s): run make programs and review the change",
			strings.Join(differ, ", "), b.version, b.recordedClang)
	}
	fmt.Fprintf(b.stdout, "bpf/programs: the objects of %d programs %s what %s makes of their sources\n", programs, how, b.version)
	return nil
}
