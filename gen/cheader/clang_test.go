// SPDX-License-Identifier: MIT

package cheader

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"go/constant"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

// triples are clang's names of the targets.
var triples = map[string]string{
	"bpfel": "bpfel", "bpfeb": "bpfeb", "amd64": "x86_64-linux-gnu", "386": "i386-linux-gnu", "arm64": "aarch64-linux-gnu",
	"arm": "arm-linux-gnueabihf", "riscv64": "riscv64-linux-gnu", "ppc64le": "powerpc64le-linux-gnu", "s390x": "s390x-linux-gnu",
	"loong64": "loongarch64-linux-gnu", "mips": "mips-linux-gnu", "mips64le": "mips64el-linux-gnuabi64",
}

// clang returns the compiler that serves as the oracle, or skips the test.
func clang(t testing.TB) string {
	t.Helper()
	name := os.Getenv("ABIGEN_CLANG")
	if name == "" {
		name = "clang-19"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: the comparison with a C compiler is left out (.ci/run has one; ABIGEN_CLANG names another)", name)
	}
	return path
}

// oracle asks clang about a header.
type oracle struct {
	clang  string
	target model.Target
	// include are the lines in front of the questions, flags the arguments.
	include string
	flags   []string
	dir     string
}

// claim is something we say, and what clang must answer.
type claim struct {
	subject string
	expr    string // an integer constant expression
	want    uint64
}

// bitClaim says where a bit-field is.
type bitClaim struct {
	subject, typ, path string
	offset, width      int64
}

// claims lists what a model says about a header.
func claims(abi *model.ABI) ([]claim, []bitClaim) {
	var cs []claim
	var bs []bitClaim
	add := func(subject, expr string, want int64) { cs = append(cs, claim{subject, expr, uint64(want)}) }
	for _, r := range abi.Records {
		typ := string(r.Kind) + " " + r.Name
		if r.Typedef {
			typ = r.Name
		}
		add(typ+" size", "sizeof("+typ+")", r.Size)
		add(typ+" align", "_Alignof("+typ+")", r.Align)
		var walk func(r *model.Record, prefix string, base int64)
		walk = func(r *model.Record, prefix string, base int64) {
			for i := range r.Fields {
				f := &r.Fields[i]
				path := prefix + f.Name
				switch {
				case f.Bitfield && f.Name != "":
					if f.BitSize > 0 {
						bs = append(bs, bitClaim{typ + "." + path, typ, path, base + f.BitOffset, f.BitSize})
					}
				case f.Name != "":
					add(typ+"."+path+" offset", "__builtin_offsetof("+typ+", "+path+")", (base+f.BitOffset)/8)
					if f.BitSize > 0 {
						add(typ+"."+path+" size", "sizeof((("+typ+" *)0)->"+path+")", f.BitSize/8)
					}
				}
				if f.Record != nil && f.BitSize > 0 {
					if ref, ok := model.Unqualified(f.Type).(model.Ref); ok && ref.Name == "" {
						sub := prefix
						if f.Name != "" {
							sub = path + "."
						}
						walk(f.Record, sub, base+f.BitOffset)
					}
				}
			}
		}
		walk(r, "", 0)
	}
	macros := map[string]bool{}
	for _, c := range abi.Constants {
		macros[c.Name] = true
	}
	for _, e := range abi.Enums {
		if e.Name != "" {
			typ := "enum " + e.Name
			if e.Typedef {
				typ = e.Name
			}
			add(typ+" size", "sizeof("+typ+")", e.Size)
			signed := int64(0)
			if e.Signed {
				signed = 1
			}
			add(typ+" signed", "((("+typ+")-1) < 0)", signed)
		}
		for _, v := range e.Values {
			if macros[v.Name] {
				continue // the macro hides it, and may be another number
			}
			cs = append(cs, claim{"enumerator " + v.Name, v.Name, bitsOf(v.Value)})
		}
	}
	for _, c := range abi.Constants {
		if c.Value.Kind() != constant.Int {
			continue
		}
		cs = append(cs, claim{"constant " + c.Name, "(" + c.Name + ")", bitsOf(c.Value)})
		add("constant "+c.Name+" is "+c.Type, "_Generic(("+c.Name+"), "+c.Type+": 1, default: 0)", 1)
	}
	return cs, bs
}

// bitsOf is the low 64 bits of an integer.
func bitsOf(v constant.Value) uint64 {
	if i, ok := constant.Int64Val(v); ok {
		return uint64(i)
	}
	u, _ := constant.Uint64Val(v)
	return u
}

// compile returns clang's messages and the object file.
func (o *oracle) compile(src string, args ...string) (string, *elf.File, error) {
	file := filepath.Join(o.dir, "q.c")
	if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
		return "", nil, err
	}
	obj := filepath.Join(o.dir, "q.o")
	all := append([]string{"-target", triples[o.target.Name], "-c", "-O0", "-w", "-ferror-limit=0", "-fno-caret-diagnostics"}, o.flags...)
	all = append(append(all, args...), "-o", obj, file)
	out, err := exec.Command(o.clang, all...).CombinedOutput()
	if err != nil {
		return string(out), nil, fmt.Errorf("clang: %w", err)
	}
	if slices.Contains(args, "-fsyntax-only") {
		return string(out), nil, nil
	}
	f, err := elf.Open(obj)
	return string(out), f, err
}

// symbol returns the bytes of a symbol.
func symbol(f *elf.File, name string) ([]byte, error) {
	syms, err := f.Symbols()
	if err != nil {
		return nil, err
	}
	for _, s := range syms {
		if s.Name != name {
			continue
		}
		sec := f.Sections[s.Section]
		if sec.Type == elf.SHT_NOBITS {
			return make([]byte, s.Size), nil
		}
		data, err := sec.Data()
		if err != nil {
			return nil, err
		}
		return data[s.Value : s.Value+s.Size], nil
	}
	return nil, fmt.Errorf("no symbol %s", name)
}

// check returns how many claims clang confirmed and how it contradicted.
// Claims that clang cannot even compile are contradicted too.
func (o *oracle) check(cs []claim, bs []bitClaim) (right int, wrong []string, err error) {
	for {
		var b strings.Builder
		b.WriteString(o.include)
		b.WriteString("\n")
		head := strings.Count(b.String(), "\n")
		b.WriteString("const unsigned long long abigen_table[] = {\n")
		for _, c := range cs {
			fmt.Fprintf(&b, "(unsigned long long)(%s),\n", strings.ReplaceAll(c.expr, "\n", " "))
		}
		b.WriteString("0};\n")
		for i, c := range bs {
			fmt.Fprintf(&b, "const %s abigen_bits_%d = {.%s = -1};\n", c.typ, i, c.path)
		}
		msgs, f, cerr := o.compile(b.String())
		if cerr != nil {
			drop := map[int]bool{}
			for _, line := range strings.Split(msgs, "\n") {
				rest, ok := strings.CutPrefix(line, filepath.Join(o.dir, "q.c")+":")
				if !ok || !strings.Contains(line, "error:") {
					continue
				}
				n, _, _ := strings.Cut(rest, ":")
				k, _ := strconv.Atoi(n)
				drop[k-head-2] = true
			}
			if len(drop) == 0 {
				return right, wrong, fmt.Errorf("%w: %s", cerr, msgs)
			}
			var keep []claim
			for i := range cs {
				if drop[i] {
					wrong = append(wrong, fmt.Sprintf("%s: clang refuses %s", cs[i].subject, cs[i].expr))
				} else {
					keep = append(keep, cs[i])
				}
			}
			var keepBits []bitClaim
			for i := range bs {
				if drop[len(cs)+1+i] {
					wrong = append(wrong, fmt.Sprintf("%s: clang refuses the bit-field", bs[i].subject))
				} else {
					keepBits = append(keepBits, bs[i])
				}
			}
			if len(keep) == len(cs) && len(keepBits) == len(bs) {
				return right, wrong, fmt.Errorf("%w: %s", cerr, msgs)
			}
			cs, bs = keep, keepBits
			continue
		}
		defer f.Close()
		table, err := symbol(f, "abigen_table")
		if err != nil {
			return right, wrong, err
		}
		var order binary.ByteOrder = binary.LittleEndian
		if o.target.BigEndian {
			order = binary.BigEndian
		}
		for i, c := range cs {
			if got := order.Uint64(table[i*8:]); got != c.want {
				wrong = append(wrong, fmt.Sprintf("%s: %d, clang says %d", c.subject, int64(c.want), int64(got)))
			} else {
				right++
			}
		}
		for i, c := range bs {
			data, err := symbol(f, fmt.Sprintf("abigen_bits_%d", i))
			if err != nil {
				return right, wrong, err
			}
			off, width := findBits(data, o.target.BigEndian)
			if off != c.offset || width != c.width {
				wrong = append(wrong, fmt.Sprintf("%s: bits %d+%d, clang says %d+%d", c.subject, c.offset, c.width, off, width))
			} else {
				right++
			}
		}
		return right, wrong, nil
	}
}

// findBits returns the first set bit and the number of set bits, counted from
// the least significant bit of byte 0, or on a big-endian target from the most
// significant.
func findBits(data []byte, big bool) (off, width int64) {
	off = -1
	for i := range len(data) * 8 {
		bit := i % 8
		if big {
			bit = 7 - bit
		}
		if data[i/8]>>bit&1 != 0 {
			if off < 0 {
				off = int64(i)
			}
			width++
		}
	}
	return off, width
}

// resourceDir is where clang keeps stddef.h and its like.
func resourceDir(t testing.TB, clang string) string {
	t.Helper()
	out, err := exec.Command(clang, "-print-resource-dir").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(string(bytes.TrimSpace(out)), "include")
}

// folds returns those of the names that clang takes for integer constant
// expressions.
func (o *oracle) folds(names []string) []string {
	if len(names) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString(o.include + "\n")
	head := strings.Count(b.String(), "\n")
	for i, n := range names {
		fmt.Fprintf(&b, "enum abigen_%d { abigen_v%d = (%s) };\n", i, i, n)
	}
	msgs, f, err := o.compile(b.String(), "-fsyntax-only")
	if err == nil && f != nil {
		f.Close()
	}
	refused := map[int]bool{}
	for _, line := range strings.Split(msgs, "\n") {
		if rest, ok := strings.CutPrefix(line, filepath.Join(o.dir, "q.c")+":"); ok && strings.Contains(line, "error:") {
			n, _, _ := strings.Cut(rest, ":")
			k, _ := strconv.Atoi(n)
			refused[k-head-1] = true
		}
	}
	var out []string
	for i, n := range names {
		if !refused[i] {
			out = append(out, n)
		}
	}
	return out
}
