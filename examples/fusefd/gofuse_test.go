// SPDX-License-Identifier: MIT

//go:build linux

package fusefd_test

import (
	"testing"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// oneFile is a file system of github.com/hanwen/go-fuse/v2.
type oneFile struct{ fuse.RawFileSystem }

const fileNode = 2

func (oneFile) attr(node uint64, a *fuse.Attr) {
	*a = fuse.Attr{Ino: node, Mode: fuse.S_IFDIR | 0o755, Nlink: 2}
	if node == fileNode {
		*a = fuse.Attr{Ino: node, Mode: fuse.S_IFREG | 0o444, Nlink: 1, Size: uint64(len(content))}
	}
}

func (f oneFile) Lookup(_ <-chan struct{}, _ *fuse.InHeader, name string, out *fuse.EntryOut) fuse.Status {
	if name != "content" {
		return fuse.ENOENT
	}
	out.NodeId = fileNode
	f.attr(fileNode, &out.Attr)
	return fuse.OK
}

func (f oneFile) GetAttr(_ <-chan struct{}, in *fuse.GetAttrIn, out *fuse.AttrOut) fuse.Status {
	f.attr(in.NodeId, &out.Attr)
	return fuse.OK
}

func (oneFile) Open(<-chan struct{}, *fuse.OpenIn, *fuse.OpenOut) fuse.Status { return fuse.OK }

func (oneFile) Read(_ <-chan struct{}, in *fuse.ReadIn, _ []byte) (fuse.ReadResult, fuse.Status) {
	at := min(in.Offset, uint64(len(content)))
	end := min(at+uint64(in.Size), uint64(len(content)))
	return fuse.ReadResultData(content[at:end]), fuse.OK
}

func withGoFUSE(path string) (<-chan error, error) {
	server, err := fuse.NewServer(oneFile{fuse.NewDefaultRawFileSystem()}, path, &fuse.MountOptions{})
	if err != nil {
		return nil, err
	}
	done := make(chan error)
	go func() {
		server.Serve()
		close(done)
	}()
	return done, nil
}

func TestGoFUSEServesTheDescriptor(t *testing.T) { lifeOf(t, withGoFUSE) }
