// SPDX-License-Identifier: MIT

package drift

import (
	"fmt"
	"go/constant"
	"go/token"

	"github.com/fuseiomap/abigen/gen/model"
)

// compareConstants compares the constants by name. One that became an
// enumerator, or the reverse, is the same number under the same name.
func (c *comparison) compareConstants() {
	if !c.attested(model.Constants) {
		// Which constants a program uses cannot be seen either, so all of
		// them are named.
		for _, k := range c.old.Constants {
			c.both(model.Constants, k.Name)
		}
		for _, k := range c.new.Constants {
			if c.keep(k.Name) {
				c.both(model.Constants, k.Name)
			}
		}
		return
	}
	ps := c.profiles(false)
	renamed := c.renamedConstants()
	for _, o := range c.old.Constants {
		if c.o.constants[o.Name] != o {
			// The first of a name stands for it.
			continue
		}
		n := c.n.constants[o.Name]
		if n == nil {
			if e := c.n.enumerators[o.Name]; e != nil {
				c.compared++
				c.compareNumber(o.Name, o.Value, e.Value, o.Pos, e.Pos)
			} else if n = renamed[o]; n != nil {
				c.compared++
				c.report("constant.renamed", ps, o.Name, change{name: o.Name, other: n.Name,
					old: o.Name + " = " + number(o.Value), new: n.Name + " = " + number(n.Value)}, o.Pos, n.Pos)
			} else {
				c.missingConstant(ps, o)
			}
			continue
		}
		c.compareConstant(ps, o, n)
	}
}

// missingConstant reports a constant that the new side lacks, or has as
// something that is none.
func (c *comparison) missingConstant(ps []Profile, o *model.Constant) {
	ch := change{name: o.Name, old: number(o.Value), new: "none"}
	s, ok := c.n.skips[o.Name]
	if ok && c.new.Side != model.SideContract {
		c.unsure(model.Constants, c.new.Source+": cannot express it: "+s.Reason, o.Name)
		return
	}
	if ok {
		ch.note, ch.new = s.Reason, s.Reason
	}
	c.report("constant.removed", ps, o.Name, ch, o.Pos, s.Pos)
}

func (c *comparison) compareConstant(ps []Profile, o, n *model.Constant) {
	c.compared++
	if !equalValue(o.Value, n.Value) {
		c.compareNumber(o.Name, o.Value, n.Value, o.Pos, n.Pos)
		return
	}
	if ps[len(ps)-1] != Source || !c.both(model.ConstantTypes, o.Name) {
		return
	}
	if o.Type != "" && n.Type != "" && o.Type != n.Type {
		c.report("constant.type", ps, o.Name, change{name: o.Name,
			old: number(o.Value) + " (" + o.Type + ")", new: number(n.Value) + " (" + n.Type + ")"}, o.Pos, n.Pos)
	}
}

// compareNumber reports a value that differs under one name.
func (c *comparison) compareNumber(subject string, o, n constant.Value, oldPos, newPos model.Pos) {
	if equalValue(o, n) {
		return
	}
	name := subject
	c.report("constant.value", c.profiles(false), subject, change{name: name, old: number(o), new: number(n)}, oldPos, newPos)
}

// renamedConstants finds, for constants the new side lacks, the one that took
// their place: unknown to the old side, of the same value and type, and
// declared behind the same neighbour. Values alone say little: many constants
// are 1.
func (c *comparison) renamedConstants() map[*model.Constant]*model.Constant {
	at := map[*model.Constant]int{}
	for i, n := range c.new.Constants {
		at[n] = i
	}
	found := map[*model.Constant]*model.Constant{}
	next := 0
	for _, o := range c.old.Constants {
		if n := c.n.constants[o.Name]; n != nil {
			next = at[n] + 1
			continue
		}
		if c.n.enumerators[o.Name] != nil {
			continue
		}
		for i := next; i < len(c.new.Constants); i++ {
			n := c.new.Constants[i]
			if c.o.constants[n.Name] != nil || c.o.enumerators[n.Name] != nil {
				break
			}
			if equalValue(o.Value, n.Value) && (o.Type == n.Type || !c.attested(model.ConstantTypes)) && c.keep(n.Name) {
				found[o], next = n, i+1
				break
			}
		}
	}
	return found
}

func (c *comparison) addedConstants(ps []Profile) {
	if !c.attested(model.Constants) {
		return
	}
	renamed := map[string]bool{}
	for _, n := range c.renamedConstants() {
		renamed[n.Name] = true
	}
	for _, n := range c.new.Constants {
		if c.o.constants[n.Name] != nil || c.o.enumerators[n.Name] != nil || renamed[n.Name] || !c.keep(n.Name) {
			continue
		}
		c.report("constant.added", ps, n.Name, change{name: n.Name, old: "none", new: number(n.Value)}, model.Pos{}, n.Pos)
	}
}

// equalValue compares two values; nil equals nil alone.
func equalValue(a, b constant.Value) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	if numeric(a) != numeric(b) || !numeric(a) && a.Kind() != b.Kind() {
		return false
	}
	if a.Kind() == constant.Unknown {
		return true
	}
	return constant.Compare(a, token.EQL, b)
}

func numeric(v constant.Value) bool { return v.Kind() == constant.Int || v.Kind() == constant.Float }

// number prints a value; beyond one digit also in hexadecimal, as flags are
// easier to read that way.
func number(v constant.Value) string {
	if v == nil {
		return "unknown"
	}
	if v.Kind() == constant.Int {
		if u, ok := constant.Uint64Val(v); ok && u > 9 {
			return fmt.Sprintf("%d (%#x)", u, u)
		}
	}
	return v.ExactString()
}
