// SPDX-License-Identifier: MIT

package emu

// opcode is an operation of the interpreter: one per thing that is done, not
// one per encoding. Operand K is an immediate, X a register. The numbers are
// dense, so that the switch of [Machine.run] compiles to one jump table.
type opcode uint8

const (
	opTrap opcode = iota // what must not be reached; imm is an index into program.traps

	opMov64K // also every form of lddw, whose 64-bit value is known once maps are placed
	opMov64X
	opMov32X
	opMovSX8
	opMovSX16
	opMovSX32
	opMovSX8to32
	opMovSX16to32
	opNeg64
	opNeg32
	opSwap16
	opSwap32
	opSwap64
	opZext16
	opNop

	opAdd64K
	opAdd64X
	opAdd32K
	opAdd32X
	opSub64K
	opSub64X
	opSub32K
	opSub32X
	opMul64K
	opMul64X
	opMul32K
	opMul32X
	opDiv64K
	opDiv64X
	opDiv32K
	opDiv32X
	opSDiv64K
	opSDiv64X
	opSDiv32K
	opSDiv32X
	opMod64K
	opMod64X
	opMod32K
	opMod32X
	opSMod64K
	opSMod64X
	opSMod32K
	opSMod32X
	opOr64K
	opOr64X
	opOr32K
	opOr32X
	opAnd64K
	opAnd64X
	opAnd32K
	opAnd32X
	opXor64K
	opXor64X
	opXor32K
	opXor32X
	opLsh64K
	opLsh64X
	opLsh32K
	opLsh32X
	opRsh64K
	opRsh64X
	opRsh32K
	opRsh32X
	opArsh64K
	opArsh64X
	opArsh32K
	opArsh32X

	opJa
	opJeq64K
	opJeq64X
	opJeq32K
	opJeq32X
	opJne64K
	opJne64X
	opJne32K
	opJne32X
	opJgt64K
	opJgt64X
	opJgt32K
	opJgt32X
	opJge64K
	opJge64X
	opJge32K
	opJge32X
	opJlt64K
	opJlt64X
	opJlt32K
	opJlt32X
	opJle64K
	opJle64X
	opJle32K
	opJle32X
	opJset64K
	opJset64X
	opJset32K
	opJset32X
	opJsgt64K
	opJsgt64X
	opJsgt32K
	opJsgt32X
	opJsge64K
	opJsge64X
	opJsge32K
	opJsge32X
	opJslt64K
	opJslt64X
	opJslt32K
	opJslt32X
	opJsle64K
	opJsle64X
	opJsle32K
	opJsle32X
	opMayGoto

	opCall   // another function of the program; off is its first op
	opHelper // imm is an index into Machine.helpers
	opExit

	opLd8
	opLd16
	opLd32
	opLd64
	opLdSX8
	opLdSX16
	opLdSX32
	opSt8K
	opSt16K
	opSt32K
	opSt64K
	opSt8X
	opSt16X
	opSt32X
	opSt64X

	// The same through r10 at a place inside the frame, which decode has
	// made sure of; off counts from the frame's lowest byte.
	opLdFrame8
	opLdFrame16
	opLdFrame32
	opLdFrame64
	opStFrame8K
	opStFrame16K
	opStFrame32K
	opStFrame64K
	opStFrame8X
	opStFrame16X
	opStFrame32X
	opStFrame64X

	opAtomic32 // imm is the atomic operation as encoded
	opAtomic64

	opCheck // registers needed and defined by the next op; see initialised.go
)

// op is one predecoded operation, 16 bytes. Registers above 10 are scratch
// registers of the decoder.
type op struct {
	code  opcode
	dst   uint8
	src   uint8
	count uint8  // instructions it stands for: 1, 2 with the move before it, or 0 for all but the first op of one
	off   int32  // displacement in bytes, the op a jump goes to, or of arithmetic the register with the left operand
	imm   uint64 // sign- or zero-extended as the operation wants it
}

// scratch holds a byte-swapped value on its way to memory.
const scratch = 11
