// SPDX-License-Identifier: MIT

package wrong

//abigen:record header
type Header struct {
	Kind uint32 // want "header.type: `type` is called `kind` by the Go code: the same bytes, harmless unless the meaning changed with the name"
	Len  uint32
}

// want +2 `evnt: Nothing is checked: no record of this name in elf:events.bpf.o: did you mean event\?`

//abigen:record evnt
type Evnt struct{ A uint32 }
