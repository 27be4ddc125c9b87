// SPDX-License-Identifier: MIT

package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// Kind is what a declaration declares.
type Kind string

// The kinds of [Declaration].
const (
	Struct     Kind = "struct"
	Union      Kind = "union"
	Enum       Kind = "enum"
	Enumerator Kind = "enumerator"
	Typedef    Kind = "typedef"
	Function   Kind = "function"
	Variable   Kind = "variable"
	Macro      Kind = "macro"
)

// Declaration is something that a header declares, as clang sees it.
type Declaration struct {
	Kind Kind
	// Name is the name; of a record or enum without a tag that of the typedef
	// that gives it one, if any.
	Name string
	// Members are the names by which the members of a record can be reached,
	// those of anonymous members included.
	Members []string
}

// Declarations returns what headers of a tree declare themselves, by header:
// the macros that are defined at the end of a header and were defined in it,
// and the records and enums with a complete definition, enumerators, typedefs,
// functions and variables that stand in it. pre tells that headers are to be
// read behind those that many expect (see [Result]). dir is a directory for
// temporary files.
func Declarations(c *Clang, t *Tree, headers []string, pre bool, dir string) (map[string][]Declaration, error) {
	before := ""
	if pre {
		before = prelude
	}
	files := make([]string, len(headers))
	for i, h := range headers {
		files[i] = filepath.Join(dir, fmt.Sprintf("d%d.c", i))
		if err := os.WriteFile(files[i], []byte(front(t, h, before)+"\n"), 0o600); err != nil {
			return nil, err
		}
	}
	out := map[string][]Declaration{}
	trees, msgs, err := c.run(t.Target.Name, t.Dirs, []string{"-fsyntax-only", "-ast-dump=json"}, files...)
	if err != nil {
		return nil, err
	}
	for f, cs := range complaints(msgs, files) {
		return nil, fmt.Errorf("%s: clang: %s", f, cs[0].text)
	}
	dec := json.NewDecoder(bytes.NewReader(trees))
	for _, h := range headers {
		r := treeReader{path: filepath.Join(t.Root, filepath.FromSlash(h)), records: map[string]*Declaration{}}
		var root node
		if err := dec.Decode(&root); err != nil {
			return nil, fmt.Errorf("%s: clang's syntax tree: %w", h, err)
		}
		r.walk(&root, false)
		out[h] = r.list()
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("clang's syntax tree: more of them than files")
	}
	text, _, err := c.run(t.Target.Name, t.Dirs, []string{"-E", "-dD"}, files...)
	if err != nil {
		return nil, err
	}
	macros := map[string][]string{}
	for i, h := range headers {
		macros[files[i]] = []string{filepath.Join(t.Root, filepath.FromSlash(h))}
	}
	defined := definedIn(string(text), macros)
	for i, h := range headers {
		for _, name := range defined[files[i]] {
			out[h] = append(out[h], Declaration{Kind: Macro, Name: name})
		}
	}
	return out, nil
}

// definedIn reads preprocessed files, one behind the other, and returns by file
// the macros that are defined at its end and whose last definition stands in
// one of the headers named for it.
func definedIn(text string, headers map[string][]string) map[string][]string {
	out := map[string][]string{}
	var main, current string
	var order []string
	live := map[string]bool{}
	flush := func() {
		for _, name := range order {
			if live[name] {
				out[main] = append(out[main], name)
				live[name] = false
			}
		}
		order, live = nil, map[string]bool{}
	}
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "# "):
			_, rest, _ := strings.Cut(line[2:], " ")
			q, err := strconv.QuotedPrefix(rest)
			if err != nil {
				continue
			}
			current, _ = strconv.Unquote(q)
			if _, ok := headers[current]; ok && current != main {
				flush()
				main = current
			}
		case strings.HasPrefix(line, "#define "):
			name := line[len("#define "):]
			if i := strings.IndexFunc(name, func(r rune) bool { return r == ' ' || r == '(' || r == '\n' }); i >= 0 {
				name = name[:i]
			}
			live[name] = slices.Contains(headers[main], current)
			order = append(order, name)
		case strings.HasPrefix(line, "#undef "):
			live[strings.TrimSpace(line[len("#undef "):])] = false
		}
	}
	flush()
	return out
}

// node is what is read of a node of clang's syntax tree.
type node struct {
	ID         string   `json:"id"`
	Kind       string   `json:"kind"`
	Loc        location `json:"loc"`
	Range      struct{ Begin, End location }
	Implicit   bool   `json:"isImplicit"`
	Name       string `json:"name"`
	Tag        string `json:"tagUsed"`
	Complete   bool   `json:"completeDefinition"`
	OwnedTag   *node  `json:"ownedTagDecl"`
	IsBitfield bool   `json:"isBitfield"`
	Inner      []node `json:"inner"`
}

// location is a place, which names its file only where that differs from the
// place printed before.
type location struct {
	File      string    `json:"file"`
	Spelling  *location `json:"spellingLoc"`
	Expansion *location `json:"expansionLoc"`
}

// treeReader collects the declarations of one header.
type treeReader struct {
	path    string
	current string // the file of the last place printed
	found   []*Declaration
	records map[string]*Declaration // without a name so far, by node
}

// at follows a place and returns its file: where a macro made it, the one of
// the use.
func (r *treeReader) at(l *location) string {
	if l.Spelling != nil {
		r.at(l.Spelling)
	}
	if l.Expansion != nil {
		return r.at(l.Expansion)
	}
	if l.File != "" {
		r.current = l.File
	}
	return r.current
}

// walk visits a node. In a function only the places count.
func (r *treeReader) walk(n *node, local bool) {
	file := r.at(&n.Loc)
	r.at(&n.Range.Begin)
	r.at(&n.Range.End)
	if !n.Implicit && !local && file == r.path {
		r.declaration(n)
	}
	local = local || n.Kind == "FunctionDecl"
	for i := range n.Inner {
		r.walk(&n.Inner[i], local)
	}
}

func (r *treeReader) add(k Kind, n *node) *Declaration {
	d := &Declaration{Kind: k, Name: n.Name}
	r.found = append(r.found, d)
	return d
}

func (r *treeReader) declaration(n *node) {
	switch n.Kind {
	case "RecordDecl":
		if !n.Complete {
			return
		}
		d := r.add(Kind(n.Tag), n)
		for i := range n.Inner {
			if k := n.Inner[i].Kind; (k == "FieldDecl" || k == "IndirectFieldDecl") && n.Inner[i].Name != "" {
				d.Members = append(d.Members, n.Inner[i].Name)
			}
		}
		r.records[n.ID] = d
	case "EnumDecl":
		if slices.ContainsFunc(n.Inner, func(m node) bool { return m.Kind == "EnumConstantDecl" }) {
			r.records[n.ID] = r.add(Enum, n)
		}
	case "EnumConstantDecl":
		r.add(Enumerator, n)
	case "TypedefDecl":
		for i := range n.Inner {
			if tag := n.Inner[i].OwnedTag; tag != nil && tag.Name == "" {
				if d := r.records[tag.ID]; d != nil && d.Name == "" {
					d.Name = n.Name
					return
				}
			}
		}
		r.add(Typedef, n)
	case "FunctionDecl":
		r.add(Function, n)
	case "VarDecl":
		r.add(Variable, n)
	}
}

// list returns the declarations, each once. A record or enum that nothing
// names is part of another declaration.
func (r *treeReader) list() []Declaration {
	var out []Declaration
	seen := map[string]bool{}
	for _, d := range r.found {
		key := string(d.Kind) + " " + d.Name
		if d.Name == "" || seen[key] {
			continue
		}
		seen[key] = true
		out = append(out, *d)
	}
	return out
}

// Lost returns the declarations of a header that are neither in a model of it
// nor in its list of what was skipped. path is the header's, for its include
// guard, which is in neither.
func Lost(abi *model.ABI, ds []Declaration, path string) []string {
	skipped := map[string]bool{}
	for _, s := range abi.Skipped {
		skipped[s.Name] = true
	}
	typedefs := map[string]bool{}
	enumerators := map[string]bool{}
	for _, r := range abi.Records {
		typedefs[r.Name] = typedefs[r.Name] || r.Typedef
	}
	for _, e := range abi.Enums {
		typedefs[e.Name] = typedefs[e.Name] || e.Typedef
		for i := range e.Values {
			enumerators[e.Values[i].Name] = true
		}
	}
	guard := guardOf(path)
	var lost []string
	for _, d := range ds {
		there := skipped[d.Name]
		switch d.Kind {
		case Struct, Union:
			r := abi.Record(d.Name)
			there = there || r != nil && string(r.Kind) == string(d.Kind)
			if r == nil {
				break
			}
			have := map[string]bool{}
			reachable(r, have)
			for _, m := range d.Members {
				if !have[m] {
					lost = append(lost, fmt.Sprintf("member %s.%s", d.Name, m))
				}
			}
		case Enum:
			there = there || abi.Enum(d.Name) != nil
		case Enumerator:
			there = there || enumerators[d.Name]
		case Typedef:
			there = there || typedefs[d.Name]
		case Function:
			there = there || abi.Prototype(d.Name) != nil
		case Macro:
			there = there || abi.Constant(d.Name) != nil || d.Name == guard
		}
		if !there {
			lost = append(lost, string(d.Kind)+" "+d.Name)
		}
	}
	return lost
}

// reachable collects the names by which members can be reached.
func reachable(r *model.Record, names map[string]bool) {
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.Name != "" {
			names[f.Name] = true
		} else if f.Record != nil {
			reachable(f.Record, names)
		}
	}
}

// guardOf returns the macro that a header's first directive asks about, as an
// include guard does.
func guardOf(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(data)) {
		words := strings.Fields(strings.NewReplacer("#", " # ", "(", " ", ")", " ", "!", " ").Replace(line))
		if len(words) == 0 || words[0] != "#" {
			continue
		}
		switch {
		case len(words) > 2 && words[1] == "ifndef":
			return words[2]
		case len(words) > 3 && words[1] == "if" && words[2] == "defined":
			return words[3]
		}
		return ""
	}
	return ""
}
