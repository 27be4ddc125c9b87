// SPDX-License-Identifier: MIT

package gopkg_test

import (
	"fmt"
	"log"
	"testing/fstest"

	"github.com/fuseiomap/abigen/gen/gopkg"
	"github.com/fuseiomap/abigen/gen/model"
)

// On 386 Go aligns a uint64 to 4 bytes, so this struct is another one there.
func ExampleParseFS() {
	files := fstest.MapFS{"event/event.go": &fstest.MapFile{Data: []byte(`package event

//abigen:record event
type Event struct {
	Pid uint32
	Ts  uint64
}
`)}}
	for _, name := range []string{"amd64", "386"} {
		target, err := model.TargetByName(name)
		if err != nil {
			log.Fatal(err)
		}
		a, err := gopkg.ParseFS(files, "event", "example.org/event", gopkg.Options{Target: target})
		if err != nil {
			log.Fatal(err)
		}
		r := a.Record("event")
		fmt.Printf("%s: %s at byte %d of %d\n", name, r.Fields[1].Name, r.Fields[1].BitOffset/8, r.Size)
	}
	// Output:
	// amd64: ts at byte 8 of 16
	// 386: ts at byte 4 of 12
}
