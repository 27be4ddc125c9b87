// SPDX-License-Identifier: MIT

package arch

//abigen:record event
type Event struct {
	Pid  uint32
	_    [4]byte
	Ts   uint64
	Comm [16]byte
	Kind uint8
	_    [7]byte
}
