// SPDX-License-Identifier: MIT

// Package fusefd mounts a FUSE file system and keeps the descriptor of its
// connection, which Go's FUSE libraries open themselves and do not give away.
//
// Attaching a BPF program needs that descriptor: fuse_fd of struct
// fuse_iomap_bpf_ops is the /dev/fuse that the file system is served from. The
// way to it is one that the libraries have for servers without privilege, whose
// parent has mounted for them. A mount point spelled /dev/fd/N says that
// descriptor N is an open, mounted /dev/fuse, and that there is nothing left to
// mount:
//
//  1. open /dev/fuse,
//  2. mount(2) with the option fd=N,
//  3. give the library the path "/dev/fd/N" for a mount point.
//
// [New] does the first two, and [Mount.HandOver] gives what the third needs. With
// github.com/hanwen/go-fuse/v2:
//
//	m, err := fusefd.New(dir, fusefd.Options{Source: "stripe", Type: "stripefs"})
//	…
//	path, err := m.HandOver()
//	…
//	server, err := fuse.NewServer(raw, path, &fuse.MountOptions{})
//	…
//	go server.Serve()
//
// and with github.com/jacobsa/fuse:
//
//	mounted, err := fuse.Mount(path, server, &fuse.MountConfig{})
//
// Both have answered the kernel's INIT request when these functions return, so
// that [Mount.FD] can be attached to from then on. What the library would have
// passed to mount(2) of its own options, [Options] has to; and the library does
// not know the mount point, so unmount with [Mount.Unmount], after which Serve and
// Join return.
//
// # Descriptors
//
// The library owns and closes the descriptor of the path. The one of [Mount.FD] is
// another to the same open file, for as long as the Mount is not closed: a number
// that the library may close at any time could mean another file by the time the
// kernel looks it up. As long as one of them is open the kernel waits for answers,
// so close the Mount when the server ends, or at once when nothing needs FD any
// more. A program that is attached stays so.
//
// # In the process of the server
//
// A process that opens files of its own mount should do it with package syscall:
// package os registers descriptors with epoll, during which the kernel asks the
// server, in a thread that the Go runtime believes to be running. With all of
// GOMAXPROCS in that state nobody answers. go-fuse has a remedy for mount points
// that it knows, which does not help here.
package fusefd
