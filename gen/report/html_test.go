// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/internal/look/looktest"
)

func htmlOf(t *testing.T, r *check.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := writeHTML(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	for _, f := range looktest.Faults(b.Bytes()) {
		t.Errorf("%s", f)
	}
	return b.String()
}

func TestPagesHaveNoFaults(t *testing.T) {
	for name, r := range map[string]*check.Report{"table": table(), "matrix": matrix(), "pair": pair(), "nothing": {Comparisons: []check.Comparison{{Source: "b", Old: "a", New: "b"}}}} {
		t.Run(name, func(t *testing.T) {
			page := htmlOf(t, r)
			if hasScript := strings.Contains(page, "<script>"); hasScript != (r.Matrix != nil) {
				t.Errorf("it has a script: %v", hasScript)
			}
		})
	}
}

// TestEachCellOfAMatrixLeadsToWhatItCounts follows every link of the table: the
// part it leads to names the source, the revision, and as many findings.
func TestEachCellOfAMatrixLeadsToWhatItCounts(t *testing.T) {
	m := matrix()
	page := htmlOf(t, m)
	sections := map[string]string{}
	for _, s := range regexp.MustCompile(`(?s)<section class="open" id="([^"]*)".*?</section>`).FindAllStringSubmatch(page, -1) {
		sections[s[1]] = s[0]
	}
	_, body, _ := strings.Cut(page, "<tbody>")
	rows := strings.Split(body, "<tr>")[1:]
	links := 0
	for i, r := range m.Matrix.Rows {
		cells := regexp.MustCompile(`(?s)<td.*?</td>`).FindAllString(rows[i], -1)
		for j, c := range r.Cells {
			href := regexp.MustCompile(`href="#([^"]*)"`).FindStringSubmatch(cells[j])
			if c.Detail == nil {
				if href != nil {
					t.Errorf("%s, %d: there is nothing to see, but a link to %s", r.Source, j, href[1])
				}
				continue
			}
			links++
			if href == nil {
				t.Fatalf("%s, %d: no link in %s", r.Source, j, cells[j])
			}
			s := sections[href[1]]
			for _, want := range []string{r.Source, columnText(m.Matrix.Columns[j])} {
				if !strings.Contains(s, want) {
					t.Errorf("%s, %d leads to a part without %q:\n%s", r.Source, j, want, s)
				}
			}
			for severity, n := range map[drift.Severity]int{drift.Breaking: c.Breaking, drift.Risk: c.Risk, drift.Info: c.Info} {
				if got := strings.Count(s, fmt.Sprintf("<div class=\"finding %s\">", severity)); got != n {
					t.Errorf("%s, %d: %d findings are %s, the cell counts %d", r.Source, j, got, severity, n)
				}
			}
			if len(c.Detail.Layouts) > 0 && strings.Count(s, `<figure class="bytes">`) != 2 {
				t.Errorf("%s, %d: not both layouts", r.Source, j)
			}
		}
	}
	// Two sources that found the same share a part.
	if links != 5 || len(sections) != 3 {
		t.Errorf("%d links to %d parts, want 5 to 3", links, len(sections))
	}
}

func TestLayoutsOfLargeRecordsAreTablesAlone(t *testing.T) {
	r := pair()
	r.Comparisons[0].Layouts[0].NewSize = maxDrawn + 1
	if page := htmlOf(t, r); strings.Contains(page, `<figure class="bytes">`) || !strings.Contains(page, "Members of struct io") {
		t.Error("the bytes of a large record are drawn, or its members are not there")
	}
}

func TestBytesOfALayoutDoNotOverlap(t *testing.T) {
	rows := []drift.Row{
		{Old: cell("b", "u32", 32, 3)}, {Old: cell("c", "u32", 35, 9)}, {Old: cell("", "padding", 44, 20)},
		{Old: cell("u", "u64", 64, 64)}, {Old: cell("v", "u32", 64, 32)}, {Mark: drift.Changed, Old: cell("a", "u32", 0, 32)},
	}
	got := layoutBytes(&check.Layout{Layout: drift.Layout{Rows: rows}}, func(r *drift.Row) *drift.Cell { return r.Old })
	var text []string
	for _, c := range got {
		text = append(text, fmt.Sprintf("%d-%d %s %v %s", c.From, c.To, c.Label, c.Unused, c.Mark))
	}
	want := "0-4 a false changed\n4-8 b:3 c:9 false \n8-16 u | v false "
	if s := strings.Join(text, "\n"); s != want {
		t.Errorf("cells are\n%s\nwant\n%s", s, want)
	}
}
