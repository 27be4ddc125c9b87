// SPDX-License-Identifier: MIT

package programs

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
)

// Caller is where a program runs.
type Caller interface {
	Begin(nodeid uint64, in abi.IomapBeginIn) (abi.IomapBeginOut, abi.IomapBPFRet, error)
	End(nodeid uint64, in abi.IomapEndIn) (abi.IomapBPFRet, error)
	Ioend(nodeid uint64, in abi.IomapIoendIn, newsize uint64) (abi.IomapIoendOut, abi.IomapBPFRet, error)
}

// Loaded is a program that was loaded with one set of parameters.
type Loaded struct {
	Caller
	Store programs.Store
	// Contents lists what is in the maps.
	Contents func() ([]jit.Element, error)
	// Records takes the records out of a ring buffer.
	Records func(ring string) ([][]byte, error)
	// Close gives it up. Nil is nothing to do.
	Close func()
}

// Loader loads the program of params. Entries into the mapping cache go to
// upsert while a callback runs.
type Loader func(params programs.Params, upsert func(nodeid uint64, read, write abi.IomapIO)) (Loaded, error)

// Session is a program being called, with one set of parameters after the
// other.
type Session struct {
	program programs.Program
	load    Loader
	params  programs.Params
	loaded  Loaded
	cache   []string // what the program entered into the mapping cache
}

// NewSession is one in which commands may begin with "params".
func NewSession(p programs.Program, load Loader) *Session { return &Session{program: p, load: load} }

// Close gives up what is loaded.
func (s *Session) Close() {
	if s.loaded.Close != nil {
		s.loaded.Close()
	}
	s.loaded = Loaded{}
}

func (s *Session) upsert(nodeid uint64, read, write abi.IomapIO) {
	out := abi.IomapBeginOut{Read: read, Write: write}
	s.cache = append(s.cache, fmt.Sprintf("cache inode %d %s", nodeid, answer(out)))
}

// Run executes one command and gives what it prints.
func (s *Session) Run(line string) ([]string, error) {
	verb, rest, _ := strings.Cut(line, " ")
	s.cache = nil
	switch verb {
	case "params":
		p, err := programs.DecodeParams(s.program, []byte(rest))
		if err != nil {
			return nil, err
		}
		s.Close()
		if s.loaded, err = s.load(p, s.upsert); err != nil {
			return nil, err
		}
		s.params = p
		return nil, nil
	case "put":
		return nil, s.put(rest)
	}
	if s.params == nil {
		return nil, errors.New("no params yet")
	}
	args := strings.Fields(rest)
	n := make([]uint64, len(args))
	for i, a := range args {
		var err error
		if n[i], err = parse(a); err != nil {
			if n[i], err = flags(verb, a); err != nil {
				return nil, err
			}
		}
	}
	want := map[string]int{"remove": 1, "begin": 4, "end": 5, "ioend": 8, "contents": 0}
	if k, ok := want[verb]; !ok || k != len(n) {
		return nil, fmt.Errorf("%q: no such command, or not with %d arguments", verb, len(n))
	}
	switch verb {
	case "remove":
		return nil, s.remove(n[0])
	case "begin":
		return s.begin(n[0], abi.IomapBeginIn{Pos: n[1], Count: n[2], Opflags: abi.IomapOpFlags(n[3])})
	case "end":
		ret, err := s.loaded.End(n[0], abi.IomapEndIn{Pos: n[1], Count: n[2], Written: int64(n[3]), Opflags: abi.IomapOpFlags(n[4])})
		return []string{strings.ToLower(ret.String())}, err
	case "ioend":
		in := abi.IomapIoendIn{Pos: n[1], Written: n[2], Flags: abi.IoendFlags(n[3]), Error: int32(n[4]), Dev: uint32(n[5]), NewAddr: n[6]}
		out, ret, err := s.loaded.Ioend(n[0], in, n[7])
		text := strings.ToLower(ret.String())
		switch {
		case ret == abi.FIB_HANDLED:
			text += " newsize " + number(out.Newsize)
		case out.Newsize != n[7]:
			return nil, fmt.Errorf("a fallback wrote %d into the answer", out.Newsize)
		}
		return []string{text}, err
	}
	return s.list()
}

// fs is what the validator is told.
func (s *Session) fs() abi.FS {
	block := uint32(4096)
	if f := reflect.ValueOf(s.params).FieldByName("BlockSize"); f.IsValid() && f.Uint() != 0 {
		block = uint32(f.Uint())
	}
	f := abi.FS{BlockSize: block, MaxFileSize: 1<<63 - 1, Devices: map[uint32]abi.Device{}, UncacheableOps: abi.FUSE_IOMAP_OP_REPORT}
	for d := uint32(1); d <= programs.MaxDevice; d++ {
		f.Devices[d] = abi.Device{Readable: true, Writable: true}
	}
	return f
}

func (s *Session) begin(inode uint64, in abi.IomapBeginIn) ([]string, error) {
	out, ret, err := s.loaded.Begin(inode, in)
	if err != nil {
		return nil, err
	}
	if ret != abi.FIB_HANDLED {
		if out != (abi.IomapBeginOut{}) {
			return nil, fmt.Errorf("a fallback wrote %+v into the answer", out)
		}
		return []string{"fallback"}, nil
	}
	if r := abi.Validate(in, out, s.fs()); len(r.Violations)+len(r.Warnings)+len(r.Unchecked) > 0 {
		return nil, fmt.Errorf("the answer %s: %s", answer(out), r)
	}
	return append([]string{"handled " + answer(out)}, s.cache...), nil
}

// mapping writes one mapping.
func mapping(m abi.IomapIO) string {
	text := number(m.Offset) + "+" + number(m.Length) + " " + strings.ToLower(m.Type.String())
	if m.Dev != 0 || m.Addr != abi.FUSE_IOMAP_NULL_ADDR {
		text += fmt.Sprintf(" %d:%s", m.Dev, number(m.Addr))
	}
	if m.Flags != 0 {
		text += " " + m.Flags.String()
	}
	return text
}

func answer(out abi.IomapBeginOut) string {
	pure := abi.IomapBeginOut{Read: out.Read}
	pure.PureOverwrite()
	if pure.Write == out.Write {
		return mapping(out.Read) + ", pure"
	}
	return mapping(out.Read) + ", write " + mapping(out.Write)
}

// list prints what is in the maps, in the words of the program.
func (s *Session) list() ([]string, error) {
	var lines []string
	all, err := s.loaded.Contents()
	if err != nil {
		return nil, err
	}
	order := s.loaded.Store.ByteOrder()
	numbers := func(b []byte) []uint64 {
		n := make([]uint64, len(b)/8)
		for i := range n {
			n[i] = order.Uint64(b[8*i:])
		}
		return n
	}
	ring := ""
	for _, e := range all {
		n := numbers(e.Value)
		switch e.Map {
		case "files":
			lines = append(lines, fmt.Sprintf("inode %d size %s appended %s converted %s ended %d left %d",
				order.Uint64(e.Key), number(n[0]), number(n[1]), number(n[2]), n[3], n[4]))
			ring = "conversions"
		case "tallies":
			k := fmt.Sprintf("%s size %d", flagNames(order.Uint32(e.Key), order.Uint32(e.Key[4:])), order.Uint32(e.Key[8:]))
			if order.Uint32(e.Key[12:]) != 0 {
				k += " failed"
			}
			lines = append(lines, fmt.Sprintf("%s: calls %d bytes %s", k, n[0], number(n[1])))
		case "states":
			lines = append(lines, fmt.Sprintf("calls %d uncounted %d unsampled %d", n[0], n[1], n[2]))
			ring = "samples"
		}
	}
	slices.Sort(lines)
	if ring == "" {
		return lines, nil
	}
	records, err := s.loaded.Records(ring)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		if ring == "conversions" {
			c, err := programs.DecodeConversion(order, r)
			if err != nil {
				return nil, err
			}
			lines = append(lines, fmt.Sprintf("convert inode %d %s+%s", c.NodeID, number(c.Pos), number(c.Length)))
			continue
		}
		o, err := programs.DecodeObservation(order, r)
		if err != nil {
			return nil, err
		}
		lines = append(lines, fmt.Sprintf("sample %s inode %d pos %s count %s written %s error %d device %d:%s", flagNames(o.Callback, o.Flags),
			o.NodeID, number(o.Pos), number(o.Count), number(uint64(o.Written)), o.Error, o.Device, number(o.NewAddr)))
	}
	return lines, nil
}

// flagNames writes callback and flags of an observation.
func flagNames(callback, flags uint32) string {
	switch callback {
	case programs.ObservedBegin:
		return "begin " + abi.IomapOpFlags(flags).String()
	case programs.ObservedEnd:
		return "end " + abi.IomapOpFlags(flags).String()
	}
	return "ioend " + abi.IoendFlags(flags).String()
}

// flags reads names of flags, as String writes them.
func flags(verb, text string) (uint64, error) {
	var all uint64
	for name := range strings.SplitSeq(text, "|") {
		found := false
		for bit := range 32 {
			n := abi.IomapOpFlags(1 << bit).String()
			if verb == "ioend" {
				n = abi.IoendFlags(1 << bit).String()
			}
			if n == name {
				all |= 1 << bit
				found = true
			}
		}
		if !found {
			return 0, fmt.Errorf("%q is neither a number nor a flag", name)
		}
	}
	return all, nil
}

func strict(text string, out any) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(out)
}

// table is what parameters with files can do while a program runs.
type table[F any] interface {
	Put(s programs.Store, f F) error
	Remove(s programs.Store, inode uint64) error
}

func putInto[F any](p table[F], s programs.Store, text string) error {
	var f F
	if err := strict(text, &f); err != nil {
		return err
	}
	return p.Put(s, f)
}

func (s *Session) put(text string) error {
	switch p := s.params.(type) {
	case programs.LinearParams:
		return putInto(p, s.loaded.Store, text)
	case programs.StripeParams:
		return putInto(p, s.loaded.Store, text)
	case programs.CachedParams:
		return putInto(p, s.loaded.Store, text)
	case programs.InterleaveParams:
		return putInto(p, s.loaded.Store, text)
	case programs.ExtentsParams:
		return putInto(p, s.loaded.Store, text)
	case programs.AppendParams:
		return putInto(p, s.loaded.Store, text)
	}
	return fmt.Errorf("%s has no files", s.program.Name())
}

func (s *Session) remove(inode uint64) error {
	p, ok := s.params.(interface {
		Remove(s programs.Store, inode uint64) error
	})
	if !ok {
		return fmt.Errorf("%s has no files", s.program.Name())
	}
	return p.Remove(s.loaded.Store, inode)
}
