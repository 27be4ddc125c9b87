// SPDX-License-Identifier: MIT

// Package demo is what README.md shows.
package demo

//abigen:record event
type Event struct {
	Pid  uint32
	Ts   uint64
	Comm [16]byte
	Kind uint8
	_    [7]byte
}
