// SPDX-License-Identifier: MIT

package model_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// A snapshot is a model as JSON; readers ignore what they do not know.
func ExampleDecode() {
	a, err := model.Decode(strings.NewReader(`{
		"schema": 1, "source": "header:pair.h", "target": "bpfel", "side": "contract", "attests": ["records"],
		"records": [{"kind": "struct", "name": "pair", "size": 16, "align": 8, "fields": [
			{"name": "a", "bit_offset": 0, "bit_size": 32, "type": "uint32_t", "canonical": "u32"},
			{"name": "b", "bit_offset": 64, "bit_size": 64, "type": "uint64_t", "canonical": "u64"}]}]
	}`))
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range a.Record("pair").Fields {
		fmt.Printf("%s %s at byte %d\n", f.Name, f.Type, f.BitOffset/8)
	}
	fmt.Println("knows of macros:", a.Can(model.Constants))
	// Output:
	// a u32 at byte 0
	// b u64 at byte 8
	// knows of macros: false
}

func ExampleEquivalent() {
	for _, pair := range [][2]string{{"u32", "const u32"}, {"u32", "s32"}, {"ptr(struct a)", "ptr(struct b)"}, {"array(4,u8)", "array(8,u8)"}} {
		a, err := model.ParseType(pair[0])
		if err != nil {
			log.Fatal(err)
		}
		b, err := model.ParseType(pair[1])
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s, %s: identical %t, equivalent %t\n", a, b, model.Identical(a, b), model.Equivalent(a, b))
	}
	// Output:
	// u32, const u32: identical false, equivalent true
	// u32, s32: identical false, equivalent false
	// ptr(struct a), ptr(struct b): identical false, equivalent true
	// array(4,u8), array(8,u8): identical false, equivalent false
}
