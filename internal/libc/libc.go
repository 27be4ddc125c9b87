// SPDX-License-Identifier: MIT

// Package libc has stand-ins for the few headers of a C library that the
// kernel's own headers include: sys/types.h, sys/time.h, netinet/in.h and the
// like. Each declares, for every target, what kernel headers take from it, and
// nothing else; most only include the kernel's header that has it.
package libc

import (
	"embed"
	"io/fs"
)

//go:embed include
var files embed.FS

// FS returns the headers by the name that an #include gives.
func FS() fs.FS {
	sub, err := fs.Sub(files, "include")
	if err != nil {
		panic(err) // include is a valid path, so there is no error
	}
	return sub
}
