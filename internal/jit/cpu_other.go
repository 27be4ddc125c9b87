// SPDX-License-Identifier: MIT

//go:build !linux

package jit

import "errors"

// OneCPU has nothing to do where there is no kernel to run programs in.
func OneCPU() (release func(), err error) {
	return nil, errors.New("only Linux runs BPF programs")
}
