// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"math"
	"strings"
)

// value writes a figure with three digits that say something.
func value(v float64) string {
	switch a := math.Abs(v); {
	case a >= 99.95:
		return fmt.Sprintf("%.0f", v)
	case a >= 9.995:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

// spreadOf writes a median with its quartiles.
func spreadOf(s Spread) string {
	return fmt.Sprintf("%s (%s to %s)", value(s.Median), value(s.Low), value(s.High))
}

// factor writes how many times one is the other.
func factor(v float64) string { return value(v) + "×" }

func byOf(s Spread) string {
	return fmt.Sprintf("%s (%s to %s)", factor(s.Median), value(s.Low), value(s.High))
}

// wantedOf writes what was wanted of a row.
func wantedOf(o Outcome) string {
	var all []string
	for _, b := range o.Bounds {
		all = append(all, b.String())
	}
	return strings.Join(all, "; ")
}
