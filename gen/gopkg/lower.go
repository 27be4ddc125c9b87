// SPDX-License-Identifier: MIT

package gopkg

import (
	"errors"
	"fmt"
	"go/types"

	"github.com/fuseiomap/abigen/gen/model"
)

// errMissing marks a type that is not known because its package was not read.
var errMissing = errors.New("its type is not known")

// lower returns the canonical type of t, and the layout of the anonymous
// record in it if there is one. field is the field whose type it is.
func (c *converter) lower(t types.Type, field named) (model.Type, *model.Record, error) {
	if ref, ok := c.refOf(t); ok {
		return ref, nil, nil
	}
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return nil, nil, errors.New("a type parameter has no fixed layout: use a concrete type")
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		b, err := c.basic(u)
		return b, nil, err
	case *types.Pointer:
		return model.Pointer{Elem: c.pointee(u.Elem())}, nil, nil
	case *types.Array:
		elem, rec, err := c.lower(u.Elem(), field)
		if err != nil {
			return nil, nil, err
		}
		return model.Array{Len: u.Len(), Elem: elem}, rec, nil
	case *types.Struct:
		rec := &model.Record{Kind: model.Struct}
		if !c.layout(rec, t, u, field) {
			return nil, nil, errReported
		}
		return rec.Ref(), rec, nil
	case *types.Map:
		return nil, nil, errors.New("a map is a pointer into Go's runtime and has no C layout: keep it outside the record")
	case *types.Slice:
		return nil, nil, errors.New("a slice is a pointer, a length and a capacity and has no C layout: use an array, or uint64 for an address")
	case *types.Interface:
		return nil, nil, errors.New("an interface holds Go type information and has no C layout: use the concrete type")
	case *types.Chan:
		return nil, nil, errors.New("a channel is a pointer into Go's runtime and has no C layout: keep it outside the record")
	case *types.Signature:
		return nil, nil, errors.New("a Go function is not a C function pointer: use uint64 for a struct_ops callback, uintptr for a native one")
	}
	return nil, nil, fmt.Errorf("%s has no C layout: use an integer, an array or a struct", t)
}

// refOf finds the C record or enum that t stands for.
func (c *converter) refOf(t types.Type) (model.Ref, bool) {
	for {
		switch x := t.(type) {
		case *types.Alias:
			if ref, ok := c.decls.names[x.Obj()]; ok {
				return ref, true
			}
			t = x.Rhs()
		case *types.Named:
			ref, ok := c.decls.names[x.Obj()]
			return ref, ok
		default:
			return model.Ref{}, false
		}
	}
}

// pointee lowers what a pointer points to where Go says enough about it. A
// struct without a directive is not followed: it may point back.
func (c *converter) pointee(t types.Type) model.Type {
	if ref, ok := c.refOf(t); ok && !isPath(ref.Name) {
		return ref
	}
	if u, ok := t.Underlying().(*types.Basic); ok {
		if b, err := c.basic(u); err == nil {
			return b
		}
	}
	return model.Void{}
}

func (c *converter) basic(b *types.Basic) (model.Type, error) {
	bits := int(c.sizes.Sizeof(b)) * 8
	switch info := b.Info(); {
	case b.Kind() == types.Invalid:
		return nil, errMissing
	case b.Kind() == types.UnsafePointer:
		return model.Pointer{Elem: model.Void{}}, nil
	case info&types.IsBoolean != 0:
		return model.Bool{}, nil
	case info&types.IsInteger != 0:
		return model.Int{Bits: bits, Signed: info&types.IsUnsigned == 0}, nil
	case info&types.IsFloat != 0:
		return model.Float{Bits: bits}, nil
	case info&types.IsString != 0:
		return nil, errors.New("a string is a pointer and a length and has no C layout: use an array of byte")
	case info&types.IsComplex != 0:
		return nil, errors.New("complex numbers are not part of any ABI this tool knows: use two floats")
	}
	return nil, fmt.Errorf("%s has no C layout: use an integer, an array or a struct", b)
}

// invalid reports whether the layout of t depends on a type that is not known.
// What a pointer points to does not matter.
func invalid(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.Invalid
	case *types.Array:
		return invalid(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if invalid(f.Type()) {
				return true
			}
		}
	}
	return false
}
