// SPDX-License-Identifier: MIT

package mutants

import (
	"fmt"
	"regexp"
	"strings"
)

// Prelude declares what [Header.Compilable] needs in front of the first header.
const Prelude = `typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
typedef signed char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef long long int64_t;
`

var identifier = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)

// Compilable writes the types of the header so that a compiler keeps each of
// them, with a prefix before every name of its own, so that many headers fit
// into one file. A struct_ops type gets the wrapper that a kernel makes for
// one that is registered. Constants and functions are left out.
func (h *Header) Compilable(prefix string) string {
	types := *h
	types.Constants, types.Functions = nil, nil
	own := map[string]bool{}
	for _, f := range h.Forward {
		_, name, _ := strings.Cut(f, " ")
		own[name] = true
	}
	for i := range h.Typedefs {
		own[fmt.Sprintf("function_%d", i)] = true
	}
	for _, e := range h.Enums {
		own[e.Name] = true
		for _, v := range e.Values {
			own[v.Name] = true
		}
	}
	for _, r := range h.Records {
		own[r.Name] = true
	}
	mine := func(text string) string {
		return identifier.ReplaceAllStringFunc(text, func(s string) string {
			if own[s] {
				return prefix + s
			}
			return s
		})
	}
	var b strings.Builder
	b.WriteString(mine(types.String()))
	for _, e := range h.Enums {
		tag := "enum "
		if e.Typedef {
			tag = ""
		}
		fmt.Fprintf(&b, "%s%s%s %suse_%s;\n", tag, prefix, e.Name, prefix, e.Name)
	}
	for i := range h.Records {
		r := &h.Records[i]
		tag := r.Kind + " "
		if r.Typedef {
			tag = ""
		}
		fmt.Fprintf(&b, "%s%s%s *%suse_%s;\n", tag, prefix, r.Name, prefix, r.Name)
		if r.Ops() {
			fmt.Fprintf(&b, "struct bpf_struct_ops_%s%s { %s%s%s data; } *%swrap_%s;\n", prefix, r.Name, tag, prefix, r.Name, prefix, r.Name)
		}
	}
	return b.String()
}
