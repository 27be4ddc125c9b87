// SPDX-License-Identifier: MIT

package btfsrc

import (
	"os"
	"regexp"
	"testing"
)

// BenchmarkOneTypeOfVmlinux is what a comparison of one struct_ops type costs
// on the side of a kernel: compare with
// "bpftool btf dump file /sys/kernel/btf/vmlinux format c".
func BenchmarkOneTypeOfVmlinux(b *testing.B) {
	raw, err := os.ReadFile(kernelBTF + "/vmlinux")
	if err != nil {
		b.Skip("no BTF of the running kernel")
	}
	keep := regexp.MustCompile(`^tcp_congestion_ops$`).MatchString
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := Read("vmlinux", raw, Options{Keep: keep}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAllOfVmlinux lowers everything.
func BenchmarkAllOfVmlinux(b *testing.B) {
	raw, err := os.ReadFile(kernelBTF + "/vmlinux")
	if err != nil {
		b.Skip("no BTF of the running kernel")
	}
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := Read("vmlinux", raw, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
