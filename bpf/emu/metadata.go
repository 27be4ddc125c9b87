// SPDX-License-Identifier: MIT

package emu

import (
	"reflect"

	"github.com/cilium/ebpf/asm"
)

// The library keeps what its loader alone needs under keys it does not export:
// whether a kfunc is weak, and where in .kconfig a variable is. Reflection may
// look at it, though not touch it; where a later version keeps it otherwise,
// the answer is "not known", which every caller can live with.

// hidden gives the value an instruction carries under the key type named, as a
// struct.
func hidden(in *asm.Instruction, key string) (reflect.Value, bool) {
	e := reflect.ValueOf(in.Metadata).FieldByName("head")
	for e.IsValid() && e.Kind() == reflect.Pointer && !e.IsNil() {
		k, v := e.Elem().FieldByName("key"), e.Elem().FieldByName("value")
		if k.IsValid() && v.IsValid() && k.Kind() == reflect.Interface && k.Elem().Kind() == reflect.Struct && k.Elem().Type().Name() == key {
			if v = v.Elem(); v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct {
				return v.Elem(), true
			}
			return reflect.Value{}, false
		}
		e = e.Elem().FieldByName("next")
	}
	return reflect.Value{}, false
}

// kconfigOffset gives the place in .kconfig an instruction loads the address
// of.
func kconfigOffset(in *asm.Instruction) (uint32, bool) {
	if meta, ok := hidden(in, "kconfigMetaKey"); ok {
		if f := meta.FieldByName("Offset"); f.IsValid() && f.CanUint() {
			return uint32(f.Uint()), true
		}
	}
	return 0, false
}

// isStrong says of a reference to a kfunc or kernel variable that a loader
// would insist on it.
func isStrong(in *asm.Instruction) bool {
	const strongBinding = 1 // STB_GLOBAL
	for _, key := range []string{"kfuncMetaKey", "ksymMetaKey"} {
		if meta, ok := hidden(in, key); ok {
			f := meta.FieldByName("Binding")
			return f.IsValid() && f.CanInt() && f.Int() == strongBinding
		}
	}
	return false
}
