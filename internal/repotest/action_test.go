// SPDX-License-Identifier: MIT

package repotest

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// GitHub takes a name that nothing defines for an empty string, so a slip in one
// of these two files would go unnoticed.
func TestActionAndItsScriptAgreeOnEveryName(t *testing.T) {
	action, script := read(t, "action.yml"), read(t, "internal/action/run.sh")
	inputs := names(t, section(t, action, "inputs"), `(?m)^  ([a-z-]+):$`)
	outputs := names(t, section(t, action, "outputs"), `(?m)^  ([a-z-]+):$`)
	steps := section(t, action, "runs")

	same(t, "the inputs of action.yml", inputs, "those its steps use", names(t, steps, `inputs\.([a-z-]+)`))
	variables := names(t, steps, `(?m)^ +(ABIGEN_[A-Z_]+):`)
	for _, v := range variables {
		if !strings.Contains(script, "${"+v) && !strings.Contains(script, "$"+v) {
			t.Errorf("action.yml sets %s, which run.sh does not read", v)
		}
	}
	// Those have defaults that the runner provides.
	documented := slices.DeleteFunc(names(t, script, `(?m)^#	(ABIGEN_[A-Z_]+) `), func(v string) bool { return v == "ABIGEN_REPORTS" })
	read := append(variables, "GH_TOKEN")
	for _, v := range documented {
		if !slices.Contains(read, v) {
			t.Errorf("run.sh describes %s, which action.yml does not set", v)
		}
	}
	for _, v := range variables {
		if !slices.Contains(documented, v) && v != "ABIGEN_VERSION" {
			t.Errorf("action.yml sets %s, which run.sh does not describe", v)
		}
	}
	written := names(t, script, `(?m)^\s*output ([a-z-]+) "`)
	for name := range strings.FieldsSeq(regexp.MustCompile(`for name in ([a-z ]+);`).FindStringSubmatch(script)[1]) {
		written = append(written, name)
	}
	slices.Sort(written)
	same(t, "the outputs of action.yml", outputs, "those run.sh writes", slices.Compact(written))
	same(t, "the outputs of action.yml", outputs, "those of its step", names(t, section(t, action, "outputs"), `steps\.check\.outputs\.([a-z-]+)`))
	for _, step := range names(t, steps, `run\.sh" ([a-z]+)`) {
		if !strings.Contains(script, "\n"+step+"() {") {
			t.Errorf("action.yml runs the step %s, which run.sh does not have", step)
		}
	}
	if strings.Contains(names(t, steps, `run: ([^\n]*)`)[0], "${{") {
		t.Error("action.yml: an input in a command could be one itself: pass it by the environment")
	}
}

// section returns what stands under a top-level key of a YAML file.
func section(t *testing.T, text, key string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "\n"+key+":\n")
	if !ok {
		t.Fatalf("action.yml has no %s", key)
	}
	if end := regexp.MustCompile(`(?m)^[a-z]`).FindStringIndex(rest); end != nil {
		rest = rest[:end[0]]
	}
	return rest
}

// names returns what the group of a regular expression matches, sorted, each once.
func names(t *testing.T, text, re string) []string {
	t.Helper()
	var out []string
	for _, m := range regexp.MustCompile(re).FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	if len(out) == 0 {
		t.Fatalf("nothing matches %s", re)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func same(t *testing.T, a string, as []string, b string, bs []string) {
	t.Helper()
	if !slices.Equal(as, bs) {
		t.Errorf("%s are %s; %s are %s", a, strings.Join(as, ", "), b, strings.Join(bs, ", "))
	}
}
