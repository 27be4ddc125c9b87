// SPDX-License-Identifier: MIT

package cheader

// Construct is a construct of C, and the target that the test reads it for.
type Construct struct{ Name, Target, C string }

// Constructs are the constructs with hand-worked models, for the tests that
// have a compiler to ask.
func Constructs() []Construct {
	var out []Construct
	for _, c := range constructs {
		name := c.target
		if name == "" {
			name = "bpfel"
		}
		out = append(out, Construct{c.name, name, c.c})
	}
	return out
}
