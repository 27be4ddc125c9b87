// SPDX-License-Identifier: MIT

package bpf

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// trampoline is code as the JIT for x86-64 writes it: a frame, six arguments in
// registers, two on the stack that are taken from the given bytes above the frame
// pointer.
func trampolineCode(stackSize byte, from ...byte) []byte {
	code := []byte{
		0xf3, 0x0f, 0x1e, 0xfa, // endbr64
		0x55,             // push rbp
		0x48, 0x89, 0xe5, // mov rbp, rsp
		0x48, 0x83, 0xec, stackSize, // sub rsp, n
		0x48, 0x89, 0x5d, 0xa0, // mov [rbp-96], rbx
		0xb8, 8, 0, 0, 0, // mov eax, 8
		0x48, 0x89, 0x45, 0xb8, // mov [rbp-72], rax
		0x48, 0x89, 0x7d, 0xc0, // mov [rbp-64], rdi
		0x48, 0x89, 0x75, 0xc8, // mov [rbp-56], rsi
		0x48, 0x89, 0x55, 0xd0, // mov [rbp-48], rdx
		0x48, 0x89, 0x4d, 0xd8, // mov [rbp-40], rcx
		0x4c, 0x89, 0x45, 0xe0, // mov [rbp-32], r8
		0x4c, 0x89, 0x4d, 0xe8, // mov [rbp-24], r9
	}
	for i, at := range from {
		code = append(code, 0x48, 0x8b, 0x45, at) // mov rax, [rbp+n]
		code = append(code, 0x48, 0x89, 0x45, 0xf0+byte(8*i))
	}
	return append(code, 0xc9, 0xc3) // leave; ret
}

func TestStackArgumentsAreFoundInTheCode(t *testing.T) {
	for _, test := range []struct {
		name string
		code []byte
		want int
		err  string
	}{
		{"right", trampolineCode(0x60, 16, 24), 16, ""},
		{"8 bytes off", trampolineCode(0x60, 24, 32), 24, ""},
		{"behind padding", append(slices.Repeat([]byte{0x90}, 16), trampolineCode(0x60, 16, 24)...), 16, ""},
		{"six arguments", trampolineCode(0x60), 0, "no argument from the stack"},
		{"seven arguments", trampolineCode(0x60, 16), 0, "from byte 16 and 0"},
		{"elsewhere", trampolineCode(0x60, 40, 48), 0, "from byte 40 and 48"},
		{"apart", trampolineCode(0x60, 16, 32), 0, "from byte 16 and 32"},
		{"no frame", slices.Repeat([]byte{0x90}, 64), 0, "sets up no frame"},
		{"nothing", nil, 0, "sets up no frame"},
		{"cut off", trampolineCode(0x60, 16, 24)[:50], 0, "no argument from the stack"},
	} {
		got, err := stackArguments(test.code)
		if got != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: %d, %v, want %d, %q", test.name, got, err, test.want, test.err)
		}
	}
}

// A compiler may also store to a frame that is larger than a byte says.
func TestStackArgumentsOfALargeFrame(t *testing.T) {
	code := []byte{0x55, 0x48, 0x89, 0xe5}
	for _, at := range []byte{16, 24} {
		code = append(code, 0x48, 0x8b, 0x45, at, 0x48, 0x89, 0x85, at, 0xff, 0xff, 0xff)
	}
	if got, err := stackArguments(code); got != 16 || err != nil {
		t.Errorf("%d, %v", got, err)
	}
}

func TestEightArgumentsByReleaseAndArchitecture(t *testing.T) {
	for _, test := range []struct {
		goarch, release string
		want            Answer
	}{
		{"amd64", "6.12.9-amd64", No},
		{"amd64", "6.9.0", No},
		{"amd64", "6.18.44", Unknown},
		{"amd64", "7.2.0", Unknown},
		{"amd64", "7.3.4+deb14-cloud-amd64", Yes},
		{"amd64", "7.3-rc1", Yes},
		{"amd64", "8.0.0", Yes},
		{"amd64", "", Unknown},
		{"arm64", "6.12.9", Yes},
		{"riscv64", "6.12.9", Yes},
		{"s390x", "7.3.4", Unknown},
	} {
		got := expected(test.goarch, test.release)
		if got.Right != test.want || got.Evidence == "" {
			t.Errorf("%s %s: %+v, want %v", test.goarch, test.release, got, test.want)
		}
	}
}

// A callback that would get wrong arguments is refused, or left out where that is
// allowed. Nothing is known of a type that the running kernel does not have, so
// what it found is set.
func TestCallbackWithEightArgumentsIsRefusedOrLeftOut(t *testing.T) {
	if argumentRegisters["amd64"] != 6 {
		t.Fatal("the table of registers has changed")
	}
	restore := setTrampoline(Trampoline{No, "a test says so"})
	defer restore()
	k := fixtureType(t, "R2")
	o := testObject(t, "ioend")
	v := only(t, o)
	_, err := k.omissionsOn(t.Context(), "amd64", o.name, v, Options{})
	if !errors.Is(err, ErrEightArguments) {
		t.Fatalf("%v, want %v", err, ErrEightArguments)
	}
	for _, want := range []string{"ioend.o", "a test says so", "Options.AllowPartial"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("it does not say %q: %v", want, err)
		}
	}
	omit, err := k.omissionsOn(t.Context(), "amd64", o.name, v, Options{AllowPartial: true})
	if err != nil || !slices.Equal(omit, []string{"iomap_ioend"}) {
		t.Errorf("%v, %v", omit, err)
	}
	// In registers nothing can go wrong, and five arguments always are.
	if omit, err := k.omissionsOn(t.Context(), "arm64", o.name, v, Options{}); err != nil || omit != nil {
		t.Errorf("arm64: %v, %v", omit, err)
	}
	five := testObject(t, "r2")
	if omit, err := k.omissionsOn(t.Context(), "amd64", five.name, only(t, five), Options{}); err != nil || omit != nil {
		t.Errorf("five arguments: %v, %v", omit, err)
	}
	setTrampoline(Trampoline{Yes, "a test says so"})
	if omit, err := k.omissionsOn(t.Context(), "amd64", o.name, v, Options{}); err != nil || omit != nil {
		t.Errorf("a kernel that is right: %v, %v", omit, err)
	}
}

// setTrampoline sets what reading the kernel's code is taken to have shown, and
// returns what undoes it.
func setTrampoline(t Trampoline) (restore func()) {
	read.Lock()
	defer read.Unlock()
	old := read.trampoline
	read.trampoline = t
	return func() {
		read.Lock()
		defer read.Unlock()
		read.trampoline = old
	}
}
