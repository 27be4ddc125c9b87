// SPDX-License-Identifier: MIT

package abigen_test

import (
	"fmt"
	"io/fs"
	"log"

	"github.com/fuseiomap/abigen"
)

// A tool that is installed without this repository has the Go of the contract all
// the same.
func Example() {
	names, err := fs.Glob(abigen.ABI, "abi/fuse_*.go")
	if err != nil {
		log.Fatal(err)
	}
	objects, err := fs.Glob(abigen.Objects, "bpf/programs/internal/object/stripe_*.o")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(names)
	fmt.Println(len(objects), "objects of stripe, one for each byte order")
	// Output:
	// [abi/fuse_iomap_bpf.go]
	// 2 objects of stripe, one for each byte order
}
