// SPDX-License-Identifier: MIT

package programs

import (
	"fmt"
	"strconv"
	"strings"
)

// number writes a number the way people think of it.
func number(n uint64) string {
	const near = 1 << 40
	switch {
	case -n <= near && n != 0:
		return "2^64-" + small(-n)
	case n > 1<<63 && n-1<<63 < near:
		return "2^63+" + small(n-1<<63)
	case n == 1<<63:
		return "2^63"
	case n < 1<<63 && 1<<63-n <= near:
		return "2^63-" + small(1<<63-n)
	}
	return small(n)
}

var units = []struct {
	suffix string
	shift  uint
}{{"T", 40}, {"G", 30}, {"M", 20}, {"K", 10}}

func small(n uint64) string {
	for _, u := range units {
		if n != 0 && n%(1<<u.shift) == 0 {
			return strconv.FormatUint(n>>u.shift, 10) + u.suffix
		}
	}
	return strconv.FormatUint(n, 10)
}

// parse reads what number writes, sums of it, and negative numbers.
func parse(s string) (uint64, error) {
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		n, err := parse(rest)
		return -n, err
	}
	if i := strings.LastIndexAny(s, "+-"); i > 0 {
		a, err := parse(s[:i])
		if err != nil {
			return 0, err
		}
		b, err := parse(s[i+1:])
		if s[i] == '-' {
			b = -b
		}
		return a + b, err
	}
	switch s {
	case "2^63":
		return 1 << 63, nil
	case "2^64":
		return 0, nil
	}
	shift := uint(0)
	for _, u := range units {
		if t, ok := strings.CutSuffix(s, u.suffix); ok && !strings.HasPrefix(s, "0x") {
			s, shift = t, u.shift
		}
	}
	n, err := strconv.ParseUint(s, 0, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no number", s)
	}
	return n << shift, nil
}
