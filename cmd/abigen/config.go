// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/gosrc"
)

// configName is the name of the configuration file.
const configName = "abigen.toml"

// config is the content of the configuration file. Each table belongs to the
// package that uses it.
type config struct {
	Generate gosrc.Config `toml:"generate"`
	Check    check.Config `toml:"check"`

	path   string
	places map[string]place
}

// loadConfig reads the configuration that --config names, else the one that
// find finds, if any.
func (f *flags) loadConfig(find func() (string, error)) (config, error) {
	path := f.config
	if path == "" && find != nil {
		var err error
		if path, err = find(); err != nil {
			return config{}, err
		}
	}
	c := config{Check: check.Default()}
	if path == "" {
		return c, nil
	}
	return c, c.read(path)
}

// findConfig looks for abigen.toml in the working directory and those above,
// and returns its path as seen from there, "" where there is none.
func findConfig() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("look for %s: %w", configName, err)
	}
	for rel := "."; ; rel, dir = filepath.Join("..", rel), filepath.Dir(dir) {
		path := filepath.Join(rel, configName)
		if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
			return path, nil
		}
		if dir == filepath.Dir(dir) {
			return "", nil
		}
	}
}

// typeFault is how the decoder words a value of the wrong type, which it does
// not give a position of its own.
var typeFault = regexp.MustCompile(`^toml: line (\d+) \(last key "([^"]*)"\): (.*)$`)

func (c *config) read(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%s: the configuration cannot be read: %w: name one with --config, or write one as the package comment of gen/gosrc says", path, cause(err))
	}
	md, err := toml.Decode(string(text), c)
	if err != nil {
		var pe toml.ParseError
		if errors.As(err, &pe) {
			return fmt.Errorf("%s:%d:%d: %s", path, pe.Position.Line, pe.Position.Col, pe.Message)
		}
		if m := typeFault.FindStringSubmatch(err.Error()); m != nil {
			return fmt.Errorf("%s:%s: %s: %s: correct the value", path, m[1], m[2], m[3])
		}
		return fmt.Errorf("%s: %w", path, err)
	}
	c.path, c.places = path, tomlPlaces(string(text))
	var errs []error
	for _, k := range md.Undecoded() {
		// Of an unknown table only the table is worth a line.
		if len(errs) > 0 && len(k) > 1 && !known(md, k[:len(k)-1]) {
			continue
		}
		errs = append(errs, fmt.Errorf("%s: unknown key %s: correct it or take it out", c.next(k), k))
	}
	c.Check.Dir = filepath.Dir(path)
	return errors.Join(errs...)
}

// known reports whether the key was decoded into the configuration.
func known(md toml.MetaData, key toml.Key) bool {
	for _, k := range md.Undecoded() {
		if k.String() == key.String() {
			return false
		}
	}
	return true
}

// next returns the place of a key that is not of the configuration, and of the
// next one of the same name when it is asked again.
func (c *config) next(key toml.Key) string {
	var found string
	for k, at := range c.places {
		if slices.Equal(withoutIndex(k), key) && (found == "" || before(at, c.places[found])) {
			found = k
		}
	}
	if found == "" {
		return c.path
	}
	at := c.places[found]
	delete(c.places, found)
	return fmt.Sprintf("%s:%d:%d", c.path, at.line, at.col)
}

func before(a, b place) bool { return a.line < b.line || a.line == b.line && a.col < b.col }

// withoutIndex splits a key of [tomlPlaces] and leaves out what counts elements.
func withoutIndex(key string) []string {
	return slices.DeleteFunc(strings.Split(key, "\x00"), func(k string) bool { return strings.HasPrefix(k, "[") })
}

// locate puts the place in the configuration file in front of each error that is
// about an entry of the table, or of the table itself where it lacks one.
func (c *config) locate(table string, err error) error {
	var out []error
	for _, err := range joined(err) {
		var e *gosrc.ConfigError
		if c.path == "" || !errors.As(err, &e) {
			out = append(out, err)
			continue
		}
		where := c.path
		key := append([]string{table}, e.Key...)
		for n := len(key); n > 0; n-- {
			if at, ok := c.places[tomlKey(key[:n]...)]; ok {
				where = fmt.Sprintf("%s:%d:%d", c.path, at.line, at.col)
				break
			}
		}
		out = append(out, fmt.Errorf("%s: %s", where, e.Text))
	}
	return errors.Join(out...)
}

// joined returns the errors that [errors.Join] put together, without what was
// wrapped around all of them.
func joined(err error) []error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		if many, ok := e.(interface{ Unwrap() []error }); ok {
			var out []error
			for _, one := range many.Unwrap() {
				out = append(out, joined(one)...)
			}
			return out
		}
	}
	return []error{err}
}
