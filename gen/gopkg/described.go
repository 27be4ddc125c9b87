// SPDX-License-Identifier: MIT

package gopkg

import (
	"cmp"
	"errors"
	"fmt"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// described is what the directives abigen:layout and abigen:has say of a
// record, beside what its fields say.
type described struct {
	// kind is "" without abigen:layout; the fields then say it all. align is 0
	// where it is the Go struct's.
	kind        model.RecordKind
	size, align int64
	packed      bool
	pos         token.Pos // where it is said
	// members are those no field stands for, in the order of C.
	members []model.Field
}

// describe reads the directives below abigen:record. It reports whether it
// could: what prevents it is recorded.
func (c *converter) describe(ds []directive) (x described, ok bool) {
	// open are the anonymous records whose braces are open: each the type of
	// the last member of the one around it.
	var open []*model.Record
	var bases []int64
	ok = true
	fail := func(d directive, why error) {
		c.fail(d.pos, "%s%s %s: %v", directivePrefix, d.verb, d.name, why)
		ok = false
	}
	for _, d := range ds {
		c.used[d.pos] = true
		if d.verb == layoutVerb {
			if x.kind != "" {
				fail(d, errors.New("the layout is given a second time: keep one directive"))
			} else if err := x.readLayout(d.name); err != nil {
				fail(d, err)
			}
			x.pos = d.pos
			continue
		}
		if d.name == "}" {
			if len(open) == 0 {
				fail(d, errors.New("no brace is open: remove it"))
				continue
			}
			open, bases = open[:len(open)-1], bases[:len(bases)-1]
			continue
		}
		f, err := readHas(d.name)
		if err != nil {
			fail(d, err)
			continue
		}
		f.Pos = c.pos(d.pos)
		into, base := &x.members, int64(0)
		if n := len(open); n > 0 {
			into, base = &open[n-1].Fields, bases[n-1]
		}
		absolute := f.BitOffset
		f.BitOffset -= base
		if f.BitOffset < 0 {
			fail(d, fmt.Errorf("it begins before the braces around it, at bit %d: correct the place, which counts from the start of the record", base))
			continue
		}
		*into = append(*into, f)
		if f.Record != nil {
			open, bases = append(open, f.Record), append(bases, absolute)
		}
	}
	if len(open) > 0 {
		fail(ds[len(ds)-1], fmt.Errorf("a brace is not closed: write %shas } behind its last member", directivePrefix))
	}
	if x.pos == token.NoPos && len(ds) > 0 {
		x.pos = ds[0].pos
	}
	return x, ok
}

// readLayout reads "struct 24 align 1 packed", the last two where they are
// there.
func (x *described) readLayout(text string) error {
	form := errors.New("not a layout: write struct or union and the size in bytes, align and the alignment where it is not the Go struct's, and packed where it is")
	words := strings.Fields(text)
	if len(words) > 2 && words[len(words)-1] == "packed" {
		words, x.packed = words[:len(words)-1], true
	}
	if n := len(words); n != 2 && (n != 4 || words[2] != "align") {
		return form
	}
	if x.kind = model.RecordKind(words[0]); x.kind != model.Struct && x.kind != model.Union {
		return form
	}
	var err error
	if x.size, err = readNumber(words[1]); err != nil {
		return form
	}
	if len(words) == 4 {
		if x.align, err = readNumber(words[3]); err != nil || x.align == 0 || x.align&(x.align-1) != 0 {
			return form
		}
	}
	return nil
}

// maxBits bounds places and sizes, so that sums of them do not overflow.
const maxBits = 1 << 50

func readNumber(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > maxBits || s != strconv.FormatInt(n, 10) {
		return 0, errors.New("not a number")
	}
	return n, nil
}

// readHas reads a member: "0:3 u32 mode", "32+64 array(2,u32) in" or the
// opening brace of an anonymous record, "96+64 union {".
func readHas(text string) (f model.Field, err error) {
	form := errors.New("not a member: write OFFSET+SIZE TYPE NAME, OFFSET:WIDTH TYPE NAME for a bit-field, or OFFSET+SIZE union { for an anonymous record")
	place, rest, _ := strings.Cut(text, " ")
	i := strings.LastIndexByte(rest, ' ')
	if i < 0 {
		return f, form
	}
	f.Spelling, f.Name = strings.TrimSpace(rest[:i]), rest[i+1:]
	off, size, plain := strings.Cut(place, "+")
	if !plain {
		if off, size, f.Bitfield = strings.Cut(place, ":"); !f.Bitfield {
			return f, form
		}
	}
	var err1, err2 error
	f.BitOffset, err1 = readNumber(off)
	f.BitSize, err2 = readNumber(size)
	if errors.Join(err1, err2) != nil {
		return f, form
	}
	if f.Name == "{" {
		kind := model.RecordKind(f.Spelling)
		if kind != model.Struct && kind != model.Union || f.Bitfield || f.BitSize%8 != 0 || f.BitOffset%8 != 0 {
			return f, form
		}
		f.Name, f.Record = "", &model.Record{Kind: kind, Size: f.BitSize / 8}
		f.Type = f.Record.Ref()
		return f, nil
	}
	if !cName().MatchString(f.Name) {
		return f, form
	}
	if f.Type, err = model.ParseType(f.Spelling); err != nil {
		return f, err
	}
	return f, nil
}

// complete gives rec, which has the members of the Go fields, what x says.
// goSize is the size of the Go struct. It reports whether it could.
func (c *converter) complete(rec *model.Record, x described, goSize int64, name named) bool {
	ok := true
	if x.kind != "" {
		rec.Kind, rec.Size, rec.Packed = x.kind, x.size, x.packed
		if x.align != 0 {
			rec.Align = x.align
		}
		if goSize != x.size {
			c.fail(x.pos, "%slayout: the record has %d bytes in C and %s has %d in Go on %s: generate the file again or correct the directive",
				directivePrefix, x.size, name.Name(), goSize, c.abi.Target)
			ok = false
		}
	}
	if rec.Kind == model.Union {
		rec.Fields = nil // they are the bytes the members lie in
	}
	seen := map[string]bool{}
	for _, f := range rec.Fields {
		seen[f.Name] = true
	}
	var check func(fields []model.Field, size int64)
	check = func(fields []model.Field, size int64) {
		for i := range fields {
			f := &fields[i]
			switch {
			case f.BitOffset+f.BitSize > size*8:
				c.fail(x.pos, "%shas at %s: the member ends behind the %d bytes around it: generate the file again or correct its place", directivePrefix, f.Pos, size)
				ok = false
			case f.Name != "" && seen[f.Name]:
				c.fail(x.pos, "%shas at %s: the record already has a member %s: remove one of the two", directivePrefix, f.Pos, f.Name)
				ok = false
			}
			if f.Name != "" {
				seen[f.Name] = true
			} else if f.Record != nil {
				check(f.Record.Fields, f.Record.Size)
			}
		}
	}
	check(x.members, rec.Size)
	rec.Fields = append(rec.Fields, x.members...)
	if rec.Kind == model.Struct {
		// What takes no room stands before what lies at its place.
		slices.SortStableFunc(rec.Fields, func(a, b model.Field) int {
			return cmp.Or(cmp.Compare(a.BitOffset, b.BitOffset), cmp.Compare(min(a.BitSize, 1), min(b.BitSize, 1)))
		})
	}
	return ok
}

// isPath reports whether a record is named by the path to the member it is the
// type of, because C gives it no name.
func isPath(name string) bool { return strings.ContainsRune(name, '.') }

// adopt gives members whose type is a record named by its path that record, as
// the anonymous one it is in C, and takes it off the list.
func (c *converter) adopt() {
	paths := map[string]*model.Record{}
	for _, r := range c.abi.Records {
		if isPath(r.Name) {
			paths[r.Name] = r
		}
	}
	const (
		entered = 1
		left    = 2
	)
	state := map[*model.Record]int{}
	adopted := map[string]bool{}
	var visit func(r *model.Record)
	visit = func(r *model.Record) {
		state[r] = entered
		defer func() { state[r] = left }()
		for i := range r.Fields {
			f := &r.Fields[i]
			if f.Record != nil && state[f.Record] == 0 {
				visit(f.Record)
			}
			typ, name := anonymous(f.Type)
			if name == "" {
				continue
			}
			inner := paths[name]
			switch {
			case inner == nil:
				c.fail(c.at[f.Pos], "member %s has the type %s, which no %srecord declares: generate the file again or declare it", f.Name, name, directivePrefix)
				continue
			case state[inner] == entered:
				c.fail(c.at[f.Pos], "member %s holds %s, which it is a part of: correct its type", f.Name, name)
				continue
			case state[inner] == 0:
				visit(inner)
			}
			f.Type, f.Record = typ, inner
			adopted[name] = true
		}
	}
	for _, r := range c.abi.Records {
		if state[r] == 0 {
			visit(r)
		}
	}
	c.abi.Records = slices.DeleteFunc(c.abi.Records, func(r *model.Record) bool {
		if !isPath(r.Name) {
			return false
		}
		if !adopted[r.Name] {
			c.abi.Skipped = append(c.abi.Skipped, model.Skipped{Name: r.Name, Pos: r.Pos,
				Reason: "no member of a record with a directive has this type: name the record after the C record it is, if it is one"})
		}
		r.Name = ""
		return true
	})
}

// anonymous returns t with the record in it made anonymous, and that record's
// path, "" where there is none.
func anonymous(t model.Type) (model.Type, string) {
	switch x := t.(type) {
	case model.Ref:
		if isPath(x.Name) {
			return model.Ref{Kind: x.Kind}, x.Name
		}
	case model.Array:
		if e, name := anonymous(x.Elem); name != "" {
			return model.Array{Len: x.Len, Elem: e}, name
		}
	case model.Qualified:
		if e, name := anonymous(x.Elem); name != "" {
			return model.Qualified{Const: x.Const, Volatile: x.Volatile, Elem: e}, name
		}
	}
	return t, ""
}
