// SPDX-License-Identifier: MIT

//go:build linux

package kerneltest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf"
	"github.com/fuseiomap/abigen/bpf/programs"
	golden "github.com/fuseiomap/abigen/golden/programs"
	"github.com/fuseiomap/abigen/internal/jit"
	"github.com/fuseiomap/abigen/internal/testmod"
)

// This needs no module: on a kernel of one's own, which has the type, it is what
// can be said of the programs without a mount.
func TestProgramsPassTheVerifier(t *testing.T) {
	needType(t)
	f := fuseDevice(t)
	for _, p := range programs.All() {
		t.Run(p.Name(), func(t *testing.T) {
			sc, err := golden.Read(p)
			if err != nil {
				t.Fatal(err)
			}
			params, err := programs.DecodeParams(p, []byte(strings.TrimPrefix(sc.Steps[0].Command, "params ")))
			if err != nil {
				t.Fatal(err)
			}
			ops, err := programs.Load(t.Context(), params, bpf.Options{Device: int(f.Fd()), AllowPartial: true})
			if err != nil {
				t.Fatal(err)
			}
			if err := ops.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Every reference program is verified as a struct_ops program, attached, and
// answers what is pinned. There are two exceptions. Where the kernel passes eight
// arguments wrongly a program with an iomap_ioend is refused, and loaded without
// it: then the kernel would ask the server, and what the program remembers is held
// against the interpreter, which has not been called either. Revision 2 has no
// mapping cache, so "cached" enters nothing.
func TestProgramsAnswerAsPinnedThroughStructOps(t *testing.T) {
	d := needModule(t)
	rev := revision(t, d)
	for _, p := range programs.All() {
		t.Run(p.Name(), func(t *testing.T) {
			release, err := jit.OneCPU()
			if err != nil {
				t.Fatal(err)
			}
			defer release()
			sc, err := golden.Read(p)
			if err != nil {
				t.Fatal(err)
			}
			r := replay{
				call:     caller(t, d, fuseDevice(t)),
				emulator: golden.NewSession(p, golden.Emulated(binary.NativeEndian, rev)),
			}
			r.kernel = golden.NewSession(p, r.load)
			defer r.kernel.Close()
			info, err := d.Info()
			if err != nil {
				t.Fatal(err)
			}
			r.ioend = info.Eight == testmod.Right || !hasIoend(t, p)
			r.caches = rev != "R2"
			r.run(t, sc)
		})
	}
}

type replay struct {
	call             *testmod.Caller
	kernel, emulator *golden.Session
	ioend, caches    bool
	leftOut          bool // an iomap_ioend was, since the program was loaded
}

func (r *replay) run(t *testing.T, sc golden.Script) {
	compared, leftOut := 0, 0
	for _, st := range sc.Steps {
		want := st.Want
		if !r.caches {
			want = golden.WithoutCache(want)
		}
		if st.Verb() == "params" {
			r.leftOut = false
		}
		got, err := r.kernel.Run(st.Command)
		if st.Verb() == "ioend" && !r.ioend {
			if err != nil || !slices.Equal(got, []string{"fallback"}) {
				t.Fatalf("%s:%d: %s: iomap_ioend is left out and gives %q, %v", sc.Name, st.Line, st.Command, got, err)
			}
			r.leftOut = true
			leftOut++
			continue
		}
		if err != nil {
			t.Fatalf("%s:%d: %s: %v", sc.Name, st.Line, st.Command, err)
		}
		if !r.ioend {
			emulated, err := r.emulator.Run(st.Command)
			if err != nil {
				t.Fatalf("%s:%d: %s: in the interpreter: %v", sc.Name, st.Line, st.Command, err)
			}
			if r.leftOut && st.Verb() == "contents" {
				want = emulated
			}
		}
		compared++
		if !slices.Equal(got, want) {
			t.Errorf("%s:%d: %s: pinned (-) and given now (+) differ:\n%s", sc.Name, st.Line, st.Command, cmp.Diff(want, got))
		}
	}
	t.Logf("%d commands as pinned, %d calls of iomap_ioend left to the server", compared, leftOut)
}

// hasIoend tells whether a program has an iomap_ioend at all.
func hasIoend(t *testing.T, p programs.Program) bool {
	t.Helper()
	spec, err := p.Spec(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, prog := range spec.Programs {
		if strings.HasSuffix(prog.AttachTo, ":iomap_ioend") {
			return true
		}
	}
	return false
}

// load loads the program, attaches it to the FUSE device file, and has the device
// call it. Where eight arguments do not arrive it is refused first.
func (r *replay) load(params programs.Params, upsert func(uint64, abi.IomapIO, abi.IomapIO)) (_ golden.Loaded, err error) {
	ctx := context.Background()
	opts := bpf.Options{Device: r.call.FD}
	if !r.ioend {
		if ops, err := programs.Load(ctx, params, opts); !errors.Is(err, bpf.ErrEightArguments) {
			if err == nil {
				_ = ops.Close()
				err = errors.New("no error")
			}
			return golden.Loaded{}, fmt.Errorf("eight arguments do not arrive here, and loading %s gives %w", params.Program().Name(), err)
		}
		opts.AllowPartial = true
	}
	ops, err := programs.Load(ctx, params, opts)
	if err != nil {
		return golden.Loaded{}, err
	}
	if omitted := len(ops.Omitted()) > 0; omitted == r.ioend {
		_ = ops.Close()
		return golden.Loaded{}, fmt.Errorf("left out: %q", ops.Omitted())
	}
	link, err := ops.Attach(ctx)
	if err != nil {
		_ = ops.Close()
		return golden.Loaded{}, err
	}
	call := *r.call
	call.Kfunc = func(k testmod.KfuncCall) {
		if k.Kfunc == testmod.Upsert && k.Read != nil && k.Write != nil {
			upsert(k.NodeID, *k.Read, *k.Write)
		} else {
			upsert(k.NodeID, abi.IomapIO{}, abi.IomapIO{}) // no program does that, so nothing like it is pinned
		}
	}
	maps := ops.Collection().Maps
	return golden.Loaded{
		Caller: &call, Store: programs.InKernel(ops.Collection(), ops.Spec()),
		Contents: func() ([]jit.Element, error) { return jit.InKernel(maps) },
		Records: func(ring string) ([][]byte, error) {
			if maps[ring] == nil {
				return nil, fmt.Errorf("no map %q", ring)
			}
			return jit.RecordsIn(maps[ring])
		},
		Close: func() { _ = link.Close() },
	}, nil
}
