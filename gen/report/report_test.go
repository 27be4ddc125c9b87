// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/look"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

func finding(sev drift.Severity, rule, subject string, targets ...string) check.Finding {
	return check.Finding{
		Finding: drift.Finding{
			Rule: rule, Severity: sev, Subject: subject, Message: "the loader, which writes by name, would | 100% fail",
			Old: "u64 at byte 16", New: "u32 at byte 8",
			Pos:    model.Pos{File: "dir,x/new.h", Line: 12, Col: 3},
			OldPos: model.Pos{File: "old.h", Line: 7, Col: 1},
		},
		Targets: targets,
	}
}

func cell(name, typ string, at, size int64) *drift.Cell {
	return &drift.Cell{Name: name, Type: typ, BitOffset: at, BitSize: size, Bitfield: size%8 != 0}
}

func accepted() check.Suppression {
	return check.Suppression{Rule: "enum.added", Subject: "ret", Reason: "harmless | until <2>",
		Expires: check.Date{Time: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)}}
}

// matrix is a report on several sources and revisions.
func matrix() *check.Report {
	r := table()
	r.Matrix = &check.Matrix{Columns: []check.MatrixColumn{{Revision: "R1"}, {Revision: "R2", Target: "386"}, {Revision: "mine"}}, Rows: []check.MatrixRow{
		{Source: "prog.o", Target: "bpfel", Revision: "nearest R2", Differs: []string{"io.addr", "ops.begin#1", "io.pad", "io.x"},
			Cells: []check.MatrixCell{{Breaking: 1, Risk: 1, Info: 1, Detail: &r.Comparisons[1]}, {Breaking: 1, Unchecked: 2, Detail: &r.Comparisons[0]}, {Detail: &check.Comparison{Source: "prog.o", Old: "prog.o", New: "mine"}}}},
		{Source: "other.o", Target: "bpfel", Revision: "mine", Cells: []check.MatrixCell{{Absent: true}, {Breaking: 1, Unchecked: 2, Detail: &r.Comparisons[0]}, {Detail: &check.Comparison{Source: "other.o", Old: "other.o", New: "mine"}}}},
		{Source: "btf:kernel", Target: "amd64", Revision: "unknown", Cells: []check.MatrixCell{{Absent: true}, {Info: 2}, {Absent: true}}},
	}}
	return r
}

// table is a report with everything a report can have.
func table() *check.Report {
	moved := finding(drift.Breaking, "field.moved", "io.addr")
	moved.Consequences = []string{"io.type moved too", "io.dev moved too"}
	onSome := moved
	onSome.Targets = []string{"386", "arm"}
	risk := finding(drift.Risk, "callback.param", "ops.begin#1")
	risk.Pos = model.Pos{}
	moved.Record, onSome.Record = "io", "io"
	moved.Witness = &drift.Witness{Text: "write addr = 1 through the old layout: the new reads addr = 2", Bytes: strings.Repeat("a5", 14), FirstByte: 16,
		Read: &drift.Access{Member: "addr", Type: "u64", Value: "2", BitOffset: 18 * 8, BitSize: 8}}
	onSome.Witness = moved.Witness
	layout := check.Layout{Layout: drift.Layout{Record: "io", Old: "struct io", New: "struct io", OldSize: 40, NewSize: 32, Rows: []drift.Row{
		{Mark: drift.Same, Old: cell("first", "u64", 0, 64), New: cell("first", "u64", 0, 64)},
		{Mark: drift.Same, Old: cell("second", "u64", 64, 64), New: cell("second", "u64", 64, 64)},
		{Mark: drift.Same, Old: cell("third", "u32", 128, 32), New: cell("third", "u32", 128, 32)},
		{Mark: drift.Removed, Old: cell("", "padding", 160, 32)},
		{Mark: drift.Moved, Old: cell("addr", "u64", 192, 64), New: cell("addr", "u64", 160, 64)},
		{Mark: drift.Changed, Old: cell("bits", "u32", 256, 3), New: cell("bits", "u32", 224, 5)},
		{Mark: drift.Added, New: cell("cb", "u32 (*)(u32, u64)", 229, 3)},
	}}}
	unchecked := func(e model.Evidence, reason string, targets ...string) check.Unchecked {
		return check.Unchecked{Unchecked: drift.Unchecked{Evidence: e, Reason: reason, Subjects: []string{"A", "B"}}, Targets: targets}
	}
	return &check.Report{Headline: "contract: embedded:R2", Table: true, Comparisons: []check.Comparison{
		{Source: "go:./abi", Old: "embedded:R2", New: "go:./abi", What: "Go, 12 targets", Verdict: "differs: 1 finding", Failed: true,
			Findings:  []check.Finding{onSome},
			Layouts:   []check.Layout{layout},
			Unchecked: []check.Unchecked{unchecked(model.Alignment, "Go has its own", "arm"), unchecked(model.Prototypes, "Go has none")}},
		{Source: "prog.o", Old: "prog.o", New: "embedded:R2", What: "a compiled BPF object", Verdict: "R2, incompatible: io.addr", Revision: "R2",
			Findings:   []check.Finding{moved, risk, finding(drift.Info, "field.renamed", "io.pad")},
			Suppressed: []check.Suppressed{{Finding: finding(drift.Risk, "enum.added", "ret"), By: accepted()}},
			Known:      []check.Finding{finding(drift.Info, "field.renamed", "io.old")}},
		{Source: "embedded:kernel-R1", Old: "embedded:R2", New: "embedded:kernel-R1", What: "fixture", Verdict: "R1, incompatible: nodeid, as expected",
			Revision: "R1", Expected: []check.Finding{finding(drift.Breaking, "callback.param.type", "ops.begin#1")}},
		{Source: "btf:kernel", Old: "embedded:R2", New: "btf:kernel", What: "Linux 6.1", Verdict: "has no struct ops", Absent: true,
			Unchecked: []check.Unchecked{unchecked(model.Records, "has no struct ops")}},
	}}
}

// pair is a report on two sources, as diff makes it.
func pair() *check.Report {
	r := table()
	c := r.Comparisons[0]
	c.Source, c.New = "b.h", "b.h"
	return &check.Report{Comparisons: []check.Comparison{c}}
}

func TestFormatsPrintWhatIsPinned(t *testing.T) {
	const path = "testdata/formats.txtar"
	got := &txtar.Archive{Comment: []byte("# SPDX-License-Identifier: MIT\n# What each format prints; go test -update rewrites it.\n\n")}
	for _, r := range []struct {
		name string
		*check.Report
	}{{"table", table()}, {"matrix", matrix()}, {"pair", pair()}, {"nothing", &check.Report{Comparisons: []check.Comparison{{Source: "b", Old: "a", New: "b"}}}}} {
		for _, f := range Formats() {
			var b bytes.Buffer
			if err := f.Write(&b, r.Report, Options{}); err != nil {
				t.Fatal(err)
			}
			text := b.Bytes()
			if f.Name == "html" {
				// The style and the script are pinned where they are.
				text = bytes.Replace(text, []byte(look.Style()), []byte("…"), 1)
				text = bytes.Replace(text, []byte(matrixScript()), []byte("…"), 1)
			}
			got.Files = append(got.Files, txtar.File{Name: r.name + "." + f.Name, Data: text})
		}
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatalf("%v: run go test -update", err)
	}
	if diff := cmp.Diff(want, got, cmp.Transformer("text", func(b []byte) []string { return strings.Split(string(b), "\n") })); diff != "" {
		t.Errorf("pinned (-) and printed (+) differ:\n%s", diff)
	}
}

func TestTextWithColoursHasTheSameWords(t *testing.T) {
	var plain, colored bytes.Buffer
	if err := writeText(&plain, table(), Options{}); err != nil {
		t.Fatal(err)
	}
	if err := writeText(&colored, table(), Options{Color: true}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plain.String(), "\x1b") {
		t.Error("plain text has escape sequences")
	}
	if !strings.Contains(colored.String(), "\x1b[31mbreaking\x1b[0m") {
		t.Error("breaking is not red")
	}
	if got := regexp.MustCompile(`\x1b\[\d*m`).ReplaceAllString(colored.String(), ""); got != plain.String() {
		t.Errorf("without the colours the text is\n%s\nwant\n%s", got, &plain)
	}
}

func TestVerboseTextGivesTheReasonsBehindATable(t *testing.T) {
	var b bytes.Buffer
	if err := writeText(&b, table(), Options{Verbose: true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"not checked in go:./abi: alignment of A, B on arm: Go has its own\n",
		"not checked in btf:kernel: records of A, B: has no struct ops\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no line %q in\n%s", want, &b)
		}
	}
}

func TestEveryFormatEndsInWhatWasNotChecked(t *testing.T) {
	for _, f := range Formats() {
		var b bytes.Buffer
		if err := f.Write(&b, table(), Options{}); err != nil {
			t.Fatal(err)
		}
		want := "3 not checked"
		if f.Name == "json" || f.Name == "sarif" {
			want = `"not_checked": 3`
		}
		// Behind it there is nothing but what closes the format.
		tail := regexp.MustCompile(`(</?[a-z-]+>|[*\n\]} "])*$`).ReplaceAllString(b.String(), "")
		if !strings.HasSuffix(tail, want) {
			t.Errorf("%s ends in %q, want %q", f.Name, tail[max(0, len(tail)-40):], want)
		}
	}
}

func TestJSONHasTheMembersThatProgramsRelyOn(t *testing.T) {
	var b bytes.Buffer
	if err := writeJSON(&b, table(), Options{}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema   int
		Findings []struct {
			Rule, Severity, Subject, Message, Old, New, Pos string
			OldSource                                       string `json:"old_source"`
			Targets                                         []string
		}
		Unchecked []struct{ Evidence, Reason string }
		Summary   map[string]int
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Schema != 1 || len(got.Findings) != 4 || len(got.Unchecked) != 3 {
		t.Fatalf("schema %d, %d findings, %d unchecked; want 1, 4, 3", got.Schema, len(got.Findings), len(got.Unchecked))
	}
	f := got.Findings[0]
	if f.Rule != "field.moved" || f.Severity != "breaking" || f.Subject != "io.addr" || f.Pos != "dir,x/new.h:12:3" ||
		f.Old != "u64 at byte 16" || f.New != "u32 at byte 8" || f.Message == "" || f.OldSource != "embedded:R2" || len(f.Targets) != 2 {
		t.Errorf("first finding is %+v", f)
	}
	for k, want := range map[string]int{"findings": 4, "breaking": 2, "risk": 1, "info": 1, "expected": 1, "not_checked": 3, "comparisons": 4} {
		if got.Summary[k] != want {
			t.Errorf("summary.%s = %d, want %d", k, got.Summary[k], want)
		}
	}
}

// TestGitHubAnnotationsCanBeParsedBack reads the annotations by the documented
// grammar: ::command name=value,name=value::message, with escapes.
func TestGitHubAnnotationsCanBeParsedBack(t *testing.T) {
	var b bytes.Buffer
	if err := writeGitHub(&b, table(), Options{}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d annotations, want one per finding, equal ones together, and the summary:\n%s", len(lines), &b)
	}
	m := regexp.MustCompile(`^::(\w+) ([^:]*)::(.*)$`).FindStringSubmatch(lines[0])
	if m == nil {
		t.Fatalf("not a workflow command: %s", lines[0])
	}
	unescape := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")
	props := map[string]string{}
	for _, p := range strings.Split(m[2], ",") {
		k, v, _ := strings.Cut(p, "=")
		props[k] = unescape.Replace(v)
	}
	if m[1] != "error" || props["file"] != "dir,x/new.h" || props["line"] != "12" || props["col"] != "3" || props["title"] != "field.moved io.addr" {
		t.Errorf("command %s with %v", m[1], props)
	}
	if msg := unescape.Replace(m[3]); !strings.Contains(msg, "100% fail\nold: u64 at byte 16  old.h:7:1\n") {
		t.Errorf("message is %q", msg)
	}
}

func TestMarkdownTablesKeepTheirColumns(t *testing.T) {
	var b bytes.Buffer
	if err := writeMarkdown(&b, table(), Options{}); err != nil {
		t.Fatal(err)
	}
	bars := 0
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "|") {
			bars = 0
			continue
		}
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if bars != 0 && n != bars {
			t.Errorf("a row with %d bars in a table with %d: %s", n, bars, line)
		}
		bars = n
	}
}

func TestFormatByNameListsTheFormats(t *testing.T) {
	if f, err := FormatByName("json"); err != nil || f.Name != "json" {
		t.Errorf("json: %v, %v", f.Name, err)
	}
	_, err := FormatByName("yaml")
	if err == nil || !strings.Contains(err.Error(), "text, json, sarif, github, gitlab, junit, markdown, html") {
		t.Errorf("yaml: %v", err)
	}
}
