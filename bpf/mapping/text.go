// SPDX-License-Identifier: MIT

package mapping

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/fuseiomap/abigen/abi"
)

// WriteText writes a table with a line for each mapping and one below it for
// each rule it breaks.
func (r *Result) WriteText(w io.Writer) error {
	var table strings.Builder
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "OFFSET\tLENGTH\tTYPE\tDEVICE\tADDRESS\tFLAGS\tWRITES") // a Builder takes everything
	for i := range r.Extents {
		e := &r.Extents[i]
		if !e.Handled() {
			_, _ = fmt.Fprintf(t, "%d\t%d\tfallback\t-\t-\t-\t-\n", e.Offset, e.Length)
			continue
		}
		m := &e.Answer.Read
		_, _ = fmt.Fprintf(t, "%d\t%d\t%v\t%s\t%s\t%v\t%s\n", m.Offset, m.Length, m.Type, device(m), address(m), m.Flags, writes(&e.Answer))
	}
	_ = t.Flush()
	// What belongs to a line follows it, and so would move the columns.
	var b strings.Builder
	lines := strings.Split(strings.TrimSuffix(table.String(), "\n"), "\n")
	b.WriteString(strings.TrimRight(lines[0], " ") + "\n")
	for i := range r.Extents {
		b.WriteString(strings.TrimRight(lines[1+i], " ") + "\n")
		for _, p := range r.Extents[i].Broken {
			fmt.Fprintf(&b, "    broken %v\n", p.Error())
		}
		for _, p := range r.Extents[i].Warnings {
			fmt.Fprintf(&b, "    warning %v\n", p.Error())
		}
	}
	for _, u := range r.Unchecked {
		fmt.Fprintln(&b, u)
	}
	fmt.Fprintln(&b, r.summary())
	_, err := io.WriteString(w, b.String())
	return err
}

func device(m *abi.IomapIO) string {
	if m.Dev == abi.FUSE_IOMAP_DEV_NULL {
		return "-"
	}
	return fmt.Sprint(m.Dev)
}

func address(m *abi.IomapIO) string {
	if m.Addr == abi.FUSE_IOMAP_NULL_ADDR {
		return "-"
	}
	return fmt.Sprintf("%#x", m.Addr)
}

// writes says where writes go: "same" is a pure overwrite of the read mapping.
func writes(out *abi.IomapBeginOut) string {
	pure := abi.IomapBeginOut{Read: out.Read}
	if pure.PureOverwrite(); pure.Write == out.Write {
		return "same"
	}
	m := &out.Write
	s := fmt.Sprintf("%d+%d %v", m.Offset, m.Length, m.Type)
	if device(m) != "-" || address(m) != "-" {
		s += " " + device(m) + ":" + address(m)
	}
	if m.Flags != 0 {
		s += " " + m.Flags.String()
	}
	return s
}
