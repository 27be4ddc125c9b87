// SPDX-License-Identifier: MIT

//go:build linux

package kerneltest

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// command runs abigen, which the machine of make kernel has in /bin, and make
// kernel-here names in the environment. Its exit status is 0, or 100 where it
// found something.
func command(t *testing.T, args ...string) string {
	t.Helper()
	abigen := os.Getenv("ABIGEN")
	if abigen == "" {
		abigen = "/bin/abigen"
	}
	if _, err := os.Stat(abigen); err != nil {
		t.Skip("running kernel: no abigen to run on it: ABIGEN names one, make kernel-here builds it")
	}
	cmd := exec.Command(abigen, args...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 100) {
		t.Fatalf("abigen %s: %v\n%s%s", strings.Join(args, " "), err, out, said.String())
	}
	return string(out)
}

// The revision of the running kernel is recognised from its BTF, of which the
// module's is split: 7.3's is relative to what the module carries of the kernel's.
func TestCheckNamesTheRevisionOfTheKernel(t *testing.T) {
	d := needModule(t)
	want := revision(t, d)
	out := command(t, "check", "btf:kernel")
	for line := range strings.Lines(out) {
		if !strings.Contains(line, "btf:kernel") {
			continue
		}
		// R2 and R3 are used as they are by what was compiled for R2, R4 may not be.
		verdict := map[string]string{"R2": "R2, compatible", "R3": "R3, compatible", "R4": "R4, at risk"}[want]
		if !strings.Contains(line, " "+verdict) {
			t.Errorf("the kernel is %s, and abigen check says\n%s", want, out)
		}
		return
	}
	t.Errorf("abigen check has no line about the kernel:\n%s", out)
}
