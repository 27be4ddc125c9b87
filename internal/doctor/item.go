// SPDX-License-Identifier: MIT

package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/internal/near"
)

// Verdict is the answer to the question of an item.
type Verdict string

// The verdicts.
const (
	OK         Verdict = "ok"
	Missing    Verdict = "missing"
	CannotTell Verdict = "cannot tell"
)

// Group is one of the things a machine can do. Each needs those before it, but
// for the first two: programs can be loaded where nothing can be compiled.
type Group string

// The groups, in the order of a report.
const (
	Generate Group = "generate"
	Compile  Group = "compile"
	Load     Group = "load"
	Attach   Group = "attach"
)

// Groups lists the groups in the order of a report.
func Groups() []Group { return []Group{Generate, Compile, Load, Attach} }

// Item is a question about a machine.
type Item struct {
	// ID names it, in lower case: "clang".
	ID    string
	Group Group
	// Title is what is asked, as a noun phrase.
	Title string
	// check answers it.
	check func(context.Context, *patient) answer
	// remedy says what to do where the answer is not [OK] and check knows nothing
	// better.
	remedy func(distribution) string
}

// answer is what a check says.
type answer struct {
	verdict Verdict
	// found says what was seen and what it means.
	found string
	// remedy is what to do, "" for what the item says.
	remedy string
}

// ok, missing and cannotTell make answers.
func ok(format string, args ...any) answer {
	return answer{verdict: OK, found: fmt.Sprintf(format, args...)}
}

func missing(format string, args ...any) answer {
	return answer{verdict: Missing, found: fmt.Sprintf(format, args...)}
}

func cannotTell(format string, args ...any) answer {
	return answer{verdict: CannotTell, found: fmt.Sprintf(format, args...)}
}

// fix returns a with a remedy of its own.
func (a answer) fix(format string, args ...any) answer {
	a.remedy = fmt.Sprintf(format, args...)
	return a
}

// always is the remedy that does not depend on the distribution.
func always(text string) func(distribution) string {
	return func(distribution) string { return text }
}

// Items lists all questions in the order of a report.
func Items() []Item {
	return slices.Concat(generateItems, compileItems, loadItems, attachItems)
}

// Names lists what [Match] takes.
func Names() []string {
	var out []string
	for _, g := range Groups() {
		out = append(out, string(g))
	}
	for _, i := range Items() {
		out = append(out, i.ID)
	}
	return out
}

// Match returns the IDs of the items that name stands for: an item, or a group
// for all items in it.
func Match(name string) ([]string, error) {
	var ids []string
	for _, i := range Items() {
		if i.ID == name || string(i.Group) == name {
			ids = append(ids, i.ID)
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("%q is no item%s: choose one of %s", name, near.Hint(name, Names()), strings.Join(Names(), ", "))
	}
	return ids, nil
}
