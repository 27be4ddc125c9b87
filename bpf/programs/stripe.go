// SPDX-License-Identifier: MIT

package programs

import (
	"math/bits"

	"github.com/cilium/ebpf"
)

// MaxStripeDevices is how many devices [Stripe] and [Cached] know at most.
const MaxStripeDevices = 256

// StripeParams are the parameters of [Stripe].
type StripeParams struct {
	BlockSize uint32       // 0 is 4096
	ChunkSize uint64       // bytes on one device before the next one's turn
	Devices   []uint32     // cookies, in their order; 1 to 256, each once
	Files     []StripeFile // each inode once
}

// StripeFile is a file in rows of one chunk a device.
type StripeFile struct {
	Inode  uint64 // node id
	Base   uint64 // address of the first row, the same on every device
	Length uint64 // in bytes
}

// Program is [Stripe].
func (p StripeParams) Program() Program { return Stripe }

// Validate checks every entry.
func (p StripeParams) Validate() error { return p.validate(Stripe) }

func (p StripeParams) validate(program Program) error {
	c, err := p.layout(program)
	if err != nil {
		return err
	}
	if err := c.unique(len(p.Files), func(i int) uint64 { return p.Files[i].Inode }); err != nil {
		return err
	}
	for i, f := range p.Files {
		if err := p.check(c.in("Files[%d]", i).of(f.Inode), f); err != nil {
			return err
		}
	}
	return nil
}

// layout checks all but the files.
func (p StripeParams) layout(program Program) (checker, error) {
	c, err := newChecker(program, p.BlockSize)
	if err != nil {
		return c, err
	}
	if p.ChunkSize == 0 {
		return c, c.err("ChunkSize", "it is 0: give the bytes that stay on one device, at least a block")
	}
	if p.ChunkSize > MaxOffset {
		return c, c.err("ChunkSize", "%d is more than the %d bytes a file can have", p.ChunkSize, uint64(MaxOffset))
	}
	if err := c.blocks("ChunkSize", p.ChunkSize); err != nil {
		return c, err
	}
	if n := len(p.Devices); n == 0 || n > MaxStripeDevices {
		return c, c.err("Devices", "there are %d: give 1 to %d", n, MaxStripeDevices)
	}
	seen := map[uint32]int{}
	for i, d := range p.Devices {
		if err := c.device(entry("Devices", i), d); err != nil {
			return c, err
		}
		if j, ok := seen[d]; ok {
			return c, c.err(entry("Devices", i), "%d is also Devices[%d]: two chunks would be in one place", d, j)
		}
		seen[d] = i
	}
	return c, nil
}

func (p StripeParams) check(c checker, f StripeFile) error {
	if err := c.length("Length", f.Length); err != nil {
		return err
	}
	// The last row is the highest address. With one device there are no rows.
	end := f.Length
	if n := uint64(len(p.Devices)); n > 1 {
		rows := ((f.Length-1)/p.ChunkSize)/n + 1
		hi, lo := bits.Mul64(rows, p.ChunkSize)
		if hi != 0 {
			return c.err("Length", "%d rows of %d bytes do not fit into 64 bits", rows, p.ChunkSize)
		}
		end = lo
	}
	return c.space("Base", f.Base, end)
}

// Configure sets chunk size and devices.
func (p StripeParams) Configure(spec *ebpf.CollectionSpec) error { return p.configure(Stripe, spec) }

func (p StripeParams) configure(program Program, spec *ebpf.CollectionSpec) error {
	if err := p.validate(program); err != nil {
		return err
	}
	var devices [MaxStripeDevices]uint32
	copy(devices[:], p.Devices)
	n := uint32(len(p.Devices))
	return checker{program: program.name}.wrap(setVariables(spec, map[string]any{
		"chunk_size": p.ChunkSize, "chunk_shift": log2(p.ChunkSize),
		"device_count": n, "device_shift": log2(uint64(n)), "devices": devices,
	}))
}

// Fill enters all files.
func (p StripeParams) Fill(s Store) error { return p.fill(Stripe, s) }

func (p StripeParams) fill(program Program, s Store) error {
	if err := p.validate(program); err != nil {
		return err
	}
	for _, f := range p.Files {
		if err := p.put(program, s, f); err != nil {
			return err
		}
	}
	return nil
}

// Put enters a file or replaces it.
func (p StripeParams) Put(s Store, f StripeFile) error { return p.put(Stripe, s, f) }

func (p StripeParams) put(program Program, s Store, f StripeFile) error {
	c, err := p.layout(program)
	if err != nil {
		return err
	}
	c = c.of(f.Inode)
	if err := p.check(c.in("File"), f); err != nil {
		return err
	}
	return c.wrap(put(s, "files", f.Inode, [2]uint64{f.Base, f.Length}))
}

// Remove leaves a file to the server.
func (p StripeParams) Remove(s Store, inode uint64) error { return remove(Stripe, s, "files", inode) }

// CachedParams are the parameters of [Cached].
type CachedParams struct {
	StripeParams
	// Ahead is how many chunks after the one answered are entered into the
	// cache where the request reaches them, 0 to 32.
	Ahead uint32
}

// MaxAhead bounds CachedParams.Ahead.
const MaxAhead = 32

// Program is [Cached].
func (p CachedParams) Program() Program { return Cached }

// Validate checks every entry.
func (p CachedParams) Validate() error {
	if p.Ahead > MaxAhead {
		return checker{program: Cached.name}.err("Ahead", "%d is more than %d", p.Ahead, MaxAhead)
	}
	return p.validate(Cached)
}

// Configure sets chunk size, devices and how far to look ahead.
func (p CachedParams) Configure(spec *ebpf.CollectionSpec) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if err := p.configure(Cached, spec); err != nil {
		return err
	}
	return checker{program: Cached.name}.wrap(setVariables(spec, map[string]any{"ahead": p.Ahead}))
}

// Fill enters all files.
func (p CachedParams) Fill(s Store) error {
	if err := p.Validate(); err != nil {
		return err
	}
	return p.fill(Cached, s)
}

// Put enters a file or replaces it. What the kernel has cached of it stays
// there until the server invalidates it.
func (p CachedParams) Put(s Store, f StripeFile) error { return p.put(Cached, s, f) }

// Remove leaves a file to the server. What the kernel has cached of it stays
// there until the server invalidates it.
func (p CachedParams) Remove(s Store, inode uint64) error { return remove(Cached, s, "files", inode) }
