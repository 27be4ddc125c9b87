// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

// The q types are the members of a Code Climate issue that GitLab reads.

type qIssue struct {
	Check       string    `json:"check_name"`
	Fingerprint string    `json:"fingerprint"`
	Severity    string    `json:"severity"`
	Location    qLocation `json:"location"`
	Description string    `json:"description"`
}

type qLocation struct {
	Path  string `json:"path"`
	Lines qLines `json:"lines"`
}

type qLines struct {
	Begin int `json:"begin"`
}

// configuration is where issues stand that have no file.
const configuration = "abigen.toml"

// writeGitLab prints a code quality report: a list with one issue for each
// finding. GitLab drops an issue without a path, so one that has no file stands
// at the configuration, which says what is compared. Of issues with the same
// fingerprint it shows one, so no two have. The last issue tells how much was
// not checked; a merge request shows it when that changes.
func writeGitLab(w io.Writer, r *check.Report, _ Options) error {
	issues := []qIssue{}
	seen := map[string]int{}
	for _, g := range groups(r) {
		at := g.place()
		if !at.IsValid() {
			at = model.Pos{File: configuration}
		}
		text := g.Rule + " " + g.Subject + ": " + g.Message
		if g.Old != "" || g.New != "" {
			text += " (old: " + g.Old + ", new: " + g.New + ")"
		}
		id := g.fingerprint()
		if seen[id]++; seen[id] > 1 {
			id += fmt.Sprintf("-%d", seen[id])
		}
		issues = append(issues, qIssue{
			Description: text, Check: "abigen/" + g.Rule, Fingerprint: id, Severity: gitlabSeverity(g.Severity),
			Location: qLocation{filepath.ToSlash(filepath.Clean(at.File)), qLines{max(at.Line, 1)}},
		})
	}
	if n := r.Summary().Unchecked; n > 0 {
		hash := sha256.New()
		for i := range r.Comparisons {
			for _, u := range r.Comparisons[i].Unchecked {
				fmt.Fprintf(hash, "%s\x00%s\x00", r.Comparisons[i].Source, u)
			}
		}
		issues = append(issues, qIssue{
			Description: fmt.Sprintf("the evidence did not allow everything to be checked: %s", r.Summary()),
			Check:       "abigen/not-checked", Fingerprint: hex.EncodeToString(hash.Sum(nil)[:16]), Severity: "info",
			Location: qLocation{configuration, qLines{1}},
		})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(issues); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// gitlabSeverity is one of info, minor, major, critical and blocker.
func gitlabSeverity(s drift.Severity) string {
	switch s {
	case drift.Breaking:
		return "critical"
	case drift.Risk:
		return "major"
	}
	return "info"
}
