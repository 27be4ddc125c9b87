// SPDX-License-Identifier: MIT

package programs_test

import (
	"math/rand/v2"
	"slices"
)

// tape is where generators take their choices from: random ones at first, which
// it remembers, so that a case that fails can be made again with fewer and
// smaller ones.
type tape struct {
	choices []uint64
	next    int
	rng     *rand.Rand // nil when it only replays; then what is missing is 0
}

func recording(seed, number uint64) *tape { return &tape{rng: rand.New(rand.NewPCG(seed, number))} }

// n chooses a number below limit. Smaller ones should make simpler cases.
func (t *tape) n(limit uint64) uint64 {
	var v uint64
	switch {
	case t.next < len(t.choices):
		v = t.choices[t.next] % limit
	case t.rng != nil:
		v = t.rng.Uint64N(limit)
		t.choices = append(t.choices, v)
	}
	t.next++
	return v
}

// bool is true once in so many.
func (t *tape) bool(in uint64) bool { return t.n(in) == in-1 }

// pick chooses one of a list.
func pick[T any](t *tape, list ...T) T { return list[t.n(uint64(len(list)))] }

// shrink looks for a tape that still fails and is shorter, or has smaller
// choices, as long as it finds one and has tries left.
func shrink(choices []uint64, budget int, fails func(*tape) bool) []uint64 {
	try := func(c []uint64) bool {
		budget--
		return budget > 0 && fails(&tape{choices: c})
	}
	for better := true; better && budget > 0; {
		better = false
		for size := len(choices); size > 0; size /= 2 {
			for i := 0; i+size <= len(choices); {
				if c := slices.Delete(slices.Clone(choices), i, i+size); try(c) {
					choices, better = c, true
					continue
				}
				i += size
			}
		}
		for i := range choices {
			for _, v := range []uint64{0, choices[i] / 2, choices[i] - 1} {
				if choices[i] == 0 {
					break
				}
				c := slices.Clone(choices)
				if c[i] = v; try(c) {
					choices, better = c, true
					break
				}
			}
		}
	}
	return choices
}
