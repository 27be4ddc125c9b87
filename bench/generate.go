// SPDX-License-Identifier: MIT

package main

import (
	_ "embed"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// godefsInput is what cgo -godefs needs.
//
//go:embed testdata/godefs.go
var godefsInput []byte

// recordsInput is what bpf2go needs, and every tool that reads objects.
//
//go:embed testdata/records.c
var recordsInput []byte

// bpf2goTypes are the records and the enum that bpf2go can say: all but the
// struct_ops type, of whose pointers it makes nothing.
var bpf2goTypes = []string{
	"fuse_iomap_io", "fuse_iomap_begin_in", "fuse_iomap_begin_out", "fuse_iomap_end_in",
	"fuse_iomap_ioend_in", "fuse_iomap_ioend_out", "fuse_iomap_bpf_ret",
}

// wholeContract is what output must have to be of the whole contract: its last
// record and its last constant.
var wholeContract = []string{"IomapIoendOut", "FUSE_IOMAP_IOEND_SWAPOFF"}

func generateRows() []Row {
	const how = howProcess + " abigen's output has a codec, assertions of every offset and String methods as well; the peers' has none of them."
	return []Row{{
		ID: "generate/contract", Title: "Go of headers/fuse_iomap_bpf.h for one target", Front: true,
		Ours: "abigen generate", Peer: "go tool cgo -godefs", Unit: "ms of CPU", Wanted: 8, How: how,
		Measure: func(b *Bench, rounds int) (Samples, error) {
			return b.generation(rounds, []string{"--target", "amd64"}, []string{"go", "tool", "cgo"})
		},
	}, {
		ID: "generate/binary", Title: "the same without the go command in front of cgo",
		Ours: "abigen generate", Peer: "cgo -godefs", Unit: "ms of CPU", How: how,
		Measure: func(b *Bench, rounds int) (Samples, error) {
			cgo, err := exec.Command("go", "tool", "-n", "cgo").Output()
			if err != nil {
				return Samples{}, err
			}
			return b.generation(rounds, []string{"--target", "amd64"}, []string{strings.TrimSpace(string(cgo))})
		},
	}, {
		ID: "generate/targets", Title: "all ten targets, against one of cgo's",
		Ours: "abigen generate", Peer: "go tool cgo -godefs", Unit: "ms of CPU", How: how,
		Measure: func(b *Bench, rounds int) (Samples, error) {
			return b.generation(rounds, nil, []string{"go", "tool", "cgo"})
		},
	}, {
		ID: "generate/records", Title: "the records alone, without constants and callbacks",
		Ours: "abigen generate --types", Peer: "bpf2go -type", Unit: "ms of CPU", How: how,
		Measure: (*Bench).generateRecords,
	}}
}

// generation compares abigen with cgo, called as given.
func (b *Bench) generation(rounds int, flags, cgo []string) (Samples, error) {
	cc, err := goEnv("CC")
	if err != nil {
		return Samples{}, err
	}
	if _, err := exec.LookPath(strings.Fields(cc)[0]); err != nil {
		return Samples{}, missingf("no C compiler (%s), which cgo -godefs needs: install gcc", cc)
	}
	abigen, dir, config, err := b.contract()
	if err != nil {
		return Samples{}, err
	}
	return pair(rounds,
		cpu(process{dir: dir, wants: wholeContract, argv: append([]string{abigen, "generate", "fuse_iomap_bpf.h", "--config", config, "-o", "-"}, flags...)}),
		cpu(process{dir: dir, wants: wholeContract, argv: append(cgo, "-godefs", "-objdir", filepath.Join(dir, "obj"), "godefs.go")}))
}

func (b *Bench) generateRecords(rounds int) (Samples, error) {
	clang, err := tool("clang-19", "clang-19", "clang")
	if err != nil {
		return Samples{}, err
	}
	abigen, dir, config, err := b.contract()
	if err != nil {
		return Samples{}, err
	}
	bpf2go := filepath.Join(b.Dir, "bpf2go")
	root, err := b.root()
	if err != nil {
		return Samples{}, err
	}
	build := exec.Command("go", "build", "-o", bpf2go, "github.com/cilium/ebpf/cmd/bpf2go")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return Samples{}, missingf("bpf2go is not built: %v: %s", err, firstLine(string(out)))
	}
	theirs := []string{bpf2go, "-cc", clang, "-no-strip", "-no-global-types", "-target", "bpfel", "-go-package", "contract"}
	for _, t := range bpf2goTypes {
		theirs = append(theirs, "-type", t)
	}
	theirs = append(theirs, "contract", "records.c", "--", "-O2")
	types := "^(" + strings.Join(bpf2goTypes, "|") + ")$"
	s, err := pair(rounds,
		cpu(process{dir: dir, wants: []string{"type IomapIoendOut struct"}, argv: []string{abigen, "generate", "fuse_iomap_bpf.h",
			"--config", config, "--target", "amd64", "--types", types, "-o", "-"}}),
		cpu(process{dir: dir, argv: theirs}))
	if err != nil {
		return s, err
	}
	made, err := os.ReadFile(filepath.Join(dir, "contract_bpfel.go"))
	if err == nil && !strings.Contains(string(made), "FuseIomapIoendOut struct") {
		err = errors.New("bpf2go has made no Go of struct fuse_iomap_ioend_out")
	}
	return s, err
}

// contract puts what both sides read into a directory.
func (b *Bench) contract() (abigen, dir, config string, err error) {
	if abigen, err = b.abigen(); err != nil {
		return "", "", "", err
	}
	root, err := b.root()
	if err != nil {
		return "", "", "", err
	}
	header, err := b.header()
	if err != nil {
		return "", "", "", err
	}
	dir = filepath.Join(b.Dir, "generate")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", "", "", err
	}
	for name, text := range map[string][]byte{"fuse_iomap_bpf.h": header, "godefs.go": godefsInput, "records.c": recordsInput} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return "", "", "", err
		}
	}
	return abigen, dir, filepath.Join(root, "abigen.toml"), nil
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}
