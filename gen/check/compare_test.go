// SPDX-License-Identifier: MIT

package check

import (
	"slices"
	"testing"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

func TestFoldNamesTargetsOnlyWhereNotAllHaveTheFinding(t *testing.T) {
	all := drift.Finding{Rule: "all", Subject: "x"}
	some := drift.Finding{Rule: "some", Subject: "x"}
	docs := drift.Unchecked{Evidence: model.Docs, Reason: "none"}
	align := drift.Unchecked{Evidence: model.Alignment, Reason: "its own"}
	fs, us := fold([]outcome{
		{"amd64", drift.Result{Findings: []drift.Finding{all}, Unchecked: []drift.Unchecked{docs}}},
		{"386", drift.Result{Findings: []drift.Finding{all, some}, Unchecked: []drift.Unchecked{docs}}},
		{"arm", drift.Result{Findings: []drift.Finding{some, all}, Unchecked: []drift.Unchecked{align, docs}}},
	})
	if len(fs) != 2 || fs[0].Rule != "all" || fs[0].Targets != nil || !slices.Equal(fs[1].Targets, []string{"386", "arm"}) {
		t.Errorf("findings are %+v", fs)
	}
	if len(us) != 2 || us[0].Evidence != model.Alignment || !slices.Equal(us[0].Targets, []string{"arm"}) || us[1].Targets != nil {
		t.Errorf("unchecked are %+v", us)
	}
}

func TestFoldListsAFindingOnceAndWhatItSaysOnOtherTargetsBeneath(t *testing.T) {
	a := drift.Finding{Rule: "r", Subject: "x", Old: "size 2", New: "size 4", Consequences: []string{"y moves"}}
	b := drift.Finding{Rule: "r", Subject: "x", Old: "size 2", New: "size 8"}
	fs, _ := fold([]outcome{{"386", drift.Result{Findings: []drift.Finding{a}}}, {"amd64", drift.Result{Findings: []drift.Finding{b}}},
		{"arm64", drift.Result{Findings: []drift.Finding{b}}}})
	if len(fs) != 1 || fs[0].Targets != nil || fs[0].New != "size 4" ||
		!slices.Equal(fs[0].Consequences, []string{"y moves", "on amd64, arm64: size 2, then size 8"}) {
		t.Errorf("findings are %+v", fs)
	}
	if len(a.Consequences) != 1 {
		t.Error("the finding handed in was changed")
	}
}

func TestFoldKeepsTwoFindingsOfOneRuleAboutOneSubject(t *testing.T) {
	a := drift.Finding{Rule: "r", Subject: "x", New: "the first"}
	b := drift.Finding{Rule: "r", Subject: "x", New: "the second"}
	both := drift.Result{Findings: []drift.Finding{a, b}}
	fs, _ := fold([]outcome{{"386", both}, {"amd64", both}})
	if len(fs) != 2 || fs[0].New != "the first" || fs[1].New != "the second" || fs[1].Targets != nil || fs[1].Consequences != nil {
		t.Errorf("findings are %+v", fs)
	}
}

func TestReportFailsFromTheChosenSeverityOn(t *testing.T) {
	risk := Comparison{Findings: []Finding{{Finding: drift.Finding{Severity: drift.Risk}}}}
	unchecked := Comparison{Unchecked: []Unchecked{{}}}
	for _, c := range []struct {
		name   string
		c      Comparison
		at     drift.Severity
		strict bool
		want   bool
	}{
		{"risk at breaking", risk, drift.Breaking, false, false},
		{"risk at risk", risk, drift.Risk, false, true},
		{"risk at info", risk, drift.Info, false, true},
		{"risk at never", risk, drift.None, false, false},
		{"failed at breaking", Comparison{Failed: true}, drift.Breaking, false, true},
		{"failed at never", Comparison{Failed: true}, drift.None, false, false},
		{"unchecked", unchecked, drift.Info, false, false},
		{"unchecked, strictly", unchecked, drift.Breaking, true, true},
		{"unchecked, strictly, at never", unchecked, drift.None, true, true},
		{"expected", Comparison{Expected: risk.Findings}, drift.Info, true, false},
	} {
		if got := (&Report{Comparisons: []Comparison{c.c}}).Fails(c.at, c.strict); got != c.want {
			t.Errorf("%s: fails %v, want %v", c.name, got, c.want)
		}
	}
}

func TestConfigPathsAreSeenFromTheWorkingDirectory(t *testing.T) {
	c := Config{Dir: "../up", Header: "h/x.h"}
	if got, want := c.contract(), "header:../up/h/x.h"; got != want {
		t.Errorf("contract is %s, want %s", got, want)
	}
	for in, want := range map[string]string{
		"btf:a.btf": "btf:../up/a.btf", "btf:kernel": "btf:kernel", "embedded:R1": "embedded:R1",
		"go:./pkg": "go:./../up/pkg", "go:example.org/x": "go:example.org/x", "a.h": "../up/a.h", "elf:/abs/x.o": "elf:/abs/x.o",
	} {
		if got := c.spec(in); got != want {
			t.Errorf("spec(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestUncheckedNamesTheFirstOfManySubjects(t *testing.T) {
	u := Unchecked{Unchecked: drift.Unchecked{Evidence: model.Constants, Reason: "BTF has none", Subjects: []string{"A", "B", "C", "D"}}}
	if got, want := u.String(), "constants of A, B, C, D: BTF has none"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	u.Subjects, u.Targets = append(u.Subjects, "E"), []string{"arm"}
	if got, want := u.String(), "constants of A, B, C and 2 more on arm: BTF has none"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
