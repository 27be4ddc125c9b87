// SPDX-License-Identifier: MIT

// Package golden pins what abigen makes of the contract, so that a change of
// any package of the pipeline shows up as a change of a file that is reviewed:
//
//	generated.txtar   Go source for each revision
//	dump.txtar        the model of the default revision for every target, and
//	                  of the others for BPF
//	diff-OLD.txtar    the report on OLD and each of the other embedded
//	                  interfaces, as text and as JSON
//	programs/         what the BPF programs answer, see its own documentation
//
// After an intended change run
//
//	go test ./golden -update
//
// and review the difference like code.
package golden
