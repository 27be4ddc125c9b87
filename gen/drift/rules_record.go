// SPDX-License-Identifier: MIT

package drift

import "fmt"

func recordRules() []Rule {
	return []Rule{
		{
			ID: "record.removed", Title: "a record is gone",
			Severity: allSame(Breaking),
			Doc: `A struct_ops loader looks the type up by name and refuses to load when the kernel has none; ` +
				`code that shares memory of the type has no one to share it with. (A pointer that now points to another record is ` +
				`callback.pointee, with the missing record beneath it.)`,
			Before: "struct range { uint64_t offset; uint64_t length; };\nstruct io { uint64_t addr; };",
			After:  "struct io { uint64_t addr; };",
			Fix:    "Find what took its place and port to it; where older and newer kernels must both work, test for the type with bpf_core_type_exists.",
			say: func(c change) string {
				if c.callback {
					return fmt.Sprintf("%s has no `struct %s`: a program that fills one in is refused when it is loaded", c.who.new, c.record)
				}
				return fmt.Sprintf("%s has no %s: %s still lays out memory for it, which nobody reads or fills", c.who.new, tick(c.note), c.who.old)
			},
		},
		{
			ID: "record.added", Title: "a record is new",
			Severity: severities(None, None, Info),
			Doc:      `Nothing that was built before can use it, so nothing changes for what exists.`,
			Before:   "struct io { uint64_t addr; };",
			After:    "struct io { uint64_t addr; };\nstruct range { uint64_t offset; uint64_t length; };",
			Fix:      "Nothing. Regenerate bindings to make use of it.",
			say: func(c change) string {
				return fmt.Sprintf("%s is new: nothing built against the old declaration knows it", tick(c.record))
			},
		},
		{
			ID: "record.renamed", Title: "a record has another name",
			Severity: severities(Breaking, Risk, Breaking),
			Doc: `The members are the same under another name. Loaders and CO-RE relocations find types by name, so they ` +
				`fail as if the record were gone; memory that is only shared keeps its meaning.`,
			Before: "struct iomap_io { uint64_t offset; uint64_t length; };",
			After:  "struct mapping { uint64_t offset; uint64_t length; };",
			Fix:    "Rename it in the program; a CO-RE flavour (`struct mapping___old`) lets one object serve both names.",
			say: func(c change) string {
				what := "the same bytes, but whoever looks the type up by name no longer finds it"
				if c.callback {
					what = "the loader looks the type up by name and refuses the program"
				} else if c.profile == Source {
					what = "the same bytes, but code that names it no longer compiles"
				}
				return fmt.Sprintf("%s is now called %s: %s", tick(c.record), tick(c.other), what)
			},
		},
		{
			ID: "record.tag", Title: "a record is named by a typedef instead of a tag, or the reverse",
			Severity: severities(Breaking, None, Breaking),
			Doc: `struct x and a typedef x are two names in C: code that says "struct x" does not compile where only the typedef exists. ` +
				`Loaders and CO-RE relocations look for a struct of the name and do not look through typedefs. Memory that is shared is the same.`,
			Before: "struct io { uint64_t addr; };",
			After:  "typedef struct { uint64_t addr; } io;",
			Fix:    "Keep the tag beside the typedef: typedef struct io { … } io.",
			say: func(c change) string {
				if c.profile == Loader {
					return fmt.Sprintf("%s is now only called %s: the loader looks for the old name and refuses the program", tick(c.record), tick(c.other))
				}
				return fmt.Sprintf("%s is now only called %s: the same bytes, but code that says %s no longer compiles", tick(c.record), tick(c.other), tick(c.record))
			},
		},
		{
			ID: "sides.unrelated", Title: "the two sides have nothing in common",
			Severity: allSame(Breaking),
			Doc: `None of what the one side declares is known to the other, and nothing of it could be compared. A comparison without a subject is no ` +
				`pass: most likely one of the two sources is not the one that was meant.`,
			Before: "struct io { uint64_t addr; };  /* the header */",
			After:  "struct event { uint32_t pid; };  /* the object */",
			Fix:    "Name the source that declares the interface, or choose with --types what both should have.",
			say: func(c change) string {
				return fmt.Sprintf("nothing that %s declares is in %s, so nothing was compared", c.record, c.other)
			},
		},
		{
			ID: "record.kind", Title: "struct became union, or union struct",
			Severity: allSame(Breaking),
			Doc:      `The members of a struct lie behind each other, those of a union on top of each other: every value but the first is read from the wrong place, and writing one destroys another.`,
			Before:   "struct answer { uint32_t error; uint32_t flags; };",
			After:    "union answer { uint32_t error; uint32_t flags; };",
			Fix:      "Regenerate, then look at each use: what held all values at once now holds one of them, or the reverse.",
			say: func(c change) string {
				return fmt.Sprintf("%s was a %s and is a %s: %s", tick(c.record), c.old, c.new, overlap(c.new))
			},
		},
		{
			ID: "record.size", Title: "a record's size differs though its members agree",
			Severity: severities(None, Breaking, Info),
			Doc: `Whoever allocates by the smaller size hands over memory that the other side reads or writes past, and elements of an ` +
				`array no longer start where the other side looks. (A struct_ops loader copies member by member and does not mind.)`,
			Before: "struct io { uint64_t addr; };",
			After:  "struct io { uint64_t addr; } __attribute__((aligned(16)));",
			Fix:    "Make the padding at the end explicit on both sides, or take over the alignment attribute.",
			say: func(c change) string {
				if c.note == "smaller" {
					return fmt.Sprintf("%s is smaller at the end while its members agree: %s writes past what %s allocated", tick(c.record), c.who.old, c.who.new)
				}
				return fmt.Sprintf("%s is larger at the end while its members agree: %s reads past what %s allocated", tick(c.record), c.who.new, c.who.old)
			},
		},
		{
			ID: "record.align", Title: "a record's alignment differs though its members agree",
			Severity: severities(None, Risk, Info),
			Doc:      `Memory that suits the lower alignment may be refused or read slowly under the higher one, and a record that embeds this one may place it elsewhere.`,
			Before:   "struct io { uint64_t addr; uint64_t length; };",
			After:    "struct io { uint64_t addr; uint64_t length; } __attribute__((aligned(16)));",
			Fix:      "Take over the attribute, and allocate with the higher alignment.",
			say: func(c change) string {
				return fmt.Sprintf("%s is aligned otherwise, which moves it inside records that embed it and makes some addresses of %s misaligned for %s",
					tick(c.record), c.who.old, c.who.new)
			},
		},
		{
			ID: "record.packing", Title: "the same members are laid out with other gaps",
			Severity: severities(Info, Breaking, Info),
			Doc: `A packed attribute, #pragma pack or another alignment rule moved members although none was added, removed or ` +
				`resized. Memory that is shared is read at the wrong bytes; a struct_ops loader matches by name and does not mind.`,
			Before: "struct end { uint32_t flags; uint64_t pos; };",
			After:  "struct end { uint32_t flags; uint64_t pos; } __attribute__((packed));",
			Fix:    "Declare both sides with the same packing, or fill the gaps with explicit members.",
			say: func(c change) string {
				if c.profile == Loader {
					return fmt.Sprintf("the gaps between the members of %s differ: the loader copies member by member, by name: harmless", tick(c.record))
				}
				return fmt.Sprintf("the gaps between the members of %s differ (packing): %s reads the members listed at bytes where %s has others",
					tick(c.record), c.who.old, c.who.new)
			},
		},
		{
			ID: "record.tail", Title: "private members behind those of a struct_ops type",
			Severity: severities(None, Info, Info),
			Doc: `The kernel keeps members of its own behind the public ones. The loader copies by name and leaves them zero for the kernel ` +
				`to fill, so a program never needs them: not drift for the loader profile.`,
			Before: "struct ops { int (*begin)(void); int fd; };",
			After:  "struct ops { int (*begin)(void); int fd; void *conn; int users; };",
			Fix:    "Nothing.",
			say: func(c change) string {
				return fmt.Sprintf("%s has members of its own behind the public ones of %s (%s): a loader leaves them zero", c.name, tick(c.record), c.note)
			},
		},
		{
			ID: "ops.unregistered", Title: "the kernel has the record but not as a struct_ops type",
			Severity: severities(Breaking, None, None),
			Doc: `A kernel that lets programs implement a type has a wrapper struct "bpf_struct_ops_<type>" in its BTF. Without it the ` +
				`type exists but was never registered, and loaders fail with "doesn't exist in kernel".`,
			Before: "struct ops { int (*begin)(void); };",
			After:  "struct ops { int (*begin)(void); };  /* no struct bpf_struct_ops_ops */",
			Fix:    "Load the module or boot the kernel configuration that registers the type.",
			say: func(c change) string {
				return fmt.Sprintf("%s declares %s but has no `bpf_struct_ops_%s`: the type is not registered, and loading a program for it fails", c.who.new, tick(c.record), c.other)
			},
		},
	}
}

// overlap says what becomes of members when a record turns into kind.
func overlap(kind string) string {
	if kind == "union" {
		return "its members now share their bytes, so writing one destroys the others"
	}
	return "its members no longer share their bytes, so all but the first are read from the wrong place"
}
