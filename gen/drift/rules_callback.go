// SPDX-License-Identifier: MIT

package drift

import "fmt"

func callbackRules() []Rule {
	return []Rule{
		{
			ID: "callback.removed", Title: "a callback is gone",
			Severity: allSame(Breaking),
			Doc: `A program for it has nowhere to be put: the loader finds no such member in the kernel's type and refuses to load the program. ` +
				`A NULL in its place would be accepted, but then the program never runs.`,
			Before: "struct ops { int (*begin)(int); int (*end)(int); };",
			After:  "struct ops { int (*begin)(int); };",
			Fix:    "Leave the program out on kernels without the callback; test for it with bpf_core_field_exists.",
			say: func(c change) string {
				return fmt.Sprintf("%s has no callback %s: the loader refuses a program for it, and without one it is never asked", c.who.new, tick(c.name))
			},
		},
		{
			ID: "callback.added", Title: "a callback is new",
			Severity: severities(None, None, Info),
			Doc:      `The loader leaves the callbacks a program does not know NULL, as if it had chosen not to implement them.`,
			Before:   "struct ops { int (*begin)(int); };",
			After:    "struct ops { int (*begin)(int); int (*end)(int); };",
			Fix:      "Nothing. Implement it when you need it.",
			say: func(c change) string {
				return fmt.Sprintf("callback %s is new: programs built before leave it NULL", tick(c.name))
			},
		},
		{
			ID: "callback.param.count", Title: "a callback takes another number of parameters",
			Severity: allSame(Breaking),
			Doc: `Arguments are handed over by position and no loader compares prototypes: the program loads, and each parameter behind the difference ` +
				`reads its neighbour's value. Reading one that is not passed is refused by the verifier at best.`,
			Before: "struct ops { int (*begin)(uint64_t pos, uint64_t count); };",
			After:  "struct ops { int (*begin)(uint64_t ino, uint64_t pos, uint64_t count); };",
			Fix:    "Take over the new prototype; build one object for each, or test at run time which kernel it is.",
			say: func(c change) string {
				return fmt.Sprintf("%s takes another number of parameters%s: loaders do not compare prototypes, so the program would read one argument for another", tick(c.record), c.note)
			},
		},
		{
			ID: "callback.param.type", Title: "a callback's parameter has another type",
			Severity: allSame(Breaking),
			Doc: `A pointer where an integer was, another width or sign. No loader compares prototypes: the program loads and takes an address for a ` +
				`number, or is refused by the verifier with a message about registers.`,
			Before: "struct ops { int (*begin)(uint64_t nodeid, uint64_t pos); };",
			After:  "struct ops { int (*begin)(struct inode *fi, uint64_t pos); };",
			Fix:    "Take over the new prototype; build one object for each, or test at run time which kernel it is.",
			say: func(c change) string {
				return fmt.Sprintf("the %s parameter has another type: loaders do not compare prototypes, so the program would take %s for %s", c.name, c.new, c.old)
			},
		},
		{
			ID: "callback.param.order", Title: "a callback's parameters have changed places",
			Severity: allSame(Breaking),
			Doc: `The same parameters in another order. Arguments are handed over by position, so each is read under another's name, and where the types ` +
				`agree nothing fails: the values are simply wrong. Without parameter names in the evidence only an order that changes types can be seen.`,
			Before: "struct ops { int (*begin)(uint64_t pos, uint64_t count); };",
			After:  "struct ops { int (*begin)(uint64_t count, uint64_t pos); };",
			Fix:    "Take over the new order.",
			say: func(c change) string {
				if c.name == "" {
					return "the parameters are passed in another order, seen from their types: the program would read one argument for another"
				}
				return fmt.Sprintf("the parameters are passed in another order: the program would read %s where the kernel passes %s", tick(c.name), tick(c.other))
			},
		},
		{
			ID: "callback.param.name", Title: "a callback's parameter has another name",
			Severity: allSame(Info),
			Doc:      `Names of parameters do not reach run time. A new name can be the only trace of a new meaning.`,
			Before:   "struct ops { int (*begin)(uint64_t pos, uint64_t count); };",
			After:    "struct ops { int (*begin)(uint64_t pos, uint64_t length); };",
			Fix:      "Check that the meaning is the same.",
			say: func(c change) string {
				return fmt.Sprintf("parameter %s is now called %s: arguments go by position: harmless unless the meaning changed with the name", tick(c.name), tick(c.other))
			},
		},
		{
			ID: "callback.pointee", Title: "a callback passes a pointer to another record",
			Severity: allSame(Risk),
			Doc: `The argument is a pointer on both sides, but to another type. The verifier goes by the kernel's type: a program that only hands ` +
				`the pointer on works if the function it calls takes the new type, one that reads through it with the old record's members is refused.`,
			Before: "struct ops { int (*begin)(struct inode *fi); };",
			After:  "struct ops { int (*begin)(struct bpf_inode *fbi); };",
			Fix:    "Guard each use with bpf_core_type_exists of the new record; the finding then becomes callback.guarded.",
			say: func(c change) string {
				return fmt.Sprintf("%s points to something else: the verifier goes by the kernel's type and refuses a program that reads through it as %s", c.name, c.old)
			},
		},
		{
			ID: "callback.guarded", Title: "a callback passes a pointer to another record, and the program is prepared",
			Severity: allSame(Info),
			Doc: `The program tests with a CO-RE type-existence relocation which record the kernel has. The branch for the other one is dead code ` +
				`at load time, and the verifier does not look into it.`,
			Before: "struct ops { int (*begin)(struct inode *fi); };",
			After:  "struct ops { int (*begin)(struct bpf_inode *fbi); };  /* the object tests for struct bpf_inode */",
			Fix:    "Nothing.",
			say: func(c change) string {
				return fmt.Sprintf("%s points to something else, but the program tests whether %s exists before it relies on it", c.name, c.other)
			},
		},
		{
			ID: "callback.const", Title: "const of a callback's parameter or result differs",
			Severity: severities(Info, Info, Risk),
			Doc:      `Qualifiers do not reach run time. They say who may write: recompiling against the other declaration can warn or fail.`,
			Before:   "struct ops { int (*begin)(struct range *r); };",
			After:    "struct ops { int (*begin)(const struct range *r); };",
			Fix:      "Take over the qualifier, and do not write through it.",
			say: func(c change) string {
				if c.profile == Source {
					return fmt.Sprintf("%s is qualified otherwise: the same at run time, but recompiling may warn or fail", c.name)
				}
				return fmt.Sprintf("%s is qualified otherwise: the same at run time: harmless", c.name)
			},
		},
		{
			ID: "callback.enum", Title: "an enum in place of an integer of the same width in a callback, or the reverse",
			Severity: allSame(Info),
			Doc:      `The same number is passed in the same register.`,
			Before:   "enum mode { NONE, ALL };\nstruct ops { int (*begin)(uint32_t mode); };",
			After:    "enum mode { NONE, ALL };\nstruct ops { int (*begin)(enum mode mode); };",
			Fix:      "Nothing.",
			say: func(c change) string {
				return fmt.Sprintf("%s is spelled otherwise but is the same number: harmless", c.name)
			},
		},
		{
			ID: "callback.result", Title: "a callback returns something else",
			Severity: allSame(Breaking),
			Doc: `The kernel takes the returned number for what its own declaration says: a negative errno for an enum, or the reverse. ` +
				`No loader compares prototypes.`,
			Before: "enum ret { FALLBACK, HANDLED };\nstruct ops { enum ret (*begin)(int); };",
			After:  "enum ret { FALLBACK, HANDLED };\nstruct ops { int (*begin)(int); };",
			Fix:    "Take over the new result, and check each return statement: 0 may mean success to the one and \"not handled\" to the other.",
			say: func(c change) string {
				return fmt.Sprintf("%s returns something else: the kernel would take the program's %s for %s", tick(c.record), c.old, c.new)
			},
		},
	}
}
