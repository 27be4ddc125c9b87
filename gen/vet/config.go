// SPDX-License-Identifier: MIT

package vet

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

// ConfigName is the name of the configuration file.
const ConfigName = "abigen.toml"

// Config says what Go structs are compared with and for which targets. The toml
// tags are its spelling in the table vet of abigen.toml.
type Config struct {
	// Sources are where C declares the records, written as package source has
	// it. A record is compared with each that declares it. Without any it is the
	// header that the table check names, else the contract built into abigen.
	Sources []string `toml:"sources"`
	// Targets are the targets whose GOARCH is checked; empty for all there are.
	Targets []string `toml:"targets"`
	// Tags are build tags that hold besides those of each GOARCH.
	Tags []string `toml:"tags"`
	// BPF tells that what headers declare is shared with BPF programs, and so
	// has the layout it has there on every GOARCH. Otherwise a header is laid
	// out for each GOARCH anew, as for code running there.
	BPF bool `toml:"bpf"`
	// Defines, IncludeDirs and Includes are for reading headers.
	Defines     []string `toml:"defines"`
	IncludeDirs []string `toml:"include_dirs"`
	Includes    []string `toml:"includes"`

	// Dir is the directory of the configuration file, where relative paths
	// start.
	Dir string `toml:"-"`
}

// Find returns the configuration for a package in a directory: that of the
// closest abigen.toml there or above, and the zero value where there is none.
func Find(dir string) (Config, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return Config{}, fmt.Errorf("look for %s: %w", ConfigName, err)
	}
	for d := abs; ; d = filepath.Dir(d) {
		path := filepath.Join(d, ConfigName)
		if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
			return Load(path)
		}
		if d == filepath.Dir(d) {
			return Config{}, nil
		}
	}
}

// loaded keeps what Load read, by path, as long as the file is the same.
var loaded sync.Map

type stamped[T any] struct {
	stamp string
	value T
}

// stamp identifies the state of a file: it changes when the file does.
func stamp(path string) string {
	st, err := os.Stat(path)
	if err != nil {
		return "none"
	}
	return fmt.Sprint(st.Size(), st.ModTime().UnixNano())
}

// Load reads the table vet of a configuration file, and what it needs of the
// table check. Other tables are left to whom they belong.
func Load(path string) (Config, error) {
	now := stamp(path)
	if x, ok := loaded.Load(path); ok && x.(stamped[Config]).stamp == now {
		return x.(stamped[Config]).value, nil
	}
	var file struct {
		Vet   Config `toml:"vet"`
		Check struct {
			Header      string   `toml:"header"`
			Defines     []string `toml:"defines"`
			IncludeDirs []string `toml:"include_dirs"`
			Includes    []string `toml:"includes"`
		} `toml:"check"`
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	md, err := toml.Decode(string(text), &file)
	if err != nil {
		var pe toml.ParseError
		if errors.As(err, &pe) {
			return Config{}, fmt.Errorf("%s:%d:%d: %s", path, pe.Position.Line, pe.Position.Col, pe.Message)
		}
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	for _, k := range md.Undecoded() {
		if len(k) > 1 && k[0] == "vet" {
			return Config{}, fmt.Errorf("%s: unknown key %s: correct it or take it out", path, k)
		}
	}
	c := file.Vet
	if len(c.Sources) == 0 && file.Check.Header != "" {
		c.Sources = []string{"header:" + file.Check.Header}
		c.Defines = append(c.Defines, file.Check.Defines...)
		c.IncludeDirs = append(c.IncludeDirs, file.Check.IncludeDirs...)
		c.Includes = append(c.Includes, file.Check.Includes...)
	}
	c.Dir = filepath.Dir(path)
	loaded.Store(path, stamped[Config]{now, c})
	return c, nil
}

// sources returns the specs of the sources, resolved.
func (c Config) sources() []string {
	if len(c.Sources) == 0 {
		return []string{"embedded:" + source.DefaultRevision}
	}
	var specs []string
	for _, s := range c.Sources {
		specs = append(specs, resolve(s, c.Dir))
	}
	return specs
}

// resolve returns a spec whose path, if it has a relative one, starts at dir.
func resolve(spec, dir string) string {
	prefix, operand, ok := strings.Cut(spec, ":")
	switch {
	case !ok:
		return join(dir, spec)
	case prefix == "embedded", spec == "btf:kernel", prefix == "go" && !strings.HasPrefix(operand, "."):
		return spec
	case prefix == "go":
		if operand = join(dir, operand); !filepath.IsAbs(operand) {
			operand = "." + string(filepath.Separator) + operand
		}
		return "go:" + operand
	}
	return prefix + ":" + join(dir, operand)
}

func join(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func joinAll(dir string, paths []string) []string {
	var out []string
	for _, p := range paths {
		out = append(out, join(dir, p))
	}
	return out
}

// targets returns the targets to check: those Go has of the ones configured.
func (c Config) targets() ([]model.Target, error) {
	var ts []model.Target
	for _, t := range model.Targets() {
		if !t.BPF {
			ts = append(ts, t)
		}
	}
	if len(c.Targets) == 0 {
		return ts, nil
	}
	ts = nil
	for _, name := range c.Targets {
		t, err := model.TargetByName(name)
		if err == nil && t.BPF {
			err = fmt.Errorf("target %q: Go does not run there: name the GOARCHes of the program", name)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: vet: %w", join(c.Dir, ConfigName), err)
		}
		ts = append(ts, t)
	}
	return ts, nil
}

// pathOf returns the file a resolved spec reads, "" where it names none.
func pathOf(spec string) string {
	if _, operand, ok := strings.Cut(spec, ":"); ok {
		spec = operand
	}
	if st, err := os.Stat(spec); err != nil || errors.Is(err, fs.ErrNotExist) || st.IsDir() {
		return ""
	}
	return spec
}
