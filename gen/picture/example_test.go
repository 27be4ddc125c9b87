// SPDX-License-Identifier: MIT

package picture_test

import (
	"fmt"
	"log"

	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/picture"
)

func ExampleOf() {
	target, err := model.TargetByName("amd64")
	if err != nil {
		log.Fatal(err)
	}
	a, err := cheader.Parse("event.h", []byte("struct event { __u8 kind; __u64 ts; __u32 pid; };"), cheader.Options{Target: target})
	if err != nil {
		log.Fatal(err)
	}
	r, err := picture.Of(a, "event", picture.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range r.Spans {
		fmt.Printf("%d+%d %s %q\n", s.Bit/8, s.Bits/8, s.Kind, s.Name)
	}
	// Output:
	// 0+1 member "kind"
	// 1+7 hole ""
	// 8+8 member "ts"
	// 16+4 member "pid"
	// 20+4 padding ""
}
