// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func completed(t *testing.T, line string) []string {
	t.Helper()
	var all []string
	for _, w := range completions(t.Context(), strings.Split(line, " ")) {
		all = append(all, w.text)
	}
	return all
}

func TestCompletionOffersWhatMayFollow(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"a.h", "ab.h", "b.h"} {
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("able", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line string
		want string
	}{
		{"di", "diff"},
		{"--v", "--version"},
		{"diff --fo", "--format"},
		{"diff --format ", "text json sarif github gitlab junit markdown html"},
		{"diff --format s", "sarif"},
		{"diff --format=s", "--format=sarif"},
		{"diff -format=s", "-format=sarif"},
		{"diff --fail-on ", "breaking risk info never"},
		{"diff --profile o", "overlay"},
		{"layout --format ", "text svg html"},
		{"check --target mips", "mips mips64le"},
		{"check --target 386 --target=mips", "--target=mips --target=mips64le"},
		{"check --target nosuch --target=mips", "--target=mips --target=mips64le"},
		{"check --strict-evidence --fail-on r", "risk"},
		{"generate --config ", ":files"},
		{"dump -I ", ":directories"},
		{"dump --base=ab", "--base=ab.h --base=able/"},
		{"explain callback.param.o", "callback.param.order"},
		{"diff embedded:kernel-", ":files embedded:kernel-R1 embedded:kernel-R2 embedded:kernel-R3 embedded:kernel-R4"},
		{"diff btf:k", "btf:kernel"},
		{"diff header:a", "header:a.h header:ab.h header:able/"},
		{"diff header:" + filepath.ToSlash(dir) + "/b", "header:" + filepath.ToSlash(dir) + "/b.h"},
		{"diff --format json embedded:R1 embedded:R", ":files embedded:R1 embedded:R2 embedded:R3 embedded:R4"},
		{"diff embedded:R1 embedded:R2 ", ""},
		{"diff -- --fo", ":files"},
		{"layout fuse_iomap_i", ":files fuse_iomap_io fuse_iomap_ioend_in fuse_iomap_ioend_out"},
		{"layout embedded:R4 fuse_bpf_", ":files fuse_bpf_inode"},
		{"layout embedded:nosuch fuse_", ":files"},
		{"layout --types fuse_iomap_io fuse_iomap_i", ":files fuse_iomap_io"},
		{"map program:str", ":files program:stripe"},
		{"help la", "layout"},
		{"completion z", "zsh"},
		{"vet ./", "./... :directories"},
		{"doctor --require eight", "eight-arguments"},
		{"version ", ""},
		{"nosuch ", ""},
		{"nosuch --fo", ""},
	} {
		got := completed(t, c.line)
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("abigen %s: completion offers\n%s\nnot\n%s", c.line, s, c.want)
		}
	}
	if got := completed(t, ""); !slices.Equal(got, verbNames()) {
		t.Errorf("of verbs it offers %q", got)
	}
}

// What is offered is what the command takes: there is no second list.
func TestWhatCompletionOffersIsAccepted(t *testing.T) {
	for _, v := range verbs() {
		for name, words := range newFlags(v).words {
			for _, w := range words {
				f := newFlags(v)
				if f.set.Lookup(name) == nil {
					t.Errorf("%s has words for --%s, which it does not take", v.name, name)
					break
				}
				if _, err := f.parse([]string{"--" + name, w}); err != nil {
					t.Errorf("%s --%s %s is offered: %v", v.name, name, w, err)
				}
			}
		}
		for i := range 4 {
			for _, operand := range operands(v.synopsis, i) {
				if operandWords(t.Context(), operand, newFlags(v), nil, "") == nil {
					t.Errorf("%s %s: completion does not know what may stand for %s: add it to operandWords", v.name, v.synopsis, operand)
				}
			}
		}
	}
}

func TestSynopsisSaysWhatMayStandWhere(t *testing.T) {
	for _, c := range []struct {
		synopsis string
		want     []string
	}{
		{"", []string{"", ""}},
		{"OLD NEW", []string{"OLD", "NEW", ""}},
		{"[RULE]", []string{"RULE", ""}},
		{"SOURCE…", []string{"SOURCE", "SOURCE", "SOURCE"}},
		{"[SOURCE…] TYPE", []string{"SOURCE TYPE", "SOURCE TYPE", "SOURCE TYPE"}},
	} {
		for i, want := range c.want {
			if got := strings.Join(operands(c.synopsis, i), " "); got != want {
				t.Errorf("%q, argument %d: %q, want %q", c.synopsis, i, got, want)
			}
		}
	}
}
