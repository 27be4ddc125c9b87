// SPDX-License-Identifier: MIT

package gosrc

import (
	"slices"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/lazyregexp"
)

// generatedDoc is a comment as [comment.introduce] makes it: what the Go name
// stands for, the comment of the header, its place, perhaps a prototype.
var generatedDoc = lazyregexp.New(`(?s)^(?:\w+ is [^():]*\((?:[^()]|\([^()]*\))*\)|\w+(?: \([^()]*\))?)[:.]\s*(.*?)\s*[^\s:]+:\d+\.(?:\n\n\t.*)?$`)

// constantDoc is how the comment of a constant begins.
var constantDoc = lazyregexp.New(`^\w+ \(([^()]*)\)[:.]`)

// withoutOwnDocs returns a model of a Go package with comments that the generator
// made cut back to what the header says, so that they do not grow when Go is
// made of Go. Other models are returned as they are.
func withoutOwnDocs(a *model.ABI) *model.ABI {
	if a.Side != model.SideGo {
		return a
	}
	clean := func(doc *string) { *doc = generatedDoc().ReplaceAllString(*doc, "$1") }
	out := *a
	out.Records = copies(a.Records, func(r *model.Record) {
		clean(&r.Doc)
		r.Fields = slices.Clone(r.Fields)
		for i := range r.Fields {
			clean(&r.Fields[i].Doc)
		}
	})
	out.Enums = copies(a.Enums, func(e *model.Enum) {
		clean(&e.Doc)
		e.Values = slices.Clone(e.Values)
		for i := range e.Values {
			clean(&e.Values[i].Doc)
		}
	})
	out.Constants = copies(a.Constants, func(k *model.Constant) {
		// The comment also has the C type, which Go has not.
		if m := constantDoc().FindStringSubmatch(k.Doc); m != nil && k.Type == "" && generatedDoc().MatchString(k.Doc) {
			k.Type = m[1]
		}
		clean(&k.Doc)
	})
	return &out
}

// copies returns a copy of each element, changed.
func copies[T any](list []*T, change func(*T)) []*T {
	out := make([]*T, len(list))
	for i, x := range list {
		c := *x
		change(&c)
		out[i] = &c
	}
	return out
}
