// SPDX-License-Identifier: MIT

package report_test

import (
	"log"
	"os"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/report"
)

// A report is data; whoever made it chooses how it is printed.
func ExampleFormatByName() {
	r := &check.Report{Comparisons: []check.Comparison{{
		Source: "header:new.h", Old: "header:old.h", New: "header:new.h",
		Findings: []check.Finding{{Finding: drift.Finding{
			Rule: "field.size", Severity: drift.Breaking, Subject: "event.uid", Message: "the program sees only a part of the value",
			Old: "u32 at byte 4", New: "u64 at byte 8", Pos: model.Pos{File: "new.h", Line: 3, Col: 2},
		}}},
	}}}
	format, err := report.FormatByName("github")
	if err != nil {
		log.Fatal(err)
	}
	if err := format.Write(os.Stdout, r, report.Options{}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// ::error file=new.h,line=3,col=2,title=field.size event.uid::the program sees only a part of the value%0Aold: u32 at byte 4%0Anew: u64 at byte 8  new.h:3:2%0Ain: header:new.h
	// ::notice title=abigen::1 finding (1 breaking), 0 not checked
}
