// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/report"
	"github.com/fuseiomap/abigen/gen/source"
	"github.com/fuseiomap/abigen/internal/lazyregexp"
)

// flags are the flags of all verbs. A verb declares those it takes; the others
// keep their defaults.
type flags struct {
	set  *flag.FlagSet
	help bool
	// words has what the value of a flag may be, for those that have a list.
	words map[string][]string

	source  source.Options
	targets []model.Target

	config  string
	out     string
	pkg     string
	profile drift.Profile
	format  report.Format
	failOn  drift.Severity
	strict  bool
	fix     bool
	verbose bool
	color   string
	drawing string
	// expand asks layout for the members of records within.
	expand bool

	revisions []check.Revision
	baseline  string
	onlyNew   string
	mapping   mapOptions
	doctor    doctorOptions
}

func newFlags(v verb) *flags {
	f := &flags{set: flag.NewFlagSet(v.name, flag.ContinueOnError), words: map[string][]string{}, failOn: drift.Risk, out: "-", color: "auto"}
	f.format = report.Formats()[0]
	f.source.Cache = new(source.Cache)
	f.set.SetOutput(io.Discard)
	f.set.BoolVar(&f.help, "help", false, "")
	f.set.BoolVar(&f.help, "h", false, "")
	if v.flags != nil {
		v.flags(f)
	}
	return f
}

// sourceFlags declares what says how to read sources.
func (f *flags) sourceFlags() {
	f.targetFlag("lay headers and Go out for this target: bpfel (default), " + strings.Join(targetNames()[1:], ", "))
	f.inputFlags()
}

func (f *flags) targetFlag(doc string) {
	f.words["target"] = targetNames()
	f.set.Func("target", "`T`: "+doc, func(s string) error {
		t, err := model.TargetByName(s)
		if err != nil {
			return err
		}
		f.targets = append(f.targets, t)
		f.source.Target, f.source.TargetSet = t, true
		return nil
	})
}

// inputFlags declares what says how to read sources for any target.
func (f *flags) inputFlags() {
	f.set.Func("types", "`RE`: only what has a name this regular expression matches in full, and what that embeds", func(s string) (err error) {
		f.source.Types, err = regexp.Compile(s)
		return err
	})
	f.set.Func("I", "`DIR`: search this directory for files that headers include, T=DIR for target T alone; may be repeated", appendTo(&f.source.IncludeDirs))
	f.set.Func("D", "`NAME[=V]`: define this macro for headers; may be repeated", func(s string) error {
		if name, _, _ := strings.Cut(s, "="); !macroName().MatchString(name) {
			return fmt.Errorf("%q is not the name of a macro with an optional value: write -D NAME or -D NAME=VALUE", s)
		}
		f.source.Defines = append(f.source.Defines, s)
		return nil
	})
	f.set.StringVar(&f.source.Base, "base", "", "`FILE`: the vmlinux or BTF that split BTF extends (default: the running kernel's)")
	f.set.Func("include", "`FILE`: read this file before each header; found like an #include <…> where the path has none; may be repeated", appendTo(&f.source.Includes))
}

// macroName matches what C takes for the name of a macro.
var macroName = lazyregexp.New(`^[A-Za-z_$][A-Za-z0-9_$]*$`)

func targetNames() []string {
	var names []string
	for _, t := range model.Targets() {
		names = append(names, t.Name)
	}
	return names
}

func appendTo(list *[]string) func(string) error {
	return func(s string) error {
		if s == "" {
			return errors.New("a value is missing")
		}
		*list = append(*list, s)
		return nil
	}
}

// reportFlags declares what says how findings are printed and judged.
func (f *flags) reportFlags() {
	f.words["format"] = formatNames()
	f.set.Func("format", "`F`: how to print findings: "+strings.Join(formatNames(), ", ")+" (default text)", func(s string) (err error) {
		f.format, err = report.FormatByName(s)
		return err
	})
	severities := []string{string(drift.Breaking), string(drift.Risk), string(drift.Info), "never"}
	f.choice("fail-on", "`SEVERITY`: exit with 100 for findings from this severity on: breaking, risk (default), info or never", severities, func(s string) {
		f.failOn = drift.Severity(s)
		if s == "never" {
			f.failOn = drift.None
		}
	})
	f.set.BoolVar(&f.strict, "strict-evidence", false, "exit with 100 also for what could not be checked")
	f.colorFlag()
}

func (f *flags) colorFlag() {
	f.choice("color", "`WHEN`: colour text: always, never or auto (default): on a terminal unless NO_COLOR is set",
		[]string{"always", "never", "auto"}, func(s string) { f.color = s })
}

// choice declares a flag whose value is one of some words.
func (f *flags) choice(name, usage string, words []string, set func(string)) {
	f.words[name] = words
	f.set.Func(name, usage, func(s string) error {
		if !slices.Contains(words, s) {
			return fmt.Errorf("%q is none of %s", s, strings.Join(words, ", "))
		}
		set(s)
		return nil
	})
}

func formatNames() []string {
	var names []string
	for _, x := range report.Formats() {
		names = append(names, x.Name)
	}
	return names
}

// lockFlags declares what compares with a snapshot.
func (f *flags) lockFlags() {
	f.set.StringVar(&f.onlyNew, "only-new", "", "`FILE`: report only findings that the sources as this snapshot has them do not show")
}

func (f *flags) verboseFlag(doc string) { f.set.BoolVar(&f.verbose, "v", false, doc) }

func (f *flags) configFlag(doc string) { f.set.StringVar(&f.config, "config", "", "`FILE`: "+doc) }

func (f *flags) outFlag() {
	f.set.Func("o", "`FILE`: write to this file; - is standard output (default)", func(s string) error {
		if s == "" {
			return errors.New("a value is missing")
		}
		f.out = s
		return nil
	})
}

// parse parses flags before and after the arguments, which it returns. What
// follows -- is an argument whatever it looks like.
func (f *flags) parse(args []string) (rest []string, err error) {
	var literal []string
	for i, a := range args {
		if a == "--" {
			args, literal = args[:i], args[i+1:]
			break
		}
	}
	args = split(args)
	for len(args) > 0 {
		if err := f.set.Parse(args); err != nil {
			return nil, tidy(err)
		}
		if args = f.set.Args(); len(args) > 0 {
			rest = append(rest, args[0])
			args = args[1:]
		}
	}
	return append(rest, literal...), nil
}

// split separates -DNAME=V and -IDIR into flag and value, as C compilers write
// them; package flag wants two arguments.
func split(args []string) []string {
	var out []string
	for _, a := range args {
		if len(a) > 2 && (strings.HasPrefix(a, "-D") || strings.HasPrefix(a, "-I")) && a[2] != '=' {
			out = append(out, a[:2], a[2:])
			continue
		}
		out = append(out, a)
	}
	return out
}

var badValue = lazyregexp.New(`^invalid (?:boolean )?value ("(?:[^"\\\\]|\\\\.)*") for (?:flag )?-([\w-]+): (.*)$`)

// tidy rewords errors of package flag so that they name a flag as help does.
func tidy(err error) error {
	msg := err.Error()
	if name, ok := strings.CutPrefix(msg, "flag provided but not defined: "); ok {
		return fmt.Errorf("there is no flag %s", dashes(strings.TrimPrefix(name, "-")))
	}
	if name, ok := strings.CutPrefix(msg, "flag needs an argument: "); ok {
		return fmt.Errorf("%s needs a value", dashes(strings.TrimPrefix(name, "-")))
	}
	if m := badValue().FindStringSubmatch(msg); m != nil {
		return fmt.Errorf("%s: %s", dashes(m[2]), m[3])
	}
	return errors.New(msg)
}

// dashes returns the flag of the given name as help spells it.
func dashes(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// described is a flag as help and completion show it; arg is the placeholder of
// its value, "" for a flag without one.
type described struct{ name, arg, usage string }

// described lists the flags.
func (f *flags) described() []described {
	var all []described
	f.set.VisitAll(func(x *flag.Flag) {
		if x.Usage == "" {
			return
		}
		arg, usage := flag.UnquoteUsage(x)
		all = append(all, described{x.Name, arg, strings.TrimPrefix(usage, arg+": ")})
	})
	return all
}

// describe lists the flags, one entry each.
func (f *flags) describe() string {
	var b strings.Builder
	for _, x := range f.described() {
		fmt.Fprintf(&b, "  %s\n        %s\n", strings.TrimSpace(dashes(x.name)+" "+x.arg), x.usage)
	}
	return b.String()
}

// judge takes out of the report what the configuration suppresses; complete
// tells that the report is about everything there is to check.
func (f *flags) judge(r *check.Report, c config, complete bool) error {
	if len(c.Suppress) == 0 {
		return nil
	}
	day, err := today()
	if err != nil {
		return err
	}
	r.Suppress(c.Suppress, day, complete)
	return nil
}

// today returns the current day, or the one of SOURCE_DATE_EPOCH, with which
// builds are made reproducible.
func today() (time.Time, error) {
	now := time.Now()
	if s := os.Getenv("SOURCE_DATE_EPOCH"); s != "" {
		sec, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return now, fmt.Errorf("SOURCE_DATE_EPOCH: %q is no number of seconds: correct it or take it out of the environment", s)
		}
		now = time.Unix(sec, 0)
	}
	return now.UTC().Truncate(24 * time.Hour), nil
}

// print writes the report and returns errFindings where it fails.
func (f *flags) print(r *check.Report, s streams) error {
	if err := f.format.Write(s.out, r, report.Options{Color: f.colored(s.out), Verbose: f.verbose}); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if r.Fails(f.failOn, f.strict) {
		return errFindings
	}
	return nil
}

// colored decides whether text for w has colours.
func (f *flags) colored(w io.Writer) bool {
	if f.color != "auto" {
		return f.color == "always"
	}
	file, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	st, err := file.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}
