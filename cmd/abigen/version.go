// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

var versionVerb = verb{
	name: "version", summary: "which abigen this is",
	doc: `Prints the version of abigen, the revision it was built from and whether that was
changed, the version of Go it was built with, and what it runs on. All of it comes
from what the Go linker stored, so "go version -m" says the same of the file.`,
	run: func(_ context.Context, _ *flags, _ []string, s streams) error {
		info, _ := debug.ReadBuildInfo()
		_, err := fmt.Fprint(s.out, versionText(info))
		return err
	},
}

// versionText says what a binary was built from; info may be nil.
func versionText(info *debug.BuildInfo) string {
	if info == nil {
		return fmt.Sprintf("abigen (unknown): built without module support\n%s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	var b strings.Builder
	fmt.Fprintf(&b, "abigen %s\n", info.Main.Version)
	switch {
	case settings["vcs.revision"] != "":
		fmt.Fprintf(&b, "revision %s of %s", settings["vcs.revision"], settings["vcs.time"])
		if settings["vcs.modified"] == "true" {
			b.WriteString(", with changes that are not committed")
		}
		b.WriteByte('\n')
	case info.Main.Sum != "":
		// What "go install module@version" has verified.
		fmt.Fprintf(&b, "module %s %s\n", info.Main.Path, info.Main.Sum)
	default:
		b.WriteString("revision unknown: built outside a clone, or with -buildvcs=false\n")
	}
	fmt.Fprintf(&b, "%s %s/%s\n", info.GoVersion, runtime.GOOS, runtime.GOARCH)
	return b.String()
}
