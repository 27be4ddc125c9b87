// SPDX-License-Identifier: MIT

package vet_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/vet"
)

// field is a member of a random record: its type in C and Go, and its size.
type field struct {
	name, c, dim, g string
	size            int64 // of an element
	n               int64
}

var scalars = []field{
	{c: "unsigned char", g: "uint8", size: 1}, {c: "signed char", g: "int8", size: 1}, {c: "_Bool", g: "bool", size: 1},
	{c: "unsigned short", g: "uint16", size: 2}, {c: "short", g: "int16", size: 2},
	{c: "unsigned int", g: "uint32", size: 4}, {c: "int", g: "int32", size: 4}, {c: "float", g: "float32", size: 4},
	{c: "unsigned long long", g: "uint64", size: 8}, {c: "long long", g: "int64", size: 8}, {c: "double", g: "float64", size: 8},
}

func randomFields(r *rand.Rand) []field {
	fs := make([]field, 2+r.IntN(6))
	for i := range fs {
		fs[i] = scalars[r.IntN(len(scalars))]
		fs[i].name, fs[i].n = fmt.Sprintf("m_%c", 'a'+i), 1
		if r.IntN(4) == 0 {
			fs[i].n = int64(1 + r.IntN(5))
			fs[i].dim = fmt.Sprintf("[%d]", fs[i].n)
		}
	}
	return fs
}

// layout returns the offset of each field as BPF lays them out, and the size.
func layout(fs []field) (offsets []int64, size int64) {
	align := int64(1)
	for _, f := range fs {
		align = max(align, f.size)
		size = (size + f.size - 1) / f.size * f.size
		offsets = append(offsets, size)
		size += f.size * f.n
	}
	return offsets, (size + align - 1) / align * align
}

// places says where the members of a record and its end lie.
func places(fs []field, at []int64, size int64) map[string]int64 {
	m := map[string]int64{"end": size}
	for i, f := range fs {
		m[f.name] = at[i]
	}
	return m
}

func subset(some, all map[string]int64) bool {
	for name, at := range some {
		if other, ok := all[name]; !ok || other != at {
			return false
		}
	}
	return true
}

// goStruct writes a struct; with at it spells the padding out.
func goStruct(name string, fs []field, at []int64, size int64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "//abigen:record r%s\ntype R%s struct {\n", name, name)
	var end int64
	pad := func(to int64) {
		if at != nil && to > end {
			fmt.Fprintf(&b, "\t_ [%d]byte\n", to-end)
		}
	}
	for i, f := range fs {
		if at != nil {
			pad(at[i])
			end = at[i] + f.size*f.n
		}
		fmt.Fprintf(&b, "\t%s %s%s\n", strings.ToUpper(f.name[:1])+strings.ReplaceAll(f.name[1:], "_", ""), f.dim, f.g)
	}
	pad(size)
	b.WriteString("}\n\n")
	return b.String()
}

// edits change a record's fields so that no Go struct of the result is right;
// they report whether they could.
var edits = map[string]func(r *rand.Rand, fs []field) ([]field, bool){
	"swap": func(r *rand.Rand, fs []field) ([]field, bool) {
		i := r.IntN(len(fs) - 1)
		fs[i], fs[i+1] = fs[i+1], fs[i]
		return fs, true
	},
	"retype": func(r *rand.Rand, fs []field) ([]field, bool) {
		f := &fs[r.IntN(len(fs))]
		other := scalars[r.IntN(len(scalars))]
		changed := other.g != f.g
		f.g, f.size = other.g, other.size
		return fs, changed
	},
	"remove": func(r *rand.Rand, fs []field) ([]field, bool) {
		i := r.IntN(len(fs))
		return append(fs[:i:i], fs[i+1:]...), true
	},
	"lengthen": func(r *rand.Rand, fs []field) ([]field, bool) {
		f := &fs[r.IntN(len(fs))]
		f.n++
		f.dim = fmt.Sprintf("[%d]", f.n)
		return fs, true
	},
	"add": func(r *rand.Rand, fs []field) ([]field, bool) {
		f := scalars[r.IntN(len(scalars))]
		f.name, f.n = "m_new", 1
		i := r.IntN(len(fs) + 1)
		return append(fs[:i:i], append([]field{f}, fs[i:]...)...), true
	},
}

// TestRandomStructs compares structs with records of known layout: with padding
// spelled out they are right, without it exactly those are reported that have
// some, whatever is wrong is found, and what is fixed is right.
func TestRandomStructs(t *testing.T) {
	const seed, n = 20, 60
	r := rand.New(rand.NewPCG(seed, 0))
	var header strings.Builder
	right, bare, wrong := "package p\n\n", "package p\n\n", "package p\n\n"
	padded, broken := map[string]bool{}, map[string]string{}
	kinds := []string{"swap", "retype", "remove", "lengthen", "add"}
	for i := range n {
		name := fmt.Sprint(i)
		fs := randomFields(r)
		fmt.Fprintf(&header, "struct r%d {", i)
		sum := int64(0)
		for _, f := range fs {
			fmt.Fprintf(&header, " %s %s%s;", f.c, f.name, f.dim)
			sum += f.size * f.n
		}
		header.WriteString(" };\n")
		at, size := layout(fs)
		padded["r"+name] = sum != size
		right += goStruct(name, fs, at, size)
		bare += goStruct(name, fs, nil, 0)
		kind := kinds[r.IntN(len(kinds))]
		changed, ok := edits[kind](r, append([]field(nil), fs...))
		before := places(fs, at, size)
		at, size = layout(changed)
		if kind == "remove" && subset(places(changed, at, size), before) {
			continue // what is left lies where it did, and the rest is blank
		}
		if ok {
			broken["r"+name] = kind
			wrong += goStruct(name, changed, at, size)
		}
	}
	dir := files(t, map[string]string{"r.h": header.String(), "right/p.go": right, "bare/p.go": bare, "wrong/p.go": wrong})
	c := vet.Config{Sources: []string{"header:r.h"}, Dir: dir, BPF: true}
	run := func(name string) (*vet.Result, map[string]bool) {
		res, err := vet.Check(context.Background(), open(t, filepath.Join(dir, name)), c)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		for _, f := range res.Findings {
			record, _, _ := strings.Cut(f.Subject, ".")
			found[record] = true
		}
		return res, found
	}
	if res, _ := run("right"); len(res.Findings) > 0 {
		t.Errorf("seed %d: right, and reported:\n%s", seed, messages(res))
	}
	res, found := run("bare")
	for name, want := range padded {
		if found[name] != want {
			t.Errorf("seed %d: %s: reported %v, has padding %v", seed, name, found[name], want)
		}
	}
	for _, f := range res.Findings {
		if f.Rule != "go.padding" || f.Fix == nil {
			t.Errorf("seed %d: only padding is missing, and abigen can add it: %s", seed, f)
		}
	}
	if _, found = run("wrong"); len(found) != len(broken) {
		for name, kind := range broken {
			if !found[name] {
				t.Errorf("seed %d: %s: nobody notices the edit %q", seed, name, kind)
			}
		}
	}
	for _, name := range []string{"bare", "wrong"} {
		res, _ := run(name)
		texts, err := res.Fixed()
		if err != nil {
			t.Fatal(err)
		}
		fixed := map[string]bool{}
		for _, f := range res.Findings {
			if record, _, _ := strings.Cut(f.Subject, "."); f.Fix != nil {
				fixed[record] = true
			}
		}
		for path, text := range texts {
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		_, left := run(name)
		for record := range fixed {
			if left[record] {
				t.Errorf("seed %d: %s: fixed, and still reported", seed, record)
			}
		}
		t.Logf("%s: %d records reported, %d fixed, %d left", name, len(left)+len(fixed), len(fixed), len(left))
	}
}
