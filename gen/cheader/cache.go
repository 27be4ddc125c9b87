// SPDX-License-Identifier: MIT

package cheader

import (
	"cmp"
	"os"
	"strings"
	"sync"
)

// Cache keeps files that were read, cut into tokens, for programs that read
// many headers or one for many targets: most of a kernel header is what it
// includes, and the same few hundred files are included everywhere. What is
// read with a cache is what is read without.
//
// A cache looks at each file once, and once for each that is not there: it is
// made for one run of a program, whose results then all stem from the same
// files. Who waits for files to change begins a new one. The zero value is
// empty. It is safe for concurrent use and holds no more than 64 MB, after
// which it starts over.
type Cache struct {
	mu    sync.Mutex
	files map[string]*lexed // nil where there is no file
	size  int
	max   int // what it may hold where it is not maxCached
}

// maxCached is how much a [Cache] holds, in bytes.
const maxCached = 64 << 20

// read returns a file cut into tokens, and nil without an error where there is
// none. A nil cache keeps nothing.
func (c *Cache) read(path string) (*lexed, *Error) {
	if c == nil {
		return readLexed(path)
	}
	c.mu.Lock()
	x, ok := c.files[path]
	c.mu.Unlock()
	if ok {
		return x, nil
	}
	x, e := readLexed(path)
	if e != nil {
		return nil, e
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.files[path]; ok {
		return old, nil // another run was faster
	}
	limit := cmp.Or(c.max, maxCached)
	size := 100 + len(path)
	if x != nil {
		size += x.size()
	}
	if c.files == nil || c.size+size > limit {
		c.files, c.size = map[string]*lexed{}, 0
	}
	if size <= limit {
		c.files[path] = x
		c.size += size
	}
	return x, nil
}

func readLexed(path string) (*lexed, *Error) {
	if !isFile(path) {
		return nil, nil
	}
	text, e := readFile(path)
	if e != nil {
		return nil, e
	}
	return lex(strings.TrimPrefix(text, byteOrderMark), maxLexemes), nil
}

// isFile reports whether there is something to read at path.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}
