// SPDX-License-Identifier: MIT

package vet_test

import (
	"context"
	"fmt"
	"log"

	"github.com/fuseiomap/abigen/gen/gopkg"
	"github.com/fuseiomap/abigen/gen/vet"
)

// The package in testdata/demo has a struct that leaves padding to the compiler;
// testdata/abigen.toml names the object it is compared with.
func ExampleCheck() {
	const dir = "testdata/demo"
	packages, err := gopkg.Open(dir, "example.org/demo")
	if err != nil {
		log.Fatal(err)
	}
	config, err := vet.Find(dir)
	if err != nil {
		log.Fatal(err)
	}
	result, err := vet.Check(context.Background(), packages[0], config)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range result.Findings {
		fmt.Println(f.Pos, f.Rule, f.Subject)
		fmt.Println("from", f.Old, "to", f.New)
	}
	// Output:
	// testdata/demo/event.go:9:2 go.padding event.ts
	// from byte 8 to byte 4 on 386, arm and mips
}
