// SPDX-License-Identifier: MIT

//go:build linux

package kerneltest

import (
	"os"
	"testing"
)

// As the first process of a kernel the binary is init, and runs itself for each
// revision. As the server of a test it attaches. Otherwise it runs the tests.
func TestMain(m *testing.M) {
	if os.Getpid() == 1 {
		os.Exit(initMain()) // does not come back
	}
	if os.Getenv(serverVariable) != "" {
		os.Exit(serverMain())
	}
	os.Exit(m.Run())
}
