// SPDX-License-Identifier: MIT

package drift_test

import (
	"fmt"
	"log"

	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

// One member that became wider is one finding, whatever it pushes aside.
func ExampleCompare() {
	target, err := model.TargetByName("bpfel")
	if err != nil {
		log.Fatal(err)
	}
	read := func(name, text string) *model.ABI {
		a, err := cheader.Parse(name, []byte(text), cheader.Options{Target: target})
		if err != nil {
			log.Fatal(err)
		}
		return a
	}
	old := read("old.h", "struct event { __u32 pid; __u32 uid; __u64 ts; };")
	now := read("new.h", "struct event { __u32 pid; __u64 uid; __u64 ts; };")
	for _, f := range drift.Compare(old, now, drift.Options{Profile: drift.Overlay}).Findings {
		fmt.Println(f.Severity, f.Rule, f.Subject)
		fmt.Println("old:", f.Old)
		fmt.Println("new:", f.New)
		for _, c := range f.Consequences {
			fmt.Println("-", c)
		}
	}
	// Output:
	// breaking field.size event.uid
	// old: u32 at byte 4
	// new: u64 at byte 8
	// - event.ts moves from byte 8 to byte 16
	// - event takes 24 bytes instead of 16 bytes
}

func ExampleRuleByID() {
	rule, ok := drift.RuleByID("callback.param.type")
	fmt.Println(ok, rule.Severity[drift.Loader])
	// Output:
	// true breaking
}
