// SPDX-License-Identifier: MIT

// Package flow is what include/flow.h declares, in Go: the records that the BPF
// program of this example writes into its ring buffer.
package flow

//go:generate abigen generate ../include/flow.h --config ../abigen.toml -o flow.go
