// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"testing"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

// obj is a JSON object under test: what the standard requires of it is asked
// for with must.
type obj struct {
	t    *testing.T
	path string
	m    map[string]any
}

func (o obj) must(name string) any {
	o.t.Helper()
	v, ok := o.m[name]
	if !ok {
		o.t.Fatalf("%s has no %s", o.path, name)
	}
	return v
}

func (o obj) text(name string) string {
	o.t.Helper()
	s, ok := o.must(name).(string)
	if !ok || s == "" {
		o.t.Errorf("%s.%s is no text: %v", o.path, name, o.m[name])
	}
	return s
}

func (o obj) object(name string) obj {
	o.t.Helper()
	m, ok := o.must(name).(map[string]any)
	if !ok {
		o.t.Fatalf("%s.%s is no object", o.path, name)
	}
	return obj{o.t, o.path + "." + name, m}
}

func (o obj) list(name string) []obj {
	o.t.Helper()
	l, ok := o.must(name).([]any)
	if !ok {
		o.t.Fatalf("%s.%s is no array", o.path, name)
	}
	var out []obj
	for i, x := range l {
		m, ok := x.(map[string]any)
		if !ok {
			o.t.Fatalf("%s.%s[%d] is no object", o.path, name, i)
		}
		out = append(out, obj{o.t, fmt.Sprintf("%s.%s[%d]", o.path, name, i), m})
	}
	return out
}

// only fails for members the standard does not know: its objects are closed.
func (o obj) only(names ...string) {
	o.t.Helper()
	for k := range o.m {
		if !slices.Contains(names, k) {
			o.t.Errorf("%s has %s, which is none of %v", o.path, k, names)
		}
	}
}

var levels = []string{"none", "note", "warning", "error"}

// TestSARIFHasWhatTheStandardRequires checks the log against sections 3.13 to
// 3.58 of SARIF 2.1.0 as far as abigen writes them.
func TestSARIFHasWhatTheStandardRequires(t *testing.T) {
	for _, r := range []*check.Report{table(), pair(), matrix(), {}} {
		var b bytes.Buffer
		if err := writeSARIF(&b, r, Options{}); err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(b.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		log := obj{t, "log", m}
		log.only("$schema", "version", "runs")
		if v := log.text("version"); v != "2.1.0" {
			t.Errorf("version %s", v)
		}
		runs := log.list("runs")
		if len(runs) != 1 {
			t.Fatalf("%d runs", len(runs))
		}
		run := runs[0]
		run.only("tool", "invocations", "results", "properties")
		driver := run.object("tool").object("driver")
		driver.only("name", "informationUri", "rules")
		driver.text("name")
		rules := driver.list("rules")
		ids := map[string]int{}
		for i, rule := range rules {
			rule.only("id", "shortDescription", "fullDescription", "help", "defaultConfiguration")
			id := rule.text("id")
			if _, twice := ids[id]; twice {
				t.Errorf("rule %s is listed twice", id)
			}
			ids[id] = i
			for _, d := range []string{"shortDescription", "fullDescription", "help"} {
				rule.object(d).text("text")
			}
			if l := rule.object("defaultConfiguration").text("level"); !slices.Contains(levels, l) {
				t.Errorf("%s: level %q", id, l)
			}
		}
		for _, inv := range run.list("invocations") {
			inv.only("executionSuccessful", "toolExecutionNotifications")
			if _, ok := inv.must("executionSuccessful").(bool); !ok {
				t.Error("executionSuccessful is no bool")
			}
			notes := inv.list("toolExecutionNotifications")
			if len(notes) != r.Summary().Unchecked {
				t.Errorf("%d notifications, want one for each thing not checked: %d", len(notes), r.Summary().Unchecked)
			}
			for _, n := range notes {
				n.only("level", "message")
				n.object("message").text("text")
			}
		}
		prints := map[string]bool{}
		for _, res := range run.list("results") {
			res.only("ruleId", "ruleIndex", "level", "message", "locations", "relatedLocations", "partialFingerprints", "suppressions")
			if i, ok := res.must("ruleIndex").(float64); !ok || ids[res.text("ruleId")] != int(i) {
				t.Errorf("%s: ruleIndex is not that of %s", res.path, res.text("ruleId"))
			}
			if l := res.text("level"); !slices.Contains(levels, l) {
				t.Errorf("level %q", l)
			}
			res.object("message").text("text")
			mark := res.object("partialFingerprints").text("abigen/v1")
			if prints[mark] || !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(mark) {
				t.Errorf("fingerprint %s is no or another one's", mark)
			}
			prints[mark] = true
			locations := res.list("locations")
			if len(locations) != 1 {
				t.Errorf("%s has %d locations", res.path, len(locations))
			}
			for _, l := range locations {
				l.only("physicalLocation", "logicalLocations")
				for _, x := range l.list("logicalLocations") {
					x.text("fullyQualifiedName")
				}
				if _, ok := l.m["physicalLocation"]; !ok {
					continue
				}
				ph := l.object("physicalLocation")
				ph.only("artifactLocation", "region")
				if _, err := url.Parse(ph.object("artifactLocation").text("uri")); err != nil {
					t.Error(err)
				}
				if _, ok := ph.m["region"]; ok {
					if line, ok := ph.object("region").must("startLine").(float64); !ok || line < 1 {
						t.Errorf("startLine %v", line)
					}
				}
			}
			if _, ok := res.m["suppressions"]; ok {
				for _, s := range res.list("suppressions") {
					if k := s.text("kind"); k != "external" && k != "inSource" {
						t.Errorf("suppression of kind %q", k)
					}
				}
			}
		}
	}
}

func TestPlacesAreFilesThatExist(t *testing.T) {
	at, was := model.Pos{File: "new.h", Line: 2, Col: 1}, model.Pos{File: "old.h", Line: 1, Col: 1}
	for _, c := range []struct {
		why      string
		old, new string
		pos, opo model.Pos
		want     string
	}{
		{"the new declaration", "header:old.h", "header:new.h", at, was, "new.h:2:1"},
		{"the old one where the new is built in", "header:old.h", "embedded:R2", at, was, "old.h:1:1"},
		{"the old one where the new has none", "header:old.h", "btf:kernel", was, was, "old.h:1:1"},
		{"the file where nothing has a position", "elf:prog.o", "btf:kernel", model.Pos{}, model.Pos{}, "prog.o"},
		{"the snapshot in place of what it remembers", "snapshot:abi.lock#header:x.h", "embedded:R2", at, was, "abi.lock"},
		{"nothing where both are built in", "embedded:R1", "embedded:R2", at, was, ""},
		{"the header of a revision", "header:h.h -D REV=3", "embedded:btf-R3", model.Pos{}, model.Pos{}, "h.h"},
	} {
		g := &group{Finding: check.Finding{Finding: drift.Finding{Pos: c.pos, OldPos: c.opo}}, seen: []*check.Comparison{{Source: c.new, Old: c.old, New: c.new}}}
		if got := g.place().String(); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
	for path, want := range map[string]string{"a b/c#.h": "a%20b/c%23.h", "/abs/x.h": "file:///abs/x.h", "./x.h": "x.h"} {
		if got := uri(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
