// SPDX-License-Identifier: MIT

package gosrc

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

const configModel = `
const K_A | 1 | int | 1
const K_B | 300 | int | 300
const M_A | -1 | int | -1
struct r 16 8
	0 | a | u32 | __u32
	4 | b | s32 | __s32
	8 | c | u64 | __u64
enum e 4 signed
	E_A | 1
	E_B | -1
`

// Every mistake in a configuration is an error that names the entry.
func TestConfigurationErrors(t *testing.T) {
	for _, c := range []struct{ name, config, want string }{
		{"no package", ``, `package: "" is not a Go package name: give one`},
		{"blank package", `package = "_"`, `package: "_" is not`},
		{"license of two lines", "package = \"p\"\nlicense = \"a\\nb\"", `license: "a\nb" has more than one line`},
		{"bad expression", "package = \"p\"\ntypes = [\"(\"]", `types: "(" is not a regular expression`},
		{"bad reserved", "package = \"p\"\nreserved = \"(\"", `reserved: "(" is not a regular expression`},
		{"types match nothing", "package = \"p\"\ntypes = [\"r\", \"s\"]", `types: "s" matches nothing: correct it or take it out`},
		{"types match whole names", "package = \"p\"\ntypes = [\"r|e\", \"K\"]", `types: "K" matches nothing`},
		{"constants match nothing", "package = \"p\"\nconstants = [\".*\", \"X\"]", `constants: "X" matches nothing`},
		{"skip matches nothing", "package = \"p\"\nskip = [\"X\"]", `skip: "X" matches nothing`},
		{"reserved matches nothing", "package = \"p\"\nreserved = \"pad\"", `reserved: "pad" matches nothing`},
		{"trim of nothing", "package = \"p\"\ntrim = \"x_\"", `trim: no record or enum begins with "x_": correct it or take it out`},
		{"prefix that is not exported", "package = \"p\"\nprefix = \"raw\"", `prefix: "raw" does not begin a Go name that others can use: begin it with a capital letter`},
		{"prefix that is no name", "package = \"p\"\nprefix = \"A-\"", `prefix: "A-" does not begin`},
		{"trim of a group, of nothing", groupText(`name = "K"`, `base = "uint16"`, `match = "K_.*"`, `trim = "X_"`), `group K: trim: no constant of it begins with "X_": correct it`},
		{"trim of an enum, of nothing", groupText(`enum = "e"`, `trim = "X_"`), `group for enum e: trim: no constant of it begins with "X_"`},
		{"rename of nothing", "package = \"p\"\nrename = {s = \"S\"}", `rename: there is no s in what is generated`},
		{"rename of no member", "package = \"p\"\nrename = {\"r.x\" = \"S\"}", `rename: there is no r.x in`},
		{"rename to nonsense", "package = \"p\"\nrename = {r = \"a b\"}", `rename: r = "a b" is not a Go identifier`},
		{"rename to blank", "package = \"p\"\nrename = {r = \"_\"}", `rename: r = "_" is not`},
		{"rename of a type, not exported", "package = \"p\"\nrename = {r = \"s\"}", `rename: struct r = "s": types and members need a name that is exported`},
		{"rename of a member, not exported", "package = \"p\"\nrename = {\"r.a\" = \"s\"}", `rename: r.a = "s": types and members need`},
		{"rename to a name twice", "package = \"p\"\nrename = {r = \"X\", e = \"X\"}", `the name X for struct r is taken by enum e: choose another`},
		{"rename of members to a name twice", "package = \"p\"\nrename = {\"r.a\" = \"X\", \"r.b\" = \"X\"}", `the name X for r.b is taken by r.a`},
		{"rename to a method", "package = \"p\"\nrename = {\"r.a\" = \"AppendBigEndian\"}", `the name AppendBigEndian for r.a is taken by the method`},
		{"rename to a keyword", "package = \"p\"\nrename = {K_A = \"type\"}", `rename: K_A = "type" is not a Go identifier`},
		{"rename to a package", "package = \"p\"\nrename = {K_A = \"strings\"}", `the name strings for the constant K_A is taken by package strings`},
		{"rename to what is generated", "package = \"p\"\nrename = {K_A = \"hostIsLittle\"}", `the name hostIsLittle for the constant K_A is taken by the generated hostIsLittle`},
		{"group without name", groupText(`base = "uint8"`, `prefix = "K_"`), `group without a name: name "": want an exported Go identifier`},
		{"group with a small name", groupText(`name = "k"`, `base = "uint8"`, `prefix = "K_"`), `name "k": want an exported`},
		{"group of a taken name", groupText(`name = "ShortError"`, `base = "uint16"`, `prefix = "K_"`), `the name ShortError for group ShortError is taken`},
		{"group with a bad base", groupText(`name = "K"`, `base = "int"`, `prefix = "K_"`), `base "int": choose one of uint8, uint16`},
		{"group with a bad kind", groupText(`name = "K"`, `base = "uint8"`, `kind = "bits"`, `prefix = "K_"`), `kind "bits": choose "values" or "flags"`},
		{"signed flags", groupText(`name = "K"`, `base = "int32"`, `kind = "flags"`, `prefix = "K_"`), `base int32: flags need an unsigned type`},
		{"signed flags of an enum", groupText(`enum = "e"`, `kind = "flags"`), `group for enum e: x.h:9:1: its type is signed, flags are not`},
		{"group of nothing", groupText(`name = "K"`, `base = "uint16"`), `give either prefix or match`},
		{"group of prefix and match", groupText(`name = "K"`, `base = "uint16"`, `prefix = "K_"`, `match = "K_A"`), `give either prefix or match`},
		{"group with a bad match", groupText(`name = "K"`, `base = "uint16"`, `match = "("`), `match: "(" is not a regular expression`},
		{"group whose prefix matches nothing", groupText(`name = "K"`, `base = "uint16"`, `prefix = "X_"`), `group K: no constant begins with "X_": correct it`},
		{"group that matches nothing", groupText(`name = "K"`, `base = "uint16"`, `match = "K"`), `group K: no constant matches "K"`},
		{"group of an unknown enum", groupText(`enum = "f"`), `group for enum f: there is no such enum`},
		{"group of an enum with a prefix", groupText(`enum = "e"`, `prefix = "E_"`), `an enum has its own constants, width and members`},
		{"group of an enum with a name", groupText(`enum = "e"`, `name = "E"`), `the name of an enum's type is set under rename`},
		{"value too large", groupText(`name = "K"`, `base = "uint8"`, `prefix = "K_"`), `group K: x.h:3:1: K_B is 300, which is no uint8: widen the base or narrow the group`},
		{"value negative", groupText(`name = "M"`, `base = "uint64"`, `prefix = "M_"`), `M_A is -1, which is no uint64`},
		{"two groups for a constant", groupText(`name = "K"`, `base = "uint16"`, `prefix = "K_"`) + groupText(`name = "L"`, `base = "int16"`, `match = "K_B|M_A"`)[len(`package = "p"`):],
			`x.h:3:1: K_B belongs to group K and to group L: narrow one of them`},
		{"unknown member", groupText(`name = "K"`, `base = "uint16"`, `prefix = "K_"`, `members = ["r.x"]`), `group K: members: there is no r.x in`},
		{"member of another width", groupText(`name = "K"`, `base = "uint16"`, `prefix = "K_"`, `members = ["r.a"]`), `members: r.a is a uint32, the group's base is uint16`},
		{"member of another sign", groupText(`name = "K"`, `base = "uint32"`, `prefix = "K_"`, `members = ["r.b"]`), `members: r.b is a int32, the group's base is uint32`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var config Config
			if _, err := toml.Decode(c.config, &config); err != nil {
				t.Fatal(err)
			}
			out, err := Generate(config, parseModels(t, configModel, "amd64"))
			if err == nil || !strings.Contains(err.Error(), "configuration: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("want an error with %q, got %v", c.want, err)
			}
			if out != nil {
				t.Error("there is output as well")
			}
			for _, err := range unwrapped(err) {
				if e := (*ConfigError)(nil); errors.As(err, &e) && !written(c.config, e.Key) {
					t.Errorf("the configuration has no %q, which %v is about", e.Key, err)
				}
			}
		})
	}
}

// unwrapped returns the errors that err joins.
func unwrapped(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	if inner := errors.Unwrap(err); inner != nil {
		return unwrapped(inner)
	}
	return []error{err}
}

// written reports whether a configuration has an entry, or is without one that
// it must have.
func written(text string, key []string) bool {
	var content any
	if _, err := toml.Decode(text, &content); err != nil {
		return false
	}
	for i, k := range key {
		switch x := content.(type) {
		case map[string]any:
			next, ok := x[k]
			if !ok {
				return i == len(key)-1 && (k == "package" || k == "kind" || k == "base")
			}
			content = next
		case []map[string]any:
			var n int
			if _, err := fmt.Sscanf(k, "[%d]", &n); err != nil || n >= len(x) {
				return false
			}
			content = x[n]
		case []any:
			var n int
			if _, err := fmt.Sscanf(k, "[%d]", &n); err != nil || n >= len(x) {
				return false
			}
			content = x[n]
		}
	}
	return true
}

func groupText(lines ...string) string {
	return "package = \"p\"\n[[group]]\n" + strings.Join(lines, "\n") + "\n"
}

func TestConfigurationErrorsAreReportedTogether(t *testing.T) {
	_, err := Generate(Config{Package: "p", Types: []string{"r", "x"}, Skip: []string{"y"}, Rename: map[string]string{"z": "Z"}},
		parseModels(t, configModel, "amd64"))
	for _, want := range []string{`"x"`, `"y"`, `no z `} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %s, got %v", want, err)
		}
	}
}

// A prefix of a group that takes nothing off is not spoken of.
func TestAPrefixThatNothingHasIsNotMentioned(t *testing.T) {
	for _, trim := range []string{"X_", "''", "# "} {
		for _, kind := range []Kind{Values, Flags} {
			cfg := Config{Package: "p", Partial: true, Groups: []Group{{Name: "Key", Base: "uint32", Kind: kind, Match: "K_.*", Trim: trim}}}
			files, err := Generate(cfg, parseModels(t, configModel, "amd64"))
			if err != nil {
				t.Fatal(err)
			}
			parseGo(t, files[0].Source)
			if text := string(files[0].Source); strings.Contains(text, "without "+trim) || !strings.Contains(text, `return "K_A"`) {
				t.Errorf("trim %q, %s:\n%s", trim, kind, text)
			}
		}
	}
}

// A prefix stands before the names of types that are not given by name, and what is
// made of those names follows.
func TestPrefixOfTypes(t *testing.T) {
	files, err := Generate(Config{Package: "p", Prefix: "Raw", Rename: map[string]string{"e": "Kind"}}, parseModels(t, configModel, "amd64"))
	if err != nil {
		t.Fatal(err)
	}
	parseGo(t, files[0].Source)
	for _, want := range []string{"type RawR struct {", "const SizeofRawR = 16", "func (r *RawR) AppendBinary(", "type Kind int32", "//abigen:record r"} {
		if !strings.Contains(string(files[0].Source), want) {
			t.Errorf("no %q in\n%s", want, files[0].Source)
		}
	}
}
