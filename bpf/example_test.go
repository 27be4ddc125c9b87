// SPDX-License-Identifier: MIT

package bpf_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"os"
	"slices"

	"github.com/fuseiomap/abigen/bpf"
	"github.com/fuseiomap/abigen/bpf/programs"
)

// A server attaches a program if it can, and serves without it if it cannot. This
// is what README.md shows.
func Example() {
	ctx := context.Background()
	fd := 3 // of /dev/fuse, with which the file system was mounted
	params := programs.StripeParams{
		ChunkSize: 64 << 10,
		Devices:   []uint32{1, 2, 3},
		Files:     []programs.StripeFile{{Inode: 42, Base: 1 << 30, Length: 10 << 20}},
	}

	link, err := programs.Attach(ctx, fd, params, bpf.Options{})
	if err != nil {
		log.Printf("serving without BPF: %v", err)
	} else {
		defer link.Close()
	}
}

// An object of one's own, step by step. Its maps are filled before the kernel asks
// it for the first time.
func ExampleLoad() {
	ctx := context.Background()
	var fd int // of /dev/fuse

	object, err := bpf.OpenObject("mine.bpf.o")
	if err != nil {
		log.Fatal(err)
	}
	ops, err := bpf.Load(ctx, object, bpf.Options{Device: fd})
	var incompatible *bpf.IncompatibleError
	switch {
	case errors.As(err, &incompatible):
		for _, f := range incompatible.Findings() {
			log.Printf("%s: %s", f.Subject, f.Message)
		}
		return
	case errors.Is(err, bpf.ErrNoType), errors.Is(err, bpf.ErrPermission):
		log.Printf("serving without BPF: %v", err)
		return
	case err != nil:
		log.Fatal(err)
	}
	defer func() { _ = ops.Close() }()
	if err := ops.Collection().Maps["files"].Put(uint64(42), uint64(1<<30)); err != nil {
		log.Fatal(err)
	}
	link, err := ops.Attach(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = link.Detach() }()
}

// Whether it is worth trying, for a status page or a log. The answer is this
// machine's.
func ExampleSupported() {
	s := bpf.Supported(context.Background())
	fmt.Fprintln(os.Stderr, s.Answer, s.Revision, s.Where, s.Reason)
	switch {
	case errors.Is(s.Err, bpf.ErrNoType):
		fmt.Fprintln(os.Stderr, "use another kernel")
	case errors.Is(s.Err, bpf.ErrPermission):
		fmt.Fprintln(os.Stderr, "use another user")
	}
}

// A program with other parameters takes the place of the one that is attached.
func ExampleLink_Replace() {
	replace := func(ctx context.Context, link *bpf.Link, fd int, params programs.Params) error {
		next, err := programs.Load(ctx, params, bpf.Options{Device: fd})
		if err != nil {
			return err
		}
		old := link.Ops()
		if err := link.Replace(ctx, next); err != nil {
			return errors.Join(err, next.Close())
		}
		return old.Close()
	}
	_ = replace
}

// What an object holds can be told without a kernel and without root.
func ExampleOpenObject() {
	object, err := bpf.OpenObject("programs/internal/object/observe_bpfel.o")
	if err != nil {
		log.Fatal(err)
	}
	for _, v := range object.Ops() {
		fmt.Println(v.Type, slices.Sorted(maps.Keys(v.Programs)))
	}
	_, err = bpf.OpenObject("object.go")
	fmt.Println(errors.Is(err, bpf.ErrObject))
	// Output:
	// fuse_iomap_bpf_ops [iomap_begin iomap_end iomap_ioend]
	// true
}
