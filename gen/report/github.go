// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
)

// writeGitHub prints workflow commands: one annotation for each finding, at
// its position, and a notice for what failed without one.
func writeGitHub(w io.Writer, r *check.Report, _ Options) error {
	var b bytes.Buffer
	for _, g := range groups(r) {
		level := "notice"
		switch g.Severity {
		case drift.Breaking:
			level = "error"
		case drift.Risk:
			level = "warning"
		}
		var props []string
		add := func(name, value string) {
			if value != "" {
				props = append(props, name+"="+escapeProperty(value))
			}
		}
		at := g.place()
		add("file", at.File)
		if at.Line > 0 {
			add("line", fmt.Sprint(at.Line))
		}
		if at.Col > 0 {
			add("col", fmt.Sprint(at.Col))
		}
		add("title", g.Rule+" "+g.Subject)
		message := fmt.Sprintf("%s\nold: %s\nnew: %s\nin: %s", g.Message,
			strings.TrimSpace(g.Old+"  "+g.OldPos.String()), strings.TrimSpace(g.New+"  "+newPos(g)), g.where())
		for _, c := range g.Consequences {
			message += "\n- " + c
		}
		if g.Witness != nil {
			message += "\nwitness: " + g.Witness.Text
		}
		fmt.Fprintf(&b, "::%s %s::%s\n", level, strings.Join(props, ","), escapeData(message))
	}
	fmt.Fprintf(&b, "::notice title=abigen::%s\n", escapeData(r.Summary().String()))
	_, err := w.Write(b.Bytes())
	return err
}

// escapeData escapes the message of a workflow command, which ends at the end
// of its line.
func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// escapeProperty escapes the value of a property, which also ends at a comma
// or at the colons before the message.
func escapeProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
