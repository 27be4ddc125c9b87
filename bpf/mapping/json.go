// SPDX-License-Identifier: MIT

package mapping

import (
	"encoding/json"
	"io"
	"strconv"

	"github.com/fuseiomap/abigen/abi"
)

// Members of the JSON. 64-bit numbers are decimal strings, because readers may
// have no more than 53 bits.
type (
	jsonResult struct {
		Schema    int             `json:"schema"`
		Inode     string          `json:"inode"`
		From      string          `json:"from"`
		To        string          `json:"to"`
		Op        string          `json:"op"`
		Extents   []jsonExtent    `json:"extents"`
		Unchecked []jsonUnchecked `json:"unchecked"`
		Summary   jsonSummary     `json:"summary"`
	}
	jsonExtent struct {
		Pos      string        `json:"pos"`
		Offset   string        `json:"offset"`
		Length   string        `json:"length"`
		Result   int32         `json:"result"`
		Read     *jsonMapping  `json:"read,omitempty"`
		Write    *jsonMapping  `json:"write,omitempty"`
		Broken   []jsonProblem `json:"broken,omitempty"`
		Warnings []jsonProblem `json:"warnings,omitempty"`
	}
	jsonMapping struct {
		Offset  string `json:"offset"`
		Length  string `json:"length"`
		Address string `json:"address,omitempty"` // left out where there is none
		Type    string `json:"type"`
		Flags   string `json:"flags"`
		Device  uint32 `json:"device"`
	}
	jsonProblem struct {
		Rule    int    `json:"rule"`
		Field   string `json:"field"`
		Errno   string `json:"errno,omitempty"`
		Message string `json:"message"`
		Fix     string `json:"fix"`
	}
	jsonUnchecked struct {
		Rule   int    `json:"rule"`
		Reason string `json:"reason"`
	}
	jsonSummary struct {
		Calls   int    `json:"calls"`
		Broken  int    `json:"broken"`
		Stopped string `json:"stopped,omitempty"` // position
	}
)

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }

func jsonIO(m *abi.IomapIO) *jsonMapping {
	j := &jsonMapping{Offset: decimal(m.Offset), Length: decimal(m.Length), Type: m.Type.String(), Flags: m.Flags.String(), Device: m.Dev}
	if m.Addr != abi.FUSE_IOMAP_NULL_ADDR {
		j.Address = decimal(m.Addr)
	}
	return j
}

func jsonProblems(ps []abi.Problem) []jsonProblem {
	var out []jsonProblem
	for _, p := range ps {
		j := jsonProblem{Rule: p.Rule, Field: p.Field, Message: p.Message, Fix: p.Fix}
		if p.Errno != 0 {
			j.Errno = p.Errno.Name()
		}
		out = append(out, j)
	}
	return out
}

// WriteJSON writes the same for programs.
func (r *Result) WriteJSON(w io.Writer) error {
	j := jsonResult{
		Schema: 1, Inode: decimal(r.Request.Inode), From: decimal(r.Request.From), To: decimal(r.Request.To), Op: r.Request.Op.String(),
		Extents: []jsonExtent{}, Unchecked: []jsonUnchecked{}, Summary: jsonSummary{Calls: r.Calls, Broken: r.Broken()},
	}
	if r.Stopped {
		j.Summary.Stopped = decimal(r.Next)
	}
	for i := range r.Extents {
		e := &r.Extents[i]
		x := jsonExtent{Pos: decimal(e.Pos), Offset: decimal(e.Offset), Length: decimal(e.Length), Result: int32(e.Ret), Broken: jsonProblems(e.Broken), Warnings: jsonProblems(e.Warnings)}
		if e.Handled() {
			x.Read, x.Write = jsonIO(&e.Answer.Read), jsonIO(&e.Answer.Write)
		}
		j.Extents = append(j.Extents, x)
	}
	for _, u := range r.Unchecked {
		j.Unchecked = append(j.Unchecked, jsonUnchecked{u.Rule, u.Reason})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(j)
}
