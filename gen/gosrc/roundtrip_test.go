// SPDX-License-Identifier: MIT

package gosrc_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/gopkg"
	"github.com/fuseiomap/abigen/gen/gosrc"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/conformance"
)

// Records of every shape, and random ones, are all said in Go for each target;
// the compiler's view of the layout holds; and what package gopkg reads from the
// Go source is the ABI of the header. Without ABIGEN_CROSS=1 that is a few
// targets and records.
func TestEveryRecordIsSaidInGoAndReadBack(t *testing.T) {
	shapes, err := os.ReadFile("testdata/accessors/shapes.h")
	if err != nil {
		t.Fatal(err)
	}
	fset, std := gosrc.Standard()
	const seed = 7
	random, all := 10, os.Getenv("ABIGEN_CROSS") != ""
	if all {
		random = 100
	}
	for _, tg := range model.Targets() {
		if !all && !slices.Contains([]string{"amd64", "386", "s390x"}, tg.Name) {
			continue
		}
		for name, header := range map[string]string{"shapes.h": string(shapes), "random.h": conformance.RandomHeader(tg, seed, 0, random)} {
			what := fmt.Sprintf("%s (seed %d), %s", name, seed, tg.Name)
			abi, err := cheader.Parse(name, []byte(header), cheader.Options{Target: tg})
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			out, err := gosrc.Build(gosrc.Config{Package: "p"}, []*model.ABI{abi})
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			for _, s := range out.Skipped {
				if abi.Record(s.Name) != nil && !strings.HasPrefix(s.Reason, "typedef: ") {
					t.Errorf("%s: %s is left out: %s", what, s.Name, s.Reason)
				}
			}
			src := out.Files[0].Source
			f, err := parser.ParseFile(fset, "p.go", src, 0)
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			conf := types.Config{Importer: std, Sizes: types.SizesFor("gc", tg.GOARCH), Error: func(err error) { t.Errorf("%s: %v", what, err) }}
			_, _ = conf.Check("p", fset, []*ast.File{f}, nil) // errors are reported above
			back, err := gopkg.ParseFS(fstest.MapFS{"p/p.go": {Data: src}}, "p", "example.org/p", gopkg.Options{Target: tg})
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			for _, f := range drift.Compare(abi, back, drift.Options{Profile: drift.Overlay}).Findings {
				t.Errorf("%s: read back: %s: %s", what, f.Subject, f.Message)
			}
			if got, want := len(back.Records), len(abi.Records); got != want {
				t.Errorf("%s: read back %d records of %d", what, got, want)
			}
		}
	}
}
