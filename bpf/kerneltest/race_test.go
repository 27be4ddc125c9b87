// SPDX-License-Identifier: MIT

//go:build linux

package kerneltest

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/testmod"
)

// racing is for each revision on each kernel: a minute for the six of make
// kernel.
var racing = flag.Duration("racing", 10*time.Second, "how long to attach, detach and call at the same time")

// file is what the programs of these tests know: a run of bytes on a device that
// says which program has answered.
func file(device uint32) programs.LinearParams {
	return programs.LinearParams{Files: []programs.LinearFile{{Inode: 5, Addr: 1 << 20, Length: 1 << 20, Device: device}}}
}

// Two fight for one connection, a third replaces, all of them while it is
// called. A call is answered by one of them, or
// finds nothing attached. The kernel must not complain, which the console tells,
// and nothing may be left behind.
func TestAttachDetachAndCallsRace(t *testing.T) {
	d := needModule(t)
	f := fuseDevice(t)
	caller(t, d, f)
	ctx := t.Context()
	load := func(device uint32) (*bpf.Ops, error) {
		return programs.Load(ctx, file(device), bpf.Options{Device: int(f.Fd())})
	}
	// What a process keeps from its first load on is no leak.
	first, err := load(1)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	before := held(t)

	const seed = 6
	var attached, busy, answered, unanswered, replaced atomic.Int64
	end := time.Now().Add(*racing)
	var all sync.WaitGroup
	run := func(what string, step func(r *rand.Rand) error) {
		r := rand.New(rand.NewPCG(seed, uint64(len(what))))
		all.Go(func() {
			for time.Now().Before(end) {
				if err := step(r); err != nil {
					t.Errorf("%s: %v", what, err)
					return
				}
			}
		})
	}
	fight := func(device uint32, r *rand.Rand) error {
		ops, err := load(device)
		if err != nil {
			return err
		}
		for range 1 + r.IntN(20) {
			l, err := ops.Attach(ctx)
			if errors.Is(err, bpf.ErrBusy) {
				busy.Add(1)
				continue
			}
			if err != nil {
				return errors.Join(err, ops.Close())
			}
			attached.Add(1)
			time.Sleep(time.Duration(r.IntN(2000)) * time.Microsecond)
			if err := l.Detach(); err != nil {
				return errors.Join(err, l.Close(), ops.Close())
			}
		}
		return ops.Close()
	}
	run("one", func(r *rand.Rand) error { return fight(1, r) })
	run("another", func(r *rand.Rand) error { return fight(2, r) })
	run("replaces", func(r *rand.Rand) error {
		old, err := load(3)
		if err != nil {
			return err
		}
		l, err := old.Attach(ctx)
		if errors.Is(err, bpf.ErrBusy) {
			busy.Add(1)
			return old.Close()
		}
		if err != nil {
			return errors.Join(err, old.Close())
		}
		next, err := load(4)
		if err != nil {
			return errors.Join(err, l.Close(), old.Close())
		}
		err = l.Replace(ctx, next)
		if err == nil {
			replaced.Add(1)
		} else if errors.Is(err, bpf.ErrBusy) {
			busy.Add(1)
			err = nil
		}
		return errors.Join(err, l.Close(), next.Close(), old.Close())
	})
	for n := range 2 {
		c := testmod.Caller{Device: d, FD: int(f.Fd()), Hold: time.Duration(n) * time.Millisecond}
		run(fmt.Sprintf("caller %d", n), func(*rand.Rand) error {
			out, ret, err := c.Begin(5, abi.IomapBeginIn{Pos: 4096, Count: 4096})
			switch {
			case errors.Is(err, unix.ENOLINK):
				unanswered.Add(1)
				return nil
			case err != nil:
				return err
			case ret != abi.FIB_HANDLED || out.Read.Dev < 1 || out.Read.Dev > 4 || out.Read.Addr != 1<<20:
				return fmt.Errorf("answered %v %+v", ret, out.Read)
			}
			answered.Add(1)
			return nil
		})
	}
	all.Wait()
	t.Logf("seed %d: attached %d times, %d times busy, %d replaced, %d calls answered, %d found nothing attached",
		seed, attached.Load(), busy.Load(), replaced.Load(), answered.Load(), unanswered.Load())
	if attached.Load() == 0 || answered.Load() == 0 || unanswered.Load() == 0 {
		t.Error("too little happened for this to say anything")
	}
	noLeak(t, before)
	info, err := d.Info()
	if err != nil {
		t.Fatal(err)
	}
	if info.Attached != 0 || info.InFlight != 0 {
		t.Errorf("%d attached and %d calls in flight afterwards", info.Attached, info.InFlight)
	}
}
