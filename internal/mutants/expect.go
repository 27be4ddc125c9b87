// SPDX-License-Identifier: MIT

package mutants

// Mutant is an original with one edit, and what must be found.
type Mutant struct {
	// Operator is the kind of edit, What the edit itself.
	Operator, What string
	// Text is the edited header.
	Text string
	// Subject is the C name the finding must be about; several with spaces
	// between where the edit can be told in more than one way.
	Subject string
	// Header and BTF are the findings of which one must appear, each as
	// "severity rule"; where BTF is empty nothing above information may appear.
	Header, BTF []string
	// Edited is the edited header itself.
	Edited *Header
}

// What is expected of each kind of edit. The first list is for a header beside a
// header, where a change of names breaks what is compiled, the second for a
// kernel's BTF.
//
// Memory is shared with records without callbacks, so there each byte counts.
// Records with callbacks are copied member by member, by name.
type expectation struct{ header, btf []string }

func both(s ...string) expectation { return expectation{s, s} }

func of(header, btf string) expectation {
	e := expectation{header: []string{header}}
	if btf != "" {
		e.btf = []string{btf}
	}
	return e
}

var (
	// In shared memory.
	overlay = map[string]expectation{
		"rename member":  of("breaking field.renamed", "risk field.renamed"),
		"delete member":  both("breaking field.removed"),
		"widen member":   both("breaking field.size"),
		"narrow member":  both("breaking field.size"),
		"change sign":    both("breaking field.sign"),
		"make pointer":   both("breaking field.type"),
		"change array":   both("breaking field.array"),
		"make array":     both("breaking field.array"),
		"change bits":    both("breaking field.bits"),
		"make bits":      both("breaking field.bits"),
		"change pointee": both("risk field.pointee"),
		"add const":      of("risk field.const", "info field.const"),
		"swap members":   both("breaking field.swapped"),
		"move to end":    both("breaking field.moved", "breaking field.swapped"),
		// A new member uses padding, pushes others back or makes the record
		// larger.
		"insert member":  both("breaking field.inserted", "risk field.padding", "breaking field.appended"),
		"change kind":    both("breaking record.kind"),
		"rename record":  of("breaking record.renamed", "risk record.renamed"),
		"tag to typedef": of("breaking record.tag", ""),
		"pack":           both("breaking record.packing", "breaking field.moved", "breaking record.size", "risk record.align"),
		"align":          both("breaking record.size", "risk record.align"),
	}
	// Where a loader copies by name: places do not matter, types do.
	loader = map[string]expectation{
		"rename member":  of("breaking field.renamed", "breaking field.renamed"),
		"delete member":  of("breaking field.removed", "risk field.removed"),
		"widen member":   both("breaking field.size"),
		"narrow member":  both("breaking field.size"),
		"change sign":    both("risk field.sign"),
		"make pointer":   both("breaking field.type"),
		"change array":   both("breaking field.array"),
		"make array":     both("breaking field.array"),
		"change bits":    both("breaking field.bits"),
		"make bits":      both("breaking field.bits"),
		"change pointee": of("risk field.pointee", "info field.pointee"),
		"add const":      of("risk field.const", "info field.const"),
		"swap members":   both("info field.swapped"),
		"move to end":    both("info field.moved", "info field.swapped"),
		// What the kernel has besides a loader leaves zero.
		"insert member":   {header: []string{"info field.inserted", "info field.padding", "info field.appended", "info record.tail"}},
		"rename record":   both("breaking record.renamed"),
		"tag to typedef":  both("breaking record.tag"),
		"delete callback": both("breaking callback.removed"),
		"rename callback": both("breaking field.renamed"),
		"insert callback": of("info callback.added", ""),
		"callback to int": both("breaking field.type"),
		"change kind":     both("breaking record.kind"),
	}
	// A wider member makes the union larger, or moves it, which breaks more.
	// The bytes are the same whichever member a union calls them by.
	union = map[string]expectation{
		"delete member": both("breaking union.member.removed"),
		"insert member": both("risk union.member.added", "breaking union.member.added", "breaking field.appended"),
	}
	// A struct in a union shares its bytes with others and has an order besides.
	structInUnion = map[string]expectation{
		"insert member": both("risk union.member.added", "breaking union.member.added", "breaking field.inserted", "risk field.padding", "breaking field.appended"),
	}
	prototype = map[string]expectation{
		"rename parameter":     of("info callback.param.name", ""),
		"delete parameter":     both("breaking callback.param.count"),
		"insert parameter":     both("breaking callback.param.count"),
		"widen parameter":      both("breaking callback.param.type"),
		"narrow parameter":     both("breaking callback.param.type"),
		"sign of parameter":    both("breaking callback.param.type"),
		"parameter to pointer": both("breaking callback.param.type"),
		"parameter to integer": both("breaking callback.param.type"),
		"parameter pointee":    both("risk callback.pointee"),
		"parameter const":      of("risk callback.const", "info callback.const"),
		"swap parameters":      both("breaking callback.param.order"),
		"change result":        both("breaking callback.result"),
	}
	// A loader compares the prototype of an extern with the kernel's.
	kfunc = map[string]expectation{
		"rename parameter":     both("info kfunc.param.name"),
		"delete parameter":     both("breaking kfunc.prototype"),
		"insert parameter":     both("breaking kfunc.prototype"),
		"widen parameter":      both("breaking kfunc.prototype"),
		"narrow parameter":     both("breaking kfunc.prototype"),
		"sign of parameter":    both("breaking kfunc.prototype"),
		"parameter to pointer": both("breaking kfunc.prototype"),
		"parameter to integer": both("breaking kfunc.prototype"),
		"parameter pointee":    both("risk kfunc.pointee"),
		"parameter const":      of("risk kfunc.const", "info kfunc.const"),
		"swap parameters":      both("breaking kfunc.prototype"),
		"change result":        both("breaking kfunc.prototype"),
		"delete function":      of("breaking kfunc.removed", "risk kfunc.removed"),
		"rename function":      of("breaking kfunc.removed", "risk kfunc.removed"),
	}
	enums = map[string]expectation{
		"rename enumerator": of("breaking enumerator.renamed", "info enumerator.renamed"),
		"delete enumerator": both("breaking enumerator.removed"),
		"renumber":          both("breaking enumerator.renumbered"),
		"insert enumerator": both("breaking enumerator.inserted", "info enumerator.added"),
		"append enumerator": both("info enumerator.added"),
		"rename enum":       of("breaking enum.renamed", "info enum.renamed"),
		"pack enum":         both("breaking enum.size"),
		"widen enum":        both("breaking enum.size"),
		"tag to typedef":    of("breaking enum.tag", ""),
	}
	// Macros leave no trace in BTF.
	constants = map[string]expectation{
		"rename constant":   of("breaking constant.renamed", ""),
		"delete constant":   of("breaking constant.removed", ""),
		"change value":      of("breaking constant.value", ""),
		"retype constant":   of("risk constant.type", ""),
		"constant to macro": of("breaking constant.removed", ""),
		"insert constant":   of("info constant.added", ""),
	}
)
