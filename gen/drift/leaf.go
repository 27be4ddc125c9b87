// SPDX-License-Identifier: MIT

package drift

import "github.com/fuseiomap/abigen/gen/model"

// leaf is a member as C code reaches it: the members of anonymous records are
// members of the record around them, at their offset in it. So wrapping members
// into an anonymous struct or union is no difference by itself.
type leaf struct {
	name     string
	off      int64 // bits from the start of the outer record
	size     int64 // bits
	bitfield bool
	typ      model.Type
	// record is the layout of an anonymous record in the member's type.
	record *model.Record
	pos    model.Pos
	// relocated tells that a program reaches the member through CO-RE.
	relocated bool
	// group is the innermost anonymous record around the member, or nil.
	group *group
	// union tells that the member may share its bytes with others: a union is
	// somewhere around it.
	union bool
}

// group is an anonymous record inside another one.
type group struct {
	kind   model.RecordKind
	size   int64 // bytes
	pos    model.Pos
	parent *group
	leaves int
}

// within reports whether g is outer or lies inside it.
func (g *group) within(outer *group) bool {
	for ; g != nil; g = g.parent {
		if g == outer {
			return true
		}
	}
	return false
}

func (g *group) outermost() *group {
	for g.parent != nil {
		g = g.parent
	}
	return g
}

func (l *leaf) end() int64 { return l.off + l.size }

// overlaps reports whether l covers a bit of the range.
func (l *leaf) overlaps(off, end int64) bool { return l.off < end && off < l.end() }

// leaves lists the members of r in declaration order. Unnamed bit-fields and
// Go's blank fields are padding.
func (x *index) leaves(r *model.Record) []*leaf {
	var out []*leaf
	var walk func(r *model.Record, base int64, g *group, union bool, depth int)
	walk = func(r *model.Record, base int64, g *group, union bool, depth int) {
		if depth > maxDepth {
			return
		}
		union = union || r.Kind == model.Union
		for i := range r.Fields {
			f := &r.Fields[i]
			if f.Name == "" || f.Name == "_" {
				if inner := x.anonymous(f); inner != nil {
					walk(inner, base+f.BitOffset, &group{kind: inner.Kind, size: inner.Size, pos: f.Pos, parent: g}, union, depth+1)
				}
				continue
			}
			for up := g; up != nil; up = up.parent {
				up.leaves++
			}
			out = append(out, &leaf{
				name: f.Name, off: base + f.BitOffset, size: f.BitSize, bitfield: f.Bitfield,
				typ: f.Type, record: f.Record, pos: f.Pos, relocated: f.Relocated, group: g, union: union,
			})
		}
	}
	walk(r, 0, nil, false, 0)
	return out
}

// anonymous returns the record whose members f adds to the one around it, or
// nil where f is mere padding.
func (x *index) anonymous(f *model.Field) *model.Record {
	if f.Name != "" {
		return nil
	}
	ref, ok := model.Unqualified(f.Type).(model.Ref)
	if !ok || ref.Kind == model.RefEnum {
		return nil
	}
	if f.Record != nil {
		return f.Record
	}
	return x.record(ref.Name)
}
