// SPDX-License-Identifier: MIT

package programs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/cilium/ebpf"

	"github.com/fuseiomap/abigen/bpf/emu"
)

// Store is where the maps of a loaded program are: in the kernel or in an
// interpreter. Keys and values are bytes in the program's byte order.
type Store interface {
	// ByteOrder is the program's.
	ByteOrder() binary.ByteOrder
	// Put stores an element of a map, whether it exists or not.
	Put(table string, key, value []byte) error
	// Delete removes one. The error of a key that is not there wraps
	// ebpf.ErrKeyNotExist.
	Delete(table string, key []byte) error
	// PutArray makes a new array of values, which all have the same size, an
	// element of a map of maps, in one step.
	PutArray(table string, key []byte, values [][]byte) error
}

// InKernel is the store of a collection that was loaded from spec.
func InKernel(c *ebpf.Collection, spec *ebpf.CollectionSpec) Store {
	return &kernelStore{c, spec}
}

type kernelStore struct {
	c    *ebpf.Collection
	spec *ebpf.CollectionSpec
}

func (s *kernelStore) ByteOrder() binary.ByteOrder { return binary.NativeEndian }

func (s *kernelStore) table(name string) (*ebpf.Map, error) {
	if m := s.c.Maps[name]; m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("the collection has no map %q: is it of this program?", name)
}

func (s *kernelStore) Put(table string, key, value []byte) error {
	m, err := s.table(table)
	if err != nil {
		return err
	}
	return m.Put(key, value)
}

func (s *kernelStore) Delete(table string, key []byte) error {
	m, err := s.table(table)
	if err != nil {
		return err
	}
	return m.Delete(key)
}

func (s *kernelStore) PutArray(table string, key []byte, values [][]byte) error {
	m, err := s.table(table)
	if err != nil {
		return err
	}
	outer := s.spec.Maps[table]
	if outer == nil || outer.InnerMap == nil {
		return fmt.Errorf("map %s is not a map of maps: give the specification the collection was loaded from", table)
	}
	inner := outer.InnerMap.Copy()
	inner.MaxEntries = uint32(len(values))
	in, err := ebpf.NewMap(inner)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // the outer map keeps it
	for i, v := range values {
		if err := in.Put(uint32(i), v); err != nil {
			return err
		}
	}
	return m.Put(key, in)
}

// InEmulator is the store of an interpreter.
func InEmulator(m *emu.Machine) Store { return &emuStore{m: m} }

type emuStore struct {
	m    *emu.Machine
	made int
}

func (s *emuStore) ByteOrder() binary.ByteOrder { return s.m.ByteOrder() }

func (s *emuStore) Put(table string, key, value []byte) error {
	m, err := s.m.Map(table)
	if err != nil {
		return err
	}
	return m.Update(key, value)
}

func (s *emuStore) Delete(table string, key []byte) error {
	m, err := s.m.Map(table)
	if err != nil {
		return err
	}
	return m.Delete(key)
}

func (s *emuStore) PutArray(table string, key []byte, values [][]byte) error {
	m, err := s.m.Map(table)
	if err != nil {
		return err
	}
	if m.Spec().InnerMap == nil {
		return fmt.Errorf("map %s is not a map of maps", table)
	}
	inner := m.Spec().InnerMap.Copy()
	inner.MaxEntries = uint32(len(values))
	inner.Contents = nil
	name := ""
	for name == "" || slices.Contains(s.m.Maps(), name) {
		s.made++
		name = fmt.Sprintf("%s.%d", table, s.made)
	}
	in, err := s.m.NewMap(name, inner)
	if err != nil {
		return err
	}
	for i, v := range values {
		if err := in.Update(uint32(i), v); err != nil {
			return err
		}
	}
	return m.SetInner(key, in)
}

// setVariables writes variables of a specification, in its byte order.
func setVariables(spec *ebpf.CollectionSpec, values map[string]any) error {
	if spec == nil {
		return errors.New("no specification: take the one Program.Spec gives")
	}
	order := byteOrder(spec)
	for name, v := range values {
		variable := spec.Variables[name]
		if variable == nil {
			return fmt.Errorf("the specification has no variable %q: is it of this program?", name)
		}
		b, err := binary.Append(nil, order, v)
		if err != nil {
			return fmt.Errorf("variable %s: %w", name, err)
		}
		if len(b) != len(variable.Value) {
			return fmt.Errorf("variable %s: it has %d bytes, not %d: is it of this program?", name, len(variable.Value), len(b))
		}
		variable.Value = b
	}
	return nil
}

func byteOrder(spec *ebpf.CollectionSpec) binary.ByteOrder {
	if spec.ByteOrder == nil {
		return binary.LittleEndian
	}
	return spec.ByteOrder
}

// nodeKey is the key of every table: the node id.
func nodeKey(s Store, inode uint64) []byte {
	key := make([]byte, 8)
	s.ByteOrder().PutUint64(key, inode)
	return key
}

// put stores what binary.Append makes of v under an inode.
func put(s Store, table string, inode uint64, v any) error {
	b, err := binary.Append(nil, s.ByteOrder(), v)
	if err != nil {
		return err
	}
	return s.Put(table, nodeKey(s, inode), b)
}
