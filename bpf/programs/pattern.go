// SPDX-License-Identifier: MIT

package programs

import "github.com/cilium/ebpf"

// PatternParams are the parameters of [Pattern].
type PatternParams struct {
	BlockSize uint32 // 0 is 4096
	Blocks    uint64 // how many are reported; 0 is 16
	Base      uint64 // device address of file offset 0
	Device    uint32 // cookie
	Inode     uint64 // node id of the file; 0 is every file
}

// Program is [Pattern].
func (p PatternParams) Program() Program { return Pattern }

const defaultPatternBlocks = 16

// Validate checks every entry.
func (p PatternParams) Validate() error {
	c, err := newChecker(Pattern, p.BlockSize)
	if err != nil {
		return err
	}
	blocks := p.blocks()
	if blocks > MaxOffset/c.block {
		return c.err("Blocks", "%d blocks of %d bytes are more than the %d bytes a file can have", blocks, c.block, uint64(MaxOffset))
	}
	if err := c.space("Base", p.Base, blocks*c.block); err != nil {
		return err
	}
	return c.device("Device", p.Device)
}

func (p PatternParams) blocks() uint64 {
	if p.Blocks == 0 {
		return defaultPatternBlocks
	}
	return p.Blocks
}

// Configure sets everything.
func (p PatternParams) Configure(spec *ebpf.CollectionSpec) error {
	if err := p.Validate(); err != nil {
		return err
	}
	size := p.BlockSize
	if size == 0 {
		size = defaultBlockSize
	}
	return checker{program: Pattern.name}.wrap(setVariables(spec, map[string]any{
		"block_size": uint64(size), "block_count": p.blocks(), "base": p.Base, "dev": p.Device, "node": p.Inode,
	}))
}

// Fill has nothing to enter.
func (p PatternParams) Fill(Store) error { return p.Validate() }
