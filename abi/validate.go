// SPDX-License-Identifier: MIT

package abi

import (
	"fmt"
	"strings"
)

// FS is what is known about the file system and the kernel an answer is for.
// The zero value knows nothing: rules that need more are reported as not
// checked.
type FS struct {
	// BlockSize is the file system's block size in bytes; 0 is unknown.
	BlockSize uint32
	// MaxFileSize is the size in bytes that no file may exceed, the kernel's
	// s_maxbytes; 0 is unknown.
	MaxFileSize uint64
	// Devices are the devices the server has registered, by cookie. Nil is
	// unknown, an empty map means that there is none.
	Devices map[uint32]Device
	// UncacheableOps has the operation flags that keep an operation from the
	// kernel's mapping cache; 0 is unknown. The kernel does not publish it.
	UncacheableOps IomapOpFlags
	// Variant is the kernel's reading of rule 25.
	Variant Variant
}

// Device is how the server opened a device that it registered.
type Device struct {
	Readable, Writable bool // what it was opened for
}

// Variant tells kernels apart that check RETRY_CACHE differently (rule 25).
type Variant uint8

const (
	// VariantL is the later tree, which checks every member. What passes it
	// passes VariantF too, so it is the default.
	VariantL Variant = iota
	// VariantF is the posting of February 2026, which skips rules 5 to 13 for
	// a mapping of type RETRY_CACHE.
	VariantF
)

// Report is the outcome of a validation.
type Report struct {
	// Violations are in the order in which the kernel checks: the first one
	// decides how the operation ends.
	Violations []Problem
	// Warnings are what the kernel accepts and probably nobody wants.
	Warnings []Problem
	// Unchecked lists the rules that need to know more of the file system, in
	// the order of their numbers.
	Unchecked []Unchecked
}

// Problem is a violation of a rule, or a warning.
type Problem struct {
	// Rule is the rule's number, see [RuleByNumber].
	Rule int
	// Field is the member in C, such as "read.length"; GoField the same in Go,
	// "Read.Length".
	Field   string
	GoField string
	// Value is what the member holds.
	Value uint64
	// Errno is what the kernel returns to the application, or to the loader for
	// rules 36 and 37; 0 in a warning.
	Errno Errno
	// Message says what is wrong, beginning with the member and its value; Fix
	// says what to do.
	Message string
	Fix     string
}

// Error describes p in one line: rule, member, value, reason, what the kernel
// returns and what to do.
func (p Problem) Error() string {
	outcome := "the kernel accepts it"
	if p.Errno != 0 {
		outcome = "the kernel returns " + p.Errno.Error()
	}
	return fmt.Sprintf("rule %d: %s: %s: %s", p.Rule, p.Message, outcome, p.Fix)
}

// Unwrap returns p.Errno, or nil for a warning.
func (p Problem) Unwrap() error {
	if p.Errno == 0 {
		return nil
	}
	return p.Errno
}

// Unchecked is a rule that could not be checked, or not fully.
type Unchecked struct {
	Rule   int    // its number
	Reason string // what is unknown, and what to set
}

// String describes u in one line.
func (u Unchecked) String() string { return fmt.Sprintf("rule %d: not checked: %s", u.Rule, u.Reason) }

// Err returns the violation that the kernel meets first, as a [*Problem] that
// wraps its [Errno], or nil if there is none. An unchecked rule may come before
// it in a real kernel.
func (r Report) Err() error {
	if len(r.Violations) == 0 {
		return nil
	}
	return &r.Violations[0]
}

// String has one line for each violation, warning and unchecked rule, and a
// summary at the end.
func (r Report) String() string {
	var b strings.Builder
	for i := range r.Violations {
		fmt.Fprintln(&b, r.Violations[i].Error())
	}
	for i := range r.Warnings {
		fmt.Fprintln(&b, "warning:", r.Warnings[i].Error())
	}
	for _, u := range r.Unchecked {
		fmt.Fprintln(&b, u)
	}
	fmt.Fprintf(&b, "%d violations, %d warnings, %d not checked\n", len(r.Violations), len(r.Warnings), len(r.Unchecked))
	return b.String()
}

// Validate checks an answer to iomap_begin against the kernel's rules 4 to 23
// and 25. Of in it uses the operation flags and the position in bytes. It finds
// every violation, not only the one the kernel would stop at. Sums are unsigned
// and wrap at 64 bits, as in the kernel. It does not allocate when there is
// nothing to report.
func Validate(in IomapBeginIn, out IomapBeginOut, fs FS) Report {
	c := checker{in: in, out: out, fs: fs}
	c.mapping(readSide)
	c.mapping(writeSide)
	c.answer()
	c.devices()
	c.unchecked()
	return c.report
}

// checker is the state of one validation.
type checker struct {
	in     IomapBeginIn
	out    IomapBeginOut
	fs     FS
	report Report
}

// side is one of the two mappings of an answer.
type side uint8

const (
	readSide side = iota
	writeSide
)

// both lists the sides in the kernel's order.
var both = [...]side{readSide, writeSide}

func (c *checker) side(s side) *IomapIO {
	if s == readSide {
		return &c.out.Read
	}
	return &c.out.Write
}

// member is a member of a mapping.
type member uint8

const (
	offsetMember member = iota
	lengthMember
	addrMember
	typeMember
	flagsMember
	devMember
)

// fieldNames has the names of every member in C and Go, by side.
var fieldNames = [2][6][2]string{
	readSide: {
		offsetMember: {"read.offset", "Read.Offset"}, lengthMember: {"read.length", "Read.Length"}, addrMember: {"read.addr", "Read.Addr"},
		typeMember: {"read.type", "Read.Type"}, flagsMember: {"read.flags", "Read.Flags"}, devMember: {"read.dev", "Read.Dev"},
	},
	writeSide: {
		offsetMember: {"write.offset", "Write.Offset"}, lengthMember: {"write.length", "Write.Length"}, addrMember: {"write.addr", "Write.Addr"},
		typeMember: {"write.type", "Write.Type"}, flagsMember: {"write.flags", "Write.Flags"}, devMember: {"write.dev", "Write.Dev"},
	},
}

// problem builds the description of what is wrong with a member.
func (c *checker) problem(rule int, s side, m member, why, fix string) Problem {
	var value uint64
	var shown string
	switch io := c.side(s); m {
	case offsetMember:
		value = io.Offset
	case lengthMember:
		value = io.Length
	case addrMember:
		value, shown = io.Addr, fmt.Sprintf("%#x", io.Addr)
		if io.Addr == FUSE_IOMAP_NULL_ADDR {
			shown = "FUSE_IOMAP_NULL_ADDR"
		}
	case typeMember:
		value, shown = uint64(io.Type), io.Type.String()
	case flagsMember:
		value, shown = uint64(io.Flags), io.Flags.String()
	case devMember:
		value = uint64(io.Dev)
	}
	if shown == "" {
		shown = fmt.Sprint(value)
	}
	r, _ := RuleByNumber(rule)
	names := &fieldNames[s][m]
	return Problem{
		Rule: rule, Field: names[0], GoField: names[1], Value: value, Errno: r.Errno,
		Message: names[0] + " is " + shown + ": " + why, Fix: fix,
	}
}

// violation records that a member breaks a rule.
func (c *checker) violation(rule int, s side, m member, why, fix string) {
	c.report.Violations = append(c.report.Violations, c.problem(rule, s, m, why, fix))
}

// unchecked lists the rules whose context is not known, whatever the answer
// is: it may well be that they would hold.
func (c *checker) unchecked() {
	for i := range rules {
		if reason := c.lacks(rules[i].Needs); reason != "" {
			c.report.Unchecked = append(c.report.Unchecked, Unchecked{Rule: rules[i].Number, Reason: reason})
		}
	}
}

// lacks says why a rule that needs the given member of FS cannot be checked.
func (c *checker) lacks(member string) string {
	switch {
	case member == "BlockSize" && c.fs.BlockSize == 0:
		return "the block size is unknown: set FS.BlockSize"
	case member == "MaxFileSize" && c.fs.MaxFileSize == 0:
		return "the maximum file size is unknown: set FS.MaxFileSize"
	case member == "Devices" && c.fs.Devices == nil:
		return "the registered devices are unknown: set FS.Devices"
	case member == "UncacheableOps" && c.fs.UncacheableOps == 0:
		return "the operations that cannot be cached are unknown: set FS.UncacheableOps"
	}
	return ""
}
