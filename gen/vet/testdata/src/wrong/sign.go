// SPDX-License-Identifier: MIT

package wrong

//abigen:record result
type Result struct {
	Written uint64 // want "result.written: `written` is unsigned for the Go code: C code would read a value above half the range as negative"
	Error   int32
	Kind    Kind
}

//abigen:enum kind
type Kind uint32

const (
	KIND_OPEN  Kind = 1
	KIND_CLOSE Kind = 3 // want "kind.KIND_CLOSE: `KIND_CLOSE` has another number"
)

//abigen:record switches
type Switches struct {
	On    bool // want "switches.on: `on` has another type: C code takes its bytes for u8 .* where the Go code has bool"
	Off   bool
	Level int16 // want "switches.level: `level` is signed for the Go code"
	Load  float32
}
