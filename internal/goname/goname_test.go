// SPDX-License-Identifier: MIT

package goname

import (
	"go/token"
	"slices"
	"testing"
)

func TestInitialismsAreSortedAndShort(t *testing.T) {
	if !slices.IsSorted(initialisms) {
		t.Error("the table is searched by halves and must be sorted")
	}
	for _, s := range initialisms {
		if len(s) > 5 || len(s) < 2 {
			t.Errorf("%q: segment looks for words of 2 to 5 letters", s)
		}
	}
}

func TestTypeNamesLoseThePrefix(t *testing.T) {
	for _, c := range []struct{ c, trim, want string }{
		{"fuse_iomap_io", "fuse_", "IomapIO"},
		{"fuse_iomap_begin_in", "fuse_", "IomapBeginIn"},
		{"fuse_iomap_begin_out", "fuse_", "IomapBeginOut"},
		{"fuse_iomap_end_in", "fuse_", "IomapEndIn"},
		{"fuse_iomap_ioend_in", "fuse_", "IomapIoendIn"},
		{"fuse_iomap_ioend_out", "fuse_", "IomapIoendOut"},
		{"fuse_iomap_bpf_ops", "fuse_", "IomapBPFOps"},
		{"fuse_iomap_bpf_ret", "fuse_", "IomapBPFRet"},
		{"fuse_range", "fuse_", "Range"},
		{"tcp_congestion_ops", "fuse_", "TCPCongestionOps"},
		{"tcp_congestion_ops", "", "TCPCongestionOps"},
		{"fuse_", "fuse_", "Fuse"},
		{"fuse__", "fuse_", "Fuse"},
		{"fuse_2", "fuse_", "X2"},
		{"__u", "", "U"},
	} {
		if got := Type(c.c, c.trim); got != c.want {
			t.Errorf("Type(%q, %q) = %q, want %q", c.c, c.trim, got, c.want)
		}
	}
}

func TestMemberNamesRoundTrip(t *testing.T) {
	for c, want := range map[string]string{
		"offset": "Offset", "length": "Length", "addr": "Addr", "type": "Type", "flags": "Flags", "dev": "Dev",
		"opflags": "Opflags", "reserved": "Reserved", "attr_ino": "AttrIno", "pos": "Pos", "count": "Count",
		"read": "Read", "write": "Write", "written": "Written", "map": "Map", "error": "Error", "new_addr": "NewAddr",
		"pad": "Pad", "newsize": "Newsize", "iomap_begin": "IomapBegin", "iomap_end": "IomapEnd",
		"iomap_ioend": "IomapIoend", "fuse_fd": "FuseFD", "zeropad": "Zeropad", "name": "Name", "id": "ID",
		"uid_gid": "UIDGID", "fd_io_id": "FDIOID", "v2_io": "V2IO", "u64_val": "U64Val", "bpf_ops": "BPFOps",
		"cpuid": "Cpuid", "cpu_id": "CPUID", "io_url": "IOURL", "fuse_iomap_bpf_ops": "FuseIomapBPFOps",
		"ärger_io": "ÄrgerIO",
	} {
		if got := Field(c); got != want {
			t.Errorf("Field(%q) = %q, want %q", c, got, want)
		}
		if got := Snake(want); got != c {
			t.Errorf("Snake(%q) = %q, want %q", want, got, c)
		}
	}
}

// These are the names a writer must record beside the declaration.
func TestNamesThatSnakeCannotRestore(t *testing.T) {
	for c, want := range map[string]string{
		"__reserved": "Reserved", "pad_": "Pad", "a__b": "AB", "val_64": "Val64", "PageSize": "PageSize", "_1": "X1",
		"x_bpf": "XBPF", "_": "X", "日本": "X日本",
	} {
		if got := Field(c); got != want {
			t.Errorf("Field(%q) = %q, want %q", c, got, want)
		}
		if got := Snake(want); got == c {
			t.Errorf("Snake(%q) = %q: it is restored after all: move it to the round trips", want, got)
		}
	}
}

func FuzzFieldIsAnExportedIdentifier(f *testing.F) {
	for _, s := range []string{"fuse_fd", "_", "1", "__x9", "type", "ſ", "ʰa"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, c string) {
		if !token.IsIdentifier("_" + c) {
			return // not a name in C either
		}
		if got := Field(c); !token.IsIdentifier(got) || !token.IsExported(got) {
			t.Errorf("Field(%q) = %q, which Go does not export", c, got)
		}
		Snake(c)
	})
}
