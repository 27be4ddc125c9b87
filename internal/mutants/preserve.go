// SPDX-License-Identifier: MIT

package mutants

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Preserved is an original with an edit that keeps the ABI: nothing above
// information may be found.
type Preserved struct {
	Operator, What, Text string
	// Kernel tells that the edit is one only a kernel may make: its private
	// tail.
	Kernel bool
}

// spellings are other names of the integer types, all of them C's or known
// without an include.
var spellings = []map[string]string{
	{"uint8_t": "unsigned char", "uint16_t": "unsigned short", "uint32_t": "unsigned int", "uint64_t": "unsigned long long",
		"int8_t": "signed char", "int16_t": "short", "int32_t": "int", "int64_t": "long long"},
	{"uint8_t": "__u8", "uint16_t": "__u16", "uint32_t": "__u32", "uint64_t": "__u64", "int8_t": "__s8", "int16_t": "__s16", "int32_t": "__s32", "int64_t": "__s64"},
	{"uint8_t": "u8", "uint16_t": "u16", "uint32_t": "u32", "uint64_t": "u64", "int8_t": "s8", "int16_t": "s16", "int32_t": "s32", "int64_t": "s64"},
	{"uint16_t": "short unsigned int", "uint32_t": "unsigned", "uint64_t": "long long unsigned int", "int16_t": "signed short int", "int32_t": "signed", "int64_t": "signed long long"},
}

// Preserving makes edits of the header that keep its ABI.
func (h *Header) Preserving() []Preserved {
	var out []Preserved
	printed := func(operator string, s style) {
		out = append(out, Preserved{Operator: operator, What: operator, Text: h.print(s)})
	}
	edited := func(operator, what string, edit func(*Header)) {
		c := h.clone()
		edit(c)
		out = append(out, Preserved{Operator: operator, What: operator + " " + what, Text: c.String()})
	}
	h.formatting(printed)
	edited("forward declaration", "in front", func(h *Header) { h.Forward = append(h.Forward, "struct nobody", "union nobody_either") })
	h.reordering(edited)
	for i := range h.Records {
		if !h.Records[i].Context {
			h.recordPreserving(i, edited)
		}
	}
	for i := range h.Records {
		if r := &h.Records[i]; r.Ops() && !r.Context {
			for _, tail := range [][]Member{{{Type: "void *", Name: fresh + "_fc"}}, {{Type: "void *", Name: fresh + "_fc"}, {Type: "uint32_t", Name: fresh + "_users"}}, {{Type: "uint8_t", Name: fresh + "_busy"}}} {
				c := h.clone()
				c.Records[i].Members = append(c.Records[i].Members, tail...)
				out = append(out, Preserved{Operator: "private tail", What: fmt.Sprintf("private tail of %d behind %s", len(tail), r.Name), Text: c.String(), Kernel: true})
			}
		}
	}
	for i, e := range h.Enums {
		numbers := enumNumbers(e)
		if numbers != nil {
			edited("respell number", e.Name, func(h *Header) {
				for v := range numbers {
					h.Enums[i].Values[v].Expr = fmt.Sprintf("(%#x)", numbers[v])
				}
			})
		}
	}
	for i, c := range h.Constants {
		for _, expr := range respelled(c.Expr) {
			edited("respell constant", c.Name+" as "+expr, func(h *Header) { h.Constants[i].Expr = expr })
		}
	}
	return out
}

func (h *Header) formatting(printed func(string, style)) {
	printed("comment", style{indent: "\t", newline: "\n", comment: "/* about what follows; { not code } */ "})
	printed("comment", style{indent: "\t", newline: "\n", comment: "// a line; \"quoted\n"})
	printed("comment", style{indent: "\t", newline: "\n", trailing: " /* behind the member */"})
	printed("comment", style{indent: "/**/ ", newline: " /* and\n so on */\n"})
	printed("format", style{indent: " ", newline: " "})
	printed("format", style{indent: "\n\n\t\t", newline: "\r\n"})
	printed("format", style{indent: "\t", newline: " \\\n"})
	printed("format", style{indent: "\v\f", newline: "\n\n\n"})
	for _, s := range spellings {
		printed("typedef spelling", style{indent: "\t", newline: "\n", spell: s})
	}
	if len(h.Functions) > 0 || slices.ContainsFunc(h.Records, func(r Record) bool { return r.Ops() }) {
		printed("parameter names left out", style{indent: "\t", newline: "\n", unnamed: true})
	}
}

// reordering moves declarations. Records keep their order where one embeds the
// other.
func (h *Header) reordering(edited func(operator, what string, edit func(*Header))) {
	const operator = "order of declarations"
	if len(h.Constants) > 1 {
		edited(operator, "constants reversed", func(h *Header) { slices.Reverse(h.Constants) })
		for i := range h.Constants[1:] {
			edited(operator, h.Constants[i].Name, func(h *Header) { h.Constants[i], h.Constants[i+1] = h.Constants[i+1], h.Constants[i] })
		}
	}
	if len(h.Enums) > 1 {
		edited(operator, "enums reversed", func(h *Header) { slices.Reverse(h.Enums) })
	}
	if len(h.Functions) > 1 {
		edited(operator, "functions reversed", func(h *Header) { slices.Reverse(h.Functions) })
	}
	for i := range h.Records {
		for j := i + 1; j < len(h.Records); j++ {
			if h.embeds(j, h.Records[i].Kind+" "+h.Records[i].Name) {
				break
			}
			edited(operator, fmt.Sprintf("%s behind %s", h.Records[i].Name, h.Records[j].Name), func(h *Header) {
				r := h.Records[i]
				h.Records = slices.Insert(slices.Delete(h.Records, i, i+1), j, r)
			})
		}
	}
}

func (h *Header) embeds(i int, tag string) bool {
	return strings.Contains(h.body(&h.Records[i], plain), tag)
}

func (h *Header) recordPreserving(i int, edited func(operator, what string, edit func(*Header))) {
	r := &h.Records[i]
	if !r.Typedef {
		edited("typedef besides", r.Name, func(h *Header) {
			h.Typedefs = append(h.Typedefs, fmt.Sprintf("typedef %s %s %s_type;", r.Kind, r.Name, r.Name))
		})
	}
	for f := range r.Members {
		v := &r.Members[f]
		what := r.Name + "." + v.Name
		member := func(h *Header) *Member { return &h.Records[i].Members[f] }
		if v.Func != nil {
			for p := range v.Func.Params {
				if v.Func.Params[p].Name != "" {
					edited("parameter name", fmt.Sprintf("%s#%d", what, p+1), func(h *Header) { member(h).Func.Params[p].Name += "_renamed" })
				}
			}
			continue
		}
		if v.Inner != nil || v.Name == "" {
			continue
		}
		for s, spell := range spellings {
			if to, ok := spell[v.Type]; ok && !v.bits() {
				edited("typedef spelling", fmt.Sprintf("%s, %d", what, s), func(h *Header) { member(h).Type = to })
			}
		}
		if !v.bits() && v.After != "[0]" && v.After != "[]" {
			kind := "struct"
			if f%2 == 1 {
				kind = "union"
			}
			// Its alignment is the member's, so nothing moves, unless packing
			// reached into it.
			if !strings.Contains(r.After, "packed") {
				edited("wrap in anonymous "+kind, what, func(h *Header) {
					m := member(h)
					*m = Member{Inner: &Record{Kind: kind, Members: []Member{*m}}}
				})
			}
		}
		if n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(v.After, "["), "]")); err == nil && n > 0 && strings.HasPrefix(v.After, "[") {
			for _, s := range []string{fmt.Sprintf("[%#x]", n), fmt.Sprintf("[(%d + 1) - 1]", n), fmt.Sprintf("[sizeof(char[%d])]", n)} {
				edited("respell length", what+s, func(h *Header) { member(h).After = s })
			}
		}
		if r.Kind == "union" && f > 0 {
			edited("order in a union", what, func(h *Header) {
				ms := h.Records[i].Members
				ms[f-1], ms[f] = ms[f], ms[f-1]
			})
		}
	}
}

// enumNumbers returns the numbers, nil where an expression is not one.
func enumNumbers(e Enum) []int64 {
	var out []int64
	next := int64(0)
	for _, v := range e.Values {
		if v.Expr != "" {
			n, err := strconv.ParseInt(v.Expr, 0, 64)
			if err != nil || n < 0 {
				return nil
			}
			next = n
		}
		out = append(out, next)
		next++
	}
	return out
}

// respelled writes a literal in other ways, of the same type and value.
func respelled(expr string) []string {
	digits := strings.TrimRight(expr, "UL")
	suffix := expr[len(digits):]
	n, err := strconv.ParseUint(digits, 0, 64)
	if err != nil {
		return []string{"(" + expr + ")", "((" + expr + "))"}
	}
	out := []string{"(" + expr + ")", "(" + expr + " | 0" + suffix + ")"}
	// An unsuffixed hexadecimal literal may be unsigned where the decimal is not.
	if n < 1<<31 || suffix == "ULL" {
		out = append(out, fmt.Sprintf("%#x%s", n, suffix), fmt.Sprintf("0%o%s", n, suffix), digits+strings.ToLower(suffix))
	}
	for b := range 31 {
		if n == 1<<b {
			out = append(out, fmt.Sprintf("(1%s << %d)", suffix, b))
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == expr })
}
