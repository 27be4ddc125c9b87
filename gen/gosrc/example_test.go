// SPDX-License-Identifier: MIT

package gosrc_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/gosrc"
	"github.com/fuseiomap/abigen/gen/model"
)

func ExampleGenerate() {
	header := []byte("/* A range of a file. */\nstruct fs_range { __u64 offset; __u32 flags; };\n")
	var abis []*model.ABI
	for _, t := range model.Targets() {
		a, err := cheader.Parse("range.h", header, cheader.Options{Target: t})
		if err != nil {
			log.Fatal(err)
		}
		abis = append(abis, a)
	}
	files, err := gosrc.Generate(gosrc.Config{Package: "rng", Trim: "fs_"}, abis)
	if err != nil {
		log.Fatal(err)
	}
	// 386 aligns the record to 4 bytes, so each GOARCH gets a file of its own.
	for _, f := range files[:3] {
		name := gosrc.FileName("rng.go", f.GOARCH)
		for line := range strings.Lines(string(f.Source)) {
			if strings.HasPrefix(line, "const SizeofRange") {
				name += ": " + strings.TrimSpace(line)
			}
		}
		fmt.Println(name)
	}
	// Output:
	// rng.go
	// rng_amd64.go: const SizeofRange = 16
	// rng_386.go: const SizeofRange = 12
}
