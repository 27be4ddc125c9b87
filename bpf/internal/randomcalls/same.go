// SPDX-License-Identifier: MIT

package randomcalls

import (
	"bytes"
	"fmt"

	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
)

// SameContents compares maps, whatever their order.
func SameContents(got, want []jit.Element) error {
	all := map[string]int{}
	for _, e := range want {
		all[e.String()]++
	}
	for _, e := range got {
		if all[e.String()]--; all[e.String()] < 0 {
			return fmt.Errorf("the maps hold %s, and should hold %v", e, want)
		}
	}
	if len(got) != len(want) {
		return fmt.Errorf("the maps hold %d elements %v, and should hold %d: %v", len(got), got, len(want), want)
	}
	return nil
}

// SameRecords compares ring buffers. Of observe's records the time is nobody's
// to foresee.
func SameRecords(p programs.Program, got, want [][]byte) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d records in the ring buffer, %d expected", len(got), len(want))
	}
	skip := 0
	if p == programs.Observe {
		skip = 8
	}
	for i := range got {
		if !bytes.Equal(got[i][skip:], want[i][skip:]) {
			return fmt.Errorf("record %d is %x, not %x", i, got[i], want[i])
		}
	}
	return nil
}
