// SPDX-License-Identifier: MIT

package drift

import "fmt"

func enumRules() []Rule {
	return []Rule{
		{
			ID: "enum.removed", Title: "an enum is gone",
			Severity: severities(Risk, Risk, Breaking),
			Doc:      `Its values have no declaration any more: code that names them no longer compiles, and what is already built sends numbers that nobody promises to understand.`,
			Before:   "enum ret { FALLBACK, HANDLED };\nstruct io { uint32_t ret; };",
			After:    "struct io { uint32_t ret; };",
			Fix:      "Find what took its place.",
			say: func(c change) string {
				return fmt.Sprintf("`enum %s` is gone: %s sends and expects numbers that are no longer declared", c.record, c.who.old)
			},
		},
		{
			ID: "enum.added", Title: "an enum is new",
			Severity: severities(None, None, Info),
			Doc:      `Nothing that was built before uses it.`,
			Before:   "struct io { uint32_t ret; };",
			After:    "enum ret { FALLBACK, HANDLED };\nstruct io { uint32_t ret; };",
			Fix:      "Nothing. Regenerate bindings to make use of it.",
			say: func(c change) string {
				return fmt.Sprintf("`enum %s` is new: nothing built against the old declaration knows it", c.record)
			},
		},
		{
			ID: "enum.renamed", Title: "an enum has another name",
			Severity: severities(Info, Info, Breaking),
			Doc:      `The enumerators are the same, and only their numbers reach run time. Code that names the type no longer compiles.`,
			Before:   "enum ret { FALLBACK, HANDLED };",
			After:    "enum verdict { FALLBACK, HANDLED };",
			Fix:      "Take over the new name.",
			say: func(c change) string {
				if c.profile == Source {
					return fmt.Sprintf("`enum %s` is now called `enum %s`: the same numbers, but code that names it no longer compiles", c.record, c.other)
				}
				return fmt.Sprintf("`enum %s` is now called `enum %s`: the same numbers: harmless", c.record, c.other)
			},
		},
		{
			ID: "enum.tag", Title: "an enum is named by a typedef instead of a tag, or the reverse",
			Severity: severities(None, None, Breaking),
			Doc:      `enum x and a typedef x are two names in C. The numbers are the same; code that names the type the old way no longer compiles.`,
			Before:   "enum ret { FALLBACK, HANDLED };",
			After:    "typedef enum { FALLBACK, HANDLED } ret;",
			Fix:      "Keep the tag beside the typedef.",
			say: func(c change) string {
				return fmt.Sprintf("%s is now only called %s: the same numbers, but code that says %s no longer compiles", tick(c.record), tick(c.other), tick(c.record))
			},
		},
		{
			ID: "enum.size", Title: "an enum has another width",
			Severity: severities(Breaking, Breaking, Info),
			Doc:      `Members and results of the type take another number of bytes: values are cut off or mixed with their neighbours. One value too large for the old width widens the whole enum.`,
			Before:   "enum ret { FALLBACK, HANDLED };",
			After:    "enum ret { FALLBACK, HANDLED } __attribute__((packed));",
			Fix:      "Declare the enum alike on both sides; -fshort-enums and packed change its width.",
			say: func(c change) string {
				return fmt.Sprintf("`enum %s` has another width%s: wherever it is stored, %s reads other bytes than %s wrote", c.record, c.note, c.who.old, c.who.new)
			},
		},
		{
			ID: "enum.sign", Title: "an enum's sign differs",
			Severity: severities(Risk, Risk, Info),
			Doc:      `The same bits are a negative number to the one side and a huge one to the other. A first negative value turns the whole enum signed.`,
			Before:   "enum ret { FALLBACK, HANDLED };",
			After:    "enum ret : int { FALLBACK, HANDLED };",
			Fix:      "Compare enumerators for equality only, never with < 0.",
			say: func(c change) string {
				return fmt.Sprintf("`enum %s` has another sign%s: a value with the top bit set compares otherwise for %s than for %s", c.record, c.note, c.who.old, c.who.new)
			},
		},
		{
			ID: "enumerator.added", Title: "an enum has a new value",
			Severity: allSame(Info),
			Doc:      `Old values keep their numbers. Code that handles each value meets one it does not know. A final count or maximum (` + "`…_MAX`, `…_NUM`" + `) that grows with it is not a change of its own.`,
			Before:   "enum ret { FALLBACK, HANDLED };",
			After:    "enum ret { FALLBACK, HANDLED, RETRY };",
			Fix:      "Handle the new value, and treat unknown ones as an error rather than as the last known one.",
			say: func(c change) string {
				return fmt.Sprintf("`enum %s` has a new value %s: %s does not know it, the others keep their numbers", c.record, tick(c.name), c.who.old)
			},
		},
		{
			ID: "enumerator.inserted", Title: "a new value renumbers those behind it",
			Severity: severities(Breaking, Breaking, Info),
			Doc:      `The values behind the new one have other numbers, so the old side says one thing and the new side understands another.`,
			Before:   "enum ret { FALLBACK, HANDLED };",
			After:    "enum ret { FALLBACK, RETRY, HANDLED };",
			Fix:      "Append new values, or give them explicit numbers; rebuild everything that uses the enum.",
			say: func(c change) string {
				return fmt.Sprintf("`enum %s` has a new value %s, and those behind it have other numbers: what %s means by one, %s takes for another", c.record, tick(c.name), c.who.old, c.who.new)
			},
		},
		{
			ID: "enumerator.removed", Title: "an enum lost a value",
			Severity: allSame(Breaking),
			Doc:      `The old side may still send the number: the new side has no meaning for it, or a new one.`,
			Before:   "enum ret { FALLBACK, HANDLED, RETRY };",
			After:    "enum ret { FALLBACK, HANDLED };",
			Fix:      "Stop using the value.",
			say: func(c change) string {
				return fmt.Sprintf("%s is gone: %s still sends and expects %s, to which %s gives no meaning%s", tick(c.name), c.who.old, c.old, c.who.new, c.note)
			},
		},
		{
			ID: "enumerator.renamed", Title: "a value has another name",
			Severity: severities(Info, Info, Breaking),
			Doc:      `Only the number reaches run time, and it is the same. Code that names it no longer compiles.`,
			Before:   "enum ret { FALLBACK, HANDLED };",
			After:    "enum ret { FALLBACK, DONE };",
			Fix:      "Take over the new name.",
			say: func(c change) string {
				if c.profile == Source {
					return fmt.Sprintf("%s is now called %s: the same number, but code that names it no longer compiles", tick(c.name), tick(c.other))
				}
				return fmt.Sprintf("%s is now called %s: the same number: harmless unless the meaning changed with the name", tick(c.name), tick(c.other))
			},
		},
		{
			ID: "enumerator.renumbered", Title: "a value has another number",
			Severity: severities(Breaking, Breaking, Info),
			Doc:      `What is already built sends the old number, and the other side takes it for something else.`,
			Before:   "enum ret { FALLBACK, HANDLED };",
			After:    "enum ret { FALLBACK = 1, HANDLED = 0 };",
			Fix:      "Rebuild everything that uses the value.",
			say: func(c change) string {
				return fmt.Sprintf("%s has another number: %s says %s, %s understands it only as %s", tick(c.name), c.who.old, c.old, c.who.new, c.new)
			},
		},
	}
}
