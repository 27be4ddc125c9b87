// SPDX-License-Identifier: MIT

// Command stripefs is a FUSE server whose files are striped over devices, RAID0,
// and which offers the kernel the BPF program "stripe" to find their bytes without
// asking it:
//
//	stripefs [-chunk SIZE] -device DEVICE… -file NAME=SIZE… DIRECTORY
//
// It mounts on the directory, says in plain words whether the program is attached
// and if not why, and serves either way: what the kernel does not find by itself it
// asks for, which is the ordinary path. An interrupt unmounts.
//
// Sizes take a suffix of K, M, G or T. The chunks of -chunk bytes, 64K if it is not
// given, go to the devices in turn. A device is
//
//	file:PATH     an existing file or block device, large enough
//	memory        memory of the server, gone when it ends
//	pattern:N     pseudo-random bytes that follow from N and the address, which cannot
//	              be written: gigabytes to try things with that take no space
//
// The files have fixed sizes and lie on the devices one behind the other. They are
// read and written in place; nothing else can be changed.
//
//	stripefs -device pattern:1 -device pattern:2 -file big=1G /mnt
//
// # How it attaches
//
// serve.go is the part to look at. Package fusefd mounts and keeps the descriptor,
// go-fuse serves what fusefd hands over, and when it has answered the kernel's INIT
// request package bpf/programs attaches.
//
// # What a kernel of the future needs besides
//
// No released kernel has struct fuse_iomap_bpf_ops. stripefs negotiates iomap where
// a kernel offers it, so that the connection can be attached to. For the kernel to
// put its questions to the program a server has to do two more things, which the
// library cannot do yet: register block devices with the connection, whose cookies
// belong into StripeParams.Devices in place of the numbers from 1 on that stand
// there, and mark the inodes.
package main
