// SPDX-License-Identifier: MIT

package model

import (
	"fmt"
	"strconv"
	"strings"
)

// Pos is a place in a source file. Line and Col start at 1; 0 means unknown.
//
// File is a stable name, not a path: the base name of the file the user named,
// or an included file as the #include directive spells it. [ABI.Locate] turns
// it into a path that can be opened.
type Pos struct {
	File string
	Line int
	Col  int
}

// IsValid reports whether p names at least a file.
func (p Pos) IsValid() bool { return p.File != "" }

// String returns file:line:col, without the parts that are unknown.
func (p Pos) String() string {
	switch {
	case p.File == "":
		return ""
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// MarshalText implements [encoding.TextMarshaler].
func (p Pos) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. A file name may hold
// colons; only trailing numbers are taken for line and column.
func (p *Pos) UnmarshalText(b []byte) error {
	*p = Pos{}
	s := string(b)
	cut := func() (int, bool) {
		i := strings.LastIndexByte(s, ':')
		if i < 1 {
			return 0, false
		}
		n, err := strconv.Atoi(s[i+1:])
		if err != nil || n < 1 {
			return 0, false
		}
		s = s[:i]
		return n, true
	}
	if n, ok := cut(); ok {
		p.Line = n
		if m, ok := cut(); ok {
			p.Line, p.Col = m, n
		}
	}
	p.File = s
	return nil
}

// Locate returns p with its file replaced by the path it was read from, where
// that is known.
func (a *ABI) Locate(p Pos) Pos {
	if path, ok := a.Paths[p.File]; ok {
		p.File = path
	}
	return p
}
