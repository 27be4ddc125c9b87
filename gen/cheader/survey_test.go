// SPDX-License-Identifier: MIT

package cheader

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

// TestKernelHeadersAgreeWithClang is the survey over the UAPI headers of the
// machine: every record, bit-field, enumerator and constant we report is what
// clang says. It takes minutes, so it runs where ABIGEN_SURVEY names the
// targets, as "amd64,mips" or "all".
func TestKernelHeadersAgreeWithClang(t *testing.T) {
	compiler := clang(t)
	names := os.Getenv("ABIGEN_SURVEY")
	if names == "" {
		t.Skip("the survey over all kernel headers is left out: ABIGEN_SURVEY is not set (all, or targets separated by commas)")
	}
	glob := os.Getenv("ABIGEN_SURVEY_HEADERS")
	if glob == "" {
		glob = "/usr/include/linux/*.h"
	}
	headers, _ := filepath.Glob(glob)
	if len(headers) == 0 {
		t.Skipf("no header matches %s: install linux-libc-dev", glob)
	}
	dirs := []string{resourceDir(t, compiler), "/usr/include", "/usr/include/x86_64-linux-gnu"}
	flags := []string{"-nostdinc"}
	for _, d := range dirs {
		flags = append(flags, "-isystem", d)
	}
	for _, target := range model.Targets() {
		if names != "all" && !slices.Contains(strings.Split(names, ","), target.Name) {
			continue
		}
		t.Run(target.Name, func(t *testing.T) {
			var mu sync.Mutex
			var right, parsed, refused, both int
			var wg sync.WaitGroup
			work := make(chan string)
			for range runtime.GOMAXPROCS(0) {
				dir := t.TempDir()
				wg.Go(func() {
					for h := range work {
						o := oracle{clang: compiler, target: target, include: fmt.Sprintf("#include <stddef.h>\n#include %q", h), flags: flags, dir: dir}
						abi, err := ParseFile(h, Options{Target: target, IncludeDirs: dirs, Includes: []string{filepath.Join(dirs[0], "stddef.h")}})
						if err != nil {
							msgs, f, cerr := o.compile(o.include + "\n")
							mu.Lock()
							if cerr == nil {
								f.Close()
								refused++
								t.Errorf("clang compiles what we refuse: %v", err)
							} else {
								both++
								t.Logf("neither: %s: clang: %s", err, firstError(msgs))
							}
							mu.Unlock()
							continue
						}
						cs, bs := claims(abi)
						n, wrong, err := o.check(cs, bs)
						var macros []string
						for _, s := range abi.Skipped {
							if strings.HasPrefix(s.Reason, reasonNotConstant) {
								macros = append(macros, s.Name)
							}
						}
						if err == nil {
							for _, name := range o.folds(macros) {
								wrong = append(wrong, "macro "+name+": clang takes it for a constant, we do not")
							}
						}
						mu.Lock()
						right += n
						parsed++
						for _, w := range wrong {
							t.Errorf("%s: %s", h, w)
						}
						if err != nil {
							t.Logf("%s: clang does not compile it: %s", h, firstError(err.Error()))
						}
						mu.Unlock()
					}
				})
			}
			for _, h := range headers {
				work <- h
			}
			close(work)
			wg.Wait()
			t.Logf("%s: %d headers read, %d claims confirmed, %d refused by us alone, %d by both", target.Name, parsed, right, refused, both)
		})
	}
}

func firstError(s string) string {
	for _, line := range strings.Split(s, "\n") {
		if strings.Contains(line, "error:") {
			return line
		}
	}
	return s
}
