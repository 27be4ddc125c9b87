// SPDX-License-Identifier: MIT

package gosrc

import (
	"strings"
	"testing"
)

// What a record says about BPF is a paragraph of its own: it neither runs into
// the comment of the header nor takes the position from it.
func TestTheNoteAboutBPFIsAParagraphOfItsOwn(t *testing.T) {
	models := parseModels(t, `
struct s 8 8 | without a full stop
[386]
	0 | a | u32 | unsigned long
[bpfel]
	0 | a | u64 | unsigned long
`, "bpfel", "386")
	files, err := Generate(Config{Package: "p"}, models)
	if err != nil {
		t.Fatal(err)
	}
	want := "// S is struct s (8 bytes): without a full stop. x.h:2.\n//\n// BPF programs have another layout: on 386 and bpfel "
	for _, f := range files {
		if strings.Contains(string(f.Source), want) {
			return
		}
	}
	t.Errorf("no file has\n%s\nthe first is\n%s", want, files[0].Source)
}
