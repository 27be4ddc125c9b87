// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/internal/near"
)

var explainVerb = verb{
	name: "explain", synopsis: "[RULE]", summary: "why a rule exists, an example, what to do",
	doc: `Explains the rule of a finding: what happens at run time, the smallest example,
and what to do about it. Without a rule it lists them all.`,
	maxArgs: 1,
	run: func(_ context.Context, _ *flags, args []string, s streams) error {
		rules := slices.SortedFunc(slices.Values(append(drift.Rules(), check.Rules()...)),
			func(a, b drift.Rule) int { return cmp.Compare(a.ID, b.ID) })
		text := listRules(rules)
		if len(args) > 0 {
			var ids []string
			at := -1
			for i, r := range rules {
				ids = append(ids, r.ID)
				if r.ID == args[0] {
					at = i
				}
			}
			if at < 0 {
				return &usageError{"explain", fmt.Sprintf("there is no rule %q%s: abigen explain lists them all",
					args[0], near.Hint(args[0], ids))}
			}
			text = explainRule(rules[at])
		}
		_, err := fmt.Fprint(s.out, text)
		return err
	},
}

func listRules(rules []drift.Rule) string {
	width := 0
	for _, r := range rules {
		width = max(width, len(r.ID))
	}
	var b strings.Builder
	for _, r := range rules {
		fmt.Fprintf(&b, "%-*s  %-8s  %s\n", width, r.ID, r.Worst(), r.Title)
	}
	return b.String()
}

func explainRule(r drift.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n", r.ID, r.Title)
	for _, p := range drift.Profiles() {
		sev := string(r.Severity[p])
		if sev == "" {
			sev = "not reported"
		}
		fmt.Fprintf(&b, "  %-8s %s\n", p, sev)
	}
	fmt.Fprintf(&b, "\n%s\n", wrap(r.Doc))
	if r.Before != "" || r.After != "" {
		fmt.Fprintf(&b, "\nbefore:\n\n%s\n\nafter:\n\n%s\n", indent(r.Before), indent(r.After))
	}
	if r.Fix != "" {
		fmt.Fprintf(&b, "\n%s\n", wrap("What to do: "+r.Fix))
	}
	return b.String()
}

// lineWidth is where running text is broken, in bytes.
const lineWidth = 80

// wrap breaks text into lines. Empty lines in it separate paragraphs.
func wrap(text string) string {
	var paragraphs []string
	for p := range strings.SplitSeq(text, "\n\n") {
		var b strings.Builder
		col := 0
		for _, w := range strings.Fields(p) {
			switch {
			case col == 0:
			case col+1+len(w) > lineWidth:
				b.WriteByte('\n')
				col = 0
			default:
				b.WriteByte(' ')
				col++
			}
			b.WriteString(w)
			col += len(w)
		}
		paragraphs = append(paragraphs, b.String())
	}
	return strings.Join(paragraphs, "\n\n")
}

func indent(code string) string {
	lines := strings.Split(strings.Trim(code, "\n"), "\n")
	for i := range lines {
		if lines[i] != "" {
			lines[i] = "    " + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}
