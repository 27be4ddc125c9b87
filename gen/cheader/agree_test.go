// SPDX-License-Identifier: MIT

package cheader_test

import (
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/conformance"
)

// The hand-worked models are what a compiler says, too. Package conformance
// asks it about far more.
func TestConstructsAgreeWithClang(t *testing.T) {
	clang, err := conformance.FindClang()
	if err != nil {
		t.Skipf("%v (.ci/run has it)", err)
	}
	// What is built in here has to be declared for a compiler.
	const builtin = "#include <stddef.h>\n#define __ksym\n#define __weak\ntypedef _Bool bool;\ntypedef unsigned long uint64_t;\n" +
		"typedef unsigned char u8; typedef unsigned short __le16; typedef unsigned int __u32;\ntypedef unsigned long long u64; typedef long long s64;\n"
	byTarget := map[string][]conformance.Text{}
	names := map[string][]string{}
	for _, c := range cheader.Constructs() {
		if strings.Contains(c.C, "#include") {
			continue // a stand-in of ours is what is tested; clang has no such file
		}
		target, err := model.TargetByName(c.Target)
		if err != nil {
			t.Fatal(err)
		}
		abi, err := cheader.Parse("t.h", []byte(c.C), cheader.Options{Target: target})
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		byTarget[c.Target] = append(byTarget[c.Target], conformance.Text{Text: builtin + c.C, ABI: abi})
		names[c.Target] = append(names[c.Target], c.Name)
	}
	for name, texts := range byTarget {
		t.Run(name, func(t *testing.T) {
			target, err := model.TargetByName(name)
			if err != nil {
				t.Fatal(err)
			}
			wrong, _, err := clang.CompareAll(target, texts, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			for i := range wrong {
				for _, w := range wrong[i] {
					t.Errorf("%s: %s", names[name][i], w)
				}
			}
		})
	}
}
