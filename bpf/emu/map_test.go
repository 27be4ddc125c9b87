// SPDX-License-Identifier: MIT

package emu

import (
	"encoding/binary"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

func TestHashKeepsManyElementsApart(t *testing.T) {
	spec := collection(ret)
	spec.Maps = map[string]*ebpf.MapSpec{"m": {Type: ebpf.Hash, KeySize: 12, ValueSize: 4, MaxEntries: 5000}}
	m, err := New(spec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	mp := mustMap(t, m, "m")
	key := func(i uint32) [3]uint32 { return [3]uint32{i * 2654435761, 7, i} }
	for i := range uint32(5000) {
		if err := mp.Update(key(i), i); err != nil {
			t.Fatal(err)
		}
	}
	for i := range uint32(2500) {
		if err := mp.Delete(key(2 * i)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range uint32(5000) {
		var v uint32
		if err := mp.Lookup(key(i), &v); (err == nil) != (i%2 == 1) || err == nil && v != i {
			t.Fatalf("element %d is %d, %v", i, v, err)
		}
	}
	if mp.Len() != 2500 {
		t.Errorf("%d elements, want 2500", mp.Len())
	}
	if err := m.Reset(); err != nil || mp.Len() != 0 {
		t.Errorf("%d elements after Reset, %v", mp.Len(), err)
	}
}

func TestLookupsCountAsUse(t *testing.T) {
	spec := collection(cat(looked("lru"), asm.LoadMem(asm.R0, asm.R0, 0, asm.DWord), asm.Return()))
	spec.Maps = map[string]*ebpf.MapSpec{"lru": {Type: ebpf.LRUHash, KeySize: 4, ValueSize: 8, MaxEntries: 2}}
	m, err := New(spec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	mp := mustMap(t, m, "lru")
	for _, k := range []uint32{0, 1, 2} {
		if err := mp.Update(k, uint64(5)); err != nil {
			t.Fatal(err)
		}
		if k == 1 {
			call(t, m, "prog") // looks 0 up
		}
	}
	entries, err := mp.Entries()
	if err != nil || len(entries) != 2 || entries[0].Key[0] != 0 || entries[1].Key[0] != 2 {
		t.Errorf("%v, %v are left, want 0, which was looked up, and 2", entries, err)
	}
}

func TestLocksAreTakenAndReleased(t *testing.T) {
	spec := collection(cat(looked("lock"), asm.Mov.Reg(asm.R6, asm.R0), asm.Mov.Reg(asm.R1, asm.R6), asm.FnSpinLock.Call(),
		asm.Mov.Reg(asm.R1, asm.R6), asm.FnSpinUnlock.Call(), ret))
	spec.Maps = safetyMaps()
	m, err := New(spec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		call(t, m, "prog")
	}
}

func TestRingBufferTellsItsState(t *testing.T) {
	for flag, want := range map[int32]uint64{ringAvailable: 24, ringSize: 4096, ringConsumer: 0, ringProducer: 24, 9: 0} {
		spec := collection(cat(reserved, submitted, mapPtr(asm.R1, "ring"), asm.Mov.Imm(asm.R2, flag), asm.FnRingbufQuery.Call(), asm.Return()))
		spec.Maps = safetyMaps()
		m, err := New(spec, Options{})
		if err != nil {
			t.Fatal(err)
		}
		// A record of 16 bytes takes 8 more.
		if got := call(t, m, "prog"); got != want {
			t.Errorf("bpf_ringbuf_query(%d) = %d, want %d", flag, got, want)
		}
	}
}

func TestCallbacksReachMapsAndMemory(t *testing.T) {
	var name string
	fill := func(c *Call) (uint64, error) {
		name = c.Name()
		mp, err := c.Map(c.Args[0])
		if err != nil {
			return 0, err
		}
		if err := mp.Update(uint32(1), make([]byte, 12)); err != nil {
			return 0, err
		}
		b, err := c.Write(c.Args[1], 4)
		if err != nil {
			return 0, err
		}
		binary.LittleEndian.PutUint32(b, uint32(len(c.Machine().Maps())))
		return uint64(mp.Len()), nil
	}
	call2 := asm.Instruction{OpCode: asm.OpCode(0x85), Src: asm.PseudoKfuncCall, Constant: -1}.WithReference("fill")
	spec := collection(cat(mapPtr(asm.R1, "hash"), asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, -8), call2,
		asm.LoadMem(asm.R1, asm.RFP, -8, asm.Word), asm.LSh.Imm(asm.R1, 8), asm.Or.Reg(asm.R0, asm.R1), asm.Return()))
	spec.Maps = safetyMaps()
	m, err := New(spec, Options{Kfuncs: map[string]Func{"fill": fill}})
	if err != nil {
		t.Fatal(err)
	}
	if got := call(t, m, "prog"); got != 7<<8|2 || name != "fill" {
		t.Errorf("r0 = %#x from %q, want 7 maps and 2 elements", got, name)
	}
}

func TestRunPassesTheContextItself(t *testing.T) {
	p := machine(t, binary.LittleEndian, asm.Instructions{asm.LoadMem(asm.R0, asm.R1, 4, asm.Word), asm.Return()}, Options{})
	for _, ctx := range []Arg{Mem("ctx", []byte{0, 0, 0, 0, 9, 0, 0, 0}, false), Pointer(p.m.NewRegion("kept", []byte{0, 0, 0, 0, 9, 0, 0, 0}, false))} {
		if r, err := p.Run(ctx); err != nil || r.R0 != 9 {
			t.Errorf("read %d, %v, want 9", r.R0, err)
		}
	}
	_, err := p.Run(Mem("__sk_buff", make([]byte, 6), false))
	refused(t, err, ErrOutOfBounds, `memory "__sk_buff"`)
}

func TestProgramsUpdateTheirOwnCPUsValue(t *testing.T) {
	spec := collection(cat(key0("percpu"), storeImm(asm.RFP, -16, 9, asm.DWord), asm.Mov.Reg(asm.R3, asm.RFP), asm.Add.Imm(asm.R3, -16),
		asm.Mov.Imm(asm.R4, 0), asm.FnMapUpdateElem.Call(), asm.Return()))
	for _, typ := range []ebpf.MapType{ebpf.PerCPUArray, ebpf.PerCPUHash, ebpf.LRUCPUHash} {
		for cpu := range 2 {
			spec.Maps = map[string]*ebpf.MapSpec{"percpu": {Type: typ, KeySize: 4, ValueSize: 8, MaxEntries: 1}}
			m, err := New(spec, Options{CPUs: 2})
			if err == nil {
				err = m.SetCPU(cpu)
			}
			if err == nil {
				err = mustMap(t, m, "percpu").Update(uint32(0), uint64(5))
			}
			if err != nil {
				t.Fatal(err)
			}
			call(t, m, "prog")
			for c := range 2 {
				want := uint64(5)
				if c == cpu {
					want = 9
				}
				var v uint64
				if err := mustMap(t, m, "percpu").LookupCPU(uint32(0), c, &v); err != nil || v != want {
					t.Errorf("%s: an update on CPU %d left %d, %v on CPU %d, want %d", typ, cpu, v, err, c, want)
				}
			}
		}
	}
}
