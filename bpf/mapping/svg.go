// SPDX-License-Identifier: MIT

package mapping

import (
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/abi"
)

// Sizes of the drawing, in its own units.
const (
	svgWidth  = 1000
	svgLeft   = 90 // of the bars
	svgRight  = 20
	svgBar    = 34 // height
	svgGap    = 60 // from bar to bar
	svgTop    = 50
	svgLegend = 24
	svgLeast  = 1.0 // width of the shortest extent, so that none is invisible
)

// colours of the mapping types; what falls back has none of its own.
var colours = map[abi.IomapType]string{
	abi.FUSE_IOMAP_TYPE_HOLE:        "#f4f4f4",
	abi.FUSE_IOMAP_TYPE_DELALLOC:    "#b79ad0",
	abi.FUSE_IOMAP_TYPE_MAPPED:      "#5b8fd0",
	abi.FUSE_IOMAP_TYPE_UNWRITTEN:   "#e8c15a",
	abi.FUSE_IOMAP_TYPE_INLINE:      "#6fb36f",
	abi.FUSE_IOMAP_TYPE_RETRY_CACHE: "#9bd0d0",
}

const (
	noColour  = "#cccccc"
	badColour = "#d02020"
)

func colour(e *Extent) string {
	if c, ok := colours[e.Answer.Read.Type]; ok && e.Handled() {
		return c
	}
	return noColour
}

// lane is a device: what of it is used.
type lane struct {
	from, to uint64
	extents  []*Extent
}

// axis is a range drawn over the width.
type axis struct{ from, to uint64 }

func (a axis) x(v uint64) float64 {
	if a.to <= a.from {
		return svgLeft
	}
	return svgLeft + float64(v-a.from)/float64(a.to-a.from)*(svgWidth-svgLeft-svgRight)
}

// WriteSVG draws the range of the file, and below it each device with the
// extents where they are on it, coloured by type. What breaks a rule has a red
// frame; pointing at an extent shows what it is.
func (r *Result) WriteSVG(w io.Writer) error {
	lanes := r.lanes()
	devices := slices.Sorted(maps.Keys(lanes))
	height := svgTop + (len(devices)+1)*svgGap + svgBar + svgLegend
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">`+"\n", svgWidth, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", svgWidth, height)
	fmt.Fprintf(&b, `<text x="8" y="18" font-size="13">inode %d, %v: %s</text>`+"\n", r.Request.Inode, r.Request.Op, escape(r.summary()))
	file := axis{r.Request.From, r.Request.To}
	top := map[uint32]int{}
	for i, d := range devices {
		top[d] = svgTop + (i+1)*svgGap
	}
	// Bands first, so that bars lie over them.
	for _, d := range devices {
		l := lanes[d]
		at := axis{l.from, l.to}
		for _, e := range l.extents {
			m := &e.Answer.Read
			x1, x2 := clip(file, e)
			y1, y2 := svgTop+svgBar, top[d]
			fmt.Fprintf(&b, `<polygon points="%.2f,%d %.2f,%d %.2f,%d %.2f,%d" fill="%s" fill-opacity="0.18"/>`+"\n",
				x1, y1, x2, y1, at.x(m.Addr+m.Length), y2, at.x(m.Addr), y2, colour(e))
		}
	}
	label(&b, svgTop, "file", r.Request.From, r.Request.To)
	for i := range r.Extents {
		e := &r.Extents[i]
		x1, x2 := clip(file, e)
		r.box(&b, e, x1, x2, svgTop)
	}
	for _, d := range devices {
		l := lanes[d]
		label(&b, top[d], fmt.Sprintf("device %d", d), l.from, l.to)
		for _, e := range l.extents {
			at, m := axis{l.from, l.to}, &e.Answer.Read
			r.box(&b, e, at.x(m.Addr), at.x(m.Addr+m.Length), top[d])
		}
	}
	r.legend(&b, height-svgLegend)
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// lanes sorts extents by device.
func (r *Result) lanes() map[uint32]*lane {
	lanes := map[uint32]*lane{}
	for i := range r.Extents {
		e := &r.Extents[i]
		m := &e.Answer.Read
		if !e.Handled() || m.Addr == abi.FUSE_IOMAP_NULL_ADDR || m.Dev == abi.FUSE_IOMAP_DEV_NULL || m.Addr+m.Length < m.Addr {
			continue
		}
		l := lanes[m.Dev]
		if l == nil {
			l = &lane{from: m.Addr, to: m.Addr}
			lanes[m.Dev] = l
		}
		l.from, l.to = min(l.from, m.Addr), max(l.to, m.Addr+m.Length)
		l.extents = append(l.extents, e)
	}
	return lanes
}

// clip gives the part of an extent that is in the range asked for.
func clip(file axis, e *Extent) (x1, x2 float64) {
	start, end := max(e.Offset, file.from), e.Offset+e.Length
	if end < e.Offset || end > file.to {
		end = file.to
	}
	start = min(start, file.to)
	return file.x(start), file.x(max(start, end))
}

func label(b *strings.Builder, y int, name string, from, to uint64) {
	fmt.Fprintf(b, `<text x="8" y="%d">%s</text>`+"\n", y+svgBar/2+4, name)
	fmt.Fprintf(b, `<text x="%d" y="%d" fill="#666666" font-size="9">%d</text>`+"\n", svgLeft, y-3, from)
	fmt.Fprintf(b, `<text x="%d" y="%d" fill="#666666" font-size="9" text-anchor="end">%d</text>`+"\n", svgWidth-svgRight, y-3, to)
}

// box draws one extent.
func (r *Result) box(b *strings.Builder, e *Extent, x1, x2 float64, y int) {
	stroke, width := "#666666", 0.5
	if len(e.Broken) > 0 {
		stroke, width = badColour, 2
	}
	dash := ""
	if !e.Handled() {
		dash = ` stroke-dasharray="3 2"`
	}
	fmt.Fprintf(b, `<rect x="%.2f" y="%d" width="%.2f" height="%d" fill="%s" stroke="%s" stroke-width="%.1f"%s><title>%s</title></rect>`+"\n",
		x1, y, max(x2-x1, svgLeast), svgBar, colour(e), stroke, width, dash, escape(title(e)))
}

// title says what an extent is.
func title(e *Extent) string {
	if !e.Handled() {
		return fmt.Sprintf("%d+%d left to the server", e.Offset, e.Length)
	}
	m := &e.Answer.Read
	s := fmt.Sprintf("%d+%d %v", m.Offset, m.Length, m.Type)
	if m.Addr != abi.FUSE_IOMAP_NULL_ADDR {
		s += fmt.Sprintf(" at %s of device %d", address(m), m.Dev)
	}
	if m.Flags != 0 {
		s += " " + m.Flags.String()
	}
	for _, p := range e.Broken {
		s += "\n" + p.Error()
	}
	return s
}

// legend lists the types there are.
func (r *Result) legend(b *strings.Builder, y int) {
	x := svgLeft
	add := func(name, fill, stroke string) {
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="12" height="12" fill="%s" stroke="%s"/>`+"\n", x, y, fill, stroke)
		fmt.Fprintf(b, `<text x="%d" y="%d">%s</text>`+"\n", x+16, y+10, name)
		x += 30 + 7*len(name)
	}
	seen := map[string]bool{}
	for i := range r.Extents {
		e := &r.Extents[i]
		name := "left to the server"
		if e.Handled() {
			name = e.Answer.Read.Type.String()
		}
		if !seen[name] {
			seen[name] = true
			add(escape(name), colour(e), "#666666")
		}
	}
	if r.Broken() > 0 {
		add("breaks a rule", "#ffffff", badColour)
	}
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
