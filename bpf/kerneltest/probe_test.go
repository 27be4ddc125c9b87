// SPDX-License-Identifier: MIT

//go:build linux

package kerneltest

import (
	"runtime"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/bpf"
	"github.com/fuseiomap/abigen/internal/testmod"
)

// Linux 6.12 passes the 7th and the 8th argument wrongly on x86-64.
func TestEightArgumentsArriveButOnKernelsKnownNotTo(t *testing.T) {
	d := needModule(t)
	p, err := d.EightArguments()
	if err != nil {
		t.Fatal(err)
	}
	want := testmod.Right
	if runtime.GOARCH == "amd64" && strings.HasPrefix(release(), "6.12.") {
		want = testmod.Wrong
	}
	if p.Arrival != want {
		t.Errorf("eight arguments are %v on %s, not %v", p.Arrival, release(), want)
	}
	// What the attach API finds out without calling anything.
	if got, want := bpf.EightArguments(t.Context()), map[testmod.Arrival]bpf.Answer{testmod.Right: bpf.Yes, testmod.Wrong: bpf.No}[want]; got.Right != want {
		t.Errorf("bpf.EightArguments says %v, because %s: the probe says %v", got.Right, got.Evidence, want)
	}
	t.Logf("given %#x\n got  %#x", p.Given, p.Got)
	for i := range 6 {
		if p.Got[i] != p.Given[i] {
			t.Errorf("argument %d arrives as %#x, not %#x", i+1, p.Got[i], p.Given[i])
		}
	}
}
