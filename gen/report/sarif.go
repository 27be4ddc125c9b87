// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

// The s types are the part of SARIF 2.1.0 that is written; the names are the
// standard's. Section numbers are those of its text by OASIS.

type sLog struct { // 3.13
	Schema  string `json:"$schema"`
	Version string `json:"version"`
	Runs    []sRun `json:"runs"`
}

type sRun struct { // 3.14
	Tool        sTool         `json:"tool"`
	Invocations []sInvocation `json:"invocations"`
	Results     []sResult     `json:"results"`
	Properties  sProperties   `json:"properties"`
}

type sProperties struct {
	Summary check.Summary `json:"summary"`
}

type sTool struct {
	Driver sDriver `json:"driver"`
}

type sDriver struct { // 3.19
	Name           string  `json:"name"`
	InformationURI string  `json:"informationUri"`
	Rules          []sRule `json:"rules"`
}

type sRule struct { // 3.49
	ID               string   `json:"id"`
	ShortDescription sText    `json:"shortDescription"`
	FullDescription  sText    `json:"fullDescription"`
	Help             sText    `json:"help"`
	HelpURI          string   `json:"helpUri,omitempty"`
	Configuration    sDefault `json:"defaultConfiguration"`
}

type sDefault struct {
	Level string `json:"level"`
}

type sText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sInvocation struct { // 3.20
	Successful    bool            `json:"executionSuccessful"`
	Notifications []sNotification `json:"toolExecutionNotifications"`
}

type sNotification struct { // 3.58
	Level   string `json:"level"`
	Message sText  `json:"message"`
}

type sResult struct { // 3.27
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Level        string            `json:"level"`
	Message      sText             `json:"message"`
	Locations    []sLocation       `json:"locations"`
	Related      []sLocation       `json:"relatedLocations,omitempty"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Suppressions []sSuppression    `json:"suppressions,omitempty"`
}

type sSuppression struct { // 3.35
	Kind          string `json:"kind"`
	Justification string `json:"justification,omitempty"`
}

type sLocation struct { // 3.28
	ID       int        `json:"id,omitempty"`
	Message  *sText     `json:"message,omitempty"`
	Physical *sPhysical `json:"physicalLocation,omitempty"`
	Logical  []sLogical `json:"logicalLocations,omitempty"`
}

type sPhysical struct { // 3.29
	Artifact sArtifact `json:"artifactLocation"`
	Region   *sRegion  `json:"region,omitempty"`
}

type sArtifact struct {
	URI string `json:"uri"`
}

type sRegion struct { // 3.30
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
}

type sLogical struct { // 3.33
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

// writeSARIF prints one run with one result for each finding: its rule with
// what explain says, its level, where it is, and a fingerprint that stays the
// same while the finding does. What was not checked is in the invocation's
// notifications; a suppressed finding is a result with its suppression.
func writeSARIF(w io.Writer, r *check.Report, _ Options) error {
	run := sRun{
		Tool:        sTool{sDriver{Name: "abigen", InformationURI: home, Rules: []sRule{}}},
		Invocations: []sInvocation{{Successful: true, Notifications: []sNotification{}}},
		Results:     []sResult{}, Properties: sProperties{r.Summary()},
	}
	gs := groups(r)
	quiet := suppressed(r)
	index := map[string]int{}
	for _, rule := range usedRules(append(slices.Clone(gs), quiet...)) {
		index[rule.ID] = len(run.Tool.Driver.Rules)
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sRule{
			ID: rule.ID, ShortDescription: sText{Text: rule.Title}, FullDescription: sText{Text: rule.Doc},
			Help:          sText{Text: helpText(rule), Markdown: helpMarkdown(rule)},
			HelpURI:       helpURI(rule.ID),
			Configuration: sDefault{sarifLevel(rule.Worst())},
		})
	}
	for _, g := range gs {
		run.Results = append(run.Results, sarifResult(g, index))
	}
	for _, g := range quiet {
		res := sarifResult(g, index)
		res.Suppressions = []sSuppression{{Kind: "external", Justification: g.justification}}
		run.Results = append(run.Results, res)
	}
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		for _, u := range c.Unchecked {
			run.Invocations[0].Notifications = append(run.Invocations[0].Notifications,
				sNotification{"note", sText{Text: "not checked in " + c.Source + ": " + u.String()}})
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	log := sLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sRun{run}}
	if err := enc.Encode(log); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// home is where the project is.
const home = "https://github.com/fuseiomap/abigen"

// helpURI is where a rule is explained, at the heading that docs/rules.md has for
// it; empty for one of another version.
func helpURI(rule string) string {
	known := append(drift.Rules(), check.Rules()...)
	if !slices.ContainsFunc(known, func(r drift.Rule) bool { return r.ID == rule }) {
		return ""
	}
	return home + "/blob/main/docs/rules.md#" + strings.ReplaceAll(rule, ".", "")
}

func sarifResult(g *group, index map[string]int) sResult {
	text := g.Message + "\nold: " + g.Old + "\nnew: " + g.New + "\nin: " + g.where()
	for _, c := range g.Consequences {
		text += "\n- " + c
	}
	if g.Witness != nil {
		text += "\nwitness: " + g.Witness.Text
	}
	loc := sLocation{Logical: []sLogical{{g.Subject, "member"}}}
	loc.Physical = physical(g.place())
	res := sResult{
		RuleID: g.Rule, RuleIndex: index[g.Rule], Level: sarifLevel(g.Severity), Message: sText{Text: text},
		Locations: []sLocation{loc}, Fingerprints: map[string]string{"abigen/v1": g.fingerprint()},
	}
	if p := physical(g.otherPlace()); p != nil {
		res.Related = []sLocation{{ID: 1, Message: &sText{Text: "old: " + g.Old}, Physical: p}}
	}
	return res
}

func physical(p model.Pos) *sPhysical {
	if !p.IsValid() {
		return nil
	}
	ph := &sPhysical{Artifact: sArtifact{uri(p.File)}}
	if p.Line > 0 {
		ph.Region = &sRegion{p.Line, p.Col}
	}
	return ph
}

// fingerprint identifies a finding from one run to the next: it holds no
// position, which other edits change.
func (g *group) fingerprint() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{g.Rule, g.Subject, g.Old, g.New}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

func sarifLevel(s drift.Severity) string {
	switch s {
	case drift.Breaking:
		return "error"
	case drift.Risk:
		return "warning"
	}
	return "note"
}

// usedRules returns the rules of the groups, sorted by ID. One that nobody
// describes, as another version's may be, still has its name.
func usedRules(gs []*group) []drift.Rule {
	known := map[string]drift.Rule{}
	for _, r := range append(drift.Rules(), check.Rules()...) {
		known[r.ID] = r
	}
	var out []drift.Rule
	for _, g := range gs {
		if slices.ContainsFunc(out, func(r drift.Rule) bool { return r.ID == g.Rule }) {
			continue
		}
		rule, ok := known[g.Rule]
		if !ok {
			rule = drift.Rule{ID: g.Rule, Title: g.Rule, Doc: g.Rule, Severity: map[drift.Profile]drift.Severity{drift.Overlay: g.Severity}}
		}
		out = append(out, rule)
	}
	slices.SortFunc(out, func(a, b drift.Rule) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func helpText(r drift.Rule) string {
	text := r.Doc
	if r.Fix != "" {
		text += "\n\nWhat to do: " + r.Fix
	}
	return text
}

func helpMarkdown(r drift.Rule) string {
	var b strings.Builder
	b.WriteString(r.Doc)
	if r.Before+r.After != "" {
		b.WriteString("\n\nBefore:\n\n```c\n" + strings.Trim(r.Before, "\n") + "\n```\n\nAfter:\n\n```c\n" + strings.Trim(r.After, "\n") + "\n```")
	}
	if r.Fix != "" {
		b.WriteString("\n\n**What to do:** " + r.Fix)
	}
	return b.String()
}
