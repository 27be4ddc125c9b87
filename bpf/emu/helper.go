// SPDX-License-Identifier: MIT

package emu

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cilium/ebpf/asm"
)

// helper is a function programs call by number or, as a kfunc, by name.
type helper struct {
	name string
	args int
	run  func(m *Machine) (uint64, *problem)
	user Func
}

// helperTable are the helpers of this package: those of the kernel's base set
// that mean something without a kernel around them.
var helperTable = map[asm.BuiltinFunc]helper{
	asm.FnMapLookupElem:       {name: "bpf_map_lookup_elem", args: 2, run: (*Machine).mapLookup},
	asm.FnMapUpdateElem:       {name: "bpf_map_update_elem", args: 4, run: (*Machine).mapUpdate},
	asm.FnMapDeleteElem:       {name: "bpf_map_delete_elem", args: 2, run: (*Machine).mapDelete},
	asm.FnMapLookupPercpuElem: {name: "bpf_map_lookup_percpu_elem", args: 3, run: (*Machine).mapLookupPerCPU},
	asm.FnForEachMapElem:      {name: "bpf_for_each_map_elem", args: 4, run: (*Machine).forEachElem},
	asm.FnLoop:                {name: "bpf_loop", args: 4, run: (*Machine).loop},

	asm.FnRingbufOutput:  {name: "bpf_ringbuf_output", args: 4, run: (*Machine).ringOutput},
	asm.FnRingbufReserve: {name: "bpf_ringbuf_reserve", args: 3, run: (*Machine).ringReserve},
	asm.FnRingbufSubmit:  {name: "bpf_ringbuf_submit", args: 2, run: (*Machine).ringSubmit},
	asm.FnRingbufDiscard: {name: "bpf_ringbuf_discard", args: 2, run: (*Machine).ringDiscard},
	asm.FnRingbufQuery:   {name: "bpf_ringbuf_query", args: 2, run: (*Machine).ringQuery},

	asm.FnKtimeGetNs:       {name: "bpf_ktime_get_ns", run: (*Machine).now},
	asm.FnKtimeGetBootNs:   {name: "bpf_ktime_get_boot_ns", run: (*Machine).now},
	asm.FnKtimeGetCoarseNs: {name: "bpf_ktime_get_coarse_ns", run: (*Machine).now},
	asm.FnKtimeGetTaiNs:    {name: "bpf_ktime_get_tai_ns", run: (*Machine).now},
	asm.FnJiffies64:        {name: "bpf_jiffies64", run: (*Machine).jiffies},

	asm.FnGetPrandomU32:     {name: "bpf_get_prandom_u32", run: (*Machine).prandom},
	asm.FnGetSmpProcessorId: {name: "bpf_get_smp_processor_id", run: (*Machine).processor},
	asm.FnGetNumaNodeId:     {name: "bpf_get_numa_node_id", run: func(*Machine) (uint64, *problem) { return 0, nil }},
	asm.FnGetCurrentPidTgid: {name: "bpf_get_current_pid_tgid", run: func(m *Machine) (uint64, *problem) { return m.opts.PID, nil }},
	asm.FnGetCurrentUidGid:  {name: "bpf_get_current_uid_gid", run: func(m *Machine) (uint64, *problem) { return m.opts.UID, nil }},
	asm.FnGetCurrentComm:    {name: "bpf_get_current_comm", args: 2, run: (*Machine).comm},

	asm.FnSpinLock:   {name: "bpf_spin_lock", args: 1, run: (*Machine).spinLock},
	asm.FnSpinUnlock: {name: "bpf_spin_unlock", args: 1, run: (*Machine).spinUnlock},

	asm.FnProbeRead:          {name: "bpf_probe_read", args: 3, run: (*Machine).probeRead},
	asm.FnProbeReadKernel:    {name: "bpf_probe_read_kernel", args: 3, run: (*Machine).probeRead},
	asm.FnProbeReadUser:      {name: "bpf_probe_read_user", args: 3, run: (*Machine).probeRead},
	asm.FnProbeReadStr:       {name: "bpf_probe_read_str", args: 3, run: (*Machine).probeReadStr},
	asm.FnProbeReadKernelStr: {name: "bpf_probe_read_kernel_str", args: 3, run: (*Machine).probeReadStr},
	asm.FnProbeReadUserStr:   {name: "bpf_probe_read_user_str", args: 3, run: (*Machine).probeReadStr},
	asm.FnCopyFromUser:       {name: "bpf_copy_from_user", args: 3, run: (*Machine).probeRead},
	asm.FnStrncmp:            {name: "bpf_strncmp", args: 3, run: (*Machine).strncmp},
	asm.FnStrtol:             {name: "bpf_strtol", args: 4, run: (*Machine).strtol},
	asm.FnStrtoul:            {name: "bpf_strtoul", args: 4, run: (*Machine).strtoul},

	asm.FnTracePrintk:  {name: "bpf_trace_printk", args: 2, run: (*Machine).tracePrintk},
	asm.FnTraceVprintk: {name: "bpf_trace_vprintk", args: 4, run: (*Machine).traceVprintk},
	asm.FnSnprintf:     {name: "bpf_snprintf", args: 5, run: (*Machine).snprintf},
}

// Helpers lists the helpers this package has, sorted by their C names.
func Helpers() []string {
	set := map[string]bool{}
	for _, h := range helperTable {
		set[h.name] = true
	}
	return sortedKeys(set)
}

// helperFor gives the index of a helper in Machine.helpers.
func (m *Machine) helperFor(fn asm.BuiltinFunc) (int, bool) {
	name := helperName(fn)
	if f := m.opts.Helpers[fn]; f != nil {
		return m.addHelper("helper "+name, helper{name: name, user: f}), true
	}
	h, ok := helperTable[fn]
	if !ok {
		return 0, false
	}
	return m.addHelper("helper "+name, h), true
}

// addHelper enters a function once.
func (m *Machine) addHelper(key string, h helper) int {
	if i, ok := m.helperIndex[key]; ok {
		return i
	}
	m.helpers = append(m.helpers, h)
	m.helperIndex[key] = len(m.helpers) - 1
	return len(m.helpers) - 1
}

// helperName spells a helper as C does: FnMapLookupElem is
// bpf_map_lookup_elem.
func helperName(fn asm.BuiltinFunc) string {
	if h, ok := helperTable[fn]; ok {
		return h.name
	}
	s, ok := strings.CutPrefix(fn.String(), "Fn")
	if !ok {
		return "unknown"
	}
	b := []byte("bpf")
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			b = append(b, '_')
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return string(b)
}

// callHelper runs a helper with its arguments in r1 to r5.
func (m *Machine) callHelper(h *helper) (uint64, *problem) {
	m.helper = h
	if h.user == nil {
		v, why := h.run(m)
		return v, why
	}
	c := &m.current
	c.m, c.name = m, h.name
	copy(c.Args[:], m.regs[1:6])
	v, err := h.user(c)
	if err == nil {
		return v, nil
	}
	var mem *memoryError
	if errors.As(err, &mem) {
		return 0, &problem{kind: mem.kind, what: h.name + ": " + err.Error(), cause: err}
	}
	return 0, &problem{kind: ErrCallback, what: h.name + ": " + err.Error(), cause: err}
}

// argument checks.

// bytesArg gives the memory argument n of the helper in progress points to.
func (m *Machine) bytesArg(n int, size uint64, a access) ([]byte, *problem) {
	b, why := m.bytesAt(m.regs[n], size, a)
	if why != nil {
		return nil, m.wrong(n, why.kind, why.what)
	}
	return b, nil
}

// wrong words what is the matter with argument n.
func (m *Machine) wrong(n int, kind error, what string) *problem {
	return &problem{kind: kind, what: fmt.Sprintf("%s, argument %d: %s", m.helper.name, n, what)}
}

// mapArg gives the map argument n is a handle of.
func (m *Machine) mapArg(n int) (*Map, *problem) {
	id, off, ok := m.regionOf(m.regs[n])
	if !ok || off != 0 || m.regions[id].kind != regionMap {
		return nil, m.wrong(n, ErrHelper, "it is "+m.describe(m.regs[n])+", not a map: pass the address of a map variable, or what a map of maps gave once it is known not to be NULL")
	}
	return m.maps[m.regions[id].owner], nil
}

// functionArg gives the op of the callback argument n is the address of.
func (m *Machine) functionArg(n int) (int32, *problem) {
	id, off, ok := m.regionOf(m.regs[n])
	if ok && id == m.code {
		for _, f := range m.prog.funcs {
			if int64(f.op) == off {
				return f.op, nil
			}
		}
	}
	return 0, m.wrong(n, ErrHelper, "it is "+m.describe(m.regs[n])+", not a function of the program")
}

// errno gives a helper's negative result.
func errno(n int64) uint64 { return uint64(-n) }

// Numbers of errors as Linux has them on every architecture this package
// cares for.
const (
	ePERM   = 1
	eNOENT  = 2
	eBIG    = 7
	eAGAIN  = 11
	eNOMEM  = 12
	eFAULT  = 14
	eBUSY   = 16
	eEXIST  = 17
	eINVAL  = 22
	eNOSPC  = 28
	eRANGE  = 34
	eDEADLK = 35
)
