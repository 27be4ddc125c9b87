// SPDX-License-Identifier: MIT

package emu

import (
	"errors"
	"fmt"
)

// Inner gives the map that is an element of a map of maps, nil if the element
// is empty.
func (mp *Map) Inner(key any) (*Map, error) {
	k, err := mp.innerKey(key)
	if err != nil {
		return nil, err
	}
	if mp.array != nil {
		i := mp.m.bo.Uint32(k)
		if i >= mp.max {
			return nil, mp.wrap(fmt.Errorf("key %x: it has elements 0 to %d", k, mp.max-1))
		}
		return mp.array.inner[i], nil
	}
	if s := mp.hash.find(k); s >= 0 {
		return mp.hash.inner[s], nil
	}
	return nil, nil
}

// SetInner makes a map of the same machine an element of a map of maps. Its
// type, key and value size must be those of the inner map's definition.
func (mp *Map) SetInner(key any, in *Map) error {
	k, err := mp.innerKey(key)
	if err != nil {
		return err
	}
	if in == nil || in.m != mp.m {
		return mp.wrap(errors.New("the inner map must be one of the same machine"))
	}
	want := mp.spec.InnerMap
	if in.typ != want.Type || in.keySize != want.KeySize || in.valueSize != want.ValueSize {
		return mp.wrap(fmt.Errorf("map %s (%s, key size %d, value size %d) cannot be an element: the definition says %s, %d, %d",
			in.name, in.typ, in.keySize, in.valueSize, want.Type, want.KeySize, want.ValueSize))
	}
	if mp.array != nil {
		i := mp.m.bo.Uint32(k)
		if i >= mp.max {
			return mp.wrap(fmt.Errorf("key %x: it has elements 0 to %d", k, mp.max-1))
		}
		mp.array.inner[i] = in
		return nil
	}
	if e := mp.hash.store(mp, k, nil, updateAny, -1); e != 0 {
		return mp.wrap(fmt.Errorf("key %x: %w: max_entries is %d", k, ErrMapFull, mp.max))
	}
	mp.hash.inner[mp.hash.find(k)] = in
	return nil
}

// innerKey marshals the key of a map of maps.
func (mp *Map) innerKey(key any) ([]byte, error) {
	if !mp.inner {
		return nil, mp.wrap(errors.New("it is not a map of maps"))
	}
	k, err := mp.m.marshal(key, int(mp.keySize))
	if err != nil {
		return nil, mp.wrap(fmt.Errorf("key: %w", err))
	}
	return k, nil
}
