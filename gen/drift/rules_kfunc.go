// SPDX-License-Identifier: MIT

package drift

import "fmt"

func kfuncRules() []Rule {
	return []Rule{
		{
			ID: "kfunc.missing", Title: "a kernel function the program calls is missing",
			Severity: severities(Breaking, Breaking, None),
			Doc: `The object has an extern in its .ksyms section that the kernel cannot resolve: loading fails, unless it is weak and the call ` +
				`lies in a branch the verifier can prove dead.`,
			Before: "int inval(struct inode *fi) __ksym;  /* called by the object */",
			After:  "/* the kernel has no inval */",
			Fix:    "Declare it __weak and guard the call with bpf_core_type_exists of a record that came with it.",
			say: func(c change) string {
				return fmt.Sprintf("%s has no %s, which the program calls: loading it fails", c.who.new, tick(c.record))
			},
		},
		{
			ID: "kfunc.removed", Title: "a declared function is gone",
			Severity: severities(Risk, Risk, Breaking),
			Doc:      `Programs that call it are refused when they are loaded; those that do not call it do not notice.`,
			Before:   "struct inode;\nint inval(struct inode *fi) __ksym;\nint upsert(struct inode *fi) __ksym;",
			After:    "struct inode;\nint upsert(struct inode *fi) __ksym;",
			Fix:      "Do not call it, or guard the call with bpf_core_type_exists of a record that came with it.",
			say: func(c change) string {
				if c.profile == Source {
					return fmt.Sprintf("%s is no longer declared: code that calls it no longer compiles", tick(c.record))
				}
				return fmt.Sprintf("%s has no %s: a program that calls it is refused when it is loaded", c.who.new, tick(c.record))
			},
		},
		{
			ID: "kfunc.added", Title: "a function is new",
			Severity: severities(None, None, Info),
			Doc:      `Nothing that was built before calls it.`,
			Before:   "struct inode;\nint upsert(struct inode *fi) __ksym;",
			After:    "struct inode;\nint upsert(struct inode *fi) __ksym;\nint inval(struct inode *fi) __ksym;",
			Fix:      "Nothing. Before calling it, decide which kernels must still work.",
			say: func(c change) string {
				return fmt.Sprintf("%s is new: nothing built against the old declaration calls it", tick(c.record))
			},
		},
		{
			ID: "kfunc.guarded", Title: "a function is missing or takes another record, and the program is prepared",
			Severity: allSame(Info),
			Doc: `The program tests with a CO-RE type-existence relocation for a record. The call lies in a branch that is dead on this kernel, ` +
				`and the verifier does not look into it.`,
			Before: "int inval(struct inode *fi) __ksym __weak;  /* called if struct range exists */",
			After:  "/* the kernel has neither inval nor struct range */",
			Fix:    "Nothing.",
			say: func(c change) string {
				if c.note != "" {
					return fmt.Sprintf("%s %s, but the program tests whether %s exists before it relies on it", c.name, c.note, c.other)
				}
				return fmt.Sprintf("%s has no %s, but the program tests whether %s exists, so the call can be dead code here", c.who.new, tick(c.record), c.other)
			},
		},
		{
			ID: "kfunc.prototype", Title: "a function has another prototype",
			Severity: allSame(Breaking),
			Doc: `Loaders compare the prototype of the object's extern with the kernel's and refuse what does not fit; what slips through reads ` +
				`arguments in the wrong order or width.`,
			Before: "struct inode;\nint inval(struct inode *fi, uint64_t offset) __ksym;",
			After:  "struct inode;\nint inval(struct inode *fi, uint64_t offset, uint64_t length) __ksym;",
			Fix:    "Take over the new prototype; a flavour (`inval___v1`) lets one object declare both.",
			say: func(c change) string {
				return fmt.Sprintf("%s %s: %s's call is refused or passes the wrong arguments", tick(c.record), c.note, c.who.old)
			},
		},
		{
			ID: "kfunc.pointee", Title: "a function takes or returns a pointer to another record",
			Severity: allSame(Risk),
			Doc:      `The verifier accepts only pointers to the record the kernel's prototype names. A program that has one passes, though its own declaration says otherwise.`,
			Before:   "struct inode; struct bpf_inode;\nint inval(struct inode *fi) __ksym;",
			After:    "struct inode; struct bpf_inode;\nint inval(struct bpf_inode *fi) __ksym;",
			Fix:      "Pass what the callback received, and guard the call with bpf_core_type_exists of the new record.",
			say: func(c change) string {
				return fmt.Sprintf("%s points to something else: the verifier refuses a pointer to any other record than the kernel's prototype names", c.name)
			},
		},
		{
			ID: "kfunc.const", Title: "const of a function's parameter or result differs",
			Severity: severities(Info, Info, Risk),
			Doc:      `Qualifiers do not reach run time; recompiling against the other declaration can warn or fail.`,
			Before:   "struct range;\nint inval(struct range *r) __ksym;",
			After:    "struct range;\nint inval(const struct range *r) __ksym;",
			Fix:      "Take over the qualifier.",
			say: func(c change) string {
				if c.profile == Source {
					return fmt.Sprintf("%s is qualified otherwise: the same at run time, but recompiling may warn or fail", c.name)
				}
				return fmt.Sprintf("%s is qualified otherwise: the same at run time: harmless", c.name)
			},
		},
		{
			ID: "kfunc.enum", Title: "an enum in place of an integer of the same width in a function, or the reverse",
			Severity: allSame(Info),
			Doc:      `The same number is passed in the same register.`,
			Before:   "enum mode { NONE, ALL };\nint inval(uint32_t mode) __ksym;",
			After:    "enum mode { NONE, ALL };\nint inval(enum mode mode) __ksym;",
			Fix:      "Nothing.",
			say: func(c change) string {
				return fmt.Sprintf("%s is spelled otherwise but is the same number: harmless", c.name)
			},
		},
		{
			ID: "kfunc.param.name", Title: "a function's parameter has another name",
			Severity: allSame(Info),
			Doc: `Arguments go by position. The verifier reads meaning from some endings, though: __nullable, __sz, __k and their like say what may ` +
				`be passed.`,
			Before: "struct range;\nint inval(const struct range *read) __ksym;",
			After:  "struct range;\nint inval(const struct range *read__nullable) __ksym;",
			Fix:    "Check that the meaning is the same, and compare the endings.",
			say: func(c change) string {
				return fmt.Sprintf("parameter %s is now called %s: arguments go by position; only an ending such as __nullable has a meaning to the verifier", tick(c.name), tick(c.other))
			},
		},
	}
}

func flavourRules() []Rule {
	return []Rule{
		{
			ID: "flavour.removed", Title: "a member read by CO-RE is missing",
			Severity: allSame(Risk),
			Doc: `A record named with a ___flavour is the program's partial view of the kernel's record, and so is one whose members it reads with ` +
				`preserve_access_index: offsets are filled in at load time by member name. ` +
				`A member that is missing cannot be filled in, and the program is refused if the verifier reaches the access.`,
			Before: "struct inode___v1 { uint64_t nodeid; };",
			After:  "struct inode { uint64_t orig_ino; uint32_t mode; };",
			Fix:    "Test with bpf_core_field_exists before reading it.",
			say: func(c change) string {
				return fmt.Sprintf("%s has no member %s, which the program reads by CO-RE: it is refused if the verifier reaches the access", c.who.new, tick(c.name))
			},
		},
		{
			ID: "flavour.type", Title: "a member read by CO-RE has another type",
			Severity: allSame(Risk),
			Doc: `Relocations match members by name and kind. Another kind is treated as missing, another width is read with the old one, which CO-RE ` +
				`adjusts only for plain loads.`,
			Before: "struct inode___v1 { uint64_t nodeid; };",
			After:  "struct inode { struct node *nodeid; };",
			Fix:    "Declare a second flavour with the new type and choose with bpf_core_field_exists or bpf_core_type_matches.",
			say: func(c change) string {
				return fmt.Sprintf("%s, which the program reads by CO-RE, has another type: it may be refused, or read a part of the value", tick(c.name))
			},
		},
	}
}
