// SPDX-License-Identifier: MIT

package picture

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/look/looktest"
)

var update = flag.Bool("update", false, "rewrite the expected drawings in testdata")

func parse(t *testing.T, name, text, target string) *Record {
	t.Helper()
	tg, err := model.TargetByName(target)
	if err != nil {
		t.Fatal(err)
	}
	a, err := cheader.Parse(name, []byte(text), cheader.Options{Target: tg})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Of(a, "t", Options{Expand: strings.HasPrefix(name, "expand")})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// drawings returns every drawing of the headers in an archive: one of a single
// record for each NAME.h, one of two for NAME.old.h with NAME.new.h.
func drawings(t *testing.T, ar *txtar.Archive) (one map[string]*Record, two map[string]*Two, order []string) {
	one, two = map[string]*Record{}, map[string]*Two{}
	var old *Record
	for _, f := range ar.Files {
		name, isHeader := strings.CutSuffix(f.Name, ".h")
		if !isHeader {
			continue
		}
		target := "bpfel"
		if strings.HasSuffix(name, ".be") {
			target = "bpfeb"
		}
		r := parse(t, f.Name, string(f.Data), target)
		switch base, isNew := strings.CutSuffix(name, ".new"); {
		case strings.HasSuffix(name, ".old"):
			old = r
		case isNew:
			two[base] = Pair(old, r)
			order = append(order, base)
		default:
			one[name] = r
			order = append(order, name)
		}
	}
	return one, two, order
}

func archive(t *testing.T) *txtar.Archive {
	t.Helper()
	ar, err := txtar.ParseFile("testdata/pictures.txtar")
	if err != nil {
		t.Fatal(err)
	}
	return ar
}

func TestTextIsWhatIsPinned(t *testing.T) {
	want := archive(t)
	one, two, order := drawings(t, want)
	got := &txtar.Archive{Comment: want.Comment}
	for _, f := range want.Files {
		if strings.HasSuffix(f.Name, ".h") {
			got.Files = append(got.Files, f)
		}
	}
	for _, n := range order {
		var text []byte
		if r := one[n]; r != nil {
			text = Text(r, false)
		} else {
			text = TextPair(two[n], false)
		}
		got.Files = append(got.Files, txtar.File{Name: n + ".txt", Data: text})
	}
	if *update {
		if err := os.WriteFile("testdata/pictures.txtar", txtar.Format(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(txtar.Format(want)), string(txtar.Format(got))); diff != "" {
		t.Errorf("pinned (-) and drawn (+) differ:\n%s", diff)
	}
}

// all returns every drawing in every format that has markup.
func all(t *testing.T) map[string][]byte {
	one, two, _ := drawings(t, archive(t))
	out := map[string][]byte{}
	for n, r := range one {
		out[n+".svg"], out[n+".html"] = SVG(r), HTML(r)
	}
	for n, p := range two {
		out[n+".svg"], out[n+".html"] = SVGPair(p), HTMLPair(p)
	}
	return out
}

func TestDrawingsAreWellFormedAndAskForNothing(t *testing.T) {
	for name, text := range all(t) {
		if strings.HasSuffix(name, ".svg") {
			d := xml.NewDecoder(bytes.NewReader(text))
			for {
				_, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%s: %v\n%s", name, err, text)
				}
			}
		}
		if strings.HasSuffix(name, ".html") {
			for _, f := range looktest.Faults(text) {
				t.Errorf("%s: %s", name, f)
			}
		}
		rest := strings.ReplaceAll(string(text), `xmlns="http://www.w3.org/2000/svg"`, "")
		for _, bad := range []string{"http:", "https:", "src=", "href=", "@import", "<script", "url(h", "url(/"} {
			if strings.Contains(strings.ReplaceAll(rest, "url(#hatch)", ""), bad) {
				t.Errorf("%s has %q", name, bad)
			}
		}
	}
}

func TestHostileNamesAreEscaped(t *testing.T) {
	r := &Record{Source: "header:<script>.h", Keyword: "struct", Name: "a\"&<u>", Size: 4,
		Spans: []Span{{Kind: Member, Name: "<s>\x01", Type: "T<'\">", Bits: 32}}}
	for _, text := range [][]byte{SVG(r), HTML(r), SVGPair(Pair(r, r)), HTMLPair(Pair(r, r))} {
		for _, bad := range []string{"<script", "<s>", "<u>", "\x01", `"a"`} {
			if bytes.Contains(text, []byte(bad)) {
				t.Errorf("%q is not escaped:\n%s", bad, text)
			}
		}
	}
}

func TestColouredTextHasTheSameWords(t *testing.T) {
	escape := regexp.MustCompile(`\x1b\[\d*m`)
	one, two, _ := drawings(t, archive(t))
	// What changed is neither what is gone nor what is new.
	hole, drift := Text(one["hole"], true), TextPair(two["drift"], true)
	if got := escape.ReplaceAllString(string(hole), ""); got != string(Text(one["hole"], false)) {
		t.Errorf("without its colours the text is another:\n%s", got)
	}
	if got := escape.ReplaceAllString(string(drift), ""); got != string(TextPair(two["drift"], false)) {
		t.Errorf("without its colours the text is another:\n%s", got)
	}
	for _, want := range []string{"\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[35m"} {
		if !bytes.Contains(drift, []byte(want)) {
			t.Errorf("the pair lacks %q:\n%s", want, drift)
		}
	}
	if !bytes.Contains(hole, []byte("\x1b[33m")) {
		t.Error("holes are not yellow")
	}
}

func TestCellsCoverEveryByteOnce(t *testing.T) {
	one, two, _ := drawings(t, archive(t))
	for _, p := range two {
		one[p.Old.Source], one[p.New.Source] = p.Old, p.New
	}
	for name, r := range one {
		at := int64(0)
		for _, c := range r.cells() {
			if c.From != at || c.To <= c.From {
				t.Errorf("%s: cell %q is bytes %d to %d, want from %d", name, c.Label, c.From, c.To, at)
			}
			at = c.To
		}
		if at != r.Size {
			t.Errorf("%s: cells end at byte %d of %d", name, at, r.Size)
		}
	}
}

func TestMembersThatChangedPlacesStandAloneAndAreMarkedMoved(t *testing.T) {
	_, two, _ := drawings(t, archive(t))
	marks := map[string]Mark{}
	for _, r := range two["drift"].Rows {
		switch {
		case r.Old == nil:
			marks["+"+r.New.Path] = r.mark()
		case r.New == nil:
			marks["-"+r.Old.Path] = r.mark()
		default:
			marks[r.Old.Path] = r.mark()
		}
	}
	want := map[string]Mark{"-a": Moved, "b": Moved, "+": Added, "+a2": Added, "+a": Moved, "c": Changed, "-gone": Removed, "-": Removed, "tail": Moved}
	if diff := cmp.Diff(want, marks); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
}
