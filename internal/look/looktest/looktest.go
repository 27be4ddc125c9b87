// SPDX-License-Identifier: MIT

// Package looktest checks what can be checked of a page without a browser; that
// is done by internal/pages.
package looktest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Faults returns what is wrong with a page: elements that are not closed, an ID
// that is there twice, a link or label that leads nowhere, anything that is
// asked for from elsewhere, a script that the page's policy forbids, a region or
// drawing without a name or with one that another has, a level of headings left
// out, rows of a table that differ in their number of columns.
func Faults(page []byte) []string {
	c := checker{ids: map[string]int{}, regions: map[string]int{}}
	d := xml.NewDecoder(bytes.NewReader(page))
	d.Strict = false
	d.Entity = xml.HTMLEntity
	for {
		// What is not closed shall not be closed for us.
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			c.faultf("%v", err)
			break
		}
		switch t := t.(type) {
		case xml.StartElement:
			c.start(t)
		case xml.EndElement:
			c.end(t.Name.Local)
		case xml.CharData:
			c.text.Write(t)
		}
	}
	c.finish(page)
	return c.faults
}

// table counts columns: those of its first row, and of the row that is read.
type table struct{ columns, row int }

type checker struct {
	faults  []string
	open    []string
	ids     map[string]int
	regions map[string]int
	refs    []string
	policy  string
	scripts int
	heading int
	tables  []*table
	text    strings.Builder
	seen    struct{ lang, title, viewport, main bool }
}

func (c *checker) faultf(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

func (c *checker) start(e xml.StartElement) {
	name := e.Name.Local
	a := map[string]string{}
	for _, x := range e.Attr {
		a[x.Name.Local] = x.Value
		if strings.Contains(x.Value, "//") && x.Name.Local != "xmlns" && x.Name.Local != "title" && x.Name.Local != "aria-label" {
			c.faultf("<%s %s=%q> has an address", name, x.Name.Local, x.Value)
		}
	}
	for _, bad := range []string{"src", "srcset", "data", "action", "onclick"} {
		if _, ok := a[bad]; ok {
			c.faultf("<%s> has %s", name, bad)
		}
	}
	if id := a["id"]; id != "" {
		c.ids[id]++
	}
	if href, ok := a["href"]; ok {
		if !strings.HasPrefix(href, "#") {
			c.faultf("<%s href=%q> leads out of the page", name, href)
		}
		c.refs = append(c.refs, strings.TrimPrefix(href, "#"))
	}
	if by := a["aria-labelledby"]; by != "" {
		c.refs = append(c.refs, by)
	}
	switch a["role"] {
	case "region":
		c.regions[a["aria-label"]]++
		if a["tabindex"] != "0" {
			c.faultf("the region %q cannot be reached by keyboard", a["aria-label"])
		}
	case "img":
		if a["aria-label"] == "" {
			c.faultf("a drawing has no name")
		}
	}
	c.element(name, a)
	if name != "meta" {
		c.open = append(c.open, name)
	}
	c.text.Reset()
}

// element looks at what only some elements have.
func (c *checker) element(name string, a map[string]string) {
	switch name {
	case "html":
		c.seen.lang = a["lang"] != ""
	case "main":
		c.seen.main = true
	case "meta":
		c.seen.viewport = c.seen.viewport || a["name"] == "viewport"
		if a["http-equiv"] == "Content-Security-Policy" {
			c.policy = a["content"]
		}
	case "h1", "h2", "h3", "h4":
		level, _ := strconv.Atoi(name[1:])
		if level > c.heading+1 {
			c.faultf("<%s> behind <h%d>", name, c.heading)
		}
		c.heading = level
	case "table":
		c.tables = append(c.tables, &table{})
	case "td", "th":
		t := c.tables[len(c.tables)-1]
		n, err := strconv.Atoi(a["colspan"])
		if err != nil {
			n = 1
		}
		t.row += n
	}
}

func (c *checker) end(name string) {
	if name == "meta" {
		return
	}
	if n := len(c.open); n == 0 || c.open[n-1] != name {
		c.faultf("</%s> within %v", name, c.open)
	} else {
		c.open = c.open[:n-1]
	}
	switch name {
	case "title":
		c.seen.title = c.seen.title || c.text.Len() > 0
	case "tr":
		t := c.tables[len(c.tables)-1]
		if t.columns == 0 {
			t.columns = t.row
		}
		if t.row != t.columns {
			c.faultf("a row of %d columns in a table of %d", t.row, t.columns)
		}
		t.row = 0
	case "table":
		c.tables = c.tables[:len(c.tables)-1]
	case "script":
		c.scripts++
	}
}

func (c *checker) finish(page []byte) {
	for id, n := range c.ids {
		if n > 1 {
			c.faultf("the ID %q is there %d times", id, n)
		}
	}
	for _, r := range c.refs {
		if c.ids[r] == 0 {
			c.faultf("nothing has the ID %q", r)
		}
	}
	for name, n := range c.regions {
		if n > 1 || name == "" {
			c.faultf("%d regions are called %q", n, name)
		}
	}
	if !strings.HasPrefix(c.policy, "default-src 'none'") {
		c.faultf("the policy is %q", c.policy)
	}
	if c.scripts > 0 {
		_, rest, _ := strings.Cut(string(page), "<script>")
		script, _, _ := strings.Cut(rest, "</script>")
		sum := sha256.Sum256([]byte(script))
		if c.scripts > 1 || !strings.Contains(c.policy, base64.StdEncoding.EncodeToString(sum[:])) {
			c.faultf("the policy does not allow its %d scripts", c.scripts)
		}
	}
	if c.seen != (struct{ lang, title, viewport, main bool }{true, true, true, true}) {
		c.faultf("it lacks one of a language, a title, a viewport and main: %+v", c.seen)
	}
	if len(c.open) > 0 {
		c.faultf("not closed: %v", c.open)
	}
}
