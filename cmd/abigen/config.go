// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
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
		return fmt.Errorf("configuration: %w", err)
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
	var errs []error
	for _, k := range md.Undecoded() {
		// Of an unknown table only the table is worth a line.
		if len(errs) > 0 && len(k) > 1 && !known(md, k[:len(k)-1]) {
			continue
		}
		errs = append(errs, fmt.Errorf("%s:%d: unknown key %s: correct it or take it out", path, lineOf(string(text), k), k))
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

// lineOf returns the line that key is defined on: the last one of the shortest
// beginning of the file that defines it. The decoder keeps no positions of keys
// it did not use.
func lineOf(text string, key toml.Key) int {
	end := 0
	for n := 1; end < len(text); n++ {
		i := strings.IndexByte(text[end:], '\n')
		if i < 0 {
			return n
		}
		end += i + 1
		var content map[string]any
		if md, err := toml.Decode(text[:end], &content); err == nil && defined(md, key) {
			return n
		}
	}
	return 0
}

func defined(md toml.MetaData, key toml.Key) bool {
	for _, k := range md.Keys() {
		if k.String() == key.String() {
			return true
		}
	}
	return false
}
