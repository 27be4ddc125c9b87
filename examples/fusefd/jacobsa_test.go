// SPDX-License-Identifier: MIT

//go:build linux

package fusefd_test

import (
	"context"
	"os"
	"testing"

	"github.com/jacobsa/fuse"
	"github.com/jacobsa/fuse/fuseops"
	"github.com/jacobsa/fuse/fuseutil"
)

// oneInode is a file system of github.com/jacobsa/fuse.
type oneInode struct {
	fuseutil.NotImplementedFileSystem
}

func (*oneInode) attr(inode fuseops.InodeID) fuseops.InodeAttributes {
	if inode == fileNode {
		return fuseops.InodeAttributes{Mode: 0o444, Nlink: 1, Size: uint64(len(content))}
	}
	return fuseops.InodeAttributes{Mode: os.ModeDir | 0o755, Nlink: 2}
}

func (f *oneInode) LookUpInode(_ context.Context, op *fuseops.LookUpInodeOp) error {
	if op.Name != "content" {
		return fuse.ENOENT
	}
	op.Entry = fuseops.ChildInodeEntry{Child: fileNode, Attributes: f.attr(fileNode)}
	return nil
}

func (f *oneInode) GetInodeAttributes(_ context.Context, op *fuseops.GetInodeAttributesOp) error {
	op.Attributes = f.attr(op.Inode)
	return nil
}

func (*oneInode) OpenFile(context.Context, *fuseops.OpenFileOp) error { return nil }

func (*oneInode) ReadFile(_ context.Context, op *fuseops.ReadFileOp) error {
	op.BytesRead = copy(op.Dst, content[min(op.Offset, int64(len(content))):])
	return nil
}

func withJacobsa(path string) (<-chan error, error) {
	mounted, err := fuse.Mount(path, fuseutil.NewFileSystemServer(&oneInode{}), &fuse.MountConfig{})
	if err != nil {
		return nil, err
	}
	done := make(chan error, 1)
	go func() {
		done <- mounted.Join(context.Background())
		close(done)
	}()
	return done, nil
}

func TestJacobsaServesTheDescriptor(t *testing.T) { lifeOf(t, withJacobsa) }
