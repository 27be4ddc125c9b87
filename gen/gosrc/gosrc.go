// SPDX-License-Identifier: MIT

package gosrc

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// File is a generated file.
type File struct {
	// GOARCH is the one the file is for, "" for every one. A file for one begins
	// with a build constraint, and its name should end as [FileName] has it.
	GOARCH string
	// Source is the file, as gofmt would have it.
	Source []byte
	// Names are the C names of what the file declares, in its order.
	Names []string
}

// Output is a generated package and what is not in it.
type Output struct {
	// Files are the files of the package: first the one for every GOARCH, then,
	// where the targets differ, one for each GOARCH in the order of the targets.
	Files []File
	// Skipped lists what the package does not say: what the source had skipped
	// already, and what Go or the configuration left out.
	Skipped []model.Skipped
	// Outside counts the declarations that do not belong into the package: those
	// the configuration did not ask for, and those of included headers.
	Outside int
}

// Generate returns the files of a Go package that is exact for each of the given
// models, which are the same source seen by different targets. A record with
// callbacks must have BPF's layout in all of them.
//
// Errors are about the configuration. What cannot be said in Go is no error:
// it is listed at the end of the first file.
func Generate(c Config, abis []*model.ABI) ([]File, error) {
	out, err := Build(c, abis)
	if err != nil {
		return nil, err
	}
	return out.Files, nil
}

// Build is [Generate] for callers that also want to know what was left out.
func Build(c Config, abis []*model.ABI) (*Output, error) {
	if len(abis) == 0 {
		return nil, errors.New("generate: no model: give at least one target")
	}
	cfg, err := check(c)
	if err != nil {
		return nil, err
	}
	plain := make([]*model.ABI, len(abis))
	for i, a := range abis {
		plain[i] = withoutOwnDocs(a)
	}
	files, err := lowerAll(cfg, plain)
	if err != nil {
		return nil, fmt.Errorf("generate from %s: %w", abis[0].Source, err)
	}
	out := &Output{Skipped: files[0].skipped, Outside: files[0].outside.count()}
	for _, f := range files {
		src, err := f.print()
		if err != nil {
			return nil, err
		}
		out.Files = append(out.Files, File{GOARCH: f.goarch, Source: src, Names: f.names()})
	}
	return out, nil
}

// names returns the C names of what f declares.
func (f *file) names() []string {
	var out []string
	for _, t := range f.types {
		if t.cEnum != "" {
			out = append(out, t.cEnum)
		}
		for _, k := range t.consts {
			out = append(out, k.cName)
		}
	}
	for _, k := range f.constants {
		out = append(out, k.cName)
	}
	for _, r := range f.records {
		out = append(out, r.cName)
	}
	return out
}

// FileName returns the name of the file for a GOARCH beside the one for every
// GOARCH, so that the go command knows from the name whom it is for.
func FileName(common, goarch string) string {
	if goarch == "" {
		return common
	}
	base := strings.TrimSuffix(common, ".go")
	if b, ok := strings.CutSuffix(base, "_test"); ok {
		return b + "_" + goarch + "_test.go"
	}
	return base + "_" + goarch + ".go"
}
