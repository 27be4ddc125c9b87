// SPDX-License-Identifier: MIT

package flow

import (
	"encoding/binary"
	"testing"
)

func TestEventIsReadFromTheBytesOfTheRingBuffer(t *testing.T) {
	b := make([]byte, SizeofEvent)
	binary.LittleEndian.PutUint32(b[20:], 1500)
	binary.LittleEndian.PutUint32(b[24:], 1)
	var e Event
	if err := e.DecodeLittleEndian(b); err != nil {
		t.Fatal(err)
	}
	if e.Length != 1500 || e.Verdict != FLOW_VERDICT_DROP {
		t.Errorf("read %+v", e)
	}
}
