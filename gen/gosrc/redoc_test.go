// SPDX-License-Identifier: MIT

package gosrc

import (
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

func TestCommentsThatWereGeneratedDoNotGrow(t *testing.T) {
	for doc, want := range map[string]string{
		"R is enum r (4 bytes): What a callback returns. Two\nlines. x.h:217.":       "What a callback returns. Two\nlines.",
		"A_B (unsigned int): The cookie. x.h:47.":                                    "The cookie.",
		"A_B: not answered. x.h:218.":                                                "not answered.",
		"A_B. x.h:218.":                                                              "",
		"F is r.f (uint64_t at byte 0). dir/x.h:3.":                                  "",
		"F is the slot of r.f (callback at byte 8): doc. x.h:1.\n\n\tint (*f)(void)": "doc.",
		"F is by hand.":               "F is by hand.",
		"F (by hand) has no position": "F (by hand) has no position",
		"":                            "",
	} {
		a := &model.ABI{Side: model.SideGo, Constants: []*model.Constant{{Doc: doc}}}
		if got := withoutOwnDocs(a).Constants[0].Doc; got != want {
			t.Errorf("%q: got %q, want %q", doc, got, want)
		}
		if typ := withoutOwnDocs(a).Constants[0].Type; (typ == "unsigned int") != strings.HasPrefix(doc, "A_B (") {
			t.Errorf("%q: the type is %q", doc, typ)
		}
		if a.Constants[0].Doc != doc {
			t.Error("the model was changed")
		}
	}
}
