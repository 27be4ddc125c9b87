// SPDX-License-Identifier: MIT

// Package abigen holds what was made from the contract, so that the command can
// compare the contract's header with it wherever it is installed: the Go source
// of package abi, and the compiled reference programs of package bpf/programs.
// The command is in cmd/abigen, the generator below gen.
package abigen

import "embed"

// ABI holds abi/*.go without the tests. The pattern leaves out every file whose
// name ends in t.go, which is how the names of tests end; a test sees to it
// that no other file of package abi does.
//
//go:embed abi/*[^t].go
var ABI embed.FS

// Objects holds bpf/programs/internal/object/*.o, the reference programs as they
// are compiled for each byte order. Package bpf/programs, which loads them, has
// them too, but with what loading takes; here they are bytes.
//
//go:embed bpf/programs/internal/object/*.o
var Objects embed.FS
