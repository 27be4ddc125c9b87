// SPDX-License-Identifier: MIT

package emu

import "fmt"

// Func is a kfunc or helper written in Go. What it returns is r0; an error
// stops the program with a [Fault] that wraps it.
type Func func(c *Call) (uint64, error)

// Call is one call of a [Func]. It is valid until the function returns.
type Call struct {
	// Args are r1 to r5: numbers, or addresses to use with Read and Write.
	// Which of them the function has, its prototype says; 32-bit arguments
	// define only the lower half.
	Args [5]uint64

	m    *Machine
	name string
}

// Name is that of the function the program called.
func (c *Call) Name() string { return c.name }

// Machine is the machine the program runs on. Its maps may be used; its
// programs may not be called.
func (c *Call) Machine() *Machine { return c.m }

// Read gives the n bytes at an address the program passed, to be read until
// the function returns. The error, when returned, stops the program with the
// message its own access would.
func (c *Call) Read(addr uint64, n int) ([]byte, error) { return c.bytes(addr, n, accessRead) }

// Write does the same for bytes to be written, all of them.
func (c *Call) Write(addr uint64, n int) ([]byte, error) { return c.bytes(addr, n, accessFill) }

// String gives the string at an address, without its NUL, which must be among
// the first limit bytes.
func (c *Call) String(addr uint64, limit int) (string, error) {
	for n := range limit {
		b, err := c.Read(addr+uint64(n), 1)
		if err != nil {
			return "", err
		}
		if b[0] == 0 {
			s, err := c.Read(addr, n)
			return string(s), err
		}
	}
	return "", fmt.Errorf("the string at %s has no end in its first %d bytes", c.m.describe(addr), limit)
}

// NewMemory makes b reachable for the program until the outermost call ends,
// and gives its address, for the function to return or to store.
func (c *Call) NewMemory(name string, b []byte, writable bool) uint64 {
	id := c.m.share(name, b, writable)
	c.m.temps = append(c.m.temps, int32(id))
	return pointer(id)
}

// Map gives the map an argument is the handle of.
func (c *Call) Map(addr uint64) (*Map, error) {
	id, off, ok := c.m.regionOf(addr)
	if !ok || off != 0 || c.m.regions[id].kind != regionMap {
		return nil, fmt.Errorf("%s is not a map", c.m.describe(addr))
	}
	return c.m.maps[c.m.regions[id].owner], nil
}

func (c *Call) bytes(addr uint64, n int, a access) ([]byte, error) {
	if n < 0 {
		return nil, fmt.Errorf("negative size %d", n)
	}
	b, why := c.m.bytesAt(addr, uint64(n), a)
	if why != nil {
		return nil, &memoryError{why.kind, why.what}
	}
	return b, nil
}

// memoryError is an access a Go callback was refused.
type memoryError struct {
	kind error
	what string
}

func (e *memoryError) Error() string { return e.what }
func (e *memoryError) Unwrap() error { return e.kind }

// NewRegion makes b reachable for programs until [Machine.FreeRegion], and
// gives its address, to be stored in other memory: a kernel structure that an
// argument points to may so point to others.
func (m *Machine) NewRegion(name string, b []byte, writable bool) uint64 {
	return pointer(m.share(name, b, writable))
}

// FreeRegion ends that; programs that still have the address are told it was
// freed. Other addresses are left alone.
func (m *Machine) FreeRegion(addr uint64) {
	id, _, ok := m.regionOf(addr)
	if ok && id >= firstArg+maxArgs && m.regions[id].kind == regionMemory {
		m.unshare(int32(id))
	}
}

// Pointer is an argument with the value of an address from
// [Machine.NewRegion], offset included.
func Pointer(addr uint64) Arg { return Arg{value: addr} }

// quarantine is how many regions of freed memory are kept apart before one is
// used again, so that pointers to them are recognised.
const quarantine = 64

// share enters memory, in a freed region if enough of them wait.
func (m *Machine) share(name string, b []byte, writable bool) int {
	flags := regionFlags(0)
	if writable {
		flags = flagWrite
	}
	if len(m.freeTemps) > quarantine {
		id := m.freeTemps[0]
		m.freeTemps = m.freeTemps[:copy(m.freeTemps, m.freeTemps[1:])]
		g := &m.regions[id]
		g.data, g.flags = b, flags
		m.names[g.owner] = name
		return int(id)
	}
	m.names = append(m.names, name)
	return m.addRegion(region{kind: regionMemory, data: b, flags: flags, owner: int32(len(m.names) - 1)})
}

// unshare ends the life of memory entered with share.
func (m *Machine) unshare(id int32) {
	g := &m.regions[id]
	if g.flags&flagFreed != 0 {
		return
	}
	g.data, g.flags = nil, flagFreed
	m.freeTemps = append(m.freeTemps, id)
}

// endTemps frees what callbacks made for the call that ends.
func (m *Machine) endTemps() {
	for _, id := range m.temps {
		m.unshare(id)
	}
	m.temps = m.temps[:0]
}
