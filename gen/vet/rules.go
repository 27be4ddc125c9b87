// SPDX-License-Identifier: MIT

package vet

import "github.com/fuseiomap/abigen/gen/drift"

// Identifiers of the rules that concern Go alone. All others are those of
// package drift.
const (
	rulePadding   = "go.padding"
	rulePointer   = "go.pointer"
	ruleBits      = "go.bits"
	ruleUnknown   = "go.unknown"
	ruleDirective = "go.directive"
)

// Rules returns the rules of this package, which come beside those of package
// drift, sorted by ID.
func Rules() []drift.Rule {
	only := func(s drift.Severity) map[drift.Profile]drift.Severity {
		return map[drift.Profile]drift.Severity{drift.Overlay: s}
	}
	return []drift.Rule{
		{
			ID: ruleBits, Title: "a Go field is named after one bit-field and holds several", Severity: only(drift.Risk),
			Doc: "The bytes agree, but the field's value is that of all bit-fields in it. Code that takes it for the one it is named " +
				"after is right as long as the others are zero.",
			Before: "struct event { uint32_t kind : 4; uint32_t cpu : 28; };",
			After:  "type Event struct { Kind uint32 } //abigen:record event",
			Fix:    "Name the field after what it holds, such as KindCPU, and take the bits out by shift and mask.",
		},
		{
			ID: ruleDirective, Title: "a directive cannot be read", Severity: only(drift.Breaking),
			Doc: "A misspelled directive would leave a struct unchecked without anybody noticing.",
			Fix: "Correct it as the message says.",
		},
		{
			ID: rulePadding, Title: "padding is left to the Go compiler", Severity: only(drift.Breaking),
			Doc: "C pads as its target asks for, Go as its GOARCH does: on 386, arm and mips it aligns 64-bit integers to 4 bytes, so a struct " +
				"that is right on amd64 is wrong there. And what reads and writes fields one by one, such as encoding/binary and " +
				"libraries that build on it, knows no padding: it takes the next field from the wrong bytes on every machine. Where only the " +
				"latter holds, the finding is a risk.",
			Before: "struct event { uint32_t pid; uint64_t ts; };",
			After:  "type Event struct { Pid uint32; Ts uint64 } //abigen:record event",
			Fix:    "Spell the padding out, _ [4]byte before Ts; abigen vet --fix does it.",
		},
		{
			ID: rulePointer, Title: "a Go pointer lies in memory that C writes", Severity: only(drift.Risk),
			Doc: "The garbage collector takes what is in the field for an address of Go memory: an address of the kernel or of another process " +
				"makes it fail with \"found bad pointer in Go heap\", and Go memory that only C knows of may be freed. encoding/binary " +
				"refuses pointers.",
			Before: "struct event { void *task; };",
			After:  "type Event struct { Task unsafe.Pointer } //abigen:record event",
			Fix:    "Use uint64 for the address, uintptr where C code on the same machine shares the memory.",
		},
		{
			ID: ruleUnknown, Title: "no source declares the record or enum", Severity: only(drift.Breaking),
			Doc: "A directive whose name no source has checks nothing. An object holds only the types that it uses.",
			Fix: "Correct the name, or name the source that declares it in the table vet of abigen.toml or behind the directive with source=.",
		},
	}
}
