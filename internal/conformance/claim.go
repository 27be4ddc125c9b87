// SPDX-License-Identifier: MIT

package conformance

import (
	"fmt"
	"go/constant"
	"slices"
	"strconv"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// Counts says how much was compared.
type Counts struct {
	// Records counts structs and unions, Fields their members that are no
	// bit-fields, those of anonymous members included.
	Records, Fields, Bitfields, Enumerators, Constants int
	// Claims counts the single facts, such as a size.
	Claims int
}

func (c *Counts) add(d Counts) {
	c.Records += d.Records
	c.Fields += d.Fields
	c.Bitfields += d.Bitfields
	c.Enumerators += d.Enumerators
	c.Constants += d.Constants
	c.Claims += d.Claims
}

// claim is a fact in a model, and how to ask a compiler about it: a constant
// expression that must be true. A claim without a subject is a line that asks
// nothing.
type claim struct {
	subject string
	line    string
}

// bitClaim says which bits of a record a bit-field is.
type bitClaim struct {
	subject, typ, path string
	offset, width      int64
}

// claims lists what a model says, each claim a line of C.
func claims(abi *model.ABI) ([]claim, []bitClaim, Counts) {
	c := claimer{}
	for _, k := range abi.Constants {
		c.constant(k)
	}
	// From here on a macro of the same name must not get in the way.
	var undef []string
	macros := map[string]bool{}
	for _, k := range abi.Constants {
		macros[k.Name] = true
	}
	for _, s := range abi.Skipped {
		macros[s.Name] = true
	}
	for _, name := range identifiers(abi) {
		if macros[name] {
			undef = append(undef, name)
		}
	}
	for _, name := range undef {
		c.claims = append(c.claims, claim{"", "#undef " + name})
	}
	for _, r := range abi.Records {
		c.record(r)
	}
	for _, e := range abi.Enums {
		c.enum(e)
	}
	c.counts.Claims = len(c.claims) + len(c.bits) - len(undef)
	return c.claims, c.bits, c.counts
}

// identifiers are the names in records and enums, sorted.
func identifiers(abi *model.ABI) []string {
	seen := map[string]bool{}
	var record func(r *model.Record)
	record = func(r *model.Record) {
		seen[r.Name] = true
		for i := range r.Fields {
			seen[r.Fields[i].Name] = true
			if sub := r.Fields[i].Record; sub != nil {
				record(sub)
			}
		}
	}
	for _, r := range abi.Records {
		record(r)
	}
	for _, e := range abi.Enums {
		seen[e.Name] = true
		for i := range e.Values {
			seen[e.Values[i].Name] = true
		}
	}
	delete(seen, "")
	var names []string
	for n := range seen {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

type claimer struct {
	claims []claim
	bits   []bitClaim
	counts Counts
}

func (c *claimer) equal(subject, expr string, want uint64) {
	c.claims = append(c.claims, claim{fmt.Sprintf("%s is %d", subject, int64(want)),
		fmt.Sprintf("_Static_assert((unsigned long long)(%s) == %dULL, \"\");", expr, want)})
}

func (c *claimer) constant(k *model.Constant) {
	c.counts.Constants++
	name := "(" + k.Name + ")"
	switch k.Value.Kind() {
	case constant.Int:
		v := lowBits(k.Value)
		c.claims = append(c.claims, claim{fmt.Sprintf("constant %s is %s of type %s", k.Name, k.Value.ExactString(), k.Type),
			fmt.Sprintf("_Static_assert((unsigned long long)%s == %dULL && _Generic(%s, %s: 1, default: 0), \"\");", name, v, name, k.Type)})
	case constant.String:
		s := constant.StringVal(k.Value)
		if strings.HasPrefix(k.Type, "char") {
			c.claims = append(c.claims, claim{fmt.Sprintf("constant %s is %q", k.Name, s),
				fmt.Sprintf("_Static_assert(sizeof%s == %d && __builtin_memcmp(%s, %s, %d) == 0, \"\");", name, len(s)+1, name, quote(s), len(s)+1)})
		}
	case constant.Float:
		f, _ := constant.Float64Val(k.Value)
		if k.Type != "long double" {
			c.claims = append(c.claims, claim{fmt.Sprintf("constant %s is %g of type %s", k.Name, f, k.Type),
				fmt.Sprintf("_Static_assert(%s == %s && _Generic(%s, %s: 1, default: 0), \"\");", name, strconv.FormatFloat(f, 'x', -1, 64), name, k.Type)})
		}
	}
}

// quote writes a C string literal.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		if ch := s[i]; ch >= ' ' && ch < 0x7f && ch != '"' && ch != '\\' && ch != '?' {
			b.WriteByte(ch)
		} else {
			fmt.Fprintf(&b, "\\%03o", ch)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// lowBits is the low 64 bits of an integer.
func lowBits(v constant.Value) uint64 {
	if i, ok := constant.Int64Val(v); ok {
		return uint64(i)
	}
	u, _ := constant.Uint64Val(v)
	return u
}

func (c *claimer) record(r *model.Record) {
	typ := string(r.Kind) + " " + r.Name
	if r.Typedef {
		typ = r.Name
	}
	c.counts.Records++
	c.equal("sizeof("+typ+")", "sizeof("+typ+")", uint64(r.Size))
	c.equal("_Alignof("+typ+")", "_Alignof("+typ+")", uint64(r.Align))
	c.members(typ, r, "", 0)
}

func (c *claimer) members(typ string, r *model.Record, prefix string, base int64) {
	for i := range r.Fields {
		f := &r.Fields[i]
		path := prefix + f.Name
		switch {
		case f.Bitfield && f.Name != "":
			c.counts.Bitfields++
			c.bits = append(c.bits, bitClaim{typ + "." + path, typ, path, base + f.BitOffset, f.BitSize})
		case f.Name != "":
			c.field(typ, path, f, base)
		}
		if f.Record != nil {
			// An array's element or a pointer's target has a start of its own.
			if ref, ok := model.Unqualified(f.Type).(model.Ref); ok && ref.Name == "" {
				sub := prefix
				if f.Name != "" {
					sub = path + "."
				}
				c.members(typ, f.Record, sub, base+f.BitOffset)
			} else if f.Name != "" {
				c.inner("__typeof__("+element(typ, path, f.Type)+")", f.Record)
			}
		}
	}
}

// element is an expression of the type of an anonymous record in the type of
// a member.
func element(typ, path string, t model.Type) string {
	e := "((" + typ + " *)0)->" + path
	for {
		switch x := model.Unqualified(t).(type) {
		case model.Array:
			e, t = e+"[0]", x.Elem
		case model.Pointer:
			e, t = e+"[0]", x.Elem
		default:
			return e
		}
	}
}

func (c *claimer) inner(typ string, r *model.Record) {
	c.equal("sizeof("+typ+")", "sizeof("+typ+")", uint64(r.Size))
	c.equal("_Alignof("+typ+")", "_Alignof("+typ+")", uint64(r.Align))
	c.members(typ, r, "", 0)
}

func (c *claimer) field(typ, path string, f *model.Field, base int64) {
	c.counts.Fields++
	c.equal(typ+"."+path+" offset", "__builtin_offsetof("+typ+", "+path+")", uint64(base+f.BitOffset)/8)
	access := "((" + typ + " *)0)->" + path
	if f.BitSize > 0 {
		c.equal(typ+"."+path+" size", "sizeof("+access+")", uint64(f.BitSize)/8)
	}
	if i, ok := model.Unqualified(f.Type).(model.Int); ok && i.Bits <= 64 {
		signed := uint64(0)
		if i.Signed {
			signed = 1
		}
		c.equal(typ+"."+path+" signed", "(__typeof__("+access+"))-1 < 0", signed)
	}
}

func (c *claimer) enum(e *model.Enum) {
	if e.Name != "" {
		typ := "enum " + e.Name
		if e.Typedef {
			typ = e.Name
		}
		c.equal("sizeof("+typ+")", "sizeof("+typ+")", uint64(e.Size))
		signed := uint64(0)
		if e.Signed {
			signed = 1
		}
		c.equal(typ+" signed", "("+typ+")-1 < 0", signed)
	}
	for i := range e.Values {
		v := &e.Values[i]
		c.counts.Enumerators++
		c.equal("enumerator "+v.Name, v.Name, lowBits(v.Value))
	}
}
