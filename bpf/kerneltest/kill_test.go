// SPDX-License-Identifier: MIT

//go:build linux

package kerneltest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/testmod"
)

// serverVariable makes the test binary a server: it attaches to descriptor 3, the
// FUSE device, says so, and calls its own program until it is killed.
const serverVariable = "ABIGEN_KERNELTEST_SERVER"

const attachedLine = "attached"

func serverMain() int {
	fail := func(err error) int {
		fmt.Println(err)
		return 1
	}
	ctx := context.Background()
	ops, err := programs.Load(ctx, file(1), bpf.Options{Device: 3})
	if err != nil {
		return fail(err)
	}
	if _, err := ops.Attach(ctx); err != nil {
		return fail(err)
	}
	d, err := testmod.Open()
	if err != nil {
		return fail(err)
	}
	fmt.Println(attachedLine)
	c := testmod.Caller{Device: d, FD: 3}
	for {
		if _, _, err := c.Begin(5, abi.IomapBeginIn{Count: 4096}); err != nil {
			return fail(err)
		}
	}
}

// A server is killed while an application's call is on its way to its program.
// The call is answered, because detaching waits for it, and after that nothing is
// attached, and nothing is left.
func TestAKilledServerLeavesNothingAttached(t *testing.T) {
	d := needModule(t)
	f := fuseDevice(t)
	info := func() testmod.Info {
		i, err := d.Info()
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	// What a process keeps from its first load on is no leak.
	own, err := programs.Load(t.Context(), file(2), bpf.Options{Device: int(f.Fd())})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = own.Close() })
	before := held(t)

	server := exec.Command("/proc/self/exe")
	server.Env = append(os.Environ(), serverVariable+"=1")
	server.ExtraFiles = []*os.File{f}
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if strings.TrimSpace(line) != attachedLine {
		_ = server.Process.Kill()
		t.Fatalf("the server says %q, %v", line, err)
	}

	type answer struct {
		out abi.IomapBeginOut
		ret abi.IomapBPFRet
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		c := testmod.Caller{Device: d, FD: int(f.Fd()), Hold: 5 * time.Second}
		var a answer
		a.out, a.ret, a.err = c.Begin(5, abi.IomapBeginIn{Pos: 8192, Count: 4096})
		answers <- a
	}()
	// The server's own calls come and go, the application's stays.
	for stays := 0; stays < 25; time.Sleep(5 * time.Millisecond) {
		if info().InFlight > 0 {
			stays++
		} else {
			stays = 0
		}
		if len(answers) > 0 {
			t.Fatalf("the call did not stay: %+v", <-answers)
		}
	}
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = server.Wait() // it was killed
	a := <-answers
	if a.err != nil || a.ret != abi.FIB_HANDLED || a.out.Read.Dev != 1 {
		t.Errorf("the call in flight gave %v %+v, %v", a.ret, a.out.Read, a.err)
	}
	for n := 0; info().Attached != 0; n++ {
		if n == 600 {
			t.Fatal("still attached")
		}
		time.Sleep(50 * time.Millisecond)
	}
	noLeak(t, before)

	l, err := own.Attach(t.Context())
	if err != nil {
		t.Fatalf("the connection cannot be attached to again: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
