// SPDX-License-Identifier: MIT

package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

var generateItems = []Item{
	{
		ID: "generator", Group: Generate, Title: "Go for this machine",
		check:  checkGenerator,
		remedy: always("choose another GOARCH with --target"),
	},
	{
		ID: "go", Group: Generate, Title: "the go command",
		check:  checkGo,
		remedy: always("install Go as https://go.dev/doc/install says"),
	},
}

func checkGenerator(_ context.Context, p *patient) answer {
	var targets []model.Target
	for _, t := range model.Targets() {
		if !t.BPF {
			targets = append(targets, t)
		}
	}
	if !slices.ContainsFunc(targets, func(t model.Target) bool { return t.GOARCH == p.GOARCH }) {
		return missing("%s is not a target: generated code does not compile here", p.GOARCH)
	}
	return ok("headers, BTF and objects become Go for %s and %d other targets without any other program", p.GOARCH, len(targets)-1)
}

func checkGo(ctx context.Context, p *patient) answer {
	path, err := p.LookPath("go")
	if err != nil {
		return missing("no go in PATH: sources go:PACKAGE and abigen vet need it, nothing else does")
	}
	out, err := p.Run(ctx, "", path, "env", "GOVERSION")
	if err != nil {
		return cannotTell("%s env GOVERSION: %v", path, err)
	}
	return ok("%s is %s: it finds the files of go:PACKAGE and of abigen vet", path, strings.TrimSpace(string(out)))
}
