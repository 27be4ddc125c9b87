// SPDX-License-Identifier: MIT

//go:build !linux

package main

import "time"

// threadTime is the time that has passed, where the system does not tell what a
// thread has had of it.
func threadTime() time.Duration { return wallTime() }
