// SPDX-License-Identifier: MIT

package model_test

import (
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

func TestPositionsAreWrittenAndReadBack(t *testing.T) {
	for text, pos := range map[string]model.Pos{
		"":                 {},
		"a.h":              {File: "a.h"},
		"a.h:7":            {File: "a.h", Line: 7},
		"a.h:7:12":         {File: "a.h", Line: 7, Col: 12},
		"c:/a.h:7:12":      {File: "c:/a.h", Line: 7, Col: 12},
		"linux/fuse.h:1:1": {File: "linux/fuse.h", Line: 1, Col: 1},
	} {
		if got := pos.String(); got != text {
			t.Errorf("%#v prints %q, want %q", pos, got, text)
		}
		b, err := pos.MarshalText()
		if err != nil || string(b) != text {
			t.Errorf("%#v marshals as %q: %v", pos, b, err)
		}
		back := model.Pos{File: "stale", Line: 1, Col: 1}
		if err := back.UnmarshalText([]byte(text)); err != nil || back != pos {
			t.Errorf("%q reads as %#v: %v", text, back, err)
		}
	}
}

func TestOnlyTrailingNumbersAreLineAndColumn(t *testing.T) {
	for text, want := range map[string]model.Pos{
		"a:0":                    {File: "a:0"},
		"a:-3":                   {File: "a:-3"},
		"a:x:3":                  {File: "a:x", Line: 3},
		"a:1:2:3":                {File: "a:1", Line: 2, Col: 3},
		":5":                     {File: ":5"},
		"a:99999999999999999999": {File: "a:99999999999999999999"},
	} {
		var got model.Pos
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q reads as %#v (%v), want %#v", text, got, err, want)
		}
	}
}

func TestColumnWithoutLineIsNotPrinted(t *testing.T) {
	if got := (model.Pos{File: "a.h", Col: 3}).String(); got != "a.h" {
		t.Errorf("got %q", got)
	}
	if (model.Pos{Line: 3}).IsValid() || !(model.Pos{File: "a.h"}).IsValid() {
		t.Error("a position is valid when it names a file")
	}
}

func TestLocateFindsThePathOfAFile(t *testing.T) {
	a := &model.ABI{Paths: map[string]string{"a.h": "include/a.h"}}
	if got := a.Locate(model.Pos{File: "a.h", Line: 2}).String(); got != "include/a.h:2" {
		t.Errorf("known file: %q", got)
	}
	if got := a.Locate(model.Pos{File: "b.h", Line: 2}).String(); got != "b.h:2" {
		t.Errorf("unknown file: %q", got)
	}
}
