// SPDX-License-Identifier: MIT

package programs_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/bpf"
	"github.com/fuseiomap/abigen/bpf/programs"
)

func TestAttachRefusesParametersFirst(t *testing.T) {
	var wrong *programs.ParamError
	if _, err := programs.Attach(t.Context(), -1, programs.StripeParams{}, bpf.Options{}); !errors.As(err, &wrong) {
		t.Errorf("%v", err)
	}
}

func TestAttachTakesTheDescriptorItIsGiven(t *testing.T) {
	params := programs.PatternParams{Device: 1}
	_, err := programs.Attach(t.Context(), -1, params, bpf.Options{Device: 3})
	if !errors.Is(err, bpf.ErrBadFD) || !strings.HasPrefix(err.Error(), "programs: pattern: bpf: ") {
		t.Errorf("%v", err)
	}
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := programs.Attach(t.Context(), int(f.Fd()), params, bpf.Options{}); !errors.Is(err, bpf.ErrNotFUSE) {
		t.Errorf("%v", err)
	}
}

// Every program is one that Attach can load: its object has one ops variable, whose
// name the kernel takes, and fits every revision from 2 on.
func TestEveryProgramFitsTheRevisionsItIsFor(t *testing.T) {
	f, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("running kernel: %v", err)
	}
	defer func() { _ = f.Close() }()
	stripe := programs.StripeParams{ChunkSize: 4096, Devices: []uint32{1}}
	for _, p := range []programs.Params{
		programs.LinearParams{}, stripe, programs.InterleaveParams{}, programs.ExtentsParams{}, programs.PatternParams{Device: 1},
		programs.AppendParams{}, programs.ObserveParams{}, programs.CachedParams{StripeParams: stripe},
	} {
		for _, revision := range []string{"R1", "R2", "R3", "R4"} {
			ops, err := programs.Load(t.Context(), p, bpf.Options{Device: int(f.Fd()), KernelBTF: "embedded:kernel-" + revision})
			switch {
			case revision == "R1" && !errors.Is(err, bpf.ErrIncompatible):
				t.Errorf("%s on R1: %v", p.Program().Name(), err)
			case revision != "R1" && err != nil && !errors.Is(err, bpf.ErrNoType) && !errors.Is(err, bpf.ErrPermission) && !errors.Is(err, bpf.ErrNoBTF):
				t.Errorf("%s on %s: %v", p.Program().Name(), revision, err)
			}
			if ops != nil {
				_ = ops.Close()
			}
		}
	}
}
