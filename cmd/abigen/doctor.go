// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"

	"github.com/fuseiomap/abigen/internal/doctor"
)

var doctorVerb = verb{
	name: "doctor", summary: "can this machine compile, load and attach programs?",
	doc: `Says of this machine whether it can generate Go, compile BPF programs, load them
and attach them to a FUSE connection: a line for each thing that takes, with what
was found, what it means and what to do about it. A line is ok, missing, or cannot
tell where the process may not look. Nothing is changed; to find out, a program of
two instructions is loaded and unloaded where the kernel has the type.

The exit status is 0, unless --require names what is missing.`,
	flags: func(f *flags) {
		o := &f.doctor
		o.format = "text"
		f.words["require"] = doctor.Names()
		f.set.Func("require", "`ITEM`: exit with 100 where this item is missing, or one of a group: generate, compile, load, attach; may be repeated", func(s string) error {
			if _, err := doctor.Match(s); err != nil {
				return err
			}
			o.require = append(o.require, s)
			return nil
		})
		f.set.BoolVar(&f.strict, "strict-evidence", false, "exit with 100 also where nobody can tell of a required item")
		f.choice("format", "`F`: how to print: text (default) or json", []string{"text", "json"}, func(s string) { o.format = s })
	},
	run: runDoctor,
}

// doctorOptions are the flags of doctor.
type doctorOptions struct {
	require []string
	format  string
}

func runDoctor(ctx context.Context, f *flags, _ []string, s streams) error {
	r := doctor.Examine(ctx, doctor.Here())
	if err := r.Require(f.doctor.require...); err != nil {
		return err
	}
	write := r.WriteText
	if f.doctor.format == "json" {
		write = r.WriteJSON
	}
	if err := write(s.out); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if len(r.Lacks(doctor.Missing)) > 0 || f.strict && len(r.Lacks(doctor.CannotTell)) > 0 {
		return errFindings
	}
	return nil
}
