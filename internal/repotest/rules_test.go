// SPDX-License-Identifier: MIT

package repotest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
)

// ruleList writes every rule as a section of a document.
func ruleList(rules []drift.Rule) string {
	var b bytes.Buffer
	b.WriteString(`<!-- SPDX-License-Identifier: MIT -->
<!-- Generated: go test ./internal/repotest -update -->

# Rules

What abigen can find, and how bad it is under each profile: *loader* is how
struct_ops loaders match a program's struct to the kernel's, by member name;
*overlay* is memory shared by pointer, where every offset counts; *source* is
what recompiling against the other header would notice. A dash means that the
profile does not report the rule. ` + "`abigen explain RULE`" + ` prints one of them.

| rule | what it finds | loader | overlay | source |
|---|---|---|---|---|
`)
	for _, r := range rules {
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s |", r.ID, anchor(r.ID), r.Title)
		for _, p := range drift.Profiles() {
			s := string(r.Severity[p])
			if s == "" {
				s = "–"
			}
			fmt.Fprintf(&b, " %s |", s)
		}
		b.WriteByte('\n')
	}
	for _, r := range rules {
		fmt.Fprintf(&b, "\n## %s\n\nFinds that %s.\n\n%s\n", r.ID, r.Title, r.Doc)
		if r.Before != "" || r.After != "" {
			fmt.Fprintf(&b, "\n```c\n/* before */\n%s\n\n/* after */\n%s\n```\n", strings.TrimSpace(r.Before), strings.TrimSpace(r.After))
		}
		if r.Fix != "" {
			fmt.Fprintf(&b, "\n**What to do.** %s\n", r.Fix)
		}
	}
	return b.String()
}

func TestRuleDocumentIsWhatTheRulesSay(t *testing.T) {
	rules := slices.Concat(drift.Rules(), check.Rules())
	slices.SortFunc(rules, func(a, b drift.Rule) int { return strings.Compare(a.ID, b.ID) })
	const doc = "docs/rules.md"
	want := ruleList(rules)
	if *update {
		if err := os.WriteFile(filepath.Join(root, doc), []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if read(t, doc) != want {
		t.Errorf("%s is not what the rules say: run go test ./internal/repotest -update and review the difference", doc)
	}
}
