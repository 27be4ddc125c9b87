// SPDX-License-Identifier: MIT

package vet

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/fuseiomap/abigen/gen/gopkg"
)

// unit is what "go vet" tells its tool about a package; of the file it writes,
// what is needed here.
type unit struct {
	Dir        string
	ImportPath string
	VetxOnly   bool
	VetxOutput string
}

// IsUnit reports whether arguments are those that "go vet -vettool" calls its
// tool with: -V=full, -flags, or flags and the file that describes a package.
func IsUnit(args []string) bool {
	return len(args) == 1 && (args[0] == "-V=full" || args[0] == "-flags") ||
		len(args) > 0 && strings.HasSuffix(args[len(args)-1], "vet.cfg") && onlyFlags(args[:len(args)-1])
}

func onlyFlags(args []string) bool {
	for _, a := range args {
		if !strings.HasPrefix(a, "-config=") {
			return false
		}
	}
	return true
}

// Unit answers such a call: what it wants to know goes to stdout, and findings
// to stderr, as "go vet" has it. The exit status is to be 1 where there are
// findings or an error.
//
// The go command keeps what a tool says about a package until its Go files
// change. What is said here depends on other files too, so nothing is left to
// keep for packages that are checked, and they are checked each time.
func Unit(ctx context.Context, args []string, stdout, stderr io.Writer) (findings int, err error) {
	switch last := args[len(args)-1]; last {
	case "-V=full":
		id, err := executable()
		if err != nil {
			return 0, err
		}
		_, err = fmt.Fprintf(stdout, "abigen version devel buildID=%x\n", id)
		return 0, err
	case "-flags":
		_, err := fmt.Fprintln(stdout, `[{"Name":"config","Bool":false,"Usage":"use this configuration in place of the abigen.toml in or above the directory of each package"}]`)
		return 0, err
	default:
		text, err := os.ReadFile(last)
		if err != nil {
			return 0, err
		}
		var u unit
		if err := json.Unmarshal(text, &u); err != nil {
			return 0, fmt.Errorf("%s: %w: it is to be the file that go vet writes", last, err)
		}
		config := ""
		for _, a := range args[:len(args)-1] {
			config = strings.TrimPrefix(a, "-config=")
		}
		return u.check(ctx, config, stderr)
	}
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

func (u unit) check(ctx context.Context, config string, stderr io.Writer) (findings int, err error) {
	if u.VetxOnly {
		// Of a package that is only imported nothing is wanted, and that can
		// be kept.
		return 0, os.WriteFile(u.VetxOutput, nil, 0o666)
	}
	d := Directory{Dir: u.Dir}
	// "p [p.test]" is p with its tests, "p_test [p.test]" the tests outside it.
	path, _, variant := strings.Cut(u.ImportPath, " ")
	d.ImportPath = path
	if variant {
		d.ImportPath = strings.TrimSuffix(path, "_test")
	}
	results, err := d.Check(ctx, config)
	if err != nil {
		return 0, err
	}
	for _, r := range results {
		if r.Path != path {
			continue
		}
		for _, f := range r.Findings {
			if _, err := fmt.Fprintf(stderr, "%s: %s\n", r.pkg.Fset.PositionFor(f.At, false), f); err != nil {
				return 0, err
			}
			findings++
		}
	}
	return findings, nil
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
