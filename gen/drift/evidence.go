// SPDX-License-Identifier: MIT

package drift

import (
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// uncertainty is what an entry of the unchecked list is about.
type uncertainty struct {
	evidence model.Evidence
	reason   string
}

// unsure records that subject could not be compared. Without subject the
// reason stands for the whole source.
func (c *comparison) unsure(e model.Evidence, reason, subject string) {
	k := uncertainty{e, reason}
	if c.unchecked[k] == nil {
		c.unchecked[k] = map[string]bool{}
	}
	if subject != "" {
		c.unchecked[k][subject] = true
	}
}

// both reports whether both sides attest to e; where one does not, it records
// that subject could not be compared.
func (c *comparison) both(e model.Evidence, subject string) bool {
	if c.attested(e) {
		return true
	}
	c.unsure(e, c.lacks(e), subject)
	return false
}

func (c *comparison) attested(e model.Evidence) bool { return c.old.Can(e) && c.new.Can(e) }

// lacks says which side has no evidence of kind e, and why.
func (c *comparison) lacks(e model.Evidence) string {
	side := c.old
	if side.Can(e) {
		side = c.new
	}
	name := side.Source
	if name == "" {
		name = "the source"
	}
	if why := whyNot(side.Side, e); why != "" {
		return name + ": " + why
	}
	return name + ": does not attest to " + strings.ReplaceAll(string(e), "-", " ")
}

// whyNot says why a kind of source cannot have a kind of evidence; empty where
// nothing general can be said.
func whyNot(s model.Side, e model.Evidence) string {
	if s == model.SideGo {
		switch e {
		case model.Alignment:
			return "Go has its own rules of alignment on this architecture"
		case model.CharSign:
			return "Go has no char"
		case model.Pointees:
			return "Go holds pointers to C memory as integers, so it does not say what they point to"
		case model.ConstantTypes:
			return "Go constants have Go's types"
		case model.Prototypes:
			return "Go holds a callback as an integer slot, without its prototype"
		case model.ParameterNames:
			return "Go has no prototypes, so no names of parameters"
		case model.Kfuncs:
			return "Go declares no kernel functions"
		case model.Registration:
			return "only a kernel knows which types are registered"
		}
		return ""
	}
	if s == model.SideKernel || s == model.SideProgram {
		switch e {
		case model.Alignment:
			return "BTF does not record alignment"
		case model.CharSign:
			return "BTF does not tell char from signed char"
		case model.Constants, model.ConstantTypes:
			return "macros leave no trace in BTF"
		case model.ParameterNames:
			return "BTF has no names for the parameters of callbacks"
		case model.Registration:
			return "this BTF does not show which types are registered"
		}
	}
	return ""
}

func (c *comparison) uncheckedList() []Unchecked {
	var out []Unchecked
	for k, subjects := range c.unchecked {
		u := Unchecked{Evidence: k.evidence, Reason: k.reason}
		for s := range subjects {
			u.Subjects = append(u.Subjects, s)
		}
		slices.Sort(u.Subjects)
		out = append(out, u)
	}
	order := model.AllEvidence()
	slices.SortFunc(out, func(a, b Unchecked) int {
		if d := slices.Index(order, a.Evidence) - slices.Index(order, b.Evidence); d != 0 {
			return d
		}
		return strings.Compare(a.Reason, b.Reason)
	})
	return out
}
