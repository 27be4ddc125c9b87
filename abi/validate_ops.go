// SPDX-License-Identifier: MIT

package abi

import (
	"bytes"
	"fmt"
)

// maxName is the longest name of a set of operations in bytes; one more holds
// the NUL byte.
const maxName = len(IomapBPFOps{}.Name) - 1

// CheckName checks a name for a set of operations (rule 36): 1 to 15 characters
// of A-Z, a-z, 0-9, _ and dot. The error is a [*Problem] that wraps EINVAL,
// which writing the map would end in.
func CheckName(name string) error {
	if p := nameProblem(name); p != nil {
		return p
	}
	return nil
}

// nameProblem returns what is wrong with a name, or nil.
func nameProblem(name string) *Problem {
	var why, fix string
	switch i := firstBadByte(name); {
	case name == "":
		why, fix = "a name has at least one character", "give the operations a name"
	case i >= 0:
		why, fix = fmt.Sprintf("character %q at byte %d is not allowed", rune(name[i]), i), "use A-Z, a-z, 0-9, _ and dot"
	case len(name) > maxName:
		why, fix = fmt.Sprintf("%d characters, and a NUL byte must follow the name", len(name)), fmt.Sprintf("shorten it to %d characters", maxName)
	default:
		return nil
	}
	return &Problem{
		Rule: 36, Field: "name", GoField: "Name", Value: uint64(len(name)), Errno: EINVAL,
		Message: fmt.Sprintf("name is %q: %s", name, why), Fix: fix,
	}
}

// firstBadByte returns the index of the first byte that a name must not have,
// or -1.
func firstBadByte(name string) int {
	for i := range len(name) {
		switch b := name[i]; {
		case 'A' <= b && b <= 'Z', 'a' <= b && b <= 'z', '0' <= b && b <= '9', b == '_', b == '.':
		default:
			return i
		}
	}
	return -1
}

// SetName checks a name and puts it into r, padded with NUL bytes. With an
// error, see [CheckName], r is unchanged.
func (r *IomapBPFOps) SetName(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	r.Name = [len(r.Name)]byte{}
	copy(r.Name[:], name)
	return nil
}

// NameString returns the name up to its NUL byte, or all of it if it has none.
func (r *IomapBPFOps) NameString() string {
	name, _, _ := bytes.Cut(r.Name[:], []byte{0})
	return string(name)
}

// Validate checks what the kernel asks of the operations themselves when the
// map is written: rules 36 and 37. In a violation of rule 36, Value is the
// length of the name in bytes.
func (r *IomapBPFOps) Validate() Report {
	var report Report
	if p := nameProblem(r.NameString()); p != nil {
		report.Violations = append(report.Violations, *p)
	}
	if r.Zeropad != 0 {
		report.Violations = append(report.Violations, Problem{
			Rule: 37, Field: "zeropad", GoField: "Zeropad", Value: uint64(r.Zeropad), Errno: EINVAL,
			Message: fmt.Sprintf("zeropad is %d: padding must be zero", r.Zeropad), Fix: "set it to 0",
		})
	}
	return report
}
