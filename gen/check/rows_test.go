// SPDX-License-Identifier: MIT

package check

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

func TestKernelsWithoutTheTypeAreNotCompared(t *testing.T) {
	ops := []string{"some_ops"}
	with := &model.ABI{Records: []*model.Record{{Kind: model.Struct, Name: "some_ops"}}}
	for _, c := range []struct {
		name string
		a    *model.ABI
		err  error
		want string
	}{
		{"with the type", with, nil, ""},
		{"with another", &model.ABI{Records: []*model.Record{{Kind: model.Struct, Name: "other"}}}, nil, "has no struct some_ops"},
		{"with nothing", nil, fmt.Errorf("btf:kernel: %w", source.ErrNoMatch), "has no struct some_ops"},
		{"unreadable", nil, &fs.PathError{Op: "open", Path: "/sys/kernel/btf/vmlinux", Err: fs.ErrPermission}, "not readable: permission denied"},
		{"broken", nil, errors.New("bad magic"), "not readable: bad magic"},
	} {
		if got := notComparable(c.a, c.err, ops); !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAbsentRowsCountAsNotChecked(t *testing.T) {
	r := &run{spec: "embedded:R2", contract: &model.ABI{Records: []*model.Record{{Kind: model.Struct, Name: "plain"}}}}
	c := r.absent("btf:kernel", "Linux", "has nothing")
	rep := Report{Comparisons: []Comparison{c}}
	if s := rep.Summary(); s.Unchecked != 1 || s.Findings != 0 {
		t.Errorf("summary is %s", s)
	}
	if !strings.HasSuffix(rep.Summary().String(), "1 not checked") {
		t.Errorf("summary is %s", rep.Summary())
	}
	if got := c.Unchecked[0].Subjects; len(got) != 1 || got[0] != "plain" {
		t.Errorf("subjects are %q", got)
	}
}
