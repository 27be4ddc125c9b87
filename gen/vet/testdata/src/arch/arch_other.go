// SPDX-License-Identifier: MIT

//go:build !386 && !arm

package arch

//abigen:record event
type Event struct {
	Pid  uint32
	_    [4]byte
	Ts   uint64
	Comm [15]byte // want "event.comm: Array `comm` has another length"
	Kind uint8
	_    [8]byte
}
