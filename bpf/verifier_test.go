// SPDX-License-Identifier: MIT

package bpf

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what the tests find to testdata")

// recorded are logs of kernels, each with the text of our error. A directory is
// a release of the kernel, a file a program: that of kerneltest/testdata/refuse
// with this name, or one of the test of the running kernel.
const recorded = "testdata/verifier"

// record keeps the log of the running kernel.
func record(t *testing.T, name string, err *ebpf.VerifierError) {
	t.Helper()
	keep(t, filepath.Join(recorded, "linux-"+release(t), name+".txtar"), err.Cause, shortened(err.Log))
}

// release is the running kernel's, without what a distribution adds.
func release(t *testing.T) string {
	var u syscall.Utsname
	if err := syscall.Uname(&u); err != nil {
		t.Fatal(err)
	}
	var name []byte
	for _, c := range u.Release {
		if c == 0 {
			break
		}
		name = append(name, byte(c))
	}
	return series(string(name))
}

// series is a release's first two numbers.
func series(release string) string {
	parts := strings.SplitN(release, ".", 3)
	return strings.Join(parts[:min(len(parts), 2)], ".")
}

var console = flag.String("console", "", "with -update: a `file` with what make kernel ARGS=-logs printed, to record the logs in")

// TestConsoleIsRecorded keeps the logs that package kerneltest prints in a kernel
// that has the type. Where revisions of the type have the same complaint the first
// is kept.
func TestConsoleIsRecorded(t *testing.T) {
	if *console == "" {
		return
	}
	b, err := os.ReadFile(*console)
	if err != nil {
		t.Fatal(err)
	}
	type entry struct {
		kernel, revision, name, errno string
		log                           []string
	}
	var all []entry
	for line := range strings.Lines(strings.ReplaceAll(string(b), "\r", "")) {
		line = strings.TrimSuffix(line, "\n")
		if head, ok := strings.CutPrefix(line, "verifier: "); ok {
			fields := strings.SplitN(head, " ", 4)
			all = append(all, entry{kernel: series(fields[0]), revision: fields[1], name: strings.TrimSuffix(fields[2], ":"), errno: fields[3]})
		} else if text, ok := strings.CutPrefix(line, "verifier:\t"); ok && len(all) > 0 {
			e := &all[len(all)-1]
			e.log = append(e.log, text)
		}
	}
	kept := map[string]string{}
	for _, e := range all {
		log := shortened(e.log)
		complaint := strings.Join(readLog(log).complaint, "\n")
		first, ok := kept[e.kernel+e.name]
		if ok && first == complaint {
			continue
		}
		name := e.name
		if ok {
			name += "-" + e.revision
		}
		kept[e.kernel+e.name] = complaint
		keep(t, filepath.Join(recorded, "linux-"+e.kernel, name+".txtar"), errors.New(e.errno), log)
	}
	t.Logf("%d logs", len(all))
}

// keep writes a log and what is said of it.
func keep(t *testing.T, file string, errno error, log []string) {
	t.Helper()
	ar := &txtar.Archive{Comment: []byte("SPDX-License-Identifier: MIT\n"), Files: []txtar.File{
		{Name: "errno", Data: []byte(errno.Error() + "\n")},
		{Name: "log", Data: []byte(strings.Join(log, "\n") + "\n")},
	}}
	ar.Files = append(ar.Files, txtar.File{Name: "error", Data: []byte(replay(t, file, ar).Error() + "\n")})
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
		t.Fatal(err)
	}
}

// errnos are those that the verifier gives.
var errnos = []error{syscall.EACCES, syscall.EINVAL, syscall.E2BIG, syscall.EPERM, syscall.EFAULT, syscall.ENOTSUP, syscall.ERANGE}

// replay makes our error of a recorded log.
func replay(t *testing.T, file string, ar *txtar.Archive) *VerifierError {
	t.Helper()
	v := &ebpf.VerifierError{}
	for _, f := range ar.Files {
		text := strings.TrimSuffix(string(f.Data), "\n")
		switch f.Name {
		case "errno":
			v.Cause = errors.New(text)
			if i := slices.IndexFunc(errnos, func(e error) bool { return e.Error() == text }); i >= 0 {
				v.Cause = errnos[i]
			}
		case "log":
			v.Log = strings.Split(text, "\n")
		}
	}
	name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".txtar"), "-")
	p := &ebpf.ProgramSpec{Name: name}
	if _, err := os.Stat(filepath.Join("kerneltest", "testdata", "refuse", name+".c")); err == nil {
		for _, p = range caseObject(t, name).Programs {
			break // its only one
		}
	}
	return newVerifierError(p, "", v)
}

func recordings(t *testing.T) map[string]*txtar.Archive {
	t.Helper()
	files, err := filepath.Glob(recorded + "/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no logs: %v", err)
	}
	all := map[string]*txtar.Archive{}
	for _, f := range files {
		if all[f], err = txtar.ParseFile(f); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestRecordedLogsAreExplained(t *testing.T) {
	for file, ar := range recordings(t) {
		e := replay(t, file, ar)
		if *update {
			for i := range ar.Files {
				if ar.Files[i].Name == "error" {
					ar.Files[i].Data = []byte(e.Error() + "\n")
				}
			}
			if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want := ""
		for _, f := range ar.Files {
			if f.Name == "error" {
				want = string(f.Data)
			}
		}
		if d := cmp.Diff(want, e.Error()+"\n"); d != "" {
			t.Errorf("%s (-recorded +now):\n%s", file, d)
		}
		if e.Cause == "" || e.Remedy == "" {
			t.Errorf("%s: not explained: %s", file, e.Complaint)
		}
	}
}

// What no kernel was seen to say is not in the table.
func TestEveryCauseHasALogOfAKernel(t *testing.T) {
	var complaints []string
	for _, ar := range recordings(t) {
		for _, f := range ar.Files {
			if f.Name == "log" {
				complaints = append(complaints, strings.Join(readLog(strings.Split(string(f.Data), "\n")).complaint, "\n"))
			}
		}
	}
	for _, c := range causes {
		if !slices.ContainsFunc(complaints, c.complaint().MatchString) {
			t.Errorf("no log of a kernel has %s", c.complaint())
		}
	}
}

// Kernels before 6.9 print the source line alone: where it is comes from the
// object then, and is the same.
func TestPlaceComesFromTheObjectWhereTheKernelDoesNotSay(t *testing.T) {
	place := regexp.MustCompile(`(?m)^(; .*) @ \S+:\d+$`)
	seen := 0
	for file, ar := range recordings(t) {
		now := replay(t, file, ar)
		if now.File == "" {
			continue
		}
		seen++
		older := &txtar.Archive{}
		for _, f := range ar.Files {
			older.Files = append(older.Files, txtar.File{Name: f.Name, Data: place.ReplaceAll(f.Data, []byte("$1"))})
		}
		then := replay(t, file, older)
		if then.File != now.File || then.Line != now.Line || then.Column != now.Column || then.Source != now.Source {
			t.Errorf("%s: %s:%d:%d %q, and %s:%d:%d %q without the kernel's help", file,
				now.File, now.Line, now.Column, now.Source, then.File, then.Line, then.Column, then.Source)
		}
	}
	if seen < 10 {
		t.Errorf("only %d logs have a place", seen)
	}
}

func TestUnknownComplaintIsShownWordForWord(t *testing.T) {
	err := &ebpf.VerifierError{Cause: syscall.EACCES, Log: []string{
		"0: R1=ctx() R10=fp0",
		"; int mine(void *ctx) @ mine.c:3",
		"0: (b7) r0 = 0                        ; R0=0",
		"; return 0; @ mine.c:5",
		"1: (95) exit",
		"the moon is in the wrong phase",
		"processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0",
	}}
	e := newVerifierError(&ebpf.ProgramSpec{Name: "mine"}, "iomap_begin", err)
	const want = `mine.c:5: mine (iomap_begin): the verifier refuses the program: the moon is in the wrong phase (permission denied)
	source: return 0;
	of the 7 lines of its log:
		; int mine(void *ctx) @ mine.c:3
		0: (b7) r0 = 0 ; R0=0
		; return 0; @ mine.c:5
		1: (95) exit
		the moon is in the wrong phase`
	if d := cmp.Diff(want, e.Error()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if e.Cause != "" || e.Remedy != "" {
		t.Errorf("guessed: %q, %q", e.Cause, e.Remedy)
	}
	if !errors.Is(e, ErrVerifier) || !errors.Is(e, syscall.EACCES) {
		t.Error("the sentinel or the errno is lost")
	}
	var v *ebpf.VerifierError
	if !errors.As(e, &v) || v != err {
		t.Error("the library's error is lost")
	}
}

func TestSilentVerifier(t *testing.T) {
	e := newVerifierError(&ebpf.ProgramSpec{Name: "mine"}, "", &ebpf.VerifierError{Cause: syscall.EINVAL})
	if want := "mine: the verifier refuses the program: it does not say why (invalid argument)"; e.Error() != want {
		t.Errorf("got %q, want %q", e.Error(), want)
	}
}

// Whatever a log holds, reading it ends and the complaint's lines are in it.
func FuzzVerifierLog(f *testing.F) {
	f.Add("0: (95) exit\nR0 !read_ok")
	f.Add("1: (55) if r0 != 0x7 goto pc-2 infinite loop detected at insn 9\ncur state: R0=scalar()")
	f.Add("Unreleased reference id=2 alloc_insn=99999999999999999999\n; x @ y:99999999999999999999")
	f.Add("magic: 0xeb9f\n[1] INT\n\t")
	f.Fuzz(func(t *testing.T, log string) {
		lines := strings.Split(log, "\n")
		e := newVerifierError(&ebpf.ProgramSpec{Name: "mine"}, "", &ebpf.VerifierError{Cause: syscall.EINVAL, Log: lines})
		if !strings.Contains(e.Error(), "the verifier refuses the program") || len(e.Path) > 2*mostSteps+2+len(lines) {
			t.Errorf("%d lines of %d: %s", len(e.Path), len(lines), e.Error())
		}
	})
}
