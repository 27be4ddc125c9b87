// SPDX-License-Identifier: MIT

package randomcalls

import (
	"math/rand/v2"
	"slices"
)

// Seed of all random cases; a failure prints it and the case's number.
const Seed = 35

// Tape is where generators take their choices from: random ones at first, which
// it remembers, so that a case that fails can be made again with fewer and
// smaller ones.
type Tape struct {
	Choices []uint64
	next    int
	rng     *rand.Rand // nil when it only replays; then what is missing is 0
}

// Record makes a tape of random choices: those of a case of a seed.
func Record(seed, number uint64) *Tape { return &Tape{rng: rand.New(rand.NewPCG(seed, number))} }

// N chooses a number below limit. Smaller ones should make simpler cases.
func (t *Tape) N(limit uint64) uint64 {
	var v uint64
	switch {
	case t.next < len(t.Choices):
		v = t.Choices[t.next] % limit
	case t.rng != nil:
		v = t.rng.Uint64N(limit)
		t.Choices = append(t.Choices, v)
	}
	t.next++
	return v
}

// OneIn is true once in so many.
func (t *Tape) OneIn(in uint64) bool { return t.N(in) == in-1 }

// Pick chooses one of a list.
func Pick[T any](t *Tape, list ...T) T { return list[t.N(uint64(len(list)))] }

// Shrink looks for a tape that still fails and is shorter, or has smaller
// choices, as long as it finds one and has tries left.
func Shrink(choices []uint64, budget int, fails func(*Tape) bool) []uint64 {
	try := func(c []uint64) bool {
		budget--
		return budget > 0 && fails(&Tape{Choices: c})
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
