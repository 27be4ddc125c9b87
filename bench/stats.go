// SPDX-License-Identifier: MIT

package main

import "slices"

// Spread is what is said of samples: the median and the quartiles.
type Spread struct {
	Low, Median, High float64
}

// spread summarises samples, of which there must be one at least.
func spread(samples []float64) Spread {
	s := slices.Sorted(slices.Values(samples))
	return Spread{quartile(s, 1), quartile(s, 2), quartile(s, 3)}
}

// quartile is the nth quartile of sorted numbers, interpolated between
// neighbours: 2 is the median.
func quartile(sorted []float64, n int) float64 {
	at := n * (len(sorted) - 1)
	low, rest := at/4, at%4
	if rest == 0 {
		return sorted[low]
	}
	return sorted[low] + (sorted[low+1]-sorted[low])*float64(rest)/4
}

// ratios divides the samples of one round by one another: what slows the machine
// down for a while is in both.
func ratios(over, under []float64) []float64 {
	r := make([]float64, len(over))
	for i := range over {
		r[i] = over[i] / under[i]
	}
	return r
}

// less subtracts the samples of one round from one another.
func less(from, what []float64) []float64 {
	r := make([]float64, len(from))
	for i := range from {
		r[i] = from[i] - what[i]
	}
	return r
}

func median(samples []float64) float64 { return spread(samples).Median }
