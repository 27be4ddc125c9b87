// SPDX-License-Identifier: MIT

package headers_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"log"

	"github.com/fuseiomap/abigen/headers"
)

func Example() {
	text, err := headers.FS.ReadFile(headers.Contract)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("declares the operations:", bytes.Contains(text, []byte("struct fuse_iomap_bpf_ops {")))
	kernels, err := fs.Glob(headers.FS, "btf/kernel-*.btf")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(kernels)
	// Output:
	// declares the operations: true
	// [btf/kernel-R1.btf btf/kernel-R2.btf btf/kernel-R3.btf btf/kernel-R4.btf]
}
