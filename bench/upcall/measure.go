// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"context"
	"errors"
	"slices"

	"github.com/fuseiomap/abigen/internal/jit"
)

// contestant is one row: its name, and how to take one figure in nanoseconds.
type contestant struct {
	name, what string
	figure     func() (float64, error)
}

// measure takes all figures.
func measure(ctx context.Context, rounds, calls int) (_ *Report, err error) {
	if err := available(); err != nil {
		return nil, err
	}
	if err := jit.Available(); err != nil {
		return nil, unavailable{err.Error()}
	}
	library, err := mount(ctx, goFUSE)
	if err != nil {
		return nil, err
	}
	defer library.endUnless(&err)
	loop, err := mount(ctx, bare)
	if err != nil {
		return nil, err
	}
	defer loop.endUnless(&err)
	empty, err := loadEmpty()
	if err != nil {
		return nil, err
	}
	defer empty.Close()
	lin, err := load(linear)
	if err != nil {
		return nil, err
	}
	defer lin.Close()
	str, err := load(stripe)
	if err != nil {
		return nil, err
	}
	defer str.Close()

	upcall := func(m *mounted, r request) func() (float64, error) {
		return func() (float64, error) {
			all, err := m.times(r, calls)
			if err != nil {
				return 0, err
			}
			return spread(all).Median, nil
		}
	}
	contestants := []contestant{
		{rowLseek, "lseek(SEEK_DATA), go-fuse answers", upcall(library, lseek)},
		{rowFstat, "fstat, go-fuse answers", upcall(library, fstat)},
		{rowRead, "direct read of 4096 bytes, go-fuse answers", upcall(library, pread)},
		{rowBare, "lseek(SEEK_DATA), a bare loop answers", upcall(loop, lseek)},
		{rowLinear, "linear answers", lin.time},
		{rowStripe, "stripe over 4 devices answers", str.time},
		{rowEmpty, "a program that does nothing", empty.time},
	}
	samples := map[string][]float64{}
	for i := -1; i < rounds; i++ { // the first one warms up
		for j := range contestants {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			c := contestants[(j+i+1)%len(contestants)]
			ns, err := c.figure()
			if err != nil {
				return nil, errors.New(c.what + ": " + err.Error())
			}
			if i >= 0 {
				samples[c.name] = append(samples[c.name], ns)
			}
		}
	}
	if err := errors.Join(library.finish(), loop.finish()); err != nil {
		return nil, err
	}
	return newReport(contestants, samples, rounds, calls), nil
}

// endUnless ends the server if there was an error.
func (m *mounted) endUnless(err *error) {
	if *err != nil && m.cmd.ProcessState == nil {
		m.end()
	}
}

// Spread is the median of samples, and the quartiles.
type Spread struct {
	Low    float64 `json:"q1"`
	Median float64 `json:"median"`
	High   float64 `json:"q3"`
}

func spread(samples []float64) Spread {
	s := slices.Sorted(slices.Values(samples))
	quartile := func(n int) float64 {
		at := n * (len(s) - 1)
		if at%4 == 0 {
			return s[at/4]
		}
		return s[at/4] + (s[at/4+1]-s[at/4])*float64(at%4)/4
	}
	return Spread{quartile(1), quartile(2), quartile(3)}
}
