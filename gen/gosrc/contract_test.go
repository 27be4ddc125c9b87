// SPDX-License-Identifier: MIT

package gosrc

import (
	"os"
	"testing"

	"github.com/BurntSushi/toml"

	"github.com/fuseiomap/abigen/gen/model"
)

func contractConfig(t *testing.T) Config {
	t.Helper()
	var c struct{ Generate Config }
	if _, err := toml.DecodeFile("../../abigen.toml", &c); err != nil {
		t.Fatal(err)
	}
	return c.Generate
}

func TestTmp(t *testing.T) {
	text, err := os.ReadFile("testdata/r2.model")
	if err != nil {
		t.Fatal(err)
	}
	src, err := Generate(contractConfig(t), renamed(parseModels(t, string(text))))
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile("../../abi/fuse_iomap_bpf.go", src, 0o644)
}

func renamed(as []*model.ABI) []*model.ABI {
	for _, a := range as {
		a.Source = "header:fuse_iomap_bpf.h"
	}
	return as
}
