// SPDX-License-Identifier: MIT

package programs

import "testing"

func TestNumbersAreReadAsTheyAreWritten(t *testing.T) {
	for _, n := range []uint64{0, 1, 511, 4096, 12 << 10, 1<<20 + 1, 1<<63 - 1, 1 << 63, 1<<63 + 4096, 1<<64 - 1, 1<<64 - 4096, 3 << 40, 1 << 62} {
		got, err := parse(number(n))
		if err != nil || got != n {
			t.Errorf("%d is written %s and read as %d, %v", n, number(n), got, err)
		}
	}
	for text, want := range map[string]uint64{"-5": 1<<64 - 5, "1M+4K-1": 1<<20 + 4095, "2^64-1": 1<<64 - 1, "0x1f": 31} {
		if got, err := parse(text); err != nil || got != want {
			t.Errorf("parse(%s) = %d, %v", text, got, err)
		}
	}
}
