// SPDX-License-Identifier: MIT

package drift

import "fmt"

func functionRules() []Rule {
	return []Rule{
		{
			ID: "function.removed", Title: "a declared C function is gone",
			Severity: allSame(Breaking),
			Doc: `An ordinary function, not one that the kernel offers to programs (those are kfunc rules): what is built no longer finds it when it is ` +
				`linked, and code that calls it no longer compiles.`,
			Before: "int open_device(const char *path);\nint close_device(int fd);",
			After:  "int open_device(const char *path);",
			Fix:    "Find what took its place.",
			say: func(c change) string {
				return fmt.Sprintf("function %s is no longer declared: code that calls it no longer compiles or links", tick(c.record))
			},
		},
		{
			ID: "function.added", Title: "a C function is new",
			Severity: severities(None, None, Info),
			Doc:      `Nothing that was built before calls it.`,
			Before:   "int open_device(const char *path);",
			After:    "int open_device(const char *path);\nint close_device(int fd);",
			Fix:      "Nothing.",
			say: func(c change) string {
				return fmt.Sprintf("function %s is new: nothing built against the old declaration calls it", tick(c.record))
			},
		},
		{
			ID: "function.prototype", Title: "a C function has another prototype",
			Severity: allSame(Breaking),
			Doc: `Linkers match functions by name and look at nothing else: what is built keeps passing the old arguments, in the old registers and ` +
				`widths, and takes the result for the old type.`,
			Before: "int set_size(int fd, uint32_t size);",
			After:  "int set_size(int fd, uint64_t size);",
			Fix:    "Rebuild everything that calls it, or give the new function another name.",
			say: func(c change) string {
				return fmt.Sprintf("function %s %s: what is built passes the old arguments, and nothing compares the two", tick(c.record), c.note)
			},
		},
		{
			ID: "function.pointee", Title: "a C function takes or returns a pointer to something else",
			Severity: allSame(Risk),
			Doc:      `The pointer arrives as before, but the function follows it to another record than the caller put there.`,
			Before:   "struct range; struct extent;\nint map(const struct range *r);",
			After:    "struct range; struct extent;\nint map(const struct extent *r);",
			Fix:      "Pass the new record.",
			say: func(c change) string {
				return fmt.Sprintf("%s points to something else: whoever follows it reads another record than the other side put there", c.name)
			},
		},
		{
			ID: "function.const", Title: "const of a C function's parameter or result differs",
			Severity: severities(Info, Info, Risk),
			Doc:      `Qualifiers do not reach run time; recompiling against the other declaration can warn or fail.`,
			Before:   "struct range;\nint map(struct range *r);",
			After:    "struct range;\nint map(const struct range *r);",
			Fix:      "Take over the qualifier.",
			say: func(c change) string {
				if c.profile == Source {
					return fmt.Sprintf("%s is qualified otherwise: the same at run time, but recompiling may warn or fail", c.name)
				}
				return fmt.Sprintf("%s is qualified otherwise: the same at run time: harmless", c.name)
			},
		},
		{
			ID: "function.enum", Title: "an enum in place of an integer of the same width in a C function, or the reverse",
			Severity: allSame(Info),
			Doc:      `The same number is passed in the same register.`,
			Before:   "enum mode { NONE, ALL };\nint set_mode(uint32_t mode);",
			After:    "enum mode { NONE, ALL };\nint set_mode(enum mode mode);",
			Fix:      "Nothing.",
			say: func(c change) string {
				return fmt.Sprintf("%s is spelled otherwise but is the same number: harmless", c.name)
			},
		},
		{
			ID: "function.param.name", Title: "a C function's parameter has another name",
			Severity: allSame(Info),
			Doc:      `Arguments go by position. A new name can be the only trace of a new meaning.`,
			Before:   "int seek(int fd, uint64_t pos);",
			After:    "int seek(int fd, uint64_t offset);",
			Fix:      "Check that the meaning is the same.",
			say: func(c change) string {
				return fmt.Sprintf("parameter %s is now called %s: arguments go by position: harmless unless the meaning changed with the name", tick(c.name), tick(c.other))
			},
		},
	}
}
