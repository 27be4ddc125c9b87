// SPDX-License-Identifier: MIT

package btfsrc_test

import (
	"fmt"
	"log"

	"github.com/fuseiomap/abigen/gen/btfsrc"
)

func ExampleReadFile() {
	a, err := btfsrc.ReadFile("../../headers/btf/kernel-R2.btf", btfsrc.Options{
		Keep: func(name string) bool { return name == "fuse_iomap_bpf_ops" },
	})
	if err != nil {
		log.Fatal(err)
	}
	ops := a.Record("fuse_iomap_bpf_ops")
	fmt.Println(ops.Name, "has", ops.Size, "bytes; registered:", ops.Registered)
	for _, p := range a.Callbacks(ops.Name) {
		fmt.Println(p.Name, "starts with", p.Params[0].Spelling, p.Params[0].Name)
	}
	// Output:
	// fuse_iomap_bpf_ops has 64 bytes; registered: true
	// fuse_iomap_bpf_ops.iomap_begin starts with struct fuse_inode * fi
	// fuse_iomap_bpf_ops.iomap_end starts with struct fuse_inode * fi
	// fuse_iomap_bpf_ops.iomap_ioend starts with struct fuse_inode * fi
}
