// SPDX-License-Identifier: MIT

package drift

import "fmt"

func constantRules() []Rule {
	return []Rule{
		{
			ID: "constant.removed", Title: "a constant is gone",
			Severity: severities(None, None, Breaking),
			Doc:      `Code that names it no longer compiles. What is already built keeps the value, which the other side may no longer understand.`,
			Before:   "#define F_NEW 1\n#define F_DIRTY 2",
			After:    "#define F_NEW 1",
			Fix:      "Find what took its place, or keep a definition of your own and say until which version it is needed.",
			say: func(c change) string {
				if c.note != "" {
					return fmt.Sprintf("%s is no constant any more (%s): code that uses its value no longer compiles or means another thing", tick(c.name), c.note)
				}
				return fmt.Sprintf("%s is gone: code that names it no longer compiles", tick(c.name))
			},
		},
		{
			ID: "constant.added", Title: "a constant is new",
			Severity: severities(None, None, Info),
			Doc:      `Nothing that was built before uses it.`,
			Before:   "#define F_NEW 1",
			After:    "#define F_NEW 1\n#define F_DIRTY 2",
			Fix:      "Nothing. Regenerate bindings to make use of it.",
			say: func(c change) string {
				return fmt.Sprintf("%s is new: nothing built against the old declaration knows it", tick(c.name))
			},
		},
		{
			ID: "constant.renamed", Title: "a constant has another name",
			Severity: severities(None, None, Breaking),
			Doc:      `A constant of the same value and type stands in the same place under another name. Only the value reaches run time; code that names it no longer compiles.`,
			Before:   "#define F_NEW 1\n#define F_DIRTY 2",
			After:    "#define F_NEW 1\n#define F_UNSAVED 2",
			Fix:      "Take over the new name.",
			say: func(c change) string {
				return fmt.Sprintf("%s is now called %s: the same value, but code that names it no longer compiles", tick(c.name), tick(c.other))
			},
		},
		{
			ID: "constant.value", Title: "a constant has another value",
			Severity: severities(Breaking, Breaking, Info),
			Doc:      `The value was compiled into the old side. It sends the old one, and the new side takes it for something else: another flag, another type.`,
			Before:   "#define F_DIRTY 2",
			After:    "#define F_DIRTY 4",
			Fix:      "Rebuild everything that uses the constant, or keep both values apart by version.",
			say: func(c change) string {
				return fmt.Sprintf("%s has another value: %s sends %s, %s understands it only as %s", tick(c.name), c.who.old, c.old, c.who.new, c.new)
			},
		},
		{
			ID: "constant.type", Title: "a constant has another C type",
			Severity: severities(None, None, Risk),
			Doc:      `The value is the same, but expressions with it are computed in another width or sign: ~X and X << n may lose or gain upper bits, and comparisons with negative numbers turn round.`,
			Before:   "#define F_ALL 1U",
			After:    "#define F_ALL 1ULL",
			Fix:      "Look at expressions that complement, shift or compare the constant.",
			say: func(c change) string {
				return fmt.Sprintf("%s keeps its value as another type: ~, << and comparisons with it may give other results after recompiling", tick(c.name))
			},
		},
	}
}
