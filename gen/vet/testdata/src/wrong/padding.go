// SPDX-License-Identifier: MIT

// Package wrong has structs that are not what C has.
package wrong

// Event is right on amd64 as long as nothing but the compiler looks at it.
//
//abigen:record event
type Event struct { // want `event: 7 bytes of padding are missing at the end of Event: on 386, arm and mips Go has 32 bytes where C has 40, so C code reads and writes past the struct; encoding/binary, which knows no padding, takes it for 29 bytes long everywhere: insert _ \[7\]byte \(elf:events.bpf.o\)`
	Pid  uint32
	Ts   uint64 // want `event.ts: 4 bytes of padding are missing before Ts: on 386, arm and mips Go has Ts at byte 4 and C at byte 8, so each reads other bytes than the other wrote; encoding/binary, which knows no padding, reads it from byte 4 everywhere: insert _ \[4\]byte`
	Comm [16]byte
	Kind uint8
}

// Sample has the padding of C in place of a member of that name.
//
//abigen:record sample
type Sample struct { // want `4 bytes of padding are missing at the end of Sample`
	Pid uint32
	_   [4]byte
	// Ts is the time.
	Ts  uint64
	CPU uint32
}
