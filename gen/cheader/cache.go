// SPDX-License-Identifier: MIT

package cheader

import (
	"io/fs"
	"os"
	"strings"
	"sync"
)

// Cache keeps files that were read, cut into tokens, for programs that read
// many headers or one for many targets: most of a kernel header is what it
// includes, and the same few hundred files are included everywhere. What is
// read with a cache is what is read without.
//
// A file that has changed, by its size or its time of modification, is read
// again. The zero value is an empty cache. It is safe for concurrent use and
// holds no more than 64 MB, after which it begins anew.
type Cache struct {
	mu    sync.Mutex
	files map[string]cachedFile
	size  int
}

// maxCached is how much a [Cache] holds, in bytes.
const maxCached = 64 << 20

type cachedFile struct {
	info fs.FileInfo
	lex  *lexed
}

// read returns a file cut into tokens, and nil without an error where there is
// none. A nil cache keeps nothing.
func (c *Cache) read(path string) (*lexed, *Error) {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() {
		return nil, nil
	}
	if c != nil {
		c.mu.Lock()
		f, ok := c.files[path]
		c.mu.Unlock()
		if ok && os.SameFile(f.info, info) && f.info.Size() == info.Size() && f.info.ModTime().Equal(info.ModTime()) {
			return f.lex, nil
		}
	}
	text, e := readFile(path)
	if e != nil {
		return nil, e
	}
	x := lex(strings.TrimPrefix(text, byteOrderMark), maxLexemes)
	if c == nil || info.Size() != int64(len(text)) {
		return x, nil // it changes while it is read
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.files[path]; ok {
		c.size -= old.lex.size()
	}
	if c.files == nil || c.size+x.size() > maxCached {
		c.files, c.size = map[string]cachedFile{}, 0
	}
	if x.size() <= maxCached {
		c.files[path] = cachedFile{info, x}
		c.size += x.size()
	}
	return x, nil
}
