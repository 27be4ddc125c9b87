// SPDX-License-Identifier: MIT

package look_test

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/internal/look"
	"github.com/fuseiomap/abigen/internal/look/looktest"
)

func page(body, script string) []byte {
	var b bytes.Buffer
	look.Begin(&b, "t", "t", script)
	b.WriteString(body)
	look.End(&b, script)
	return b.Bytes()
}

// TestFaultsOfAPageAreFound gives the checks that other packages rely on a page
// for each thing that they look for.
func TestFaultsOfAPageAreFound(t *testing.T) {
	if f := looktest.Faults(page(`<h2 id="a">x</h2><p><a href="#a">x</a></p>`, "let a = 1 && 2;")); len(f) > 0 {
		t.Errorf("a page without faults: %q", f)
	}
	for body, want := range map[string]string{
		`<p>x`:                                     "</main> within",
		`<p id="a"></p><p id="a"></p>`:             "there 2 times",
		`<a href="#b">x</a>`:                       "nothing has",
		`<a href="x.html">x</a>`:                   "leads out",
		`<p style="a:url(//b)">x</p>`:              "an address",
		`<div src="x"></div>`:                      "has src",
		`<section aria-labelledby="b"/>`:           "nothing has",
		`<h3>x</h3>`:                               "<h3> behind <h1>",
		`<script>1</script>`:                       "does not allow",
		`<div role="img"></div>`:                   "no name",
		`<div role="region" aria-label="x"></div>`: "by keyboard",
		`<div role="region" tabindex="0" aria-label="x"/><div role="region" tabindex="0" aria-label="x"/>`: "2 regions",
		`<table><tr><td>1</td><td>2</td></tr><tr><td colspan="3">1</td></tr></table>`:                      "3 columns in a table of 2",
		`<table><tr><td>1</td><td>2</td></tr><tr><td><table><tr><td>3</td></tr></table></td></tr></table>`: "1 columns in a table of 2",
	} {
		if f := strings.Join(looktest.Faults(page(body, "")), "\n"); !strings.Contains(f, want) {
			t.Errorf("%s: %q, want %q", body, f, want)
		}
	}
}

func TestStandaloneDrawingsHaveNoVariables(t *testing.T) {
	if s := look.DrawingStyle(); strings.Contains(s, "var(") || !strings.Contains(s, "prefers-color-scheme:dark") {
		t.Errorf("the style is\n%s", s)
	}
	if strings.Contains(look.Style(), "SPDX") || strings.Contains(look.DrawingStyle(), "SPDX") {
		t.Error("the licence of a source file is in what is made of it")
	}
}

// TestTextHasContrast computes the contrast of WCAG 2 between each colour of
// text and what it stands on: 4.5 is the least.
func TestTextHasContrast(t *testing.T) {
	style := look.Style()
	colours := func(of string) map[string]string {
		m := map[string]string{}
		for _, x := range regexp.MustCompile(`--([a-z-]+):(#[0-9a-f]{6})`).FindAllStringSubmatch(of, -1) {
			m[x[1]] = x[2]
		}
		return m
	}
	light, rest, _ := strings.Cut(style, "@media")
	dark, _, _ := strings.Cut(rest, "\n")
	for scheme, m := range map[string]map[string]string{"light": colours(light), "dark": colours(dark)} {
		if len(m) < 20 {
			t.Fatalf("%s: %d colours", scheme, len(m))
		}
		on := map[string][]string{
			"fg":    {"bg", "card", "cell", "bad-tint", "warn-tint", "good-tint", "info-tint", "odd-tint", "mapped", "unwritten", "hole", "delalloc", "inline", "cached"},
			"muted": {"bg", "card", "cell"},
			"bad":   {"bg", "card", "bad-tint"}, "warn": {"bg", "card", "warn-tint"}, "good": {"bg", "card", "good-tint"},
			"info": {"bg", "card", "info-tint"}, "odd": {"bg", "card", "odd-tint"},
		}
		for text, grounds := range on {
			for _, ground := range grounds {
				if c := contrast(t, m[text], m[ground]); c < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.2f", scheme, text, ground, c)
				}
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	luminance := func(c string) float64 {
		sum := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, err := strconv.ParseUint(c[1+2*i:3+2*i], 16, 8)
			if err != nil {
				t.Fatalf("colour %q: %v", c, err)
			}
			v := float64(n) / 255
			if v <= 0.04045 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			sum += weight * v
		}
		return sum
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestRowsHaveEveryByteOnce(t *testing.T) {
	cells := []look.Cell{{From: 0, To: 3}, {From: 3, To: 12}, {From: 12, To: 150}, {From: 150, To: 151}, {From: 151, To: 200}}
	var at, skipped int64
	lines := 0
	for _, r := range look.Rows(cells) {
		at += r.Skipped * look.PerRow
		skipped += r.Skipped
		if at != r.Offset {
			t.Errorf("row %d begins at byte %d", at, r.Offset)
		}
		if n, ok := r.Line(); ok {
			lines++
			if n != r.Offset/look.CacheLine {
				t.Errorf("byte %d is in cache line %d", r.Offset, n)
			}
		}
		for _, p := range r.Pieces {
			if p.At != at-r.Offset || p.Width < 1 || p.Begins != (p.From == at) || p.Ends != (p.To == at+p.Width) {
				t.Errorf("at byte %d there is %+v", at, p)
			}
			at += p.Width
		}
	}
	// The cache lines at 64 and 128 are seen as one where rows are left out.
	if at != 200 || skipped == 0 || lines != 2 {
		t.Errorf("%d bytes, %d rows left out, %d cache lines", at, skipped, lines)
	}
}

func TestACacheLineIsSeenThoughItsFirstRowIsLeftOut(t *testing.T) {
	for _, first := range []int64{48, 40, 32, 24} {
		lines := 0
		for _, r := range look.Rows([]look.Cell{{From: 0, To: first}, {From: first, To: 120}}) {
			if _, ok := r.Line(); ok {
				lines++
			}
		}
		if lines != 1 {
			t.Errorf("behind byte %d there are %d cache lines, want 1", first, lines)
		}
	}
}

func TestLabelsAreShortWhereThereIsLittleRoom(t *testing.T) {
	c := look.Cell{Label: "outer.name", Short: "name"}
	if c.Fitting(10) != "outer.name" || c.Fitting(9) != "name" {
		t.Errorf("in 10: %s, in 9: %s", c.Fitting(10), c.Fitting(9))
	}
	if c.Short = ""; c.Fitting(3) != "outer.name" {
		t.Errorf("in 3: %s", c.Fitting(3))
	}
}

func TestCellsSayWhatTheyAre(t *testing.T) {
	var b bytes.Buffer
	cells := []look.Cell{{From: 0, To: 8, Label: "<a>", Detail: "u64", Mark: "moved"}, {From: 8, To: 9, Unused: true, Label: "hole"}}
	look.Bytes(&b, "head", "name", cells)
	look.Key(&b, cells)
	for _, want := range []string{`title="u64 &lt;a&gt;, bytes 0 to 7, moved"`, `title="hole, byte 8"`, `<li class="k-moved">moved</li>`, "nothing is there"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
	if strings.Contains(b.String(), "<a>") {
		t.Error("a name is not escaped")
	}
	if f := looktest.Faults(page(b.String(), "")); len(f) > 0 {
		t.Errorf("%q", f)
	}
}

func TestMembersOfTwoRecordsAreNamedOnce(t *testing.T) {
	var b bytes.Buffer
	m := func(name string, gap bool) *look.Member {
		return &look.Member{Offset: "0", Size: "4", Type: "int", Name: name, Gap: gap}
	}
	look.Beside(&b, "c", "old", "new", []look.Line{
		{Old: m("same", false), New: m("same", false)}, {Mark: "changed", Old: m("was", false), New: m("is", false)},
		{Mark: "added", New: m("more", false)}, {Mark: "removed", Old: m("(hole)", true)}, {Left: 1}, {Left: 7}})
	for _, want := range []string{`<th scope="row">same</th>`, `<th scope="row">was → is</th>`, `<tr class="added"><th scope="row">more</th>`,
		`<tr class="removed gap"><th scope="row">(hole)</th>`, "1 line is the same", "7 lines are the same"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
	if f := looktest.Faults(page(b.String(), "")); len(f) > 0 {
		t.Errorf("%q", f)
	}
}

func ExampleClip() {
	fmt.Println(look.Clip("abigen", 4), look.Count(1, "byte"), look.Count(2, "byte"))
	// Output: abi… 1 byte 2 bytes
}
