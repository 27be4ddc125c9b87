// SPDX-License-Identifier: MIT

package abi

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestNameOfTheOperations(t *testing.T) {
	for name, want := range map[string]string{
		"a":                     "",
		"famfs_map.v2":          "",
		strings.Repeat("Z", 15): "",
		"":                      `rule 36: name is "": a name has at least one character: the kernel returns EINVAL (22): give the operations a name`,
		strings.Repeat("z", 16): `rule 36: name is "zzzzzzzzzzzzzzzz": 16 characters, and a NUL byte must follow the name: the kernel returns EINVAL (22): shorten it to 15 characters`,
		"a-b":                   `rule 36: name is "a-b": character '-' at byte 1 is not allowed: the kernel returns EINVAL (22): use A-Z, a-z, 0-9, _ and dot`,
		"a\x00b":                `rule 36: name is "a\x00b": character '\x00' at byte 1 is not allowed: the kernel returns EINVAL (22): use A-Z, a-z, 0-9, _ and dot`,
		"\xff":                  `rule 36: name is "\xff": character 'ÿ' at byte 0 is not allowed: the kernel returns EINVAL (22): use A-Z, a-z, 0-9, _ and dot`,
	} {
		err := CheckName(name)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got %s\nwant %s", name, got, want)
		}
		if (err != nil) != errors.Is(err, EINVAL) {
			t.Errorf("%q: not EINVAL: %v", name, err)
		}
	}
}

func TestEveryByteOfAName(t *testing.T) {
	allowed := regexp.MustCompile(`\A[A-Za-z0-9_.]\z`)
	for b := range 256 {
		name := string([]byte{byte(b)})
		if got := CheckName(name) == nil; got != allowed.MatchString(name) {
			t.Errorf("%q: allowed: %v", name, got)
		}
		if got := CheckName("ab"+name+"c") == nil; got != allowed.MatchString(name) {
			t.Errorf("%q inside: allowed: %v", name, got)
		}
	}
}

func TestSetNamePadsOrLeavesAlone(t *testing.T) {
	var ops IomapBPFOps
	for i := range ops.Name {
		ops.Name[i] = 'x'
	}
	before := ops
	if err := ops.SetName("no spaces"); err == nil || ops != before {
		t.Errorf("error %v, name %q", err, ops.Name)
	}
	if err := ops.SetName("raid0"); err != nil || ops.Name != [16]byte{'r', 'a', 'i', 'd', '0'} || ops.NameString() != "raid0" {
		t.Errorf("error %v, name %q", err, ops.Name)
	}
}

func TestOperationsAreValidated(t *testing.T) {
	rules := func(ops IomapBPFOps) (numbers []int) {
		for _, p := range ops.Validate().Violations {
			numbers = append(numbers, p.Rule)
			if p.Errno != EINVAL || p.Fix == "" || !strings.HasPrefix(p.Message, p.Field+" is ") {
				t.Errorf("%+v", p)
			}
		}
		return numbers
	}
	var ops IomapBPFOps
	ops.Zeropad = 1
	if got := rules(ops); !slices.Equal(got, []int{36, 37}) {
		t.Errorf("empty name and padding: rules %v", got)
	}
	ops.Zeropad = 0
	ops.Name = [16]byte{'a', 0, '-'}
	if got := rules(ops); got != nil {
		t.Errorf("what follows the NUL byte does not matter: rules %v", got)
	}
	for i := range ops.Name {
		ops.Name[i] = 'x'
	}
	if got := rules(ops); !slices.Equal(got, []int{36}) {
		t.Errorf("no NUL byte: rules %v", got)
	}
	if ops.NameString() != strings.Repeat("x", 16) {
		t.Errorf("name %q", ops.NameString())
	}
	if p := ops.Validate().Violations[0]; p.Value != 16 || p.GoField != "Name" {
		t.Errorf("%+v", p)
	}
	ops.Name[15], ops.Zeropad = 0, 7
	if p := ops.Validate().Violations[0]; p.Rule != 37 || p.Value != 7 || p.GoField != "Zeropad" {
		t.Errorf("%+v", p)
	}
}
