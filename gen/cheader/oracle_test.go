// SPDX-License-Identifier: MIT

package cheader

import (
	"strings"
	"testing"
)

// The comparison with clang is worth nothing if it cannot fail.
func TestTheOracleContradictsWrongClaims(t *testing.T) {
	compiler := clang(t)
	for _, name := range []string{"amd64", "s390x"} {
		o := oracle{clang: compiler, target: targetNamed(t, name), dir: t.TempDir(),
			include: "struct s { char c; int i; unsigned b : 3, d : 4; };\n#define ONE 1\n#define NOT foo\n"}
		right, wrong, err := o.check(
			[]claim{{"size", "sizeof(struct s)", 12}, {"offset", "__builtin_offsetof(struct s, i)", 3}, {"member", "sizeof(struct none)", 1}},
			[]bitClaim{{"d", "struct s", "d", 67, 4}, {"b", "struct s", "b", 64, 4}})
		if err != nil {
			t.Fatal(err)
		}
		if right != 2 || len(wrong) != 3 {
			t.Errorf("%s: %d confirmed, %d contradicted: %s", name, right, len(wrong), strings.Join(wrong, "; "))
		}
		if got := o.folds([]string{"ONE", "NOT", "2 + 3"}); strings.Join(got, ",") != "ONE,2 + 3" {
			t.Errorf("%s: clang folds %q", name, got)
		}
	}
}
