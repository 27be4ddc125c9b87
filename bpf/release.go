// SPDX-License-Identifier: MIT

package bpf

import (
	"os"
	"strings"
)

// kernelRelease is that of the running kernel, such as "6.12.9-amd64".
func kernelRelease() string {
	b, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
