// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// leastUpcallRounds is what bench/upcall takes.
const leastUpcallRounds = 10

func upcallRows() []Row {
	const how = "bench/upcall, a module of its own for its FUSE library, measures everything in one run in turn; its package comment has the method. A request is an upcall through a real mount to go-fuse in another process, timed one by one; the figure of a round is the median of a thousand. No released kernel sends FUSE_IOMAP_BEGIN, so FUSE_LSEEK, which is nearest in what it carries and is never cached, stands for it, and FUSE_GETATTR and FUSE_READ of a page are beside it. The server without a library is a loop of read and write: the limit of what any server can do. Where a processor has nothing else to do it sleeps between requests, and waking it, above all in a virtual machine, is most of an upcall: on a busy one an upcall took 12 to 17 µs, and linear was 160 to 200 times as fast. " + howKernel
	var all []Row
	for _, r := range []struct {
		id, title, ours, peer string
		name, than            string // as bench/upcall has them
		wanted                float64
		front                 bool
	}{
		{"linear", "where a file's bytes are: one run", "linear", "FUSE_LSEEK, go-fuse", "bpf-linear", "upcall-lseek", 150, true},
		{"stripe", "where a file's bytes are: RAID0 of 4 devices", "stripe", "FUSE_LSEEK, go-fuse", "bpf-stripe", "upcall-lseek", 100, true},
		{"empty", "the limit of a program", "an empty program", "FUSE_LSEEK, go-fuse", "bpf-empty", "upcall-lseek", 0, false},
		{"linear-bare", "the limit of a server", "linear", "FUSE_LSEEK, no library", "bpf-linear", "upcall-lseek-bare", 0, false},
		{"stripe-bare", "the limit of a server", "stripe", "FUSE_LSEEK, no library", "bpf-stripe", "upcall-lseek-bare", 0, false},
		{"linear-fstat", "a smaller request", "linear", "FUSE_GETATTR, go-fuse", "bpf-linear", "upcall-fstat", 0, false},
		{"linear-read", "the data through the server", "linear", "FUSE_READ of 4 KiB, go-fuse", "bpf-linear", "upcall-read", 0, false},
	} {
		all = append(all, Row{
			ID: "upcall/" + r.id, Title: r.title, Ours: r.ours, Peer: r.peer, Unit: "ns", Wanted: r.wanted, How: how, Front: r.front,
			Measure: func(b *Bench, rounds int) (Samples, error) { return b.upcall(rounds, r.name, r.than) },
		})
	}
	return all
}

// upcallReport is what of the JSON of bench/upcall is used here.
type upcallReport struct {
	Not    string `json:"not_measured"`
	FUSE   string `json:"go_fuse"`
	Rounds int    `json:"rounds"`
	Calls  int    `json:"calls"`
	Rows   []struct {
		Name    string    `json:"name"`
		Samples []float64 `json:"samples"`
	} `json:"rows"`
}

// samples finds a row's.
func (r *upcallReport) samples(name string) ([]float64, error) {
	for _, row := range r.Rows {
		if row.Name == name && len(row.Samples) == r.Rounds && r.Rounds > 0 {
			return row.Samples, nil
		}
	}
	return nil, fmt.Errorf("bench/upcall: no %d samples of %s in its output", r.Rounds, name)
}

func (b *Bench) upcall(rounds int, name, than string) (Samples, error) {
	if b.upcalls == nil {
		r, err := b.runUpcall(max(rounds, leastUpcallRounds))
		if err != nil {
			return Samples{}, err
		}
		b.upcalls = r
	}
	r := b.upcalls
	if r.Not != "" {
		return Samples{}, missing{r.Not}
	}
	ours, err := r.samples(name)
	if err != nil {
		return Samples{}, err
	}
	theirs, err := r.samples(than)
	if err != nil {
		return Samples{}, err
	}
	return Samples{Ours: ours, Peer: theirs}, nil
}

// runUpcall builds and runs bench/upcall. Where its modules cannot be had it is
// missing, as other peers are.
func (b *Bench) runUpcall(rounds int) (*upcallReport, error) {
	root, err := b.root()
	if err != nil {
		return nil, err
	}
	bin := filepath.Join(b.Dir, "upcall")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", bin, ".")
	build.Dir = filepath.Join(root, "bench", "upcall")
	if out, err := build.CombinedOutput(); err != nil {
		return &upcallReport{Not: fmt.Sprintf("bench/upcall is not built: %v: %s", err, firstLine(string(out)))}, nil
	}
	cmd := exec.Command(bin, "-json", "-rounds", strconv.Itoa(rounds))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("bench/upcall: %w", err)
	}
	r := new(upcallReport)
	if err := json.Unmarshal(out, r); err != nil {
		return nil, fmt.Errorf("bench/upcall: %w", err)
	}
	return r, nil
}
