// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// edit is one change of the header.
type edit struct {
	what string
	// with is what each piece of the header, there once, becomes.
	with []string // old, new, old, new, …
	// harmless edits leave the interface as it is.
	harmless bool
}

var edits = []edit{
	{what: "a callback's parameter gets another type", with: []string{"(*iomap_begin)(struct fuse_inode *fi,", "(*iomap_begin)(uint64_t nodeid,"}},
	{what: "two callback parameters of one type swap places", with: []string{
		"(*iomap_begin)(struct fuse_inode *fi, uint64_t pos,\n\t\t\t\t\t       uint64_t count,",
		"(*iomap_begin)(struct fuse_inode *fi, uint64_t count,\n\t\t\t\t\t       uint64_t pos,"}},
	{what: "two members of one type swap places", with: []string{"uint16_t type;", "uint16_t flags;", "uint16_t flags;", "uint16_t type;"}},
	{what: "a member becomes wider", with: []string{"uint32_t pad;", "uint64_t pad;"}},
	{what: "a member changes its sign", with: []string{"\tint32_t error;", "\tuint32_t error;"}},
	{what: "an enumerator has another value", with: []string{"FIB_HANDLED = 1,", "FIB_HANDLED = 2,"}},
	{what: "a macro has another value", with: []string{"FUSE_IOMAP_IOEND_SWAPOFF\t(1U << 6)", "FUSE_IOMAP_IOEND_SWAPOFF\t(1U << 7)"}},
	{what: "a macro has another C type", with: []string{"FUSE_IOMAP_NULL_ADDR\t\t(-1ULL)", "FUSE_IOMAP_NULL_ADDR\t\t(-1LL)"}},
	{what: "an integer is spelled in another way", harmless: true, with: []string{"uint64_t newsize;", "unsigned long long newsize;"}},
	{what: "a parameter has another name", harmless: true, with: []string{"(*iomap_end)(struct fuse_inode *fi,", "(*iomap_end)(struct fuse_inode *inode,"}},
}

// apply makes the edit, and fails where the header is not what it was written
// for.
func (e edit) apply(header []byte) ([]byte, error) {
	for i := 0; i < len(e.with); i += 2 {
		if n := bytes.Count(header, []byte(e.with[i])); n != 1 {
			return nil, fmt.Errorf("%s: the header has %q %d times, want once", e.what, e.with[i], n)
		}
	}
	return []byte(strings.NewReplacer(e.with...).Replace(string(header))), nil
}

// Sayings are what each tool says of each edit.
type Sayings struct {
	Tools []string
	// Not says why there are none; "" is that there are.
	Not  string
	Said []Saying
}

// Saying is a row of it.
type Saying struct {
	What     string
	Harmless bool
	Seen     []bool // by tool
}

// word is what a document says of one tool.
func (s Saying) word(tool int) string {
	switch {
	case s.Seen[tool] && s.Harmless:
		return "alarm"
	case s.Seen[tool]:
		return "seen"
	case s.Harmless:
		return "quiet"
	}
	return "–"
}

const howSayings = "The same edits of headers/fuse_iomap_bpf.h, one at a time, before each tool; this table is made by running them. abigen and abidiff have said something where the exit status is not 0; bpftool and pahole only print, so there it is a difference between the two texts. Objects have DWARF by clang -g and BTF by pahole -J. BTF and DWARF have no macros, and no names for the parameters of a pointer to a function: abigen counts what an object cannot show as not checked."

// sayings runs every tool on every edit.
func (b *Bench) sayings() (*Sayings, error) {
	s := &Sayings{Tools: []string{"abigen, headers", "abigen, objects", "bpftool", "pahole", "abidiff"}}
	c, err := findCompiler()
	if err != nil {
		return nil, err
	}
	bpftool, err := tool("bpftool", "bpftool")
	if err != nil {
		return nil, err
	}
	abi, err := tool("abigail-tools", "abidiff")
	if err != nil {
		return nil, err
	}
	abigen, err := b.abigen()
	if err != nil {
		return nil, err
	}
	header, err := b.header()
	if err != nil {
		return nil, err
	}
	base := filepath.Join(b.Dir, "unedited")
	object, err := c.object(base, header)
	if err != nil {
		return nil, err
	}
	for i, e := range edits {
		text, err := e.apply(header)
		if err != nil {
			return nil, err
		}
		dir := filepath.Join(b.Dir, fmt.Sprintf("edit%d", i))
		edited, err := c.object(dir, text)
		if err != nil {
			return nil, err
		}
		said := Saying{What: e.what, Harmless: e.harmless}
		for _, t := range []func() (bool, error){
			func() (bool, error) {
				return fails(abigen, "diff", "header:"+filepath.Join(base, "fuse_iomap_bpf.h"), "header:"+filepath.Join(dir, "fuse_iomap_bpf.h"))
			},
			func() (bool, error) { return fails(abigen, "diff", "btf:"+object, "btf:"+edited) },
			func() (bool, error) { return differ(dumpBTF(bpftool, object), dumpBTF(bpftool, edited)) },
			func() (bool, error) { return differ(dumpDWARF(c.pahole, object), dumpDWARF(c.pahole, edited)) },
			func() (bool, error) { return fails(abi, object, edited) },
		} {
			seen, err := t()
			if err != nil {
				return nil, err
			}
			said.Seen = append(said.Seen, seen)
		}
		s.Said = append(s.Said, said)
	}
	return s, nil
}

// foundDrift are exit statuses: abigen's with findings, and abidiff's of a
// change (bit 2), also an incompatible one (bit 3). The others are failures.
var foundDrift = map[int]bool{0: false, 100: true, 4: true, 12: true}

func fails(argv ...string) (bool, error) {
	c, err := process{argv: argv, mayFail: true}.spend()
	if err != nil {
		return false, err
	}
	found, known := foundDrift[c.status]
	if !known {
		return false, fmt.Errorf("%s: exit status %d", strings.Join(argv, " "), c.status)
	}
	return found, nil
}

func differ(old, new process) (bool, error) {
	a, err := old.spend()
	if err != nil {
		return false, err
	}
	b, err := new.spend()
	return a.out != b.out, err
}

// header is the contract's.
func (b *Bench) header() ([]byte, error) {
	root, err := b.root()
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(root, "headers", "fuse_iomap_bpf.h"))
}
