// SPDX-License-Identifier: MIT

package check_test

import (
	"context"
	"fmt"
	"log"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/source"
)

// A program for the first revision takes a number where the kernel of the second
// passes a pointer, and nothing else would say so.
func ExampleDiff() {
	report, err := check.Diff(context.Background(), "embedded:R1", "embedded:kernel-R2", drift.Auto, source.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range report.Comparisons {
		for _, f := range c.Findings {
			fmt.Println(f.Severity, f.Rule, f.Subject)
		}
	}
	fmt.Println(report.Summary())
	fmt.Println("fails:", report.Fails(drift.Risk, false))
	// Output:
	// breaking callback.param.type fuse_iomap_bpf_ops.iomap_begin#1
	// breaking callback.param.type fuse_iomap_bpf_ops.iomap_end#1
	// breaking callback.param.type fuse_iomap_bpf_ops.iomap_ioend#1
	// 3 findings (3 breaking), 2 not checked
	// fails: true
}
