// SPDX-License-Identifier: MIT

package drift

import "fmt"

func fieldRules() []Rule {
	return []Rule{
		{
			ID: "field.removed", Title: "a member is gone",
			Severity: severities(Risk, Breaking, Breaking),
			Doc: `In shared memory its bytes now hold something else or nothing. A struct_ops loader accepts a member the kernel lacks ` +
				`as long as its bytes are zero ("must be zero") and refuses the map otherwise.`,
			Before: "struct end { uint64_t pos; uint32_t flags; uint32_t dev; };",
			After:  "struct end { uint64_t pos; uint32_t flags; };",
			Fix:    "Stop using the member, or test for it with bpf_core_field_exists; in a struct_ops map set it to zero on kernels without it.",
			say: func(c change) string {
				switch c.profile {
				case Loader:
					return fmt.Sprintf("%s has no member %s: it must be zero, the loader refuses the map otherwise", c.who.new, tick(c.name))
				case Source:
					return fmt.Sprintf("%s is gone: code that names it no longer compiles", tick(c.name))
				}
				return fmt.Sprintf("%s has no member %s: %s would read and write bytes %s", c.who.new, tick(c.name), c.who.old, c.note)
			},
		},
		{
			ID: "field.renamed", Title: "a member has another name in the same place",
			Severity: severities(Breaking, Risk, Breaking),
			Doc: `Place and type agree, the name does not. A struct_ops loader finds members by name: it refuses a value under the old name ` +
				`and leaves the new one zero. In shared memory the bytes agree, but a new name often means a new meaning.`,
			Before: "struct begin { uint64_t pos; uint64_t count; };",
			After:  "struct begin { uint64_t pos; uint64_t length; };",
			Fix:    "Check that the meaning is the same, then take over the new name.",
			say: func(c change) string {
				switch {
				case c.profile == Loader && c.callback:
					return fmt.Sprintf("callback %s is now called %s: the loader matches by name and refuses the program", tick(c.name), tick(c.other))
				case c.profile == Loader:
					return fmt.Sprintf("%s is now called %s: the loader matches by name, so it refuses a value in the one and leaves the other zero", tick(c.name), tick(c.other))
				case c.profile == Source:
					return fmt.Sprintf("%s is now called %s: the same bytes, but code that names it no longer compiles", tick(c.name), tick(c.other))
				}
				return fmt.Sprintf("%s is called %s by %s: the same bytes, harmless unless the meaning changed with the name", tick(c.name), tick(c.other), c.who.new)
			},
		},
		{
			ID: "field.moved", Title: "a member lies elsewhere",
			Severity: severities(Info, Breaking, None),
			Doc: `The member is the same but starts at another byte, though nothing before it changed size. Whoever shares the memory reads ` +
				`other bytes under its name. A struct_ops loader writes it to the kernel's offset by name: harmless.`,
			Before: "struct io { uint16_t type; uint32_t dev; uint16_t flags; };",
			After:  "struct io { uint32_t dev; uint16_t flags; uint16_t type; };",
			Fix:    "Put the member back, or insert the missing padding; in Go, where alignment differs by architecture, make the padding explicit.",
			say: func(c change) string {
				if c.profile == Loader {
					return fmt.Sprintf("the loader writes %s to the kernel's offset by name: harmless", tick(c.name))
				}
				return fmt.Sprintf("%s lies elsewhere: %s", tick(c.name), c.note)
			},
		},
		{
			ID: "field.swapped", Title: "two members have changed places",
			Severity: severities(Info, Breaking, None),
			Doc: `Each is read under the other's name. Where both have one type nothing fails: the values are simply wrong. A struct_ops ` +
				`loader matches by name and does not mind. It is one finding, on the member that came first.`,
			Before: "struct begin { uint64_t pos; uint64_t count; };",
			After:  "struct begin { uint64_t count; uint64_t pos; };",
			Fix:    "Restore the order, or regenerate the side that is behind.",
			say: func(c change) string {
				if c.profile == Loader {
					return fmt.Sprintf("%s and %s have changed places: the loader writes each to the kernel's offset by name: harmless", tick(c.name), tick(c.other))
				}
				return fmt.Sprintf("%s and %s have changed places: %s", tick(c.name), tick(c.other), c.note)
			},
		},
		{
			ID: "field.type", Title: "a member has another kind of type",
			Severity: allSame(Breaking),
			Doc: `An integer became a pointer, a float, another record: the bytes no longer mean what the other side takes them for. ` +
				`A struct_ops loader compares the kinds and refuses; only where the program has a pointer does cilium/ebpf load it and drop the value.`,
			Before: "struct arg { uint64_t inode; };",
			After:  "struct arg { struct inode *inode; };",
			Fix:    "Port the code to the new type; a cast hides the problem without solving it.",
			say: func(c change) string {
				if c.profile == Loader && c.note == "pointer" {
					return fmt.Sprintf("%s has another kind of type: libbpf compares kinds and refuses the map, cilium/ebpf accepts a pointer and drops its value", tick(c.name))
				}
				if c.profile == Loader {
					return fmt.Sprintf("%s has another kind of type: the loader compares kinds and refuses the map", tick(c.name))
				}
				return fmt.Sprintf("%s has another type: %s takes its bytes for %s where %s has %s", tick(c.name), c.who.old, c.old, c.who.new, c.new)
			},
		},
		{
			ID: "field.enum", Title: "an enum in place of an integer of the same width, or the reverse",
			Severity: severities(Breaking, Info, Info),
			Doc: `The bytes mean the same number. A struct_ops loader compares BTF kinds nevertheless, and an enum is not an ` +
				`integer to it: it refuses the map.`,
			Before: "struct arg { uint32_t mode; };\nenum mode { NONE, ALL };",
			After:  "enum mode { NONE, ALL };\nstruct arg { enum mode mode; };",
			Fix:    "In a struct_ops type, spell the member as the kernel does. Elsewhere nothing.",
			say: func(c change) string {
				if c.profile == Loader {
					return fmt.Sprintf("%s is an enum on one side and an integer on the other: the loader compares kinds and refuses the map", tick(c.name))
				}
				return fmt.Sprintf("%s is spelled otherwise but holds the same number: harmless", tick(c.name))
			},
		},
		{
			ID: "field.size", Title: "a member is wider or narrower",
			Severity: severities(Breaking, Breaking, Risk),
			Doc: `The narrower side drops the upper bytes or reads its neighbour's as part of the value, and whatever follows may have ` +
				`moved. A struct_ops loader compares the sizes and refuses.`,
			Before: "struct io { uint32_t dev; uint32_t flags; };",
			After:  "struct io { uint64_t dev; uint32_t flags; };",
			Fix:    "Regenerate the side that is behind; then look for places that store the value in a narrower variable.",
			say: func(c change) string {
				if c.profile == Loader {
					return fmt.Sprintf("%s is %s: the loader compares sizes and refuses the map", tick(c.name), c.note)
				}
				what := fmt.Sprintf("%s takes %s for part of it", c.who.old, c.other)
				if c.note == "wider" {
					what = fmt.Sprintf("%s sees only a part of the value and leaves the rest unset", c.who.old)
				}
				return fmt.Sprintf("%s is %s: %s", tick(c.name), c.note, what)
			},
		},
		{
			ID: "field.sign", Title: "a member's sign differs",
			Severity: severities(Risk, Breaking, Risk),
			Doc: `The bytes are the same, the numbers are not: a negative value is read as a huge one, or a huge one as negative. No loader ` +
				`checks it, so it shows only in the values.`,
			Before: "struct end { int64_t written; };",
			After:  "struct end { uint64_t written; };",
			Fix:    "Use the sign of the side that runs, and look at comparisons with 0 and at error codes.",
			say: func(c change) string {
				if c.profile == Loader {
					return fmt.Sprintf("%s is %s for %s: the loader does not look at signs, so a value with the top bit set becomes another number", tick(c.name), c.note, c.who.new)
				}
				if c.note == "signed" {
					return fmt.Sprintf("%s is signed for %s: %s would read a negative value, such as an error, as a huge one", tick(c.name), c.who.new, c.who.old)
				}
				return fmt.Sprintf("%s is unsigned for %s: %s would read a value above half the range as negative", tick(c.name), c.who.new, c.who.old)
			},
		},
		{
			ID: "field.array", Title: "an array has another length",
			Severity: severities(Breaking, Breaking, Risk),
			Doc: `The longer side reads or writes elements that belong to the next member, and whatever follows may have moved. ` +
				`A struct_ops loader compares the sizes and refuses.`,
			Before: "struct ops { char name[16]; uint32_t flags; };",
			After:  "struct ops { char name[32]; uint32_t flags; };",
			Fix:    "Regenerate the side that is behind, and use the array's size instead of a number.",
			say: func(c change) string {
				if c.profile == Loader && c.note == "same size" {
					return fmt.Sprintf("array %s has other dimensions in the same bytes: the loader compares sizes and accepts the map, and the elements lie elsewhere", tick(c.name))
				}
				if c.profile == Loader {
					return fmt.Sprintf("array %s has another length: the loader compares sizes and refuses the map", tick(c.name))
				}
				if c.note == "same size" {
					return fmt.Sprintf("array %s has other dimensions in the same bytes: %s finds elements where %s keeps others", tick(c.name), c.who.old, c.who.new)
				}
				return fmt.Sprintf("array %s has another length: the side with the longer one reads and writes past the other's", tick(c.name))
			},
		},
		{
			ID: "field.bits", Title: "a bit-field has another width, or is none",
			Severity: severities(Breaking, Breaking, Risk),
			Doc:      `Bits that belonged to the field now belong to its neighbour. Loaders refuse bit-fields in struct_ops types altogether.`,
			Before:   "struct mode { uint32_t kind : 3; uint32_t rest : 29; };",
			After:    "struct mode { uint32_t kind : 4; uint32_t rest : 28; };",
			Fix:      "Regenerate the accessors; check that the largest value still fits.",
			say: func(c change) string {
				return fmt.Sprintf("%s takes other bits: %s would read bits of its neighbours, or miss some of its own", tick(c.name), c.who.old)
			},
		},
		{
			ID: "field.pointee", Title: "a pointer member points to something else",
			Severity: severities(Info, Risk, Risk),
			Doc: `The pointer itself is as wide as before, but following it finds another record. The kernel's verifier decides by the name of ` +
				`the record what a program may read through it.`,
			Before: "struct arg { struct inode *ino; };",
			After:  "struct arg { struct file *ino; };",
			Fix:    "Follow the pointer with the new type, by CO-RE where both must work.",
			say: func(c change) string {
				return fmt.Sprintf("%s points to something else: whoever follows it reads another record than it expects", tick(c.name))
			},
		},
		{
			ID: "field.const", Title: "const or volatile of a member differs",
			Severity: severities(Info, Info, Risk),
			Doc: `Qualifiers do not reach run time. They say who may write: code that writes through what is now const no longer compiles, ` +
				`and where it does, it breaks a promise.`,
			Before: "struct arg { char *name; };",
			After:  "struct arg { const char *name; };",
			Fix:    "Take over the qualifier.",
			say: func(c change) string {
				if c.profile == Source {
					return fmt.Sprintf("%s is qualified otherwise: the same bytes, but code that writes through it may no longer compile", tick(c.name))
				}
				return fmt.Sprintf("%s is qualified otherwise: the same bytes: harmless", tick(c.name))
			},
		},
		{
			ID: "field.inserted", Title: "a new member pushes others back",
			Severity: severities(None, Breaking, Info),
			Doc: `Every member behind the new one has moved, so the old side reads each of them from the wrong bytes. (A struct_ops loader ` +
				`matches by name: extra members of the kernel are fine.)`,
			Before: "struct end { uint64_t pos; uint64_t count; };",
			After:  "struct end { uint64_t pos; uint64_t attr_ino; uint64_t count; };",
			Fix:    "Rebuild everything that shares the record; new members belong at the end or into reserved space.",
			say: func(c change) string {
				if c.profile == Source {
					return fmt.Sprintf("%s is new: code built against the old declaration does not set it", tick(c.name))
				}
				return fmt.Sprintf("%s has a new member %s%s, which %s does not know: it reads what lies behind from the wrong bytes", c.who.new, tick(c.name), c.note, c.who.old)
			},
		},
		{
			ID: "field.padding", Title: "a new member uses what was padding",
			Severity: severities(None, Risk, Info),
			Doc: `No other member has moved, but bytes the old side leaves unset, or sets to zero, now have a meaning. Compilers do not clear ` +
				`padding, so the new side may read garbage.`,
			Before: "struct io { uint64_t addr; uint16_t type; uint32_t dev; };",
			After:  "struct io { uint64_t addr; uint16_t type; uint16_t flags; uint32_t dev; };",
			Fix:    "Clear the whole record before filling it, or regenerate so that the member can be set.",
			say: func(c change) string {
				if c.profile == Source {
					return fmt.Sprintf("%s is new: code built against the old declaration does not set it", tick(c.name))
				}
				return fmt.Sprintf("%s has a new member %s in bytes that are padding to %s, which may leave garbage there", c.who.new, tick(c.name), c.who.old)
			},
		},
		{
			ID: "field.appended", Title: "a new member at the end makes the record larger",
			Severity: severities(None, Breaking, Info),
			Doc: `The old side allocates, copies or reserves fewer bytes than the new side reads or writes: its neighbours in memory are taken ` +
				`for the new member, or overwritten. (For a struct_ops type see record.tail.)`,
			Before: "struct range { uint64_t offset; uint64_t length; };",
			After:  "struct range { uint64_t offset; uint64_t length; uint64_t flags; };",
			Fix:    "Regenerate and rebuild, or agree on the size at run time before touching the new member.",
			say: func(c change) string {
				if c.profile == Source {
					return fmt.Sprintf("%s is new at the end: code built against the old declaration does not set it", tick(c.name))
				}
				if c.note == "" {
					return fmt.Sprintf("%s has a new member %s behind the last one, in bytes that hold something else for %s", c.who.new, tick(c.name), c.who.old)
				}
				return fmt.Sprintf("%s has a new member %s behind the last one: %s hands over memory that is %s short", c.who.new, tick(c.name), c.who.old, c.note)
			},
		},
		{
			ID: "union.member.added", Title: "a union has a new member",
			Severity: severities(None, Risk, Info),
			Doc:      `The same bytes can now hold one more thing, and the old side takes it for one of those it knows.`,
			Before:   "union value { uint32_t a; };",
			After:    "union value { uint32_t a; int32_t b; };",
			Fix:      "Find out what tells the members apart, and handle the new case.",
			say: func(c change) string {
				return fmt.Sprintf("the union can now hold %s: %s takes its bytes for a member it knows", tick(c.name), c.who.old)
			},
		},
		{
			ID: "union.member.removed", Title: "a union lost a member",
			Severity: severities(Risk, Breaking, Breaking),
			Doc:      `The new side never writes that member and does not read it: a value stored there is taken for another one.`,
			Before:   "union value { uint32_t a; int32_t b; };",
			After:    "union value { uint32_t a; };",
			Fix:      "Stop using the member.",
			say: func(c change) string {
				return fmt.Sprintf("the union no longer holds %s: what %s stores there is taken for another member", tick(c.name), c.who.old)
			},
		},
	}
}
