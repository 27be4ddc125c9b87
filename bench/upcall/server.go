// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// The kinds of server.
const (
	goFUSE = "go-fuse"
	bare   = "bare"
)

const (
	fileName = "file"
	fileNode = 2
	fileSize = 1 << 30
)

// counts are the answers that a server has given.
type counts struct {
	Lseek, Getattr, Read uint64
}

// serve mounts, says "ready", and serves until stdin ends. Then it unmounts and
// prints what it has counted, as JSON.
func serve(kind, dir string, stdin io.Reader, stdout io.Writer) error {
	start := map[string]func(dir string) (stop func() (counts, error), err error){goFUSE: serveGoFUSE, bare: serveBare}[kind]
	if start == nil {
		return fmt.Errorf("-serve %s: unknown", kind)
	}
	stop, err := start(dir)
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, "ready")
	_, err = io.Copy(io.Discard, stdin)
	n, serr := stop()
	if err := errors.Join(err, serr); err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(n)
}

// attr is what the kernel is told of a node.
func attr(node uint64) fuse.Attr {
	if node == fileNode {
		return fuse.Attr{Ino: node, Mode: fuse.S_IFREG | 0o644, Nlink: 1, Size: fileSize}
	}
	return fuse.Attr{Ino: node, Mode: fuse.S_IFDIR | 0o755, Nlink: 2}
}

// fileSystem is one file for go-fuse. It lets the kernel keep nothing.
type fileSystem struct {
	fuse.RawFileSystem
	lseek, getattr, read atomic.Uint64
}

func (fs *fileSystem) Lookup(_ <-chan struct{}, _ *fuse.InHeader, name string, out *fuse.EntryOut) fuse.Status {
	if name != fileName {
		return fuse.ENOENT
	}
	out.NodeId, out.Attr = fileNode, attr(fileNode)
	return fuse.OK
}

func (fs *fileSystem) GetAttr(_ <-chan struct{}, in *fuse.GetAttrIn, out *fuse.AttrOut) fuse.Status {
	fs.getattr.Add(1)
	out.Attr = attr(in.NodeId)
	return fuse.OK
}

func (fs *fileSystem) Open(_ <-chan struct{}, _ *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	out.OpenFlags = fuse.FOPEN_DIRECT_IO
	return fuse.OK
}

func (fs *fileSystem) Lseek(_ <-chan struct{}, in *fuse.LseekIn, out *fuse.LseekOut) fuse.Status {
	fs.lseek.Add(1)
	out.Offset = in.Offset // data everywhere
	return fuse.OK
}

func (fs *fileSystem) Read(_ <-chan struct{}, _ *fuse.ReadIn, buf []byte) (fuse.ReadResult, fuse.Status) {
	fs.read.Add(1)
	return fuse.ReadResultData(buf), fuse.OK
}

func serveGoFUSE(dir string) (stop func() (counts, error), err error) {
	fs := &fileSystem{RawFileSystem: fuse.NewDefaultRawFileSystem()}
	server, err := fuse.NewServer(fs, dir, &fuse.MountOptions{FsName: "upcall", Name: "upcall", DirectMountStrict: true})
	if err != nil {
		return nil, err
	}
	go server.Serve()
	if err := server.WaitMount(); err != nil {
		return nil, err
	}
	// What the kernel asked to get here does not count.
	fs.getattr.Store(0)
	return func() (counts, error) {
		n := counts{Lseek: fs.lseek.Load(), Getattr: fs.getattr.Load(), Read: fs.read.Load()}
		return n, server.Unmount()
	}, nil
}
