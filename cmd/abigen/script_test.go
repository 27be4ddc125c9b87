// SPDX-License-Identifier: MIT

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"abigen": main})
}

// TestScripts runs each sentence about the command as a script. Beside what
// testscript offers there are the commands of [commands] and the variables
//
//	$REPO    the root of this repository
//	$ABIGEN  the path of the command
func TestScripts(t *testing.T) {
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	abigen, err := exec.LookPath("abigen")
	if err != nil {
		t.Fatal(err)
	}
	goEnv := []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOPROXY"}
	out, err := exec.Command("go", append([]string{"env"}, goEnv...)...).Output()
	if err != nil {
		t.Fatalf("go env: %v", err)
	}
	values := strings.Split(string(out), "\n")
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("REPO", repo)
			e.Setenv("ABIGEN", abigen)
			// The build cache knows what another run built in another $WORK.
			e.Setenv("GOFLAGS", "-mod=mod -trimpath")
			for i, v := range goEnv {
				e.Setenv(v, values[i])
			}
			return nil
		},
		Cmds: commands,
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
	})
}

var commands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	// exits STATUS COMMAND [ARG…] runs the command and wants that status.
	"exits": func(ts *testscript.TestScript, _ bool, args []string) {
		want, err := strconv.Atoi(args[0])
		ts.Check(err)
		got := 0
		if err := ts.Exec(args[1], args[2:]...); err != nil {
			var exit *exec.ExitError
			if !errors.As(err, &exit) {
				ts.Fatalf("%v", err)
			}
			got = exit.ExitCode()
		}
		if got != want {
			ts.Fatalf("exit status %d, want %d", got, want)
		}
	},
	// replace FILE OLD NEW [OLD NEW]… replaces all of each text, which must be
	// there; \n and \t are written so.
	"replace": func(ts *testscript.TestScript, _ bool, args []string) {
		text := ts.ReadFile(args[0])
		escapes := strings.NewReplacer(`\n`, "\n", `\t`, "\t")
		for p := args[1:]; len(p) > 1; p = p[2:] {
			old := escapes.Replace(p[0])
			if !strings.Contains(text, old) {
				ts.Fatalf("%s has no %q", args[0], old)
			}
			text = strings.ReplaceAll(text, old, escapes.Replace(p[1]))
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
	},
	// lines FILE N wants that many lines.
	"lines": func(ts *testscript.TestScript, _ bool, args []string) {
		if n := strings.Count(ts.ReadFile(args[0]), "\n"); strconv.Itoa(n) != args[1] {
			ts.Fatalf("%s has %d lines, want %s", args[0], n, args[1])
		}
	},
	// truncate FILE SIZE cuts the file off.
	"truncate": func(ts *testscript.TestScript, _ bool, args []string) {
		n, err := strconv.ParseInt(args[1], 10, 64)
		ts.Check(err)
		ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
	},
	// random FILE SIZE writes random bytes, the same ones every time.
	"random": func(ts *testscript.TestScript, _ bool, args []string) {
		n, err := strconv.Atoi(args[1])
		ts.Check(err)
		data := make([]byte, n)
		_, _ = rand.NewChaCha8([32]byte{1}).Read(data)
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o644))
	},
	// bigendian FILE writes raw BTF in big-endian byte order.
	"bigendian": func(ts *testscript.TestScript, _ bool, args []string) {
		u64 := &btf.Int{Name: "unsigned long long", Size: 8}
		u32 := &btf.Int{Name: "unsigned int", Size: 4}
		b, err := btf.NewBuilder([]btf.Type{&btf.Struct{Name: "pair", Size: 16, Members: []btf.Member{
			{Name: "wide", Type: u64}, {Name: "bits", Type: u32, Offset: 64, BitfieldSize: 3},
		}}}, nil)
		ts.Check(err)
		data, err := b.Marshal(nil, &btf.MarshalOptions{Order: binary.BigEndian})
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o644))
	},
}
