// SPDX-License-Identifier: MIT

package gosrc_test

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"os"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"github.com/fuseiomap/abigen/gen/gosrc"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

// contract returns what becomes of the contract's header in one revision.
func contract(t *testing.T, revision int) *gosrc.Output {
	t.Helper()
	var file struct{ Generate gosrc.Config }
	if _, err := toml.DecodeFile("../../abigen.toml", &file); err != nil {
		t.Fatal(err)
	}
	var abis []*model.ABI
	for _, tg := range model.Targets() {
		a, err := source.OpenHost(context.Background(), "header:../../headers/fuse_iomap_bpf.h",
			source.Options{Target: tg, TargetSet: true, Defines: []string{fmt.Sprintf("FUSE_IOMAP_BPF_REV=%d", revision)}})
		if err != nil {
			t.Fatal(err)
		}
		abis = append(abis, a)
	}
	out, err := gosrc.Build(file.Generate, abis)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPackageABIIsWhatTheHeaderGenerates(t *testing.T) {
	want, err := os.ReadFile("../../abi/fuse_iomap_bpf.go")
	if err != nil {
		t.Fatal(err)
	}
	if got := contract(t, 2).Files[0].Source; !bytes.Equal(got, want) {
		t.Error("abi/fuse_iomap_bpf.go is not what its header generates: run go generate ./abi")
	}
}

func TestEveryRevisionOfTheContractIsSaidInGo(t *testing.T) {
	fset, std := gosrc.Standard()
	for revision, want := range map[int]struct {
		types   string
		skipped int // 5 macros, 1 inline function, and the kfuncs
	}{
		1: {"", 6},
		2: {"", 6},
		3: {"Range", 8},
		4: {"BPFInode Range", 10},
	} {
		out := contract(t, revision)
		if len(out.Skipped) != want.skipped || out.Outside != 0 {
			t.Errorf("R%d: skipped %d, want %d: %v; outside %d", revision, len(out.Skipped), want.skipped, out.Skipped, out.Outside)
		}
		f, err := parser.ParseFile(fset, "generated.go", out.Files[0].Source, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, tg := range model.Targets() {
			conf := types.Config{Importer: std, Sizes: types.SizesFor("gc", tg.GOARCH)}
			pkg, err := conf.Check("abi", fset, []*ast.File{f}, nil)
			if err != nil {
				t.Fatalf("R%d, %s: %v", revision, tg.Name, err)
			}
			for name := range strings.FieldsSeq("IomapIO IomapBeginIn IomapBeginOut IomapEndIn IomapIoendIn IomapIoendOut IomapBPFOps " + want.types) {
				if _, ok := pkg.Scope().Lookup(name).(*types.TypeName); !ok {
					t.Errorf("R%d: no type %s", revision, name)
				}
			}
		}
	}
}
