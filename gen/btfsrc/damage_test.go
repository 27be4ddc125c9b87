// SPDX-License-Identifier: MIT

package btfsrc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fuseiomap/abigen/gen/model"
)

// soon fails a test whose input is too much for f. The bound is far above what
// a busy machine takes, and far below what following the input would.
func soon(t *testing.T, f func()) {
	t.Helper()
	start := time.Now()
	f()
	if d := time.Since(start); d > 30*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestTruncatedBTFIsRefusedAtEveryLength(t *testing.T) {
	raw := fixture(t, "kernel-R4.btf")
	for n := range raw {
		_, err := Read("cut.btf", raw[:n], Options{})
		want := ErrDamaged
		if n < 2 {
			want = ErrNotBTF
		}
		if !errors.Is(err, want) || !strings.HasPrefix(err.Error(), "cut.btf: ") {
			t.Fatalf("%d of %d bytes: %v", n, len(raw), err)
		}
	}
}

// A flipped bit may make other BTF that is as good. It must never make a model
// that nobody could write down and read back, let alone a panic.
func TestFlippedBitNeverMakesGarbage(t *testing.T) {
	// Coprime to 8, so that every bit of a word has its turn.
	for name, step := range map[string]int{"fuse_bpf_ops.btf": 1, "header-R4.btf": 7} {
		raw := fixture(t, name)
		refused := 0
		for bit := 0; bit < 8*len(raw); bit += step {
			damaged := bytes.Clone(raw)
			damaged[bit/8] ^= 1 << (bit % 8)
			a, err := Read(name, damaged, Options{Base: "none"})
			if err != nil {
				refused++
				continue
			}
			if bit%11 != 0 {
				// Writing it down is slow.
				continue
			}
			if err := consistent(a); err != nil {
				t.Fatalf("bit %d of byte %d: %v", bit%8, bit/8, err)
			}
		}
		if refused < 8*len(raw)/step/10 {
			t.Errorf("%s: %d of %d flips refused: the checks see nothing", name, refused, 8*len(raw)/step)
		}
	}
}

// consistent reports what no model of real BTF has.
func consistent(a *model.ABI) error {
	var b bytes.Buffer
	if err := model.Encode(&b, a); err != nil {
		return err
	}
	back, err := model.Decode(&b)
	if err != nil {
		return err
	}
	if text(back) != text(a) {
		return fmt.Errorf("reads back as\n%swas\n%s", text(back), text(a))
	}
	for _, r := range a.Records {
		if !isIdentifier(r.Name) {
			return fmt.Errorf("record %q", r.Name)
		}
		for i := range r.Fields {
			if f := &r.Fields[i]; f.BitOffset < 0 || f.BitOffset+f.BitSize > 8*r.Size {
				return fmt.Errorf("%s.%s is outside the record", r.Name, f.Name)
			}
		}
	}
	return nil
}

func TestCyclesAreRefused(t *testing.T) {
	for what, build := range map[string]func(e *encoder){
		"typedef":   func(e *encoder) { e.typedef("loop", 1); e.record(kindStruct, "s", 8, member{"m", 1, 0}) },
		"qualifier": func(e *encoder) { e.add(kindConst, "", 0, false, 1); e.record(kindStruct, "s", 8, member{"m", 1, 0}) },
		"typedef and qualifier": func(e *encoder) {
			e.typedef("loop", 2)
			e.add(kindVolatile, "", 0, false, 1)
			e.record(kindStruct, "s", 8, member{"m", 1, 0})
		},
		"pointer":   func(e *encoder) { e.pointer(1); e.record(kindStruct, "s", 8, member{"m", 1, 0}) },
		"array":     func(e *encoder) { e.array(1, 1); e.record(kindStruct, "s", 8, member{"m", 1, 0}) },
		"prototype": func(e *encoder) { e.prototype(1); e.record(kindStruct, "s", 8, member{"m", e.pointer(1), 0}) },
		"kfunc": func(e *encoder) {
			e.add(kindDeclTag, "bpf_kfunc", 0, false, 2, ^uint32(0))
			e.add(kindFunc, "f", 1, false, 3)
			e.prototype(4)
			e.pointer(4)
		},
		"record by value": func(e *encoder) { e.record(kindStruct, "s", 8, member{"m", 1, 0}) },
		"two records by value": func(e *encoder) {
			e.record(kindStruct, "s", 8, member{"m", 2, 0})
			e.record(kindUnion, "u", 8, member{"m", 1, 0})
		},
		"anonymous record": func(e *encoder) {
			e.record(kindStruct, "", 8, member{"m", 1, 0})
			e.record(kindStruct, "s", 8, member{"m", 1, 0})
		},
		"anonymous by pointer": func(e *encoder) {
			e.record(kindStruct, "", 8, member{"m", 2, 0})
			e.pointer(1)
			e.record(kindStruct, "s", 8, member{"m", 1, 0})
		},
		"declaration tag's own": func(e *encoder) {
			e.add(kindDeclTag, "bpf_kfunc", 0, false, 1, ^uint32(0))
			e.record(kindStruct, "s", 8, member{"m", 1, 0})
		},
	} {
		t.Run(what, func(t *testing.T) {
			e := newEncoder(false)
			build(e)
			soon(t, func() {
				if a, err := Read("cyclic.btf", e.blob(), Options{}); !errors.Is(err, ErrDamaged) {
					t.Errorf("error %v, model\n%v", err, a)
				}
			})
		})
	}
}

func TestRecordThatPointsToItselfIsFine(t *testing.T) {
	e := newEncoder(false)
	e.record(kindStruct, "node", 8, member{"next", 2, 0})
	e.pointer(1)
	sameLines(t, "struct node 8: ptr(struct node) next@0", text(mustRead(t, e.blob(), Options{})))
}

func TestAbsurdBTFIsRefusedSoon(t *testing.T) {
	for what, build := range map[string]func(e *encoder){
		"a chain of 200,000 pointers": func(e *encoder) {
			p := e.integer("int", 4, encodedSigned)
			for range 200_000 {
				p = e.pointer(p)
			}
			e.record(kindStruct, "s", 8, member{"m", p, 0})
		},
		"a tree of anonymous records": func(e *encoder) {
			r := e.record(kindStruct, "", 0)
			for range 40 {
				r = e.record(kindStruct, "", 0, member{"a", r, 0}, member{"b", r, 0})
			}
			e.record(kindStruct, "s", 0, member{"m", r, 0})
		},
		"a tree of prototypes": func(e *encoder) {
			p := e.pointer(e.prototype(0))
			for range 25 {
				p = e.pointer(e.prototype(p, member{"", p, 0}, member{"", p, 0}))
			}
			e.record(kindStruct, "s", 8, member{"m", p, 0})
		},
		"one large anonymous record in 2,000 others": func(e *encoder) {
			i := e.integer("int", 4, encodedSigned)
			ms := make([]member, 6_000)
			for j := range ms {
				ms[j] = member{"m", i, 0}
			}
			u := e.record(kindUnion, "", 4, ms...)
			for j := range 2_000 {
				e.record(kindStruct, fmt.Sprint("s", j), 4, member{"u", u, 0})
			}
		},
		"a prototype too long to write, behind many pointers": func(e *encoder) {
			s := e.pointer(e.record(kindStruct, strings.Repeat("x", maxName), 0))
			ps := make([]member, 60_000)
			for j := range ps {
				ps[j].typ = s
			}
			p := e.pointer(e.prototype(0, ps...))
			for j := range 100 {
				e.record(kindStruct, fmt.Sprint("s", j), 8, member{"m", p, 0})
			}
		},
		"an array of arrays beyond any size": func(e *encoder) {
			a := e.integer("int", 4, encodedSigned)
			for range 9 {
				a = e.array(a, 1<<31)
			}
			e.record(kindStruct, "s", 8, member{"m", a, 0})
		},
		"a name of 100,000 characters": func(e *encoder) {
			e.record(kindStruct, strings.Repeat("x", 100_000), 0)
		},
		"a name with a terminal's escape": func(e *encoder) {
			e.record(kindStruct, "s\x1b[31m", 0)
		},
		"a member beyond the end": func(e *encoder) {
			e.record(kindStruct, "s", 4, member{"m", e.integer("int", 4, encodedSigned), 1})
		},
		"a bit-field wider than its type": func(e *encoder) {
			i := e.integer("int", 4, encodedSigned)
			e.add(kindStruct, "s", 1, true, 8, e.str("m"), i, 33<<24)
		},
		"an integer of 20 bytes":   func(e *encoder) { e.add(kindInt, "i", 0, false, 20, 128) },
		"a float of no bytes":      func(e *encoder) { e.add(kindFloat, "f", 0, false, 0) },
		"an enum of 3 bytes":       func(e *encoder) { e.add(kindEnum, "e", 0, false, 3) },
		"an unknown kind":          func(e *encoder) { e.add(kinds, "k", 0, false, 0) },
		"reserved bits":            func(e *encoder) { e.add(kindStruct, "s", 1<<16, false, 0) },
		"a function of an integer": func(e *encoder) { e.add(kindFunc, "f", 1, false, e.integer("int", 4, encodedSigned)) },
		"a member that is a function": func(e *encoder) {
			e.record(kindStruct, "s", 8, member{"m", e.function("f", 1, 0), 0})
		},
	} {
		t.Run(what, func(t *testing.T) {
			e := newEncoder(false)
			build(e)
			raw := e.blob()
			soon(t, func() {
				if a, err := Read("absurd.btf", raw, Options{}); !errors.Is(err, ErrDamaged) {
					t.Errorf("error %v, model\n%.300v", err, a)
				}
			})
		})
	}
}

func TestFilesThatAreNotBTFSayWhatTheyAre(t *testing.T) {
	random := make([]byte, 10<<20)
	r := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < len(random); i += 8 {
		binary.LittleEndian.PutUint64(random[i:], r.Uint64())
	}
	for _, c := range []struct {
		data []byte
		want string
	}{
		{nil, "it is empty"},
		{[]byte("struct fuse_iomap_io { };"), "it is neither raw BTF nor an ELF file"},
		{random, "it is neither raw BTF nor an ELF file"},
		{[]byte("\x1f\x8b\x08rest"), "gzip: unpack it first"},
		{[]byte("\xfd7zXZ rest"), "xz: unpack it first"},
		{[]byte("\x28\xb5\x2f\xfdrest"), "zstd: unpack it first"},
		{[]byte("MZ\x00\x00rest"), "bootable kernel image"},
	} {
		path := writeFile(t, "input", c.data)
		_, err := ReadFile(path, Options{})
		if !errors.Is(err, ErrNotBTF) || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), c.want) ||
			!strings.HasSuffix(err.Error(), ": give raw BTF, a vmlinux, a module or a compiled BPF object") {
			t.Errorf("%.10q: %v", c.data, err)
		}
		if Recognises(c.data) {
			t.Errorf("%.10q is recognised", c.data)
		}
	}
	if _, err := ReadFile(t.TempDir(), Options{}); !errors.Is(err, ErrNotBTF) || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("directory: %v", err)
	}
}

func TestUnreadableFileSaysWhatToDo(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.btf")
	_, err := ReadFile(missing, Options{})
	if !errors.Is(err, os.ErrNotExist) || err.Error() != missing+": open: no such file or directory: check the path" {
		t.Errorf("missing: %v", err)
	}
	// Root reads everything, so the error of the system is made here.
	err = explain("/sys/kernel/btf/vmlinux", &os.PathError{Op: "open", Path: "/sys/kernel/btf/vmlinux", Err: os.ErrPermission})
	if !errors.Is(err, os.ErrPermission) || err.Error() != "/sys/kernel/btf/vmlinux: open: permission denied: read it as root, or copy it" {
		t.Errorf("forbidden: %v", err)
	}
}

func TestStartOfTheFileIsEnoughToRecogniseIt(t *testing.T) {
	for _, data := range [][]byte{newEncoder(false).blob(), newEncoder(true).blob(), elfFile(0, false, nil)} {
		if !Recognises(data) || !Recognises(data[:4]) {
			t.Errorf("%.8x is not recognised", data)
		}
	}
}
