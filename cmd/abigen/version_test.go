// SPDX-License-Identifier: MIT

package main

import (
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersionSaysWhatABinaryWasBuiltFrom(t *testing.T) {
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	clone := []debug.BuildSetting{setting("CGO_ENABLED", "0"), setting("vcs", "git"), setting("vcs.revision", "0123abcd"),
		setting("vcs.time", "2026-11-29T10:00:00Z"), setting("vcs.modified", "false")}
	dirty := append(clone[:4:4], setting("vcs.modified", "true"))
	main := debug.Module{Path: "github.com/fuseiomap/abigen", Version: "v0.1.0"}
	installed := main
	installed.Sum = "h1:sum="
	for _, c := range []struct {
		info *debug.BuildInfo
		want string
	}{
		{&debug.BuildInfo{GoVersion: "go1.26.0", Main: main, Settings: clone}, "abigen v0.1.0\nrevision 0123abcd of 2026-11-29T10:00:00Z\ngo1.26.0 "},
		{&debug.BuildInfo{GoVersion: "go1.26.0", Main: main, Settings: dirty},
			"abigen v0.1.0\nrevision 0123abcd of 2026-11-29T10:00:00Z, with changes that are not committed\ngo1.26.0 "},
		{&debug.BuildInfo{GoVersion: "go1.26.0", Main: installed}, "abigen v0.1.0\nmodule github.com/fuseiomap/abigen h1:sum=\ngo1.26.0 "},
		{&debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "(devel)"}}, "abigen (devel)\nrevision unknown: "},
		{nil, "abigen (unknown): "},
	} {
		if got := versionText(c.info); !strings.HasPrefix(got, c.want) || strings.Count(got, "\n") > 3 {
			t.Errorf("%+v:\n%swant\n%s", c.info, got, c.want)
		}
	}
}
