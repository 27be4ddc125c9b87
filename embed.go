// SPDX-License-Identifier: MIT

// Package abigen holds the Go source of package abi, so that the command can
// compare the contract's header with the Go that was made from it wherever it
// is installed. The command is in cmd/abigen, the generator below gen.
package abigen

import "embed"

// ABI holds abi/*.go without the tests. The pattern leaves out every file whose
// name ends in t.go, which is how the names of tests end; a test sees to it
// that no other file of package abi does.
//
//go:embed abi/*[^t].go
var ABI embed.FS
