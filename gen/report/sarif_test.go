// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

// sarifOf is a report as SARIF, read back.
func sarifOf(t *testing.T, r *check.Report) map[string]any {
	t.Helper()
	var b bytes.Buffer
	if err := writeSARIF(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	var log map[string]any
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	return log
}

// at follows a path of members and indices into JSON.
func at(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.(map[string]any)[p]
		case int:
			v = v.([]any)[p]
		}
	}
	return v
}

func TestSARIFIsAsTheStandardWantsIt(t *testing.T) {
	for name, r := range map[string]*check.Report{"table": table(), "pair": pair(), "matrix": matrix(), "nothing": {}} {
		log := sarifOf(t, r)
		for _, p := range sarifProblems(log) {
			t.Errorf("%s: %s", name, p)
		}
		// What is promised besides.
		if s := at(log, "$schema"); s != "https://json.schemastore.org/sarif-2.1.0.json" {
			t.Errorf("%s: $schema is %v", name, s)
		}
		run := at(log, "runs", 0)
		if n := len(at(run, "invocations", 0, "toolExecutionNotifications").([]any)); n != r.Summary().Unchecked {
			t.Errorf("%s: %d notifications, want one for each thing not checked: %d", name, n, r.Summary().Unchecked)
		}
		for i, rule := range at(run, "tool", "driver", "rules").([]any) {
			for _, m := range []string{"shortDescription", "fullDescription", "help", "defaultConfiguration"} {
				if at(rule, m) == nil {
					t.Errorf("%s: rule %d has no %s", name, i, m)
				}
			}
		}
		prints := map[any]bool{}
		for i, res := range at(run, "results").([]any) {
			mark, _ := at(res, "partialFingerprints", "abigen/v1").(string)
			if prints[mark] || !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(mark) {
				t.Errorf("%s: result %d: fingerprint %q is none or another one's", name, i, mark)
			}
			prints[mark] = true
			if l := at(res, "locations").([]any); len(l) != 1 || at(l[0], "logicalLocations", 0, "fullyQualifiedName") == nil {
				t.Errorf("%s: result %d is at %v", name, i, l)
			}
			for _, m := range []string{"ruleId", "ruleIndex", "level"} {
				if at(res, m) == nil {
					t.Errorf("%s: result %d has no %s", name, i, m)
				}
			}
		}
	}
}

// Each change makes a log that the check must not accept.
func TestSARIFCheckSeesEachFault(t *testing.T) {
	const result, rule, location = "results", "rules", "locations"
	object := func(v any, path ...any) map[string]any { return at(v, path...).(map[string]any) }
	run := func(log any) map[string]any { return object(log, "runs", 0) }
	driver := func(log any) map[string]any { return object(log, "runs", 0, "tool", "driver") }
	res := func(log any) map[string]any { return object(log, "runs", 0, result, 0) }
	place := func(log any) map[string]any {
		return object(log, "runs", 0, result, 0, location, 0, "physicalLocation")
	}
	for name, change := range map[string]func(log map[string]any){
		"version":                    func(l map[string]any) { l["version"] = "2.0.0" },
		"no version":                 func(l map[string]any) { delete(l, "version") },
		"$schema is relative":        func(l map[string]any) { l["$schema"] = "sarif-2.1.0.json" },
		"no runs":                    func(l map[string]any) { delete(l, "runs") },
		"runs is an object":          func(l map[string]any) { l["runs"] = map[string]any{} },
		"unknown member of the log":  func(l map[string]any) { l["date"] = "today" },
		"no tool":                    func(l map[string]any) { delete(run(l), "tool") },
		"no driver":                  func(l map[string]any) { delete(object(l, "runs", 0, "tool"), "driver") },
		"no name":                    func(l map[string]any) { delete(driver(l), "name") },
		"empty name":                 func(l map[string]any) { driver(l)["name"] = " " },
		"informationUri is relative": func(l map[string]any) { driver(l)["informationUri"] = "abigen" },
		"columnKind":                 func(l map[string]any) { run(l)["columnKind"] = "bytes" },
		"rule without id":            func(l map[string]any) { delete(object(driver(l), rule, 0), "id") },
		"rule twice":                 func(l map[string]any) { object(driver(l), rule, 1)["id"] = at(driver(l), rule, 0, "id") },
		"level of a rule": func(l map[string]any) {
			object(driver(l), rule, 0, "defaultConfiguration")["level"] = "breaking"
		},
		"description is a string":  func(l map[string]any) { object(driver(l), rule, 0)["shortDescription"] = "short" },
		"description without text": func(l map[string]any) { delete(object(driver(l), rule, 0, "shortDescription"), "text") },
		"helpUri is relative":      func(l map[string]any) { object(driver(l), rule, 0)["helpUri"] = "docs/rules.md" },
		"helpUri has a space":      func(l map[string]any) { object(driver(l), rule, 0)["helpUri"] = "https://a.example/a b" },
		"executionSuccessful": func(l map[string]any) {
			delete(object(run(l), "invocations", 0), "executionSuccessful")
		},
		"notification without message": func(l map[string]any) {
			delete(object(run(l), "invocations", 0, "toolExecutionNotifications", 0), "message")
		},
		"no message":              func(l map[string]any) { delete(res(l), "message") },
		"empty message":           func(l map[string]any) { object(res(l), "message")["text"] = "" },
		"message in Markdown":     func(l map[string]any) { res(l)["message"] = map[string]any{"markdown": "*a*"} },
		"level":                   func(l map[string]any) { res(l)["level"] = "info" },
		"no rule":                 func(l map[string]any) { delete(res(l), "ruleId") },
		"ruleIndex of another":    func(l map[string]any) { res(l)["ruleIndex"] = at(l, "runs", 0, result, 0, "ruleIndex").(float64) + 1 },
		"ruleIndex past the end":  func(l map[string]any) { res(l)["ruleIndex"] = 99.0 },
		"ruleIndex is a fraction": func(l map[string]any) { res(l)["ruleIndex"] = 0.5 },
		"ruleIndex below -1":      func(l map[string]any) { res(l)["ruleIndex"] = -2.0 },
		"kind":                    func(l map[string]any) { res(l)["kind"] = "bad" },
		"level of what is none":   func(l map[string]any) { res(l)["kind"] = "pass" },
		"fingerprint is a number": func(l map[string]any) { res(l)["partialFingerprints"] = map[string]any{"a": 1.0} },
		"unknown member":          func(l map[string]any) { res(l)["severity"] = "high" },
		"no artifactLocation":     func(l map[string]any) { delete(place(l), "artifactLocation") },
		"uri with a backslash":    func(l map[string]any) { object(place(l), "artifactLocation")["uri"] = `a\b.h` },
		"uri with a space":        func(l map[string]any) { object(place(l), "artifactLocation")["uri"] = "a b.h" },
		"uri from the root":       func(l map[string]any) { object(place(l), "artifactLocation")["uri"] = "/a.h" },
		"uri of a drive":          func(l map[string]any) { object(place(l), "artifactLocation")["uri"] = "C:/a.h" },
		"no uri":                  func(l map[string]any) { delete(object(place(l), "artifactLocation"), "uri") },
		"line 0":                  func(l map[string]any) { object(place(l), "region")["startLine"] = 0.0 },
		"column 0":                func(l map[string]any) { object(place(l), "region")["startColumn"] = 0.0 },
		"column without line":     func(l map[string]any) { delete(object(place(l), "region"), "startLine") },
		"line is text":            func(l map[string]any) { object(place(l), "region")["startLine"] = "12" },
		"ends before it starts":   func(l map[string]any) { object(place(l), "region")["endLine"] = 1.0 },
		"logical location twice": func(l map[string]any) {
			loc := object(res(l), location, 0)
			loc["logicalLocations"] = append(loc["logicalLocations"].([]any), loc["logicalLocations"].([]any)[0])
		},
		"related location twice": func(l map[string]any) {
			o := map[string]any{"id": 1.0, "message": map[string]any{"text": "other"}}
			res(l)["relatedLocations"] = append(at(res(l), "relatedLocations").([]any), o)
		},
		"suppression of no kind": func(l map[string]any) { res(l)["suppressions"] = []any{map[string]any{"justification": "x"}} },
		"suppression of a kind":  func(l map[string]any) { res(l)["suppressions"] = []any{map[string]any{"kind": "config"}} },
	} {
		log := sarifOf(t, table())
		change(log)
		if problems := sarifProblems(log); len(problems) == 0 {
			t.Errorf("%s: accepted", name)
		}
	}
}

// The anchors are those of the headings in docs/rules.md, which it has for every
// rule.
func TestHelpOfEveryRuleIsInTheDocuments(t *testing.T) {
	doc, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	anchors := map[string]bool{}
	for line := range strings.Lines(string(doc)) {
		if heading, ok := strings.CutPrefix(strings.TrimSpace(line), "## "); ok {
			// As GitHub makes them: letters, digits, hyphens and spaces are kept.
			anchors[strings.ReplaceAll(regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(heading), ""), " ", "-")] = true
		}
	}
	rules := append(drift.Rules(), check.Rules()...)
	for _, r := range rules {
		_, anchor, ok := strings.Cut(helpURI(r.ID), "docs/rules.md#")
		if !ok || !anchors[anchor] {
			t.Errorf("%s: docs/rules.md has no heading for %s", r.ID, helpURI(r.ID))
		}
	}
	if len(rules) < 30 || helpURI("of.another.version") != "" {
		t.Errorf("%d rules, and help on an unknown one: %q", len(rules), helpURI("of.another.version"))
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
	for path, want := range map[string]string{"a b/c#.h": "a%20b/c%23.h", "/abs/x.h": "file:///abs/x.h", "./x.h": "x.h", "../x.h": "../x.h", "a:b.h": "./a:b.h", `a\b.h`: "a%5Cb.h"} {
		if got := uri(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
