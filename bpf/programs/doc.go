// SPDX-License-Identifier: MIT

// Package programs has BPF programs that answer a FUSE server's iomap requests
// in the kernel, to use as they are or to start from, and typed parameters for
// them.
//
//	Linear      a file is one run of bytes on one device
//	Stripe      RAID0 over up to 256 devices
//	Interleave  up to 32 extents, each spread over up to 16 strips
//	Extents     sorted extents and holes, from a few to many millions
//	Pattern     something to see with FIEMAP
//	Append      sizes on disk and unwritten ranges, after the write
//	Observe     counts and samples of what is asked for; answers nothing
//	Cached      Stripe that fills the kernel's mapping cache, from revision 3 on
//
// The C sources are beside this package; each begins with what it answers, what
// it leaves to the server, and what to change to make it yours. One object works
// with revisions 2 to 4 of the kernel interface.
//
// # Parameters
//
// Each program has a type that says what it needs to know:
//
//	p := programs.StripeParams{ChunkSize: 1 << 16, Devices: []uint32{1, 2, 3},
//		Files: []programs.StripeFile{{Inode: 1, Length: 1 << 30}}}
//	spec, err := p.Program().Spec(nil)   // *ebpf.CollectionSpec, this machine's byte order
//	err = p.Configure(spec)              // variables, before it is loaded
//	coll, err := ebpf.NewCollection(spec)
//	err = p.Fill(programs.InKernel(coll, spec)) // maps, once it is
//
// and the same with an interpreter, [InEmulator], for which [Emulate] does all
// of this. Nothing is written before everything was checked; the error names
// the entry that is wrong. Put and Remove change one inode while the program
// runs. Extents are replaced as a whole: no call sees some of the old ones and
// some of the new ones.
//
// All positions, lengths and addresses are in bytes. Positions and lengths are
// whole blocks (rule 7), addresses whole sectors (rule 14), and device cookies
// 1 to 1024 (rule 20).
package programs
