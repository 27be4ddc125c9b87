// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"errors"
	"io"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// rootNode is the node id that every FUSE file system's root has.
const rootNode = fuse.FUSE_ROOT_ID

// keep is how long the kernel may remember names and sizes, which never change.
const keep = time.Hour

// filesystem answers the requests of the kernel: the ordinary path. It uses the
// library's lower interface because there the server chooses the node ids, and the
// program has to know them.
type filesystem struct {
	fuse.RawFileSystem
	*volume
	began time.Time

	reads, readBytes, writes, writtenBytes atomic.Uint64
}

func newFilesystem(v *volume) *filesystem {
	return &filesystem{RawFileSystem: fuse.NewDefaultRawFileSystem(), volume: v, began: time.Now()}
}

func (fs *filesystem) String() string { return "stripefs" }

// file gives the file of a node id.
func (fs *filesystem) file(node uint64) (file, bool) {
	i := node - rootNode - 1
	if i >= uint64(len(fs.files)) {
		return file{}, false
	}
	return fs.files[i], true
}

func (fs *filesystem) attr(node uint64, a *fuse.Attr) bool {
	f, ok := fs.file(node)
	if node == rootNode {
		*a = fuse.Attr{Ino: node, Mode: fuse.S_IFDIR | 0o755, Nlink: 2, Blksize: blockSize}
	} else if ok {
		*a = fuse.Attr{Ino: node, Mode: fuse.S_IFREG | 0o644, Nlink: 1, Blksize: blockSize, Size: f.length, Blocks: (f.length + 511) / 512}
	} else {
		return false
	}
	a.Owner = fuse.Owner{Uid: uint32(os.Geteuid()), Gid: uint32(os.Getegid())}
	a.SetTimes(&fs.began, &fs.began, &fs.began)
	return true
}

func (fs *filesystem) Lookup(_ <-chan struct{}, in *fuse.InHeader, name string, out *fuse.EntryOut) fuse.Status {
	if in.NodeId != rootNode {
		return fuse.ENOTDIR
	}
	for _, f := range fs.files {
		if f.name == name {
			out.NodeId = f.node
			out.SetEntryTimeout(keep)
			out.SetAttrTimeout(keep)
			fs.attr(f.node, &out.Attr)
			return fuse.OK
		}
	}
	return fuse.ENOENT
}

func (fs *filesystem) GetAttr(_ <-chan struct{}, in *fuse.GetAttrIn, out *fuse.AttrOut) fuse.Status {
	if !fs.attr(in.NodeId, &out.Attr) {
		return fuse.ENOENT
	}
	out.SetTimeout(keep)
	return fuse.OK
}

// SetAttr refuses every change: sizes are fixed, and there is no place for the rest.
func (fs *filesystem) SetAttr(_ <-chan struct{}, in *fuse.SetAttrIn, out *fuse.AttrOut) fuse.Status {
	if !fs.attr(in.NodeId, &out.Attr) {
		return fuse.ENOENT
	}
	out.SetTimeout(keep)
	size, ok := in.GetSize()
	if in.Valid&^(fuse.FATTR_SIZE|fuse.FATTR_FH|fuse.FATTR_LOCKOWNER) != 0 || ok && size != out.Size {
		return fuse.EPERM
	}
	return fuse.OK
}

func (fs *filesystem) Open(_ <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	if _, ok := fs.file(in.NodeId); !ok {
		return fuse.ENOENT
	}
	// Nobody but the kernel's users changes the files, so its cache stays right.
	out.OpenFlags = fuse.FOPEN_KEEP_CACHE
	return fuse.OK
}

func (fs *filesystem) Read(_ <-chan struct{}, in *fuse.ReadIn, buf []byte) (fuse.ReadResult, fuse.Status) {
	f, ok := fs.file(in.NodeId)
	if !ok {
		return nil, fuse.ENOENT
	}
	n, err := fs.read(f, buf[:min(int(in.Size), len(buf))], in.Offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, status(err)
	}
	fs.reads.Add(1)
	fs.readBytes.Add(uint64(n))
	return fuse.ReadResultData(buf[:n]), fuse.OK
}

func (fs *filesystem) Write(_ <-chan struct{}, in *fuse.WriteIn, data []byte) (uint32, fuse.Status) {
	f, ok := fs.file(in.NodeId)
	if !ok {
		return 0, fuse.ENOENT
	}
	n, err := fs.write(f, data, in.Offset)
	switch {
	case errors.Is(err, io.EOF) && len(data) > 0:
		return 0, fuse.Status(syscall.EFBIG)
	case err != nil && n == 0:
		return 0, status(err)
	}
	fs.writes.Add(1)
	fs.writtenBytes.Add(uint64(n))
	return uint32(n), fuse.OK
}

func (fs *filesystem) Fsync(<-chan struct{}, *fuse.FsyncIn) fuse.Status { return status(fs.sync()) }

func (fs *filesystem) OpenDir(_ <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	if in.NodeId != rootNode {
		return fuse.ENOTDIR
	}
	out.OpenFlags = fuse.FOPEN_KEEP_CACHE | fuse.FOPEN_CACHE_DIR
	return fuse.OK
}

func (fs *filesystem) ReadDir(_ <-chan struct{}, in *fuse.ReadIn, out *fuse.DirEntryList) fuse.Status {
	entries := []fuse.DirEntry{{Name: ".", Ino: rootNode, Mode: fuse.S_IFDIR}, {Name: "..", Ino: rootNode, Mode: fuse.S_IFDIR}}
	for _, f := range fs.files {
		entries = append(entries, fuse.DirEntry{Name: f.name, Ino: f.node, Mode: fuse.S_IFREG})
	}
	for i := in.Offset; i < uint64(len(entries)); i++ {
		entries[i].Off = i + 1
		if !out.AddDirEntry(entries[i]) {
			break
		}
	}
	return fuse.OK
}

func (fs *filesystem) StatFs(_ <-chan struct{}, _ *fuse.InHeader, out *fuse.StatfsOut) fuse.Status {
	*out = fuse.StatfsOut{Bsize: blockSize, Frsize: blockSize, NameLen: 255, Files: uint64(len(fs.files))}
	for _, f := range fs.files {
		out.Blocks += (f.length + blockSize - 1) / blockSize
	}
	return fuse.OK
}

// status is the error of a device as the application gets to see it.
func status(err error) fuse.Status {
	var errno syscall.Errno
	switch {
	case err == nil:
		return fuse.OK
	case errors.As(err, &errno):
		return fuse.Status(errno)
	}
	return fuse.EIO
}
