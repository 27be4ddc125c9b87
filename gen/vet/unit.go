// SPDX-License-Identifier: MIT

package vet

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"go/token"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/gopkg"
)

// unit is what "go vet" tells its tool about a package; of the file it writes,
// what is needed here.
type unit struct {
	ID         string
	Dir        string
	ImportPath string
	VetxOnly   bool
	VetxOutput string
	// Stdout is the file that takes the place of standard output, FixArchive
	// the one for fixed files; "" where there is none.
	Stdout     string
	FixArchive string
}

// unitFlags are the flags of the tool. All but config are given by "go vet".
type unitFlags struct {
	json, fix bool
	config    string
}

// IsUnit reports whether arguments are those that "go vet -vettool" calls its
// tool with: -V=full, -flags, or flags and the file that describes a package.
func IsUnit(args []string) bool {
	if len(args) == 1 && (args[0] == "-V=full" || args[0] == "-flags") {
		return true
	}
	_, ok := parseUnit(args)
	return ok
}

func parseUnit(args []string) (f unitFlags, ok bool) {
	if len(args) == 0 || !strings.HasSuffix(args[len(args)-1], "vet.cfg") {
		return f, false
	}
	for _, a := range args[:len(args)-1] {
		config, is := strings.CutPrefix(a, "-config=")
		switch {
		case a == "-json":
			f.json = true
		case a == "-fix":
			f.fix = true
		case is:
			f.config = config
		default:
			return f, false
		}
	}
	return f, true
}

// Unit answers such a call: what it wants to know goes to stdout, and findings
// too where they are wanted as JSON; otherwise they go to stderr, and failed
// tells that the exit status is to be 1.
//
// The go command keeps what a tool says about a package until its Go files
// change. What is said here depends on other files too, so nothing is left to
// keep for packages that are checked, and they are checked each time.
func Unit(ctx context.Context, args []string, stdout, stderr io.Writer) (failed bool, err error) {
	switch args[len(args)-1] {
	case "-V=full":
		id, err := executable()
		if err != nil {
			return false, err
		}
		_, err = fmt.Fprintf(stdout, "abigen version devel buildID=%x\n", id)
		return false, err
	case "-flags":
		_, err := fmt.Fprintln(stdout, `[{"Name":"config","Usage":"use this configuration in place of the abigen.toml in or above the directory of each package"},`+
			`{"Name":"json","Bool":true,"Usage":"print findings as JSON"},{"Name":"fix","Bool":true,"Usage":"carry out the fixes"}]`)
		return false, err
	}
	path := args[len(args)-1]
	text, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	var u unit
	if err := json.Unmarshal(text, &u); err != nil {
		return false, fmt.Errorf("%s: %w: it is to be the file that go vet writes", path, err)
	}
	if u.VetxOnly {
		// Of a package that is only imported nothing is wanted, and that can
		// be kept.
		return false, os.WriteFile(u.VetxOutput, nil, 0o666)
	}
	if u.Stdout != "" {
		f, err := os.Create(u.Stdout)
		if err != nil {
			return false, err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		stdout = f
	}
	f, _ := parseUnit(args)
	r, err := u.check(ctx, f.config)
	switch {
	case f.json:
		return false, u.printJSON(stdout, r, err)
	case err != nil || r == nil:
		return err != nil, err
	case f.fix:
		return false, u.archive(r)
	}
	for _, x := range r.Findings {
		if _, err := fmt.Fprintf(stderr, "%s: %s\n", r.place(x.At), x); err != nil {
			return false, err
		}
	}
	return len(r.Findings) > 0, nil
}

// executable returns a hash of the running program, which stands for its
// version.
func executable() ([]byte, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}

// check checks the package, nil where it has nothing to check.
func (u unit) check(ctx context.Context, config string) (*Result, error) {
	d := Directory{Dir: u.Dir}
	// "p [p.test]" is p with its tests, "p_test [p.test]" the tests outside it.
	path, _, variant := strings.Cut(u.ImportPath, " ")
	d.ImportPath = path
	if variant {
		d.ImportPath = strings.TrimSuffix(path, "_test")
	}
	results, err := d.Check(ctx, config)
	for _, r := range results {
		if r.Path == path {
			return r, nil
		}
	}
	return nil, err
}

// place returns a place in the package as file:line:column.
func (r *Result) place(at token.Pos) string { return r.pkg.Fset.PositionFor(at, false).String() }

// printJSON prints findings as drivers of package go/analysis do: by package
// and analyzer, a list of diagnostics or an error.
func (u unit) printJSON(w io.Writer, r *Result, err error) error {
	type edit struct {
		Filename string `json:"filename"`
		Start    int    `json:"start"`
		End      int    `json:"end"`
		New      string `json:"new"`
	}
	type fix struct {
		Message string `json:"message"`
		Edits   []edit `json:"edits"`
	}
	type diagnostic struct {
		Category string `json:"category"`
		Posn     string `json:"posn"`
		End      string `json:"end"`
		Message  string `json:"message"`
		Fixes    []fix  `json:"suggested_fixes,omitempty"`
	}
	var out any
	switch {
	case err != nil:
		out = map[string]string{"error": err.Error()}
	case r == nil || len(r.Findings) == 0:
		_, err := io.WriteString(w, "{}\n")
		return err
	default:
		var ds []diagnostic
		for _, x := range r.Findings {
			d := diagnostic{Category: x.Rule, Posn: r.place(x.At), End: r.place(x.At), Message: x.String()}
			if x.Fix != nil {
				f := fix{Message: x.Fix.Message}
				for _, e := range x.Fix.Edits {
					from := r.pkg.Fset.PositionFor(e.Pos, false)
					f.Edits = append(f.Edits, edit{from.Filename, from.Offset, r.pkg.Fset.PositionFor(e.End, false).Offset, string(e.NewText)})
				}
				d.Fixes = []fix{f}
			}
			ds = append(ds, d)
		}
		out = ds
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	return enc.Encode(map[string]any{u.ID: map[string]any{"abigen": out}})
}

// archive writes the fixed files where the go command takes them from once all
// packages are done.
func (u unit) archive(r *Result) (err error) {
	if u.FixArchive == "" {
		return fmt.Errorf("%s: this version of the go command does not take fixes from a tool: use abigen vet --fix", u.ImportPath)
	}
	files, err := r.Fixed()
	if err != nil {
		return err
	}
	f, err := os.Create(u.FixArchive)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z := zip.NewWriter(f)
	if err := z.SetComment(u.ID); err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		w, err := z.Create(path)
		if err != nil {
			return err
		}
		if _, err := w.Write(files[path]); err != nil {
			return err
		}
	}
	return z.Close()
}

// Check checks the packages in a directory, as [gopkg.Open] finds them. With a
// path of a configuration file that is used, else what [Find] finds.
func (d Directory) Check(ctx context.Context, config string) ([]*Result, error) {
	some, err := d.HasDirectives()
	if err != nil || !some {
		return nil, err
	}
	c, err := configure(nil, config, d.Dir)
	if err != nil {
		return nil, err
	}
	packages, err := gopkg.Open(d.Dir, d.ImportPath)
	if err != nil {
		return nil, err
	}
	var out []*Result
	for _, p := range packages {
		r, err := Check(ctx, p, c)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}
