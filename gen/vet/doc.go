// SPDX-License-Identifier: MIT

// Package vet compares structs that people write by hand in Go with the C
// records they stand for, on every GOARCH, and reports at the field.
//
// # What is checked
//
// A directive ties a struct or an integer type to its C name, see package
// gopkg; one suffices:
//
//	//abigen:record event
//	type Event struct {
//		Pid uint32
//		Ts  uint64
//	}
//
// What C declares under that name is looked up in the sources that the table vet
// of abigen.toml names, in the directory of the package or above:
//
//	[vet]
//	sources = ["elf:bpf/prog.o", "header:bpf/events.h"]
//
// A source may be a compiled BPF object, a header, the BTF of a kernel or module,
// or a snapshot; package source says how they are written. A record is compared
// with each source that has it; source=elf:prog.o behind the directive names the
// one to use, relative to the directory of the file. Without a table the header
// of the table check serves, and without that the contract built into abigen.
// [Config] lists the other keys.
//
// A BTF source has one layout for every GOARCH, because the memory is shared with
// BPF programs. A header is laid out for each GOARCH as C code there has it; with
// bpf = true it too describes memory shared with BPF programs.
//
// # What may differ
//
// Names: a Go field stands for the member with the same letters, whatever its
// capitals and underscores; abigen:member says it where the name is another one.
// Blank fields: what the program does not need is left blank. Bit-fields: an
// integer or bytes under another name hold them all. Unions: one of their
// members, or bytes. Structs without a directive, and embedded ones, are compared
// by their members. Addresses are uint64.
//
// # What is reported
//
// The rules of package drift from risk on, and those of [Rules]. Padding that is
// left to the compiler is reported even where it happens to be right: it is not
// on a GOARCH that aligns otherwise, and nothing that reads or writes field by
// field, such as encoding/binary, knows of it. All findings say on which GOARCHes
// they hold, unless it is all of them.
//
// A finding of a struct has a fix where abigen finds a change that is right on
// every GOARCH and, as far as the driver holds the package, compiles: padding is
// inserted, fields are put in order, types replaced, missing members added,
// members called otherwise named. A fix is never a guess: the changed package is
// checked again before it is offered.
//
// # Drivers
//
// [Analyzer] fits every driver of package go/analysis, gopls and golangci-lint
// among them. [Check] does the same for a [gopkg.Package], without one; the
// command uses it, alone and as the tool of "go vet -vettool". Sources are read
// once for a process, and again when their file changes. Nothing is printed.
//
// Files are read for GOOS=linux whatever the machine, and those of every GOARCH
// are checked. Of imported packages a driver holds the types of the running
// GOARCH alone: constants in them that depend on it are those of that GOARCH.
package vet
