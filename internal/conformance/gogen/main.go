// SPDX-License-Identifier: MIT

// Gogen generates Go for every header of the kernel's user-space API, for all
// targets that Go has at once, and compiles it.
//
//	gogen [-headers REGEXP] [-full GOARCH,…] [-update] [-keep DIR]
//
// Each header becomes a package of one throw-away module. The whole of it is
// type-checked for every GOARCH with the compiler's own sizes. The compiler then
// builds its types, constants and layout assertions for every GOARCH, and all of
// it for those of -full, which are amd64 and mips: both byte orders, both word sizes. So the size and alignment
// of each record and the offset of each member are what the C side says, which
// package conformance compares with clang.
//
// Every declaration of a header must be in the Go or in the list of what the Go
// leaves out. The records left out, with the reason, must be those in
// testdata/refused.txt, and fewer than one in two hundred.
//
// Exit status: 0 where all is well, 1 where something is not or something needed
// is missing, 2 for wrong usage.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/conformance"
)

// pinned is the list of records that are left out, as seen from the root of the
// repository.
const pinned = "internal/conformance/gogen/testdata/refused.txt"

const pinnedHead = "# SPDX-License-Identifier: MIT\n# Records of the kernel's headers that the Go leaves out, and why. gogen -update writes this file.\n"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

type options struct {
	headers   *regexp.Regexp
	full      []string // GOARCHes
	update    bool
	keep, usr string
}

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("gogen", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var o options
	only := flags.String("headers", "", "only headers whose names match this regular `expression`; the pinned list is then not compared")
	full := flags.String("full", "amd64,mips", "compile all methods for these `GOARCHes`, separated by commas, or for all")
	flags.BoolVar(&o.update, "update", false, "write the list of records that are left out")
	flags.StringVar(&o.keep, "keep", "", "leave the generated modules in this `directory`")
	flags.StringVar(&o.usr, "usr", "/usr", "the `directory` below which the packages with headers are installed")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	o.full = goarches()
	if *full != "all" {
		for _, arch := range strings.Split(*full, ",") {
			if !slices.Contains(o.full, arch) {
				_, _ = fmt.Fprintf(stderr, "gogen: -full: %q: not one of %s\n", arch, strings.Join(o.full, ", "))
				return 2
			}
		}
		o.full = strings.Split(*full, ",")
	}
	if *only != "" {
		var err error
		if o.headers, err = regexp.Compile(*only); err != nil {
			_, _ = fmt.Fprintf(stderr, "gogen: -headers: %v\n", err)
			return 2
		}
	}
	wrong, err := generate(o, stdout)
	switch {
	case err != nil:
		_, _ = fmt.Fprintf(stderr, "gogen: %v\n", err)
		return 1
	case wrong > 0:
		_, _ = fmt.Fprintf(stderr, "gogen: %d mistakes\n", wrong)
		return 1
	}
	return 0
}

// tally is what came of all headers.
type tally struct {
	packages, unread, records, declared int
	refused                             []string
	wrong                               []string
}

func generate(o options, stdout io.Writer) (wrong int, err error) {
	dir := o.keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "abigen-gogen"); err != nil {
			return 0, err
		}
		defer func() { _ = os.RemoveAll(dir) }()
	}
	clang, err := conformance.FindClang()
	if err != nil {
		return 0, err
	}
	var targets []model.Target
	for _, t := range model.Targets() {
		if !t.BPF {
			targets = append(targets, t)
		}
	}
	trees, err := conformance.Trees(clang, targets, o.usr, filepath.Join(dir, "include"))
	if err != nil {
		return 0, err
	}
	full, err := newModule(filepath.Join(dir, "full"))
	if err != nil {
		return 0, err
	}
	layout, err := newModule(filepath.Join(dir, "layout"))
	if err != nil {
		return 0, err
	}
	var all tally
	err = sweep(trees, o.headers, runtime.NumCPU(), func(h *header) error {
		all.add(h)
		if err := layout.add(h, layoutOnly); err != nil {
			return err
		}
		return full.add(h, whole)
	})
	if err != nil {
		return 0, err
	}
	for _, arch := range goarches() {
		m := layout
		if slices.Contains(o.full, arch) {
			m = full
		}
		said, err := m.build(arch)
		if err != nil {
			return 0, err
		}
		if said != "" {
			all.wrong = append(all.wrong, fmt.Sprintf("GOARCH=%s: the compiler says\n%s", arch, said))
		}
	}
	if o.headers == nil {
		err = all.pin(o.update)
	}
	// What took minutes to find is printed in any case.
	return len(all.wrong), errors.Join(err, all.print(stdout, o.full))
}

func (t *tally) add(h *header) {
	if h.pkg != "" {
		t.packages++
	}
	t.unread += len(h.unread)
	t.records += h.records
	t.declared += h.declared
	for name, why := range h.refused {
		t.refused = append(t.refused, fmt.Sprintf("%s: %s: %s", h.name, name, why))
	}
	for _, w := range h.wrong {
		t.wrong = append(t.wrong, h.name+": "+w)
	}
	for _, l := range h.lost {
		t.wrong = append(t.wrong, fmt.Sprintf("%s: %s is neither in the Go nor listed as missing", h.name, l))
	}
}

// pin compares the records left out with the committed list, or writes it.
func (t *tally) pin(update bool) error {
	slices.Sort(t.refused)
	if update {
		return os.WriteFile(pinned, []byte(pinnedHead+strings.Join(t.refused, "\n")+"\n"), 0o644)
	}
	text, err := os.ReadFile(pinned)
	if err != nil {
		return fmt.Errorf("%w: run gogen in the root of the repository", err)
	}
	known := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			known[line] = true
		}
	}
	for _, r := range t.refused {
		if !known[r] {
			t.wrong = append(t.wrong, "left out, and not in "+pinned+": "+r)
		}
		delete(known, r)
	}
	for r := range known {
		t.wrong = append(t.wrong, "no longer left out, but in "+pinned+": "+r)
	}
	if 200*len(t.refused) >= t.records {
		t.wrong = append(t.wrong, fmt.Sprintf("%d of %d records are left out: that is not under 0.5 %%", len(t.refused), t.records))
	}
	return nil
}

func (t *tally) print(w io.Writer, full []string) error {
	slices.Sort(t.wrong)
	var b strings.Builder
	for _, s := range t.wrong {
		b.WriteString(s + "\n")
	}
	share := 0.0
	if t.records > 0 {
		share = 100 * float64(len(t.refused)) / float64(t.records)
	}
	fmt.Fprintf(&b, "Go for %d headers: %d declarations, none without a word; %d records, %d left out (%.2f %%); compiled for %d GOARCHes, with all methods for %s; %d mistakes\n",
		t.packages, t.declared, t.records, len(t.refused), share, len(goarches()), strings.Join(full, ", "), len(t.wrong))
	if t.unread > 0 {
		fmt.Fprintf(&b, "%d headers of single targets could not be read; conform says which and why\n", t.unread)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
