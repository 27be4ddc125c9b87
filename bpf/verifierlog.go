// SPDX-License-Identifier: MIT

package bpf

import (
	"slices"
	"strconv"
	"strings"

	"github.com/fuseiomap/abigen/internal/lazyregexp"
)

// verifierLog is what the verifier prints at log level 1, taken apart. It prints
// the path that it could not get to the end of: each instruction after the source
// line it comes from, what it knows about the registers, and the complaint.
//
//	; outarg->read.offset = *(uint64_t *)pos; @ mine.c:10
//	2: (79) r1 = *(u64 *)(r1 +0)
//	R1 invalid mem access 'scalar'
//	processed 3 insns (limit 1000000) max_states_per_insn 0 …
//
// Later kernels add, to some complaints, an explanation of their own:
//
//	Verification failed: Register Type Safety: Invalid dereference
//
//	Reason:
//	  R1 is an integer scalar here, not a pointer to memory.
//
//	At:
//	…
//	Suggestion:
//	  Preserve a pointer-valued register where needed, …
//
// What it says of place and path is in the rest of the log too.
type verifierLog struct {
	steps              []step
	complaint          []string
	reason, suggestion string
}

// step is an instruction of the path.
type step struct {
	slot   int    // position in the program, in 8-byte slots
	line   int    // of the source; 0 where the kernel does not print it
	file   string // empty where the kernel does not print it
	source string
	text   string // "(79) r1 = *(u64 *)(r1 +0)"
	state  string // "; R1=scalar()", what is known after it
}

var (
	instructionLine = lazyregexp.New(`^(\d+): (\([0-9a-f]{2}\) .*)$`)
	jump            = lazyregexp.New(`^\([0-9a-f]{2}\) .*goto pc[+-]\d+`) // the verifier writes on behind it
	sourceLine      = lazyregexp.New(`^; (.*)$`)
	sourcePlace     = lazyregexp.New(`^(.*) @ (\S+):(\d+)$`) // from Linux 6.9 on
	// Lines about the state and about the verifier itself.
	stateLine = lazyregexp.New(`^(?:\s*(?:\d+: )?(?:R\d+[a-z_]*=|frame\d*:)|from \d+ to \d+|(?:cur|old) state:|mark_precise:|` +
		`(?:parent state|last_idx|propagating|caller:|callee:|returning from callee:|to caller at|regs=|func#\d+ @\d+|` +
		`Validating \S+\(\) func#|Func#\d+ |func '\S+' arg\d+ has btf_id|processed \d+ insns|verification time|stack depth|insns processed))`)
	explanationHead = lazyregexp.New(`^[A-Z][a-z ]+:$`)
	// Complaints that name the instruction themselves.
	complaintSlot = lazyregexp.New(`(?:infinite loop detected at insn|unreachable insn|(?:jump out of range|back-edge) from insn) (\d+)`)
	allocation    = lazyregexp.New(`alloc_insn=(\d+)`)
)

func readLog(lines []string) *verifierLog {
	var log verifierLog
	var now step        // with the source line in force
	var section *string // of the kernel's explanation, nil outside
	var ignored string
	for _, line := range lines {
		switch {
		case strings.HasPrefix(line, "Verification failed: "):
			section = &ignored
			continue
		case section == nil:
		case line == "Reason:":
			section = &log.reason
			continue
		case line == "Suggestion:":
			section = &log.suggestion
			continue
		case strings.TrimSpace(line) == "" || explanationHead().MatchString(line):
			if line != "" {
				section = &ignored
			}
			continue
		case line[0] == ' ':
			*section = strings.TrimSpace(*section + " " + strings.TrimSpace(line))
			continue
		default:
			section = nil
		}
		if m := instructionLine().FindStringSubmatch(line); m != nil {
			s := now
			s.slot, _ = strconv.Atoi(m[1]) // digits alone
			s.text, s.state, _ = strings.Cut(m[2], ";")
			rest := ""
			if j := jump().FindString(s.text); j != "" {
				s.text, rest = j, s.text[len(j):]
			}
			s.text = strings.TrimSpace(s.text)
			if s.state != "" {
				s.state = "; " + strings.TrimSpace(s.state)
			}
			log.steps = append(log.steps, s)
			log.complaint = nil // what was said before it got this far was no complaint
			if line = strings.TrimSpace(rest); line == "" {
				continue
			}
		}
		if m := sourceLine().FindStringSubmatch(line); m != nil {
			now = step{source: strings.TrimSpace(m[1])}
			if p := sourcePlace().FindStringSubmatch(m[1]); p != nil {
				now.source, now.file = strings.TrimSpace(p[1]), p[2]
				now.line, _ = strconv.Atoi(p[3]) // digits alone
			}
			continue
		}
		if text := strings.TrimSpace(line); text != "" && !stateLine().MatchString(line) {
			log.complaint = append(log.complaint, text)
		}
	}
	return &log
}

// refused is the instruction that the complaint is about: the last one, unless
// it names another. Nil where it is about none.
func (l *verifierLog) refused() *step {
	if m := complaintSlot().FindStringSubmatch(strings.Join(l.complaint, "\n")); m != nil {
		if slot, err := strconv.Atoi(m[1]); err == nil {
			if s := l.at(slot); s != nil {
				return s
			}
			return &step{slot: slot}
		}
	}
	if len(l.steps) == 0 {
		return nil
	}
	return &l.steps[len(l.steps)-1]
}

// at is the last time the path was at a slot.
func (l *verifierLog) at(slot int) *step {
	for i := len(l.steps) - 1; i >= 0; i-- {
		if l.steps[i].slot == slot {
			return &l.steps[i]
		}
	}
	return nil
}

// allocated is the instruction that a leak's reference comes from.
func (l *verifierLog) allocated() *step {
	if m := allocation().FindStringSubmatch(strings.Join(l.complaint, "\n")); m != nil {
		if slot, err := strconv.Atoi(m[1]); err == nil {
			return l.at(slot)
		}
	}
	return nil
}

// mostSteps bounds what path shows.
const mostSteps = 16

// path is the part of the log that bears on the complaint: the refused
// instruction, and backwards from it those that made, compared or changed the
// registers it is about.
func (l *verifierLog) path() []string {
	at := l.refused()
	if at == nil || at.text == "" {
		return slices.Clone(l.complaint)
	}
	var show []step
	if loop := l.loop(at); loop != nil {
		show = loop
	} else {
		show = l.slice(at)
	}
	if s := l.allocated(); s != nil {
		show = append(show, *s)
		slices.SortStableFunc(show, func(a, b step) int { return l.index(a) - l.index(b) })
	}
	var lines []string
	var last step
	for _, s := range show {
		if s.source != "" && (s.source != last.source || s.file != last.file || s.line != last.line) {
			line := "; " + s.source
			if s.file != "" {
				line += " @ " + s.file + ":" + strconv.Itoa(s.line)
			}
			lines = append(lines, line)
		}
		line := strconv.Itoa(s.slot) + ": " + s.text
		if s.state != "" {
			line += " " + s.state
		}
		lines = append(lines, line)
		last = s
	}
	return append(lines, l.complaint...)
}

// loop is the last turn of a loop that does not end; nil where the complaint is
// about something else.
func (l *verifierLog) loop(at *step) []step {
	if !slices.ContainsFunc(l.complaint, func(c string) bool { return strings.HasPrefix(c, "infinite loop") }) {
		return nil
	}
	turn := l.steps[l.index(*at):]
	return turn[:min(len(turn), mostSteps)]
}

func (l *verifierLog) index(s step) int {
	for i := len(l.steps) - 1; i >= 0; i-- {
		if l.steps[i] == s {
			return i
		}
	}
	return -1
}

var (
	register  = lazyregexp.New(`\b[rw](10|\d)\b`)
	named     = lazyregexp.New(`\bR(10|\d)\b`)
	argument  = lazyregexp.New(`\bargs?#?(\d)\b`)
	assigned  = lazyregexp.New(`^\([0-9a-f]{2}\) [rw](\d+) (\S*)= (.*)$`)
	memory    = lazyregexp.New(`\*\([us]\d+ \*\)\((r\d+) `)
	condition = lazyregexp.New(`^\([0-9a-f]{2}\) if `)
	called    = lazyregexp.New(`^\([0-9a-f]{2}\) call `)
	exit      = lazyregexp.New(`^\([0-9a-f]{2}\) exit`)
	boundary  = lazyregexp.New(`^\([0-9a-f]{2}\) (?:call pc|exit)`)
)

// concerns are the registers that a complaint about an instruction is about.
func (l *verifierLog) concerns(at *step) map[string]bool {
	want := map[string]bool{}
	for _, c := range l.complaint {
		for _, m := range named().FindAllStringSubmatch(c, -1) {
			want[m[1]] = true
		}
		if called().MatchString(at.text) {
			for _, m := range argument().FindAllStringSubmatch(c, -1) {
				if n, err := strconv.Atoi(m[1]); err == nil {
					want[strconv.Itoa(n+1)] = true
				}
			}
		}
	}
	if len(want) > 0 {
		return want
	}
	if m := memory().FindStringSubmatch(at.text); m != nil {
		want[m[1][1:]] = true // the address, not what is stored
		return want
	}
	for _, m := range register().FindAllStringSubmatch(at.text, -1) {
		want[m[1]] = true
	}
	return want
}

// slice walks back from an instruction, within its function, and returns what it
// finds, and the instruction, in the order of the path.
func (l *verifierLog) slice(at *step) []step {
	end := l.index(*at)
	show := []step{*at}
	want := l.concerns(at)
	for i := end - 1; i >= 0 && len(show) < mostSteps; i-- {
		s := l.steps[i]
		if boundary().MatchString(s.text) {
			break
		}
		if slices.ContainsFunc(show, func(o step) bool { return o.slot == s.slot }) {
			continue // a loop: its last turn is enough
		}
		if i == end-1 && exit().MatchString(at.text) && s.source != at.source {
			show = append(show, s) // what is returned from: exit has the line of the whole function
			continue
		}
		delete(want, "10") // the frame pointer is what it always was
		switch m := assigned().FindStringSubmatch(s.text); {
		case m != nil && want[m[1]]:
			if m[2] == "" {
				delete(want, m[1])
			}
			for _, r := range register().FindAllStringSubmatch(m[3], -1) {
				want[r[1]] = true
			}
		case condition().MatchString(s.text):
			uses := register().FindAllStringSubmatch(s.text, -1)
			if !slices.ContainsFunc(uses, func(r []string) bool { return want[r[1]] }) {
				continue
			}
		case called().MatchString(s.text) && want["0"]:
			delete(want, "0")
		default:
			continue
		}
		show = append(show, s)
	}
	slices.Reverse(show)
	return show
}
