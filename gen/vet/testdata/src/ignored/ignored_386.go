// SPDX-License-Identifier: MIT

package ignored

//abigen:record event
type Event struct {
	Pid  uint32
	Ts   uint64
	Comm [16]byte
	Kind uint8
	_    [7]byte
}
