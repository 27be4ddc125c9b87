// SPDX-License-Identifier: MIT

package programs

import "github.com/cilium/ebpf"

// LinearParams are the parameters of [Linear].
type LinearParams struct {
	BlockSize uint32       // 0 is 4096
	Files     []LinearFile // each inode once
}

// LinearFile is one run of bytes on a device.
type LinearFile struct {
	Inode  uint64 // node id
	Addr   uint64 // on the device
	Length uint64 // in bytes
	Device uint32 // cookie
}

// Program is [Linear].
func (p LinearParams) Program() Program { return Linear }

// Validate checks every entry.
func (p LinearParams) Validate() error {
	c, err := newChecker(Linear, p.BlockSize)
	if err != nil {
		return err
	}
	if err := c.unique(len(p.Files), func(i int) uint64 { return p.Files[i].Inode }); err != nil {
		return err
	}
	for i, f := range p.Files {
		if err := f.check(c.in("Files[%d]", i).of(f.Inode)); err != nil {
			return err
		}
	}
	return nil
}

func (f LinearFile) check(c checker) error {
	if err := c.length("Length", f.Length); err != nil {
		return err
	}
	if err := c.space("Addr", f.Addr, f.Length); err != nil {
		return err
	}
	return c.device("Device", f.Device)
}

// Configure has nothing to set.
func (p LinearParams) Configure(*ebpf.CollectionSpec) error { return p.Validate() }

// Fill enters all files.
func (p LinearParams) Fill(s Store) error {
	if err := p.Validate(); err != nil {
		return err
	}
	for _, f := range p.Files {
		if err := p.Put(s, f); err != nil {
			return err
		}
	}
	return nil
}

// Put enters a file or replaces it.
func (p LinearParams) Put(s Store, f LinearFile) error {
	c, err := newChecker(Linear, p.BlockSize)
	if err != nil {
		return err
	}
	c = c.of(f.Inode)
	if err := f.check(c.in("File")); err != nil {
		return err
	}
	return c.wrap(put(s, "runs", f.Inode, struct {
		Addr, Length uint64
		Dev, Pad     uint32
	}{f.Addr, f.Length, f.Device, 0}))
}

// Remove leaves a file to the server.
func (p LinearParams) Remove(s Store, inode uint64) error { return remove(Linear, s, "runs", inode) }
