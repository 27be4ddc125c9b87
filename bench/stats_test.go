// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"slices"
	"testing"
)

func TestQuartilesLieBetweenTheValues(t *testing.T) {
	for _, c := range []struct {
		in   []float64
		want Spread
	}{
		{[]float64{5}, Spread{5, 5, 5}},
		{[]float64{40, 10, 30, 20, 50}, Spread{20, 30, 40}},
		{[]float64{8, 0}, Spread{2, 4, 6}},
	} {
		if got := spread(c.in); got != c.want {
			t.Errorf("spread(%v) = %v, want %v", c.in, got, c.want)
		}
	}
	if in := []float64{3, 1, 2}; spread(in).Median != 2 || !slices.Equal(in, []float64{3, 1, 2}) {
		t.Errorf("spread has sorted its argument: %v", in)
	}
}

func TestTheQuotientIsOfEachRound(t *testing.T) {
	// A machine at half its speed in the second round has no say.
	o := outcome(Row{Wanted: 3}, Samples{Ours: []float64{1, 2, 1}, Peer: []float64{3, 6, 3}})
	if o.By != (Spread{3, 3, 3}) || o.OursAt.Median != 1 || o.PeerAt.Median != 3 || o.Rounds != 3 {
		t.Errorf("%+v", o)
	}
	if len(o.Bounds) != 1 || !o.Bounds[0].Met {
		t.Errorf("3 times of 3 wanted: %v", o.Bounds)
	}
	o = outcome(Row{Wanted: 3.1}, Samples{Ours: []float64{1, 1}, Peer: []float64{3, 3}, Bounds: []Bound{{"another", true}}})
	if got, want := wantedOf(o), "at least 3.10×: NOT met; another: met"; got != want {
		t.Errorf("wanted: %q, want %q", got, want)
	}
}

func TestSidesTakeTurnsInAlternatingOrder(t *testing.T) {
	var order []string
	count := 0.0
	one := func(name string) sample {
		return func() (float64, error) {
			order = append(order, name)
			count++
			return count, nil
		}
	}
	got, err := turns(2, one("a"), one("b"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"b", "a", "a", "b", "b", "a"}; !slices.Equal(order, want) {
		t.Errorf("order %q, want %q", order, want)
	}
	// The first round does not count.
	if !slices.Equal(got[0], []float64{3, 6}) || !slices.Equal(got[1], []float64{4, 5}) {
		t.Errorf("samples %v", got)
	}
	order = nil
	if _, err := coldTurns(1, one("a"), one("b")); err != nil || len(order) != 2 {
		t.Errorf("one cold round measured %q, %v", order, err)
	}
	bad := errors.New("bad")
	if _, err := turns(2, one("a"), func() (float64, error) { return 0, bad }); !errors.Is(err, bad) {
		t.Errorf("error %v", err)
	}
}

func TestFiguresHaveThreeDigits(t *testing.T) {
	for v, want := range map[float64]string{0.374: "0.37", 9.994: "9.99", 9.996: "10.0", 12.34: "12.3", 99.96: "100", 1234.5: "1234", -0.5: "-0.50"} {
		if got := value(v); got != want {
			t.Errorf("value(%v) = %q, want %q", v, got, want)
		}
	}
}
