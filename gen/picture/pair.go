// SPDX-License-Identifier: MIT

package picture

import "github.com/fuseiomap/abigen/gen/model"

// Row is one line of two records side by side. A side is nil where it has
// nothing in that place.
type Row struct {
	Old, New *Span // nil where a side has nothing here
}

// Two are two records side by side.
type Two struct {
	Old, New *Record // the records
	Rows     []Row   // what stands side by side
}

// Pair puts two records side by side and marks what differs. Members are
// partners by name; one that changed its place among the others stands alone on
// either side. The records themselves are marked as well.
func Pair(old, now *Record) *Two {
	t := &Two{Old: old, New: now}
	next := partners(old.Spans, now.Spans)
	inNew := named(now.Spans)
	inOld := named(old.Spans)
	alone := func(s *Span, other map[string]bool, gone Mark) {
		switch {
		case s.gap():
			s.Mark = gone
		case other[s.Path]:
			s.Mark = Moved
		default:
			s.Mark = gone
		}
	}
	j := 0
	for i := range old.Spans {
		o := &old.Spans[i]
		if next[i] < 0 {
			alone(o, inNew, Removed)
			t.Rows = append(t.Rows, Row{Old: o})
			continue
		}
		for ; j < next[i]; j++ {
			alone(&now.Spans[j], inOld, Added)
			t.Rows = append(t.Rows, Row{New: &now.Spans[j]})
		}
		n := &now.Spans[j]
		o.Mark = difference(o, n)
		n.Mark = o.Mark
		t.Rows = append(t.Rows, Row{o, n})
		j++
	}
	for ; j < len(now.Spans); j++ {
		alone(&now.Spans[j], inOld, Added)
		t.Rows = append(t.Rows, Row{New: &now.Spans[j]})
	}
	return t
}

// Differences counts the rows that are not the same on both sides.
func (t *Two) Differences() int {
	n := 0
	for _, r := range t.Rows {
		if r.mark() != Same {
			n++
		}
	}
	return n
}

func (r Row) mark() Mark {
	if r.Old != nil {
		return r.Old.Mark
	}
	return r.New.Mark
}

func named(spans []Span) map[string]bool {
	m := map[string]bool{}
	for i := range spans {
		if spans[i].Name != "" {
			m[spans[i].Path] = true
		}
	}
	return m
}

// difference compares two members of one name, or two holes.
func difference(o, n *Span) Mark {
	switch {
	case o.Bits != n.Bits, !o.gap() && o.Kind == Member && !model.Equivalent(o.canonical, n.canonical):
		return Changed
	case o.Bit != n.Bit:
		return Moved
	}
	return Same
}

// maxTable bounds the table that partners makes, in entries. What lies between
// the first and the last difference of records beyond it stands alone.
const maxTable = 1 << 24

// weight makes members find each other before holes do.
func weight(s *Span) int32 {
	if s.gap() {
		return 1
	}
	return 4
}

// partners returns for each old span the index of its partner, -1 for none, in
// rising order: the heaviest common subsequence of what the two sides are
// called.
func partners(old, now []Span) []int {
	next := make([]int, len(old))
	// What is the same at both ends needs no table.
	head := 0
	for head < len(old) && head < len(now) && alike(&old[head], &now[head]) {
		next[head] = head
		head++
	}
	tail := 0
	for tail < len(old)-head && tail < len(now)-head && alike(&old[len(old)-1-tail], &now[len(now)-1-tail]) {
		next[len(old)-1-tail] = len(now) - 1 - tail
		tail++
	}
	a, b := old[head:len(old)-tail], now[head:len(now)-tail]
	if len(a)*len(b) > maxTable {
		for i := range a {
			next[head+i] = -1
		}
		return next
	}
	length := make([][]int32, len(a)+1)
	for i := range length {
		length[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if alike(&a[i], &b[j]) {
				length[i][j] = length[i+1][j+1] + weight(&a[i])
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	j := 0
	for i := range a {
		next[head+i] = -1
		for j < len(b) && length[i][j] > length[i+1][j] {
			if alike(&a[i], &b[j]) {
				next[head+i] = head + j
				j++
				break
			}
			j++
		}
	}
	return next
}

// alike reports whether two spans can stand in one line.
func alike(a, b *Span) bool { return a.Kind == b.Kind && a.Path == b.Path && a.Depth == b.Depth }
