// SPDX-License-Identifier: MIT

package main

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// sample document: a row with everything, one that is lost, one that is missing.
func sampleDocument() Document {
	all := []Outcome{
		outcome(Row{ID: "generate/a", Title: "one target", Ours: "abigen", Peer: "cgo", Unit: "ms of CPU", How: "How a is measured.", Wanted: 8, Front: true},
			Samples{Ours: []float64{10, 11, 12}, Peer: []float64{90, 99, 120}, Notes: []string{"there is more to say"}, Bounds: []Bound{{"below 5 MB", false}}}),
		outcome(Row{ID: "generate/b", Title: "another", Ours: "abigen", Peer: "an empty file", Unit: "ms of CPU", How: "How a is measured."},
			Samples{Ours: []float64{10, 10}, Peer: []float64{5, 4}}),
		{Row: Row{ID: "codec/c", Title: "copy", Ours: "abi", Peer: "unsafe", Unit: "ns", How: "How c is measured.", Front: true}, Not: "not measured: no such thing: install it"},
	}
	return Document{
		Machine: []Fact{{"processor", "Some"}, {"kernel", "Linux 1.2"}}, Rounds: 3, Sections: sections(all),
		Sayings: &Sayings{Tools: []string{"abigen", "other"}, Said: []Saying{{"a member moves", false, []bool{true, false}}, {"a name changes", true, []bool{false, true}}}},
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}

func TestTextShowsEveryRow(t *testing.T) {
	var b strings.Builder
	writeText(&b, sampleDocument())
	golden(t, "sample.txt", b.String())
}

func TestMarkdownShowsEveryRow(t *testing.T) {
	var b strings.Builder
	writeMarkdown(&b, sampleDocument())
	golden(t, "sample.md", b.String())
}

func TestTheFrontPageHasItsRowsOnly(t *testing.T) {
	text := "before\n" + frontBegin + "old\n" + frontEnd + "after\n"
	got, err := withFront(text, sampleDocument())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got, "before\n"+frontBegin+"| row |") || !strings.HasSuffix(got, " |\n"+frontEnd+"after\n") || strings.Contains(got, "old") {
		t.Errorf("%s", got)
	}
	for id, want := range map[string]bool{"generate/a": true, "generate/b": false, "codec/c": true} {
		if strings.Contains(got, "`"+id+"`") != want {
			t.Errorf("%s is there: %v, want %v:\n%s", id, !want, want, got)
		}
	}
	if again, err := withFront(got, sampleDocument()); err != nil || again != got {
		t.Errorf("the second time: %v\n%s", err, again)
	}
	for _, text := range []string{"", frontEnd + frontBegin, frontBegin} {
		if _, err := withFront(text, sampleDocument()); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestRowsAreWhole(t *testing.T) {
	var titles, ids []string
	for _, s := range sectionTitles {
		titles = append(titles, s.id)
	}
	used := map[string]bool{}
	for _, r := range rows() {
		if slices.Contains(ids, r.ID) {
			t.Errorf("%s is there twice", r.ID)
		}
		ids = append(ids, r.ID)
		if !slices.Contains(titles, r.Section()) {
			t.Errorf("%s is in no section", r.ID)
		}
		used[r.Section()] = true
		for what, text := range map[string]string{"title": r.Title, "ours": r.Ours, "peer": r.Peer, "unit": r.Unit, "how": r.How} {
			if text == "" || strings.ContainsAny(text, "|\n") {
				t.Errorf("%s: %s is %q", r.ID, what, text)
			}
		}
		if r.Measure == nil {
			t.Errorf("%s measures nothing", r.ID)
		}
	}
	for _, s := range titles {
		if !used[s] {
			t.Errorf("section %s has no rows", s)
		}
	}
}

// published reads a document at the top of the repository.
func published(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(text), "\n")
}

func TestBenchmarksHaveEveryRowAndNoOther(t *testing.T) {
	lines := published(t, "BENCHMARKS.md")
	for _, r := range rows() {
		if !slices.ContainsFunc(lines, func(l string) bool {
			return strings.HasPrefix(l, rowHead(r)) && strings.Contains(l, " | "+r.Peer+": ")
		}) {
			t.Errorf("BENCHMARKS.md has no row %s: run make bench", rowHead(r))
		}
	}
	for _, l := range lines {
		if !strings.HasPrefix(l, "| `") {
			continue
		}
		if !slices.ContainsFunc(rows(), func(r Row) bool { return strings.HasPrefix(l, rowHead(r)) }) {
			t.Errorf("BENCHMARKS.md has a row that the program has not: %s: run make bench", l)
		}
	}
	for _, e := range edits {
		title := Saying{What: e.what, Harmless: e.harmless}.title()
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "| "+title+" |") }) {
			t.Errorf("BENCHMARKS.md says nothing of the edit %q: run make bench", title)
		}
	}
}

func TestFiguresOnTheFrontPageAreThoseOfBenchmarks(t *testing.T) {
	before, after, err := aroundFront(strings.Join(published(t, "README.md"), "\n"))
	if err != nil {
		t.Fatal(err)
	}
	readme := strings.Join(published(t, "README.md"), "\n")
	shown := strings.Split(strings.TrimSuffix(readme[len(before):len(readme)-len(after)], "\n"), "\n")
	if len(shown) < 2 || strings.Join(shown[:2], "\n")+"\n" != tableHead {
		t.Fatalf("README.md shows no table but\n%s", strings.Join(shown, "\n"))
	}
	lines := published(t, "BENCHMARKS.md")
	for _, l := range shown[2:] {
		if !slices.Contains(lines, l) {
			t.Errorf("README.md shows a row that BENCHMARKS.md has not: %s: run make bench", l)
		}
	}
	for _, r := range rows() {
		here := slices.ContainsFunc(shown, func(l string) bool { return strings.HasPrefix(l, rowHead(r)) })
		if here != r.Front {
			t.Errorf("README.md shows %s: %v, want %v: run make bench", r.ID, here, r.Front)
		}
	}
}
