// SPDX-License-Identifier: MIT

package cheader_test

import (
	"fmt"
	"log"

	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/model"
)

func ExampleParse() {
	target, err := model.TargetByName("bpfel")
	if err != nil {
		log.Fatal(err)
	}
	abi, err := cheader.Parse("range.h", []byte(`
#define RANGE_END (~0ULL) /* up to the end of the file */

/* A range of a file. */
struct range {
	uint64_t offset; /* in bytes */
	uint64_t length; /* in bytes, or RANGE_END */
};
`), cheader.Options{Target: target})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range abi.Records {
		fmt.Printf("%s: %s, %d bytes: %s\n", r.Pos, r.Name, r.Size, r.Doc)
		for _, f := range r.Fields {
			fmt.Printf("%s: %s at byte %d: %s\n", f.Pos, f.Name, f.BitOffset/8, f.Doc)
		}
	}
	for _, c := range abi.Constants {
		fmt.Printf("%s = %s, %s\n", c.Name, c.Value, c.Type)
	}
	// Output:
	// range.h:5:8: range, 16 bytes: A range of a file.
	// range.h:6:11: offset at byte 0: in bytes
	// range.h:7:11: length at byte 8: in bytes, or RANGE_END
	// RANGE_END = 18446744073709551615, unsigned long long
}

func ExampleParse_error() {
	target, err := model.TargetByName("bpfel")
	if err != nil {
		log.Fatal(err)
	}
	_, err = cheader.Parse("x.h", []byte("struct s {\n\tfoo_t x;\n};\n"), cheader.Options{Target: target})
	fmt.Println(err)
	// Output:
	// x.h:2:2: type "foo_t": unknown: include or --include the file that declares it, or write its struct, union or enum keyword
}
