// SPDX-License-Identifier: MIT

package btfsrc

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/headers"
)

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := fs.ReadFile(headers.FS, "btf/"+name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func readFixture(t testing.TB, name string) *model.ABI {
	t.Helper()
	a, err := Read(name, fixture(t, name), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// What follows is the contract as the kernel declares it in revision 2, written
// by hand, in the form of text.

const recordLines = `
struct fuse_iomap_io 32: u64 offset@0, u64 length@8, u64 addr@16, u16 type@24, u16 flags@26, u32 dev@28
struct fuse_iomap_begin_in 32: u32 opflags@0, u32 reserved@4, u64 attr_ino@8, u64 pos@16, u64 count@24
struct fuse_iomap_begin_out 64: struct fuse_iomap_io read@0, struct fuse_iomap_io write@32
struct fuse_iomap_end_in 72: u32 opflags@0, u32 reserved@4, u64 attr_ino@8, u64 pos@16, u64 count@24, s64 written@32, struct fuse_iomap_io map@40
struct fuse_iomap_ioend_in 48: u32 flags@0, s32 error@4, u64 attr_ino@8, u64 pos@16, u64 new_addr@24, u64 written@32, u32 dev@40, u32 pad@44
struct fuse_iomap_ioend_out 8: u64 newsize@0
enum fuse_iomap_bpf_ret 4: FIB_FALLBACK=0 FIB_HANDLED=1
`

const opsLine = `
struct fuse_iomap_bpf_ops 64 registered: ptr(func(enum fuse_iomap_bpf_ret,ptr(struct fuse_inode),u64,u64,u32,ptr(struct fuse_iomap_begin_out))) iomap_begin@0, ptr(func(enum fuse_iomap_bpf_ret,ptr(struct fuse_inode),u64,u64,s64,u32)) iomap_end@8, ptr(func(enum fuse_iomap_bpf_ret,ptr(struct fuse_inode),u64,s64,u32,s32,u32,u64,ptr(struct fuse_iomap_ioend_out))) iomap_ioend@16, s32 fuse_fd@24, u32 zeropad@28, array(16,s8) name@32, ptr(struct fuse_conn) fc@48, struct atomic_t users@56
`

const callbackLines = `
callback enum fuse_iomap_bpf_ret fuse_iomap_bpf_ops.iomap_begin(struct fuse_inode * fi, uint64_t pos, uint64_t count, uint32_t opflags, struct fuse_iomap_begin_out * outarg)
callback enum fuse_iomap_bpf_ret fuse_iomap_bpf_ops.iomap_end(struct fuse_inode * fi, uint64_t pos, uint64_t count, int64_t written, uint32_t opflags)
callback enum fuse_iomap_bpf_ret fuse_iomap_bpf_ops.iomap_ioend(struct fuse_inode * fi, uint64_t pos, int64_t written, uint32_t ioendflags, int error, uint32_t dev, uint64_t new_addr, struct fuse_iomap_ioend_out * outarg)
`

// kernelLines are not the contract's, but every kernel's.
const kernelLines = `
struct fuse_inode 16: u64 nodeid@0, u64 orig_ino@8
struct bpf_struct_ops_fuse_iomap_bpf_ops 128: struct bpf_struct_ops_common_value common@0, struct fuse_iomap_bpf_ops data@64
struct atomic_t 4 typedef: s32 counter@0
struct refcount_struct 4: struct atomic_t refs@0
struct bpf_struct_ops_common_value 8: struct refcount_struct refcnt@0, enum bpf_struct_ops_state state@4
enum bpf_struct_ops_state 4: BPF_STRUCT_OPS_STATE_INIT=0 BPF_STRUCT_OPS_STATE_INUSE=1 BPF_STRUCT_OPS_STATE_TOBEFREE=2 BPF_STRUCT_OPS_STATE_READY=3
kfunc void bpf_rcu_read_lock()
`

const cacheLines = `
struct fuse_range 16: u64 offset@0, u64 length@8
kfunc int fuse_bpf_iomap_inval_mappings(struct fuse_inode * fi, const struct fuse_range * read__nullable, const struct fuse_range * write__nullable)
kfunc int fuse_bpf_iomap_upsert_mappings(struct fuse_inode * fi, const struct fuse_iomap_io * read__nullable, const struct fuse_iomap_io * write__nullable)
`

const inodeLines = `
struct fuse_bpf_inode 0:
kfunc uint64_t fuse_bpf_inode_nodeid(const struct fuse_bpf_inode * fbi)
kfunc uint64_t fuse_bpf_inode_orig_ino(const struct fuse_bpf_inode * fbi)
`

const privateTail = ", ptr(struct fuse_conn) fc@48, struct atomic_t users@56"

// firstParameter turns the declarations of revision 2 into those of another.
var firstParameter = map[string]*strings.Replacer{
	"R1": strings.NewReplacer("ptr(struct fuse_inode)", "u64", "struct fuse_inode * fi", "uint64_t nodeid", privateTail, "", "bpf_ops 64", "bpf_ops 48"),
	"R2": strings.NewReplacer(),
	"R3": strings.NewReplacer(),
	"R4": strings.NewReplacer("ptr(struct fuse_inode)", "ptr(struct fuse_bpf_inode)", "struct fuse_inode * fi", "struct fuse_bpf_inode * fbi"),
}

// sameLines compares without regard to order and empty lines.
func sameLines(t *testing.T, want, got string) {
	t.Helper()
	lines := func(s string) []string {
		ls := strings.FieldsFunc(s, func(r rune) bool { return r == '\n' })
		slices.Sort(ls)
		return ls
	}
	if diff := cmp.Diff(lines(want), lines(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestKernelFixtureIsItsRevision(t *testing.T) {
	for _, rev := range []string{"R1", "R2", "R3", "R4"} {
		t.Run(rev, func(t *testing.T) {
			a := readFixture(t, "kernel-"+rev+".btf")
			want := recordLines + opsLine + callbackLines
			if rev >= "R3" {
				want += cacheLines
			}
			want = firstParameter[rev].Replace(want) + kernelLines
			if rev == "R4" {
				want += inodeLines
			}
			sameLines(t, want, text(a))
			if a.Target != "bpfel" || a.Side != model.SideKernel || a.Source != "btf:kernel-"+rev+".btf" {
				t.Errorf("target %q, side %q, source %q", a.Target, a.Side, a.Source)
			}
			attested := []model.Evidence{model.Records, model.Pointees, model.Enums, model.Prototypes, model.Kfuncs, model.Registration}
			if diff := cmp.Diff(attested, a.Attests); diff != "" {
				t.Errorf("evidence (-want +got)\n%s", diff)
			}
		})
	}
}

// unnamed drops what only the kernel's BTF shows: the names of parameters, the
// private tail, the registration.
var unnamed = strings.NewReplacer(
	" * fi,", " *,", " * fbi,", " *,", " * fbi)", " *)", " nodeid,", ",", " pos,", ",", " count,", ",", " opflags,", ",", " opflags)", ")", " * outarg)", " *)",
	" written,", ",", " ioendflags,", ",", " error,", ",", " dev,", ",", " new_addr,", ",", " * read__nullable,", " *,", " * write__nullable)", " *)",
)

func TestHeaderFixtureIsItsRevision(t *testing.T) {
	for _, rev := range []string{"R1", "R2", "R3", "R4"} {
		t.Run(rev, func(t *testing.T) {
			a := readFixture(t, "header-"+rev+".btf")
			want := unnamed.Replace(firstParameter[rev].Replace(callbackLines))
			if rev >= "R3" {
				range_, kfuncs, _ := strings.Cut(cacheLines[1:], "\n")
				want += range_ + "\n" + unnamed.Replace(firstParameter[rev].Replace(kfuncs))
			}
			if rev == "R4" {
				want += unnamed.Replace(inodeLines)
			}
			ops := strings.NewReplacer(" 64 registered", " 48", " 48 registered", " 48", privateTail, "").Replace(firstParameter[rev].Replace(opsLine))
			sameLines(t, want+"\n"+ops+recordLines, text(a))
			if a.Target != "bpfel" || a.Side != model.SideProgram {
				t.Errorf("target %q, side %q", a.Target, a.Side)
			}
			if a.Can(model.Registration) || !a.Can(model.Kfuncs) {
				t.Errorf("evidence %v: a program knows its kfuncs, and no registration", a.Attests)
			}
		})
	}
}

func TestNeighboursKeepTheirOwnShape(t *testing.T) {
	rest := strings.NewReplacer("fuse_iomap_bpf_ops 128", "fuse_bpf_ops 128", "fuse_iomap_bpf_ops", "fuse_bpf_ops",
		"struct fuse_inode 16: u64 nodeid@0, u64 orig_ino@8\n", "").Replace(kernelLines)
	io, _, _ := strings.Cut(recordLines[1:], "\n")
	sameLines(t, rest+io+`
struct fuse_bpf_ops 24 registered: ptr(func(s32,ptr(struct inode),s64,s64,u32,ptr(struct fuse_iomap_io))) iomap_begin@0, array(16,s8) name@8
callback int fuse_bpf_ops.iomap_begin(struct inode * inode, loff_t pos, loff_t length, unsigned int flags, struct fuse_iomap_io * out_io)
`, text(readFixture(t, "fuse_bpf_ops.btf")))

	io = strings.Replace(io, "io 32", "io 40", 1) + ", u64 id@32"
	sameLines(t, rest+io+`
struct fuse_bpf_ops 32 registered: ptr(func(s32,u64,s64,s64,u32,ptr(struct fuse_iomap_io))) iomap_begin@0, s32 dev_fd@8, array(16,s8) name@12
callback int fuse_bpf_ops.iomap_begin(u64 nodeid, loff_t pos, loff_t length, unsigned int flags, struct fuse_iomap_io * out_io)
`, text(readFixture(t, "fuse_bpf_ops2.btf")))
}

func TestModelIsSortedByName(t *testing.T) {
	a := readFixture(t, "kernel-R4.btf")
	names := func(n int, name func(int) string) (ns []string) {
		for i := range n {
			ns = append(ns, name(i))
		}
		return ns
	}
	for what, ns := range map[string][]string{
		"records":    names(len(a.Records), func(i int) string { return a.Records[i].Name }),
		"enums":      names(len(a.Enums), func(i int) string { return a.Enums[i].Name }),
		"prototypes": names(len(a.Prototypes), func(i int) string { return a.Prototypes[i].Name }),
	} {
		if !slices.IsSorted(ns) || len(ns) < 2 {
			t.Errorf("%s are not sorted: %q", what, ns)
		}
	}
}

func TestSpellingIsWhatCWrites(t *testing.T) {
	a := readFixture(t, "kernel-R2.btf")
	want := map[string]string{
		"iomap_end": "enum fuse_iomap_bpf_ret (*)(struct fuse_inode *, uint64_t, uint64_t, int64_t, uint32_t)",
		"fuse_fd":   "int",
		"name":      "char[16]",
		"fc":        "struct fuse_conn *",
		"users":     "atomic_t",
	}
	r := a.Record("fuse_iomap_bpf_ops")
	for name, spelling := range want {
		if got := r.Field(name).Spelling; got != spelling {
			t.Errorf("%s: %q, want %q", name, got, spelling)
		}
	}
	if !model.HasPlainChar(r.Field("name").Type) {
		t.Error("name is not marked as plain char")
	}
}
