// SPDX-License-Identifier: MIT

package bpf

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/fuseiomap/abigen/internal/lazyregexp"
)

// cause is what a complaint of the verifier means. The patterns are the words of
// the kernel's verifier.c and btf.c, of Linux 6.12 to 7.3.
type cause struct {
	complaint func() *regexp.Regexp
	// say puts it in plain words: what the program does, and what to do. m are
	// the pattern's groups.
	say func(m []string, in refusal) (cause, remedy string)
}

// refusal is what else is known of a refusal.
type refusal struct {
	at     *step  // the refused instruction; nil where there is none
	source string // its source line
	from   *step  // where a reference that is not released was taken
}

// stores tells whether the refused instruction writes memory.
func (c refusal) stores() bool { return c.at != nil && storing().MatchString(c.at.text) }

var storing = lazyregexp.New(`^\([0-9a-f]{2}\) (?:lock |r\d+ = atomic|\*\()`)

// explain finds what a complaint means; empty strings where it is not known.
func explain(log *verifierLog, source string) (what, remedy string) {
	in := refusal{at: log.refused(), source: source, from: log.allocated()}
	complaint := strings.Join(log.complaint, "\n")
	for _, c := range causes {
		if m := c.complaint().FindStringSubmatch(complaint); m != nil {
			return c.say(m, in)
		}
	}
	return "", ""
}

// explainBTF does so for an object's type information.
func explainBTF() (what, remedy string) {
	return "the kernel does not take the object's BTF, so it has not looked at the program yet",
		"compile with a clang that makes BTF this kernel knows, or leave out what it does not know; the log names the type"
}

// always gives the same words for every match.
func always(what, remedy string) func([]string, refusal) (string, string) {
	return func([]string, refusal) (string, string) { return what, remedy }
}

// records are the pointers that a program is passed, as the verifier names them.
func pointer(name string) string {
	switch name {
	case "fuse_iomap_begin_out", "fuse_iomap_ioend_out":
		return "outarg (struct " + name + ")"
	case "fuse_inode", "fuse_bpf_inode":
		return "the inode (struct " + name + ")"
	}
	return "struct " + name
}

// verb is what an instruction does.
func (c refusal) verb() string {
	if c.stores() {
		return "writes"
	}
	return "reads"
}

const (
	askMembers = "use the record's members, and compile against the header of this kernel's revision: abigen check compares the two"
	opaque     = "revision 4 of the interface shows nothing of the inode: ask fuse_bpf_inode_nodeid and fuse_bpf_inode_orig_ino, where the type exists"
	boundIndex = "compare it with the size before it is used, as an unsigned number and in the variable that is used, or mask it: bpf_below in bpf/include/bpf.h"
)

var causes = []cause{
	// What the struct_ops type says about its records.
	{lazyregexp.New(`access beyond struct (\S+) at off (\d+) size (\d+)`), func(m []string, in refusal) (string, string) {
		remedy := askMembers
		if m[1] == "fuse_bpf_inode" {
			remedy = opaque
		}
		return fmt.Sprintf("it %s %s bytes at offset %s of %s, which is past its end in this kernel", in.verb(), m[3], m[2], pointer(m[1])), remedy
	}},
	{lazyregexp.New(`access beyond the end of member (\S+) \(mend:(\d+)\) in struct (\S+) with off (\d+) size (\d+)`), func(m []string, in refusal) (string, string) {
		return fmt.Sprintf("it %s %s bytes at offset %s of %s, which begin in member %s and end outside it", in.verb(), m[5], m[4], pointer(m[3]), m[1]), "access one member at a time, with its own size"
	}},
	{lazyregexp.New(`R\d+ is ptr_(\S+) invalid negative access: off=(-\d+)`), func(m []string, in refusal) (string, string) {
		return fmt.Sprintf("it %s in front of %s, at offset %s", in.verb(), pointer(m[1]), m[2]), "access only what is in the record: a negative index, or a pointer moved back, is wrong here"
	}},
	{lazyregexp.New(`R\d+ is ptr_(\S+) invalid variable offset`), func(m []string, in refusal) (string, string) {
		return fmt.Sprintf("it %s %s at an offset that is known only when the program runs", in.verb(), pointer(m[1])),
			"choose with if or switch between members, each of which has a fixed offset: the kernel takes no other, even within bounds"
	}},
	{lazyregexp.New(`(?m)^write of (\d+) bytes at offset (-?\d+) of a record of (\d+) bytes`), func(m []string, _ refusal) (string, string) {
		return fmt.Sprintf("it writes %s bytes at offset %s of what outarg points to, which has %s", m[1], m[2], m[3]), askMembers
	}},
	{lazyregexp.New(`(?m)^only (.+) can be written`), func(m []string, _ refusal) (string, string) {
		return "it writes to memory of the kernel that is no answer: programs may write " + m[1] + " and nothing else",
			"write only to the record that outarg points to, and copy what else is to change to the stack or a map"
	}},
	{lazyregexp.New(`(?m)^(?:no write support to (\S+) at off (\d+)|write access at off (\d+) with size (\d+))`), func(m []string, _ refusal) (string, string) {
		return "it writes at offset " + m[2] + m[3] + " of a record of the kernel, where programs may not", askMembers
	}},
	{lazyregexp.New(`R\d+ cannot write into ptr_(\S+) at off=(-?\d+) size=(\d+)`), func(m []string, _ refusal) (string, string) {
		return fmt.Sprintf("it writes %s bytes at offset %s of %s, where programs may not", m[3], m[2], pointer(m[1])), askMembers
	}},
	{lazyregexp.New(`only read from (\S+) is supported`), func(m []string, _ refusal) (string, string) {
		return "it writes to struct " + m[1] + ", which the kernel keeps for itself", "look an element up and write to that: a map is not the memory of its values"
	}},
	{lazyregexp.New(`only read is supported`), always("it writes to memory of the kernel that programs may only read",
		"write only to the record that outarg points to, and copy what else is to change to the stack or a map")},
	{lazyregexp.New(`cannot access ptr member (\S+) with moff (\d+) in struct (\S+) with off (\d+) size (\d+)`), func(m []string, in refusal) (string, string) {
		return fmt.Sprintf("it %s a part of member %s of %s, which is a pointer", in.verb(), m[1], pointer(m[3])), "read the whole pointer, 8 bytes at the member's offset"
	}},

	// The context: the array of arguments.
	{lazyregexp.New(`func '(\S+)' doesn't have (\d+)-th argument`), func(m []string, in refusal) (string, string) {
		return fmt.Sprintf("it takes argument %s of %s, which has fewer in this kernel", m[2], m[1]), "compile against the header of this kernel's revision: abigen check says which it is"
	}},
	{lazyregexp.New(`invalid bpf_context access off=(\d+) size=(\d+)`), func(m []string, in refusal) (string, string) {
		if in.stores() {
			return "it writes to the context, where the kernel passes the arguments", "copy the argument to a variable and change that: ctx is read-only"
		}
		return fmt.Sprintf("it reads %s bytes at offset %s of the context, which are no argument of this callback", m[2], m[1]), "take arguments as a whole, 8 bytes each, as BPF_PROG does"
	}},
	{lazyregexp.New(`dereference of modified ctx ptr R\d+ off=(\d+) disallowed`), always("it has moved ctx, the pointer to the arguments, and uses it", "index ctx itself with a constant: ctx[3]")},

	// Values that are not there.
	{lazyregexp.New(`R0 !read_ok`), func(m []string, in refusal) (string, string) {
		if in.at != nil && !strings.HasSuffix(in.at.text, "exit") {
			return notSet("0")
		}
		return "it can return without having set what it returns", "return FIB_HANDLED or FIB_FALLBACK on every path"
	}},
	{lazyregexp.New(`R(\d+) !read_ok`), func(m []string, _ refusal) (string, string) { return notSet(m[1]) }},

	// Pointers.
	{lazyregexp.New(`R(\d+) invalid mem access '(\S*_or_null\S*)'`), func(m []string, in refusal) (string, string) {
		return fmt.Sprintf("it %s through a pointer that may be NULL, without having tested it", in.verb()), "test it first: what looks something up or reserves something returns NULL where there is nothing"
	}},
	{lazyregexp.New(`R(\d+) pointer arithmetic on (\S*_or_null\S*) prohibited`), always("it moves a pointer that may be NULL, without having tested it", "test it first: what looks something up or reserves something returns NULL where there is nothing")},
	{lazyregexp.New(`R(\d+) invalid mem access '(?:scalar|inv)'`), func(m []string, in refusal) (string, string) {
		return fmt.Sprintf("it %s where a number says, as if it were an address: the verifier knows of no pointer there", in.verb()),
			"keep pointers in variables of pointer type, test them before use, and see that the parameters are those of the kernel's callback: abigen check"
	}},
	{lazyregexp.New(`R(\d+) invalid mem access '(\S+)'`), func(m []string, in refusal) (string, string) {
		return fmt.Sprintf("it %s through a pointer of kind %s, which gives no access", in.verb(), m[2]), "pass it to the helpers that take it; its memory is the kernel's"
	}},
	{lazyregexp.New(`R(\d+) (?:bitwise operator \S+ on pointer|pointer \S+= \S+|pointer arithmetic with \S+ operator|32-bit pointer arithmetic) prohibited`), always(
		"it calculates with a pointer as with a number", "add or subtract only, in 64 bits, and on numbers where anything else is wanted")},
	{lazyregexp.New(`R(\d+) must have zero offset when passed to release func or trusted arg to kfunc`), always("it passes a pointer that it has moved", "pass the pointer as it was got")},
	{lazyregexp.New(`frame pointer is read only`), always("it changes the frame pointer", "use another register: r10 is the kernel's")},

	// Bounds.
	{lazyregexp.New(`math between (\S+) pointer and register with unbounded min value is not allowed`), func(m []string, _ refusal) (string, string) {
		where := "in a " + m[1]
		if m[1] == "fp" {
			where = "on the stack"
		}
		return "it indexes memory " + where + " with a number that nothing bounds", boundIndex
	}},
	{lazyregexp.New(`invalid access to map value, value_size=(\d+) off=(-?\d+) size=(\d+)`), func(m []string, in refusal) (string, string) {
		return fmt.Sprintf("it can access %s bytes at offset %s of a map's value, which has %s", m[3], m[2], m[1]), boundIndex
	}},
	{lazyregexp.New(`invalid access to memory, mem_size=(\d+) off=(-?\d+) size=(\d+)`), func(m []string, in refusal) (string, string) {
		return fmt.Sprintf("it can access %s bytes at offset %s of memory of %s bytes", m[3], m[2], m[1]), boundIndex
	}},
	{lazyregexp.New(`R(\d+) (?:unbounded memory access|min value is negative|max value is outside of the allowed memory range|min value is outside of the allowed memory range)`), func(m []string, in refusal) (string, string) {
		return "it " + in.verb() + " memory at an index or with a length that nothing bounds, or whose bound allows too much", boundIndex
	}},
	{lazyregexp.New(`invalid (?:unbounded |zero-sized )?(?:variable-offset )?(?:indirect )?(?:write|read|access|write access|indirect access) (?:to|from) stack R(\d+)(?: off=(-?\d+))?`), func(m []string, in refusal) (string, string) {
		if m[1] == "10" && m[2] != "" {
			return "it " + in.verb() + " the stack at offset " + m[2] + ", and there are 512 bytes of it", "keep what is large in a map: an array with one element a processor serves as scratch memory"
		}
		return "it " + in.verb() + " the stack at an index that may be outside the array", boundIndex
	}},
	{lazyregexp.New(`misaligned (stack |value |packet |pointer |)access`), always("it accesses memory at an address that is no multiple of the access's size", "align the record, or copy it byte by byte")},

	// What cannot be written.
	{lazyregexp.New(`write into map forbidden`), always("it writes to a map that programs may only read", "const data is read-only: make the variable non-const, or write to another map")},

	// Loops and size.
	{lazyregexp.New(`infinite loop detected at insn`), always("it has a loop that need not end: a turn can leave everything as it was", "count the turns and stop at a constant bound; FIB_FALLBACK leaves the rest to the server")},
	{lazyregexp.New(`BPF program is too large\. Processed (\d+) insn`), func(m []string, _ refusal) (string, string) {
		return "there are too many ways through it: the verifier gave up after " + m[1] + " instructions",
			"bound loops by a smaller constant, move the body into bpf_loop, or search a sorted table by halving instead of step by step"
	}},
	{lazyregexp.New(`unreachable insn \d+`), always("it contains instructions that no path leads to", "compile with clang -O2: hand-written assembly may have lost a jump")},
	{lazyregexp.New(`last insn is not an exit or jmp|jump out of range|jump into the middle of ldimm64`), always("its instructions end in the middle of a path", "compile again: the object is damaged, or assembly in it lacks an exit")},
	{lazyregexp.New(`combined stack size of (\d+) calls is (\d+)\. Too large`), func(m []string, _ refusal) (string, string) {
		return fmt.Sprintf("its functions need %s bytes of stack in %s nested calls, and there are 512", m[2], m[1]), "keep what is large in a map: an array with one element a processor serves as scratch memory"
	}},
	{lazyregexp.New(`the call stack of (\d+) frames is too deep`), always("its functions call each other more than 8 deep", "inline them")},
	{lazyregexp.New(`div by zero`), always("it divides by a constant 0", "divide by something else: a variable that is 0 gives 0")},

	// Functions of the kernel.
	{lazyregexp.New(`invalid func unknown#195896080`), always("it uses a type or member that this kernel does not have", "guard the use with bpf_core_type_exists or bpf_core_field_exists, as iomap_nodeid in bpf/include/iomap.h does")},
	{lazyregexp.New(`(?:program of this type cannot use helper|unknown func) (\w+)#(\d+)`), func(m []string, _ refusal) (string, string) {
		return fmt.Sprintf("it calls helper %s, which such programs may not", m[1]), "use the base set of helpers only: maps, ring buffers, time, spin locks (rule 40)"
	}},
	{lazyregexp.New(`invalid func unknown#(\d+)`), func(m []string, _ refusal) (string, string) {
		return "it calls a helper, number " + m[1] + ", that this kernel does not have", "guard the call, or load the program on a newer kernel"
	}},
	{lazyregexp.New(`program must be sleepable to call sleepable kfunc (\w+)|kernel func(?:tion)? (\w+) is sleepable|(\w+) is sleepable within`), func(m []string, _ refusal) (string, string) {
		return "it calls " + m[1] + m[2] + m[3] + ", which may sleep, and may not sleep itself", "put it into a sleepable section, struct_ops.s/…: the header's macros do so with FUSE_IOMAP_BPF_REV 3 and later"
	}},
	{lazyregexp.New(`calling kernel function (\S+) is not allowed`), func(m []string, _ refusal) (string, string) {
		return "it calls the kernel's function " + m[1] + ", which is not for programs of this type", "use the functions that fuse_iomap_bpf.h declares, and helpers of the base set"
	}},
	{lazyregexp.New(`(?:args?#(\d+)|R(\d)) expected pointer to (.+?) but R\d+ has a pointer to (.+)`), func(m []string, _ refusal) (string, string) {
		return fmt.Sprintf("argument %s of the function it calls is a pointer to %s, and it passes one to %s", ordinal(m[1])+m[2], lower(m[3]), lower(m[4])), "pass what the function is declared to take"
	}},
	{lazyregexp.New(`Possibly NULL pointer passed to trusted (?:arg(\d+)|R(\d))`), func(m []string, _ refusal) (string, string) {
		return "it passes a pointer that may be NULL as argument " + ordinal(m[1]) + m[2] + " of a function that needs one", "test it first"
	}},
	{lazyregexp.New(`R(\d) type=(\S+) expected=(.+)`), func(m []string, _ refusal) (string, string) {
		return fmt.Sprintf("argument %s of the helper must be %s, and it passes %s", m[1], strings.TrimSuffix(strings.TrimSpace(m[3]), ","), m[2]), "pass what the helper takes: a pointer of that kind"
	}},
	{lazyregexp.New(`cannot call GPL-restricted function from non-GPL compatible program`), always("it calls a function that only programs under the GPL may", "declare the licence: DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF")},

	// References.
	{lazyregexp.New(`Unreleased reference id=\d+ alloc_insn=(\d+)`), func(m []string, in refusal) (string, string) {
		what := "it can return without giving back what it has taken"
		if in.from != nil && in.from.file != "" {
			what += fmt.Sprintf(" at %s:%d", in.from.file, in.from.line)
		}
		return what, "submit or discard a ring buffer's record, and release what else was acquired, on every path"
	}},
	{lazyregexp.New(`[Ee]xpected an initialized dynptr as arg #(\d+)`), always("it uses a dynamic pointer that nothing has set up, or that was used up", "reserve first, and submit or discard once")},

	// What it returns.
	{lazyregexp.New(`(?:At program exit the register|At subprogram exit the register|The register) R0 has (.*) should have been in (\S+ ?\S*\])`), func(m []string, _ refusal) (string, string) {
		return "it can return something else than the kernel allows, which is " + m[2], "return one of these on every path"
	}},

	// The program as a whole.
	{lazyregexp.New(`attach to invalid member (\S+)\(@idx \d+\) of struct (\S+)`), func(m []string, _ refusal) (string, string) {
		return fmt.Sprintf("member %s of struct %s is no callback in this kernel", m[1], m[2]), "compile against the header of this kernel's revision: abigen check"
	}},
	{lazyregexp.New(`struct ops programs must have a GPL compatible license`), always("its licence is none that the kernel takes for such programs", "declare it: DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF")},
	{lazyregexp.New(`attach to unsupported member (\S+) of struct (\S+)`), func(m []string, _ refusal) (string, string) {
		return fmt.Sprintf("the kernel does not take it for member %s of struct %s", m[1], m[2]), "a program in a sleepable section, struct_ops.s/…, goes only where the kernel may sleep; put it into struct_ops/…"
	}},
}

func notSet(register string) (string, string) {
	return "it uses register " + register + " where nothing has set it", "initialise the variable on every path; in assembly, a call leaves r1 to r5 unset"
}

// ordinal counts from 1 what the kernel counts from 0.
func ordinal(n string) string {
	if len(n) == 1 && n[0] >= '0' && n[0] < '9' {
		return string(n[0] + 1)
	}
	return n
}

// lower writes the kinds of BTF as C does.
func lower(s string) string {
	for _, k := range []string{"STRUCT", "UNION", "ENUM"} {
		s = strings.Replace(s, k+" ", strings.ToLower(k)+" ", 1)
	}
	return s
}
