// SPDX-License-Identifier: MIT

// A module of its own, so that what the examples need is not needed by those who
// import ours.
module github.com/fuseiomap/abigen/examples

go 1.26.0

replace github.com/fuseiomap/abigen => ..

require (
	github.com/fuseiomap/abigen v0.0.0-00010101000000-000000000000
	github.com/hanwen/go-fuse/v2 v2.12.1
	github.com/jacobsa/fuse v0.0.0-20260630194014-a124548f6da7
	golang.org/x/sys v0.49.0
)

require github.com/cilium/ebpf v0.22.0 // indirect
