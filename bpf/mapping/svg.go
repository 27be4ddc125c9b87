// SPDX-License-Identifier: MIT

package mapping

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/internal/look"
)

// Sizes of the drawing, in its own units.
const (
	svgWidth  = 1000
	svgLeft   = 96 // of the bars
	svgRight  = 24
	svgBar    = 36 // height
	svgGap    = 78 // from bar to bar
	svgTop    = 78 // of the first bar
	svgLegend = 34
	svgLeast  = 1.5 // width of the shortest extent, so that none is invisible
	svgTicks  = 4   // parts of an axis
)

// classes of the mapping types in the style sheet.
var classes = map[abi.IomapType]string{
	abi.FUSE_IOMAP_TYPE_HOLE:        "hole",
	abi.FUSE_IOMAP_TYPE_DELALLOC:    "delalloc",
	abi.FUSE_IOMAP_TYPE_MAPPED:      "mapped",
	abi.FUSE_IOMAP_TYPE_UNWRITTEN:   "unwritten",
	abi.FUSE_IOMAP_TYPE_INLINE:      "inline",
	abi.FUSE_IOMAP_TYPE_RETRY_CACHE: "cached",
}

func class(e *Extent) string {
	if !e.Handled() {
		return "server"
	}
	if c, ok := classes[e.Answer.Read.Type]; ok {
		return c
	}
	return "other"
}

// kind is what an extent is called.
func kind(e *Extent) string {
	if !e.Handled() {
		return "left to the server"
	}
	return e.Answer.Read.Type.String()
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
	var b bytes.Buffer
	look.BeginDrawing(&b, svgWidth, r.drawingHeight(), r.title(), r.summary())
	r.draw(&b)
	look.EndDrawing(&b)
	_, err := w.Write(b.Bytes())
	return err
}

// title names what was asked.
func (r *Result) title() string {
	op := r.Request.Op.String()
	if r.Request.Op == 0 {
		op = "a buffered read"
	}
	return fmt.Sprintf("inode %d, bytes %s to %s, %s", r.Request.Inode, amount(r.Request.From), amount(r.Request.To), op)
}

func (r *Result) drawingHeight() int {
	return svgTop + len(r.lanes())*svgGap + svgBar + 20 + svgLegend
}

// draw writes everything but the frame of the drawing.
func (r *Result) draw(b *bytes.Buffer) {
	lanes := r.lanes()
	devices := slices.Sorted(maps.Keys(lanes))
	fmt.Fprintf(b, "<text class=\"title\" x=\"10\" y=\"24\">%s</text>\n<text class=\"dim\" x=\"10\" y=\"43\">%s</text>\n", look.Escape(r.title()), look.Escape(r.summary()))
	file := axis{r.Request.From, r.Request.To}
	top := map[uint32]int{}
	for i, d := range devices {
		top[d] = svgTop + (i+1)*svgGap
		track(b, top[d])
	}
	track(b, svgTop)
	// Bands first, so that bars lie over them.
	for _, d := range devices {
		l := lanes[d]
		at := axis{l.from, l.to}
		for _, e := range l.extents {
			m := &e.Answer.Read
			x1, x2 := clip(file, e)
			y1, y2 := svgTop+svgBar, top[d]
			fmt.Fprintf(b, "<polygon class=\"band %s\" points=\"%.2f,%d %.2f,%d %.2f,%d %.2f,%d\"/>\n",
				class(e), x1, y1, x2, y1, at.x(m.Addr+m.Length), y2, at.x(m.Addr), y2)
		}
	}
	label(b, svgTop, "file", file)
	for i := range r.Extents {
		e := &r.Extents[i]
		x1, x2 := clip(file, e)
		name := ""
		if e.Handled() && e.Answer.Read.Dev != abi.FUSE_IOMAP_DEV_NULL {
			name = fmt.Sprintf("dev %d", e.Answer.Read.Dev)
		}
		r.box(b, e, x1, x2, svgTop, name)
	}
	for _, d := range devices {
		l := lanes[d]
		at := axis{l.from, l.to}
		label(b, top[d], fmt.Sprintf("device %d", d), at)
		for _, e := range l.extents {
			m := &e.Answer.Read
			r.box(b, e, at.x(m.Addr), at.x(m.Addr+m.Length), top[d], amount(m.Offset))
		}
	}
	r.legend(b, r.drawingHeight()-svgLegend+6)
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

// track is what bars lie on.
func track(b *bytes.Buffer, y int) {
	fmt.Fprintf(b, "<rect class=\"track\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n", svgLeft, y, svgWidth-svgLeft-svgRight, svgBar)
}

// label names a bar and its axis.
func label(b *bytes.Buffer, y int, name string, a axis) {
	fmt.Fprintf(b, "<text x=\"10\" y=\"%d\">%s</text>\n", y+svgBar/2+4, name)
	for i := range svgTicks + 1 {
		// In this order a range of exabytes does not overflow.
		v := a.from + (a.to-a.from)/svgTicks*uint64(i)
		if i == svgTicks {
			v = a.to
		}
		x := a.x(v)
		anchor := "middle"
		switch i {
		case 0:
			anchor = "start"
		case svgTicks:
			anchor = "end"
		}
		fmt.Fprintf(b, "<path class=\"tick\" d=\"M%.2f %dv-4\"/><text class=\"dim small halo\" x=\"%.2f\" y=\"%d\" text-anchor=\"%s\">%s</text>\n", x, y, x, y-7, anchor, amount(v))
	}
}

// box draws one extent, with a name where there is room.
func (r *Result) box(b *bytes.Buffer, e *Extent, x1, x2 float64, y int, name string) {
	c := class(e)
	if c != "server" {
		c += " extent"
	}
	if len(e.Broken) > 0 {
		c += " broken"
	}
	w := max(x2-x1, svgLeast)
	fmt.Fprintf(b, "<rect class=\"%s\" x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\"><title>%s</title></rect>\n",
		c, x1, y, w, svgBar, look.Escape(title(e)))
	if name != "" && w > float64(7*len(name)+8) {
		fmt.Fprintf(b, "<text x=\"%.2f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", x1+w/2, y+svgBar/2+4, name)
	}
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
func (r *Result) legend(b *bytes.Buffer, y int) {
	x := svgLeft
	add := func(name, class string) {
		fmt.Fprintf(b, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"20\" height=\"13\"/><text x=\"%d\" y=\"%d\">%s</text>\n", class, x, y, x+26, y+11, look.Escape(name))
		x += 46 + 7*len(name)
	}
	seen := map[string]bool{}
	for i := range r.Extents {
		if e := &r.Extents[i]; !seen[kind(e)] {
			seen[kind(e)] = true
			add(kind(e), class(e))
		}
	}
	if r.Broken() > 0 {
		add("breaks a rule", "other broken")
	}
}

// amount writes a number of bytes in the largest unit that it is a multiple of.
func amount(n uint64) string {
	units := []string{"", "K", "M", "G", "T", "P", "E"}
	i := 0
	for n > 0 && n%1024 == 0 && i < len(units)-1 {
		n /= 1024
		i++
	}
	return fmt.Sprintf("%d%s", n, units[i])
}
