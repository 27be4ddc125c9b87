// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/gosrc"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/vet"
	"github.com/fuseiomap/abigen/internal/lazyregexp"
)

// configName is the name of the configuration file.
const configName = "abigen.toml"

// config is the content of the configuration file. Each table belongs to the
// package that uses it.
type config struct {
	Generate gosrc.Config `toml:"generate"`
	Check    check.Config `toml:"check"`
	Vet      vet.Config   `toml:"vet"`
	// Suppress are the findings that were accepted.
	Suppress []check.Suppression `toml:"suppress"`

	// path is that of the file, text what is in it, places where each entry is.
	path, text string
	places     map[string]place
}

// forCheck says what of the configuration does not fit what is on disk. Only the
// verbs that compare ask: generate makes what may not be there yet.
func (c *config) forCheck() error {
	fail := func(key, why string) error {
		line := c.places[tomlKey("check", key)].line
		return fmt.Errorf("%s:%d:%d: check.%s: %s", c.path, line, valueColumn(c.text, line), key, why)
	}
	if p := c.Check.Go; p != "" {
		if st, err := os.Stat(filepath.Join(c.Check.Dir, p)); err != nil || !st.IsDir() {
			return fail("go", fmt.Sprintf("there is no directory %s: name that of the Go package, as seen from %s", p, configName))
		}
	}
	if p := c.Check.Header; p != "" && !filepath.IsAbs(p) {
		p = filepath.Join(c.Check.Dir, p)
		if _, err := os.Stat(p); errors.Is(err, fs.ErrNotExist) {
			return fail("header", fmt.Sprintf("there is no file %s: name the header, as seen from %s", p, configName))
		}
	}
	for _, t := range c.Check.Targets {
		if _, err := model.TargetByName(t); err != nil {
			return fail("targets", err.Error())
		}
	}
	if _, err := regexp.Compile(c.Check.Types); err != nil {
		return fail("types", err.Error()+": correct the expression")
	}
	return nil
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
var typeFault = lazyregexp.New(`^toml: line (\d+) \(last key "([^"]*)"\): (.*)$`)

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
		if m := typeFault().FindStringSubmatch(err.Error()); m != nil {
			line, _ := strconv.Atoi(m[1]) // digits
			return fmt.Errorf("%s:%d:%d: %s: %s: correct the value", path, line, valueColumn(string(text), line), m[2], typeWords(m[3]))
		}
		return fmt.Errorf("%s: %w", path, err)
	}
	c.path, c.text, c.places = path, string(text), tomlPlaces(string(text))
	var errs []error
	for _, k := range md.Undecoded() {
		// Of an unknown table only the table is worth a line.
		if len(errs) > 0 && len(k) > 1 && !known(md, k[:len(k)-1]) {
			continue
		}
		errs = append(errs, fmt.Errorf("%s: unknown key %s: correct it or take it out", c.next(k), k))
	}
	c.Check.Dir = filepath.Dir(path)
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	if err := c.Check.ValidateRevisions(); err != nil {
		return fmt.Errorf("%s:%d: %w", path, c.places[tomlKey("check", "revision", "[0]")].line, err)
	}
	for i := range c.Suppress {
		c.Suppress[i].Pos = model.Pos{File: path, Line: tableLine(string(text), "suppress", i)}
		errs = append(errs, c.Suppress[i].Validate())
	}
	return errors.Join(errs...)
}

// tableLine returns the line of the nth [[name]], from 0.
func tableLine(text, name string, n int) int {
	head := regexp.MustCompile(`^\s*\[\[\s*` + regexp.QuoteMeta(name) + `\s*\]\]`)
	line := 0
	for l := range strings.Lines(text) {
		line++
		if head.MatchString(l) {
			if n == 0 {
				return line
			}
			n--
		}
	}
	return 0
}

// mismatch is how the decoder words that a value has the wrong type.
var mismatch = lazyregexp.New(`TOML value has type (\S+); destination has type (\S+)`)

// typeWords says in TOML's words what a value is and what belongs there.
func typeWords(fault string) string {
	m := mismatch().FindStringSubmatch(fault)
	if m == nil {
		return fault
	}
	return tomlWord(m[1]) + " where " + tomlWord(m[2]) + " belongs"
}

func tomlWord(goType string) string {
	switch {
	case goType == "string":
		return "a string"
	case strings.HasPrefix(goType, "bool"):
		return "true or false"
	case strings.HasPrefix(goType, "int"):
		return "a whole number"
	case strings.HasPrefix(goType, "float"):
		return "a number"
	case strings.HasPrefix(goType, "slice"), strings.HasPrefix(goType, "[]"):
		return "a list"
	case strings.HasPrefix(goType, "time"), strings.HasSuffix(goType, "Date"):
		return "a date"
	}
	return "a table"
}

// lineText returns a line of text, "" for one that is not there.
func lineText(text string, line int) string {
	lines := strings.Split(text, "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	return lines[line-1]
}

// firstColumn returns where the words of a line begin.
func firstColumn(text string, line int) int {
	l := lineText(text, line)
	return 1 + len(l) - len(strings.TrimLeft(l, " \t"))
}

// valueColumn returns where the value behind the first = of a line begins.
func valueColumn(text string, line int) int {
	l := lineText(text, line)
	i := strings.IndexByte(l, '=')
	if i < 0 {
		return firstColumn(text, line)
	}
	return 2 + i + len(l[i+1:]) - len(strings.TrimLeft(l[i+1:], " \t"))
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
