// SPDX-License-Identifier: MIT

package bpf

import (
	"bytes"
	"fmt"
	"os"
	"time"
)

// Statistics are what the kernel counted of the calls of an Ops.
type Statistics struct {
	// Enabled tells whether the sysctl kernel.bpf_stats_enabled is on. Counting
	// can also have been switched on for a while by another process, with
	// BPF_ENABLE_STATS, which does not show here.
	Enabled bool
	// Callbacks are those of the Ops that have a program, in the order of the
	// kernel's struct.
	Callbacks []CallbackStatistics
}

// CallbackStatistics are those of one callback since it was loaded, as far as
// the kernel counted.
type CallbackStatistics struct {
	Callback string        // the member, such as iomap_begin
	Program  string        // the function in the object
	Calls    uint64        // that were counted
	Time     time.Duration // in all calls together
	// Missed are calls the kernel left out because the program was already
	// running on the processor.
	Missed uint64
}

const statsEnabled = "/proc/sys/kernel/bpf_stats_enabled"

// Statistics are what the kernel counted. It counts only while the sysctl
// kernel.bpf_stats_enabled is on, which is never changed here.
func (o *Ops) Statistics() (Statistics, error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if o.closed {
		return Statistics{}, fmt.Errorf("bpf: %s: %w", o.name, ErrClosed)
	}
	on, err := os.ReadFile(statsEnabled)
	if err != nil {
		return Statistics{}, fmt.Errorf("bpf: %w", err)
	}
	s := Statistics{Enabled: string(bytes.TrimSpace(on)) != "0"}
	for _, member := range o.callbacks {
		function := o.variable.Programs[member]
		p := o.coll.Programs[function]
		if p == nil {
			continue
		}
		stats, err := p.Stats()
		if err != nil {
			return Statistics{}, fmt.Errorf("bpf: %s: %s: %w", o.name, function, err)
		}
		s.Callbacks = append(s.Callbacks, CallbackStatistics{
			Callback: member, Program: function,
			Calls: stats.RunCount, Time: stats.Runtime, Missed: stats.RecursionMisses,
		})
	}
	return s, nil
}
