// SPDX-License-Identifier: MIT

// Package report prints what package check found, for people and for machines.
//
// It knows nothing of rules and of how sources are compared: a [check.Report]
// is plain data, and each format of [Formats] is one function in a file of its
// own that prints all of it.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/check"
)

// Options are what formats may take into account.
type Options struct {
	// Color asks for terminal colours, in the formats that have them.
	Color bool
	// Verbose asks for the reason of everything that was not checked, where a
	// table has but a word for it.
	Verbose bool
}

// Format is a way to print a report.
type Format struct {
	Name  string                                        // as --format takes it
	Doc   string                                        // what it is for, in a few words
	Write func(io.Writer, *check.Report, Options) error // prints the report
}

// formats is the registry: a new format is one more file and one more line.
var formats = []Format{
	{"text", "for people", writeText},
	{"json", "for programs", writeJSON},
	{"sarif", "for code scanning, SARIF 2.1.0", writeSARIF},
	{"github", "annotations of GitHub's workflows", writeGitHub},
	{"gitlab", "code quality in GitLab's merge requests", writeGitLab},
	{"junit", "for the test reports of continuous integration", writeJUnit},
	{"markdown", "for a comment on a pull request", writeMarkdown},
	{"html", "a page that stands alone", writeHTML},
}

// Formats lists the formats there are.
func Formats() []Format { return slices.Clone(formats) }

// FormatByName returns the format of that name. The error lists the names.
func FormatByName(name string) (Format, error) {
	var names []string
	for _, f := range formats {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("%q is not a format of this version: choose one of %s", name, strings.Join(names, ", "))
}
