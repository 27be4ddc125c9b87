// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/hanwen/go-fuse/v2/fuse"

	"github.com/fuseiomap/abigen/bpf"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/examples/fusefd"
)

// capIomap is FUSE_IOMAP of the INIT exchange. The library passes it on where the
// kernel offers it; without, nothing can be attached (rule 39).
const capIomap = 1 << 43

// serve mounts, attaches if it can, and serves until the file system is unmounted,
// which it does itself when ctx is done. What happens it says to out.
func serve(ctx context.Context, v *volume, dir string, out io.Writer) error {
	say := func(format string, args ...any) { fmt.Fprintf(out, "stripefs: "+format+"\n", args...) }

	m, err := fusefd.New(dir, fusefd.Options{Source: "stripefs", Type: "stripefs", DefaultPermissions: true})
	if err != nil {
		return err
	}
	fs := newFilesystem(v)
	server, err := newServer(m, fs)
	if err != nil {
		return errors.Join(err, m.Close(), m.Unmount())
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		server.Serve()
	}()

	// The kernel's INIT request has been answered: this is the time to attach.
	link, err := programs.Attach(ctx, m.FD(), v.params(len(v.devices)), bpf.Options{})
	if err == nil {
		say("attached: the kernel asks the program stripe where bytes are, before it asks this server")
	} else {
		say("not attached: %v", err)
		say("so this server is asked for every byte that the kernel has not cached")
	}
	say("serving on %s: files: %d, devices: %d, bytes of a chunk: %d; interrupt to unmount", dir, len(v.files), len(v.devices), v.chunk)

	err = nil
	select {
	case <-served: // somebody else has unmounted
	case <-ctx.Done():
		if link != nil {
			err = link.Close()
			link = nil
		}
		if uerr := unmount(m, say); uerr != nil {
			// Closed below, so that nobody waits for a server that has gone.
			return errors.Join(err, uerr, m.Close())
		}
		<-served
	}
	if link != nil {
		err = link.Close()
	}
	say("unmounted; reads answered: %d, bytes: %d; writes: %d, bytes: %d", fs.reads.Load(), fs.readBytes.Load(), fs.writes.Load(), fs.writtenBytes.Load())
	return errors.Join(err, m.Close())
}

// newServer gives the mount to the library.
func newServer(m *fusefd.Mount, fs *filesystem) (*fuse.Server, error) {
	path, err := m.HandOver()
	if err != nil {
		return nil, err
	}
	return fuse.NewServer(fs, path, &fuse.MountOptions{
		ExtraCapabilities:  capIomap,
		DisableXAttrs:      true,
		DisableReadDirPlus: true, // names cost one LOOKUP each, once
	})
}

// unmount takes the mount away, from under those who use its files if need be.
func unmount(m *fusefd.Mount, say func(format string, args ...any)) error {
	err := m.Unmount()
	if errors.Is(err, fusefd.ErrBusy) {
		say("files are in use: the mount is gone, and this server ends with the last of them, or at once when interrupted again")
		err = m.Detach()
	}
	return err
}
