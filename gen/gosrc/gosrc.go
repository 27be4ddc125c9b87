// SPDX-License-Identifier: MIT

package gosrc

import (
	"errors"
	"fmt"

	"github.com/fuseiomap/abigen/gen/model"
)

// Output is a generated file and what is not in it.
type Output struct {
	// Source is the file, as gofmt would have it.
	Source []byte
	// Skipped lists what the file does not say: what the source had skipped
	// already, and what Go or the configuration left out.
	Skipped []model.Skipped
	// Outside counts the declarations the configuration did not ask for.
	Outside int
}

// Generate returns one Go file that is exact for each of the given models,
// which are the same source seen by different targets. A record with callbacks
// must have BPF's layout in all of them.
//
// Errors are about the configuration. What cannot be said in Go is no error:
// it is listed at the end of the file.
func Generate(c Config, abis []*model.ABI) ([]byte, error) {
	out, err := Build(c, abis)
	if err != nil {
		return nil, err
	}
	return out.Source, nil
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
	f, err := lower(cfg, abis)
	if err != nil {
		return nil, fmt.Errorf("generate from %s: %w", abis[0].Source, err)
	}
	src, err := f.print()
	if err != nil {
		return nil, err
	}
	return &Output{Source: src, Skipped: f.skipped, Outside: f.outside}, nil
}
