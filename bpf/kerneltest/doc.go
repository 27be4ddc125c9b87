// SPDX-License-Identifier: MIT

// Package kerneltest holds the tests that need a kernel with struct
// fuse_iomap_bpf_ops. No released kernel has it, so
//
//	make kernel
//
// boots two of Debian's in an emulator, in which the module of bpf/testmod
// registers the type, once for each of the revisions 2, 3 and 4; this package's
// test binary is the first process there. Less of it:
//
//	make kernel KERNEL=7.3                one kernel
//	make kernel KERNEL=7.3 RUN=TestX      one test, as go test -run takes it
//	make kernel KERNEL=7.3 REVISION=R4    one revision of the module
//
// and more of it, with flags of the test binary:
//
//	make kernel ARGS='-racing 60s'        attaching, detaching and calls for longer
//	make kernel ARGS=-gigabyte            all of the file that the example serves
//
// KERNELS names a directory that keeps what is downloaded and built. On a kernel
// of your own that has the type, or with the module loaded, as root:
//
//	make kernel-here
//
// Anywhere else the tests skip themselves with one line, so that go test ./...
// passes.
//
// # Adding a test
//
// A test is an ordinary Go test in a file of this package. It begins with what it
// needs:
//
//	needType(t)            // the type, wherever it comes from
//	device := needModule(t) // the type, registered by bpf/testmod
//
// and takes the revision from revision(t), a descriptor of /dev/fuse that nobody
// else has from fuseDevice(t), and what calls the programs that are attached to
// it from caller(t, device, fd). It runs three times a kernel, once for each
// revision. The only files are the test binary, /modules, /bin/abigen and
// /examples/stripefs.test: embed what you need. The emulator is some 20 times
// slower than the machine, and has two processors and 2 GiB of memory. A complaint
// of the kernel fails the run, whatever the tests say.
package kerneltest
