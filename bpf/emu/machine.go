// SPDX-License-Identifier: MIT

package emu

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/cilium/ebpf"
)

// Machine holds the programs and maps of one object and runs them. It is not
// safe for use by more than one goroutine: give each its own.
type Machine struct {
	regs      [256]uint64 // 11, and the decoder's scratch; as many as an op can name, so that none needs a test
	regions   []region
	steps     uint64
	budget    uint64
	prog      *program
	init      uint16 // registers initialised, while a checked program runs
	depth     int
	frames    [maxDepth]frame
	stacks    [maxDepth]stack
	stack     *stack // of the innermost frame
	nextFrame int32

	opts       Options
	bo         binary.ByteOrder
	swapped    bool // the object's byte order is not little-endian
	spec       *ebpf.CollectionSpec
	programs   map[string]*program
	maps       []*Map
	mapByName  map[string]*Map
	names      []string // of memory regions, index is region.owner
	firstFrame int32
	code       int // region id of code
	ctx        [8 * maxArgs]byte
	site       int // op of the helper call in progress
	temps      []int32
	freeTemps  []int32

	helpers     []helper
	helperIndex map[string]int

	variables map[string]*Variable
	clock     uint64
	random    uint64
	cpu       int
	call      uint32 // number of the call in progress, to tell when memory was freed
	running   bool
	elemKeys  [maxDepth][4]byte // index bpf_for_each_map_elem is at, for each depth it may run in
	reserved  int               // ring buffer records reserved and not yet submitted
	iterators []uint64          // addresses of those made and not destroyed
	locked    uint64            // address of the spin lock held
	current   Call              // handed to Go callbacks
	helper    *helper           // in progress
	trace     []string
}

// Regions of arguments come first, so that a call costs no look-up of them.
const (
	contextRegion = 1
	firstArg      = 2
	maxArgs       = 12 // MAX_BPF_FUNC_ARGS
)

// New loads the programs and maps of a collection, as ebpf.NewCollection does
// into the kernel: data sections get the values of spec.Variables, CO-RE
// relocations are applied, calls are linked. spec is not changed. One without a
// ByteOrder is little-endian.
//
// Errors name the program, instruction and source line, or the map, and say
// what to do. errors.Is(err, ErrUnsupported) tells what this package lacks from
// what is wrong with the object.
func New(spec *ebpf.CollectionSpec, opts Options) (*Machine, error) {
	if spec == nil {
		return nil, errors.New("emu: no collection: load one with ebpf.LoadCollectionSpec")
	}
	if opts.CPUs == 0 {
		opts.CPUs = 1
	}
	if opts.CPUs < 0 || opts.CPUs > 1<<12 {
		return nil, fmt.Errorf("emu: Options.CPUs is %d: it must be between 1 and 4096", opts.CPUs)
	}
	if opts.Budget == 0 {
		opts.Budget = DefaultBudget
	}
	m := &Machine{
		opts: opts, spec: spec, programs: map[string]*program{}, mapByName: map[string]*Map{},
		variables: map[string]*Variable{}, helperIndex: map[string]int{}, bo: spec.ByteOrder,
	}
	if m.bo == nil {
		m.bo = binary.LittleEndian
	}
	m.swapped = m.bo.Uint16([]byte{0, 1}) == 1
	m.layout()
	if err := m.loadMaps(); err != nil {
		return nil, fmt.Errorf("emu: %w", err)
	}
	if err := m.loadPrograms(); err != nil {
		return nil, fmt.Errorf("emu: %w", err)
	}
	m.budget = opts.Budget
	m.restart()
	return m, nil
}

// layout reserves the regions whose ids are fixed.
func (m *Machine) layout() {
	m.regions = make([]region, firstArg+maxArgs, 1024)
	m.names = make([]string, firstArg+maxArgs, 64)
	m.names[contextRegion] = "ctx"
	for i := contextRegion; i < firstArg+maxArgs; i++ {
		m.regions[i] = region{kind: regionMemory, flags: flagFreed, owner: int32(i)}
	}
	m.firstFrame = int32(len(m.regions))
	m.nextFrame = m.firstFrame
	for range frameRegions {
		m.addRegion(region{kind: regionStack, flags: flagFreed})
	}
	m.code = m.addRegion(region{kind: regionCode})
}

// restart puts the clock and the random numbers where they began.
func (m *Machine) restart() {
	m.clock = 1e9
	m.random = m.opts.Seed*0x9e3779b97f4a7c15 + 0x2545f4914f6cdd1d
	m.trace = nil
}

// Reset puts every map, the clock, the random numbers and the trace back to
// what they were after [New].
func (m *Machine) Reset() error {
	m.restart()
	for _, mp := range m.maps {
		mp.clear()
		if err := mp.fill(); err != nil {
			return fmt.Errorf("emu: %w", err)
		}
	}
	return nil
}

// ByteOrder is that of the object: what memory a program reads or writes is in.
func (m *Machine) ByteOrder() binary.ByteOrder { return m.bo }

// SetCPU says which CPU the next call runs on.
func (m *Machine) SetCPU(cpu int) error {
	if cpu < 0 || cpu >= m.opts.CPUs {
		return fmt.Errorf("emu: no CPU %d: Options.CPUs is %d", cpu, m.opts.CPUs)
	}
	m.cpu = cpu
	return nil
}

// Trace gives the lines printed with bpf_trace_printk since [New] or
// [Machine.Reset], of very many the last 32,768 at least.
func (m *Machine) Trace() []string { return slices.Clone(m.trace) }

// Programs lists the names of the programs, sorted.
func (m *Machine) Programs() []string { return sortedKeys(m.programs) }

// Maps lists the names of the maps, sorted. Data sections are maps too.
func (m *Machine) Maps() []string { return sortedKeys(m.mapByName) }

// Variables lists the names of the global variables, sorted.
func (m *Machine) Variables() []string { return sortedKeys(m.variables) }

// Program gives a program by the name of its function.
func (m *Machine) Program(name string) (*Program, error) {
	p := m.programs[name]
	if p == nil {
		return nil, fmt.Errorf("emu: no program %q: the object has %s", name, list(m.Programs()))
	}
	return &Program{m: m, p: p}, nil
}

// ProgramFor gives the struct_ops program an object attaches to a member:
// ProgramFor("fuse_iomap_bpf_ops", "iomap_begin").
func (m *Machine) ProgramFor(typ, member string) (*Program, error) {
	for _, name := range m.Programs() {
		if p := m.programs[name]; p.spec.Type == ebpf.StructOps && p.spec.AttachTo == typ+":"+member {
			return &Program{m: m, p: p}, nil
		}
	}
	return nil, fmt.Errorf("emu: no program is attached to %s.%s: the object's struct_ops map leaves it NULL", typ, member)
}

// Map gives a map by the name of its variable.
func (m *Machine) Map(name string) (*Map, error) {
	mp := m.mapByName[name]
	if mp == nil {
		return nil, fmt.Errorf("emu: no map %q: the object has %s", name, list(m.Maps()))
	}
	return mp, nil
}

// wanted lists the programs to load.
func (m *Machine) wanted() []string {
	if len(m.opts.Programs) > 0 {
		return m.opts.Programs
	}
	return sortedKeys(m.spec.Programs)
}

// loadPrograms decodes the programs wanted.
func (m *Machine) loadPrograms() error {
	for _, name := range m.wanted() {
		spec := m.spec.Programs[name]
		if spec == nil {
			return fmt.Errorf("no program %q: the object has %s", name, list(sortedKeys(m.spec.Programs)))
		}
		insns := slices.Clone(spec.Instructions)
		if err := m.relocate(insns); err != nil {
			return fmt.Errorf("program %s: %w", name, err)
		}
		p, err := m.decode(name, insns)
		if err != nil {
			return fmt.Errorf("program %s: %w", name, err)
		}
		p.spec = spec
		m.programs[name] = p
	}
	return nil
}

// order of symbols and lists is always the sorted one.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	s := names[0]
	for _, n := range names[1:] {
		s += ", " + n
	}
	return s
}
