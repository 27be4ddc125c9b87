// SPDX-License-Identifier: MIT

// A module of its own for its FUSE library.
module github.com/fuseiomap/abigen/bench/upcall

go 1.26.0

replace github.com/fuseiomap/abigen => ../..

require (
	github.com/cilium/ebpf v0.22.0
	github.com/fuseiomap/abigen v0.0.0-00010101000000-000000000000
	github.com/hanwen/go-fuse/v2 v2.12.1
	golang.org/x/sys v0.50.0
)
