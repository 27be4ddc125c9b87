// SPDX-License-Identifier: MIT

package programs

import (
	"encoding/binary"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/emu"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
)

// Emulated loads into the interpreter, as on a kernel of a revision: "R2", "R3" or
// "R4".
func Emulated(order binary.ByteOrder, revision string) Loader {
	return func(params programs.Params, upsert func(uint64, abi.IomapIO, abi.IomapIO)) (Loaded, error) {
		x, err := programs.Emulate(params, order, emu.IomapOptions{Revision: revision, Upsert: func(u emu.CacheUpdate) int32 {
			upsert(u.NodeID, *u.Read, *u.Write)
			return 0
		}})
		if err != nil {
			return Loaded{}, err
		}
		return Loaded{
			Caller: x, Store: programs.InEmulator(x.Machine),
			Contents: func() ([]jit.Element, error) { return jit.ContentsOf(x.Machine) },
			Records: func(ring string) ([][]byte, error) {
				m, err := x.Map(ring)
				if err != nil {
					return nil, err
				}
				return m.Records()
			},
		}, nil
	}
}

// InKernel loads into the kernel's JIT, as revision 2 has it.
func InKernel(params programs.Params, _ func(uint64, abi.IomapIO, abi.IomapIO)) (Loaded, error) {
	spec, err := params.Program().Spec(nil)
	if err != nil {
		return Loaded{}, err
	}
	if err := params.Configure(spec); err != nil {
		return Loaded{}, err
	}
	m, err := jit.New(spec)
	if err != nil {
		return Loaded{}, err
	}
	l := Loaded{
		Caller: m, Store: programs.InKernel(m.Collection(), m.Spec()),
		Contents: m.Contents, Records: m.Records, Close: m.Close,
	}
	if err := params.Fill(l.Store); err != nil {
		m.Close()
		return Loaded{}, err
	}
	return l, nil
}
