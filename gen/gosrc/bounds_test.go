// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

// What a hostile header declares is left out with a reason, not turned into
// megabytes of methods.
func TestGiantsAreLeftOut(t *testing.T) {
	giant := &model.Record{Kind: model.Struct, Name: "giant", Size: 4 * (maxMembers + 1), Align: 4}
	for i := range maxMembers + 1 {
		giant.Fields = append(giant.Fields, model.Field{Name: fmt.Sprintf("f%d", i), BitOffset: int64(32 * i), BitSize: 32,
			Spelling: "unsigned int", Type: model.Int{Bits: 32}})
	}
	large := *giant
	large.Name, large.Size, large.Fields = "large", 4*maxMembers, giant.Fields[:maxMembers]
	longest := strings.Repeat("x", 1024)
	abi := &model.ABI{Source: "header:x.h", Target: "amd64", Records: []*model.Record{giant, &large,
		{Kind: model.Struct, Name: longest, Size: 4, Align: 4, Fields: giant.Fields[:1]},
		{Kind: model.Struct, Name: longest + "x", Size: 4, Align: 4, Fields: giant.Fields[:1]},
	}}
	out, err := Build(Config{Package: "p"}, []*model.ABI{abi})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range out.Skipped {
		got[s.Name] = s.Reason
	}
	want := map[string]string{"giant": "it has 4097 members: more than the 4096 that are generated", longest + "x": badName}
	if len(got) != len(want) {
		t.Errorf("%d declarations are left out, want %d", len(got), len(want))
	}
	for name, reason := range want {
		if got[name] != reason {
			t.Errorf("%.20s… is left out because %q, want %q", name, got[name], reason)
		}
	}
}
