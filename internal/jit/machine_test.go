// SPDX-License-Identifier: MIT

package jit_test

import (
	"testing"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
)

func TestEveryProgramIsAcceptedByTheVerifier(t *testing.T) {
	if err := jit.Available(); err != nil {
		t.Skip(err)
	}
	for _, p := range programs.All() {
		spec, err := p.Spec(nil)
		if err != nil {
			t.Fatal(err)
		}
		m, err := jit.New(spec)
		if err != nil {
			t.Errorf("%s: %+v", p.Name(), err)
			continue
		}
		for _, member := range []string{"iomap_begin", "iomap_end", "iomap_ioend"} {
			if n, ok := m.Verified(member); ok {
				t.Logf("%s %s: %d verified instructions", p.Name(), member, n)
			}
		}
		m.Close()
	}
}

func TestProgramAnswersInTheKernel(t *testing.T) {
	if err := jit.Available(); err != nil {
		t.Skip(err)
	}
	p := programs.LinearParams{Files: []programs.LinearFile{{Inode: 7, Addr: 1 << 20, Length: 1 << 16, Device: 3}}}
	spec, err := p.Program().Spec(nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := jit.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if err := p.Fill(programs.InKernel(m.Collection(), m.Spec())); err != nil {
		t.Fatal(err)
	}
	out, ret, err := m.Begin(7, abi.IomapBeginIn{Pos: 100, Count: 10})
	var want abi.IomapBeginOut
	want.Read = abi.IomapIO{Length: 1 << 16, Addr: 1 << 20, Type: abi.FUSE_IOMAP_TYPE_MAPPED, Dev: 3}
	want.PureOverwrite()
	if err != nil || ret != abi.FIB_HANDLED || out != want {
		t.Errorf("Begin = %+v, %v, %v", out, ret, err)
	}
	if out, ret, err := m.Begin(8, abi.IomapBeginIn{}); err != nil || ret != abi.FIB_FALLBACK || out != (abi.IomapBeginOut{}) {
		t.Errorf("Begin of an unknown inode = %+v, %v, %v", out, ret, err)
	}
}
