// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// The test binary is the command, too, for the servers that it starts.
func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

func TestEveryRowIsMeasuredInEveryRound(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if status := run(t.Context(), []string{"-rounds", "10", "-calls", "50", "-json"}, nil, &stdout, &stderr); status != 0 {
		t.Fatalf("exit status %d: %s", status, stderr.String())
	}
	var r Report
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if r.Not != "" {
		t.Skip(r.Not)
	}
	if r.Schema != schema || r.Kernel == "" || r.CPUs < 1 || r.Go == "" || r.Rounds != 10 || r.Calls != 50 {
		t.Errorf("the head is %+v", r)
	}
	samples := map[string][]float64{}
	for _, row := range r.Rows {
		samples[row.Name] = row.Samples
		if len(row.Samples) != 10 {
			t.Errorf("%s: %d samples, want 10", row.Name, len(row.Samples))
		}
		if !(0 < row.Low && row.Low <= row.Median && row.Median <= row.High) {
			t.Errorf("%s: %+v", row.Name, row.Spread)
		}
	}
	for _, name := range []string{rowLseek, rowFstat, rowRead, rowBare, rowLinear, rowStripe, rowEmpty} {
		if samples[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
	for _, x := range r.Times {
		var quotients []float64
		for i := range samples[x.Than] {
			quotients = append(quotients, samples[x.Than][i]/samples[x.Cheaper][i])
		}
		if got := spread(quotients); got != x.Spread {
			t.Errorf("%s than %s: %+v, the samples say %+v", x.Cheaper, x.Than, x.Spread, got)
		}
	}
	if b, err := os.ReadFile("/proc/self/mounts"); err != nil || strings.Contains(string(b), " fuse.upcall ") {
		t.Errorf("a mount was left behind, %v:\n%s", err, b)
	}
}

func TestCallThatIsNoUpcallIsNoticed(t *testing.T) {
	if err := available(); err != nil {
		t.Skip(err)
	}
	for _, kind := range []string{goFUSE, bare} {
		for _, extra := range []uint64{0, 1} {
			m, err := mount(t.Context(), kind)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := m.times(lseek, 10); err != nil {
				t.Error(err)
			}
			m.made.Lseek += extra
			err = m.finish()
			if noticed := err != nil && strings.Contains(err.Error(), "not every call was an upcall"); noticed != (extra > 0) {
				t.Errorf("%s: 10 calls, counted %d: %v", kind, 10+extra, err)
			}
		}
	}
}

func TestSpreadIsMedianAndQuartiles(t *testing.T) {
	for _, c := range []struct {
		samples []float64
		want    Spread
	}{
		{[]float64{7}, Spread{7, 7, 7}},
		{[]float64{4, 1, 3, 2, 5}, Spread{2, 3, 4}},
		{[]float64{1, 2, 3, 4}, Spread{1.75, 2.5, 3.25}},
	} {
		if got := spread(c.samples); got != c.want {
			t.Errorf("spread(%v) = %v, want %v", c.samples, got, c.want)
		}
	}
}

func TestTextSaysWhatWasWantedAndWhetherItIsSo(t *testing.T) {
	r := Report{
		Kernel: "6.0 x", CPUs: 2, Go: "go1", FUSE: "v2", Rounds: 10, Calls: 5,
		Rows: []Row{{Name: "a", What: "first", Spread: Spread{1000, 2000, 3000}}},
		Times: []Times{
			{Cheaper: "b", Than: "a", Spread: Spread{90, 99.4, 120}, Wanted: 100},
			{Cheaper: "c", Than: "a", Spread: Spread{90, 101, 120}, Wanted: 100},
			{Cheaper: "d", Than: "a", Spread: Spread{1, 2, 3}},
		},
	}
	const want = `Linux 6.0 x, 2 processors, go1, go-fuse v2; 10 rounds of 5 calls

    median, ns  quartiles
          2000  1000 to 3000                 a: first

 times cheaper  quartiles          wanted
            99  90 to 120          100: NOT  b than a
           101  90 to 120          100: met  c than a
             2  1 to 3             -         d than a
`
	var b strings.Builder
	if err := r.text(&b); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for l := range strings.SplitSeq(b.String(), "\n") {
		lines = append(lines, strings.TrimRight(l, " "))
	}
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWrongArgumentsAreRefused(t *testing.T) {
	for _, args := range []string{"-rounds 9", "-calls 0", "x", "-nothing"} {
		var stdout, stderr bytes.Buffer
		if status := run(t.Context(), strings.Fields(args), nil, &stdout, &stderr); status != 2 || stderr.Len() == 0 {
			t.Errorf("upcall %s: exit status %d, %q, want 2", args, status, stderr.String())
		}
	}
	var stdout, stderr bytes.Buffer
	if status := run(t.Context(), []string{"-serve", "nothing", t.TempDir()}, strings.NewReader(""), &stdout, &stderr); status != 1 || !strings.Contains(stderr.String(), "unknown") {
		t.Errorf("-serve nothing: exit status %d, %q", status, stderr.String())
	}
}
