// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/source"
)

// The scripts know how a shell asks and how it wants to be answered, and nothing of
// abigen: for every word they call "abigen completion words".
//
//go:embed completion
var completionScripts embed.FS

var completionShells = []string{"bash", "zsh", "fish"}

var completionVerb = verb{
	name: "completion", synopsis: "SHELL", summary: "completion of the command line for bash, zsh or fish",
	doc: `Prints a script for bash, zsh or fish that completes verbs, flags and their values,
sources, rules and the names of records. For this shell and for those to come:

  bash  eval "$(abigen completion bash)"           into ~/.bashrc
  zsh   eval "$(abigen completion zsh)"            into ~/.zshrc, after compinit
  fish  abigen completion fish | source            into ~/.config/fish/config.fish

The scripts ask abigen for every word, and so know what the abigen in the path
knows: "abigen completion words -- WORD…" prints what the last word may become, one
a line, with a tab and a description. A line that begins with a colon asks the
shell for what it completes itself, :files or :directories.`,
	minArgs: 1, maxArgs: -1,
}

// init completes completion, which looks at the list it is in.
func init() {
	completionVerb.run = func(ctx context.Context, _ *flags, args []string, s streams) error {
		switch shell := args[0]; {
		case shell == "words":
			return printWords(ctx, args[1:], s.out)
		case !slices.Contains(completionShells, shell):
			return &usageError{"completion", fmt.Sprintf("%q is no shell that is known: choose one of %s", shell, strings.Join(completionShells, ", "))}
		case len(args) > 1:
			return &usageError{"completion", fmt.Sprintf("unexpected argument %q: SHELL", args[1])}
		default:
			script, err := completionScripts.ReadFile("completion/abigen." + shell)
			if err != nil {
				return err
			}
			_, err = s.out.Write(script)
			return err
		}
	}
}

// word is what a word on the command line may become. One that ends in a colon, a
// slash or an equals sign goes on.
type word struct{ text, doc string }

// What shells complete themselves.
var (
	filesOfShell       = word{text: ":files"}
	directoriesOfShell = word{text: ":directories"}
)

func printWords(ctx context.Context, words []string, w io.Writer) error {
	var b strings.Builder
	for _, c := range completions(ctx, words) {
		// A description is one line.
		doc, _, _ := strings.Cut(c.doc, "\n")
		fmt.Fprintf(&b, "%s\t%s\n", c.text, doc)
	}
	_, err := io.WriteString(w, strings.ReplaceAll(b.String(), "\t\n", "\n"))
	return err
}

// completions returns what the last of the words after the command may become.
func completions(ctx context.Context, words []string) []word {
	if len(words) == 0 {
		words = []string{""}
	}
	last := len(words) - 1
	current := words[last]
	var all []word
	if last == 0 {
		all = verbWords()
		if strings.HasPrefix(current, "-") {
			all = []word{{"--help", helpVerb.summary}, {"--version", versionVerb.summary}}
		}
	} else if v, ok := verbByName(words[0]); ok {
		all = v.completions(ctx, words[1:last], current)
	}
	return slices.DeleteFunc(all, func(c word) bool {
		return !strings.HasPrefix(c.text, ":") && !strings.HasPrefix(c.text, current)
	})
}

// completions returns what may stand at the end of a call of v, after the words
// before. They need not begin with current.
func (v verb) completions(ctx context.Context, before []string, current string) []word {
	f := newFlags(v)
	var args []string
	pending, literal := "", false
	for _, w := range before {
		name, value, isFlag := f.named(w)
		switch {
		case pending != "":
			pending = ""
		case literal || !isFlag && w != "--":
			args = append(args, w)
		case w == "--":
			literal = true
		case value == nil && f.takesValue(name):
			pending = name
		}
	}
	// What was said so far tells how to read a source; a mistake in it is none of ours.
	if pending == "" {
		_, _ = f.parse(before)
	}
	switch name, value, isFlag := f.named(current); {
	case pending != "":
		return f.valueWords(pending, "")
	case literal:
	case isFlag && value != nil && f.takesValue(name):
		return f.valueWords(name, strings.TrimSuffix(current, *value))
	case strings.HasPrefix(current, "-"):
		return f.flagWords()
	}
	var all []word
	for _, operand := range operands(v.synopsis, len(args)) {
		all = append(all, operandWords(ctx, operand, f, args, current)...)
	}
	return all
}

// named splits a flag as it is written; value is nil where it has none.
func (f *flags) named(w string) (name string, value *string, ok bool) {
	if len(w) < 2 || w[0] != '-' || w == "--" {
		return "", nil, false
	}
	if parts := split([]string{w}); len(parts) == 2 {
		return parts[0][1:], &parts[1], true
	}
	name, v, has := strings.Cut(strings.TrimPrefix(w[1:], "-"), "=")
	if has {
		value = &v
	}
	return name, value, f.set.Lookup(name) != nil
}

func (f *flags) takesValue(name string) bool {
	x := f.set.Lookup(name)
	if x == nil {
		return false
	}
	b, ok := x.Value.(interface{ IsBoolFlag() bool })
	return !ok || !b.IsBoolFlag()
}

func (f *flags) flagWords() []word {
	var all []word
	for _, x := range f.described() {
		all = append(all, word{dashes(x.name), x.usage})
	}
	return append(all, word{"--help", "how this verb is called"})
}

// valueWords returns what the value of a flag may be, behind a prefix that belongs
// to the word. Of what has no list the placeholder says what it is.
func (f *flags) valueWords(name, prefix string) []word {
	var all []word
	for _, w := range f.words[name] {
		all = append(all, word{text: prefix + w})
	}
	for _, x := range f.described() {
		if x.name != name || len(all) > 0 {
			continue
		}
		switch {
		case x.arg == "FILE" && prefix == "":
			all = append(all, filesOfShell)
		case x.arg == "DIR" && prefix == "":
			all = append(all, directoriesOfShell)
		case x.arg == "FILE" || x.arg == "DIR":
			all = append(all, pathWords(prefix, "")...)
		}
	}
	return all
}

func verbWords() []word {
	var all []word
	for _, v := range verbs() {
		all = append(all, word{v.name, v.summary})
	}
	return all
}

// operands returns the words of a synopsis that may stand for the argument number
// i: of "[SOURCE…] TYPE" both for the first.
func operands(synopsis string, i int) []string {
	var all []string
	required, repeated := 0, false
	for j, w := range strings.Fields(synopsis) {
		optional := strings.HasPrefix(w, "[")
		name := strings.Trim(w, "[]")
		if strings.HasSuffix(name, "…") {
			name, repeated = strings.TrimSuffix(name, "…"), true
		}
		if i >= required && (i <= j || repeated) {
			all = append(all, name)
		}
		if !optional {
			required++
		}
	}
	return all
}

// operandWords returns what may stand for an operand of a synopsis, nil for one
// that it does not know.
func operandWords(ctx context.Context, operand string, f *flags, args []string, current string) []word {
	switch operand {
	case "SOURCE", "OLD", "NEW":
		return sourceWords(current)
	case "RULE":
		var all []word
		for _, r := range append(drift.Rules(), check.Rules()...) {
			all = append(all, word{r.ID, r.Title})
		}
		slices.SortFunc(all, func(a, b word) int { return strings.Compare(a.text, b.text) })
		return all
	case "VERB":
		return verbWords()
	case "SHELL":
		var all []word
		for _, s := range completionShells {
			all = append(all, word{text: s})
		}
		return all
	case "PACKAGE":
		return []word{{"./...", "every package below"}, directoriesOfShell}
	case "OBJECT":
		all := []word{filesOfShell}
		for _, p := range programs.All() {
			all = append(all, word{"program:" + p.Name(), "reference program"})
		}
		return all
	case "TYPE":
		return recordWords(ctx, f, args)
	}
	return nil
}

// sourceWords returns kinds of sources, the names of those that are built in, and
// files.
func sourceWords(current string) []word {
	if kind, operand, ok := strings.Cut(current, ":"); ok && kind != "embedded" && operand != "kernel" {
		all := pathWords(kind+":", operand)
		if kind == "btf" {
			all = append(all, word{"btf:kernel", "the running kernel"})
		}
		return all
	}
	all := []word{filesOfShell}
	for _, name := range source.Embedded() {
		all = append(all, word{"embedded:" + name, source.Describe(name)})
	}
	if strings.HasPrefix(current, "embedded:") {
		return all
	}
	for _, k := range source.Kinds() {
		if k.Prefix == "embedded" {
			continue
		}
		all = append(all, word{k.Prefix + ":", k.Doc})
	}
	return all
}

// pathWords returns the entries of a directory that go on where partial ends, behind
// a prefix: shells complete no file in the middle of a word.
func pathWords(prefix, partial string) []word {
	dir, base := filepath.Split(partial)
	entries, err := os.ReadDir(filepath.Clean("./" + dir))
	if filepath.IsAbs(dir) {
		entries, err = os.ReadDir(dir)
	}
	if err != nil {
		return nil
	}
	var all []word
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, base) || strings.HasPrefix(name, ".") && !strings.HasPrefix(base, ".") {
			continue
		}
		if st, err := os.Stat(filepath.Join(dir, name)); err == nil && st.IsDir() {
			name += "/"
		}
		all = append(all, word{text: prefix + dir + name})
	}
	return all
}

// recordWords returns the records of the source before them, or of the contract.
func recordWords(ctx context.Context, f *flags, args []string) []word {
	spec := "embedded:" + source.DefaultRevision
	if len(args) > 0 {
		spec = args[0]
	}
	a, err := source.Open(ctx, spec, f.source)
	if err != nil {
		return nil
	}
	var all []word
	for _, r := range a.Records {
		all = append(all, word{r.Name, fmt.Sprintf("%s of %d bytes", r.Kind, r.Size)})
	}
	return all
}
