// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/cilium/ebpf/btf"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/emu"
	"github.com/fuseiomap/abigen/bpf/mapping"
	"github.com/fuseiomap/abigen/bpf/programs"
)

var mapVerb = verb{
	name: "map", synopsis: "OBJECT", summary: "what a mapping program answers for a range of a file",
	doc: `Runs the iomap_begin of a compiled BPF object in the interpreter, mapping after
mapping over a range of a file, and prints or draws what it answers: FIEMAP before
there is a kernel. Every answer is checked against the kernel's rules; the exit
status is 100 where one is broken.

OBJECT is an ELF object of either byte order with a struct fuse_iomap_bpf_ops, or
program:NAME for one of the reference programs, which take --params. Others get
their variables and maps with --set and --element. What a program prints with
bpf_trace_printk goes to standard error.`,
	minArgs: 1, maxArgs: 1,
	flags: func(f *flags) { f.mapFlags() },
	run:   runMap,
}

// mapOptions are the flags of map.
type mapOptions struct {
	request  mapping.Request
	revision string
	params   string
	set      []string
	elements []string
	format   string
}

func (f *flags) mapFlags() {
	m := &f.mapping
	*m = mapOptions{request: mapping.Request{Inode: 1, To: 1 << 30, FS: abi.FS{BlockSize: 4096, MaxFileSize: 1<<63 - 1}}, revision: "R2", format: "text"}
	number := func(name, usage string, to *uint64) {
		f.set.Func(name, usage, func(s string) (err error) {
			*to, err = parseBytes(s)
			return err
		})
	}
	number("inode", "`N`: ask about the inode with this node id (default 1)", &m.request.Inode)
	number("from", "`BYTE`: begin here (default 0); 4K, 3M, 1G are understood", &m.request.From)
	number("to", "`BYTE`: end before this (default 1G)", &m.request.To)
	number("max-file-size", "`BYTES`: what no file may exceed (default 2^63-1)", &m.request.FS.MaxFileSize)
	f.set.Func("block-size", "`BYTES`: the file system's block size (default 4096)", func(s string) error {
		n, err := parseBytes(s)
		if err != nil || n == 0 || n > 1<<30 || n&(n-1) != 0 {
			return fmt.Errorf("%q is no power of two up to 1G", s)
		}
		m.request.FS.BlockSize = uint32(n)
		return nil
	})
	f.set.Func("op", "`FLAGS`: the operation the kernel would be about, such as REPORT or WRITE|DIRECT (default 0, a buffered read)", func(s string) (err error) {
		m.request.Op, err = parseOp(s)
		return err
	})
	f.set.Func("devices", "`LIST`: cookies of the registered devices, readable and writable, such as 1,2,5 (default unknown)", func(s string) error {
		m.request.FS.Devices = map[uint32]abi.Device{}
		for part := range strings.SplitSeq(s, ",") {
			d, err := strconv.ParseUint(part, 10, 32)
			if err != nil {
				return fmt.Errorf("%q is no device cookie", part)
			}
			m.request.FS.Devices[uint32(d)] = abi.Device{Readable: true, Writable: true}
		}
		return nil
	})
	f.set.Func("uncacheable", "`FLAGS`: operation flags that keep an operation from the mapping cache (default unknown)", func(s string) (err error) {
		m.request.FS.UncacheableOps, err = parseOp(s)
		return err
	})
	f.set.IntVar(&m.request.Most, "calls", 1<<20, "`N`: stop after so many calls (default 1048576)")
	f.set.StringVar(&m.revision, "revision", "R2", "`R`: revision of the kernel interface: R1, R2 (default), R3 or R4")
	f.set.StringVar(&m.params, "params", "", "`FILE`: parameters of a reference program, as JSON; text that begins with { is taken as it is")
	f.set.Func("set", "`NAME=V[,V]…`: set a global variable, or the elements of one; may be repeated", appendTo(&m.set))
	f.set.Func("element", "`MAP:KEY=VALUE`: put an element into a map, both in hexadecimal and the object's byte order; may be repeated", appendTo(&m.elements))
	f.choice("format", "`F`: how to print: text (default), json, svg or html", []string{"text", "json", "svg", "html"}, func(s string) { m.format = s })
	f.outFlag()
}

func runMap(_ context.Context, f *flags, args []string, s streams) error {
	m := &f.mapping
	x, err := m.load(args[0])
	if err != nil {
		return err
	}
	if begin, _, _ := x.Has(); !begin {
		return fmt.Errorf("%s: its struct_ops map has no iomap_begin: there is nothing to ask", args[0])
	}
	r, err := mapping.Walk(x, m.request)
	printed(x.Trace(), s.err)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], advised(err))
	}
	for i := range r.Unchecked {
		r.Unchecked[i].Reason = inFlags.Replace(r.Unchecked[i].Reason)
	}
	write := map[string]func(io.Writer) error{"text": r.WriteText, "json": r.WriteJSON, "svg": r.WriteSVG, "html": r.WriteHTML}[m.format]
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if err := writeOutput(f.out, b.Bytes(), isMapOutput, s); err != nil {
		return err
	}
	if r.Broken() > 0 {
		return errFindings
	}
	return nil
}

// mostPrinted is how many lines of a program are shown: it may print one a call.
const mostPrinted = 100

// printed shows what the program printed with bpf_trace_printk.
func printed(lines []string, w io.Writer) {
	for _, l := range lines[:min(len(lines), mostPrinted)] {
		_, _ = fmt.Fprintln(w, "bpf_trace_printk:", l)
	}
	if n := len(lines) - mostPrinted; n > 0 {
		_, _ = fmt.Fprintf(w, "bpf_trace_printk: %d more lines\n", n)
	}
}

// advised says of an error that asks for an option in Go that a test can set it.
func advised(err error) error {
	if !strings.Contains(err.Error(), "Options.") {
		return err
	}
	return fmt.Errorf("%w\nOptions are those of package bpf/emu: this command has only --revision; call the program from a Go test to set them", err)
}

// inFlags rewords what the validator asks for in Go.
var inFlags = strings.NewReplacer("set FS.Devices", "give --devices", "set FS.UncacheableOps", "give --uncacheable", "set FS.MaxFileSize", "give --max-file-size", "set FS.BlockSize", "give --block-size")

// isMapOutput reports whether text begins as what map writes.
func isMapOutput(text []byte) bool {
	return bytes.HasPrefix(text, []byte("OFFSET ")) || bytes.HasPrefix(text, []byte("<svg ")) || bytes.HasPrefix(text, []byte("<!DOCTYPE html>")) || isSnapshot(text)
}

// load makes an interpreter of an object or a reference program.
func (m *mapOptions) load(object string) (*emu.Iomap, error) {
	opts := emu.IomapOptions{Revision: m.revision}
	name, reference := strings.CutPrefix(object, "program:")
	if !reference {
		if m.params != "" {
			return nil, &usageError{"map", "--params is for reference programs, program:NAME: others take --set and --element"}
		}
		return m.loadObject(object, opts)
	}
	p, ok := programs.ByName(name)
	if !ok {
		var names []string
		for _, p := range programs.All() {
			names = append(names, p.Name())
		}
		return nil, &usageError{"map", fmt.Sprintf("there is no reference program %q: there are %s", name, strings.Join(names, ", "))}
	}
	if len(m.set)+len(m.elements) > 0 {
		return nil, &usageError{"map", "--set and --element are for objects: reference programs take --params"}
	}
	text := []byte(m.params)
	if m.params == "" {
		return nil, &usageError{"map", "--params is missing: a reference program needs its parameters"}
	}
	if !strings.HasPrefix(m.params, "{") {
		var err error
		if text, err = os.ReadFile(m.params); err != nil {
			return nil, fmt.Errorf("--params: %w", err)
		}
	}
	params, err := programs.DecodeParams(p, text)
	if err != nil {
		return nil, err
	}
	return programs.Emulate(params, nil, opts)
}

func (m *mapOptions) loadObject(path string, opts emu.IomapOptions) (*emu.Iomap, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w: give a compiled object, or program:NAME", path, cause(err))
	}
	x, err := emu.LoadIomap(bytes.NewReader(data), opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, advised(err))
	}
	for _, s := range m.set {
		if err := setVariable(x, s); err != nil {
			return nil, fmt.Errorf("%s: --set %s: %w", path, s, err)
		}
	}
	for _, e := range m.elements {
		if err := putElement(x, e); err != nil {
			return nil, fmt.Errorf("%s: --element %s: %w", path, e, err)
		}
	}
	return x, nil
}

// setVariable does what --set says.
func setVariable(x *emu.Iomap, arg string) error {
	name, list, ok := strings.Cut(arg, "=")
	if !ok {
		return errors.New("write NAME=VALUE")
	}
	v, err := x.Variable(name)
	if err != nil {
		return err
	}
	width := v.Size()
	if s := v.Spec(); s.Type != nil {
		if a, ok := btf.UnderlyingType(s.Type.Type).(*btf.Array); ok {
			if width, err = btf.Sizeof(a.Type); err != nil {
				return err
			}
		}
	}
	if width != 1 && width != 2 && width != 4 && width != 8 {
		return fmt.Errorf("the variable has %d bytes and is no number, nor numbers", v.Size())
	}
	values := strings.Split(list, ",")
	if len(values)*width > v.Size() {
		return fmt.Errorf("%d values of %d bytes: the variable has %d", len(values), width, v.Size())
	}
	b := make([]byte, v.Size())
	for i, text := range values {
		n, err := parseBytes(text)
		if err != nil {
			return err
		}
		if width < 8 && n>>(8*width) != 0 && int64(n)>>(8*width-1) != -1 {
			return fmt.Errorf("%s does not fit into %d bytes", text, width)
		}
		putNumber(x.ByteOrder(), b[i*width:][:width], n)
	}
	return v.Set(b)
}

func putNumber(order binary.ByteOrder, b []byte, n uint64) {
	switch len(b) {
	case 1:
		b[0] = byte(n)
	case 2:
		order.PutUint16(b, uint16(n))
	case 4:
		order.PutUint32(b, uint32(n))
	case 8:
		order.PutUint64(b, n)
	}
}

// putElement does what --element says.
func putElement(x *emu.Iomap, arg string) error {
	name, rest, ok := strings.Cut(arg, ":")
	key, value, ok2 := strings.Cut(rest, "=")
	if !ok || !ok2 {
		return errors.New("write MAP:KEY=VALUE")
	}
	m, err := x.Map(name)
	if err != nil {
		return err
	}
	k, err := hex.DecodeString(key)
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	v, err := hex.DecodeString(value)
	if err != nil {
		return fmt.Errorf("value: %w", err)
	}
	return m.Update(k, v)
}

// parseBytes reads a number with an optional unit, K, M, G or T.
func parseBytes(s string) (uint64, error) {
	shift := 0
	text := s
	if !strings.HasPrefix(s, "0x") {
		for i, unit := range []string{"K", "M", "G", "T"} {
			if t, ok := strings.CutSuffix(s, unit); ok {
				text, shift = t, 10*(i+1)
			}
		}
	}
	if strings.HasPrefix(text, "-") {
		n, err := strconv.ParseInt(text, 0, 64)
		if err != nil || shift > 0 {
			return 0, fmt.Errorf("%q is no number", s)
		}
		return uint64(n), nil
	}
	n, err := strconv.ParseUint(text, 0, 64)
	if err != nil || n<<shift>>shift != n {
		return 0, fmt.Errorf("%q is no number of bytes", s)
	}
	return n << shift, nil
}

// parseOp reads operation flags by their names without FUSE_IOMAP_OP_, or as a
// number.
func parseOp(s string) (abi.IomapOpFlags, error) {
	if n, err := strconv.ParseUint(s, 0, 32); err == nil {
		return abi.IomapOpFlags(n), nil
	}
	var all abi.IomapOpFlags
	for name := range strings.SplitSeq(s, "|") {
		found := false
		var names []string
		for bit := range 32 {
			op := abi.IomapOpFlags(1) << bit
			if text := op.String(); !strings.HasPrefix(text, "0x") {
				names = append(names, text)
				if strings.EqualFold(text, name) {
					all, found = all|op, true
				}
			}
		}
		if !found {
			return 0, fmt.Errorf("%q is no operation flag: there are %s, joined by |", name, strings.Join(names, ", "))
		}
	}
	return all, nil
}
