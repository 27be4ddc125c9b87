// SPDX-License-Identifier: MIT

package layout_test

import (
	"fmt"
	"log"

	"github.com/fuseiomap/abigen/gen/layout"
	"github.com/fuseiomap/abigen/gen/model"
)

// struct { unsigned int a; unsigned long long b; } ends elsewhere on 386.
func ExampleMachine_Record() {
	for _, name := range []string{"amd64", "386"} {
		target, err := model.TargetByName(name)
		if err != nil {
			log.Fatal(err)
		}
		m := layout.Of(target)
		var members []layout.Member
		for _, k := range []layout.Kind{layout.UInt, layout.ULongLong} {
			e, _ := m.Scalar(k)
			members = append(members, layout.Member{Type: e})
		}
		l, err := m.Record(layout.Record{Members: members})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(name, l.BitOffsets, "bits,", l.Size, "bytes")
	}
	// Output:
	// amd64 [0 64] bits, 16 bytes
	// 386 [0 32] bits, 12 bytes
}
