// SPDX-License-Identifier: MIT

// Package headers embeds the contract: the C header of a FUSE server's iomap
// programs, and BTF of what each revision of it looks like from either side.
//
// The folder holds
//
//	fuse_iomap_bpf.h    the contract; FUSE_IOMAP_BPF_REV selects a revision
//	kernel/             what the kernel declares for each revision, and two
//	                    neighbours of the same idea and another shape
//	btf/                raw BTF that clang makes of both, committed so that
//	                    nothing needs a C compiler
package headers

import "embed"

// FS holds fuse_iomap_bpf.h and btf/*.btf.
//
//go:embed fuse_iomap_bpf.h btf/*.btf
var FS embed.FS

// Contract is the name of the header in [FS].
const Contract = "fuse_iomap_bpf.h"
